"""The W3C's test suites, run through the project's own surfaces.

Queries and updates go through a store, documents through the graph store, and the three
protocols through a running server (`test_protocol_w3c.py`), federated queries through two
(`test_federation_w3c.py`). `docs/conformance.md` holds the
outcome; `--update-golden` writes it anew.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from itertools import chain
from pathlib import Path

import pyoxigraph as ox
import pytest
from conformance_report import EXPECTED, REPORT, write_report
from serve_sample import TOKEN, Client
from test_federation_w3c import REFUSED, SUITE, run_federation
from test_protocol_w3c import PROTOCOLS, run_protocols
from w3c_suites import (
    MF,
    QT,
    UT,
    Case,
    check_csv,
    parse_file,
    read_cases,
    read_dataset,
    read_result,
    same,
    tell_rows,
)

from kg.errors import QueryError
from kg.serve import Limits, LocalEngine, Service
from kg.store import MEMORY, Store, open_store

ROOT = Path(os.environ.get("KG_SHARED", Path(__file__).parent.parent.parent / "shared")) / "w3c"
FOLDERS = sorted(
    {path.parent for path in ROOT.glob("*/*/*/manifest*.ttl")} - {ROOT / "sparql" / "sparql11"}
)
# Of entailment, what regimes add is not offered; the prose of http-rdf-update is deprecated by
# its authors in favour of graph-store-protocol.
LEFT_OUT = ("entailment", "http-rdf-update")
CASES = [
    case
    for folder in FOLDERS
    if folder.name not in (*LEFT_OUT, *PROTOCOLS, SUITE)
    for case in read_cases(folder)
]

NOWHERE = "127.0.0.1:59999"

DOCUMENTS = {
    "Turtle": "text/turtle",
    "NTriples": "application/n-triples",
    "NQuads": "application/n-quads",
    "Trig": "application/trig",
}


def run(case: Case) -> None:
    """Run a case. Raises AssertionError or QueryError where it fails."""
    match case.kind:
        case "QueryEvaluationTest":
            run_query(case)
        case "CSVResultFormatTest":
            run_csv(case)
        case "UpdateEvaluationTest":
            run_update(case)
        case kind if "SyntaxTest11" in kind:
            run_syntax(case)
        case _:
            run_document(case)


def point_nowhere(text: str) -> str:
    """Return a text that asks a port of this machine, where nobody listens."""
    return re.sub(
        r"(?i)(\b(?:LOAD|SERVICE)\s+(?:SILENT\s+)?)<[^<>]*>", rf"\1<http://{NOWHERE}/>", text
    )


def fill(quads: list[ox.Quad]) -> Store:
    store = open_store(MEMORY)
    store.apply(added=quads)
    return store


def run_query(case: Case) -> None:
    path, result = case.file(MF.action, QT.query), case.file(MF.result)
    assert path is not None
    assert result is not None
    store = fill(read_dataset(case, MF.action, words=QT))
    answer = store.query(path.read_text(encoding="utf-8"), base_iri=path.as_uri())
    expected = read_result(result) if not isinstance(answer, ox.QueryTriples) else None
    if isinstance(answer, ox.QueryBoolean):
        assert bool(answer) is expected
    elif isinstance(answer, ox.QuerySolutions):
        assert isinstance(expected, list)
        assert same(tell_rows(answer), expected)
    else:
        triples = [ox.Quad(t.subject, t.predicate, t.object) for t in answer]
        assert same(triples, parse_file(result))


def run_csv(case: Case) -> None:
    path, result = case.file(MF.action, QT.query), case.file(MF.result)
    assert path is not None
    assert result is not None
    store = fill(read_dataset(case, MF.action, words=QT))
    client = Client(Service(LocalEngine(store, Limits()), Limits()))
    found = client.query(path.read_text(encoding="utf-8"), accept="text/csv").body.decode()
    check_csv(found, result.read_text(encoding="utf-8"))


def run_update(case: Case) -> None:
    path = case.file(MF.action, UT.request)
    assert path is not None
    store = fill(read_dataset(case, MF.action, words=UT))
    text = point_nowhere(path.read_text(encoding="utf-8"))
    store.update(text, base_iri=path.as_uri(), hosts=(NOWHERE,))
    assert same(store.quads(), read_dataset(case, MF.result, words=UT))


def run_syntax(case: Case) -> None:
    """Read a query or update; whether it can be carried out is not what these cases ask."""
    path = case.file(MF.action)
    assert path is not None
    text, store = point_nowhere(path.read_text(encoding="utf-8")), open_store(MEMORY)
    reading = store.update if path.suffix == ".ru" else store.query
    refused = None
    try:
        reading(text, base_iri="http://example.org/", hosts=(NOWHERE,))
    except QueryError as error:
        refused = error
    if case.kind.startswith("Negative"):
        assert refused is not None
    elif refused is not None:
        assert "failed" in str(refused), refused


def run_document(case: Case) -> None:
    """Put a document into the graph store and read it back."""
    path = case.file(MF.action)
    assert path is not None
    kind = next(name for name in DOCUMENTS if case.kind.startswith(f"Test{name}"))
    base = f"https://w3c.github.io/rdf-tests/rdf/rdf11/{case.suite}/{path.name}"
    service = Service(LocalEngine(open_store(MEMORY), Limits()), Limits(), token=TOKEN)
    origin, _, rest = base.partition("//")[2].partition("/")
    client = Client(service, authorization=f"Bearer {TOKEN}")
    is_dataset = kind in ("NQuads", "Trig")
    target = "/graph-store" if is_dataset else "/graph-store?default"
    body = path.read_bytes()
    if kind in ("Turtle", "Trig"):
        body = f"@base <https://{origin}/{rest}> .\n".encode() + body
    response = client("PUT", target, body, content_type=DOCUMENTS[kind])
    if "Negative" in case.kind:
        assert response.status == 400
        return
    assert response.status == 204, response.body
    expected = parse_file(case.file(MF.result) or path, base=base)
    back = client.get("/graph-store", accept="application/n-quads").body
    assert same(ox.parse(unskolemize(back), format=ox.RdfFormat.N_QUADS), expected)


def unskolemize(quads: bytes) -> bytes:
    """Return N-Quads with blank nodes again where they were given IRIs."""
    return re.sub(rb"<[^<>]*/\.well-known/genid/(\w+)>", rb"_:genid\1", quads)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: Case, shared: Path):
    if str(case) in EXPECTED:
        with pytest.raises((AssertionError, QueryError)):
            run(case)
    else:
        run(case)


def test_the_report_tells_this_run(shared: Path, update_golden: bool, tmp_path: Path):
    passed: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for case in CASES:
        total[case.suite] += 1
        passed[case.suite] += str(case) not in EXPECTED
    sparql11 = ROOT / "sparql" / "sparql11"
    over_servers = chain(run_protocols(sparql11, tmp_path), run_federation(sparql11, tmp_path))
    for suite, name in over_servers:
        total[suite] += 1
        passed[suite] += f"{suite}/{name}" not in EXPECTED
    refused = {f"{SUITE}/{name}": why for name, why in REFUSED.items()}
    report = write_report(passed, total, refused=refused)
    if update_golden:
        REPORT.write_text(report, encoding="utf-8")
    assert REPORT.read_text(encoding="utf-8") == report
