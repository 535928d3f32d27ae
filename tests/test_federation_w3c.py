"""The W3C's suite for federated queries: a store asks two running servers of ours.

The servers of the suite have names that are not ours to take, so that their addresses are
put in the place of the suite's, and allowed by name.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pyoxigraph as ox
import pytest
from rdflib.term import Node
from serve_sample import make_store
from test_protocol_w3c import send
from test_serve_server import running
from w3c_suites import MF, QT, Case, parse_file, read_cases, read_dataset, same, tell_rows, to_path
from w3c_suites import read_result as read_expected

from kg.errors import QueryError
from kg.store import MEMORY, open_store

SUITE = "service"
NOWHERE = "127.0.0.1:59999"
UNREACHABLE = "http://invalid.endpoint.org/sparql"
# Cases that ask what is never done, with the reason.
REFUSED = {"service5": "the address stands in a variable, which could come to mean any server"}


@contextlib.contextmanager
def serving(scratch: Path) -> Iterator[tuple[str, str]]:
    """The addresses of two servers: the first may ask the second, and a port that is closed."""
    for name in ("one", "two"):
        make_store().back_up(scratch / name)
    with running(scratch / "two", write=True) as two:
        hosts = (urlsplit(two).netloc, NOWHERE)
        with running(scratch / "one", write=True, hosts=hosts) as one:
            yield one, two


def run_federation(root: Path, scratch: Path) -> Iterator[tuple[str, str]]:
    """Run the cases, and yield suite and name of each as it passes."""
    with serving(scratch) as servers:
        for case in read_cases(root / SUITE):
            if case.name not in REFUSED:
                run(case, servers)
                yield case.suite, case.name


def run(case: Case, servers: tuple[str, ...]) -> None:
    path, result = case.file(MF.action, QT.query), case.file(MF.result)
    assert path is not None
    assert result is not None
    text = path.read_text(encoding="utf-8").replace(UNREACHABLE, f"http://{NOWHERE}/sparql")
    described = case.manifest.objects(case.get(MF.action), QT.serviceData)
    told = sorted((str(case.manifest.value(node, QT.endpoint)), node) for node in described)
    for server, (endpoint, node) in zip(servers, told, strict=False):
        fill(case, node, server)
        text = text.replace(f"<{endpoint}>", f"<http://{urlsplit(server).netloc}/sparql>")
    with open_store(MEMORY) as store:
        store.apply(added=read_dataset(case, MF.action, words=QT))
        hosts = (*(urlsplit(server).netloc for server in servers), NOWHERE)
        answer = store.query(text, base_iri=path.as_uri(), hosts=hosts)
        assert isinstance(answer, ox.QuerySolutions)
        expected = read_expected(result)
        assert isinstance(expected, list)
        assert same(tell_rows(answer), expected)


def fill(case: Case, node: Node, server: str) -> None:
    """Let a server hold what the suite says is there, and nothing else."""
    files = map(to_path, case.manifest.objects(node, QT.data))
    lines = "".join(f"{quad.triple} .\n" for file in files for quad in parse_file(file))
    update = f"DROP ALL ;\nINSERT DATA {{\n{lines}}}"
    headers = {"Content-Type": "application/sparql-update"}
    assert send(server, "POST", "/sparql", update.encode(), headers)[0] == 204


def test_suite(shared: Path, tmp_path: Path):
    root = shared / "w3c" / "sparql" / "sparql11"
    passed = [name for _, name in run_federation(root, tmp_path)]
    assert len(passed) + len(REFUSED) == 7
    for case in read_cases(root / SUITE):
        if case.name in REFUSED:
            with pytest.raises(QueryError, match="write the address of the server in full"):
                run(case, ())
