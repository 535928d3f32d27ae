"""Turns the verdicts of a table into decisions, row by row, and keeps them in one step."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from kg.build.register import Register, check_name, write_time
from kg.decisions import Decision, Review, Statement, Verdict
from kg.errors import SourceError, UsageError
from kg.ontology import Ontology
from kg.review.finding import Finder
from kg.review.table import ReviewRow, read_table
from kg.store import Store

__all__ = ["ApplyReport", "apply_table"]

_VERDICTS = {v.value: v for v in (Verdict.ACCEPT, Verdict.REJECT, Verdict.CORRECT, Verdict.ADD)}


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """The decisions that a table came to, and the rows that came to none.

    `unchanged` counts rows that were applied before, `open` those without a verdict;
    `refused` are malformed ones, with their lines.
    """

    decisions: tuple[Decision, ...]
    refused: tuple[SourceError, ...]
    unchanged: int
    open: int

    @property
    def counts(self) -> dict[str, int]:
        """How many decisions there are of each verdict."""
        found = Counter(decision.about.verdict for decision in self.decisions)
        return {name: found[verdict] for name, verdict in _VERDICTS.items()}


def apply_table(
    store: Store, path: Path, *, reviewer: str = "", ontology: Ontology | None = None
) -> ApplyReport:
    """Keep the verdicts of a table as decisions, all of them in one transaction.

    `reviewer` is who judged the rows that name nobody; a row without a date was judged now.
    A malformed row loses no other. Applying a table again changes nothing.
    """
    applying = _Applying(Register(store, ontology=ontology), str(path), reviewer)
    for row in read_table(path):
        applying.take(row)
    return applying.finish()


@dataclass(slots=True)
class _Applying:
    """One table under way."""

    register: Register
    path: str
    reviewer: str
    refused: list[SourceError] = field(default_factory=list)
    drafts: list[Decision] = field(default_factory=list)
    places: dict[Statement, str] = field(default_factory=dict)
    unchanged: int = 0
    open: int = 0
    finder: Finder = field(init=False)
    latest: dict[Statement, Decision] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.finder = Finder(self.register)
        for decision in self.register.decisions:
            if isinstance(decision.about, Review):
                self.latest[decision.about.statement] = decision

    def take(self, row: ReviewRow | SourceError) -> None:
        """Take one row: it becomes a decision, is refused, or has nothing to say."""
        if isinstance(row, SourceError):
            self.refused.append(row)
        elif not row.verdict:
            self.open += 1
        else:
            try:
                self._decide(row)
            except UsageError as error:
                self.refused.append(SourceError(self.path, str(error), place=row.place))

    def finish(self) -> ApplyReport:
        """Keep what was decided."""
        made = self.register.decide(self.drafts) if self.drafts else ()
        return ApplyReport(made, tuple(self.refused), self.unchanged, self.open)

    def _decide(self, row: ReviewRow) -> None:
        review = self._read_review(row)
        draft = Decision(
            number=0,
            by=check_name(row.reviewer or self.reviewer),
            at=_read_date(row.date),
            about=review,
            note=row.note,
        )
        before = self.places.setdefault(review.statement, row.place)
        if before != row.place:
            raise UsageError(f"{before} of the table says something of this fact already")
        known = self.latest.get(review.statement)
        is_known = known is not None and (known.about, known.by) == (draft.about, draft.by)
        if is_known or review.correction == review.statement:
            self.unchanged += 1
        else:
            self.drafts.append(draft)

    def _read_review(self, row: ReviewRow) -> Review:
        verdict = _VERDICTS.get(row.verdict.strip().lower())
        if verdict is None:
            known = ", ".join(_VERDICTS)
            raise UsageError(f"{row.verdict!r} is no verdict: write {known}, or nothing")
        corrections = (
            *(row.corrected_subject, row.corrected_predicate),
            *(row.corrected_object, row.corrected_modality),
        )
        if any(corrections) != (verdict is Verdict.CORRECT):
            fault = "needs a correction" if verdict is Verdict.CORRECT else "takes no correction"
            raise UsageError(f"the verdict {verdict.value} {fault}")
        if verdict is Verdict.ADD:
            return Review(verdict, self.finder.add(row))
        judged = self.finder.find(row)
        if verdict is Verdict.ACCEPT:
            self.finder.check(judged)
        correction = self.finder.correct(row, judged) if verdict is Verdict.CORRECT else None
        return Review(verdict, judged, correction)


def _read_date(text: str) -> str:
    """Return a day, or a time with its zone, as decisions have it; now where there is none."""
    if not text:
        return write_time()
    try:
        return write_time(date.fromisoformat(text))
    except ValueError:
        pass
    try:
        return write_time(datetime.fromisoformat(text))
    except ValueError as error:
        raise UsageError(f"{text!r} is no date: write it as 2026-01-31") from error
