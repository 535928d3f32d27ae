"""Tells for each evidence who says so, where the text puts it into somebody's mouth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product

from spacy.tokens import Doc

from kg.model import Evidence, Literal, Relation, Span, Speaker
from kg.nlp.collapse import CollapsedDoc, collapse
from kg.nlp.document import text_of
from kg.nlp.speech import Clause, Words, find_clauses
from kg.ontology import Ontology

__all__ = ["attribute"]

_OPENING, _CLOSING, _STRAIGHT = "\u201c\u201e", "\u201d", '"'
# Shorter quotations are names and single words, which nobody needs to have said.
_SHORT = 4


def attribute(doc: Doc, ontology: Ontology) -> None:
    """Set the speaker of every evidence among the relations of a Doc, kept and quarantined.

    What the text puts into nobody's mouth has none, and so is the article's own. A speaker
    that an evidence has already stays.
    """
    speech = _Speech(doc, ontology)
    doc._.relations = tuple(map(speech.attribute, doc._.relations))
    doc._.quarantined = tuple((speech.attribute(r), why) for r, why in doc._.quarantined)


@dataclass(frozen=True, slots=True)
class _Quotation:
    """The tokens between two quotation marks, half-open, and who speaks there."""

    start: int
    end: int
    speaker: tuple[int, int] | None


class _Speech:
    """What is said by whom in one article."""

    def __init__(self, doc: Doc, ontology: Ontology) -> None:
        self._text = text_of(doc)
        self._collapsed = collapse(doc)
        self._clauses: list[Clause] = []
        self._places: dict[int, list[int]] = {}
        for place, cluster in enumerate(self._collapsed.arguments):
            if isinstance(cluster, int):
                self._places.setdefault(cluster, []).append(place)
        for first, last in _sentences(self._collapsed):
            self._clauses += find_clauses(Words(self._collapsed, ontology, first, last))
        self._quotations = list(self._find_quotations())

    def attribute(self, relation: Relation) -> Relation:
        """Return the relation with the speaker of each evidence."""
        return replace(relation, evidence=tuple(self._tell(relation, e) for e in relation.evidence))

    def _tell(self, relation: Relation, evidence: Evidence) -> Evidence:
        if evidence.speaker is not None:
            return evidence
        tokens = self._find_statement(relation, evidence.span)
        words = self._find_speaker(tokens) if tokens else None
        if words is None:
            return evidence
        first, last = (self._collapsed.spans[t] for t in (words[0], words[1] - 1))
        span = Span(first.start, last.end)
        return replace(evidence, speaker=Speaker(self._text[span.start : span.end], span))

    def _find_statement(self, relation: Relation, sentence: Span) -> Sequence[int]:
        """Return the tokens of both sides of a relation that are nearest to each other."""
        sides = [
            [t for t in self._find_side(side) if self._collapsed.spans[t] in sentence]
            for side in (relation.subject, relation.object)
        ]
        if all(sides):
            return min(product(*sides), key=lambda pair: (abs(pair[0] - pair[1]), pair))
        return [t for side in sides for t in side[:1]]

    def _find_side(self, side: int | Literal) -> Iterable[int]:
        if isinstance(side, int):
            return self._places.get(side, ())
        told = self._collapsed.arguments
        return [
            t
            for t, argument in enumerate(told)
            if isinstance(argument, Literal) and replace(argument, text=side.text) == side
        ]

    def _find_speaker(self, tokens: Sequence[int]) -> tuple[int, int] | None:
        """Return the words that name who makes a statement; None where the text itself does."""
        covering = [clause for clause in self._clauses if clause.covers(tokens)]
        if covering:
            return min(covering, key=lambda c: (c.length, -c.start)).speaker
        return next(
            (
                quotation.speaker
                for quotation in self._quotations
                if all(quotation.start <= t < quotation.end for t in tokens)
            ),
            None,
        )

    def _find_quotations(self) -> Iterator[_Quotation]:
        """Yield the quotations in order; one that goes on after a break has one speaker."""
        speaker: tuple[int, int] | None = None
        before = -1
        for start, end in self._find_marks():
            if before < 0 or self._has_break(before, start):
                speaker = None
            before = end
            if end - start >= _SHORT:
                speaker = self._find_quoted(start, end) or speaker
                yield _Quotation(start, end, speaker)

    def _find_marks(self) -> Iterator[tuple[int, int]]:
        """Yield the tokens between quotation marks; a paragraph's end closes the last one."""
        opened = -1
        words = self._collapsed.doc
        for token, word in enumerate(words):
            if opened >= 0 and self._has_break(token - 1, token):
                yield opened, token
                opened = -1
            if word.text in _CLOSING or (word.text in _STRAIGHT and opened >= 0):
                if opened >= 0:
                    yield opened, token
                opened = -1
            elif word.text in _OPENING or word.text in _STRAIGHT:
                opened = token + 1
        if 0 <= opened < len(words):  # a mark that ends the text opens nothing
            yield opened, len(words)

    def _has_break(self, token: int, other: int) -> bool:
        """Say whether a paragraph ends between two tokens."""
        spans = self._collapsed.spans
        return "\n" in self._text[spans[token].end : spans[other].start]

    def _find_quoted(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the speaker whom a clause right behind or before a quotation names."""
        sentence = self._collapsed.sentence
        near = {sentence[t] for t in (start, min(end, len(sentence) - 1))}
        outside = [
            clause
            for clause in self._clauses
            if sentence[clause.start] in near and (clause.start >= end or clause.end <= start)
        ]
        behind = [clause for clause in outside if clause.start >= end]
        chosen = behind[:1] or outside[-1:]
        return chosen[0].speaker if chosen else None


def _sentences(collapsed: CollapsedDoc) -> Iterator[tuple[int, int]]:
    """Yield the tokens of each sentence, half-open."""
    numbers = collapsed.sentence
    starts = [t for t in range(len(numbers)) if t == 0 or numbers[t] != numbers[t - 1]]
    yield from pairwise([*starts, len(numbers)])
