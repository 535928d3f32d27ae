"""What every response of the service says, and what it refuses."""

from __future__ import annotations

import gzip
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from serve_sample import RESULTS, TOKEN, Client, make_service, rows_of

from kg.errors import StoreError
from kg.serve import Limits, LocalEngine, Request, Service, handle
from kg.serve.negotiation import choose
from kg.store import MEMORY, open_store

MANY = "".join(f":s{i} :p {i} .\n" for i in range(500))
ALL = "SELECT * { ?s ?p ?o } ORDER BY ?o"


@pytest.fixture
def client() -> Client:
    return Client(make_service(MANY))


@pytest.mark.parametrize(
    "target", ["/", "/sparql?query=ASK%7B%7D", "/sparql?query=ASK", "/graph-store?default", "/none"]
)
def test_every_response_has_strict_headers(client, target):
    headers = client.get(target).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe-eval" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-cache"


def test_unknown_paths_and_methods_are_told(client):
    assert client.get("/none").status == 404
    assert client.get("/sparql/none").status == 404
    wrong = client("PATCH", "/sparql")
    assert (wrong.status, wrong.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, POST")


def test_etags_tell_representations_apart_and_states_alike(client):
    tags = {
        accept: client.query(ALL, accept=accept, accept_encoding=coding).headers["ETag"]
        for accept, coding in (("text/csv", ""), (RESULTS, ""), (RESULTS, "gzip"))
    }
    plain = client.query(ALL, accept=RESULTS).headers["ETag"]
    packed = client.query(ALL, accept=RESULTS, accept_encoding="gzip").headers["ETag"]
    assert len({*tags.values(), plain, packed}) == 3
    writer = Client(make_service(MANY, write=True))
    before = writer.query(ALL).headers["ETag"]
    assert before == client.query(ALL).headers["ETag"]
    writer.update("CLEAR ALL")
    assert writer.query(ALL).headers["ETag"] != before


@pytest.mark.parametrize("form", ["{0}", "W/{0}", '"x", {0}', "*"])
def test_if_none_match_is_answered_with_not_modified(client, form):
    tag = client.query(ALL).headers["ETag"]
    response = client.query(ALL, if_none_match=form.format(tag))
    assert (response.status, response.body) == (304, b"")
    assert response.headers["ETag"] == tag
    assert client.query(ALL, if_none_match='"x"').status == 200


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("*", True), ("gzip;q=0", False), ("br", False)],
)
def test_bodies_are_compressed_for_those_who_can_read_it(client, accepted, packed):
    response = client.query(ALL, accept_encoding=accepted)
    assert (response.headers.get("Content-Encoding") == "gzip") is packed
    body = gzip.decompress(response.body) if packed else response.body
    assert body == client.query(ALL).body
    assert "Accept-Encoding" in response.headers["Vary"]


def test_pages_of_other_origins_may_read_where_that_is_wanted():
    service = make_service()
    assert Client(service).get("/sparql").headers["Access-Control-Allow-Origin"] == "*"
    closed = Service(service.engine, service.limits, service.ontology, cors="")
    headers = Client(closed)("OPTIONS", "/sparql").headers
    assert not [name for name in headers if name.startswith("Access-Control")]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://127.0.0.1:9/sparql> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT <http://127.0.0.1:9/sparql> { ?s ?p ?o } }",
        "SELECT * { BIND(<http://127.0.0.1:9/> AS ?x) SERVICE ?x { ?s ?p ?o } }",
        "SELECT * { { SELECT * { sErViCe <http://127.0.0.1:9/> { ?s ?p ?o } } } }",
        "ASK { FILTER EXISTS { SERVICE # and\n<http://127.0.0.1:9/> { ?s ?p ?o } } }",
        "PREFIX s: <http://127.0.0.1:9/> ASK { SERVICE s:x { ?s ?p ?o } }",
        "BASE <http://127.0.0.1:9/> ASK { SERVICE <x> { ?s ?p ?o } }",
    ],
)
@pytest.mark.parametrize("hosts", [(), ("data.example",)])
def test_no_query_reaches_another_server(text, hosts):
    client = Client(make_service(hosts=hosts))
    assert client.query(text).status == 403
    assert client.form(query=text).status == 403


