"""Lists the entities of a store, tells what made them, and lets people decide otherwise.

list_entities(store, search="zoom")             with class and counts, from the graph alone
describe_entity(store, "Zoom")                  names, articles, and every merge with its rule
merge(store, "Zoom", "Zoom Video", by="Ada")    split, pin; each returns its Decision
undo(store, [3])                                as if it had never been decided
copy_decisions(store, "old-store")              what people said of another store
"""

from __future__ import annotations

from kg.entities.copying import copy_decisions
from kg.entities.deciding import list_decisions, merge, pin, split, undo
from kg.entities.describing import EntityReport, MergeReport, Naming, describe_entity
from kg.entities.listing import EntitySummary, list_entities

__all__ = [
    "EntityReport",
    "EntitySummary",
    "MergeReport",
    "Naming",
    "copy_decisions",
    "describe_entity",
    "list_decisions",
    "list_entities",
    "merge",
    "pin",
    "split",
    "undo",
]
