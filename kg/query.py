"""Answers SPARQL queries as text, and counts what a store holds.

run_query(store, text)                       CSV for rows, Turtle for a graph
run_query(store, text, format="table")       one of RESULT_FORMATS
run_query(store, text, timeout=30)           or QueryError after so many seconds
count_contents(store)                        articles, entities by class, facts by predicate
"""

from __future__ import annotations

import threading
import unicodedata
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

import pyoxigraph as ox

from kg.errors import KGError, QueryError
from kg.ontology import Ontology, load_ontology
from kg.rdf import write_turtle
from kg.store import Store
from kg.vocab import PREFIXES, Minter

__all__ = ["RESULT_FORMATS", "count_contents", "run_query"]

_Answer = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
_Told = TypeVar("_Told")

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


def run_query(
    store: Store,
    text: str,
    *,
    format: str | None = None,  # noqa: A002 - as the option
    timeout: float | None = None,
) -> str:
    """Return the answer to a query in one of the RESULT_FORMATS, ending in a line break.

    SELECT and ASK take table, csv, tsv, json and xml (SPARQL 1.1 Query Results formats),
    by default csv; CONSTRUCT and DESCRIBE take turtle and ntriples, by default turtle,
    which they give in place of a table too. `timeout` counts seconds; a query that is
    given up goes on in the background until the process ends, since the engine cannot
    stop it. Raises QueryError for a query that is not valid, that would change or leave
    the store, or that takes too long, and for a format that cannot hold the answer.
    """
    if format is not None and format not in RESULT_FORMATS:
        raise QueryError(f"no format is called {format}: take one of {', '.join(RESULT_FORMATS)}")
    if timeout is None:
        return _write(store, store.query(text), format)
    return _run_in_time(lambda: _write(store, store.query(text), format), timeout)


def _run_in_time(run: Callable[[], _Told], timeout: float) -> _Told:
    """Return what a function returns, or raise QueryError when its time is up."""
    told: list[_Told] = []
    faults: list[KGError] = []

    def work() -> None:
        try:
            told.append(run())
        except KGError as error:
            faults.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(timeout)
    if faults:
        raise faults[0]
    if not told:
        raise QueryError(
            f"the query took longer than {timeout:g} seconds: allow it more time, or make it "
            "narrower (name an entity or a predicate, add a LIMIT)"
        )
    return told[0]


def _write(store: Store, answer: _Answer, format_: str | None) -> str:
    try:
        if isinstance(answer, ox.QueryTriples):
            return _write_triples(store, answer, format_ or "turtle")
        return _write_rows(answer, format_ or "csv")
    except (OSError, RuntimeError, ValueError) as error:
        raise QueryError(f"the query failed: {error}") from error


def _write_rows(answer: ox.QuerySolutions | ox.QueryBoolean, format_: str) -> str:
    if format_ in _TRIPLES:
        raise QueryError(f"{format_} holds the answers of CONSTRUCT and DESCRIBE: use csv or json")
    if format_ == "table":
        if isinstance(answer, ox.QuerySolutions):
            return _draw(answer)
        return "yes\n" if answer else "no\n"
    return _end_line(answer.serialize(format=_SOLUTIONS[format_]) or b"")


def _write_triples(store: Store, answer: ox.QueryTriples, format_: str) -> str:
    """Return triples, sorted, each once."""
    name = "turtle" if format_ == "table" else format_
    if name not in _TRIPLES:
        raise QueryError(f"{format_} cannot hold triples: use turtle or ntriples")
    if name == "turtle":
        prefixes = PREFIXES | (Minter(store.base).prefixes if store.base else {})
        quads = (ox.Quad(*triple) for triple in answer)
        return write_turtle(quads, prefixes=prefixes).decode()
    triples = sorted(set(answer), key=str)
    return _end_line(ox.serialize(triples, format=_TRIPLES[name]) or b"")


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
    """Return how many there are of what, in groups, each sorted by falling count.

    `articles` by publisher, `entities` by their most special class, `facts` by predicate
    and again by their state (`states`) and by how many publishers state them independently
    (`corroboration`), `quarantined` by predicate. A symmetric fact counts once.
    """
    counts = {group: Counter[str]() for group in ("articles", "entities", *_COUNTED)}
    for told in store.select(_PUBLISHERS):
        counts["articles"][told["name"].value] += int(told["count"].value)
    ontology = ontology or load_ontology()
    depths = {c.iri: len(ontology.ancestors(c.name)) for c in ontology.classes.values()}
    for told in store.select(_CLASSES):
        classes = [iri for iri in told["classes"].value.split() if iri in depths]
        if classes:
            special = max(classes, key=lambda iri: (depths[iri], iri))
            counts["entities"][_shorten(ox.NamedNode(special))] += int(told["count"].value)
    for group, text in _COUNTED.items():
        for told in store.select(text):
            counts[group][_shorten(told["name"])] += int(told["count"].value)
    return {group: dict(_sort(counted)) for group, counted in counts.items()}


def _sort(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


_PUBLISHERS = """
SELECT ?name (COUNT(?article) AS ?count) {
  GRAPH ?article { ?article a schema:NewsArticle }
  OPTIONAL { GRAPH ?article { ?article schema:publisher ?known } }
  BIND(COALESCE(?known, "unknown publisher") AS ?name)
} GROUP BY ?name
"""
# The separator is the one that holds without being said, but Virtuoso wants it said.
_CLASSES = """
SELECT ?classes (COUNT(?entity) AS ?count) {
  {
    SELECT ?entity (GROUP_CONCAT(STR(?class); SEPARATOR=" ") AS ?classes) { ?entity a ?class }
    GROUP BY ?entity
  }
} GROUP BY ?classes
"""
_COUNTED = {
    "facts": """
        SELECT ?name (COUNT(?fact) AS ?count) { ?fact a kg:Fact ; rdf:predicate ?name }
        GROUP BY ?name""",
    "states": """
        SELECT ?name (COUNT(?fact) AS ?count) { ?fact a kg:Fact ; kg:modality ?name }
        GROUP BY ?name""",
    "corroboration": """
        SELECT ?name (COUNT(?fact) AS ?count) {
          ?fact a kg:Fact ; kg:publisherCount ?number
          BIND(CONCAT(STR(?number), IF(?number = 1, " publisher", " publishers")) AS ?name)
        } GROUP BY ?name""",
    "quarantined": """
        SELECT ?name (COUNT(DISTINCT ?fact) AS ?count) {
          GRAPH ?quarantine { ?fact a kg:Quarantined ; rdf:predicate ?name }
        } GROUP BY ?name""",
}
