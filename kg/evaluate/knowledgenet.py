"""KnowledgeNet: facts of 15 properties in web passages, by its evaluator's text rules.

A fact joins two mentions, pronouns included. A gold fact is found when a predicted fact
of its property overlaps both its spans; a predicted fact that overlaps no gold fact is
wrong only where the passage is annotated for its property throughout. Micro-averaged.
(Mesquita et al., EMNLP 2019; `span_overlap` of
https://github.com/diffbot/knowledge-net/blob/master/evaluator.py.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kg.evaluate.reader import Reader, in_batches
from kg.evaluate.report import Report, calibrate
from kg.evaluate.scores import Outcome, Score, Tally
from kg.nlp.encoder import Reading
from kg.train.datasets.files import read_records
from kg.train.datasets.scheme import Scheme, load_mapping

__all__ = ["MentionFact", "evaluate_knowledgenet", "score_passage"]

_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class MentionFact:
    """A property between two half-open spans of a passage."""

    property: str
    subject: _Span
    object: _Span

    def overlaps(self, other: MentionFact) -> bool:
        """Say whether both facts have one property and both their sides overlap."""
        return (
            self.property == other.property
            and _overlap(self.subject, other.subject)
            and _overlap(self.object, other.object)
        )


@dataclass(frozen=True, slots=True)
class _Passage:
    text: str
    facts: tuple[MentionFact, ...]
    annotated: frozenset[str]


def evaluate_knowledgenet(
    path: Path,
    model: Reader,
    *,
    min_confidence: float | None = None,
    limit: int | None = None,
    name: str = "",
    checksum: str = "",
    seed: int = 0,
) -> Report:
    """Return the score `facts` over the passages of a file of the data set."""
    passages = [_read_passage(record) for record in read_records(path)][:limit]
    totals: list[Tally] = []
    labels: defaultdict[str, list[Tally]] = defaultdict(list)
    outcomes: defaultdict[str, list[Outcome]] = defaultdict(list)
    for passage, reading in zip(passages, _read(passages, model), strict=True):
        read = dict(_read_facts(reading, model, min_confidence))
        counted = {f: p for f, p in read.items() if _counts(f, passage.facts, passage.annotated)}
        totals.append(score_passage(counted, passage.facts))
        for label in _properties():
            own = tuple(f for f in passage.facts if f.property == label)
            labels[label].append(score_passage(_of(counted, label), own))
        for fact, probability in counted.items():
            right = any(fact.overlaps(gold) for gold in passage.facts)
            outcomes[fact.property].append(Outcome(probability, right))
    return Report(
        gold=name,
        form="knowledgenet",
        checksum=checksum,
        extractor=f"model {model.version}",
        articles=len(passages),
        scores={"facts": Score.of(totals, seed=seed)},
        predicates={n: Score.of(found, seed=seed) for n, found in labels.items()},
        calibration=calibrate(outcomes),
    )


def score_passage(
    predicted: Mapping[MentionFact, float], gold: tuple[MentionFact, ...]
) -> Tally:
    """Return the tally of a passage, for predicted facts that count there.

    As in the evaluator, what is right is counted by gold facts, what is wrong by
    predicted ones.
    """
    found = sum(any(fact.overlaps(true) for fact in predicted) for true in gold)
    wrong = sum(not any(fact.overlaps(true) for true in gold) for fact in predicted)
    return Tally(float(found), float(found + wrong), float(found), float(len(gold)))


def _counts(
    fact: MentionFact, gold: tuple[MentionFact, ...], annotated: frozenset[str]
) -> bool:
    return fact.property in annotated or any(fact.overlaps(true) for true in gold)


def _of(facts: Mapping[MentionFact, float], label: str) -> dict[MentionFact, float]:
    return {fact: p for fact, p in facts.items() if fact.property == label}


def _overlap(one: _Span, other: _Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _read(passages: list[_Passage], model: Reader) -> Iterator[Reading]:
    for batch in in_batches(passages):
        yield from model.read(
            [p.text for p in batch], sentences=[[(0, len(p.text))] for p in batch], benchmark=True
        )


def _read_facts(
    reading: Reading, model: Reader, least: float | None
) -> Iterator[tuple[MentionFact, float]]:
    """Yield what was read, for every pair of mentions, the most probable last."""
    for relation in reversed(reading.relations):
        for label, turned in _labels().get(relation.label, ()):
            if relation.probability < (model.threshold(relation.label) if least is None else least):
                continue
            ends = [
                [(m.start, m.end) for m in map(reading.mentions.__getitem__, reading.clusters[c])]
                for c in (relation.subject, relation.object)
            ]
            for subject in ends[turned]:
                for object_ in ends[not turned]:
                    yield MentionFact(label, subject, object_), relation.probability


@cache
def _properties() -> tuple[str, ...]:
    return tuple(load_mapping("knowledgenet")["relations"])


@cache
def _labels() -> dict[str, list[tuple[str, bool]]]:
    """Return for each label of the model the properties it reads as, and whether turned."""
    found: defaultdict[str, list[tuple[str, bool]]] = defaultdict(list)
    for label, ours in load_mapping("knowledgenet")["relations"].items():
        direct, turned = Scheme.load().direct(ours)
        found[direct].append((label, turned))
    return dict(found)


def _read_passage(record: Mapping[str, Any]) -> _Passage:
    offset = record["passageStart"]
    facts = tuple(
        MentionFact(
            fact["property"],
            (fact["subjectStart"] - offset, fact["subjectEnd"] - offset),
            (fact["objectStart"] - offset, fact["objectEnd"] - offset),
        )
        for fact in record["facts"]
    )
    annotated = frozenset(record["exhaustivelyAnnotatedProperties"])
    return _Passage(record["passageText"], facts, annotated)
