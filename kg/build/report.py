"""What a build tells: while it runs, and when it is done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kg.errors import SourceError

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
    """The ids of the articles by outcome, sorted; the sources refused, in order; the store."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    refused: tuple[SourceError, ...]
    store: Counts


@dataclass(frozen=True, slots=True)
class RemoveReport:
    """The ids of the articles removed and of those that the store did not hold; the store."""

    removed: tuple[str, ...]
    unknown: tuple[str, ...]
    store: Counts
