"""What a store says about a set of articles, in units that can be compared and rewritten."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain

from pyoxigraph import Quad

from kg.build.admission import admit
from kg.build.attribution import attribute
from kg.build.collection import rest_collection
from kg.build.index import find_unit
from kg.cache import Kept
from kg.corroboration import count_publishers
from kg.decisions import Decision
from kg.grounding import Fault, ground
from kg.model import Article, Entity, Extraction, Fact
from kg.rdf import SHAPE, Describer, describe_agent, describe_decision
from kg.resolve import RULES, Quarantined, Resolution, amend, resolve

__all__ = ["Snapshot", "make_revision"]

_Unit = tuple[str, ...]
_Content = Kept | Entity | Quarantined | Decision | str | tuple[Fact, ...]


def make_revision(ontology_version: str, decisions: Sequence[Decision] = ()) -> str:
    """Return what tells apart graphs that the same extractions give under other rules."""
    told = "\n".join(map(repr, decisions)).encode()
    decided = f"-{hashlib.sha256(told).hexdigest()[:16]}" if decisions else ""
    return f"{SHAPE}-{RULES}-{ontology_version}{decided}"


class Snapshot:
    """All that the graph says about a set of articles.

    A unit is the smallest part that is written as a whole: an article, an entity, the
    facts of one plain triple, a quarantined statement, a decision. No two units share a quad, so a
    store is brought from one snapshot to another by rewriting the units that differ.
    `resolution` is what the articles come to, where it is known already; `faults` counts,
    by article, what was read and does not stand in its text.
    """

    @rest_collection()
    def __init__(
        self,
        kept: Mapping[str, Kept],
        describer: Describer,
        *,
        decisions: Sequence[Decision] = (),
        resolution: Resolution | None = None,
    ) -> None:
        self._describer = describer
        self._kept = kept
        self.decisions = tuple(decisions)
        self.faults: dict[str, Mapping[Fault, int]] = {}
        self.resolution = resolution = resolution or self.resolve()
        self._units = dict(_divide(kept, resolution, self.decisions))
        self._counts = len(kept), len(resolution.entities), len(resolution.facts)

    @cached_property
    def articles(self) -> Mapping[str, Article]:
        """The articles by id."""
        return {id_: content.article for id_, content in self._kept.items()}

    @cached_property
    def extractions(self) -> Sequence[Extraction]:
        """What the articles state, by what stands in their texts, and by their reviewers."""
        return amend(
            self._grounded, self.decisions, self._texts, ontology=self._describer.ontology
        )[0]

    def resolve(self) -> Resolution:
        """Return what the articles and the decisions come to, with all merges."""
        resolution = resolve(
            self._grounded,
            ontology=self._describer.ontology,
            minter=self._describer.minter,
            decisions=self.decisions,
            texts=self._texts,
        )
        admitted = admit(resolution, self.articles, self._describer)
        attributed = attribute(admitted, self.articles, self._describer.minter)
        facts = tuple(count_publishers(attributed.facts, self.articles))
        return replace(attributed, facts=facts)

    @cached_property
    def _grounded(self) -> list[Extraction]:
        """Return what the articles state by what stands in their texts."""
        extractions = []
        for id_, content in self._kept.items():
            grounded = ground(content.extraction, content.article)
            extractions.append(grounded.extraction)
            if grounded.faults:
                self.faults[id_] = grounded.faults
        return extractions

    @property
    def _texts(self) -> dict[str, str]:
        return {id_: article.text for id_, article in self.articles.items()}

    def quads(self) -> set[Quad]:
        """Return every quad of the graph."""
        return set(chain(self._describe(self._units), self._describe_dataset()))

    def changes_to(self, other: Snapshot) -> tuple[set[Quad], set[Quad]]:
        """Return the quads to remove and those to add to come from this snapshot to another."""
        units = self._units.keys() | other._units.keys()
        differing = [u for u in units if self._units.get(u) != other._units.get(u)]
        removed = {*self._describe(differing), *self._describe_dataset()}
        added = {*other._describe(differing), *other._describe_dataset()}
        # Decisions may have been put into a store that says nothing else yet.
        return removed - added, (added - removed).union(other._describe_dataset())

    def _describe(self, units: Iterable[_Unit]) -> Iterator[Quad]:
        """Yield the quads of those units that the snapshot has."""
        describer = self._describer
        for unit in units:
            match unit[0], self._units.get(unit):
                case "agent", str(name):
                    yield from describe_agent(name, minter=describer.minter)
                case _, Decision() as decision:
                    yield from describe_decision(decision, minter=describer.minter)
                case _, Kept(key, article):
                    yield from describer.describe_article(article, extraction=key)
                case _, Entity() as entity:
                    yield from describer.describe_entity(entity)
                case _, Quarantined(fact, reasons, breaches):
                    yield from describer.describe_quarantined(fact, reasons, breaches)
                case _, str(extractor):
                    yield from describer.describe_extractor(extractor)
                case _, tuple(facts):
                    for fact in facts:
                        yield from describer.describe_fact(fact)

    def _describe_dataset(self) -> Iterator[Quad]:
        """Yield the data set's description; a graph of nothing says nothing."""
        articles, entities, facts = self._counts
        if articles or self.decisions:
            yield from self._describer.describe_dataset(
                articles=articles,
                entities=entities,
                facts=facts,
                revision=make_revision(self._describer.ontology.version, self.decisions),
            )


def _divide(
    kept: Mapping[str, Kept], resolution: Resolution, decisions: Sequence[Decision]
) -> Iterator[tuple[_Unit, _Content]]:
    """Yield the units of a graph with what they hold."""
    for decision in decisions:
        yield ("decision", str(decision.number)), decision
        yield ("agent", decision.by), decision.by
    for article, content in kept.items():
        yield ("article", article), content
    for entity in resolution.entities:
        yield ("entity", entity.iri), entity
    for item in resolution.quarantined:
        yield ("quarantined", item.fact.iri), item
    facts: dict[_Unit, tuple[Fact, ...]] = {}
    for fact in resolution.facts:
        unit = ("fact", *find_unit(fact))
        facts[unit] = (*facts.get(unit, ()), fact)
    yield from facts.items()
    told = chain(resolution.facts, (item.fact for item in resolution.quarantined))
    for extractor in {e.extractor for fact in told for e in fact.evidence}:
        yield ("extractor", extractor), extractor
