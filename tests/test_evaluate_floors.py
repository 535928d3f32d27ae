"""Floors rise by themselves, fall only by hand with a reason, and hold their gold."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.errors import UsageError
from kg.evaluate import Floors, Report, read_floors, write_floors
from kg.evaluate.scores import Score, Tally


def report(f1: float, *, error: float = 0.05, checksum: str = "c0") -> Report:
    """Return a report with a certain F1 of facts."""
    return Report(
        gold="own/dev.jsonl",
        form="articles",
        checksum=checksum,
        extractor="model 1",
        articles=1,
        scores={"facts": Score.of([Tally(f1, 1, f1, 1)])},
        predicates={},
        shares={},
        calibration={"total": error},
    )


def test_what_was_reached_holds():
    floors = Floors().raised(report(0.6))
    assert list(floors.find_faults(report(0.6))) == []
    assert list(floors.find_faults(report(0.5985))) == []
    (fault,) = floors.find_faults(report(0.59))
    assert fault == "articles own/dev.jsonl: facts F1 is 0.5900, its floor 0.6"


def test_a_calibration_error_must_not_rise():
    floors = Floors().raised(report(0.6, error=0.05))
    assert list(floors.find_faults(report(0.6, error=0.01))) == []
    assert len(list(floors.find_faults(report(0.6, error=0.06)))) == 1
    better = floors.raised(report(0.6, error=0.01))
    assert len(list(better.find_faults(report(0.6, error=0.05)))) == 1


def test_raising_never_lowers():
    floors = Floors().raised(report(0.6))
    assert (
        floors.raised(report(0.5)).entries["articles own/dev.jsonl"]["figures"]
        == (floors.entries["articles own/dev.jsonl"]["figures"])
    )
    assert list(floors.raised(report(0.7)).find_faults(report(0.65))) != []


def test_other_gold_needs_floors_of_its_own():
    floors = Floors().raised(report(0.6))
    (fault,) = floors.find_faults(report(0.9, checksum="c1"))
    assert "has changed" in fault
    anew = floors.raised(report(0.5, checksum="c1"))
    assert list(anew.find_faults(report(0.5, checksum="c1"))) == []
    (fault,) = floors.find_faults(replace(report(0.9), gold="other"))
    assert "has no floors" in fault


def test_a_score_that_vanishes_is_a_fault():
    floors = Floors().raised(report(0.6))
    (fault,) = floors.find_faults(replace(report(0.6), scores={}))
    assert "not scored" in fault


def test_a_floor_lowered_by_hand_says_why(tmp_path: Path):
    path = tmp_path / "floors.json"
    write_floors(Floors().raised(report(0.6)), path)
    data = json.loads(path.read_text("utf-8"))
    held = data["articles own/dev.jsonl"]["figures"]["facts F1"]
    held["floor"] = 0.55
    path.write_text(json.dumps(data), "utf-8")
    assert len(list(read_floors(path).find_unexplained())) == 1
    held["reason"] = "half the size"
    path.write_text(json.dumps(data), "utf-8")
    lowered = read_floors(path)
    assert list(lowered.find_unexplained()) == []
    assert list(lowered.find_faults(report(0.55))) == []
    between = lowered.raised(report(0.57))
    assert list(between.find_unexplained()) == []
    assert list(between.raised(report(0.7)).find_unexplained()) == []


@pytest.mark.parametrize("content", ["{", '{"a": 1}', '{"a": {"figures": {"x": 1}}}'])
def test_a_broken_file_is_named(tmp_path: Path, content: str):
    path = tmp_path / "floors.json"
    path.write_text(content, "utf-8")
    with pytest.raises(UsageError, match=r"floors\.json"):
        read_floors(path)


def test_the_command_refuses_what_makes_no_sense(tmp_path: Path):
    gold = tmp_path / "gold.jsonl"
    gold.write_text("", "utf-8")
    run = CliRunner().invoke(main, ["evaluate", str(gold), "--update-floors"])
    assert (run.exit_code, "--floors" in run.output) == (2, True)
    run = CliRunner().invoke(main, ["evaluate", str(gold), "--as", "fancy"])
    assert (run.exit_code, "articles, redocred" in run.output) == (2, True)
    run = CliRunner().invoke(main, ["evaluate", str(gold)])
    assert run.exit_code == 2
    assert "Traceback" not in run.output
