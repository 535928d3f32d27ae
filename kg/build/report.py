"""What a build tells: while it runs, and when it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kg.errors import SourceError
from kg.grounding import Fault

__all__ = ["BuildReport", "Counts", "Outcome", "Progress", "RemoveReport"]


class Outcome(StrEnum):
    """What became of an article; `stored` tells that all before it are in the store."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    STORED = "stored"


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a build: what became of which article, and how many are done."""

    outcome: Outcome
    article: str
    done: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a store holds."""

    articles: int = 0
    entities: int = 0
    facts: int = 0


@dataclass(frozen=True, slots=True)
class BuildReport:
    """The ids of the articles by outcome, sorted; the sources refused, in order; the store.

    `ungrounded` counts what was read from the articles added or changed and was left out
    since it does not stand in their text, by kind of fault.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    refused: tuple[SourceError, ...]
    store: Counts
    ungrounded: Mapping[Fault, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RemoveReport:
    """The ids of the articles removed and of those that the store did not hold; the store."""

    removed: tuple[str, ...]
    unknown: tuple[str, ...]
    store: Counts
