"""What a store says about a set of articles, in units that can be compared and rewritten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from pyoxigraph import Quad

from kg.cache import Kept
from kg.grounding import Fault, ground
from kg.model import Entity, Fact, Literal
from kg.rdf import SHAPE, Describer
from kg.resolve import RULES, Quarantined, Resolution, resolve

__all__ = ["Snapshot", "make_revision"]

_Unit = tuple[str, ...]
_Content = Kept | Entity | Quarantined | str | tuple[Fact, ...]


def make_revision(ontology_version: str) -> str:
    """Return what tells apart graphs that the same extractions give under other rules."""
    return f"{SHAPE}-{RULES}-{ontology_version}"


class Snapshot:
    """All that the graph says about a set of articles.

    A unit is the smallest part that is written as a whole: an article, an entity, the
    facts of one plain triple, a quarantined statement. No two units share a quad, so a
    store is brought from one snapshot to another by rewriting the units that differ.
    `resolution` is what the articles come to, where it is known already; `faults` counts,
    by article, what was read and does not stand in its text.
    """

    def __init__(
        self,
        kept: Mapping[str, Kept],
        describer: Describer,
        *,
        resolution: Resolution | None = None,
    ) -> None:
        self._describer = describer
        self.faults: dict[str, Mapping[Fault, int]] = {}
        self.resolution = resolution or self._resolve(kept)
        resolution = self.resolution
        self._units = dict(_divide(kept, resolution))
        self._counts = len(kept), len(resolution.entities), len(resolution.facts)

    def _resolve(self, kept: Mapping[str, Kept]) -> Resolution:
        """Return what the articles come to by what stands in their texts."""
        extractions = []
        for id_, content in kept.items():
            grounded = ground(content.extraction, content.article)
            extractions.append(grounded.extraction)
            if grounded.faults:
                self.faults[id_] = grounded.faults
        describer = self._describer
        return resolve(extractions, ontology=describer.ontology, minter=describer.minter)

    def quads(self) -> set[Quad]:
        """Return every quad of the graph."""
        return set(chain(self._describe(self._units), self._describe_dataset()))

    def changes_to(self, other: Snapshot) -> tuple[set[Quad], set[Quad]]:
        """Return the quads to remove and those to add to come from this snapshot to another."""
        units = self._units.keys() | other._units.keys()
        differing = [u for u in units if self._units.get(u) != other._units.get(u)]
        removed = {*self._describe(differing), *self._describe_dataset()}
        added = {*other._describe(differing), *other._describe_dataset()}
        return removed - added, added - removed

    def _describe(self, units: Iterable[_Unit]) -> Iterator[Quad]:
        """Yield the quads of those units that the snapshot has."""
        describer = self._describer
        for unit in units:
            match self._units.get(unit):
                case Kept(key, article):
                    yield from describer.describe_article(article, extraction=key)
                case Entity() as entity:
                    yield from describer.describe_entity(entity)
                case Quarantined(fact, reasons):
                    yield from describer.describe_quarantined(fact, reasons)
                case str(extractor):
                    yield from describer.describe_extractor(extractor)
                case tuple(facts):
                    for fact in facts:
                        yield from describer.describe_fact(fact)

    def _describe_dataset(self) -> Iterator[Quad]:
        """Yield the data set's description; a graph of no articles says nothing."""
        articles, entities, facts = self._counts
        if articles:
            yield from self._describer.describe_dataset(
                articles=articles,
                entities=entities,
                facts=facts,
                revision=make_revision(self._describer.ontology.version),
            )


def _divide(kept: Mapping[str, Kept], resolution: Resolution) -> Iterator[tuple[_Unit, _Content]]:
    """Yield the units of a graph with what they hold."""
    for article, content in kept.items():
        yield ("article", article), content
    for entity in resolution.entities:
        yield ("entity", entity.iri), entity
    for item in resolution.quarantined:
        yield ("quarantined", item.fact.iri), item
    facts: dict[_Unit, tuple[Fact, ...]] = {}
    for fact in resolution.facts:
        # Two amounts that differ in currency are two facts and one plain triple.
        object_ = fact.object.value if isinstance(fact.object, Literal) else fact.object
        unit = ("fact", fact.subject, fact.predicate, object_)
        facts[unit] = (*facts.get(unit, ()), fact)
    yield from facts.items()
    told = chain(resolution.facts, (item.fact for item in resolution.quarantined))
    for extractor in {e.extractor for fact in told for e in fact.evidence}:
        yield ("extractor", extractor), extractor
