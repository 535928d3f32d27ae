"""The engine of a store in a folder: work is stopped in time, and readers see every change."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

import pytest
from serve_sample import make_store

from kg.errors import StoreError
from kg.serve import Limits, Problem
from kg.serve.engine import FolderEngine
from kg.serve.jobs import Query, ReadGraph, Update, WriteGraph
from kg.store import open_store

# Counts more pairs than any machine gets through in the time of a test.
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
# Makes a text of ten thousand million characters out of one.
HUNGRY = (
    "SELECT (STRLEN(?x10) AS ?n) { BIND('x' AS ?x0) "
    + " ".join(f"BIND(CONCAT({', '.join([f'?x{i}'] * 10)}) AS ?x{i + 1})" for i in range(10))
    + "}"
)
COUNT = Query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", accept="text/csv")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    store = make_store("".join(f":s{i} :p {i} .\n" for i in range(1000)))
    store.back_up(tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture
def reader(folder):
    engine = FolderEngine(folder, Limits(seconds=1, workers=2))
    yield engine
    engine.close()


@pytest.fixture
def writer(folder):
    engine = FolderEngine(folder, Limits(seconds=1, workers=2), writes=True)
    yield engine
    engine.close()


def count(engine: FolderEngine) -> int:
    return int(engine.read(COUNT).body.split()[1])


def test_a_query_is_answered(reader):
    assert count(reader) == 1000


def test_a_query_without_end_is_stopped_while_others_are_answered(reader):
    caught: list[Problem] = []

    def ask() -> None:
        try:
            reader.read(Query(ENDLESS))
        except Problem as problem:
            caught.append(problem)

    thread = threading.Thread(target=ask)
    thread.start()
    answered = 0
    while thread.is_alive():
        assert count(reader) == 1000
        answered += 1
    thread.join()
    assert answered > 1
    assert caught[0].status == 503
    assert "1 second" in caught[0].detail
    assert count(reader) == 1000


def test_every_worker_may_be_stopped_and_comes_back(reader):
    for _ in range(3):
        with pytest.raises(Problem, match="Out of time"):
            reader.read(Query(ENDLESS))
    assert count(reader) == 1000


def test_a_query_that_takes_too_much_memory_is_ended(folder):
    engine = FolderEngine(folder, Limits(seconds=20, workers=1, memory=300_000_000))
    with pytest.raises(Problem) as caught:
        engine.read(Query(HUNGRY))
    assert caught.value.status == 500
    assert count(engine) == 1000
    engine.close()


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { " + "{ " * 50_000 + "}" * 50_000 + " }",
        "ASK { FILTER(" + "(" * 50_000 + "1" + ")" * 50_000 + ") }",
        "ASK { FILTER(" + "!" * 50_000 + "true) }",
        "SELECT * { ?s " + "/".join(["<a:b>"] * 50_000) + " ?o }",
        "ASK { BIND(" + "+".join(["1"] * 50_000) + " AS ?n) }",
    ],
)
def test_queries_that_overflow_the_engine_end_one_worker_only(reader, text):
    with contextlib.suppress(Problem):
        reader.read(Query(text))
    assert count(reader) == 1000


def test_requests_beyond_those_that_may_wait_are_told_to_come_back(folder):
    engine = FolderEngine(folder, Limits(seconds=1, workers=1, waiting=0))
    count(engine)
    started = threading.Event()

    def ask() -> None:
        started.set()
        with pytest.raises(Problem):
            engine.read(Query(ENDLESS))

    thread = threading.Thread(target=ask)
    thread.start()
    started.wait()
    refused = None
    while refused is None and thread.is_alive():
        try:
            count(engine)
        except Problem as problem:
            refused = problem
    thread.join()
    assert refused is not None
    assert refused.headers["Retry-After"] == "1"
    engine.close()


def test_many_readers_get_their_own_answers(folder):
    engine = FolderEngine(folder, Limits(seconds=120, workers=2))
    wrong: list[int] = []

    def ask(number: int) -> None:
        query = Query(f"SELECT ?s {{ ?s <http://example.org/p> {number} }}", accept="text/csv")
        if engine.read(query).body.split()[1] != f"http://example.org/s{number}".encode():
            wrong.append(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.close()
    assert not wrong


def test_a_reader_changes_nothing(reader):
    with pytest.raises(Problem) as caught:
        reader.write(Update("CLEAR ALL"))
    assert caught.value.status == 403
    with pytest.raises(Problem) as caught:
        reader.read(Query("CLEAR ALL"))
    assert caught.value.status == 400


def test_readers_see_every_change(writer):
    for number in range(5):
        writer.write(Update(f"INSERT DATA {{ <http://example.org/n{number}> a <a:b> }}"))
        assert count(writer) == 1001 + number
        with writer.open() as store:
            assert len(store) == 1001 + number


def test_changes_last(writer, folder):
    writer.write(WriteGraph("", ((b"<a:b> <a:b> 1 .", "text/turtle"),), "http://x/", replaces=True))
    writer.close()
    with open_store(folder, read_only=True) as store:
        assert len(store) == 1
    assert {path.name for path in folder.iterdir()} == {"db", "format"}


def test_an_update_without_end_is_stopped_and_changes_nothing(writer):
    update = (
        f"INSERT DATA {{ <a:x> <a:x> 1 }} ; INSERT {{ <a:b> <a:b> ?n }} WHERE {{ {{ {ENDLESS} }} }}"
    )
    with pytest.raises(Problem, match="Out of time"):
        writer.write(Update(update))
    assert count(writer) == 1000
    writer.write(Update("CLEAR ALL"))
    assert count(writer) == 0


def test_a_refused_update_changes_nothing(writer):
    with pytest.raises(Problem) as caught:
        writer.write(Update("CLEAR ALL ; LOAD <http://127.0.0.1/x>"))
    assert caught.value.status == 403
    assert count(writer) == 1000


def test_a_store_that_is_written_to_is_held_alone(writer, folder):
    with pytest.raises(StoreError, match="another process"):
        FolderEngine(folder, Limits(), writes=True)
    with pytest.raises(StoreError, match="another process"):
        open_store(folder, read_only=True)


def test_copies_do_not_pile_up(writer, folder):
    for number in range(4):
        writer.write(Update(f"INSERT DATA {{ <a:n{number}> a <a:b> }}"))
        writer.read(ReadGraph(""))
    assert len(list((folder / "serving").iterdir())) == 1


def test_what_a_killed_service_left_behind_is_cleared_away(folder):
    (folder / "serving" / "7" / "db").mkdir(parents=True)
    engine = FolderEngine(folder, Limits(workers=1), writes=True)
    assert count(engine) == 1000
    assert not (folder / "serving" / "7").exists()
    engine.close()


def test_a_folder_that_is_no_store_is_refused(tmp_path):
    with pytest.raises(StoreError):
        FolderEngine(tmp_path / "none", Limits())
    (tmp_path / "letter.txt").write_text("Dear reader")
    for writes in (False, True):
        with pytest.raises(StoreError):
            FolderEngine(tmp_path, Limits(), writes=writes)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
