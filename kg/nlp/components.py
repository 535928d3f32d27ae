"""The components of the pipeline, registered with spaCy under names that begin with `kg_`.

    kg_sentences -> kg_values -> kg_mentions -> kg_coreference -> kg_relations
                 -> kg_patterns -> kg_consolidate -> kg_speakers

What each writes on the Doc is listed in `kg.nlp.document`. Any of them may be left out or
replaced: where another component (spaCy's `ner`, an `entity_ruler`) sets `doc.ents` in place
of `kg_mentions`, names are grouped by their form and the model reads relations between them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, partial
from itertools import islice
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc
from spacy.tokens import Span as Entity
from spacy.util import filter_spans

from kg.model import Literal, Mention, Relation, Span
from kg.nlp.clusters import group_mentions
from kg.nlp.collapse import collapse
from kg.nlp.consolidate import consolidate_relations
from kg.nlp.document import article_of, register_extensions, sentence_spans, text_of
from kg.nlp.encoder import GivenMention, Model, Reading, load_model
from kg.nlp.patterns import RelationMatcher, load_patterns
from kg.nlp.periods import date_relations
from kg.nlp.sentences import set_sentences
from kg.nlp.speakers import attribute
from kg.nlp.statements import Held, model_relations, pattern_relations
from kg.nlp.values import find_values
from kg.nlp.weighing import read_probabilities, weigh_patterns
from kg.ontology import Ontology, load_ontology
from kg.vocab import fold

__all__ = ["COMPONENTS", "LABELS", "set_sentences"]

COMPONENTS = (
    "kg_sentences",
    "kg_values",
    "kg_mentions",
    "kg_coreference",
    "kg_relations",
    "kg_patterns",
    "kg_consolidate",
    "kg_speakers",
)
LABELS = Path(__file__).parent / "labels.json"

# Texts that the model reads at once: enough to fill its batches, few enough for memory.
_BATCH = 16
# Patterns less sure than this are not told unless the user asks for them.
_LEAST = 0.5

register_extensions()


def _open_ontology(path: str | None) -> Ontology:
    return load_ontology(Path(path) if path else None)


@cache
def _open_model(path: str | None, threads: int) -> Model:
    return load_model(Path(path) if path else None, threads=threads)


@Language.component("kg_values", assigns=["doc._.values"])
def set_values(doc: Doc) -> Doc:
    """Return the Doc with the dates, money, percentages and counts that it states."""
    doc._.values = find_values(text_of(doc), published=article_of(doc).published)
    return doc


class _Batched:
    """A component that reads many Docs at once."""

    def __call__(self, doc: Doc) -> Doc:
        """Return the Doc with what the component adds."""
        self.read([doc])
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = _BATCH) -> Iterator[Doc]:
        """Yield the Docs of a stream in order."""
        for batch in _batch(stream, batch_size):
            self.read(batch)
            yield from batch

    def read(self, docs: Sequence[Doc]) -> None:
        """Add to each Doc what the component adds."""
        raise NotImplementedError


@Language.factory(
    "kg_mentions",
    default_config={"model": None, "threads": 0},
    assigns=["doc.ents", "doc._.reading"],
)
class MentionRecognizer(_Batched):
    """Reads the Docs with the trained model and sets the names it finds as `doc.ents`."""

    def __init__(self, nlp: Language, name: str, *, model: str | None, threads: int) -> None:
        self.name, self.vocab = name, nlp.vocab
        self._model = _open_model(model, threads)

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = _BATCH) -> Iterator[Doc]:
        """Yield the Docs of a stream in order; with threads to spare, reads a batch ahead.

        What is made of the mentions keeps one thread busy, and the model the others.
        """
        if self._model.threads < 2:
            yield from super().pipe(stream, batch_size=batch_size)
            return
        with ThreadPoolExecutor(1) as ahead:
            before: tuple[Sequence[Doc], Future[list[Reading]]] | None = None
            for docs in _batch(stream, batch_size):
                started = docs, ahead.submit(self._prepare(docs))
                yield from self._finish(before)
                before = started
            yield from self._finish(before)

    def read(self, docs: Sequence[Doc]) -> None:
        """Set `doc._.reading` and `doc.ents`."""
        self._set(docs, self._prepare(docs)())

    def _prepare(self, docs: Sequence[Doc]) -> Callable[[], list[Reading]]:
        """Return what reads the Docs, and touches none of them."""
        return partial(
            self._model.read,
            [text_of(doc) for doc in docs],
            extra_mentions=[
                [(v.span.start, v.span.end, v.kind) for v in doc._.values] for doc in docs
            ],
            sentences=[_bounds(doc) for doc in docs],
        )

    def _finish(self, started: tuple[Sequence[Doc], Future[list[Reading]]] | None) -> Sequence[Doc]:
        """Return the Docs of a batch, once they are read."""
        if started is None:
            return ()
        docs, reading = started
        self._set(docs, reading.result())
        return docs

    def _set(self, docs: Sequence[Doc], readings: Sequence[Reading]) -> None:
        for doc, reading in zip(docs, readings, strict=True):
            doc._.reading = reading
            values = {(v.span.start, v.span.end) for v in doc._.values}
            spans = [
                doc.char_span(m.start, m.end, label=m.type, alignment_mode="expand")
                for m in reading.mentions
                if m.named and m.cluster >= 0 and (m.start, m.end) not in values
            ]
            doc.ents = filter_spans([s for s in spans if s is not None])


@Language.factory(
    "kg_coreference",
    default_config={"ontology": None},
    requires=["doc.ents"],
    assigns=["doc._.clusters", "doc._.arguments"],
)
class ClusterMaker:
    """Groups the mentions into clusters; those of other recognizers by the form of the name."""

    def __init__(self, nlp: Language, name: str, *, ontology: str | None) -> None:
        self.name, self.vocab = name, nlp.vocab
        self._ontology = _open_ontology(ontology)

    def __call__(self, doc: Doc) -> Doc:
        """Return the Doc with its clusters, each `ent.id_` the number of one."""
        reading: Reading | None = doc._.reading
        groups = self._from_entities(doc) if reading is None else self._from_reading(doc, reading)
        grouping = group_mentions(groups, ontology=self._ontology)
        doc._.clusters = grouping.clusters
        doc._.arguments = dict(grouping.numbers)
        if reading is not None:
            doc._.arguments |= _literals(doc, reading)
        numbers = {m.span.start: n for n, c in enumerate(doc._.clusters) for m in c.mentions}
        doc.ents = [
            Entity(doc, e.start, e.end, e.label, span_id=str(numbers.get(e.start_char, "")))
            for e in doc.ents
        ]
        return doc

    def _from_reading(self, doc: Doc, reading: Reading) -> dict[int, tuple[str, list[Mention]]]:
        """Return the clusters of the model that name something of a class."""
        groups = {}
        text = text_of(doc)
        for number, members in enumerate(reading.clusters):
            type_ = reading.cluster_type(number)
            if type_ not in self._ontology.entity_classes:
                continue
            found = [reading.mentions[n] for n in members]
            groups[number] = (
                type_,
                [
                    Mention(
                        Span(m.start, m.end),
                        text[m.start : m.end],
                        type_,
                        round(m.confidence, 4),
                        m.named,
                    )
                    for m in found
                ],
            )
        return groups

    def _from_entities(self, doc: Doc) -> dict[int, tuple[str, list[Mention]]]:
        """Return the entities of another component, one group for each name and class."""
        labels = _read_labels()
        groups: dict[tuple[str, str], list[Mention]] = {}
        for ent in doc.ents:
            type_ = labels.get(ent.label_, ent.label_)
            if type_ in self._ontology.entity_classes:
                mention = Mention(Span(ent.start_char, ent.end_char), ent.text, type_)
                groups.setdefault((fold(ent.text), type_), []).append(mention)
        return {n: (type_, found) for n, ((_, type_), found) in enumerate(groups.items())}


@Language.factory(
    "kg_relations",
    default_config={"model": None, "threads": 0, "ontology": None, "min_confidence": None},
    requires=["doc._.clusters"],
    assigns=["doc._.relations", "doc._.quarantined"],
)
class RelationReader(_Batched):
    """Adds the relations that the trained model reads between the clusters."""

    def __init__(
        self,
        nlp: Language,
        name: str,
        *,
        model: str | None,
        threads: int,
        ontology: str | None,
        min_confidence: float | None,
    ) -> None:
        self.name, self.vocab = name, nlp.vocab
        self._model = _open_model(model, threads)
        self._ontology = _open_ontology(ontology)
        self._least = min_confidence

    def read(self, docs: Sequence[Doc]) -> None:
        """Add to `doc._.relations` and `doc._.quarantined`."""
        self._read_given([doc for doc in docs if doc._.reading is None])
        for doc in docs:
            kept, held = model_relations(
                doc,
                arguments=doc._.arguments,
                ontology=self._ontology,
                extractor=f"model {self._model.version}",
                threshold=self._threshold,
            )
            _add(doc, kept, held)

    def _threshold(self, label: str) -> float:
        return self._model.threshold(label) if self._least is None else self._least

    def _read_given(self, docs: Sequence[Doc]) -> None:
        """Read Docs whose clusters are not the model's own."""
        if not docs:
            return
        readings = self._model.read_given(
            [text_of(doc) for doc in docs],
            [_given(doc) for doc in docs],
            sentences=[_bounds(doc) for doc in docs],
            benchmark=False,
        )
        for doc, reading in zip(docs, readings, strict=True):
            doc._.reading = reading
            doc._.arguments = {n: n for n in range(len(doc._.clusters))} | _literals(doc, reading)


