"""Chooses what an export tells of a store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg.errors import ExportError
from kg.export.nanopublications import make_nanopublications
from kg.store import Store
from kg.vocab import BASE_IRI, KG, RDF, VOID, Minter

__all__ = ["PROFILES", "select_quads"]

PROFILES = ("plain", "full", "rdf12", "nanopub")

_TYPE = ox.NamedNode(f"{RDF}type")
_REIFIES = ox.NamedNode(f"{RDF}reifies")
_TERMS = tuple(ox.NamedNode(f"{RDF}{name}") for name in ("subject", "predicate", "object"))
_STATEMENT = ox.NamedNode(f"{RDF}Statement")
_QUARANTINED = ox.NamedNode(f"{KG}Quarantined")
_BOOKKEEPING = tuple(
    ox.NamedNode(iri) for iri in (f"{KG}Fact", f"{KG}Link", f"{KG}Extractor", f"{VOID}Dataset")
)


def select_quads(store: Store, profile: str, *, with_graphs: bool) -> set[ox.Quad]:
    """Return the quads that a profile tells.

    `plain` are facts, classes, names and links; `full` is everything; `rdf12` everything,
    with facts as triple terms (RDF 1.2 Concepts, section 3.1) in place of the three terms
    of an rdf:Statement; `nanopub` a nanopublication for each fact and each entity. Without
    graphs, all stand in one, and what is quarantined is left out, since nothing would tell
    it apart.
    """
    if profile == "plain":
        return set(_drop_bookkeeping(store))
    if profile == "nanopub":
        return set(make_nanopublications(store, Minter(store.base or BASE_IRI)))
    quads: Iterable[ox.Quad] = store.quads()
    if profile == "rdf12":
        quads = _reify(store)
    if with_graphs:
        return set(quads)
    quarantine = {quad.graph_name for quad in store.quads(predicate=_TYPE, object_=_QUARANTINED)}
    told = (quad for quad in quads if quad.graph_name not in quarantine)
    return {ox.Quad(quad.subject, quad.predicate, quad.object) for quad in told}


def _drop_bookkeeping(store: Store) -> Iterator[ox.Quad]:
    """Yield what the default graph says of entities."""
    default = ox.DefaultGraph()
    others = {
        quad.subject
        for type_ in _BOOKKEEPING
        for quad in store.quads(predicate=_TYPE, object_=type_, graph=default)
    }
    yield from (quad for quad in store.quads(graph=default) if quad.subject not in others)


def _reify(store: Store) -> Iterator[ox.Quad]:
    """Yield all quads, each fact's three terms replaced by one triple term."""
    parts: dict[tuple[object, object], dict[ox.NamedNode, ox.Quad]] = {}
    for quad in store.quads():
        if quad.predicate in _TERMS:
            parts.setdefault((quad.graph_name, quad.subject), {})[quad.predicate] = quad
        elif not (quad.predicate == _TYPE and quad.object == _STATEMENT):
            yield quad
    for told in parts.values():
        subject, predicate, object_ = (told[term] for term in _TERMS)
        if not isinstance(predicate.object, ox.NamedNode):
            raise ExportError(f"{predicate.subject}: its rdf:predicate is no IRI: build it again")
        if isinstance(subject.object, ox.Literal):
            raise ExportError(f"{subject.subject}: its rdf:subject is a literal: build it again")
        triple = ox.Triple(subject.object, predicate.object, object_.object)
        yield ox.Quad(subject.subject, _REIFIES, triple, subject.graph_name)
