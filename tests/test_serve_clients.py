"""Programs that we did not write ask the running server and read its answers."""

from __future__ import annotations

import csv
import json
import subprocess

import pytest
from programs import find_program
from serve_sample import TOKEN, make_store
from SPARQLWrapper import JSON, N3, POST, XML, SPARQLWrapper
from test_serve_server import running

ROWS = "SELECT ?s ?o { ?s <http://example.org/p> ?o } ORDER BY ?o"
DATA = ':a :p 1 . :b :p 2 . :c :p "drei & \\"vier\\""@de .'
VALUES = ["1", "2", 'drei & "vier"']


@pytest.fixture
def endpoint(tmp_path):
    make_store(DATA).back_up(tmp_path / "store")
    with running(tmp_path / "store", write=True) as address:
        yield f"{address}sparql"


class TestSPARQLWrapper:
    """SPARQLWrapper, from PyPI."""

    def test_rows(self, endpoint):
        client = SPARQLWrapper(endpoint)
        client.setQuery(ROWS)
        client.setReturnFormat(JSON)
        found = client.query().convert()["results"]["bindings"]
        assert [row["o"]["value"] for row in found] == VALUES
        client.setReturnFormat(XML)
        client.setMethod(POST)
        assert "drei &amp; " in client.query().convert().toxml()

    def test_graphs(self, endpoint):
        client = SPARQLWrapper(endpoint)
        client.setQuery("CONSTRUCT WHERE { ?s ?p ?o }")
        client.setReturnFormat(N3)
        assert b"http://example.org/" in client.query().convert()

    def test_updates(self, endpoint):
        client = SPARQLWrapper(endpoint)
        client.addCustomHttpHeader("Authorization", f"Bearer {TOKEN}")
        client.setMethod(POST)
        client.setQuery("INSERT DATA { <a:b> <a:b> 1 }")
        client.query()
        client.setQuery("ASK { <a:b> <a:b> 1 }")
        client.setReturnFormat(JSON)
        assert client.query().convert()["boolean"] is True


def test_roqet(endpoint):
    command = [
        find_program("roqet", package="rasqal-utils"),
        "-q",
        "-p",
        endpoint,
        "-r",
        "csv",
        "-e",
        ROWS,
    ]
    found = subprocess.run(command, capture_output=True, check=True, timeout=60, text=True)
    assert [row["o"] for row in csv.DictReader(found.stdout.splitlines())] == VALUES


def test_comunica(endpoint):
    program = find_program("comunica-sparql", package="comunica")
    command = [program, f"sparql@{endpoint}", "-q", ROWS]
    command += ["-t", "application/sparql-results+json"]
    found = subprocess.run(command, capture_output=True, check=True, timeout=120)
    rows = json.loads(found.stdout)["results"]["bindings"]
    assert [row["o"]["value"] for row in rows] == VALUES
