"""The stages of resolution in their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.decisions import Decision
from kg.model import Entity, Extraction, Fact
from kg.ontology import Ontology
from kg.resolve.deciding import decide
from kg.resolve.facts import Quarantined, make_facts
from kg.resolve.linking import attach_links
from kg.resolve.merging import Merge, merge
from kg.resolve.naming import name_entities
from kg.resolve.nodes import make_nodes
from kg.resolve.reviewing import amend
from kg.resolve.scoring import find_candidates
from kg.vocab import Minter

__all__ = ["RULES", "Resolution", "resolve"]

# Raised when the same extractions come to other entities or facts than before: a store
# that was resolved by other rules is resolved anew.
RULES = "4"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a set of articles comes to: entities, facts and quarantine, sorted by IRI.

    `merges` say why clusters of articles became one entity.
    """

    entities: tuple[Entity, ...] = ()
    facts: tuple[Fact, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    merges: tuple[Merge, ...] = ()


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
    candidates = find_candidates(decided.nodes)
    groups, merges = merge(decided.nodes, candidates, ontology=ontology, ties=decided.ties)
    named = name_entities(groups, ontology=ontology, minter=minter, claims=decided.claims)
    entities = attach_links(named, decided.attachments)
    facts, quarantined = make_facts(
        amended, entities, ontology=ontology, minter=minter, judgements=judgements
    )
    return Resolution(entities, facts, quarantined, merges)
