"""Validates quads against the shapes of an ontology, by pySHACL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.check.finding import Finding, Severity
from kg.model import Breach, Literal
from kg.ontology import Ontology
from kg.shapes import write_shapes
from kg.vocab import SH, XSD

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

__all__ = ["find_breaches", "validate"]

_SEVERITIES = {f"{SH}{severity.value.capitalize()}": severity for severity in Severity}


def find_breaches(quads: Iterable[ox.Quad], ontology: Ontology) -> Iterator[Finding]:
    """Yield what breaks a shape as findings.

    That a functional predicate has two values is left to `find_contradictions`, which tells
    them apart by time.
    """
    functional = {p.iri for p in ontology.predicates.values() if p.functional}
    for severity, breach in validate(quads, ontology):
        if severity is not Severity.WARNING or breach.path not in functional:
            value = breach.value
            yield Finding(
                severity=severity,
                subject=breach.focus,
                message=breach.message,
                predicate=breach.path,
                value=value.value if isinstance(value, Literal) else value,
            )


def validate(quads: Iterable[ox.Quad], ontology: Ontology) -> Iterator[tuple[Severity, Breach]]:
    """Yield each result of SHACL validation (https://www.w3.org/TR/shacl/#results-validation-result).

    The graphs that the quads are in are looked at as one.
    """
    from pyshacl import validate as validate_graph
    from rdflib import Graph

    data = _make_graph(quads)
    if not data:
        return
    _, results, _ = validate_graph(
        data,
        shacl_graph=Graph().parse(data=write_shapes(ontology), format="turtle"),
        ont_graph=Graph().parse(ontology.path),
        inference="none",
        allow_warnings=True,
    )
    yield from _read_results(results)


def _make_graph(quads: Iterable[ox.Quad]) -> Graph:
    """Return the triples as a graph of RDFLib."""
    from rdflib import Graph

    triples = (quad.triple for quad in quads)
    lines = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    return Graph().parse(data=lines or b"", format="nt")


def _read_results(results: Graph) -> Iterator[tuple[Severity, Breach]]:
    from rdflib.namespace import RDF
    from rdflib.namespace import SH as TERMS

    for result in results.subjects(RDF.type, TERMS.ValidationResult):
        severity = str(results.value(result, TERMS.resultSeverity))
        messages = sorted(map(str, results.objects(result, TERMS.resultMessage)))
        breach = Breach(
            focus=_read_iri(results.value(result, TERMS.focusNode)),
            component=_read_iri(results.value(result, TERMS.sourceConstraintComponent)),
            message="; ".join(messages),
            path=_read_iri(results.value(result, TERMS.resultPath)),
            shape=_read_iri(results.value(result, TERMS.sourceShape)),
            value=_read_value(results.value(result, TERMS.value)),
        )
        yield _SEVERITIES.get(severity, Severity.VIOLATION), breach


def _read_iri(term: Node | None) -> str:
    """Return an IRI as text; what has none of its own (a path of steps) says nothing."""
    from rdflib import BNode

    return "" if term is None or isinstance(term, BNode) else str(term)


def _read_value(term: Node | None) -> str | Literal:
    from rdflib import Literal as Value

    if not isinstance(term, Value):
        return _read_iri(term)
    namespace, mark, name = str(term.datatype or f"{XSD}string").rpartition("#")
    return Literal(str(term), name if f"{namespace}{mark}" == XSD else "string")
