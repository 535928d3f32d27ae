"""What people decide about entities and facts: data that resolution takes as an input.

    Grouping      which names are one entity, which are two, what an entity is called
    Review        a fact that a reviewer accepts, rejects, corrects or adds
    Linking       what an entity is called in another data set, by a service that was asked
    Decision      one of them, with its number, who decided it and when

A decision speaks of names and of places in articles, never of what resolution made of
them: so it holds whatever is built, in whatever order (docs/decisions/0007-decisions.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kg.model import Literal, Modality, Span

__all__ = ["Decision", "Designation", "Grouping", "Linking", "Review", "Statement", "Verdict"]


class Verdict(StrEnum):
    """What is decided: the first four of entities, the others of facts."""

    MERGE = "merge"
    SPLIT = "split"
    PIN = "pin"
    LINK = "link"
    ACCEPT = "accept"
    REJECT = "reject"
    CORRECT = "correct"
    ADD = "add"


@dataclass(frozen=True, slots=True, order=True)
class Designation:
    """What is meant by a name: everything of a class that is called so.

    With an `article` only what is called so there is meant; with a `start` only the cluster
    that has a mention at this offset, in characters. `type` is the local name of a class.
    Spellings of a name (with a legal form, without a title) are that name, unless it is
    meant to be `exact`.
    """

    name: str
    type: str
    article: str = ""
    start: int = -1
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which clusters are one entity and which are not.

    `ones` are one entity by a merge or a pin, and are taken out of that of the `others`,
    which stay one, by a split. `iri`, `name` and `type` are those of the entity that stays:
    of the `ones` for a merge or a pin, of the `others` for a split.
    """

    verdict: Verdict
    ones: tuple[Designation, ...]
    others: tuple[Designation, ...] = ()
    iri: str = ""
    name: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class Linking:
    """The node of another data set for the entity of the `ones`, while it has no other.

    `score` lies between 0 and 1; `rule` names the service and what made the choice.
    """

    verdict: Verdict
    ones: tuple[Designation, ...]
    target: str
    rule: str
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Statement:
    """What an article is held to state, and the sentence; its ends are mentions in it.

    `predicate` is the local name of an ontology property in its canonical direction.
    """

    article: str
    span: Span
    quote: str
    subject: Designation
    predicate: str
    object: Designation | Literal
    modality: Modality = Modality.ASSERTED


@dataclass(frozen=True, slots=True)
class Review:
    """A verdict on a statement; `correction` is what a corrected one should have said."""

    verdict: Verdict
    statement: Statement
    correction: Statement | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, by whom and when; later ones prevail over earlier ones.

    `number` names it and orders it within its store; `at` is a time in the form of ISO 8601.
    """

    number: int
    by: str
    at: str
    about: Grouping | Linking | Review
    note: str = ""

    @property
    def day(self) -> str:
        """The day on which it was decided."""
        return self.at[:10]
