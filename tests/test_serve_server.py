"""The service behind a socket on the loopback, over a store in a folder."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from click.testing import CliRunner
from rdflib import Graph
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore
from serve_sample import TOKEN, Client, make_store, rows_of

from kg.cli import main
from kg.errors import UsageError
from kg.serve import Limits, LocalEngine, Server, Service, open_engine

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"


@contextlib.contextmanager
def running(folder: Path, *, write: bool = False, **limits):
    chosen = Limits(**{"workers": 2, "seconds": 60, "body": 100_000, **limits})
    with contextlib.closing(open_engine(folder, chosen, writes=write)) as engine:
        service = Service(engine, chosen, token=TOKEN if write else "")
        server = Server(service)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            yield server.address
        finally:
            server.stop()
            thread.join()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    store = make_store("".join(f":s{i} :p {i} .\n" for i in range(300)))
    store.back_up(tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture
def address(folder):
    with running(folder) as found:
        yield found


@pytest.fixture
def writable(folder):
    with running(folder, write=True) as found:
        yield found


def ask(address: str, method: str, target: str, body: bytes | None = None, **headers: str):
    """Return status, headers by lower-case name, and body of a response."""
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
    with contextlib.closing(connection):
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, body, given)
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()


def test_a_query_is_answered(address):
    status, headers, body = ask(address, "GET", f"/sparql?query={quote('ASK {}')}")
    assert status == 200
    assert json.loads(body)["boolean"] is True
    assert "server" not in headers


def test_head_says_what_get_would_send(address):
    target = f"/sparql?query={quote('SELECT * { ?s ?p ?o }')}"
    status, headers, body = ask(address, "GET", target)
    head_status, head, nothing = ask(address, "HEAD", target)
    assert (status, head_status, nothing) == (200, 200, b"")
    for name in ("content-length", "content-type", "etag", "vary"):
        assert head[name] == headers[name]
    assert int(headers["content-length"]) == len(body)


def test_bodies_travel_compressed(address):
    target = f"/sparql?query={quote('SELECT * { ?s ?p ?o }')}"
    _, _, plain = ask(address, "GET", target)
    _, headers, packed = ask(address, "GET", target, accept_encoding="gzip, br")
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == plain
    assert len(packed) < len(plain)


def test_a_client_that_has_it_is_told_so(address):
    target = f"/sparql?query={quote('ASK {}')}"
    _, headers, _ = ask(address, "GET", target)
    status, again, body = ask(address, "GET", target, if_none_match=headers["etag"])
    assert (status, body) == (304, b"")
    assert again["etag"] == headers["etag"]


def test_long_bodies_are_refused_before_they_are_read(address):
    content_type = {"content_type": "application/sparql-query"}
    status, headers, _ = ask(address, "POST", "/sparql", b"#" * 100_001, **content_type)
    assert status == 413
    assert headers["content-type"] == "application/problem+json"
    place = urlsplit(address)
    with socket.create_connection((place.hostname, place.port), timeout=30) as client:
        client.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n"
            b"Content-Type: application/sparql-query\r\n\r\n"
        )
        assert b" 413 " in client.recv(1000)


def test_long_bodies_without_a_length_are_refused(address):
    place = urlsplit(address)
    with socket.create_connection((place.hostname, place.port), timeout=30) as client:
        client.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
            b"Content-Type: application/sparql-query\r\n\r\n"
        )
        with contextlib.suppress(ConnectionError):
            for _ in range(3):
                client.sendall(b"c350\r\n" + b"#" * 50_000 + b"\r\n")
        assert b" 413 " in client.recv(1000)


def test_a_query_without_end_is_stopped_while_others_are_answered(folder):
    with running(folder, seconds=2) as address, ThreadPoolExecutor(1) as other:
        endless = other.submit(ask, address, "GET", f"/sparql?query={quote(ENDLESS)}")
        answered = 0
        while not endless.done():
            assert ask(address, "GET", f"/sparql?query={quote('ASK {}')}")[0] == 200
            answered += 1
        status, headers, body = endless.result()
        assert answered > 1
        assert (status, headers["content-type"]) == (503, "application/problem+json")
        assert "stopped" in json.loads(body)["detail"]
        assert ask(address, "GET", f"/sparql?query={quote('ASK {}')}")[0] == 200


def test_two_hundred_readers_get_right_answers(address):
    wrong: list[int] = []

    def read(number: int) -> None:
        text = f"SELECT ?s {{ ?s <http://example.org/p> {number} }}"
        status, _, body = ask(address, "GET", f"/sparql?query={quote(text)}", accept="text/csv")
        if status != 200 or body.split()[1] != f"http://example.org/s{number}".encode():
            wrong.append(number)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_rdflib_reads(address):
    graph = Graph(SPARQLStore(f"{address}sparql"))
    assert len(list(graph.query("SELECT * { ?s ?p ?o }"))) == 300
    assert bool(graph.query("ASK { ?s ?p 7 }"))
    assert len(graph.query("CONSTRUCT WHERE { ?s ?p 7 }").graph) == 1


def test_rdflib_writes(writable):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    store = SPARQLUpdateStore(f"{writable}sparql", f"{writable}sparql", headers=headers)
    store.update("INSERT DATA { <http://example.org/new> <http://example.org/p> 300 }")
    assert len(list(store.query("SELECT * { ?s <http://example.org/p> ?o }"))) == 301


def test_a_server_that_is_allowed_by_name_answers_for_a_part(address):
    near, host = make_store(":s7 :name 'seven' ."), urlsplit(address).netloc
    limits = Limits(hosts=(host,))
    client = Client(Service(LocalEngine(near, limits), limits))
    service = f"SERVICE <{address}sparql> {{ ?s <http://example.org/p> ?number }}"
    found = client.query(f"SELECT ?number ?name {{ ?s <http://example.org/name> ?name {service} }}")
    assert rows_of(found) == [{"number": "7", "name": "seven"}]


def test_graphs_are_written_and_read(writable):
    target = "/graph-store/people.ttl"
    token = {"authorization": f"Bearer {TOKEN}", "content_type": "text/turtle"}
    assert ask(writable, "PUT", target, b"<a:a> <a:b> 1 .", **token)[0] == 201
    assert ask(writable, "PUT", target, b"<a:a> <a:b> 2 .", **token)[0] == 204
    status, headers, body = ask(writable, "GET", target, accept="application/n-triples")
    assert (status, headers["content-type"]) == (200, "application/n-triples")
    assert body.count(b"\n") == 1
    assert ask(writable, "DELETE", target, **token)[0] == 204
    assert ask(writable, "GET", target)[0] == 404


def test_other_sites_may_read_and_no_more(writable):
    origin = {"origin": "https://elsewhere.example"}
    _, headers, _ = ask(writable, "GET", f"/sparql?query={quote('ASK {}')}", **origin)
    assert headers["access-control-allow-origin"] == "*"
    status, headers, _ = ask(writable, "OPTIONS", "/sparql", **origin)
    assert status == 204
    assert "authorization" not in headers["access-control-allow-headers"].lower()
    assert "PUT" not in headers["access-control-allow-methods"]


def test_a_taken_port_is_told(folder, address):
    limits = Limits()
    with (
        contextlib.closing(open_engine(folder, limits)) as engine,
        pytest.raises(UsageError, match="use --port"),
    ):
        Server(Service(engine, limits), port=urlsplit(address).port)


def test_the_command_answers_one_request(folder):
    arguments = ["serve", "--store", str(folder), "--accept", "text/csv", "--get"]
    count = "/sparql?query=SELECT%20(COUNT(*)%20AS%20?n)%20%7B%20?s%20?p%20?o%20%7D"
    answered = CliRunner().invoke(main, [*arguments, count])
    assert (answered.exit_code, answered.stdout.split()) == (0, ["n", "300"])
    refused = CliRunner().invoke(main, [*arguments, "/sparql?query=ASK"])
    assert refused.exit_code == 2
    assert "400" in refused.stderr


def test_the_command_needs_a_store(tmp_path):
    refused = CliRunner().invoke(main, ["serve", "--store", str(tmp_path / "none")])
    assert refused.exit_code == 2
    assert "kg build" in refused.stderr


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_stopped(folder, sent):
    command = [sys.executable, "-m", "kg", "serve", "--store", str(folder), "--port", "0"]
    environment = {**os.environ, "KG_TOKEN": TOKEN}
    process = subprocess.Popen(
        [*command, "--write"], stderr=subprocess.PIPE, text=True, env=environment
    )
    assert process.stderr is not None
    with process, process.stderr as told:
        address = re.search(r"http://127\.0\.0\.1:\d+/", told.readline())
        assert address is not None
        assert ask(address[0], "GET", f"/sparql?query={quote('ASK {}')}")[0] == 200
        process.send_signal(sent)
        assert process.wait(timeout=60) == 0
        rest = told.read()
        assert "Traceback" not in rest
        assert TOKEN not in rest
    assert {path.name for path in folder.iterdir()} == {"db", "format"}


@pytest.mark.parametrize("missing", ["starlette.applications", "uvicorn"])
def test_what_is_not_installed_is_named(folder, missing, monkeypatch):
    monkeypatch.setitem(sys.modules, missing, None)
    refused = CliRunner().invoke(main, ["serve", "--store", str(folder), "--port", "0"])
    assert refused.exit_code == 2
    assert "pip install 'kg-builder[serve]'" in refused.stderr
