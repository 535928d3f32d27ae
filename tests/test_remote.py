"""A store on a SPARQL server is read and written like one in a folder."""

from __future__ import annotations

import io
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pyoxigraph as ox
import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad
from remote_commands import PRINTING, WRITING, answer
from serve_sample import TOKEN, make_store
from test_serve_server import running
from view_sample import MINTER, corpus_store, make_article, make_entity, make_fact, write_store

from kg.errors import QueryError, StoreError
from kg.ontology import load_ontology
from kg.sparql import declare_prefixes, substitute
from kg.store import Dataset, open_store
from kg.view import read_graph, read_neighbourhood

E = "http://example.org/"
DATA = ':a :p 1 , "two\\n\\"three\\""@en . :b :p :a . :g { :a :p 2 . } :h { :a :p 2 . }'
A, P, G = NamedNode(f"{E}a"), NamedNode(f"{E}p"), NamedNode(f"{E}g")


@pytest.fixture
def served(tmp_path):
    make_store(DATA).back_up(tmp_path / "store")
    with running(tmp_path / "store", write=True) as address:
        yield f"{address}sparql"


@pytest.fixture
def near(tmp_path):
    return make_store(DATA)


@pytest.fixture
def far(served, monkeypatch):
    monkeypatch.setenv("KG_TOKEN", TOKEN)
    return open_store(served)


QUERIES = [
    "SELECT * { ?s <http://example.org/p> ?o } ORDER BY STR(?o)",
    "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
    "PREFIX : <http://example.org/> SELECT ?x { :b :p ?x FILTER(ISIRI(?x)) }",
    "SELECT ?c { BIND(kg:Company AS ?c) # kg:Person\n }",
    "SELECT ?x { BIND('kg:none' AS ?x) }",
]


@pytest.mark.parametrize("text", QUERIES)
def test_rows_are_the_same(near, far, text):
    expected, found = near.select(text), far.select(text)
    assert found.variables == expected.variables
    names = [v.value for v in expected.variables]
    assert [[row[n] for n in names] for row in found] == [
        [row[n] for n in names] for row in expected
    ]


def test_yes_no_and_graphs_are_the_same(near, far):
    assert bool(far.query("ASK { ?s ?p 1 }")) is True
    assert bool(far.query("ASK { ?s ?p 7 }")) is False
    for text in ("CONSTRUCT WHERE { ?s ?p ?o }", f"DESCRIBE <{E}a>"):
        assert set(far.query(text)) == set(near.query(text))


@pytest.mark.parametrize("value", [A, Literal(1), Literal('two\n"three"', language="en")])
def test_terms_stand_for_variables(near, far, value):
    for text in (
        "SELECT ?s ?x { ?s ?p ?x FILTER(?x = ?x) } ORDER BY ?s",
        "SELECT ?x (COUNT(?s) AS ?n) { { ?s ?p ?x } UNION { GRAPH ?g { ?s ?p ?x } } } GROUP BY ?x",
    ):
        asked = {"x": value}
        expected = [str(row) for row in near.select(text, substitutions=asked)]
        assert [str(row) for row in far.select(text, substitutions=asked)] == expected
    text = "CONSTRUCT { ?x <a:b> ?s } WHERE { ?s ?p ?x }"
    if isinstance(value, NamedNode):
        expected_graph = set(near.query(text, substitutions={"x": value}))
        assert set(far.query(text, substitutions={"x": value})) == expected_graph


def test_a_term_cannot_say_more_than_a_term(far):
    hostile = Literal('" } ; DROP ALL #\n')
    assert list(far.select("SELECT ?x { ?s ?p ?x }", substitutions={"x": hostile})) == []
    assert len(far) == 5


def test_quads_graphs_and_size_are_the_same(near, far):
    assert len(far) == len(near) == 5
    assert set(far.graphs()) == set(near.graphs()) == {f"{E}g", f"{E}h"}
    for pattern in (
        {},
        {"subject": A},
        {"predicate": P, "object_": Literal(2)},
        {"graph": DefaultGraph()},
        {"graph": G},
        {"subject": A, "graph": G},
        {"object_": A, "graph": DefaultGraph()},
    ):
        assert set(far.quads(**pattern)) == set(near.quads(**pattern)), pattern


def test_a_dataset_is_asked(far):
    text = "SELECT * { ?s ?p ?o }"
    assert len(list(far.select(text))) == 3
    assert len(list(far.query(text, dataset=Dataset(default=(f"{E}g",))))) == 1


def test_everything_is_written_out(near, far):
    for graph in (None, G):
        outputs = []
        for store in (near, far):
            output = io.BytesIO()
            store.dump(output, format_=ox.RdfFormat.N_QUADS, graph=graph)
            outputs.append(sorted(output.getvalue().splitlines()))
        assert outputs[0] == outputs[1]


