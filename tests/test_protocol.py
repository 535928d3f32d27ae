"""SPARQL 1.1 Protocol, through the function that answers requests."""

from __future__ import annotations

import json
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from serve_sample import TOKEN, Client, make_service, rows_of

from kg.vocab import RDF, SD

DATA = """
:a :p 1 . :b :p 2 .
:one { :one a :Document . :x :in :one . }
:two { :two a :Document . :x :in :two . }
:three { :three a :Document . }
"""
E = "http://example.org/"
ONE, TWO, THREE = (quote(f"{E}{name}") for name in ("one", "two", "three"))


@pytest.fixture
def client() -> Client:
    return Client(make_service(DATA))


@pytest.fixture
def writer() -> Client:
    return Client(make_service(DATA, write=True))


def test_query_by_get_form_and_body_answer_alike(client):
    text = "SELECT ?o { ?s <http://example.org/p> ?o } ORDER BY ?o"
    by_get = client.query(text)
    by_form = client.form(query=text)
    by_body = client("POST", "/sparql", text, content_type="application/sparql-query")
    assert rows_of(by_get) == [{"o": "1"}, {"o": "2"}]
    assert by_get.body == by_form.body == by_body.body


def test_prefixes_of_the_project_need_no_declaration(client):
    assert client.ask("ASK { BIND(kg:Company AS ?c) FILTER(ISIRI(?c)) }") is True


def test_relative_iris_are_those_of_the_endpoint(client):
    found = rows_of(client.query("SELECT ?x { BIND(<x> AS ?x) }"))
    assert found == [{"x": "http://127.0.0.1/x"}]


@pytest.mark.parametrize(
    ("graphs", "text", "expected"),
    [
        (f"default-graph-uri={ONE}", "ASK { :one a :Document }", True),
        (f"default-graph-uri={ONE}", "ASK { :a :p 1 }", False),
        (f"default-graph-uri={ONE}", "ASK { GRAPH ?g { ?s ?p ?o } }", False),
        (
            f"default-graph-uri={ONE}&default-graph-uri={TWO}",
            "ASK { :one a ?t . :two a ?t }",
            True,
        ),
        (f"named-graph-uri={ONE}", "ASK { GRAPH ?g { :one a ?t } }", True),
        (f"named-graph-uri={ONE}", "ASK { GRAPH ?g { :two a ?t } }", False),
        (f"named-graph-uri={ONE}", "ASK { ?s ?p ?o }", False),
        (
            f"default-graph-uri={THREE}&named-graph-uri={ONE}",
            "ASK { :three a ?t GRAPH ?g { :one a ?t } }",
            True,
        ),
        (
            f"default-graph-uri={THREE}",
            "ASK FROM :one { :one a ?t }",
            False,
        ),
    ],
)
def test_the_dataset_of_the_request_holds(client, graphs, text, expected):
    text = f"PREFIX : <{E}> {text}"
    by_get = client.get(f"/sparql?query={quote(text)}&{graphs}")
    by_body = client("POST", f"/sparql?{graphs}", text, content_type="application/sparql-query")
    by_form = client(
        "POST",
        "/sparql",
        f"query={quote(text)}&{graphs}",
        content_type="application/x-www-form-urlencoded",
    )
    for response in (by_get, by_body, by_form):
        assert json.loads(response.body)["boolean"] is expected


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv", "text/csv"),
        ("text/tab-separated-values, text/csv;q=0.9", "text/tab-separated-values"),
        ("text/csv;q=0.1, application/xml", "application/xml"),
        ("text/*", "text/csv"),
        ("application/json", "application/json"),
        ("*/*;q=0.1, text/csv;q=0", "application/sparql-results+json"),
        ("TEXT/CSV", "text/csv"),
    ],
)
def test_results_come_in_the_format_asked_for(client, accept, media_type):
    for text in ("SELECT * { ?s ?p ?o }", "ASK {}"):
        response = client.query(text, accept=accept)
        assert response.status == 200
        assert response.headers["Content-Type"].partition(";")[0] == media_type
        assert "Accept" in response.headers["Vary"]


@pytest.mark.parametrize("media_type", ["text/csv", "application/sparql-results+xml"])
def test_every_format_holds_the_same_rows(client, media_type):
    body = client.query("SELECT ?o { ?s <http://example.org/p> ?o }", accept=media_type).body
    assert b"1" in body
    assert b"2" in body


