"""What a service is asked, and what it answers; of an answer only what has the right form."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Candidate", "Query", "read_candidates"]

# More than this of one answer, and longer texts than this, nobody looks at.
_MOST = 20
_LONGEST = 1000


@dataclass(frozen=True, slots=True, order=True)
class Query:
    """A name, and the local name of the class of what it names."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thing that may be meant; `types` are ids and names of its types.

    `score` is on a scale of the service's own, a higher one better; `match` says that the
    service is sure.
    """

    id: str
    name: str
    score: float
    match: bool
    types: tuple[tuple[str, str], ...] = ()


def read_candidates(told: object) -> tuple[Candidate, ...]:
    """Return the candidates of one answer, without those that lack a part."""
    if not isinstance(told, list):
        return ()
    return tuple(c for one in told[:_MOST] if (c := _read_candidate(one)) is not None)


def _read_candidate(told: object) -> Candidate | None:
    if not isinstance(told, dict):
        return None
    id_, name, score = told.get("id"), told.get("name"), told.get("score")
    if not isinstance(id_, str) or not isinstance(name, str) or not id_:
        return None
    if not isinstance(score, int | float) or len(id_) + len(name) > _LONGEST:
        return None
    try:
        number = float(score)
    except OverflowError:
        return None
    if not math.isfinite(number):
        return None
    types = tuple(_read_types(told.get("type")))
    return Candidate(id_, name, number, told.get("match") is True, types)


def _read_types(told: object) -> Iterator[tuple[str, str]]:
    """Yield ids and names of types, which may be objects or ids alone."""
    for one in told[:_MOST] if isinstance(told, list) else ():
        type_ = one if isinstance(one, dict) else {"id": one}
        id_, name = type_.get("id"), type_.get("name", "")
        if isinstance(id_, str) and isinstance(name, str) and len(id_) + len(name) <= _LONGEST:
            yield id_, name
