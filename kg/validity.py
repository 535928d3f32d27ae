"""Finds when facts hold, and gives the graph of one day. docs/time.md says by which rules.

find_period(fact, published, ontology)       first and last day, or None where none is known
read_as_of(store, date(2020, 9, 1))          the graph of that day, as a store in memory
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pyoxigraph as ox

from kg.model import Evidence, Fact, Literal, Modality
from kg.ontology import Ontology, load_ontology
from kg.rdf import Contents, Describer, read_contents
from kg.store import Store
from kg.vocab import BASE_IRI, Minter, find_date_type

__all__ = ["DatedGraph", "Period", "find_period", "read_as_of"]

_STATING = frozenset({Modality.ASSERTED, Modality.FORMER})
_DEFAULT = ox.DefaultGraph()


@dataclass(frozen=True, slots=True)
class Period:
    """The first and the last day on which a fact holds; no last day is an open end."""

    first: date
    last: date | None = None

    def __contains__(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class DatedGraph:
    """The graph of one day: a store in memory, and how many facts it has.

    `unplaced` counts the facts that are left out since nothing tells when they hold.
    """

    store: Store
    held: int
    unplaced: int


def read_as_of(store: Store, day: date, *, ontology: Ontology | None = None) -> DatedGraph:
    """Return the graph of the facts that held on a day, with their nodes and plain triples.

    Facts that did not hold have neither; entities, articles and the quarantine are all
    there. Facts whose predicate the ontology lacks stay as they are.
    """
    ontology = ontology or load_ontology()
    describer = Describer(ontology, Minter(store.base or BASE_IRI))
    quads = set(store.quads())
    contents = read_contents(quads, ontology=ontology, minter=describer.minter)
    periods = dict(_find_periods(contents, ontology))
    held = [fact for fact in contents.facts if _holds(periods[fact.iri], day)]
    plain = {quad for fact in held for quad in _state_plainly(fact, describer)}
    gone = {fact.iri for fact in contents.facts} - {fact.iri for fact in held}
    dropped = {ox.NamedNode(iri) for iri in gone}
    stated = {quad for fact in contents.facts for quad in _state_plainly(fact, describer)}
    kept = (
        quad
        for quad in quads - (stated - plain)
        if quad.graph_name != _DEFAULT or quad.subject not in dropped
    )
    database = ox.Store()
    database.bulk_extend(plain.union(kept))
    unplaced = sum(
        fact.modality in _STATING and periods[fact.iri] is None for fact in contents.facts
    )
    return DatedGraph(Store(database, folder=None), len(held), unplaced)


def find_period(fact: Fact, published: Mapping[str, date], *, ontology: Ontology) -> Period | None:
    """Return when a fact holds, None where it never does or nothing tells when.

    `published` has the days of publication by article id; articles without one are absent.
    """
    if fact.modality not in _STATING:
        return None
    asserted, former = (
        sorted(_find_days(fact.evidence, published, modality))
        for modality in (Modality.ASSERTED, Modality.FORMER)
    )
    last = _end(fact.valid_to) if fact.valid_to else _find_end(asserted, former)
    if last is None and fact.modality is Modality.FORMER:
        return None
    first = _find_start(fact, asserted, ontology)
    if first is None or (last is not None and last < first):
        return None
    return Period(first, last)


def _find_periods(contents: Contents, ontology: Ontology) -> Iterator[tuple[str, Period | None]]:
    published = {a.id: a.published for a in contents.articles if a.published}
    for fact in contents.facts:
        yield fact.iri, find_period(fact, published, ontology=ontology)


def _holds(period: Period | None, day: date) -> bool:
    return period is not None and day in period


def _find_days(
    evidence: tuple[Evidence, ...], published: Mapping[str, date], modality: Modality
) -> Iterator[date]:
    """Yield the days on which articles put a fact in some way."""
    for place in evidence:
        if place.modality is modality and place.article in published:
            yield published[place.article]


def _find_start(fact: Fact, asserted: list[date], ontology: Ontology) -> date | None:
    """Return the first day, where the fact or an article tells it."""
    is_date = ontology.predicates[fact.predicate].datatype == "date"
    if is_date and isinstance(fact.object, Literal):
        return _begin(fact.object.value)
    if fact.valid_from:
        return _begin(fact.valid_from)
    dates = [fact.valid_to, *(value for name, value in fact.qualifiers if name == "on")]
    told = [*asserted[:1], *(day for text in dates if (day := _begin(text)) is not None)]
    return min(told, default=None)


def _find_end(asserted: list[date], former: list[date]) -> date | None:
    """Return the day before the first article to call former what none states later."""
    later = [day for day in former if not asserted or day > asserted[-1]]
    return later[0] - timedelta(days=1) if later else None


def _begin(text: str) -> date | None:
    """Return the first day of a day, month or year."""
    return date.fromisoformat(f"{text}-01-01"[:10]) if find_date_type(text) else None


def _end(text: str) -> date | None:
    """Return the last day of a day, month or year."""
    first = _begin(text)
    if first is None or len(text) == 10:
        return first
    month = first.month if len(text) == 7 else 12
    return date(first.year, month, calendar.monthrange(first.year, month)[1])


def _state_plainly(fact: Fact, describer: Describer) -> Iterator[ox.Quad]:
    """Yield the plain triples that an asserted fact would have."""
    node = ox.NamedNode(fact.iri)
    for quad in describer.describe_fact(replace(fact, modality=Modality.ASSERTED)):
        if quad.graph_name == _DEFAULT and quad.subject != node:
            yield quad
