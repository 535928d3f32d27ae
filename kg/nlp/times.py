"""Finds the words of a sentence that say when: "since 2019", "from 2010 to 2014", "in May"."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeGuard

from kg.model import Literal
from kg.nlp.collapse import CollapsedDoc

__all__ = ["PERIODS", "Time", "find_times", "lexicon"]

PERIODS = Path(__file__).parent / "periods.json"

_DATES = frozenset({"date", "gYearMonth", "gYear"})
_YEAR = r"(?:1[5-9]|20)\d\d"
_YEARS = re.compile(rf"({_YEAR})[-\u2013\u2014]({_YEAR}|\d\d)(?!\w|-)")
_YEAR_ALONE = re.compile(_YEAR)


@dataclass(frozen=True, slots=True)
class Time:
    """Tokens that say when, half-open, and from when to when, or on what day, month or year.

    `has_year` tells whether the words themselves name the year.
    """

    start: int
    end: int
    since: str = ""
    until: str = ""
    on: str = ""
    has_year: bool = True


@cache
def lexicon() -> Mapping[str, Any]:
    """Return the words of `periods.json`, phrases as sequences of words, the longest first."""
    table: dict[str, Any] = json.loads(PERIODS.read_text(encoding="utf-8"))
    for name in ("from", "to", "on", "now", "alone"):
        table[name] = sorted((p.split() for p in table[name]), key=len, reverse=True)
    table["spans"] = [(one.split(), other.split()) for one, other in table["spans"]]
    for name in ("modifiers", "joiners", "stops", "coming", "timeless"):
        table[name] = frozenset(table[name])
    return table


def find_times(collapsed: CollapsedDoc, text: str, first: int, last: int) -> Iterator[Time]:
    """Yield what says when in a sentence, in order, none overlapping another.

    `text` is that of the article, `first` and `last` are tokens of the Doc, half-open.
    """
    if not _may_have_times(collapsed, text, first, last):
        return
    sentence = _Sentence(collapsed, text, first, last)
    here = first
    while here < last:
        time = sentence.read(here)
        if time is not None:
            yield time
        here = time.end if time is not None else here + 1


def _may_have_times(collapsed: CollapsedDoc, text: str, first: int, last: int) -> bool:
    """Say whether a sentence has a date or two years, without which nothing in it says when."""
    if any(map(_is_date, collapsed.arguments[first:last])):
        return True
    spans = collapsed.spans[first:last]
    return bool(spans) and _YEARS.search(text, spans[0].start, spans[-1].end + 1) is not None


class _Sentence:
    """The tokens of a sentence, as words."""

    def __init__(self, collapsed: CollapsedDoc, text: str, first: int, last: int) -> None:
        self._words = collapsed.words[:last]
        self._arguments = collapsed.arguments
        self._spans, self._text = collapsed.spans, text
        self._first, self._last = first, last

    def read(self, here: int) -> Time | None:
        """Return what says when from a token on, the longest reading first."""
        words = lexicon()
        for opening, closing in words["spans"]:
            time = self._read_span(here, opening, closing)
            if time is not None:
                return time
        years = self._read_years(here)
        if years is not None:
            return years
        for name in ("from", "to", "on"):
            for phrase in words[name]:
                start = self._skip(here, phrase)
                found = self._read_date(start) if start else None
                if found is not None:
                    return _make(here, found[0], name, found[1])
        return self._read_alone(here)

    def _read_span(self, here: int, opening: list[str], closing: list[str]) -> Time | None:
        """Return "from X to Y", which may go on to this day."""
        start = self._skip(here, opening)
        first = self._read_date(start) if start else None
        after = self._skip(first[0], closing) if first else None
        if first is None or after is None:
            return None
        since = first[1]
        for phrase in lexicon()["now"]:
            end = self._skip(after, ["the", *phrase]) or self._skip(after, phrase)
            if end:
                return Time(here, end, since=since.value, has_year=_names_year(since))
        second = self._read_date(after)
        if second is None or second[1].value < since.value:
            return None
        has_year = _names_year(since) and _names_year(second[1])
        return Time(here, second[0], since.value, second[1].value, has_year=has_year)

    def _read_years(self, here: int) -> Time | None:
        """Return "2010-2014" or "2010-14", of however many tokens."""
        match = _YEARS.match(self._text, self._spans[here].start)
        if match is None:
            return None
        since, until = match[1], match[1][: 4 - len(match[2])] + match[2]
        end = here + 1
        while end < self._last and self._spans[end].start < match.end():
            end += 1
        return Time(here, end, since, until) if since <= until else None

    def _read_alone(self, here: int) -> Time | None:
        """Return "last year" or "Monday", which need no word before them."""
        argument = self._arguments[here]
        if _is_date(argument) and [*argument.text.lower().split()] in lexicon()["alone"]:
            return _make(here, here + 1, "on", argument)
        return None

    def _read_date(self, here: int) -> tuple[int, Literal] | None:
        """Return a date, with what makes it vague before it, and the token behind it."""
        for token in range(here, min(here + 5, self._last)):
            argument = self._arguments[token]
            if _is_date(argument):
                return token + 1, argument
            if self._words[token] not in lexicon()["modifiers"]:
                return None
        return None

    def _skip(self, here: int, phrase: list[str]) -> int | None:
        """Return the token behind a phrase, None where another stands there."""
        end = here + len(phrase)
        if end > self._last or self._words[here] != phrase[0]:
            return None
        return end if self._words[here:end] == tuple(phrase) else None


def _is_date(argument: int | Literal | None) -> TypeGuard[Literal]:
    return isinstance(argument, Literal) and argument.datatype in _DATES


def _names_year(date: Literal) -> bool:
    return bool(_YEAR_ALONE.search(date.text))


def _make(start: int, end: int, name: str, date: Literal) -> Time:
    has_year = _names_year(date)
    match name:
        case "from":
            return Time(start, end, since=date.value, has_year=has_year)
        case "to":
            return Time(start, end, until=date.value, has_year=has_year)
        case _:
            return Time(start, end, on=date.value, has_year=has_year)