@pytest.mark.parametrize(
    "media_type",
    [
        "text/turtle",
        "application/n-triples",
        "application/rdf+xml",
        "application/ld+json",
        "application/trig",
        "application/n-quads",
    ],
)
@pytest.mark.parametrize(
    "text", ["CONSTRUCT WHERE { ?s <http://example.org/p> ?o }", f"DESCRIBE <{E}a> <{E}b>"]
)
def test_graphs_come_in_the_format_asked_for(client, text, media_type):
    response = client.query(text, accept=media_type)
    assert response.headers["Content-Type"].partition(";")[0] == media_type
    format_ = ox.RdfFormat.from_media_type(media_type)
    assert format_ is not None
    found = {quad.subject.value for quad in ox.parse(response.body, format=format_)}
    assert found == {f"{E}a", f"{E}b"}


@pytest.mark.parametrize(("name", "media_type"), [("csv", "text/csv"), ("n3", "text/turtle")])
def test_a_link_can_name_the_format(client, name, media_type):
    text = quote("SELECT * { ?s ?p ?o }" if name == "csv" else "DESCRIBE <a:b>")
    response = client.get(f"/sparql?query={text}&format={name}", accept="text/turtle")
    assert response.headers["Content-Type"].partition(";")[0] == media_type


def test_what_no_format_fits_is_not_acceptable(client):
    response = client.query("ASK {}", accept="image/png")
    assert response.status == 406
    assert "text/csv" in json.loads(response.body)["detail"]


@pytest.mark.parametrize(
    ("method", "target", "content_type", "body", "status"),
    [
        ("PUT", "/sparql?query=ASK%20%7B%7D", "", b"", 405),
        ("DELETE", "/sparql?query=ASK%20%7B%7D", "", b"", 405),
        ("PATCH", "/sparql", "", b"", 405),
        ("GET", "/sparql?query=ASK%20%7B%7D&query=SELECT%20*%20%7B%7D", "", b"", 400),
        ("GET", "/sparql?query=ASK%20%7B", "", b"", 400),
        ("GET", "/sparql?query=", "", b"", 400),
        ("GET", "/sparql?query=%FF", "", b"", 400),
        ("GET", "/sparql?query=CLEAR%20ALL", "", b"", 400),
        ("GET", "/sparql?update=CLEAR%20ALL", "", b"", 405),
        ("GET", "/sparql?query=ASK%7B%7D&default-graph-uri=not%20an%20iri", "", b"", 400),
        ("POST", "/sparql", "text/plain", b"ASK {}", 415),
        ("POST", "/sparql", "", b"query=ASK%20%7B%7D", 415),
        ("POST", "/sparql", "", b"ASK {}", 415),
        ("POST", "/sparql", "application/json", b'{"query": "ASK {}"}', 415),
        ("POST", "/sparql", "application/sparql-query; charset=UTF-16", b"A\0S\0K\0", 415),
        ("POST", "/sparql", "application/sparql-query", b"ASK { \xff }", 400),
        ("POST", "/sparql?query=ASK%7B%7D", "application/sparql-query", b"ASK {}", 400),
        ("POST", "/sparql", "application/x-www-form-urlencoded", b"", 400),
        ("POST", "/sparql", "application/x-www-form-urlencoded", b"query=ASK%7B%7D&update=", 400),
        ("POST", "/sparql", "application/x-www-form-urlencoded", b"update=CLEAR+ALL", 403),
        ("POST", "/sparql", "application/sparql-update", b"CLEAR ALL", 403),
    ],
)
def test_bad_requests_are_told_why(client, method, target, content_type, body, status):
    headers = {"content_type": content_type} if content_type else {}
    response = client(method, target, body, **headers)
    assert response.status == status
    assert response.headers["Content-Type"] == "application/problem+json"
    told = json.loads(response.body)
    assert told["status"] == status
    assert told["title"]
    assert client.ask("ASK { ?s ?p ?o }"), "nothing was changed"


def test_syntax_errors_say_where(client):
    told = json.loads(client.query("SELECT * {\n  ?s foo:p ?o }").body)
    assert "foo:" in told["detail"]
    assert "line 2" in told["detail"]


def test_update_needs_the_token(writer):
    for given in ("", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN):
        response = writer.update("CLEAR ALL", authorization=given)
        assert response.status == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert writer.ask("ASK { ?s ?p ?o }")
    assert writer.update("CLEAR DEFAULT", authorization=f"bearer {TOKEN}").status == 204
    assert not writer.ask("ASK { ?s ?p ?o }")


def test_update_by_form(writer):
    assert writer.form(update=f"INSERT DATA {{ <{E}n> <{E}p> 3 }}").status == 204
    assert writer.ask(f"ASK {{ <{E}n> <{E}p> 3 }}")


