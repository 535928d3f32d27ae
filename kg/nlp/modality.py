"""Decides from the words around a statement how the text puts it, and which words say so."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from spacy.tokens import Doc

from kg.model import Evidence, Literal, Modality, Relation, Span
from kg.nlp.collapse import collapse
from kg.nlp.document import article_of, text_of

__all__ = ["CUES", "Cue", "Wording", "explain_cue", "put"]

CUES = Path(__file__).parent / "modality.json"

# What is no statement at all: negated, hypothetical or rumoured.
_DROPPED = "dropped"
# Denial weighs more than negation, negation more than time: "denied that it would not" is
# denied. Cues of `asserted` only keep the words in them from being others: "not only".
_ORDER = ("denied", _DROPPED, "former", "announced")
# From this place of the order on, cues are about time.
_PASSING = 2
# How many words before and behind a statement may still be about it.
_NEAR = 6
# Sides of a relation further apart than this many words say nothing of one another.
_APART = 8
_DATE = "Date"
_JOINTS = frozenset({"and", ",", "&", "or"})
# What parts a statement from the words before or behind it.
_STOPS = frozenset({",", ";", ":", "(", ")", "\u2014", "\u2013", "and", "but", "which", "who"})
_LEADS_ON = frozenset("after although as because since when where while".split())

_Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that say how a statement is put; without a modality it is no statement."""

    modality: Modality | None
    span: Span


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(CUES.read_text(encoding="utf-8"))
    return table


@cache
def _cues(place: str) -> Mapping[str, Sequence[tuple[_Words, str]]]:
    """Return the cues of a place and what they say, by their first word, the longest first.

    All words are in lower case.
    """
    found: defaultdict[str, dict[_Words, str]] = defaultdict(dict)
    for name, places in _table()["cues"].items():
        for cue in places.get(place, ()):
            found[cue.split()[0]][tuple(cue.split())] = name
    return {
        first: sorted(cues.items(), key=lambda item: -len(item[0])) for first, cues in found.items()
    }