@pytest.mark.parametrize(
    "text",
    [
        "LOAD <http://127.0.0.1:9/data.ttl>",
        "LOAD SILENT <http://127.0.0.1:9/data.ttl> INTO GRAPH <http://example.org/g>",
        "CLEAR ALL;load <http://127.0.0.1:9/data.ttl>",
        "LOAD <file:///etc/hostname>",
        "LOAD <http://data.example:9/x>",
        "LOAD <http://data.example@127.0.0.1:9/x>",
        "LOAD <http://data.example.evil.example/x>",
        "INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    ],
)
@pytest.mark.parametrize("hosts", [(), ("data.example",)])
def test_no_update_reaches_another_server(text, hosts):
    client = Client(make_service(":a :p 1 .", write=True, hosts=hosts))
    assert client.update(text).status == 403
    assert client.ask("ASK { ?s ?p ?o }")


def test_a_server_that_is_allowed_by_name_is_asked():
    # Nobody listens there: the request is let through and fails, silently as it says.
    client = Client(make_service(hosts=("127.0.0.1:59999",)))
    text = "SELECT * { SERVICE SILENT <http://127.0.0.1:59999/> { ?s ?p ?o } }"
    assert client.query(text).status == 200


@pytest.mark.parametrize(
    "text",
    [
        'ASK { BIND("SERVICE <http://x/>" AS ?x) }',
        "ASK { } # SERVICE <http://x/>",
        "ASK { ?service <http://example.org/service> ?load }",
    ],
)
def test_words_in_texts_and_names_are_no_calls(client, text):
    assert client.query(text).status == 200


def test_from_never_fetches(client):
    text = "ASK FROM <http://127.0.0.1:9/data.ttl> { ?s ?p ?o }"
    assert json.loads(client.query(text).body)["boolean"] is False


@pytest.mark.parametrize(
    "accept", [RESULTS, "application/sparql-results+xml", "text/csv", "text/tab-separated-values"]
)
def test_answers_have_so_many_rows_at_most(accept):
    data = ':a :p "one\\ntwo,{\\"x\\":{", "<result>" , "three" .'
    fits, exceeds = (Client(make_service(data, rows=rows)) for rows in (3, 2))
    assert fits.query(ALL, accept=accept).status == 200
    response = exceeds.query(ALL, accept=accept)
    assert response.status == 413
    assert "LIMIT" in json.loads(response.body)["detail"]
    assert exceeds.query("SELECT * { ?s ?p ?o } LIMIT 2", accept=accept).status == 200


def test_graphs_have_so_many_triples_at_most():
    client = Client(make_service(MANY, rows=100))
    assert client.query("CONSTRUCT WHERE { ?s ?p ?o }").status == 413
    assert client.get("/graph-store?default").status == 413
    assert client.query("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 100").status == 200


def test_answers_without_bound_are_cut_off_while_they_are_written():
    client = Client(make_service(MANY, rows=1000))
    assert client.query("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }").status == 413


def test_long_bodies_are_refused():
    client = Client(make_service(write=True, body=100))
    assert client.update("#" * 101).status == 413


@pytest.mark.parametrize(
    "text",
    [
        'ASK { FILTER(REGEX("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a+)+$")) }',
        "SELECT * { ?s ?p \ud800 }",
        "\x00",
        "SELECT ?s { ?s ?p ?o } LIMIT 99999999999999999999999",
    ],
)
def test_hostile_queries_are_answered_or_refused(client, text):
    body = text.encode("utf-8", "surrogatepass")
    response = client("POST", "/sparql", body, content_type="application/sparql-query")
    assert response.status in (200, 400)


@given(st.binary(max_size=200), st.text(max_size=40), st.text(max_size=40))
def test_no_request_makes_it_fail(body, target, header):
    client = Client(SERVICE)
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"):
        for path in (f"/{target}", f"/sparql?{target}", f"/graph-store?graph={target}"):
            headers = {
                "accept": header,
                "authorization": f"Bearer {header}",
                "content-type": header or "application/sparql-query",
                "accept-encoding": header,
                "if-none-match": header,
            }
            response = client(method, path, body, **headers)
            assert response.status < 500, (method, path, response.body)


SERVICE = make_service(":a :p 1 .", write=True)


def test_failures_tell_nothing_of_the_machinery(tmp_path):
    class Broken(LocalEngine):
        def read(self, job):
            raise StoreError(f"{tmp_path}/db: Input/output error")

    service = Service(Broken(open_store(MEMORY), Limits()))
    response = handle(Request("GET", "/sparql", "query=ASK%7B%7D"), service)
    assert response.status == 500
    assert str(tmp_path).encode() not in response.body


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "a/one"),
        ("a/two", "a/two"),
        ("a/*", "a/one"),
        ("b/*;q=0.2, a/one;q=0.1", "b/three"),
        ("a/two;q=0.5, */*;q=0.5", "a/one"),
        ("*/*, a/one;q=0", "a/two"),
        ("c/four", None),
        ("a/one;q=0", None),
        ("a/one;q=nonsense, b/three", "b/three"),
        ("a/one;level=1", "a/one"),
        (",,;", "a/one"),
    ],
)
def test_choosing_follows_what_the_client_says(accept, expected):
    offers = ("a/one", "a/two", "b/three")
    assert choose(accept, offers) == (expected if accept != ",,;" else None)


