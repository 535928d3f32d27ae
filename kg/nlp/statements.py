"""Turns what the model and the patterns found into relations with their evidence."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from spacy.tokens import Doc

from kg.gazetteer import find_country
from kg.model import Cluster, Literal, Modality, Relation, Span
from kg.nlp.collapse import CollapsedDoc
from kg.nlp.consolidate import explain_misfit
from kg.nlp.document import article_of, quote_sentence, sentence_spans, text_of
from kg.nlp.encoder import Reading, ReadMention, ReadRelation
from kg.nlp.modality import Wording, explain_cue, put
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
    kept: list[Relation] = []
    held: list[Held] = []
    places = _Places(doc._.reading, sentence_spans(doc))
    wording = Wording(doc)
    for read in doc._.reading.relations:
        subject, object_ = arguments.get(read.subject), arguments.get(read.object)
        known = read.label in ontology.predicates
        if not known or not isinstance(subject, int) or object_ is None or subject == object_:
            continue
        sentence = places.find(read)
        cue = wording.find_cue_between(Relation(subject, read.label, object_, ()), sentence)
        cue = cue or wording.find_proof(Modality(read.modality), sentence)
        evidence = quote_sentence(
            article_of(doc), sentence, extractor=extractor, confidence=read.probability
        )
        relation = Relation(subject, read.label, object_, (put(evidence, cue),))
        least = threshold(read.label)
        if read.probability < least:
            held.append((relation, f"confidence {read.probability:.2f} is below {least:.2f}"))
        elif cue is not None and cue.modality is None:
            held.append((relation, explain_cue(cue, text_of(doc))))
        else:
            kept.append(relation)
    return kept, held


@dataclass(frozen=True, slots=True)
class _Places:
    """Finds the sentence that states a relation."""

    reading: Reading
    sentences: Sequence[Span]

    def find(self, read: ReadRelation) -> Span:
        """Return a sentence that names both sides, near the model's focus, if there is one."""
        place = find_sentence(self.sentences, read.focus[0])
        both = self._numbers(read.subject) & self._numbers(read.object)
        if both and place not in both:
            place = min(both, key=lambda n: (abs(n - place), n))
        return self.sentences[place]

    def _mentions(self, cluster: int) -> list[ReadMention]:
        return [self.reading.mentions[n] for n in self.reading.clusters[cluster]]

    def _numbers(self, cluster: int) -> set[int]:
        """Return the numbers of the sentences that mention a cluster."""
        return {find_sentence(self.sentences, m.start) for m in self._mentions(cluster)}


def find_sentence(sentences: Sequence[Span], offset: int) -> int:
    """Return the number of the sentence that an offset lies in, or of the one before it."""
    return max(0, bisect_right(sentences, offset, key=lambda s: s.start) - 1)


def pattern_relations(
    doc: Doc,
    collapsed: CollapsedDoc,
    matcher: RelationMatcher,
    *,
    ontology: Ontology,
    least: float,
) -> tuple[list[Relation], list[Held]]:
    """Return the relations that patterns find, and those less sure than `least`, with why."""
    sentences = sentence_spans(doc)
    wording = Wording(doc)
    states = _find_states(doc._.clusters, ontology)
    kept: list[Relation] = []
    held: list[Held] = []
    for match in matcher.find(collapsed):
        stated = _read_match(doc, collapsed, match, sentences)
        if stated is None:
            continue
        relation, cue = stated, None
        if match.pattern.modality is None:
            cue = wording.find_cue(_span(collapsed, match), relation.predicate)
            if not (collapsed.named[match.subject] and collapsed.named[match.object]):
                cue = cue or wording.find_cue_between(relation, relation.evidence[0].span)
            relation = replace(relation, evidence=(put(relation.evidence[0], cue),))
        if relation.object in states and not _is_admitted(relation, doc._.clusters, ontology):
            relation = replace(relation, object=states[relation.object])
        if match.pattern.confidence < least:
            held.append((relation, f"confidence {match.pattern.confidence} is below {least}"))
        elif cue is not None and cue.modality is None:
            held.append((relation, explain_cue(cue, text_of(doc))))
        else:
            kept.append(relation)
    return kept, held


def _find_states(clusters: Sequence[Cluster], ontology: Ontology) -> dict[int | Literal, int]:
    """Return the country that stands behind each cluster named after its adjective.

    What "the Chinese government" has blocked is blocked in China.
    """
    countries = {
        country.code: number
        for number, cluster in enumerate(clusters)
        if cluster.type in ontology.entity_classes and (country := find_country(cluster.name))
    }
    states: dict[int | Literal, int] = {}
    for number, cluster in enumerate(clusters):
        adjective = cluster.name.removeprefix("the ").partition(" ")[0]
        country = find_country(adjective)
        if " " in cluster.name and country and country.code in countries:
            states[number] = countries[country.code]
    return states


def _is_admitted(relation: Relation, clusters: Sequence[Cluster], ontology: Ontology) -> bool:
    return not explain_misfit(relation, tuple(clusters), ontology)


def _span(collapsed: CollapsedDoc, match: PatternMatch) -> Span:
    """Return the characters of a match."""
    return Span(collapsed.spans[match.start].start, collapsed.spans[match.end - 1].end)


def _read_match(
    doc: Doc, collapsed: CollapsedDoc, match: PatternMatch, sentences: Sequence[Span]
) -> Relation | None:
    """Return the relation of a match; None where its subject is a value."""
    subject, object_ = collapsed.arguments[match.subject], collapsed.arguments[match.object]
    if not isinstance(subject, int) or object_ is None:
        return None
    place = find_sentence(sentences, collapsed.spans[match.subject].start)
    evidence = quote_sentence(
        article_of(doc),
        sentences[place],
        extractor=match.pattern.place,
        confidence=match.pattern.confidence,
        modality=match.pattern.modality or Modality.ASSERTED,
    )
    return Relation(subject, match.pattern.predicate, object_, (evidence,), match.qualifiers)
