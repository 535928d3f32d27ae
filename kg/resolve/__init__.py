"""Resolves what many articles name and state into entities and facts.

Resolution is a pure function of the set of extractions. Its stages, each a module:

    nodes     clusters of all articles -> nodes with the keys they can be found by
    scoring   pairs of nodes that share a key -> candidates with a rule and a score
    merging   candidates -> groups of nodes that are one thing; homonyms stay apart
    naming    groups -> entities with name, class, aliases and a stable IRI
    facts     relations between clusters -> facts between entities, or quarantine
"""

from __future__ import annotations

from kg.resolve.facts import Quarantined
from kg.resolve.resolution import Resolution, resolve

__all__ = ["Quarantined", "Resolution", "resolve"]