@Language.factory(
    "kg_patterns",
    default_config={"model": None, "threads": 0, "ontology": None, "min_confidence": None},
    requires=["doc._.clusters"],
    assigns=["doc._.relations", "doc._.quarantined"],
)
class PatternReader:
    """Adds the relations that the ontology's pattern files find and the model does not doubt."""

    def __init__(
        self,
        nlp: Language,
        name: str,
        *,
        model: str | None,
        threads: int,
        ontology: str | None,
        min_confidence: float | None,
    ) -> None:
        self.name = name
        self._model = _open_model(model, threads)
        opened = _open_ontology(ontology)
        patterns = [p for path in opened.patterns for p in load_patterns(path, opened)]
        self._ontology = opened
        self._matcher = RelationMatcher(nlp.vocab, patterns, opened)
        self._asked = min_confidence
        self._least = _LEAST if min_confidence is None else min_confidence

    def __call__(self, doc: Doc) -> Doc:
        """Return the Doc with what the patterns find in it."""
        kept, held = pattern_relations(
            doc, collapse(doc), self._matcher, ontology=self._ontology, least=self._least
        )
        if doc._.reading is not None:
            read = read_probabilities(doc._.relations, doc._.quarantined, self._ontology)
            kept, doubted = weigh_patterns(
                kept, read=read, model=self._model, ontology=self._ontology, least=self._asked
            )
            held += doubted
        _add(doc, kept, held)
        return doc


