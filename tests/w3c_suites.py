"""Reads the W3C's test manifests and compares what we answer with what they expect.

A case passes or raises AssertionError; nothing of the suites is copied into the project.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pyoxigraph as ox
from rdflib import RDF, RDFS, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")

RESULTS = {
    ".srx": ox.QueryResultsFormat.XML,
    ".srj": ox.QueryResultsFormat.JSON,
    ".tsv": ox.QueryResultsFormat.TSV,
}
SYNTAXES = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
}


@dataclass(frozen=True)
class Case:
    """One entry of a manifest; `kind` is the local name of its type."""

    suite: str
    name: str
    kind: str
    manifest: Graph
    entry: Node

    def get(self, *path: URIRef) -> Node | None:
        node: Node | None = self.entry
        for predicate in path:
            node = self.manifest.value(node, predicate) if node is not None else None
        return node

    def file(self, *path: URIRef) -> Path | None:
        node = self.get(*path)
        return to_path(node) if isinstance(node, URIRef) else None

    def __str__(self) -> str:
        return f"{self.suite}/{self.name}"


def to_path(iri: Node) -> Path:
    return Path(unquote(urlsplit(str(iri)).path))


def read_cases(folder: Path) -> Iterator[Case]:
    """Yield the cases of the manifests in a folder, in order."""
    for path in sorted(folder.glob("manifest*.ttl")):
        manifest = Graph().parse(path, publicID=path.as_uri())
        for entries in manifest.objects(None, MF.entries):
            for entry in Collection(manifest, entries):
                kind = str(manifest.value(entry, RDF.type)).rpartition("#")[2]
                name = unquote(str(entry).rpartition("#")[2])
                yield Case(folder.name, name, kind, manifest, entry)


def parse_file(path: Path, *, base: str = "") -> list[ox.Quad]:
    syntax = SYNTAXES[path.suffix]
    return list(ox.parse(path.read_bytes(), format=syntax, base_iri=base or path.as_uri()))


def read_dataset(case: Case, *path: URIRef, words: Namespace) -> list[ox.Quad]:
    """Return the quads of `data` and `graphData` below a node of a case."""
    quads: list[ox.Quad] = []
    holder = case.get(*path)
    for data in case.manifest.objects(holder, words.data):
        quads += parse_file(to_path(data))
    for named in case.manifest.objects(holder, words.graphData):
        label, file = named, named
        if not isinstance(named, URIRef):
            label = case.manifest.value(named, RDFS.label)
            file = case.manifest.value(named, words.graph)
        quads += [
            ox.Quad(q.subject, q.predicate, q.object, ox.NamedNode(str(label)))
            for q in parse_file(to_path(file))
        ]
    return quads


def tell_rows(solutions: ox.QuerySolutions, *, ordered: bool = False) -> list[ox.Quad]:
    """Return rows as a graph, so that blank nodes in them can be compared."""
    names = [variable.value for variable in solutions.variables]
    head = ox.NamedNode("r:head")
    quads = [ox.Quad(head, ox.NamedNode("r:var"), ox.Literal(name)) for name in names]
    for number, solution in enumerate(solutions):
        row = ox.BlankNode()
        quads.append(ox.Quad(head, ox.NamedNode("r:row"), row))
        if ordered:
            quads.append(ox.Quad(row, ox.NamedNode("r:index"), ox.Literal(number)))
        for name in names:
            value = solution[name]
            if value is not None:
                quads.append(ox.Quad(row, ox.NamedNode(f"r:value-{name}"), value))
    return quads


def read_result(path: Path) -> bool | list[ox.Quad] | None:
    """Return the result in a file; None for a graph, which is read by `parse_file`."""
    if path.suffix in RESULTS:
        answer = ox.parse_query_results(path.read_bytes(), format=RESULTS[path.suffix])
        return bool(answer) if isinstance(answer, ox.QueryBoolean) else tell_rows(answer)
    graph = Graph().parse(path, publicID=path.as_uri())
    table = graph.value(None, RDF.type, RS.ResultSet)
    if table is None:
        return None
    boolean = graph.value(table, RS.boolean)
    if boolean is not None:
        return bool(boolean.toPython())
    return _read_table(graph, table)


def _read_table(graph: Graph, table: Node) -> list[ox.Quad]:
    """Return the rows of a result that is written as RDF (the DAWG's vocabulary)."""
    head = ox.NamedNode("r:head")
    quads = [
        ox.Quad(head, ox.NamedNode("r:var"), ox.Literal(str(name)))
        for name in graph.objects(table, RS.resultVariable)
    ]
    for solution in graph.objects(table, RS.solution):
        row = ox.BlankNode()
        quads.append(ox.Quad(head, ox.NamedNode("r:row"), row))
        for binding in graph.objects(solution, RS.binding):
            predicate = ox.NamedNode(f"r:value-{graph.value(binding, RS.variable)}")
            value = graph.value(binding, RS.value)
            line = f"<a:a> <a:a> {value.n3()} ."
            (parsed,) = ox.parse(line, format=ox.RdfFormat.TURTLE)
            quads.append(ox.Quad(row, predicate, parsed.object))
    return quads


def same(one: Iterable[ox.Quad], other: Iterable[ox.Quad]) -> bool:
    """Say whether two data sets are the same but for the names of blank nodes.

    Literals are compared by value, in the form that the engine keeps.
    """
    return _canonize(one) == _canonize(other)


def _canonize(quads: Iterable[ox.Quad]) -> ox.Dataset:
    kept = ox.Store()
    kept.extend(quads)
    dataset = ox.Dataset(kept)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def check_csv(found: str, expected: str) -> None:
    """Compare tables but for the order of rows and columns and the names of blank nodes."""
    one, other = (list(csv.DictReader(io.StringIO(text))) for text in (found, expected))
    assert set(one[0]) == set(other[0])
    assert same(_tell_table(one), _tell_table(other)), found


def _tell_table(rows: list[dict[str, str]]) -> Iterator[ox.Quad]:
    for row in rows:
        node = ox.BlankNode()
        for name, cell in row.items():
            blank = ox.BlankNode(cell.removeprefix("_:")) if cell.startswith("_:") else None
            yield ox.Quad(node, ox.NamedNode(f"r:{name}"), blank or ox.Literal(cell))
