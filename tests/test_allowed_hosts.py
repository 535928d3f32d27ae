"""`kg build` and `kg extract` visit a private host only where it is allowed by name."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from kg.cli import main

PAGE = b"""<!DOCTYPE html><html lang="en"><head><title>Sails for the fjord</title></head><body>
<article><h1>Sails for the fjord</h1><p>Quillon Oy has partnered with the boat builder Halden
Marine, the two companies said on Friday. Quillon Oy is based in Tampere, Finland, and makes
sails for small ferries. The chief executive of Quillon Oy, Aino Rautio, was glad of it.</p>
<p>The first ferries with the new sails are to cross the fjord in the spring, weather and
harbour masters permitting, and more are to follow where the wind is fair.</p></article>
</body></html>"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a page on this machine, which is a private network of its own."""

    class Answerer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_page = self.path == "/story"
            self.send_response(200 if is_page else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(PAGE if is_page else b"")

        def log_message(self, *told: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answerer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_address[1]}/story"
        server.shutdown()


def run(*arguments: str) -> tuple[int, str, str]:
    told = CliRunner().invoke(main, list(arguments))
    return told.exit_code, told.stdout, told.stderr


def test_build_refuses_a_private_host_and_tells_how_to_allow_it(address: str, tmp_path):
    code, _, errors = run("build", address, "--store", str(tmp_path / "store"))
    assert code > 0
    assert "localhost is on a private network" in errors
    assert "allow the host by name" in errors


def test_build_visits_a_private_host_that_is_allowed(address: str, tmp_path):
    store = str(tmp_path / "store")
    code, _, errors = run("build", address, "--store", store, "--allow-host", "LOCALHOST")
    assert code == 0, errors
    assert "1 added" in errors
    asked = f"ASK {{ GRAPH ?g {{ ?article schema:url '{address}'^^xsd:anyURI }} }}"
    assert run("query", asked, "--store", store, "--format", "csv")[1].strip() == "true"


def test_another_name_of_the_host_is_not_allowed(address: str, tmp_path):
    other = address.replace("localhost", "127.0.0.1")
    code, _, errors = run(
        "build", other, "--store", str(tmp_path / "s"), "--allow-host", "localhost"
    )
    assert code > 0
    assert "127.0.0.1 is on a private network" in errors


def test_extract_visits_private_hosts_by_the_same_rule(address: str):
    assert run("extract", address, "--format", "jsonl")[0] > 0
    code, told, errors = run("extract", address, "--format", "jsonl", "--allow-host", "localhost")
    assert code == 0, errors
    assert "Quillon" in told
