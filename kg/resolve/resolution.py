"""The stages of resolution in their order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kg.model import Entity, Extraction, Fact
from kg.ontology import Ontology
from kg.resolve.facts import Quarantined, make_facts
from kg.resolve.merging import Merge, merge
from kg.resolve.naming import name_entities
from kg.resolve.nodes import make_nodes
from kg.resolve.scoring import find_candidates
from kg.vocab import Minter

__all__ = ["RULES", "Resolution", "resolve"]

# Raised when the same extractions come to other entities or facts than before: a store
# that was resolved by other rules is resolved anew.
RULES = "2"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a set of articles comes to: entities, facts and quarantine, sorted by IRI.

    `merges` say why clusters of articles became one entity.
    """

    entities: tuple[Entity, ...] = ()
    facts: tuple[Fact, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    merges: tuple[Merge, ...] = ()


def resolve(extractions: Iterable[Extraction], *, ontology: Ontology, minter: Minter) -> Resolution:
    """Return the entities and facts of a set of articles, one extraction an article.

    The result is a function of the set: it is the same in whatever order the
    extractions come, and an extraction that is taken away leaves no trace.
    """
    ordered = sorted(extractions, key=lambda extraction: extraction.article)
    nodes = make_nodes(ordered, ontology=ontology)
    groups, merges = merge(nodes, find_candidates(nodes), ontology=ontology)
    entities = name_entities(groups, ontology=ontology, minter=minter)
    facts, quarantined = make_facts(ordered, entities, ontology=ontology, minter=minter)
    return Resolution(entities, facts, quarantined, merges)
