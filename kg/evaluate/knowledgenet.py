"""KnowledgeNet: facts of 15 properties in web passages, by its evaluator's text rules.

A fact joins two mentions, pronouns included. A gold fact is found when a predicted fact
of its property overlaps both its spans; a predicted fact that overlaps no gold fact is
wrong only where the passage is annotated for its property throughout. Micro-averaged.
(Mesquita et al., EMNLP 2019; `span_overlap` of
https://github.com/diffbot/knowledge-net/blob/master/evaluator.py.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kg.evaluate.reader import Reader, accept, in_batches, judge
from kg.evaluate.report import ArticleScore, Options, Report, combine
from kg.evaluate.scores import Tally
from kg.nlp.encoder import Reading
from kg.train.datasets.files import read_records
from kg.train.datasets.scheme import Scheme, load_mapping

__all__ = ["MentionFact", "evaluate_knowledgenet", "score_passage"]

_Span = tuple[int, int]
_DEFAULTS = Options()


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

    def states(self, fact: MentionFact) -> bool:
        """Say whether the gold has a fact that overlaps this one."""
        return any(fact.overlaps(gold) for gold in self.facts)

    def judges(self, fact: MentionFact) -> bool:
        """Say whether it is known if the passage states a fact."""
        return fact.property in self.annotated or self.states(fact)


def evaluate_knowledgenet(path: Path, model: Reader, *, options: Options = _DEFAULTS) -> Report:
    """Return the score `facts` over the passages of a file of the data set."""
    passages = [_read_passage(record) for record in read_records(path)][: options.limit]
    parts = []
    for passage, reading in zip(passages, _read(passages, model), strict=True):
        read = dict(_read_facts(reading, model, options))
        counted = {f: p for f, p in read.items() if passage.judges(f)}
        properties = {fact.property for fact in (*counted, *passage.facts)}
        parts.append(
            ArticleScore(
                scores={"facts": score_passage(counted, passage.facts)},
                predicates={
                    name: score_passage(_of(counted, name), _of(passage.facts, name))
                    for name in properties
                },
                outcomes=judge(counted, passage.states, _property),
            )
        )
    extractor = f"model {model.version}"
    return combine(parts, form="knowledgenet", extractor=extractor, seed=options.seed)


def score_passage(predicted: Iterable[MentionFact], gold: Iterable[MentionFact]) -> Tally:
    """Return the tally of a passage, for predicted facts that count there.

    As in the evaluator, what is right is counted by gold facts, what is wrong by
    predicted ones.
    """
    predicted, gold = list(predicted), list(gold)
    found = sum(any(fact.overlaps(true) for fact in predicted) for true in gold)
    wrong = sum(not any(fact.overlaps(true) for true in gold) for fact in predicted)
    return Tally(float(found), float(found + wrong), float(found), float(len(gold)))


def _property(fact: MentionFact) -> str:
    return fact.property


def _of(facts: Iterable[MentionFact], name: str) -> list[MentionFact]:
    return [fact for fact in facts if fact.property == name]


def _overlap(one: _Span, other: _Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _read(passages: list[_Passage], model: Reader) -> Iterator[Reading]:
    for batch in in_batches(passages):
        yield from model.read(
            [p.text for p in batch],
            sentences=[[(0, len(p.text))] for p in batch],
            benchmark=True,
            unnamed=True,
        )


def _read_facts(
    reading: Reading, model: Reader, options: Options
) -> Iterator[tuple[MentionFact, float]]:
    """Yield what was read, for every pair of mentions, the least probable first."""
    for relation in accept(reading, model, options, benchmark=True):
        for name, turned in _labels().get(relation.label, ()):
            ends = [
                [(m.start, m.end) for m in map(reading.mentions.__getitem__, reading.clusters[c])]
                for c in (relation.subject, relation.object)
            ]
            for subject in ends[turned]:
                for object_ in ends[not turned]:
                    yield MentionFact(name, subject, object_), relation.probability


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
