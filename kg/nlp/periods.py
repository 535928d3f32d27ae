"""Tells for each relation since when and until when it holds, where its clause says so.

Precision comes first: a time counts only where nothing between it and both sides of the
relation could take it to another statement. docs/time.md says by which rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

from spacy.tokens import Doc

from kg.model import Evidence, Literal, Modality, Relation, Span
from kg.nlp.collapse import CollapsedDoc, collapse
from kg.nlp.document import article_of, text_of
from kg.nlp.times import Time, find_times, lexicon

__all__ = ["date_relations"]

# How many words a time may stand from the nearer side of its relation, and how far before
# the first side a verb or noun still tells what began or ended.
_AFAR = 8
_BEFORE = 6
_AT_FRONT = 5


def date_relations(doc: Doc) -> None:
    """Add the qualifiers `from`, `to` and `on` to the relations of a Doc that have none.

    An evidence of what ended before the article appeared is one of a former state.
    """
    collapsed = collapse(doc)
    sentences = list(_find_sentences(collapsed, text_of(doc)))
    if sentences:
        published = article_of(doc).published
        doc._.relations = tuple(_date(r, sentences, collapsed, published) for r in doc._.relations)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """The tokens of a sentence, half-open, its characters, and what in it says when."""

    first: int
    last: int
    span: Span
    times: tuple[Time, ...]


def _find_sentences(collapsed: CollapsedDoc, text: str) -> Iterator[_Sentence]:
    """Yield the sentences that say when."""
    first = 0
    for here in range(1, len(collapsed.sentence) + 1):
        if here < len(collapsed.sentence) and collapsed.sentence[here] == collapsed.sentence[first]:
            continue
        times = tuple(find_times(collapsed, text, first, here))
        if times:
            span = Span(collapsed.spans[first].start, collapsed.spans[here - 1].end)
            yield _Sentence(first, here, span, times)
        first = here


def _date(
    relation: Relation,
    sentences: Sequence[_Sentence],
    collapsed: CollapsedDoc,
    published: date | None,
) -> Relation:
    """Return the relation with what its evidence says of its time, the best evidence first."""
    object_ = relation.object
    is_date = isinstance(object_, Literal) and object_.datatype in ("date", "gYearMonth", "gYear")
    if is_date or relation.predicate in lexicon()["timeless"]:
        return relation
    told: dict[str, str] = {}
    evidence: list[Evidence] = []
    for place in relation.evidence:
        found: dict[str, str] = {}
        if place.modality is not Modality.DENIED:
            for sentence in sentences:
                if sentence.span.start < place.span.end and place.span.start < sentence.span.end:
                    found |= _Clause(relation, place, sentence, collapsed).read()
        if found.get("from", "") > found.get("to", "9"):
            found = {}
        told = found | told
        evidence.append(_place_in_time(place, found, published))
    if told.get("from", "") > told.get("to", "9"):
        del told["to"]
    qualifiers = told | dict(relation.qualifiers)
    return replace(relation, evidence=tuple(evidence), qualifiers=tuple(sorted(qualifiers.items())))


def _place_in_time(place: Evidence, told: Mapping[str, str], published: date | None) -> Evidence:
    """Return the evidence in the state that its dates give it on the day of its article.

    What is over is former, and what has begun is not only announced.
    """
    today = published.isoformat() if published is not None else ""
    since, until = told.get("from", ""), told.get("to", "")
    if until and until < today[: len(until)] and place.modality is Modality.ASSERTED:
        return replace(place, modality=Modality.FORMER)
    if since and since < today[: len(since)] and place.modality is Modality.ANNOUNCED:
        return replace(place, modality=Modality.ASSERTED, cue=None)
    return place


class _Clause:
    """A sentence as the place of one relation."""

    def __init__(
        self, relation: Relation, place: Evidence, sentence: _Sentence, collapsed: CollapsedDoc
    ) -> None:
        self._relation = relation
        self._place = place
        self._sentence = sentence
        self._collapsed = collapsed
        self._words = collapsed.words

    def read(self) -> dict[str, str]:
        """Return `from`, `to` and `on`, without what two times of the clause disagree on."""
        pair = self._find_pair()
        if pair is None:
            return {}
        found: dict[str, set[str]] = {}
        for time in self._sentence.times:
            for name, value in self._attach(time, *pair):
                found.setdefault(name, set()).add(value)
        told = {name: min(values) for name, values in found.items() if len(values) == 1}
        if "from" in told or "to" in told:
            told.pop("on", None)
        return told

    def _find_pair(self) -> tuple[int, int] | None:
        """Return the tokens of both sides that are nearest to each other, the first one first."""
        sides = [self._find_side(side) for side in (self._relation.subject, self._relation.object)]
        pairs = [(min(pair), max(pair)) for pair in product(*sides) if pair[0] != pair[1]]
        return min(pairs, key=lambda pair: (pair[1] - pair[0], pair), default=None)

    def _find_side(self, side: int | Literal) -> list[int]:
        tokens = range(self._sentence.first, self._sentence.last)
        told = self._collapsed.arguments
        if isinstance(side, int):
            return [token for token in tokens if told[token] == side]
        return [
            token
            for token in tokens
            if isinstance(argument := told[token], Literal)
            and (argument.value, argument.currency) == (side.value, side.currency)
        ]

    def _attach(self, time: Time, left: int, right: int) -> Iterator[tuple[str, str]]:
        """Yield what a time says of the relation, nothing where it is not of its clause."""
        is_to_come = self._is_to_come(left, right, time)
        if is_to_come and not time.has_year:
            return  # "in May" was read as that of the past
        parting = time.on and time.start > right and self._find_parting(time, right)
        if parting:
            yield "to", time.on
            return
        if not self._is_near(time, left, right):
            return
        if time.since:
            yield "from", time.since
        if time.until:
            yield "to", time.until
        if time.on:
            yield from self._tell_event(time, left, right)

    def _is_near(self, time: Time, left: int, right: int) -> bool:
        """Say whether nothing parts a time from both sides."""
        if time.start > right:
            if "whose" in self._words[left:right]:
                return False
            is_aside = time.since and time.until and self._words[time.start - 1] == ","
            return self._is_clear(range(right + 1, time.start - bool(is_aside)))
        if left < time.start and time.end <= right:
            between = [t for t in range(left + 1, right) if not time.start <= t < time.end]
            commas = {time.start - 1, time.end}
            if {self._words[token] for token in commas} == {","}:
                between = [token for token in between if token not in commas]
            return not any(self._parts(t) or self._is_argument(t) for t in between)
        if time.end > left:
            return False
        gap = [t for t in range(time.end, left) if self._words[t] != "," or t > time.end]
        return (
            time.start - self._sentence.first <= 1
            and len(gap) <= _AT_FRONT
            and not any(self._parts(token) or self._is_named(token) for token in gap)
            and not any(self._stops(token) for token in range(left + 1, right))
        )

    def _parts(self, token: int) -> bool:
        """Say whether a token between two words takes them apart."""
        return self._words[token] in (",", "and", "but") or self._stops(token)

    def _stops(self, token: int) -> bool:
        """Say whether a token begins another clause."""
        word = self._words[token]
        return word in lexicon()["stops"] and word not in self._cues("begins")

    def _is_clear(self, gap: range) -> bool:
        """Say whether a time behind both sides is not that of something else in between."""
        if len(gap) > _AFAR:
            return False
        words = lexicon()
        strange = (words["begins"].keys() | words["endings"].keys()) - self._cues("begins")
        for token in gap:
            word = self._words[token]
            if word in ("and", "or") and not self._lists(token):
                return False
            joins = token > gap.start and self._words[token - 1] in words["joiners"]
            lists = word != "," or (token + 1 in gap and self._is_named(token + 1))
            if self._is_named(token) and not joins:
                return False
            if not lists or self._stops(token) or word in strange:
                return False
        return True

    def _lists(self, token: int) -> bool:
        """Say whether one more name follows on an "and"."""
        follows = token + 1 + (self._words[token + 1] == "the")
        return follows < self._sentence.last and self._is_named(follows)

    def _tell_event(self, time: Time, left: int, right: int) -> Iterator[tuple[str, str]]:
        """Yield what a point in time says: that something began, ended, or was the case."""
        first = max(self._sentence.first, left - _BEFORE)
        last = time.start if time.start > right else min(self._sentence.last, right + _BEFORE)
        begins, endings = self._cues("begins"), self._cues("endings")
        cues = [t for t in range(first, last) if self._words[t] in begins | endings]
        if not cues:
            if isinstance(self._relation.object, Literal):
                yield "on", time.on
        elif any(self._words[token] in endings for token in cues):
            yield "to", time.on
        elif self._place.modality is not Modality.FORMER:
            yield "from", time.on

    def _find_parting(self, time: Time, right: int) -> bool:
        """Say whether "... and left in 2014" follows on what is said of both sides."""
        gap = [t for t in range(right + 1, time.start) if not self._is_of_time(t, time)]
        words = [self._words[t] for t in gap]
        ending = [n for n, word in enumerate(words) if word in self._cues("endings")]
        joins = words[:1] and words[0] in ("and", "but", ",", "before")
        return bool(
            joins
            and ending
            and ending[-1] >= len(words) - 3
            and not any(self._is_named(t) for t in gap)
            and not any(word in lexicon()["begins"] for word in words)
        )

    def _is_of_time(self, token: int, other: Time) -> bool:
        return any(t.start <= token < t.end for t in self._sentence.times if t != other)

    def _is_to_come(self, left: int, right: int, time: Time) -> bool:
        if self._place.modality is Modality.ANNOUNCED:
            return True
        first, last = min(left, time.start), max(right, time.start)
        return not lexicon()["coming"].isdisjoint(self._words[first:last])

    def _is_argument(self, token: int) -> bool:
        return self._collapsed.arguments[token] is not None

    def _is_named(self, token: int) -> bool:
        return isinstance(self._collapsed.arguments[token], int)

    def _cues(self, name: str) -> frozenset[str]:
        """Return the words that tell that a relation of this predicate begins or ends."""
        predicate = self._relation.predicate
        return frozenset(
            word for word, predicates in lexicon()[name].items() if predicate in predicates
        )
