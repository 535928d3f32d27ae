"""Carries out jobs on a store and writes their results, within limits of size."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, takewhile

import pyoxigraph as ox

from kg.errors import QueryError, StoreError
from kg.serve.jobs import Answer, Drop, Job, Limits, Query, ReadGraph, Update, WriteGraph
from kg.serve.messages import Problem
from kg.serve.negotiation import choose
from kg.sparql import refuse_deep, refuse_remote
from kg.store import Graph, Store
from kg.vocab import PREFIXES, skolemize

__all__ = ["GRAPH_TYPES", "RESULT_TYPES", "carry_out", "write_triples"]

# Media types in order of preference: the first is for clients that take anything.
RESULT_TYPES = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/csv": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
    "application/json": ox.QueryResultsFormat.JSON,
    "application/xml": ox.QueryResultsFormat.XML,
    "text/xml": ox.QueryResultsFormat.XML,
}
GRAPH_TYPES = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/n-quads": ox.RdfFormat.N_QUADS,
    "application/trig": ox.RdfFormat.TRIG,
    "text/n3": ox.RdfFormat.N3,
    "application/json": ox.RdfFormat.JSON_LD,
    "application/xml": ox.RdfFormat.RDF_XML,
    "text/plain": ox.RdfFormat.N_TRIPLES,
}

_DATASET_TYPES = ("application/n-quads", "application/trig")

# A row of a result takes about this many bytes at most on average; what is larger is cut
# off while it is written, before its rows are counted.
_BYTES_PER_ROW = 1000
# What begins a row. In JSON no text can hold these bytes, since its quotes are escaped;
# rows without any value pass uncounted.
_ROW = {
    ox.QueryResultsFormat.JSON: re.compile(rb'[\[,]\{"[^,:}\]]'),
    ox.QueryResultsFormat.XML: re.compile(rb"<result>"),
    ox.QueryResultsFormat.TSV: re.compile(rb"\n"),
}


def carry_out(job: Job, store: Store, limits: Limits) -> Answer:
    """Return what comes of a job.

    Raises Problem where it is not valid, not allowed, or asks for too much.
    """
    try:
        match job:
            case Query():
                return _query(job, store, limits)
            case Update():
                return _update(job, store, limits)
            case ReadGraph():
                return _read_graph(job, store, limits)
            case WriteGraph():
                return _write_graph(job, store)
            case Drop():
                return _drop(job, store)
    except QueryError as error:
        if isinstance(error.__cause__, OSError | RuntimeError):
            raise Problem(500, "Not answered", "the store failed over this request") from error
        raise Problem(400, "Bad request", str(error)) from error
    except StoreError as error:
        raise Problem(500, "Not answered", "the store cannot be read or written") from error


def write_triples(triples: Iterable[ox.Triple], accept: str, *, rows: int) -> Answer:
    """Return triples in the format that a client likes best.

    Raises Problem where it takes none, or there are more than `rows`.
    """
    media_type = _choose(accept, tuple(GRAPH_TYPES))
    kept = list(islice(triples, rows + 1))
    if len(kept) > rows:
        raise _too_much(rows)
    format_ = GRAPH_TYPES[media_type]
    if format_ not in (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG):
        return Answer(ox.serialize(kept, format=format_) or b"", media_type)
    body = ox.serialize(kept, format=format_, prefixes=PREFIXES) or b""
    return Answer(_tidy_prefixes(body), media_type)


def _tidy_prefixes(document: bytes) -> bytes:
    """Return a document with the prefixes that it uses, in order.

    The engine declares all of them, in an order that differs from one time to the next, so
    that one graph would have many entity tags.
    """
    lines = document.splitlines(keepends=True)
    head = list(takewhile(lambda line: line.startswith(b"@prefix "), lines))
    body = b"".join(lines[len(head) :])
    return b"".join(line for line in sorted(head) if line.split()[1] in body) + body


def _query(job: Query, store: Store, limits: Limits) -> Answer:
    _refuse(job.text, limits)
    answer = store.query(job.text, dataset=job.dataset, base_iri=job.base_iri, hosts=limits.hosts)
    if isinstance(answer, ox.QueryTriples):
        try:
            return write_triples(answer, job.accept, rows=limits.rows)
        except (OSError, RuntimeError, ValueError) as error:
            raise Problem(500, "Not answered", "the store failed over this query") from error
    media_type = _choose(job.accept, tuple(RESULT_TYPES))
    format_ = RESULT_TYPES[media_type]
    output = _Bounded(limits.rows)
    try:
        answer.serialize(output, format_)
    except (OSError, RuntimeError, ValueError) as error:
        raise Problem(500, "Not answered", "the store failed over this query") from error
    body = output.getvalue()
    if isinstance(answer, ox.QuerySolutions) and _count_rows(body, format_) > limits.rows:
        raise _too_much(limits.rows)
    return Answer(body, media_type)


def _update(job: Update, store: Store, limits: Limits) -> Answer:
    _refuse(job.text, limits)
    store.update(job.text, dataset=job.dataset, base_iri=job.base_iri, hosts=limits.hosts)
    return Answer()


def _read_graph(job: ReadGraph, store: Store, limits: Limits) -> Answer:
    if job.graph is None:
        return _read_all(job, store, limits)
    if not _is_there(job.graph, store):
        raise Problem(404, "No such graph", f"the store has no graph <{job.graph}>")
    triples = (quad.triple for quad in store.quads(graph=_name(job.graph)))
    return write_triples(triples, job.accept, rows=limits.rows)


def _read_all(job: ReadGraph, store: Store, limits: Limits) -> Answer:
    """Return the whole data set in a format that can name graphs."""
    media_type = _choose(job.accept, _DATASET_TYPES)
    quads = list(islice(store.quads(), limits.rows + 1))
    if len(quads) > limits.rows:
        raise _too_much(limits.rows)
    return Answer(ox.serialize(quads, format=GRAPH_TYPES[media_type]) or b"", media_type)


def _write_graph(job: WriteGraph, store: Store) -> Answer:
    """Put triples into a graph, or quads into the data set, in one transaction."""
    if job.graph is None:
        is_new, target, steps = False, "ALL", []
    else:
        name, is_new = _name(job.graph), not _is_there(job.graph, store)
        target = "DEFAULT" if isinstance(name, ox.DefaultGraph) else f"GRAPH {name}"
        steps = [] if target == "DEFAULT" else [f"CREATE SILENT {target}"]
    quads = [quad for part in job.parts for quad in _parse(*part, base_iri=job.base_iri)]
    if job.graph is not None and any(quad.graph_name != ox.DefaultGraph() for quad in quads):
        raise Problem(400, "Several graphs", "a document for one graph must name none itself")
    if job.replaces:
        steps.insert(0, f"CLEAR SILENT {target}")
    if quads:
        named = _name_graphs(quads, job.base_iri)
        # Blank nodes are the same in all blocks of one INSERT DATA.
        blocks = "".join(_write_block(quad, target) for quad in named)
        steps.append(f"INSERT DATA {{\n{blocks}}}")
    if steps:
        store.update(" ;\n".join(steps))
    return Answer(created=is_new)


def _name_graphs(quads: list[ox.Quad], address: str) -> Iterator[ox.Quad]:
    """Yield quads with an IRI for each blank node that names a graph, wherever it stands.

    In SPARQL only an IRI names a graph.
    """
    names: dict[object, ox.NamedNode] = {
        quad.graph_name: ox.NamedNode(skolemize(address, quad.graph_name.value))
        for quad in quads
        if isinstance(quad.graph_name, ox.BlankNode)
    }
    for quad in quads:
        yield ox.Quad(
            names.get(quad.subject, quad.subject),
            quad.predicate,
            names.get(quad.object, quad.object),
            names.get(quad.graph_name, quad.graph_name),
        )


def _write_block(quad: ox.Quad, target: str) -> str:
    """Return a quad for INSERT DATA, in the graph that it names, or else in the target."""
    if not isinstance(quad.graph_name, ox.DefaultGraph):
        target = f"GRAPH {quad.graph_name}"
    block = f"{quad.triple} .\n"
    return f"{target} {{ {block}}}\n" if target.startswith("GRAPH") else block


def _drop(job: Drop, store: Store) -> Answer:
    if not _is_there(job.graph, store):
        raise Problem(404, "No such graph", f"the store has no graph <{job.graph}>")
    name = _name(job.graph)
    store.update("DROP DEFAULT" if isinstance(name, ox.DefaultGraph) else f"DROP GRAPH {name}")
    return Answer()


def _refuse(text: str, limits: Limits) -> None:
    refuse_deep(text)
    try:
        refuse_remote(text, hosts=limits.hosts)
    except QueryError as error:
        raise Problem(403, "Other servers are not asked", str(error)) from error


def _parse(content: bytes, media_type: str, *, base_iri: str) -> list[ox.Quad]:
    """Return what one document says. Raises Problem where it cannot be read.

    Blank nodes get new names: two documents may use one name, and not each is one in SPARQL.
    """
    format_ = GRAPH_TYPES.get(media_type)
    if format_ is None:
        raise Problem(415, "Unsupported media type", f"send one of {', '.join(GRAPH_TYPES)}")
    try:
        parsed = ox.parse(content, format=format_, base_iri=base_iri, rename_blank_nodes=True)
        return list(parsed)
    except (SyntaxError, ValueError) as error:
        raise Problem(400, "Unreadable document", f"not valid {media_type}: {error}") from error


def _name(graph: str) -> Graph:
    """Return the term for a graph. Raises Problem for what is no IRI."""
    if not graph:
        return ox.DefaultGraph()
    try:
        return ox.NamedNode(graph)
    except ValueError as error:
        raise Problem(400, "Not a graph", f"graph must be an absolute IRI: {error}") from error


def _is_there(graph: str, store: Store) -> bool:
    """Say whether the store has a graph; the default graph is always there."""
    name = _name(graph)
    return (
        isinstance(name, ox.DefaultGraph)
        or next(store.quads(graph=name), None) is not None
        or graph in store.graphs()
    )


def _choose(accept: str, offers: Sequence[str]) -> str:
    chosen = choose(accept, offers)
    if chosen is None:
        raise Problem(406, "Not acceptable", f"the answer comes as {', '.join(offers)}")
    return chosen


def _count_rows(body: bytes, format_: ox.QueryResultsFormat) -> int:
    """Return the number of rows of a result, heads of tables not counted."""
    if format_ == ox.QueryResultsFormat.CSV:
        return sum(1 for _ in csv.reader(io.StringIO(body.decode(), newline=""))) - 1
    head = 1 if format_ == ox.QueryResultsFormat.TSV else 0
    return sum(1 for _ in _ROW[format_].finditer(body)) - head


def _too_much(rows: int) -> Problem:
    return Problem(
        413, "Too large a result", f"more than {rows} rows: add a LIMIT, or page with OFFSET"
    )


class _Bounded(io.BytesIO):
    """Takes bytes up to a bound."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self._rows = rows

    def write(self, data: bytes) -> int:  # type: ignore[override] # only bytes come here
        if self.tell() + len(data) > max(self._rows, 1000) * _BYTES_PER_ROW:
            raise _too_much(self._rows)
        return super().write(data)
