"""Turns what the model and the patterns found into relations with their evidence."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from kg.model import Literal, Modality, Relation, Span
from kg.nlp.collapse import CollapsedDoc
from kg.nlp.document import quote_sentence, sentence_spans
from kg.nlp.encoder import Reading, ReadRelation
from kg.nlp.patterns import PatternMatch, RelationMatcher
from kg.ontology import Ontology

__all__ = ["Held", "find_sentence", "model_relations", "pattern_relations"]

Held = tuple[Relation, str]


def model_relations(
    doc: Doc,
    *,
    arguments: Mapping[int, int | Literal],
    ontology: Ontology,
    extractor: str,
    threshold: Callable[[str], float],
) -> tuple[list[Relation], list[Held]]:
    """Return the relations that the model read, and those too unsure to be told, with why.

    `arguments` says what each cluster of the reading stands for; a relation with a
    cluster that stands for nothing is left out.
    """
    reading: Reading = doc._.reading
    kept: list[Relation] = []
    held: list[Held] = []
    finder = _SentenceFinder(reading, sentence_spans(doc))
    for read in reading.relations:
        subject, object_ = arguments.get(read.subject), arguments.get(read.object)
        known = read.label in ontology.predicates
        if not known or not isinstance(subject, int) or object_ is None or subject == object_:
            continue
        evidence = quote_sentence(
            doc._.article,
            finder.find(read),
            extractor=extractor,
            confidence=read.probability,
            modality=Modality(read.modality),
        )
        relation = Relation(subject, read.label, object_, (evidence,))
        least = threshold(read.label)
        if read.probability >= least:
            kept.append(relation)
        else:
            held.append((relation, f"confidence {read.probability:.2f} is below {least:.2f}"))
    return kept, held


@dataclass(frozen=True, slots=True)
class _SentenceFinder:
    """Finds the sentence of a relation: one that names both sides, near the model's focus."""

    reading: Reading
    sentences: Sequence[Span]

    def find(self, read: ReadRelation) -> Span:
        place = find_sentence(self.sentences, read.focus[0])
        both = self._places(read.subject) & self._places(read.object)
        if both and place not in both:
            place = min(both, key=lambda n: (abs(n - place), n))
        return self.sentences[place]

    def _places(self, cluster: int) -> set[int]:
        """Return the numbers of the sentences that mention a cluster."""
        members = (self.reading.mentions[n] for n in self.reading.clusters[cluster])
        return {find_sentence(self.sentences, m.start) for m in members}


def find_sentence(sentences: Sequence[Span], offset: int) -> int:
    """Return the number of the sentence that an offset lies in, or of the one before it."""
    return max(0, bisect_right(sentences, offset, key=lambda s: s.start) - 1)


def pattern_relations(
    doc: Doc, collapsed: CollapsedDoc, matcher: RelationMatcher, *, least: float
) -> tuple[list[Relation], list[Held]]:
    """Return the relations that patterns find, and those less sure than `least`, with why."""
    sentences = sentence_spans(doc)
    kept: list[Relation] = []
    held: list[Held] = []
    for match in matcher.find(collapsed):
        relation = _read_match(doc, collapsed, match, sentences)
        if relation is None:
            continue
        if match.pattern.confidence >= least:
            kept.append(relation)
        else:
            held.append((relation, f"confidence {match.pattern.confidence} is below {least}"))
    return kept, held


def _read_match(
    doc: Doc, collapsed: CollapsedDoc, match: PatternMatch, sentences: Sequence[Span]
) -> Relation | None:
    """Return the relation of a match; None where its subject is a value."""
    subject, object_ = collapsed.arguments[match.subject], collapsed.arguments[match.object]
    if not isinstance(subject, int) or object_ is None:
        return None
    place = find_sentence(sentences, collapsed.spans[match.subject].start)
    evidence = quote_sentence(
        doc._.article,
        sentences[place],
        extractor=match.pattern.place,
        confidence=match.pattern.confidence,
        modality=match.modality,
    )
    return Relation(subject, match.pattern.predicate, object_, (evidence,), match.qualifiers)
