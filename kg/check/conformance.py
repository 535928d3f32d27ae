"""Validates quads against the shapes of an ontology, by pySHACL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.check.finding import Finding, Severity
from kg.errors import MissingExtra
from kg.ontology import Ontology
from kg.shapes import write_shapes
from kg.vocab import SH

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

__all__ = ["find_breaches"]

_SEVERITIES = {f"{SH}{severity.value.capitalize()}": severity for severity in Severity}


def find_breaches(quads: Iterable[ox.Quad], ontology: Ontology) -> Iterator[Finding]:
    """Yield each result of SHACL validation (https://www.w3.org/TR/shacl/#results-validation-result).

    The graphs that the quads are in are looked at as one. That a functional predicate has
    two values is left to `find_contradictions`, which tells them apart by time.
    """
    try:
        from pyshacl import validate
    except ImportError as error:
        raise MissingExtra("check", needed_for="checking a store against its shapes") from error
    from rdflib import Graph

    data = _make_graph(quads)
    if not data:
        return
    _, results, _ = validate(
        data,
        shacl_graph=Graph().parse(data=write_shapes(ontology), format="turtle"),
        ont_graph=Graph().parse(ontology.path),
        inference="none",
        allow_warnings=True,
    )
    functional = {p.iri for p in ontology.predicates.values() if p.functional}
    for finding in _read_results(results):
        if finding.severity is not Severity.WARNING or finding.predicate not in functional:
            yield finding


def _make_graph(quads: Iterable[ox.Quad]) -> Graph:
    """Return the triples as a graph of RDFLib."""
    from rdflib import Graph

    triples = (quad.triple for quad in quads)
    lines = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    return Graph().parse(data=lines or b"", format="nt")


def _read_results(results: Graph) -> Iterator[Finding]:
    from rdflib.namespace import RDF
    from rdflib.namespace import SH as TERMS

    for result in results.subjects(RDF.type, TERMS.ValidationResult):
        severity = str(results.value(result, TERMS.resultSeverity))
        messages = sorted(map(str, results.objects(result, TERMS.resultMessage)))
        yield Finding(
            severity=_SEVERITIES.get(severity, Severity.VIOLATION),
            subject=_read_text(results.value(result, TERMS.focusNode)),
            message="; ".join(messages),
            predicate=_read_text(results.value(result, TERMS.resultPath)),
            value=_read_text(results.value(result, TERMS.value)),
        )


def _read_text(term: Node | None) -> str:
    """Return a term as text; what has no name of its own (a path of steps) says nothing."""
    from rdflib import BNode

    return "" if term is None or isinstance(term, BNode) else str(term)
