"""A watched folder and its store: at every rest the store is what the folder says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from build_sample import EXTRACTOR, ONTOLOGY, SENTENCES, build, build_afresh
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Quad

from kg.articles import read_articles
from kg.build import Extractor, Limits, Rest, watch
from kg.errors import KGError, SourceError, UsageError
from kg.rdf import read_contents
from kg.store import MEMORY, open_store

ENGLISH = "The report that was given to us says what is the case, and so it is with all of this. "


def write(path: Path, *numbers: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(ENGLISH + " ".join(SENTENCES[n] for n in numbers), encoding="utf-8")


def write_lines(path: Path, texts: dict[str, int]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps({"id": i, "text": ENGLISH + SENTENCES[n]}) for i, n in texts.items())
    path.write_text("\n".join(lines), encoding="utf-8")


def quads(store: Path) -> set[Quad]:
    with open_store(store, read_only=True) as opened:
        return set(opened.quads())


def afresh(*folders: Path) -> set[Quad]:
    """Return what a build of the folders into a new store gives."""
    return build_afresh(read_articles(map(str, folders), on_error=lambda _: None))


def follow(*folders: Path, store: Path, **options: object) -> Iterator[Rest]:
    options = {"extractor": EXTRACTOR, "ontology": ONTOLOGY, "interval": 0.0} | options
    return watch(folders, store=store, **options)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "press").mkdir()
    return tmp_path / "press"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "kg-store"


def test_what_is_new_changed_and_gone_is_told_and_done(folder: Path, store: Path):
    write(folder / "a.txt", 0, 1)
    write(folder / "deep" / "b.txt", 2)
    rests = follow(folder, store=store)
    first = next(rests)
    assert (first.added, first.store.articles) == (("a", "deep/b"), 2)
    write(folder / "a.txt", 5)
    (folder / "deep" / "b.txt").unlink()
    write(folder / "c.txt", 7)
    rest = next(rests)
    assert (rest.added, rest.changed, rest.removed) == (("c",), ("a",), ("deep/b",))
    assert quads(store) == afresh(folder)


def test_an_empty_folder_is_at_rest_at_once(folder: Path, store: Path):
    assert next(follow(folder, store=store)).store.articles == 0
    assert quads(store) == set()


def test_a_file_that_still_grows_is_left_alone(folder: Path, store: Path, monkeypatch):
    write(folder / "a.txt", 0)
    write(folder / "growing.txt", 1)
    sizes = iter(range(2, 5))
    looks: list[set[str]] = []

    def grow(_: float) -> None:
        looks.append({path.name for path in folder.iterdir()})
        size = next(sizes, 0)
        if size:
            write(folder / "growing.txt", *range(1, size + 1))

    monkeypatch.setattr("kg.build.watching.time.sleep", grow)
    rests = follow(folder, store=store)
    assert next(rests).added == ("a",)
    assert next(rests).added == ("growing",)
    assert len(looks) >= 4
    assert quads(store) == afresh(folder)


def test_only_what_changed_is_read(folder: Path, store: Path):
    for n in range(4):
        write(folder / f"{n}.txt", n)
    read: list[str] = []

    def extract(articles):
        return EXTRACTOR.extract(read.append(a.id) or a for a in articles)

    rests = follow(folder, store=store, extractor=Extractor(extract, "1"))
    next(rests)
    read.clear()
    write(folder / "2.txt", 9)
    assert next(rests).changed == ("2",)
    assert read == ["2"]


def test_what_went_while_nobody_watched_is_removed(folder: Path, store: Path):
    write(folder / "a.txt", 0)
    write(folder / "b.txt", 1)
    next(follow(folder, store=store))
    (folder / "a.txt").unlink()
    assert next(follow(folder, store=store)).removed == ("a",)
    assert quads(store) == afresh(folder)


def test_articles_of_other_builds_stay(folder: Path, store: Path, tmp_path: Path):
    write(tmp_path / "other" / "x.txt", 3)
    with open_store(store) as opened:
        build(opened, read_articles([str(tmp_path / "other")], on_error=pytest.fail))
    write(folder / "a.txt", 0)
    next(follow(folder, store=store))
    (folder / "a.txt").unlink()
    next(follow(folder, store=store))
    assert quads(store) == afresh(tmp_path / "other")


def test_another_watch_of_the_store_keeps_its_articles(folder: Path, store: Path, tmp_path: Path):
    write(tmp_path / "other" / "x.txt", 3)
    next(follow(tmp_path / "other", store=store))
    write(folder / "a.txt", 0)
    next(follow(folder, store=store))
    assert quads(store) == afresh(folder, tmp_path / "other")


def test_a_folder_that_cannot_be_found_is_waited_for(folder: Path, store: Path, monkeypatch):
    write(folder / "a.txt", 0)
    errors: list[KGError] = []
    rests = follow(folder, store=store, on_error=errors.append)
    next(rests)
    away = folder.rename(folder.with_name("away"))
    looks = iter(range(4))

    def come_back(_: float) -> None:
        if next(looks, None) == 3:
            write(away / "b.txt", 1)
            away.rename(folder)

    monkeypatch.setattr("kg.build.watching.time.sleep", come_back)
    rest = next(rests)
    assert (rest.added, rest.removed) == (("b",), ())
    assert len(errors) == 1
    assert isinstance(errors[0], SourceError)


def test_what_is_refused_is_told_once_and_takes_its_article_along(folder: Path, store: Path):
    write(folder / "a.txt", 0)
    write(folder / "b.txt", 1)
    (folder / "picture.png").write_bytes(b"\x89PNG")
    errors: list[KGError] = []
    rests = follow(folder, store=store, on_error=errors.append)
    next(rests)
    (folder / "a.txt").write_bytes(b"\0\1\2\3" * 100)
    rest = next(rests)
    assert rest.removed == ("a",)
    assert [e.source for e in rest.refused] == [str(folder / "a.txt")]
    write(folder / "b.txt", 4)
    next(rests)
    assert len(errors) == 2
    assert quads(store) == afresh(folder)


def test_an_article_that_its_extractor_gives_up_is_gone(folder: Path, store: Path):
    def drop(articles):
        return EXTRACTOR.extract(a for a in articles if "given up" not in a.text)

    write(folder / "a.txt", 0)
    write(folder / "b.txt", 1)
    rests = follow(folder, store=store, extractor=Extractor(drop, "1"))
    next(rests)
    (folder / "a.txt").write_text(f"{ENGLISH} It was given up.")
    rest = next(rests)
    assert (rest.removed, [error.source for error in rest.refused]) == (("a",), ["a"])
    (folder / "a.txt").unlink()
    assert quads(store) == afresh(folder)


def test_limits_hold_while_watching(folder: Path, store: Path):
    write(folder / "a.txt", 0)
    write(folder / "b.txt", *range(9))
    rest = next(follow(folder, store=store, limits=Limits(characters=200)))
    assert rest.added == ("a",)
    assert "longer than 200 characters" in str(rest.refused[0])


def test_a_store_in_use_is_waited_for(folder: Path, store: Path, monkeypatch):
    write(folder / "a.txt", 0)
    errors: list[KGError] = []
    rests = follow(folder, store=store, on_error=errors.append)
    next(rests)
    write(folder / "b.txt", 1)
    opened = open_store(store)
    looks = iter(range(5))

    def release(_: float) -> None:
        if next(looks, None) == 4:
            opened.close()

    monkeypatch.setattr("kg.build.watching.time.sleep", release)
    assert next(rests).added == ("b",)
    assert len(errors) == 1
    assert "another process" in str(errors[0])


def test_only_folders_on_a_store_that_lasts_are_watched(folder: Path, store: Path):
    write(folder / "a.txt", 0)
    for source in (folder / "a.txt", folder / "none", Path("-")):
        with pytest.raises(UsageError, match="only folders"):
            follow(source, store=store)
    with pytest.raises(UsageError, match="in memory"):
        follow(folder, store=Path(MEMORY))


_files = st.sampled_from(["a.txt", "a.md", "b.txt", "in/a.txt", "in/c.txt", "x.jsonl", "y.jsonl"])
_numbers = st.integers(0, len(SENTENCES) - 1)
_content = st.one_of(st.none(), st.dictionaries(st.sampled_from("abx"), _numbers, max_size=3))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.dictionaries(_files, _content, min_size=1, max_size=4), max_size=4))
def test_whatever_happens_in_a_folder_the_store_is_what_it_says(steps):
    with tempfile.TemporaryDirectory() as name:
        folder, store = Path(name, "press"), Path(name, "kg-store")
        folder.mkdir()
        rests = follow(folder, store=store)
        next(rests)
        for number, step in enumerate(steps):
            for file, content in step.items():
                change(folder / file, content)
            write(folder / "z.txt", *range(number + 1))  # so that there is something to do
            next(rests)
            assert quads(store) == afresh(folder)
        rests = follow(folder, store=store)  # and one that has not seen any of it
        next(rests)
        assert quads(store) == afresh(folder)


def change(path: Path, content: dict[str, int] | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    elif path.suffix == ".jsonl":
        write_lines(path, content)
    else:
        write(path, *content.values())


@pytest.mark.model
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_the_command_follows_a_folder_until_it_is_stopped(folder: Path, store: Path):
    command = [sys.executable, "-m", "kg", "build", "--watch", folder, "--store", store]
    process = subprocess.Popen(
        [*map(str, command), "--interval", "0.1"], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    with process, process.stderr as told:
        assert "watching" in told.readline()
        assert "up to date" in told.readline()
        (folder / "zoom.txt").write_text("Orvane Corp. acquired Halden Ltd. in 2019, it said.\n")
        assert "1 added" in told.readline()
        (folder / "tail.txt").write_text("Quillon Inc. is a partner of Orvane Corp., it said.\n")
        assert "1 added" in told.readline()
        (folder / "zoom.txt").unlink()
        assert "1 removed" in told.readline()
        process.send_signal(signal.SIGINT)
        rest = told.read()
        assert process.wait(timeout=60) == 0
    assert "stopped" in rest
    assert "Traceback" not in rest
    with open_store(store, read_only=True) as opened:
        assert [a.id for a in read_contents(opened.quads(), ontology=ONTOLOGY).articles] == ["tail"]
