"""Scores one article: what was read of it against what it says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kg.evaluate.facts import (
    FactKey,
    Statement,
    describe_node,
    gold_statements,
    read_statements,
)
from kg.evaluate.gold import GoldArticle, GoldEntity
from kg.evaluate.matching import match_cluster
from kg.evaluate.report import ArticleScore, Mistake
from kg.evaluate.scores import Outcome, Tally
from kg.model import Extraction, Literal, Span
from kg.ontology import Ontology

__all__ = ["score_article", "score_clusters"]


def score_article(extraction: Extraction, gold: GoldArticle, *, ontology: Ontology) -> ArticleScore:
    """Return what an article counts; the order of clusters, relations and gold is free."""
    mentions = gold.find_mentions()
    matches = [
        match_cluster(cluster, gold, mentions, ontology=ontology) for cluster in extraction.clusters
    ]
    read = read_statements(extraction, gold, matches, ontology=ontology)
    true = gold_statements(gold, ontology=ontology)
    return ArticleScore(
        scores={
            "mentions": _score_mentions(extraction, mentions),
            "entities": score_clusters(
                [{m.span for m in c.mentions if m.named} for c in extraction.clusters],
                [{s for s, e in mentions.items() if e == entity} for entity in gold.entities],
            ),
            "facts": Tally.of_sets(read, true),
        },
        predicates={
            name: Tally.of_sets(_of(read, name), _of(true, name))
            for name in sorted({key[1] for key in (*read, *true)})
        },
        outcomes=_judge(read, true),
        shares=_compare_right(read, true)
        | {"conformance": _count_conforming(extraction, ontology)},
        mistakes=_Mistakes(extraction, gold, matches, read, true).find(),
    )


def score_clusters(predicted: Sequence[set[Span]], gold: Sequence[set[Span]]) -> Tally:
    """Return B-cubed over mentions (Bagga and Baldwin, 1998).

    A mention that only one side has counts there in full and wins nothing.
    """

    def overlap(ours: Sequence[set[Span]], theirs: Sequence[set[Span]]) -> float:
        owner = {span: cluster for cluster in theirs for span in cluster}
        return sum(
            len(cluster & owner.get(span, set())) / len(cluster)
            for cluster in ours
            for span in cluster
        )

    return Tally(
        overlap(predicted, gold),
        float(sum(map(len, predicted))),
        overlap(gold, predicted),
        float(sum(map(len, gold))),
    )


def _score_mentions(extraction: Extraction, gold: Mapping[Span, GoldEntity]) -> Tally:
    """Return the tally of names by strict span and class."""
    return Tally.of_sets(
        {(m.span, m.type) for c in extraction.clusters for m in c.mentions if m.named},
        {(span, entity.type) for span, entity in gold.items()},
    )


def _judge(
    read: Mapping[FactKey, Statement], true: Mapping[FactKey, Statement]
) -> dict[str, list[Outcome]]:
    outcomes: defaultdict[str, list[Outcome]] = defaultdict(list)
    for key, statement in read.items():
        outcomes[key[1]].append(Outcome(statement.confidence, key in true))
    return outcomes


def _compare_right(
    read: Mapping[FactKey, Statement], true: Mapping[FactKey, Statement]
) -> dict[str, tuple[float, float]]:
    """Return how many right facts have their evidence and their modality right."""
    right = read.keys() & true.keys()
    placed = [key for key in right if true[key].evidence]
    return {
        "evidence": (sum(_meet(read[k].evidence, true[k].evidence) for k in placed), len(placed)),
        "modality": (sum(read[k].modality is true[k].modality for k in right), len(right)),
    }


def _of(statements: Mapping[FactKey, Statement], predicate: str) -> set[FactKey]:
    return {key for key in statements if key[1] == predicate}


def _meet(spans: Sequence[Span], others: Sequence[Span]) -> bool:
    return any(a.start < b.end and b.start < a.end for a in spans for b in others)


def _count_conforming(extraction: Extraction, ontology: Ontology) -> tuple[int, int]:
    """Return how many relations the ontology admits, of how many."""
    kinds = [
        r.object.datatype if isinstance(r.object, Literal) else extraction.clusters[r.object].type
        for r in extraction.relations
    ]
    admitted = [
        ontology.admits(r.predicate, extraction.clusters[r.subject].type, kind)
        for r, kind in zip(extraction.relations, kinds, strict=True)
    ]
    return sum(admitted), len(admitted)


class _Mistakes:
    """Finds the mistakes of one article and says at which step each was made."""

    def __init__(
        self,
        extraction: Extraction,
        gold: GoldArticle,
        matches: Sequence[str | None],
        read: Mapping[FactKey, Statement],
        true: Mapping[FactKey, Statement],
    ) -> None:
        self._extraction, self._gold, self._matches = extraction, gold, matches
        self._read, self._true = read, true
        self._names = {entity.id: entity.name for entity in gold.entities}

    def find(self) -> tuple[Mistake, ...]:
        missed = sorted(self._true.keys() - self._read.keys())
        wrong = sorted(self._read.keys() - self._true.keys())
        held = self._held()
        return (
            *(self._make(k, "missed", self._why_missed(k, held), self._true[k]) for k in missed),
            *(self._make(k, "wrong", self._why_wrong(k), self._read[k]) for k in wrong),
        )

    def _make(self, key: FactKey, kind: str, cause: str, statement: Statement) -> Mistake:
        span = min(statement.evidence, default=Span(0, 0))
        subject, predicate, object_ = key
        return Mistake(
            article=self._gold.article.id,
            kind=kind,
            subject=describe_node(subject, self._names),
            predicate=predicate,
            object=describe_node(object_, self._names),
            cause=cause,
            confidence=statement.confidence if kind == "wrong" else 0.0,
            evidence=self._gold.article.text[span.start : span.end],
        )

    def _held(self) -> dict[tuple[str | None, str, str | None], str]:
        """Return why relations between known entities were kept out, in either direction."""
        reasons = {}
        for relation, reason in self._extraction.quarantined:
            if not isinstance(relation.object, Literal):
                ends = self._matches[relation.subject], self._matches[relation.object]
                for subject, object_ in (ends, ends[::-1]):
                    reasons[subject, relation.predicate, object_] = reason
        return reasons

    def _why_missed(
        self, key: FactKey, held: Mapping[tuple[str | None, str, str | None], str]
    ) -> str:
        subject, predicate, object_ = key
        absent = [n for n in (subject, object_) if n in self._names and n not in self._matches]
        if absent:
            return f"{' and '.join(self._names[n] for n in absent)} not read"
        if key in held:
            return held[key]
        others = self._between(subject, object_, self._read) - {predicate}
        return f"read as {', '.join(sorted(others))}" if others else "no relation read"

    def _why_wrong(self, key: FactKey) -> str:
        subject, predicate, object_ = key
        strange = [n for n in (subject, object_) if n.startswith("?")]
        if strange:
            return f"{' and '.join(n.lstrip('?= ') for n in strange)} not in the gold"
        if (object_, predicate, subject) in self._true:
            return "wrong direction"
        others = self._between(subject, object_, self._true) - {predicate}
        return f"gold has {', '.join(sorted(others))}" if others else "gold has no relation"

    def _between(self, one: str, other: str, facts: Mapping[FactKey, Statement]) -> set[str]:
        return {p for s, p, o in facts if {s, o} == {one, other}}
