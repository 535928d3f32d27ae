"""A store keeps quads, answers about them, and refuses what must not run."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat

from kg.errors import QueryError, StoreError
from kg.store import MEMORY, Dataset, Store, open_store
from kg.vocab import RDFS, XSD

LABEL = NamedNode(f"{RDFS}label")
NODES = st.sampled_from([NamedNode(f"https://example.com/{name}") for name in "abc"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
OBJECTS = st.one_of(
    NODES,
    TEXTS.map(Literal),
    TEXTS.map(lambda text: Literal(text, language="en-GB")),
    st.integers().map(lambda n: Literal(str(n), datatype=NamedNode(f"{XSD}integer"))),
    TEXTS.map(lambda text: Literal(text, datatype=NamedNode("https://example.com/type"))),
)
QUADS = st.builds(Quad, NODES, NODES, OBJECTS, st.one_of(NODES, st.just(DefaultGraph())))


def quad(name: str, text: str = "x", graph: str = "") -> Quad:
    where = NamedNode(f"https://example.com/{graph}") if graph else DefaultGraph()
    return Quad(NamedNode(f"https://example.com/{name}"), LABEL, Literal(text), where)


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store(MEMORY) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store of one quad."""
    with open_store(tmp_path / "kg") as opened:
        opened.apply(added=[quad("a")])
    return tmp_path / "kg"


@settings(max_examples=150, deadline=None)
@given(st.sets(QUADS), st.sets(QUADS), st.sets(QUADS))
def test_a_store_holds_what_was_added_and_not_removed(
    first: set[Quad], removed: set[Quad], added: set[Quad]
):
    with open_store(MEMORY) as store:
        store.apply(added=first)
        store.apply(removed=removed, added=added)
        expected = first - removed | added
        assert set(store.quads()) == expected
        assert len(store) == len(expected)
        named = {q.graph_name.value for q in expected if isinstance(q.graph_name, NamedNode)}
        assert set(store.graphs()) == named


def test_what_is_applied_is_there_when_the_store_is_opened_again(folder: Path):
    with open_store(folder) as store:
        store.apply(removed=[quad("a")], added=[quad("b", "y", "g")])
    with open_store(folder, read_only=True) as store:
        assert list(store.quads()) == [quad("b", "y", "g")]


def test_quads_are_found_by_each_of_their_parts(store: Store):
    store.apply(added=[quad("a"), quad("b", "y"), quad("b", "y", "g")])
    graph = NamedNode("https://example.com/g")
    assert set(store.quads(graph=graph)) == {quad("b", "y", "g")}
    assert set(store.quads(subject=quad("a").subject)) == {quad("a")}
    assert set(store.quads(object_=Literal("y"), graph=DefaultGraph())) == {quad("b", "y")}
    assert len(list(store.quads(predicate=LABEL))) == 3


def test_any_number_may_read_at_once(folder: Path):
    with open_store(folder, read_only=True) as one, open_store(folder, read_only=True) as two:
        assert list(one.quads()) == list(two.quads()) == [quad("a")]


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 1), (1, 0)])
def test_who_writes_is_alone(folder: Path, first: int, second: int):
    with (
        open_store(folder, read_only=bool(first)),
        pytest.raises(StoreError, match="by another process: try again"),
    ):
        open_store(folder, read_only=bool(second))
    open_store(folder).close()


def test_another_process_that_writes_is_told_apart_from_a_damaged_store(folder: Path):
    with open_store(folder):
        code = f"from kg.store import open_store; open_store({str(folder)!r})"
        tried = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert tried.returncode != 0
    assert b"StoreError" in tried.stderr
    assert b"another process" in tried.stderr


def test_a_failed_opening_leaves_no_lock(folder: Path):
    kept = (folder / "db" / "CURRENT").read_bytes()
    (folder / "db" / "CURRENT").write_bytes(b"MANIFEST-999999\n")
    for _ in range(2):
        with pytest.raises(StoreError, match="cannot be opened"):
            open_store(folder)
    (folder / "db" / "CURRENT").write_bytes(kept)
    with open_store(folder) as store:
        assert list(store.quads()) == [quad("a")]


def test_a_folder_of_other_things_is_not_touched(tmp_path: Path):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(StoreError, match="not empty and not a store"):
        open_store(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]
    with pytest.raises(StoreError, match="not a store"):
        open_store(tmp_path / "thesis.tex")


@pytest.mark.parametrize("options", [{"create": False}, {"read_only": True}])
def test_a_store_that_is_not_there_is_not_made_by_looking(tmp_path: Path, options: dict):
    with pytest.raises(StoreError, match="no store is here"):
        open_store(tmp_path / "kg", **options)
    assert list(tmp_path.iterdir()) == []


def test_another_layout_is_named(folder: Path):
    (folder / "format").write_text("kg-store 99\n")
    with pytest.raises(StoreError, match=r"kg-store 99.*kg-store 1"):
        open_store(folder)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot be created"):
        open_store(tmp_path / "file" / "kg")


def test_an_address_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert open_store("http://localhost:3030/news").folder is None
    assert list(tmp_path.iterdir()) == []


def test_a_closed_store_says_so(store: Store):
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.apply(added=[quad("a")])


