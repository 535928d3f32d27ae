"""`kg evaluate` from the command line, with the shipped model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.resources import bundled

pytestmark = pytest.mark.model


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["evaluate", *map(str, arguments)])
    return result.exit_code, result.output


def test_a_table_names_scores_and_predicates():
    code, output = run(bundled("corpus"), "--limit", "2")
    assert code == 0
    assert output.startswith("corpus, 2 texts, by model ")
    for word in ("mentions", "entities", "facts", "countryOf", "evidence", "calibration error"):
        assert word in output


def test_json_and_mistakes_agree_with_each_other(tmp_path: Path):
    path = tmp_path / "mistakes.jsonl"
    code, output = run(
        bundled("corpus"), "--limit", "2", "--format", "json", "--mistakes", path, "--seed", "3"
    )
    assert code == 0
    (report,) = json.loads(output)
    facts = report["scores"]["facts"]
    kinds = [json.loads(line)["kind"] for line in path.read_text("utf-8").splitlines()]
    assert kinds.count("missed") == facts["gold"] - facts["found"]
    assert kinds.count("wrong") == facts["predicted"] - facts["right"]
    assert facts["f1"]["low"] <= facts["f1"]["value"] <= facts["f1"]["high"]
    by_predicate = report["predicates"].values()
    assert sum(score["gold"] for score in by_predicate) == facts["gold"]


def test_a_confidence_of_one_tells_next_to_nothing():
    _, all_ = run(bundled("corpus"), "--limit", "2", "--format", "json", "--min-confidence", "0")
    _, few = run(bundled("corpus"), "--limit", "2", "--format", "json", "--min-confidence", "1")
    predicted = [json.loads(o)[0]["scores"]["facts"]["predicted"] for o in (few, all_)]
    assert predicted[0] < predicted[1]


def test_floors_are_raised_and_held(tmp_path: Path):
    corpus, floors = bundled("corpus"), tmp_path / "floors.json"
    code, output = run(corpus, "--limit", "2", "--floors", floors)
    assert (code, "has no floors" in output) == (1, True)
    assert run(corpus, "--limit", "2", "--floors", floors, "--update-floors")[0] == 0
    assert run(corpus, "--limit", "2", "--floors", floors)[0] == 0
    text = floors.read_text("utf-8").replace('"floor": 0.', '"floor": 1.')
    floors.write_text(text, "utf-8")
    code, output = run(corpus, "--limit", "2", "--floors", floors)
    assert (code, "facts F1" in output) == (1, True)
