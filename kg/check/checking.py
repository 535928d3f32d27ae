"""Joins what the shapes and the contradictions tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pyoxigraph as ox

from kg.check.conformance import find_breaches
from kg.check.contradictions import find_contradictions
from kg.check.finding import CheckReport, Finding, Severity
from kg.errors import KGError
from kg.ontology import Ontology, load_ontology
from kg.rdf import Contents, read_contents
from kg.store import Store
from kg.vocab import BASE_IRI, KG, Minter

__all__ = ["check"]

_ORDER = tuple(Severity)
_REASON = f"{KG}reason"
_NAMES = """
SELECT ?thing ?name {
  { ?thing rdfs:label ?name } UNION { GRAPH ?article { ?thing schema:headline ?name } }
}
"""
_FACTS = """
SELECT ?fact ?subject ?predicate ?object {
  { ?fact a kg:Fact ; rdf:subject ?subject ; rdf:predicate ?predicate ; rdf:object ?object }
  UNION {
    GRAPH ?quarantine {
      ?fact a kg:Quarantined ;
        rdf:subject ?subject ; rdf:predicate ?predicate ; rdf:object ?object
    }
  }
}
"""


def check(store: Store, *, ontology: Ontology | None = None) -> CheckReport:
    """Return what is wrong with a store: breaches of its shapes, and contradictions.

    What is quarantined is looked at by itself, and only for whether it says why.
    """
    ontology = ontology or load_ontology()
    minter = Minter(store.base or BASE_IRI)
    kept, held = _part(store, minter.quarantine)
    found = list(find_breaches(kept, ontology))
    found += (f for f in find_breaches(held, ontology) if f.predicate == _REASON)
    found += find_contradictions(_read(store, ontology, minter), ontology)
    ordered = sorted(
        _name(found, store),
        key=lambda f: (
            _ORDER.index(f.severity),
            f.name,
            f.subject,
            f.predicate,
            f.value,
            f.message,
        ),
    )
    return CheckReport(tuple(ordered), sum(1 for _ in store.select("SELECT ?f { ?f a kg:Fact }")))


def _part(store: Store, quarantine: str) -> tuple[list[ox.Quad], list[ox.Quad]]:
    """Return the quads outside the quarantine and those inside."""
    parts: tuple[list[ox.Quad], list[ox.Quad]] = ([], [])
    graph = ox.NamedNode(quarantine)
    for quad in store.quads():
        parts[quad.graph_name == graph].append(quad)
    return parts


def _read(store: Store, ontology: Ontology, minter: Minter) -> Contents:
    """Return what the store says; nothing where facts lack a part, which is a breach."""
    try:
        return read_contents(store.quads(), ontology=ontology, minter=minter)
    except KGError:
        return Contents()


def _name(findings: Iterable[Finding], store: Store) -> Iterator[Finding]:
    """Yield the findings with the names of what they are about."""
    names = {told["thing"].value: told["name"].value for told in store.select(_NAMES)}
    for told in store.select(_FACTS):
        parts = (told[part].value for part in ("subject", "predicate", "object"))
        names[told["fact"].value] = " ".join(
            names.get(part, part.rpartition("#")[2] or part) for part in parts
        )
    for finding in findings:
        yield replace(finding, name=names.get(finding.subject, ""))
