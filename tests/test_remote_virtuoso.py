"""A store on Virtuoso, whose default graph is the union of all, started here."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

import pyoxigraph as ox
import pytest
from build_sample import build, build_afresh, make_article, make_articles
from click.testing import CliRunner
from programs import find_program
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad
from remote_commands import PRINTING, WRITING, answer
from serve_sample import Client, make_store
from view_sample import corpus_store

from kg.build import remove
from kg.cli import main
from kg.errors import RefusedChange
from kg.ontology import load_ontology
from kg.resources import bundled
from kg.serve import Limits, LocalEngine, Service
from kg.store import Store, open_store
from kg.view import read_neighbourhood

E = "http://example.org/"
DATA = ':a :p 1 , "two\\n\\"three\\""@en . :b :p :a . :g { :a :p 2 . } :h { :a :p 2 . }'
A, P, G, H = (NamedNode(f"{E}{name}") for name in "apgh")

CONFIGURATION = """
[Database]
DatabaseFile = {folder}/v.db
ErrorLogFile = {folder}/v.log
LockFile = {folder}/v.lck
TransactionFile = {folder}/v.trx
xa_persistent_file = {folder}/v.pxa
[TempDatabase]
DatabaseFile = {folder}/t.db
TransactionFile = {folder}/t.trx
[Parameters]
ServerPort = 127.0.0.1:{port}
NumberOfBuffers = 4000
MaxDirtyBuffers = 2000
DirsAllowed = {folder}
[HTTPServer]
ServerPort = 127.0.0.1:{web_port}
ServerRoot = {folder}
ServerThreads = 5
[SPARQL]
ResultSetMaxRows = {rows}
"""


def find_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def virtuoso(tmp_path_factory: pytest.TempPathFactory):
    program, client = (
        find_program(name, package="virtuoso-opensource") for name in ("virtuoso-t", "isql-vt")
    )
    folder = tmp_path_factory.mktemp("virtuoso")
    port, web_port = find_port(), find_port()
    settings = CONFIGURATION.format(folder=folder, port=port, web_port=web_port, rows=100_000)
    (folder / "v.ini").write_text(settings)
    command = [program, "+foreground", "+configfile", str(folder / "v.ini")]
    with (folder / "out").open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
        try:
            wait(folder / "out")
            grant = [client, f"127.0.0.1:{port}", "dba", "dba"]
            grant.append('exec=GRANT SPARQL_UPDATE TO "SPARQL";')
            subprocess.run(grant, check=True, capture_output=True, timeout=60)
            yield f"http://127.0.0.1:{web_port}/sparql#https://example.org/default"
        finally:
            process.kill()
            process.wait()


def wait(log: Path) -> None:
    for _ in range(600):
        if "Server online" in log.read_text(errors="replace"):
            return
        time.sleep(0.1)
    pytest.fail(log.read_text(errors="replace"))


@pytest.fixture
def far(virtuoso: str) -> Store:
    store = open_store(virtuoso)
    store.apply(removed=store.quads())
    return store


def test_quads_go_there_and_come_back(far: Store):
    near = make_store(DATA)
    assert len(far) == 0
    far.apply(added=near.quads())
    assert set(far.quads()) == set(near.quads())
    assert set(far.graphs()) == {f"{E}g", f"{E}h"}
    assert len(far) == len(near)
    for pattern in ({"subject": A}, {"graph": DefaultGraph()}, {"object_": Literal(2), "graph": G}):
        assert set(far.quads(**pattern)) == set(near.quads(**pattern))


def test_the_default_graph_is_no_union(far: Store):
    far.apply(added=make_store(DATA).quads())
    rows = far.select("SELECT ?s ?o { ?s <http://example.org/p> ?o }")
    assert len(list(rows)) == 3
    assert bool(far.query("ASK { ?s ?p 1 }")) is True
    assert bool(far.query("ASK { ?s ?p 2 }")) is False
    assert bool(far.query("ASK { GRAPH ?g { ?s ?p 2 } }")) is True


def test_changes_are_made(far: Store):
    far.apply(added=make_store(DATA).quads())
    new, old = Quad(A, P, Literal("new")), Quad(A, P, Literal(1))
    kept = Quad(A, P, Literal("kept"), H)
    far.apply(added=[kept])
    far.apply(added=[new], removed=[old, Quad(A, P, Literal(2), G), Quad(A, P, Literal(2), H)])
    assert set(far.quads(graph=H)) == {kept}
    assert new in set(far.quads())
    assert old not in set(far.quads())
    assert set(far.graphs()) == {f"{E}h"}


def test_graphs_and_terms(far: Store):
    far.apply(added=make_store(DATA).quads())
    described = set(far.query("CONSTRUCT WHERE { ?s <http://example.org/p> 1 }"))
    assert described == {ox.Triple(A, P, Literal(1))}
    rows = far.select("SELECT ?x ?s { ?s ?p ?x }", substitutions={"x": A})
    assert [row["s"].value for row in rows] == [f"{E}b"]


@pytest.fixture
def news(far: Store) -> tuple[Store, Store]:
    near = corpus_store()
    far.apply(added=near.quads())
    return near, far


def test_readers_find_the_same(news: tuple[Store, Store]):
    near, far = news
    ontology = load_ontology()
    central = "SELECT ?e { ?f a kg:Fact ; rdf:subject ?e } GROUP BY ?e ORDER BY DESC(COUNT(?f)) ?e"
    entity = next(near.select(f"{central} LIMIT 1"))["e"].value
    around = read_neighbourhood(far, ontology, [entity], hops=1)
    assert around == read_neighbourhood(near, ontology, [entity], hops=1)
    pages = []
    for store in news:
        client = Client(Service(LocalEngine(store, Limits()), Limits()))
        path = entity.removeprefix("https://w3id.org/kg-builder/id")
        pages.append([client.get(f"{path}.html").body])
        pages[-1].append(sorted(client.get(f"{path}.nt").body.splitlines()))
        pages[-1].append(client.get("/search?q=china").headers.get("Location"))
        article = min(store.graphs()).removeprefix("https://w3id.org/kg-builder/id")
        pages[-1].append(client.get(f"{article}.html").body)
    assert pages[0] == pages[1]


def test_commands_answer_from_it(news: tuple[Store, Store], virtuoso: str, tmp_path: Path):
    folder = tmp_path / "store"
    news[0].back_up(folder)
    differing = [
        name
        for name in (*PRINTING, *WRITING)
        if answer(name, virtuoso, tmp_path) != answer(name, str(folder), tmp_path)
    ]
    assert differing == []


@pytest.fixture
def cached(far: Store, virtuoso: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty store, with nothing kept from before."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return virtuoso


def kg(*words: str | Path) -> str:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.output


def tell(store: str | Path) -> list[str]:
    """Return the N-Quads of a store in their one order; a graph of ours has no blank nodes."""
    with open_store(store, read_only=True) as opened:
        return sorted(map(str, opened.quads()))


def test_commands_build_into_it(cached: str, tmp_path: Path):
    """Articles read by the shipped model are added, changed and removed."""
    news, local = tmp_path / "news", tmp_path / "local"
    news.mkdir()
    sources = sorted(bundled("corpus/articles").glob("a0*.txt"))[:4]
    for source in sources[:3]:
        shutil.copy(source, news)
    for store in (cached, local):
        assert "3 added" in kg("build", news, "--store", store)
    assert tell(cached) == tell(local) != []
    changed = news / sources[0].name
    changed.write_text(changed.read_text() + "\nHalvard Marine is based in Bergen, Norway.\n")
    shutil.copy(sources[3], news)
    for store in (cached, local):
        told = kg("build", news, "--store", store)
        assert "1 added" in told
        assert "1 changed" in told
    assert tell(cached) == tell(local)
    for store in (cached, local):
        kg("remove", sources[1].stem, "--store", store)
    assert tell(cached) == tell(local)
    (news / sources[1].name).unlink()
    kg("build", news, "--store", tmp_path / "afresh")
    assert tell(cached) == tell(tmp_path / "afresh")


# Virtuoso has no such type; no predicate of the ontology has it either.
REFUSED = make_article(
    "refused", "Company Halden Oy partnerOf Company Lumo. Company Halden foundedOn duration P1Y."
)


def test_an_article_that_it_refuses_changes_nothing(cached: str):
    articles = make_articles(6)
    with open_store(cached) as store:
        build(store, articles[:3])
        before = set(store.quads())
        with pytest.raises(RefusedChange, match="fails over it"):
            build(store, [REFUSED])
        assert set(store.quads()) == before
    with open_store(cached) as store:
        report = build(store, [REFUSED, *articles])
        assert report.added == ("a3", "a4", "a5")
        assert [error.source for error in report.refused] == ["refused"]
        assert set(store.quads()) == build_afresh(articles)


def test_a_changed_article_that_it_refuses_stays_as_it_was(cached: str):
    articles = make_articles(4)
    changed = make_article("a1", REFUSED.text)
    with open_store(cached) as store:
        build(store, articles[:3])
        report = build(store, [changed, articles[3]])
        assert (report.added, report.changed) == (("a3",), ())
        assert set(store.quads()) == build_afresh(articles)


def test_a_change_that_was_cut_off_is_made_whole(cached: str, monkeypatch: pytest.MonkeyPatch):
    """Virtuoso keeps what was done of a request before it failed."""
    articles = make_articles(4)
    changed = make_article("a1", articles[0].text)
    with open_store(cached) as store:
        build(store, articles)
        with monkeypatch.context() as patch:
            nowhere = "LOAD <http://127.0.0.1:9/> INTO GRAPH <http://example.org/h>"
            patch.setattr(Store, "_write_removal", lambda *_: [nowhere])
            with pytest.raises(RefusedChange):
                build(store, [changed])
        assert set(store.quads()) > build_afresh(articles)
    with open_store(cached) as store:
        build(store, [changed])
        assert set(store.quads()) == build_afresh([changed, articles[0], *articles[2:]])
        remove(["a1"], store=store)
        assert set(store.quads()) == build_afresh([articles[0], *articles[2:]])