def test_changes_are_made_at_once(far):
    new, old = Quad(A, P, Literal("new"), G), Quad(A, P, Literal(2), G)
    far.apply(added=[new], removed=[old])
    assert set(far.quads(graph=G)) == {new}
    far.update("INSERT DATA { kg:x a kg:Company }")
    assert bool(far.query("ASK { kg:x a kg:Company }"))


def test_who_has_no_token_or_only_reads_changes_nothing(served, monkeypatch):
    monkeypatch.delenv("KG_TOKEN", raising=False)
    with pytest.raises(QueryError, match="401"):
        open_store(served).update("CLEAR ALL")
    monkeypatch.setenv("KG_TOKEN", TOKEN)
    with pytest.raises(QueryError, match="reading only"):
        open_store(served, read_only=True).update("CLEAR ALL")
    assert len(open_store(served)) == 5


def test_what_the_server_refuses_is_told(far):
    with pytest.raises(QueryError, match="line 1"):
        far.select("SELECT * { ?s ?p }")
    with pytest.raises(QueryError, match="SERVICE"):
        far.select("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")


@pytest.mark.parametrize("address", ["ftp://x/", "http://", "http://[x/", "file:///etc/passwd"])
def test_other_addresses_are_refused(address):
    with pytest.raises(StoreError):
        open_store(address)


def test_a_server_that_is_not_there_is_told():
    with pytest.raises(QueryError, match="does not answer"):
        open_store("http://127.0.0.1:9/sparql").select("SELECT * {}")


def test_the_token_stays_with_the_server_it_is_for(monkeypatch):
    heard = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append((self.path, self.headers["Authorization"]))
            self.send_response(307)
            self.send_header("Location", "/other")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        monkeypatch.setenv("KG_TOKEN", "sesame")
        address = f"http://ann:b%20c@127.0.0.1:{server.server_port}/q"
        with pytest.raises(QueryError):
            open_store(address).select("SELECT * {}")
        with pytest.raises(QueryError):
            open_store(address.replace("ann:b%20c@", "")).select("SELECT * {}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert heard == [("/q", "Basic YW5uOmIgYw=="), ("/q", "Bearer sesame")]


def test_the_page_reads_a_server(tmp_path):
    ontology = load_ontology()
    one, other = make_entity("Norwind", "Company"), make_entity("Halden", "Company")
    article = make_article("a1", title="Wind", published="2021-03-04")
    fact = make_fact(one, "partnerOf", other, ("a1", "Norwind works with Halden."))
    near = write_store([article], [one, other], [fact], ontology)
    near.back_up(tmp_path / "store")
    with running(tmp_path / "store") as address:
        far = open_store(f"{address}sparql", read_only=True)
        assert read_graph(far, ontology) == read_graph(near, ontology)
        around = read_neighbourhood(far, ontology, [one.iri], hops=1)
        assert around == read_neighbourhood(near, ontology, [one.iri], hops=1)
        assert MINTER.base in one.iri


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ASK { ?x a ?y }", "ASK { VALUES ?x { 1 } 1 a ?y }"),
        ("SELECT ?x { $x ?p ?xy }", "SELECT ?x { VALUES ?x { 1 } 1 ?p ?xy }"),
        (
            "CONSTRUCT { ?x a ?y } WHERE { ?x a ?y }",
            "CONSTRUCT { 1 a ?y } WHERE { VALUES ?x { 1 } 1 a ?y }",
        ),
        ("ASK { ?a ?b '?x' } # ?x", "ASK { VALUES ?x { 1 } ?a ?b '?x' } # ?x"),
    ],
)
def test_substitution_replaces_variables_within_braces(text, expected):
    assert substitute(text, {"x": "1"}) == expected


def test_prefixes_in_use_are_declared():
    prefixes = {"a": "http://a/", "b": "http://b/"}
    text = "PREFIX b: <http://c/> SELECT * { a:x b:y 'a:z' , c:d }"
    assert declare_prefixes(text, prefixes) == f"PREFIX a: <http://a/>\n{text}"


@pytest.fixture(scope="module")
def news(tmp_path_factory):
    """A store in a folder, and the address of a server with the same."""
    folder = tmp_path_factory.mktemp("news") / "store"
    corpus_store().back_up(folder)
    with running(folder) as address:
        yield str(folder), f"{address}sparql"


@pytest.mark.parametrize("name", [*PRINTING, *WRITING])
def test_commands_answer_from_a_server(news, tmp_path, name):
    near, far = (answer(name, store, tmp_path) for store in news)
    assert near
    assert far == near
