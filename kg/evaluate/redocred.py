"""Re-DocRED: 96 Wikidata relations between the entities of Wikipedia articles.

Scored as the data set's own evaluation does, micro-averaged over all triples of an
article, with its entities given; and end to end from the text alone.
(Tan et al., Revisiting DocRED, EMNLP 2022; https://github.com/tonytan48/Re-DocRED.)
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.evaluate.reader import Reader, accept, in_batches, judge, tally_labels
from kg.evaluate.report import ArticleScore, Options, Report, combine
from kg.evaluate.scores import Tally
from kg.nlp.encoder import GivenMention, Reading
from kg.train.datasets.files import read_json
from kg.train.datasets.scheme import load_mapping
from kg.train.datasets.tokens import TokenText
from kg.vocab import fold

__all__ = ["evaluate_redocred"]

_Span = tuple[int, int]
_Triple = tuple[int, str, int]
_PREFIX = "benchmark:"
_DEFAULTS = Options()


@dataclass(frozen=True, slots=True)
class _Document:
    """A text, the mentions of each entity with the types of its label, and the triples."""

    text: str
    sentences: tuple[_Span, ...]
    entities: tuple[tuple[tuple[_Span, frozenset[str]], ...], ...]
    triples: frozenset[_Triple]

    def given(self) -> list[GivenMention]:
        """Return the mentions as the model takes them.

        Their types are those of the coarse label: to narrow them by the triples, as
        training may, would give the answer away.
        """
        return [
            GivenMention(*span, cluster, types)
            for cluster, mentions in enumerate(self.entities)
            for span, types in mentions
        ]

    def match(self, reading: Reading) -> dict[int, int]:
        """Return the entity that each cluster read stands for, by spans, then by names."""
        spans = {span: e for e, mentions in enumerate(self.entities) for span, _ in mentions}
        forms: defaultdict[str, set[int]] = defaultdict(set)
        for (start, end), entity in spans.items():
            forms[fold(self.text[start:end])].add(entity)
        matches = {}
        for cluster, members in enumerate(reading.clusters):
            votes: Counter[int] = Counter()
            for number in members:
                mention = reading.mentions[number]
                if (mention.start, mention.end) in spans:
                    votes[spans[mention.start, mention.end]] += 1000
                elif mention.named:
                    votes.update(forms.get(fold(self.text[mention.start : mention.end]), ()))
            if votes:
                matches[cluster] = min(votes, key=lambda entity: (-votes[entity], entity))
        return matches

    def match_strictly(self, reading: Reading) -> dict[int, int]:
        """Return the entity of each cluster that has exactly its mentions."""
        known = {frozenset(s for s, _ in found): e for e, found in enumerate(self.entities)}
        spans = [
            frozenset((m.start, m.end) for m in map(reading.mentions.__getitem__, c) if m.named)
            for c in reading.clusters
        ]
        return {c: known[found] for c, found in enumerate(spans) if found in known}


def evaluate_redocred(
    path: Path, model: Reader, *, given: bool, options: Options = _DEFAULTS
) -> Report:
    """Return the scores over a file of the data set, in its own form.

    With the entities `given` the score is `relations`. From the text alone there are
    `mentions` (strict span), `relations` where each side shares a name with the entity,
    and `relations, exact entities` where each side has exactly the entity's mentions.
    """
    documents = [_read_document(record) for record in read_json(path)[: options.limit]]
    parts = []
    for document, reading in zip(documents, _read(documents, model, given=given), strict=True):
        read = _select(reading, model, options)
        score = _score_given if given else _score_text
        parts.append(score(document, reading, read))
    form = "redocred-given" if given else "redocred"
    return combine(parts, form=form, extractor=f"model {model.version}", seed=options.seed)


def _read(documents: list[_Document], model: Reader, *, given: bool) -> Iterator[Reading]:
    for batch in in_batches(documents):
        texts, bounds = [d.text for d in batch], [d.sentences for d in batch]
        if given:
            mentions = [d.given() for d in batch]
            yield from model.read_given(texts, mentions, sentences=bounds, benchmark=True)
        else:
            yield from model.read(texts, sentences=bounds, benchmark=True)


def _select(reading: Reading, model: Reader, options: Options) -> dict[_Triple, float]:
    """Return the triples of the data set's labels that count as read, with probability."""
    known = {f"{_PREFIX}{label}" for label in load_mapping("redocred")["properties"]}
    return {
        (r.subject, r.label.removeprefix(_PREFIX), r.object): r.probability
        for r in accept(reading, model, options, benchmark=True)
        if r.label in known
    }


def _score_given(
    document: _Document, _reading: Reading, read: Mapping[_Triple, float]
) -> ArticleScore:
    gold = document.triples
    return ArticleScore(
        scores={"relations": Tally.of_sets(read, gold)},
        predicates=tally_labels(read, gold, _label),
        outcomes=judge(read, gold.__contains__, _label),
    )


def _score_text(
    document: _Document, reading: Reading, read: Mapping[_Triple, float]
) -> ArticleScore:
    gold = document.triples
    spans = {span for mentions in document.entities for span, _ in mentions}
    found = {(m.start, m.end) for m in reading.mentions if m.named and m.cluster >= 0}
    named = _rename(read, document.match(reading))
    exact = _rename(read, document.match_strictly(reading))
    return ArticleScore(
        scores={
            "mentions": Tally.of_sets(found, spans),
            "relations": Tally.of_sets(named, gold),
            "relations, exact entities": Tally.of_sets(exact, gold),
        },
        predicates=tally_labels(named, gold, _label),
        outcomes=judge(named, gold.__contains__, _label),
    )


def _label(triple: _Triple) -> str:
    return triple[1]


def _rename(read: Mapping[_Triple, float], matches: Mapping[int, int]) -> dict[_Triple, float]:
    """Return the triples in numbers of entities; what stands for none gets one below zero."""
    return {
        (matches.get(s, -1 - s), label, matches.get(o, -1 - o)): probability
        for (s, label, o), probability in read.items()
    }


def _read_document(record: Mapping[str, Any]) -> _Document:
    text, starts, sentences = TokenText(), [0], []
    for sentence in record["sents"]:
        sentences.append(text.add(sentence))
        starts.append(len(text.spans))
    types = load_mapping("redocred")["types"]

    def place(mention: Mapping[str, Any]) -> _Span | None:
        first, last = mention["pos"]
        return text.span(starts[mention["sent_id"]] + first, starts[mention["sent_id"]] + last)

    entities = tuple(
        tuple((span, frozenset(types[m["type"]])) for m in vertex if (span := place(m)))
        for vertex in record["vertexSet"]
    )
    triples = frozenset((label["h"], label["r"], label["t"]) for label in record["labels"])
    return _Document(text.text, tuple(sentences), entities, triples)
