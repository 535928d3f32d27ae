"""Scores every pair of clusters of a text that stand together in a window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from kg.nlp.encoder.likeness import gap_bucket
from kg.nlp.encoder.pieces import Pieces
from kg.nlp.encoder.placed import PlacedMention, mention_types, mention_vectors
from kg.nlp.encoder.reading import ReadRelation, Sentences
from kg.nlp.encoder.tags import log_softmax
from kg.nlp.encoder.weights import ModelFiles
from kg.nlp.encoder.windows import Window

__all__ = ["score_relations"]

FloatArray = npt.NDArray[np.float32]

# Clusters of one window that are paired; more are met only in lists of names.
_MOST_CLUSTERS = 90
# Pairs that are scored at a time; each needs some 100 KB while it is.
_PAIRS = 128


@dataclass(frozen=True, slots=True)
class _Entities:
    """The clusters of a window: their numbers, vectors, types, attention, first pieces."""

    clusters: list[int]
    vectors: FloatArray
    types: FloatArray
    attention: FloatArray
    firsts: list[list[int]]
    values: list[bool]


def score_relations(
    files: ModelFiles,
    pieces: Pieces,
    windows: Sequence[Window],
    mentions: Sequence[PlacedMention],
    clusters: Sequence[int],
    *,
    sentences: Sentences = (),
    benchmark: bool = False,
    least: float = 0.05,
) -> tuple[ReadRelation, ...]:
    """Return the relations with at least the probability `least`, best first.

    `clusters` holds the cluster of each mention. Scored are the labels of the ontology,
    or with `benchmark` all labels. A pair that meets in several windows has its best score.
    """
    best: dict[tuple[int, str, int], ReadRelation] = {}
    for window in windows:
        entities = _entities(files, window, mentions, clusters)
        if entities is None:
            continue
        for relation in _read(
            files, pieces, window, entities, sentences=sentences, benchmark=benchmark, least=least
        ):
            key = (relation.subject, relation.label, relation.object)
            if key not in best or best[key].score < relation.score:
                best[key] = relation
    return tuple(
        sorted(best.values(), key=lambda r: (-r.probability, r.subject, r.label, r.object))
    )


def _entities(
    files: ModelFiles,
    window: Window,
    mentions: Sequence[PlacedMention],
    clusters: Sequence[int],
) -> _Entities | None:
    """Return the clusters that stand in a window, None where there are fewer than two."""
    inside = [
        n
        for n, m in enumerate(mentions)
        if clusters[n] >= 0 and window.start <= m.first and m.last < window.end
    ]
    rows = dict(
        zip(inside, window.attention_rows([mentions[n].first for n in inside]), strict=True)
    )
    members: dict[int, list[int]] = {}
    for number in inside:
        if rows[number] >= 0:
            members.setdefault(clusters[number], []).append(number)
    numbers = list(members)[:_MOST_CLUSTERS]
    if len(numbers) < 2:
        return None
    chosen = [n for number in numbers for n in members[number]]
    placed = [mentions[n] for n in chosen]
    vectors = mention_vectors(files, window, placed)
    types = mention_types(files, window, placed)
    attention = np.asarray(window.attention[:, [rows[n] for n in chosen]], dtype=np.float32)
    ends = np.cumsum([0, *(len(members[number]) for number in numbers)])
    parts = [slice(a, b) for a, b in pairwise(ends)]
    return _Entities(
        clusters=numbers,
        vectors=np.stack([_log_sum_exp(vectors[p]) for p in parts]),
        types=np.stack([_mean_types(types[p], placed[p]) for p in parts]),
        attention=np.stack([attention[:, p].mean(1) for p in parts], axis=1),
        firsts=[[m.first for m in placed[p]] for p in parts],
        values=[placed[p][0].is_value for p in parts],
    )


def _log_sum_exp(vectors: FloatArray) -> FloatArray:
    """Return the log of the sum of the exponentials over the rows."""
    top = vectors.max(axis=0)
    return np.asarray(top + np.log(np.exp(vectors - top).sum(axis=0)))


def _mean_types(types: FloatArray, mentions: Sequence[PlacedMention]) -> FloatArray:
    """Return the mean type of the names, of all mentions where there are no names."""
    named = [m.named for m in mentions]
    return np.asarray((types[named] if any(named) else types).mean(axis=0))


def _read(
    files: ModelFiles,
    pieces: Pieces,
    window: Window,
    entities: _Entities,
    *,
    sentences: Sentences,
    benchmark: bool,
    least: float,
) -> Iterator[ReadRelation]:
    """Yield the relations of one window."""
    count = len(entities.clusters)
    pairs = [
        (s, o) for s in range(count) for o in range(count) if s != o and not entities.values[s]
    ]
    labels = files.ontology + files.benchmark * benchmark
    calibration = [files.calibrate(label, reference=benchmark) for label in labels]
    slope = np.array([c.slope for c in calibration], dtype=np.float32)
    offset = np.array([c.offset for c in calibration], dtype=np.float32)
    for start in range(0, len(pairs), _PAIRS):
        some = pairs[start : start + _PAIRS]
        scores, modality, focus = _score(files, window, entities, some, benchmark=benchmark)
        probability = 1 / (1 + np.exp(-np.clip(slope * scores + offset, -30, 30)))
        stated = np.exp(log_softmax(modality))
        for pair, label in zip(*(probability >= least).nonzero(), strict=True):
            kind = int(stated[pair].argmax())
            subject, object_ = some[pair]
            yield ReadRelation(
                subject=entities.clusters[subject],
                label=labels[label],
                object=entities.clusters[object_],
                score=float(scores[pair, label]),
                probability=float(probability[pair, label]),
                modality=files.modalities[kind],
                modality_confidence=float(stated[pair, kind]),
                focus=_sentence(pieces, window, focus[pair], sentences),
            )


def _score(
    files: ModelFiles,
    window: Window,
    entities: _Entities,
    pairs: Sequence[tuple[int, int]],
    *,
    benchmark: bool,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return for each pair the scores of labels, those of modalities, the focus on pieces."""
    subject, object_ = np.array(pairs, dtype=np.int64).T
    gap = np.array([gap_bucket(entities.firsts[s], entities.firsts[o]) for s, o in pairs])
    feed = {
        "hidden": window.hidden, "attention": entities.attention, "entities": entities.vectors,
        "types": entities.types, "subject": subject, "object": object_, "gap": gap.astype(np.int64),
    }  # fmt: skip
    outputs = ["ontology", "modality", "focus"] + ["benchmark"] * benchmark
    scores, modality, focus, *more = files.relations.run(outputs, feed)
    return np.concatenate([scores, *more], axis=1), modality, focus


def _sentence(
    pieces: Pieces, window: Window, focus: FloatArray, sentences: Sentences
) -> tuple[int, int]:
    """Return the sentence with most of the attention, or the piece where none are given."""
    inside = focus[1:-1]
    if not sentences:
        at = window.start + int(inside.argmax())
        return int(pieces.starts[at]), int(pieces.ends[at])
    starts = pieces.starts[window.start : window.end]
    bounds = np.searchsorted(starts, [s for s, _ in sentences])
    total = np.concatenate(([0.0], np.cumsum(inside)))
    mass = total[np.append(bounds[1:], len(inside))] - total[bounds]
    return sentences[int(mass.argmax())]
