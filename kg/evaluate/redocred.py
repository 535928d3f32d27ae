"""Re-DocRED: 96 Wikidata relations between the entities of Wikipedia articles.

Scored as the data set's own evaluation does, micro-averaged over all triples of an
article, with its entities given; and end to end from the text alone.
(Tan et al., Revisiting DocRED, EMNLP 2022; https://github.com/tonytan48/Re-DocRED.)
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.evaluate.reader import Reader, in_batches
from kg.evaluate.report import Report, calibrate
from kg.evaluate.scores import Outcome, Score, Tally
from kg.nlp.encoder import GivenMention, Reading
from kg.train.datasets.files import read_json
from kg.train.datasets.scheme import load_mapping
from kg.train.datasets.tokens import TokenText
from kg.vocab import fold

__all__ = ["evaluate_redocred"]

_Span = tuple[int, int]
_Triple = tuple[int, str, int]
_PREFIX = "benchmark:"


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
    path: Path,
    model: Reader,
    *,
    given: bool,
    min_confidence: float | None = None,
    limit: int | None = None,
    name: str = "",
    checksum: str = "",
    seed: int = 0,
) -> Report:
    """Return the scores over a file of the data set, in its own form.

    With the entities `given` the score is `relations`. From the text alone there are
    `mentions` (strict span), `relations` where each side shares a name with the entity,
    and `relations, exact entities` where each side has exactly the entity's mentions.
    """
    documents = [_read_document(record) for record in read_json(path)[:limit]]
    score = _score_given if given else _score_text
    tallies: defaultdict[str, list[Tally]] = defaultdict(list)
    labels: defaultdict[str, list[Tally]] = defaultdict(list)
    outcomes: defaultdict[str, list[Outcome]] = defaultdict(list)
    for document, reading in zip(documents, _read(documents, model, given=given), strict=True):
        read = _select(reading, model, min_confidence)
        score(document, reading, read, tallies)
        matches = {c: c for c in range(len(reading.clusters))} if given else document.match(reading)
        _score_labels(document, matches, read, labels, outcomes, number=len(tallies["relations"]))
    for found in labels.values():
        found.extend([Tally()] * (len(documents) - len(found)))
    return Report(
        gold=name,
        form="redocred-given" if given else "redocred",
        checksum=checksum,
        extractor=f"model {model.version}",
        articles=len(documents),
        scores={n: Score.of(found, seed=seed) for n, found in tallies.items()},
        predicates={n: Score.of(labels[n], seed=seed) for n in sorted(labels)},
        calibration=calibrate(outcomes),
    )


def _read(documents: list[_Document], model: Reader, *, given: bool) -> Iterator[Reading]:
    for batch in in_batches(documents):
        texts, bounds = [d.text for d in batch], [d.sentences for d in batch]
        if given:
            yield from model.read_given(
                texts, [d.given() for d in batch], sentences=bounds, benchmark=True
            )
        else:
            yield from model.read(texts, sentences=bounds, benchmark=True)


def _select(reading: Reading, model: Reader, least: float | None) -> dict[_Triple, float]:
    """Return the triples of the data set's labels that count as read, with probability."""
    known = {f"{_PREFIX}{label}" for label in load_mapping("redocred")["properties"]}
    return {
        (r.subject, r.label.removeprefix(_PREFIX), r.object): r.probability
        for r in reading.relations
        if r.label in known
        and r.probability >= (model.threshold(r.label) if least is None else least)
    }


def _score_given(
    document: _Document,
    _reading: Reading,
    read: Mapping[_Triple, float],
    tallies: Mapping[str, list[Tally]],
) -> None:
    tallies["relations"].append(Tally.of_sets(read, document.triples))


def _score_text(
    document: _Document,
    reading: Reading,
    read: Mapping[_Triple, float],
    tallies: Mapping[str, list[Tally]],
) -> None:
    spans = {span for mentions in document.entities for span, _ in mentions}
    found = {(m.start, m.end) for m in reading.mentions if m.named and m.cluster >= 0}
    tallies["mentions"].append(Tally.of_sets(found, spans))
    for name, matches in (
        ("relations", document.match(reading)),
        ("relations, exact entities", document.match_strictly(reading)),
    ):
        tallies[name].append(Tally.of_sets(_rename(read, matches), document.triples))


def _rename(read: Iterable[_Triple], matches: Mapping[int, int]) -> set[_Triple]:
    """Return the triples in numbers of entities; what stands for none gets one below zero."""
    return {(matches.get(s, -1 - s), label, matches.get(o, -1 - o)) for s, label, o in read}


def _score_labels(
    document: _Document,
    matches: Mapping[int, int],
    read: Mapping[_Triple, float],
    labels: Mapping[str, list[Tally]],
    outcomes: Mapping[str, list[Outcome]],
    *,
    number: int,
) -> None:
    """Add the tallies of an article by label, of which `number` have been seen."""
    renamed = _rename(read, matches)
    for label in {label for _, label, _ in renamed | document.triples}:
        labels[label].extend([Tally()] * (number - 1 - len(labels[label])))
        ours = {t for t in renamed if t[1] == label}
        labels[label].append(Tally.of_sets(ours, {t for t in document.triples if t[1] == label}))
    for triple, probability in read.items():
        (own,) = _rename([triple], matches)
        outcomes[triple[1]].append(Outcome(probability, own in document.triples))


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
