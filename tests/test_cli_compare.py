"""`kg check` and `kg diff`, as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from build_sample import build, make_article
from click.testing import CliRunner, Result

from kg.cli import main
from kg.store import open_store


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    text = (
        "Company Quillon partnerOf Company Orvane. denied Company Orvane partnerOf Company Quillon."
    )
    with open_store(tmp_path / "kg") as store:
        build(store, [make_article("a", text)])
    return tmp_path / "kg"


def test_check_tells_contradictions_with_their_sentences(folder: Path):
    done = run("check", "--store", folder)
    assert done.exit_code == 0
    first, stated, denied, verdict = done.stdout.splitlines()
    assert first == "warning   Orvane partnerOf Quillon: is stated and denied"
    assert "'Company Quillon partnerOf Company Orvane.'" in stated
    assert "'denied Company Orvane partnerOf Company Quillon.'" in denied
    assert verdict == f"{folder} conforms: 1 facts, 1 findings"


def test_check_of_a_graph_that_does_not_conform_exits_with_1(folder: Path):
    with open_store(folder) as store:
        store.update("DELETE WHERE { ?x a kg:Company ; rdfs:label ?name }")
    done = run("check", "--store", folder, "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told["conforms"] is False
    assert told["findings"][0]["message"] == "an entity has one name"


def test_diff_tells_line_by_line_or_as_json(folder: Path, tmp_path: Path):
    with open_store(tmp_path / "other") as store:
        build(store, [make_article("a", "Company Halden Oy customerOf Company Orvane.")])
    done = run("diff", folder, tmp_path / "other")
    assert done.exit_code == 0
    assert [line[0] for line in done.stdout.splitlines()] == ["+", "-"]
    told = json.loads(run("diff", folder, tmp_path / "other", "--json").stdout)
    assert [fact["predicate"] for fact in told["added"]] == ["customerOf"]
    assert run("diff", folder, folder).stdout == ""


def test_diff_of_what_is_not_there_exits_with_2(folder: Path):
    done = run("diff", folder, "nowhere")
    assert done.exit_code == 2
    assert "no store is here" in done.stderr
