"""Answers SPARQL queries as text, and counts what a store holds."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator

import pyoxigraph as ox

from kg.errors import QueryError
from kg.ontology import Ontology, load_ontology
from kg.store import Store
from kg.vocab import PREFIXES

__all__ = ["RESULT_FORMATS", "count_contents", "run_query"]

_SOLUTIONS = {
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
}
_TRIPLES = {"turtle": ox.RdfFormat.TURTLE, "ntriples": ox.RdfFormat.N_TRIPLES}

RESULT_FORMATS = ("table", *_SOLUTIONS, *_TRIPLES)

# Cells of a table are cut here, so that one long quote does not push all others away.
_WIDEST = 60


def run_query(store: Store, text: str, *, format: str) -> str:  # noqa: A002 - as the option
    """Return the answer to a query in one of the RESULT_FORMATS, ending in a line break.

    SELECT and ASK take table, csv, tsv, json and xml (SPARQL 1.1 Query Results formats);
    CONSTRUCT and DESCRIBE take turtle and ntriples, and give turtle in place of a table.
    Raises QueryError for a query that is not valid, for one that would change or leave
    the store, and for a format that cannot hold the answer.
    """
    answer = store.query(text)
    if isinstance(answer, ox.QueryTriples):
        return _write_triples(answer, format)
    if format in _TRIPLES:
        raise QueryError(f"{format} holds the answers of CONSTRUCT and DESCRIBE: use csv or json")
    if format == "table":
        return _write_boolean(answer) if isinstance(answer, ox.QueryBoolean) else _draw(answer)
    if isinstance(answer, ox.QueryBoolean) and format in ("csv", "tsv"):
        return _write_boolean(answer)
    return _end_line(answer.serialize(format=_SOLUTIONS[format]) or b"")


def _write_triples(answer: ox.QueryTriples, format_: str) -> str:
    """Return triples, sorted, each once."""
    name = "turtle" if format_ == "table" else format_
    if name not in _TRIPLES:
        raise QueryError(f"{format_} cannot hold triples: use turtle or ntriples")
    triples = sorted(set(answer), key=str)
    return _end_line(ox.serialize(triples, format=_TRIPLES[name], prefixes=PREFIXES) or b"")


def _write_boolean(answer: ox.QueryBoolean) -> str:
    return "yes\n" if answer else "no\n"


def _end_line(content: bytes) -> str:
    text = content.decode()
    return text if text.endswith("\n") else f"{text}\n"


def _draw(solutions: ox.QuerySolutions) -> str:
    """Return solutions as an aligned table, with the number of rows below it."""
    names = [variable.value for variable in solutions.variables]
    rows = [[_shorten(solution[name]) for name in names] for solution in solutions]
    widths = [max(map(_width, column)) for column in zip(names, *rows, strict=True)]
    lines = [names, ["─" * width for width in widths], *rows]
    drawn = ["  ".join(map(_pad, line, widths)).rstrip() for line in lines]
    count = f"({len(rows)} row{'' if len(rows) == 1 else 's'})"
    return "\n".join([*drawn, count, ""])


def _shorten(term: object) -> str:
    """Return a term as people read it: IRIs with a prefix, literals by their value."""
    text = getattr(term, "value", "" if term is None else str(term))
    if isinstance(term, ox.NamedNode):
        for prefix, namespace in PREFIXES.items():
            if text.startswith(namespace):
                text = f"{prefix}:{text.removeprefix(namespace)}"
                break
    shown = "".join(c if c.isprintable() else " " for c in text)
    return shown if len(shown) <= _WIDEST else f"{shown[: _WIDEST - 1]}…"


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(map(bool, map(unicodedata.combining, text)))


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def count_contents(store: Store, *, ontology: Ontology | None = None) -> dict[str, dict[str, int]]:
    """Return the numbers of articles, of entities by class and of facts by predicate and state.

    Each group is sorted by falling count. An entity counts for its own class, not for those
    above it; a symmetric fact counts once.
    """
    counts = {name: dict(_count(store, text)) for name, text in _COUNT_QUERIES.items()}
    return {
        "articles": counts.pop("articles"),
        "entities": _count_classes(store, ontology),
    } | counts


_COUNT_QUERIES = {
    "articles": """
        SELECT ?name (COUNT(?article) AS ?count) {
          GRAPH ?article { ?article a schema:NewsArticle }
          OPTIONAL { GRAPH ?article { ?article schema:publisher ?known } }
          BIND(COALESCE(?known, "unknown publisher") AS ?name)
        } GROUP BY ?name""",
    "facts": """
        SELECT ?name (COUNT(?fact) AS ?count) { ?fact a kg:Fact ; rdf:predicate ?name }
        GROUP BY ?name""",
    "states": """
        SELECT ?name (COUNT(?fact) AS ?count) { ?fact a kg:Fact ; kg:modality ?name }
        GROUP BY ?name""",
    "quarantined": """
        SELECT ?name (COUNT(DISTINCT ?fact) AS ?count) {
          GRAPH ?quarantine { ?fact a kg:Quarantined ; rdf:predicate ?name }
        } GROUP BY ?name""",
}


def _count_classes(store: Store, ontology: Ontology | None) -> dict[str, int]:
    ontology = ontology or load_ontology()
    depths = {c.iri: (len(ontology.ancestors(c.name)), c.name) for c in ontology.classes.values()}
    own: dict[str, tuple[int, str]] = {}
    for said in store.select("SELECT ?entity ?class { ?entity a ?class ; rdfs:label ?label }"):
        entity, depth = said["entity"].value, depths.get(said["class"].value)
        if depth is not None:
            own[entity] = max(own.get(entity, depth), depth)
    counted = Counter(name for _, name in own.values())
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _count(store: Store, text: str) -> Iterator[tuple[str, int]]:
    counted = [(_shorten(s["name"]), int(s["count"].value)) for s in store.select(text)]
    yield from sorted(counted, key=lambda item: (-item[1], item[0]))
