"""Resolves what many articles name and state into entities and facts.

Resolution is a pure function of the set of extractions and of what people decided. Its
stages, each a module:

    reviewing   what reviewers decided about facts -> extractions that say so, judgements
    forms       names -> the keys under which their spellings meet
    identity    what the gazetteer knows of a cluster: a country, a city, a known company
    nodes       clusters of all articles -> nodes with their keys and what is said of them
    deciding    what people decided about entities -> nodes that are one, that are two, names
    neighbours  rare things that articles have in common
    scoring     pairs of nodes -> candidates with a rule and a score
    merging     candidates -> groups of nodes that are one thing; homonyms stay apart
    naming      groups -> entities with name, class, aliases, links and a stable IRI
    linking     what services said of names -> links of entities that have none
    facts       relations between clusters -> facts between entities, or quarantine
"""

from __future__ import annotations

from kg.resolve.deciding import Designator
from kg.resolve.facts import Quarantined
from kg.resolve.literals import normalize
from kg.resolve.merging import Merge
from kg.resolve.resolution import RULES, Resolution, resolve
from kg.resolve.reviewing import amend, name_reviewer

__all__ = [
    "RULES",
    "Designator",
    "Merge",
    "Quarantined",
    "Resolution",
    "amend",
    "name_reviewer",
    "normalize",
    "resolve",
]
