"""The W3C's suites for protocol, graph store and service description, over a running server."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pyoxigraph as ox
import pytest
from rdflib import RDFS
from rdflib.collection import Collection
from rdflib.term import Node
from serve_sample import TOKEN, make_store
from test_serve_server import running
from w3c_suites import CNT, HT, MF, UT, Case, parse_file, read_cases, same, to_path

from kg.vocab import RDF, SD

PROTOCOLS = ("protocol", "graph-store-protocol", "service-description")

_STATUS = {"OK": {200}, "Created": {201}, "NoContent": {204}, "NotFound": {404}}
_STATUS |= {f"StatusCode{n}xx": set(range(n * 100, n * 100 + 100)) for n in range(1, 6)}
_FORMS = {"boolean": "sparql-results", "tabular": "sparql-results", "RDF": ""}


def run_protocols(root: Path, scratch: Path) -> Iterator[tuple[str, str]]:
    """Run all cases over one server, and yield suite and name of each as it passes."""
    make_store().back_up(scratch / "store")
    with running(scratch / "store", write=True) as address:
        for suite in PROTOCOLS:
            for case in read_cases(root / suite):
                run(case, address)
                yield case.suite, case.name


def run(case: Case, address: str) -> None:
    clear = {"Content-Type": "application/sparql-update"}
    assert send(address, "POST", "/sparql", b"DROP ALL", clear)[0] == 204
    if case.kind == "ServiceDescriptionTest":
        describe(case, address)
        return
    for named in case.manifest.objects(case.entry, UT.graphData):
        put(case, named, address)
    known: dict[str, str] = {}
    for request in Collection(case.manifest, case.get(MF.action, HT.requests)):
        exchange(case, request, address, known)


def send(address: str, method: str, target: str, body: bytes, headers: dict[str, str]):
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
    with contextlib.closing(connection):
        # Manifests speak to www.example, and names of graphs below it must be its own.
        given = {"Host": "www.example", "Authorization": f"Bearer {TOKEN}", **headers}
        connection.request(method, target, body, given)
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()


def put(case: Case, named: Node, address: str) -> None:
    """Put the data that a case starts from into the graph that it names."""
    label, file = case.manifest.value(named, RDFS.label), case.manifest.value(named, UT.graph)
    assert file is not None
    lines = "\n".join(f"{quad.triple} ." for quad in parse_file(to_path(file)))
    headers = {"Content-Type": "application/sparql-update"}
    update = f"INSERT DATA {{ GRAPH <{label}> {{ {lines} }} }}"
    assert send(address, "POST", "/sparql", update.encode(), headers)[0] == 204


def exchange(case: Case, request: Node, address: str, known: dict[str, str]) -> None:
    """Send one request of a case and hold the response against what it expects."""
    manifest = case.manifest

    def fill(text: Node | str | None) -> str:
        filled = str(text or "")
        for name, value in known.items():
            filled = filled.replace(name, value)
        return filled

    node = manifest.value(request, HT.headers)
    fields = Collection(manifest, node) if node is not None else []
    headers = {
        str(manifest.value(f, HT.fieldName)): str(manifest.value(f, HT.fieldValue)) for f in fields
    }
    content = manifest.value(request, HT.body)
    encoding = str(manifest.value(content, CNT.characterEncoding) or "UTF-8")
    body = fill(manifest.value(content, CNT.chars)).encode(encoding)
    method = str(manifest.value(request, HT.methodName))
    target = fill(manifest.value(request, HT.absolutePath))
    target = re.sub("^/gsp", "/graph-store", target)
    status, got, answer = send(address, method, target, body, headers)
    response = manifest.value(request, HT.resp)
    wanted = [str(s).rpartition("#")[2] for s in manifest.objects(response, MF.expectedStatus)]
    assert status in set().union(*(_STATUS[s] for s in wanted)), (status, wanted, answer)
    location = manifest.value(response, MF.expectedLocation)
    if location is not None:
        known[str(location)] = got["location"]
    compare(case, response, got, answer)


def compare(case: Case, response: Node | None, got: dict[str, str], answer: bytes) -> None:
    manifest = case.manifest
    boolean = manifest.value(response, MF.expectedBoolean)
    if boolean is not None:
        assert json.loads(answer)["boolean"] is boolean.toPython()
    form = manifest.value(response, MF.expectedFormat)
    if form is not None:
        assert _FORMS[str(form)] in got["content-type"]
        if str(form) == "RDF":
            assert ox.RdfFormat.from_media_type(got["content-type"].partition(";")[0])
    fields = manifest.value(response, HT.headers)
    for field in Collection(manifest, fields) if fields is not None else ():
        name = str(manifest.value(field, HT.fieldName)).lower()
        assert got[name] == str(manifest.value(field, HT.fieldValue))
    content = manifest.value(response, HT.body)
    if content is not None:
        expected = str(manifest.value(content, CNT.chars))
        found, held = (ox.parse(text, format=ox.RdfFormat.TURTLE) for text in (answer, expected))
        assert same(found, held), answer


def describe(case: Case, address: str) -> None:
    """Hold the service's description against its suite, whose cases are told in words."""
    status, got, answer = send(address, "GET", "/sparql", b"", {"Accept": "application/n-triples"})
    assert status == 200
    assert got["content-type"] == "application/n-triples"
    triples = [q.triple for q in ox.parse(answer, format=ox.RdfFormat.N_TRIPLES)]
    types = {t.subject: t.object.value for t in triples if t.predicate.value == f"{RDF}type"}
    services = [subject for subject, type_ in types.items() if type_ == f"{SD}Service"]
    said = [t for t in triples if t.subject in services]
    if case.name == "has-endpoint-triple":
        ends = [t.object.value for t in said if t.predicate.value == f"{SD}endpoint"]
        assert ends == ["http://www.example/sparql"]
    elif case.name == "conforms-to-schema":
        assert len(services) == 1
        for triple in triples:
            if triple.predicate.value in (f"{SD}defaultDataset", f"{SD}defaultGraph"):
                assert types[triple.object].startswith(SD)
    else:
        assert triples
        assert unquote(case.name) == "returns-rdf"


@pytest.mark.parametrize("suite", PROTOCOLS)
def test_suite(shared: Path, tmp_path: Path, suite: str):
    make_store().back_up(tmp_path / "store")
    failed = []
    with running(tmp_path / "store", write=True) as address:
        for case in read_cases(shared / "w3c" / "sparql" / "sparql11" / suite):
            try:
                run(case, address)
            except AssertionError as error:
                failed.append(f"{case}: {error}")
    assert not failed, "\n".join(failed)