@Language.factory(
    "kg_consolidate",
    default_config={"ontology": None},
    requires=["doc._.relations"],
    assigns=["doc._.relations", "doc._.quarantined"],
)
class Consolidator:
    """Brings the relations to one form, and keeps out what the ontology does not admit."""

    def __init__(self, nlp: Language, name: str, *, ontology: str | None) -> None:
        self.name, self.vocab = name, nlp.vocab
        self._ontology = _open_ontology(ontology)

    def __call__(self, doc: Doc) -> Doc:
        """Return the Doc with its relations in canonical form, with what is told of their time."""
        kept, refused = consolidate_relations(doc._.relations, doc._.clusters, self._ontology)
        stated = {(r.subject, r.predicate, r.object) for r in kept}
        held = [h for h in doc._.quarantined if _statement(h[0]) not in stated]
        doc._.relations, doc._.quarantined = kept, (*refused, *held)
        date_relations(doc)
        return doc


@Language.factory(
    "kg_speakers",
    default_config={"ontology": None},
    requires=["doc._.relations"],
    assigns=["doc._.relations", "doc._.quarantined"],
)
class SpeakerFinder:
    """Tells for each evidence who says so."""

    def __init__(self, nlp: Language, name: str, *, ontology: str | None) -> None:
        self.name, self.vocab = name, nlp.vocab
        self._ontology = _open_ontology(ontology)

    def __call__(self, doc: Doc) -> Doc:
        """Return the Doc with a speaker for each evidence of its relations."""
        attribute(doc, self._ontology)
        return doc


def _statement(relation: Relation) -> tuple[int, str, int | Literal]:
    return relation.subject, relation.predicate, relation.object


def _add(doc: Doc, kept: Sequence[Relation], held: Sequence[Held]) -> None:
    doc._.relations = (*doc._.relations, *kept)
    doc._.quarantined = (*doc._.quarantined, *held)


def _batch(stream: Iterable[Doc], size: int) -> Iterator[list[Doc]]:
    """Yield the Docs of a stream in lists, as many in each as the model reads at once."""
    docs = iter(stream)
    while batch := list(islice(docs, min(size, _BATCH))):
        yield batch


def _bounds(doc: Doc) -> list[tuple[int, int]]:
    """Return the sentences as pairs of offsets."""
    return [(s.start, s.end) for s in sentence_spans(doc)]


def _literals(doc: Doc, reading: Reading) -> dict[int, Literal]:
    """Return the literal that each value cluster of a reading stands for."""
    values = {(v.span.start, v.span.end): v.literal for v in doc._.values}
    spans = ((m.start, m.end, m.cluster) for m in reading.mentions)
    return {cluster: values[s, e] for s, e, cluster in spans if (s, e) in values}


def _given(doc: Doc) -> list[GivenMention]:
    """Return the mentions of the clusters, then the values, as the model takes them."""
    mentions = [
        GivenMention(m.span.start, m.span.end, n, frozenset({c.type}), m.named)
        for n, c in enumerate(doc._.clusters)
        for m in c.mentions
    ]
    values = [
        GivenMention(v.span.start, v.span.end, n, frozenset({v.kind}))
        for n, v in enumerate(doc._.values, start=len(doc._.clusters))
    ]
    return mentions + values


@cache
def _read_labels() -> dict[str, str]:
    """Return our class for each label of other recognizers."""
    labels: dict[str, str] = json.loads(LABELS.read_text(encoding="utf-8"))
    return labels
