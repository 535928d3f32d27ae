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

Where articles come and go, only the zones that they have to do with need resolving again:

    zones       nodes -> the points at which they meet; zones are what points tie together
"""

from __future__ import annotations

from kg.resolve.deciding import Designator
from kg.resolve.facts import Quarantined, Stated, gather_facts, state
from kg.resolve.identity import Identity
from kg.resolve.literals import normalize
from kg.resolve.merging import Merge
from kg.resolve.neighbours import Neighbours, count_rare, find_makers, find_thing
from kg.resolve.nodes import Node, make_nodes
from kg.resolve.resolution import RULES, Resolution, Workings, resolve, resolve_zone
from kg.resolve.reviewing import amend, name_reviewer
from kg.resolve.zones import find_points

__all__ = [
    "RULES",
    "Designator",
    "Identity",
    "Merge",
    "Neighbours",
    "Node",
    "Quarantined",
    "Resolution",
    "Stated",
    "Workings",
    "amend",
    "count_rare",
    "find_makers",
    "find_points",
    "find_thing",
    "gather_facts",
    "make_nodes",
    "name_reviewer",
    "normalize",
    "resolve",
    "resolve_zone",
    "state",
]
