"""Makes decisions about entities of what people say of them by name."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pyoxigraph as ox

from kg.build.register import Register, write_time
from kg.decisions import Decision, Designation, Grouping, Verdict
from kg.errors import StoreError, UsageError
from kg.model import Entity
from kg.ontology import Ontology
from kg.rdf import read_decisions
from kg.resolve import Designator
from kg.store import Store
from kg.view import find_entities
from kg.vocab import BASE_IRI, Minter

__all__ = ["list_decisions", "merge", "pin", "split", "undo"]


def list_decisions(store: Store) -> tuple[Decision, ...]:
    """Return the decisions that a store keeps, of entities and of facts, first ones first."""
    graph = ox.NamedNode(Minter(store.base or BASE_IRI).decisions)
    return read_decisions(store.quads(graph=graph))


def merge(
    store: Store,
    one: str,
    other: str,
    *,
    by: str,
    note: str = "",
    at: date | None = None,
    ontology: Ontology | None = None,
) -> Decision:
    """Make two entities one, which keeps IRI, name and class of the first.

    Entities go by name, alias or IRI. Raises UsageError where a name means none or
    several, or both mean the same one.
    """
    deciding = _Deciding(store, ontology)
    stays, goes = deciding.find(one), deciding.find(other)
    if stays == goes:
        raise UsageError(f"{one!r} and {other!r} are one entity already: {stays.iri}")
    ones = {
        *deciding.designator.designate(stays.members),
        *deciding.designator.designate(goes.members),
    }
    matter = _settle(Verdict.MERGE, tuple(sorted(ones)), (), stays)
    return deciding.decide(matter, by, note, at)


def split(
    store: Store,
    entity: str,
    *,
    article: str = "",
    name: str = "",
    by: str,
    note: str = "",
    at: date | None = None,
    ontology: Ontology | None = None,
) -> Decision:
    """Take what an article, or everything of a name, means out of an entity.

    Given both, it is what the article calls so. What is left keeps IRI, name and class.
    Raises UsageError where nothing is meant, or nothing would be left.
    """
    if not (article or name):
        raise UsageError("say what to take out: an article, a name, or both")
    deciding = _Deciding(store, ontology)
    whole = deciding.find(entity)
    meant = frozenset(member for member in whole.members if article in ("", member[0]))
    if name:
        meant &= deciding.designator.find_named(name, whole.members)
    if not meant or len(meant) == len(whole.members):
        fault = "would leave nothing of it" if meant else "takes nothing out of it"
        raise UsageError(f"{whole.iri}: that {fault}: `kg entities show` lists its names")
    ones, others = (
        deciding.designator.designate(meant),
        deciding.designator.designate(whole.members),
    )
    return deciding.decide(_settle(Verdict.SPLIT, ones, others, whole), by, note, at)


def pin(
    store: Store,
    entity: str,
    *,
    iri: str = "",
    name: str = "",
    type_: str = "",
    by: str,
    note: str = "",
    at: date | None = None,
    ontology: Ontology | None = None,
) -> Decision:
    """Make what is one entity now stay one, with its IRI, name and class, or those given.

    Raises UsageError for what is no IRI, that of another entity, or no class.
    """
    deciding = _Deciding(store, ontology)
    pinned = deciding.find(entity)
    deciding.check(pinned, iri=iri, type_=type_)
    chosen = Entity(iri or pinned.iri, " ".join(name.split()) or pinned.name, type_ or pinned.type)
    ones = deciding.designator.designate(pinned.members)
    return deciding.decide(_settle(Verdict.PIN, ones, (), chosen), by, note, at)


def undo(
    store: Store, numbers: Collection[int], *, ontology: Ontology | None = None
) -> tuple[Decision, ...]:
    """Take decisions back, of entities or of facts, as if they had never been made.

    Raises UsageError where there is none of a number.
    """
    return Register(store, ontology=ontology).undo(numbers)


def _settle(
    verdict: Verdict,
    ones: tuple[Designation, ...],
    others: tuple[Designation, ...],
    stays: Entity,
) -> Grouping:
    return Grouping(verdict, ones, others, iri=stays.iri, name=stays.name, type=stays.type)


class _Deciding:
    """A store whose entities can be found and decided about."""

    def __init__(self, store: Store, ontology: Ontology | None) -> None:
        self._store = store
        self._register = Register(store, ontology=ontology)
        self._entities = {entity.iri: entity for entity in self._register.resolution.entities}
        self.designator = Designator(self._register.extractions, ontology=self._register.ontology)

    def find(self, name: str) -> Entity:
        """Return the entity of a name. Raises UsageError where there are several, or none."""
        iris = find_entities(self._store, name)
        found = [self._entities[iri] for iri in iris if iri in self._entities]
        if len(found) == 1:
            return found[0]
        if not found:
            raise StoreError(f"{name}: the graph is not that of its articles: build again")
        told = ", ".join(f"{entity.iri} ({entity.type})" for entity in found)
        raise UsageError(f"{name!r} means {len(found)} entities: name one by its IRI: {told}")

    def check(self, pinned: Entity, *, iri: str, type_: str) -> None:
        """Raise UsageError where an entity cannot have an IRI or a class."""
        known = self._register.ontology.entity_classes
        if type_ and type_ not in known:
            raise UsageError(f"no class {type_!r}: choose from {', '.join(known)}")
        try:
            ox.NamedNode(iri or pinned.iri)
        except ValueError as error:
            raise UsageError(f"{iri!r} is no IRI: {error}") from error
        other = self._entities.get(iri, pinned)
        if other != pinned:
            raise UsageError(f"{iri} is that of {other.name} ({other.type}): merge the two")

    def decide(self, matter: Grouping, by: str, note: str, at: date | None) -> Decision:
        """Keep a decision."""
        return self._register.decide([Decision(0, by, write_time(at), matter, note)])[0]