class Wording:
    """The words of an article, in which names and values are one token each."""

    def __init__(self, doc: Doc) -> None:
        self._doc = doc
        self._collapsed = collapse(doc, named_only=True)
        self._starts = [span.start for span in self._collapsed.spans]

    def find_cue(self, statement: Span, predicate: str) -> Cue | None:
        """Return the cue that weighs most for a statement made in these characters.

        It stands among its words, or before or behind them in the same clause. What lasts,
        as who is whose child does, is not over and not to come because words say "former", and
        only what stands between its sides bears on it. Cues that are `unrelated` to a predicate
        tell of something else: a former minister may well be a member.
        """
        inside = self._tokens(statement)
        found = list(self._find(inside, "between"))
        if predicate in _table()["lasting"]:
            found = [(weight, span) for weight, span in found if weight < _PASSING]
        else:
            behind = self._look_ahead(inside.stop)
            found += self._find(self._look_back(inside.start), "before")
            found += self._find(behind, "after")
            if all(self._is_joint(token) for token in inside):
                found += self._find(behind, "between")
        unrelated = _table()["unrelated"].get(predicate, ())
        found = [c for c in found if self._quote(c[1]) not in unrelated]
        return _make_cue(*min(found)) if found else None

    def find_cue_between(self, relation: Relation, sentence: Span) -> Cue | None:
        """Return the cue that weighs most for a relation between two things of a sentence.

        Names come before pronouns and descriptions, and far apart they say nothing.
        """
        for named in (True, False):
            sides = [
                self._find_side(side, sentence, named=named)
                for side in (relation.subject, relation.object)
            ]
            pairs = [
                Span(min(one.start, other.start), max(one.end, other.end))
                for one, other in product(*sides)
            ]
            nearest = min(pairs, key=lambda s: (s.end - s.start, s), default=None)
            if nearest is not None:
                is_near = len(self._tokens(nearest)) <= _APART + 2
                return self.find_cue(nearest, relation.predicate) if is_near else None
        return None

    def find_proof(self, modality: Modality, sentence: Span) -> Cue | None:
        """Return words of a sentence that bear out the modality that somebody reads in it.

        They may stand anywhere in it and be weaker than others. Of what is former, a date
        that is long past is proof enough.
        """
        for place in ("between", "before", "after", "elsewhere"):
            for weight, span in self._find(self._tokens(sentence), place):
                if _ORDER[weight] == modality.value:
                    return Cue(modality, span)
        published = article_of(self._doc).published
        if modality is Modality.FORMER and published is not None:
            for value in self._doc._.values:
                is_past = value.literal.value[:4] < str(published.year - 1)
                if value.kind == _DATE and is_past and value.span in sentence:
                    return Cue(modality, value.span)
        return None

    def _quote(self, span: Span) -> str:
        return text_of(self._doc)[span.start : span.end].lower()

    def _find_side(self, side: int | Literal, sentence: Span, *, named: bool) -> list[Span]:
        """Return where a sentence mentions one side of a relation."""
        if isinstance(side, Literal):
            return [v.span for v in self._doc._.values if v.literal == side and v.span in sentence]
        mentions = self._doc._.clusters[side].mentions
        return [m.span for m in mentions if m.span in sentence and (m.named or not named)]

    def _tokens(self, span: Span) -> range:
        """Return the tokens that lie in some characters, in part at least."""
        first = max(0, bisect_right(self._starts, span.start) - 1)
        return range(first, max(bisect_left(self._starts, span.end), first))

    def _is_joint(self, token: int) -> bool:
        is_name = self._collapsed.arguments[token] is not None
        return is_name or self._word(token) in _JOINTS

    def _word(self, token: int) -> str:
        return self._collapsed.words[token]

    def _look_back(self, start: int) -> range:
        """Return the tokens before a statement that may be about it."""
        first = start
        while first > 0 and start - first < _NEAR and not self._parts(first - 1, start):
            first -= 1
        return range(first, start)

    def _look_ahead(self, end: int) -> range:
        """Return the tokens behind a statement that may be about it."""
        last = end
        most = min(end + _NEAR, len(self._starts))
        while last < most and not self._parts(last, end - 1):
            if self._word(last) in _LEADS_ON:
                break
            last += 1
        return range(end, last)

    def _parts(self, token: int, statement: int) -> bool:
        """Say whether a token is of another clause than a token of the statement."""
        told = self._collapsed
        return (
            told.sentence[token] != told.sentence[statement]
            or self._word(token) in _STOPS
            or isinstance(told.arguments[token], int)
        )

    def _find(self, tokens: range, place: str) -> Iterator[tuple[int, Span]]:
        """Yield the rank and the span of the cues among tokens, of several the longest."""
        cues, words, spans = _cues(place), self._collapsed.words, self._collapsed.spans
        free = tokens.start
        for here in tokens:
            if here < free or words[here] not in cues:
                continue
            for cue, name in cues[words[here]]:
                end = here + len(cue)
                is_there = end <= tokens.stop and words[here:end] == cue
                if is_there and self._is_plain(here, end):
                    free = end
                    if name in _ORDER:
                        yield _ORDER.index(name), Span(spans[here].start, spans[end - 1].end)
                    break

    def _is_plain(self, start: int, end: int) -> bool:
        return all(argument is None for argument in self._collapsed.arguments[start:end])


def explain_cue(cue: Cue, text: str) -> str:
    """Return why what a cue of a text makes no statement is none."""
    return f"negated or hypothetical: {text[cue.span.start : cue.span.end]!r}"


def put(evidence: Evidence, cue: Cue | None) -> Evidence:
    """Return the evidence as a cue puts it, if there is one."""
    if cue is None:
        return evidence
    span = cue.span if cue.span in evidence.span else None
    return replace(evidence, modality=cue.modality or evidence.modality, cue=span)


def _make_cue(weight: int, span: Span) -> Cue:
    name = _ORDER[weight]
    return Cue(None if name == _DROPPED else Modality(name), span)
