"""Applies what reviewers decided about facts to what was read from the articles."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from kg.decisions import Decision, Designation, Review, Statement, Verdict
from kg.model import Cluster, Evidence, Extraction, Literal, Mention, Relation, Span
from kg.ontology import Ontology
from kg.resolve.literals import normalize

__all__ = ["Judgement", "amend", "name_reviewer"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """A relation of an article that was judged; `reason` is why it is kept out, if it is."""

    article: str
    relation: Relation
    reason: str = ""


def amend(
    extractions: Iterable[Extraction],
    decisions: Iterable[Decision],
    texts: Mapping[str, str],
    *,
    ontology: Ontology,
) -> tuple[list[Extraction], tuple[Judgement, ...]]:
    """Return what articles state by their reviewers too, and the judgements, first ones first.

    `texts` are those of the articles, by id. What is accepted, added or put right has the
    reviewer's evidence with confidence 1. A sentence that has moved in its article is found
    again; one that is gone, or whose article is, has no effect.
    """
    reviews: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in sorted(decisions, key=lambda d: d.number):
        if isinstance(decision.about, Review):
            reviews[decision.about.statement.article].append(decision)
    amended: list[Extraction] = []
    judged: list[tuple[int, Judgement]] = []
    for extraction in extractions:
        amending = _Amending(extraction, texts.get(extraction.article, ""), ontology)
        for decision in reviews.get(extraction.article, ()):
            judged += ((decision.number, told) for told in amending.follow(decision))
        amended.append(amending.finish() if extraction.article in reviews else extraction)
    return amended, tuple(told for _, told in sorted(judged, key=lambda pair: pair[0]))


def name_reviewer(decision: Decision) -> str:
    """Return how evidence names the one who gave it, as it names models and patterns."""
    return f"review by {decision.by}, {decision.day}"


class _Amending:
    """One extraction on its way to what its reviewers made of it."""

    def __init__(self, extraction: Extraction, text: str, ontology: Ontology) -> None:
        self._ontology = ontology
        self._extraction = extraction
        self._text = text
        self._clusters = list(extraction.clusters)
        self._relations = list(extraction.relations)
        self._quarantined = list(extraction.quarantined)

    def follow(self, decision: Decision) -> list[Judgement]:
        """Follow a review and return its judgements."""
        review, judgements = decision.about, list[Judgement]()
        if not isinstance(review, Review):
            return judgements
        right: Statement | None = review.statement
        if review.verdict in (Verdict.REJECT, Verdict.CORRECT):
            right = review.correction
            wrong = self._read(review.statement, decision, may_add=False)
            if wrong is not None:
                reason = f"{review.verdict.value}ed by {decision.by} on {decision.day}"
                reason += f": {decision.note}" if decision.note else ""
                judgements.append(Judgement(self._extraction.article, wrong, reason))
        stated = self._read(right, decision, may_add=True) if right is not None else None
        if stated is not None:
            judgements.append(Judgement(self._extraction.article, stated))
            self._state(stated)
        return judgements

    def finish(self) -> Extraction:
        """Return the extraction as it is now."""
        return replace(
            self._extraction,
            clusters=tuple(self._clusters),
            relations=tuple(self._relations),
            quarantined=tuple(self._quarantined),
        )

    def _read(self, told: Statement, decision: Decision, *, may_add: bool) -> Relation | None:
        """Return a statement as a relation of this article; None where it is not there."""
        start = _find(told.quote, self._text, told.span.start)
        if start < 0:
            return None
        moved, known = start - told.span.start, len(self._clusters)
        subject = self._find_cluster(told.subject, moved, may_add=may_add)
        object_: int | Literal = -1
        if isinstance(told.object, Literal):
            object_ = told.object
        elif subject >= 0:
            object_ = self._find_cluster(told.object, moved, may_add=may_add)
        if subject < 0 or object_ == -1:
            del self._clusters[known:]
            return None
        evidence = Evidence(
            article=told.article,
            span=Span(start, start + len(told.quote)),
            quote=told.quote,
            extractor=name_reviewer(decision),
            confidence=1.0,
            modality=told.modality,
        )
        return Relation(subject, told.predicate, object_, (evidence,))

    def _find_cluster(self, meant: Designation, moved: int, *, may_add: bool) -> int:
        """Return the number of the cluster with a mention, a new one if need be, or -1."""
        start = _find(meant.name, self._text, meant.start + moved)
        span = Span(start, start + len(meant.name))
        near = -1
        for number, cluster in enumerate(self._clusters):
            spans = [mention.span for mention in cluster.mentions if mention.named]
            if span in spans:
                return number
            if near < 0 and any(s.start < span.end and span.start < s.end for s in spans):
                near = number
        if start < 0 or not may_add:
            return near
        mention = Mention(span, meant.name, meant.type)
        self._clusters.append(Cluster(meant.name, meant.type, (mention,)))
        return len(self._clusters) - 1

    def _state(self, relation: Relation) -> None:
        """Add a relation, in the place of how else its sentence was read to put it."""
        self._quarantined = [
            (other, reason)
            for other, reason in self._quarantined
            if not self._agree(other, relation)
        ]
        relations = (self._drop_evidence(other, relation) for other in self._relations)
        self._relations = [other for other in relations if other.evidence]
        self._relations.append(relation)

    def _drop_evidence(self, relation: Relation, stated: Relation) -> Relation:
        """Return a relation without the evidence that a reviewer puts in another way."""
        if not self._agree(relation, stated):
            return relation
        (place,) = stated.evidence
        kept = (
            e for e in relation.evidence if e.span != place.span or e.modality is place.modality
        )
        return replace(relation, evidence=tuple(kept))

    def _agree(self, one: Relation, other: Relation) -> bool:
        """Say whether two relations of the article state the same."""
        if one.predicate != other.predicate:
            return False
        known = self._ontology.predicates.get(one.predicate)
        ends = [
            [r.subject, r.object if isinstance(r.object, int) else normalize(r.object)]
            for r in (one, other)
        ]
        is_symmetric = known is not None and known.symmetric
        return ends[0] == ends[1] or (is_symmetric and ends[0] == ends[1][::-1])


def _find(words: str, text: str, start: int) -> int:
    """Return where words stand in a text: at the offset, else where they come first, or -1."""
    if start >= 0 and text.startswith(words, start):
        return start
    before, behind = (r"\b" if re.match(r"\w", edge) else "" for edge in (words[:1], words[-1:]))
    found = re.search(before + re.escape(words) + behind, text)
    return found.start() if found else -1