def test_prefixes_need_no_declaration(store: Store):
    store.apply(added=[quad("a", "Ann")])
    (found,) = store.select("SELECT ?x { ?x rdfs:label 'Ann' }")
    assert found["x"] == quad("a").subject


@given(TEXTS)
def test_text_put_in_for_a_variable_is_never_read_as_sparql(text: str):
    with open_store(MEMORY) as store:
        store.apply(added=[quad("a", text), quad("b", f"{text}!")])
        found = store.select(
            "SELECT ?x ?name { ?x rdfs:label ?name }", substitutions={"name": Literal(text)}
        )
        assert [s["x"] for s in found] == [quad("a").subject]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("SELECT ?x {", 1, 12),
        ("ASK {\n  ?a ?b\n}", 3, 2),
        ("SELECT ?x {\n ?x rdfs:label 'a' }}", 2, 22),
    ],
)
def test_a_query_that_is_not_valid_is_shown_with_its_place(
    store: Store, text: str, line: int, column: int
):
    with pytest.raises(QueryError) as caught:
        store.query(text)
    message, shown, mark = str(caught.value).splitlines()[:3]
    assert f"line {line}, column {column}:" in message
    assert shown.strip() == text.splitlines()[line - 1].strip()
    assert mark == " " * (4 + column - 1) + "^"


def test_a_prefix_that_is_not_declared_is_named(store: Store):
    with pytest.raises(QueryError, match="no PREFIX is declared for ex:"):
        store.query("PREFIX my: <https://example.com/> SELECT * { ?x ex:y my:z }")


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <a:a> <a:b> <a:c> }",
        "DROP ALL",
        "SELECT * { ?s ?p ?o } ; DELETE WHERE { ?s ?p ?o }",
        "CLEAR DEFAULT",
    ],
)
def test_a_query_changes_nothing(store: Store, text: str):
    store.apply(added=[quad("a")])
    with pytest.raises(QueryError):
        store.query(text)
    assert list(store.quads()) == [quad("a")]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { sErViCe?x { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { # SERVICE\n ?s ?p '\\'' SERVICE<http://127.0.0.1:9/> {} }",
    ],
)
def test_a_query_never_reaches_for_the_network(store: Store, text: str):
    with pytest.raises(QueryError, match="SERVICE is refused"):
        store.query(text)


def test_an_update_never_reaches_for_the_network(store: Store):
    with pytest.raises(QueryError, match="LOAD is refused"):
        store.update("LOAD <http://127.0.0.1:9/data.ttl>")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s rdfs:label 'SERVICE <http://a.example/>' }",
        "SELECT * { ?s rdfs:label ?o } # SERVICE <http://a.example/>",
        "SELECT ?service { ?service rdfs:label ?load }",
        "SELECT * { ?s <http://example.com/service> ?o }",
    ],
)
def test_words_about_services_are_no_services(store: Store, text: str):
    store.query(text)


def test_an_update_happens_as_a_whole_or_not_at_all(store: Store):
    store.apply(added=[quad("a")])
    with pytest.raises(QueryError):
        store.update("CLEAR ALL ; CREATE GRAPH <a:g> ; CREATE GRAPH <a:g>")
    assert list(store.quads()) == [quad("a")]
    store.update("DELETE { ?s rdfs:label ?o } INSERT { ?s rdfs:label 'new' } WHERE { ?s ?p ?o }")
    assert list(store.quads()) == [quad("a", "new")]


def test_a_data_set_takes_the_place_of_from(store: Store):
    store.apply(added=[quad("a"), quad("b", graph="g"), quad("c", graph="h")])
    asked = Dataset(default=("https://example.com/g",))
    answer = store.query("SELECT ?s { ?s ?p ?o }", dataset=asked)
    assert [s["s"] for s in answer] == [quad("b").subject]
    with pytest.raises(QueryError, match="no valid IRI"):
        store.query("ASK {}", dataset=Dataset(named=("not an iri",)))


def test_select_takes_no_other_query(store: Store):
    with pytest.raises(QueryError, match="SELECT"):
        store.select("ASK { ?s ?p ?o }")


@pytest.mark.parametrize("location", ["kg", MEMORY])
def test_a_copy_holds_the_same_and_goes_its_own_way(tmp_path: Path, location: str):
    path = location if location == MEMORY else tmp_path / location
    with open_store(path) as store:
        store.apply(added=[quad("a"), quad("b", "y", "g")])
        store.back_up(tmp_path / "copy")
        store.apply(removed=[quad("a")])
    with open_store(tmp_path / "copy") as copy:
        assert set(copy.quads()) == {quad("a"), quad("b", "y", "g")}


def test_a_copy_is_not_written_over_another_store(store: Store, folder: Path):
    with pytest.raises(StoreError):
        store.back_up(folder)
    with open_store(folder) as kept:
        assert list(kept.quads()) == [quad("a")]


def test_a_dump_is_all_or_one_graph(store: Store):
    store.apply(added=[quad("a"), quad("b", "y", "g")])
    every, one = io.BytesIO(), io.BytesIO()
    store.dump(every, format_=RdfFormat.N_QUADS)
    store.dump(one, format_=RdfFormat.TURTLE, graph=NamedNode("https://example.com/g"))
    assert len(every.getvalue().splitlines()) == 2
    assert b'rdfs:label "y"' in one.getvalue()
    assert b'"x"' not in one.getvalue()
