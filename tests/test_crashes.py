"""A process killed at any moment, a disk that is full, two at once: the store stays whole."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from build_sample import build_afresh
from click.testing import CliRunner
from crash_sample import ARTICLES, GRAPH, Stage, memory_folder
from pyoxigraph import Quad
from trust_ledger import tally

from kg.cli import main
from kg.errors import StoreError
from kg.store import open_store

pytestmark = pytest.mark.skipif(os.name != "posix", reason="processes are forked")

ALL = [0, 1, 2, 3, 4, 5]
SOME = [1, 2, 4]
REST = [0, 3, 5]
MERGE = ("merge", "Quillon", "Orvane")
KILLS = {"remove": 45, "merge": 45, "update": 50, "serve": 10, "export": 35}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage() as opened:
        yield opened


@pytest.fixture
def folder(stage: Stage) -> Iterator[Path]:
    """A store of all articles."""
    with memory_folder() as parent:
        assert stage.run("build", parent / "kg", ALL) == ""
        yield parent / "kg"


def read(folder: Path) -> frozenset[Quad]:
    """The quads of a store, once the processes that had it are gone."""
    patience = time.monotonic() + 20
    while True:
        try:
            with open_store(folder, read_only=True) as store:
                return frozenset(store.quads())
        except StoreError as error:
            if "another process" not in str(error) or time.monotonic() > patience:
                raise
            time.sleep(0.01)


def write_update(letter: str) -> str:
    """An update that puts three hundred triples in the place of others, in two operations."""
    triples = " ".join(f"<urn:{letter}{n}> <urn:p> {n} ." for n in range(300))
    return f"DROP SILENT GRAPH <{GRAPH}> ; INSERT DATA {{ GRAPH <{GRAPH}> {{ {triples} }} }}"


TOGGLES = {
    "remove": (("remove", REST), ("build", ALL)),
    "merge": (MERGE, ("undo",)),
    "update": (("update", write_update("a")), ("update", write_update("b"))),
    "serve": (("serve", write_update("a")), ("serve", write_update("b"))),
}


@pytest.mark.parametrize("kind", TOGGLES)
def test_of_a_change_that_is_killed_all_happens_or_nothing(stage: Stage, folder: Path, kind: str):
    """There and back, again and again: each step is killed, and taken again if it was lost."""
    there, back = TOGGLES[kind]
    states = []
    for step, *told in (there, back, there):
        assert stage.run(step, folder, *told) == ""
        states.append(read(folder))
    assert states[0] == states[2] != states[1]
    dice, at, kills = random.Random(kind), 0, 0
    for turn in range(4 * KILLS[kind]):
        if kills == KILLS[kind]:
            break
        step, *told = (there, back)[1 - at]
        was_killed = stage.kill(step, folder, *told, moment=dice.uniform(0, 1.1))
        kills += was_killed
        state = read(folder)
        assert state in states[:2], f"round {turn}: neither what was nor what was to be"
        is_done = state == states[1 - at]
        assert is_done or was_killed, f"round {turn}: done was told, and it is not there"
        at = 1 - at if is_done else at
    assert kills == KILLS[kind]
    tally("kills", kills)
    step, *told = (there, back)[1 - at]
    assert stage.run(step, folder, *told) == ""
    assert read(folder) == states[1 - at]


FORMATS = ("turtle", "nquads", "jsonld", "graphml", "csv", "neo4j")


def test_an_export_that_is_killed_leaves_each_file_whole(stage: Stage, folder: Path):
    """By turns at a moment, and at a byte of a file."""
    dice, kills = random.Random(3), 0
    for turn in range(4 * KILLS["export"]):
        if kills == KILLS["export"]:
            break
        name = FORMATS[turn % len(FORMATS)]
        target = folder.parent / f"{name}.out"
        assert stage.run("export", folder, str(target), name) == ""
        whole = files(target)
        for path in whole:
            path.write_bytes(b"before")
        if turn % 2:
            byte = dice.randrange(1, min(map(len, whole.values())))
            kills += stage.run("export", folder, str(target), name, room=-byte) == "killed"
        else:
            kills += stage.kill("export", folder, str(target), name, moment=dice.uniform(0, 1.1))
        for path, content in files(target).items():
            assert content in (b"before", whole[path])
            path.unlink()
    assert kills == KILLS["export"]
    tally("kills", kills)


def files(target: Path) -> dict[Path, bytes]:
    """What an export wrote, by file; drafts have names of their own."""
    inside = target.iterdir() if target.is_dir() else target.parent.glob(f"{target.stem}.*")
    return {p: p.read_bytes() for p in sorted(inside) if p.is_file() and p.name[0] != "."}


STEPS = [("build", ALL), ("remove", [1]), MERGE, ("update", write_update("a"))]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step[0])
@pytest.mark.parametrize("room", [0, 2000])
def test_on_a_full_disk_a_change_is_refused_and_the_store_as_it_was(
    stage: Stage, step: tuple, room: int
):
    with memory_folder() as parent:
        folder = parent / "kg"
        assert stage.run("build", folder, SOME) == ""
        before = read(folder)
        told = stage.run(*step[:1], folder, *step[1:], room=room)
        assert "cannot be written" in told or "failed over" in told, told
        assert read(folder) == before
        name, *rest = step
        assert stage.run(name, folder, *rest) == ""
        assert read(folder) != before


def test_on_a_full_disk_an_export_leaves_the_file_before_it(stage: Stage, folder: Path):
    target = folder.parent / "graph.ttl"
    target.write_bytes(b"before")
    told = stage.run("export", folder, str(target), "turtle", room=1000)
    assert f"{target}: cannot be written" in told
    assert target.read_bytes() == b"before"
    assert sorted(path.name for path in folder.parent.iterdir()) == ["graph.ttl", "kg"]


def test_of_two_builds_at_once_one_is_refused_and_nothing_is_mixed(stage: Stage):
    with Stage() as other, memory_folder() as parent:
        for turn in range(5):
            folder = parent / f"kg{turn}"
            with ThreadPoolExecutor(2) as pool:
                begun = [
                    (pool.submit(each.run, "build", folder, numbers), numbers)
                    for each, numbers in ((stage, SOME), (other, REST))
                ]
            ends = [future.result() for future, _ in begun]
            kept = [n for future, numbers in begun if not future.result() for n in numbers]
            assert kept
            assert [end for end in ends if end and "another process: try again" not in end] == []
            assert read(folder) == build_afresh(ARTICLES[number] for number in kept)


def test_the_command_says_that_a_store_is_in_use(folder: Path, tmp_path: Path):
    (tmp_path / "a.txt").write_text("Halden Oy and Orvane are partners. " * 9)
    with open_store(folder):
        done = CliRunner().invoke(main, ["build", str(tmp_path), "--store", str(folder)])
    assert done.exit_code == 2
    assert "being used by another process: try again when it is done" in done.stderr
    assert "Traceback" not in done.output