@pytest.mark.parametrize("update", ["CLEAR XYZ", "", "INSERT DATA { ?s ?p ?o }", "ASK {}"])
def test_bad_updates_change_nothing(writer, update):
    before = writer.query("SELECT * { ?s ?p ?o } ORDER BY ?s").body
    assert writer.form(update=f"DROP ALL ; {update}" if update else "SELECT").status == 400
    assert writer.query("SELECT * { ?s ?p ?o } ORDER BY ?s").body == before


def test_several_updates_are_refused(writer):
    assert writer.form(update=["CLEAR NAMED", "CLEAR DEFAULT"]).status == 400


def test_relative_iris_in_updates_are_those_of_the_endpoint(writer):
    writer.update(f"INSERT DATA {{ <{E}s> <{E}p> <test> }}")
    assert writer.ask(f"ASK {{ <{E}s> <{E}p> ?o FILTER(ISIRI(?o) && STR(?o) != 'test') }}")


@pytest.mark.parametrize(
    ("graphs", "pattern", "found"),
    [
        (f"using-graph-uri={ONE}", "?s a :Document", {"one"}),
        (f"using-graph-uri={ONE}&using-graph-uri={TWO}", "?s a :Document", {"one", "two"}),
        (
            f"using-named-graph-uri={ONE}&using-named-graph-uri={THREE}",
            "GRAPH ?g { ?s a :Document }",
            {"one", "three"},
        ),
        (
            f"using-graph-uri={ONE}&using-named-graph-uri={TWO}",
            "{ ?s a :Document } UNION { SELECT ?s WHERE { GRAPH ?g { ?s a :Document } } }",
            {"one", "two"},
        ),
    ],
)
def test_updates_ask_the_graphs_of_the_request(writer, graphs, pattern, found):
    text = f"""PREFIX : <{E}> # WHERE is a word in comments
      INSERT DATA {{ :w :says "WHERE {{" }} ;
      INSERT {{ GRAPH :new {{ ?s a :Found }} }} WHERE {{ {pattern} }} ;
      DELETE WHERE {{ :w :says ?text }}"""
    assert writer.update(text, f"/sparql?{graphs}").status == 204
    rows = rows_of(writer.query(f"SELECT ?s {{ GRAPH <{E}new> {{ ?s a ?t }} }}"))
    assert {row["s"].removeprefix(E) for row in rows} == found


@pytest.mark.parametrize("head", ["WITH :one INSERT { :x :y 1 }", "INSERT { :x :y 1 } USING :one"])
def test_two_datasets_for_one_update_are_refused(writer, head):
    text = f"PREFIX : <{E}> {head} WHERE {{ ?s ?p ?o }}"
    assert writer.update(text, f"/sparql?using-graph-uri={TWO}").status == 400


def test_an_iri_of_the_request_cannot_say_more_than_an_iri(writer):
    graph = quote("http://x> WHERE { } ; DROP ALL #")
    response = writer.update(
        "INSERT { <a:b> <a:b> 1 } WHERE {}", f"/sparql?using-graph-uri={graph}"
    )
    assert response.status == 400
    assert writer.ask("ASK { ?s ?p ?o }")


@pytest.mark.parametrize("accept", ["", "text/turtle", "application/rdf+xml", "*/*"])
def test_the_endpoint_describes_itself(client, accept):
    response = client.get("/sparql", accept=accept)
    media_type = response.headers["Content-Type"].partition(";")[0]
    format_ = ox.RdfFormat.from_media_type(media_type)
    assert format_ is not None
    triples = [quad.triple for quad in ox.parse(response.body, format=format_)]
    said = {(t.predicate.value, t.object.value) for t in triples}
    assert (f"{SD}endpoint", "http://127.0.0.1/sparql") in said
    assert (f"{RDF}type", f"{SD}Service") in said
    assert (f"{SD}supportedLanguage", f"{SD}SPARQL11Query") in said
    assert (f"{SD}supportedLanguage", f"{SD}SPARQL11Update") not in said
    datasets = [t for t in triples if t.predicate.value == f"{SD}defaultDataset"]
    assert len(datasets) == 1


def test_a_service_that_is_written_to_says_so(writer):
    assert b"SPARQL11Update" in writer.get("/sparql", accept="text/turtle").body


def test_browsers_are_sent_to_the_editor(client):
    response = client.get("/sparql", accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert (response.status, response.headers["Location"]) == (303, "/")