class TestGraphStore:
    """Graph Store HTTP Protocol."""

    token = {"authorization": f"Bearer {TOKEN}"}  # noqa: RUF012 # never changed
    turtle = {**token, "content_type": "text/turtle; charset=utf-8"}  # noqa: RUF012 # nor this

    @pytest.fixture
    def writer(self) -> Client:
        return Client(make_service(":g { :a :p 1 , 2 } :a :p 0 .", write=True))

    def test_graphs_are_read(self, writer):
        graph = "/graph-store?graph=http%3A%2F%2Fexample.org%2Fg"
        for accept in ("text/turtle", "application/n-triples", "application/ld+json"):
            response = writer.get(graph, accept=accept)
            assert response.status == 200
            assert response.headers["Content-Type"].startswith(accept)
        assert writer.get(graph, accept="application/n-triples").body.count(b"\n") == 2
        default = writer.get("/graph-store?default", accept="application/n-triples")
        assert default.body.count(b"\n") == 1
        assert writer("HEAD", graph).status == 200

    def test_what_is_not_there_is_not_found(self, writer):
        for method in ("GET", "HEAD", "DELETE"):
            response = writer(method, "/graph-store?graph=http%3A%2F%2Fx%2F", **self.token)
            assert response.status == 404
        assert writer.get("/graph-store/none").status == 404

    @pytest.mark.parametrize(
        "target",
        [
            "/graph-store?default&graph=http%3A%2F%2Fx%2F",
            "/graph-store?graph=",
            "/graph-store?graph=relative",
            "/graph-store?graph=a%3Ab&graph=a%3Ac",
            "/graph-store?graph=http%3A%2F%2Fx%3E%20%3B%20DROP%20ALL",
        ],
    )
    def test_requests_that_name_no_one_graph_are_refused(self, writer, target):
        for method in ("GET", "PUT", "DELETE"):
            assert writer(method, target, **self.turtle).status == 400
        assert writer.ask("ASK { ?s ?p ?o }")

    def test_put_replaces_and_post_adds(self, writer):
        default = "/graph-store?default"
        for target in ("/graph-store?graph=http%3A%2F%2Fx%2Fnew", "/graph-store/below", default):
            first = writer("PUT", target, "<a:s> <a:p> 1 , [ <a:q> 2 ] .", **self.turtle)
            assert first.status == (204 if target == default else 201)
            assert writer("PUT", target, "<a:s> <a:p> [ <a:q> 3 ] .", **self.turtle).status == 204
            assert writer("POST", target, "<a:s> <a:p> [ <a:q> 4 ] .", **self.turtle).status == 204
            body = writer.get(target, accept="application/n-triples").body
            assert (b'"1"' in body, b'"3"' in body, b'"4"' in body) == (False, True, True)
            assert body.count(b"\n") == 4

    def test_a_graph_below_the_store_has_its_address_as_its_name(self, writer):
        writer("PUT", "/graph-store/people/1.ttl", "<> <a:p> 1 .", **self.turtle)
        iri = "http://127.0.0.1/graph-store/people/1.ttl"
        assert writer.ask(f"ASK {{ GRAPH <{iri}> {{ <{iri}> <a:p> 1 }} }}")

    def test_the_whole_data_set_is_read_and_written(self, writer):
        quads = writer.get("/graph-store", accept="application/n-quads").body
        assert quads.count(b"\n") == 3
        assert writer.get("/graph-store").headers["Content-Type"] == "application/n-quads"
        assert writer.get("/graph-store", accept="text/turtle").status == 406
        trig = {**self.token, "content_type": "application/trig"}
        both = "_:x <a:p> 1 . <a:h> { _:x <a:p> 2 }"
        assert writer("POST", "/graph-store", both, **trig).status == 204
        assert writer.ask("ASK { ?x <a:p> 1 GRAPH <a:h> { ?x <a:p> 2 } }")
        nquads = {**self.token, "content_type": "application/n-quads"}
        assert writer("PUT", "/graph-store", quads, **nquads).status == 204
        assert sorted(writer.get("/graph-store").body.splitlines()) == sorted(quads.splitlines())
        assert not writer.ask("ASK { GRAPH <a:h> { ?s ?p ?o } }")
        assert writer("PUT", "/graph-store", "", **self.turtle).status == 415
        assert writer("DELETE", "/graph-store", **self.token).status == 400

    def test_a_blank_node_that_names_a_graph_becomes_an_iri(self, writer):
        trig = {**self.token, "content_type": "application/trig"}
        document = "_:g { _:x <a:p> 1 } _:g <a:by> _:x . [] { _:x <a:p> 2 }"
        for _ in range(2):
            assert writer("POST", "/graph-store", document, **trig).status == 204
        text = "SELECT ?g ?h { ?g <a:by> ?x GRAPH ?g { ?x <a:p> 1 } GRAPH ?h { ?x <a:p> 2 } }"
        rows = rows_of(writer.query(text))
        names = {row[name] for row in rows for name in ("g", "h")}
        assert len(rows) == 2
        assert len(names) == 4
        for name in names:
            assert name.startswith("http://127.0.0.1/.well-known/genid/")
            assert writer.get(f"/graph-store?graph={quote(name, safe='')}").status == 200

    def test_documents_of_one_form_share_no_blank_node(self, writer):
        part = b"--x\r\nContent-Type: text/turtle\r\n\r\n_:a <a:p> %d .\r\n"
        body = part % 1 + part % 2 + b"--x--\r\n"
        kind = {"content_type": "multipart/form-data; boundary=x"}
        assert writer("POST", "/graph-store/form", body, **self.token, **kind).status == 201
        assert not writer.ask("ASK { GRAPH ?g { ?a <a:p> 1 , 2 FILTER(ISBLANK(?a)) } }")
        assert writer.ask("ASK { GRAPH ?g { ?a <a:p> 1 . ?b <a:p> 2 } }")

    def test_an_empty_graph_is_one(self, writer):
        assert writer("PUT", "/graph-store/empty", "", **self.turtle).status == 201
        assert writer.get("/graph-store/empty").status == 200
        assert writer("DELETE", "/graph-store/empty", **self.token).status == 204
        assert writer.get("/graph-store/empty").status == 404

    def test_posting_to_the_store_makes_a_graph(self, writer):
        response = writer("POST", "/graph-store", "<a:s> <a:p> 1 .", **self.turtle)
        assert response.status == 201
        path = response.headers["Location"].removeprefix("http://127.0.0.1")
        assert writer.get(path, accept="application/n-triples").body.count(b"\n") == 1

    def test_several_documents_come_in_one_form(self, writer):
        body = (
            b'--x\r\nContent-Disposition: form-data; name="a"; filename="a.ttl"\r\n'
            b"Content-Type: text/turtle; charset=utf-8\r\n\r\n<a:s> <a:p> 1 .\r\n"
            b'--x\r\nContent-Disposition: form-data; name="b"; filename="b.nt"\r\n'
            b"Content-Type: application/n-triples\r\n\r\n<a:s> <a:p> <a:o> .\r\n--x--\r\n"
        )
        kind = {"content_type": "multipart/form-data; boundary=x"}
        assert writer("POST", "/graph-store/form", body, **self.token, **kind).status == 201
        body = writer.get("/graph-store/form", accept="application/n-triples").body
        assert body.count(b"\n") == 2

    @pytest.mark.parametrize(
        ("content_type", "body", "status"),
        [
            ("text/turtle", "<a:s> <a:p>", 400),
            ("text/turtle", "<a:s> <a:p> 1 . } ; DROP ALL", 400),
            ("image/png", "x", 415),
            ("application/trig", "<a:g> { <a:s> <a:p> 1 }", 400),
            ("application/n-quads", "<a:s> <a:p> <a:o> <a:g> .", 400),
            ("multipart/form-data", "x", 400),
            ("application/ld+json", '{"@context": "http://127.0.0.1:9/c", "@id": "a:b"}', 400),
        ],
    )
    def test_bad_documents_change_nothing(self, writer, content_type, body, status):
        for method in ("PUT", "POST"):
            response = writer(
                method, "/graph-store?default", body, **self.token, content_type=content_type
            )
            assert response.status == status
        assert writer.ask("ASK { <http://example.org/a> <http://example.org/p> 0 }")

    def test_nothing_is_changed_without_the_token(self, writer):
        for method in ("PUT", "POST", "DELETE"):
            assert writer(method, "/graph-store?default", "").status == 401
        reader = Client(make_service(":a :p 0 ."))
        for method in ("PUT", "POST", "DELETE"):
            assert reader(method, "/graph-store?default", "", **self.turtle).status == 403
        assert reader.ask("ASK { ?s ?p ?o }")
