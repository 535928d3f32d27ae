"""A store's articles, what they come to, and what people decide about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime

from kg.build.holdings import Holdings
from kg.decisions import Decision
from kg.errors import UsageError
from kg.model import Article, Extraction
from kg.ontology import Ontology, load_ontology
from kg.rdf import Describer
from kg.resolve import Resolution
from kg.store import Store
from kg.vocab import BASE_IRI, Minter

__all__ = ["Register", "check_name", "write_time"]

_LONGEST = 200


class Register:
    """What people decided about a store, with what they can decide about.

    The store is brought to each decision, and to each that is taken back, in one
    transaction. Raises StoreError where what was read from its articles is lost.
    """

    def __init__(self, store: Store, *, ontology: Ontology | None = None) -> None:
        self.ontology = ontology or load_ontology()
        self.minter = Minter(store.base or BASE_IRI)
        self._holdings = Holdings(store, Describer(self.ontology, self.minter))

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """The decisions that hold, first ones first."""
        return self._holdings.decisions

    @property
    def articles(self) -> Mapping[str, Article]:
        """The articles by id."""
        return self._holdings.snapshot.articles

    @property
    def extractions(self) -> Sequence[Extraction]:
        """What the articles state, by their reviewers too: what the members of entities count."""
        return self._holdings.snapshot.extractions

    @property
    def resolution(self) -> Resolution:
        """What the articles come to; its merges may be left out."""
        return self._holdings.snapshot.resolution

    def resolve(self) -> Resolution:
        """Return what the articles come to, with all merges."""
        return self._holdings.snapshot.resolve()

    def decide(self, drafts: Sequence[Decision]) -> tuple[Decision, ...]:
        """Keep decisions, and return them with the numbers that they are given.

        Raises UsageError where nobody is named to have decided.
        """
        first = max((decision.number for decision in self.decisions), default=0) + 1
        made = tuple(
            Decision(number, check_name(draft.by), draft.at, draft.about, _trim(draft.note))
            for number, draft in enumerate(drafts, first)
        )
        self._decide((*self.decisions, *made))
        return made

    def undo(self, numbers: Collection[int]) -> tuple[Decision, ...]:
        """Take decisions back, as if they had never been made, and return them.

        Raises UsageError where there is none of a number.
        """
        gone = tuple(d for d in self.decisions if d.number in numbers)
        missing = sorted(set(numbers) - {decision.number for decision in gone})
        if missing:
            told = ", ".join(map(str, missing))
            raise UsageError(f"there is no decision {told}: `kg entities undo` lists them")
        self._decide(tuple(d for d in self.decisions if d not in gone))
        return gone

    def _decide(self, decisions: Sequence[Decision]) -> None:
        self._holdings.replace({}, decisions=decisions)
        self._holdings.settle()


def write_time(at: date | None = None) -> str:
    """Return a time, by default now, in the form of ISO 8601; that of a day is its beginning."""
    if at is None:
        at = datetime.now(UTC)
    if not isinstance(at, datetime):
        return f"{at.isoformat()}T00:00:00Z"
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def check_name(by: str) -> str:
    """Return the name of who decides. Raises UsageError where it is none."""
    who = _trim(by)
    if not who or len(who) > _LONGEST or not who.isprintable():
        raise UsageError(f"{by!r} is no name: say who decides")
    return who


def _trim(text: str) -> str:
    return " ".join(text.split())
