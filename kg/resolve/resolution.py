"""The stages of resolution in their order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kg.decisions import Decision
from kg.model import Entity, Extraction, Fact
from kg.ontology import Ontology
from kg.resolve.deciding import Decided, decide
from kg.resolve.facts import Quarantined, make_facts
from kg.resolve.linking import attach_links
from kg.resolve.merging import Merge, merge
from kg.resolve.naming import name_entities
from kg.resolve.neighbours import Neighbours, NeighboursOfAll
from kg.resolve.nodes import Node, make_nodes
from kg.resolve.reviewing import amend
from kg.resolve.scoring import find_candidates
from kg.vocab import Minter

__all__ = ["RULES", "Resolution", "Workings", "resolve", "resolve_zone"]

# Raised when the same extractions come to other entities or facts than before: a store
# that was resolved by other rules is resolved anew.
RULES = "5"


@dataclass(frozen=True, slots=True)
class Workings:
    """What a resolution was found by, and what it takes to go on when articles come and go.

    `asked` are, by the cluster of a node, the articles of which it mattered for its zone
    what rare things they name.
    """

    nodes: tuple[Node, ...] = ()
    asked: Mapping[tuple[str, int], Collection[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a set of articles comes to: entities, facts and quarantine, sorted by IRI.

    `merges` say why clusters of articles became one entity.
    """

    entities: tuple[Entity, ...] = ()
    facts: tuple[Fact, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    merges: tuple[Merge, ...] = ()
    workings: Workings = field(default_factory=Workings, compare=False, repr=False)


def resolve(
    extractions: Iterable[Extraction],
    *,
    ontology: Ontology,
    minter: Minter,
    decisions: Sequence[Decision] = (),
    texts: Mapping[str, str] | None = None,
) -> Resolution:
    """Return the entities and facts of a set of articles, one extraction an article.

    The result is a function of the set and of what people decided: it is the same in
    whatever order the extractions come, and an extraction or a decision that is taken away
    leaves no trace. `texts` are those of the articles with reviewed facts, by id: a review
    of any other has no effect. The members of entities count the clusters of the amended
    extractions (see `amend`).
    """
    ordered = sorted(extractions, key=lambda extraction: extraction.article)
    amended, judgements = amend(ordered, decisions, texts or {}, ontology=ontology)
    decided = decide(make_nodes(amended, ontology=ontology), decisions, ontology=ontology)
    neighbours = NeighboursOfAll(decided.nodes)
    entities, merges = _find_entities(decided, neighbours, ontology, minter)
    facts, quarantined = make_facts(
        amended, entities, ontology=ontology, minter=minter, judgements=judgements
    )
    workings = Workings(decided.nodes, neighbours.asked)
    return Resolution(entities, facts, quarantined, merges, workings)


def resolve_zone(
    nodes: Sequence[Node], neighbours: Neighbours, *, ontology: Ontology, minter: Minter
) -> tuple[Entity, ...]:
    """Return the entities of some nodes of a set that nobody decided anything about.

    They are those that `resolve` finds in the whole set, given all nodes of a zone (see
    `find_points`), in their order.
    """
    return _find_entities(Decided(tuple(nodes)), neighbours, ontology, minter)[0]


def _find_entities(
    decided: Decided, neighbours: Neighbours, ontology: Ontology, minter: Minter
) -> tuple[tuple[Entity, ...], tuple[Merge, ...]]:
    nodes = decided.nodes
    candidates = find_candidates(nodes, neighbours)
    groups, merges = merge(nodes, candidates, neighbours, ontology=ontology, ties=decided.ties)
    named = name_entities(groups, ontology=ontology, minter=minter, claims=decided.claims)
    return attach_links(named, decided.attachments), merges
