"""Mentions placed on the word pieces of a text, with what the encoder says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kg.nlp.encoder.pieces import Pieces
from kg.nlp.encoder.reading import GivenMention
from kg.nlp.encoder.tags import NOMINAL, PRONOUN, VALUE_TYPES, type_scores
from kg.nlp.encoder.weights import ModelFiles
from kg.nlp.encoder.windows import Window

__all__ = [
    "NOMINAL",
    "PRONOUN",
    "VALUE_TYPES",
    "PlacedMention",
    "found_mentions",
    "given_mentions",
    "mention_types",
    "mention_vectors",
]

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PlacedMention:
    """A mention: characters, first and last piece, type, the types that it may have."""

    start: int
    end: int
    first: int
    last: int
    type: str
    confidence: float
    types: frozenset[str]

    @property
    def named(self) -> bool:
        """Whether it is a name or a value, no pronoun and no noun phrase."""
        return self.type not in (NOMINAL, PRONOUN)

    @property
    def kind(self) -> int:
        """0 for a name, 1 for a noun phrase, 2 for a pronoun."""
        return (NOMINAL, PRONOUN).index(self.type) + 1 if not self.named else 0

    @property
    def is_value(self) -> bool:
        """Whether it is a date, money, a percentage or a count."""
        return self.type in VALUE_TYPES


def found_mentions(
    files: ModelFiles,
    pieces: Pieces,
    windows: Sequence[Window],
    extra: Sequence[tuple[int, int, str]],
    phrases: Sequence[tuple[int, int, bool]],
) -> list[PlacedMention]:
    """Return the mentions that the model tagged, in order, with those that rules found.

    The extra ones win over the model's; phrases fill what both leave free.
    """
    free = frozenset(files.types) - {NOMINAL, PRONOUN}
    chosen: list[PlacedMention] = []
    taken = np.zeros(len(pieces), dtype=np.bool_)
    for start, end, type_ in extra:
        covered = pieces.covering(start, end)
        if covered and not taken[covered[0] : covered[1] + 1].any():
            taken[covered[0] : covered[1] + 1] = True
            chosen.append(PlacedMention(start, end, *covered, type_, 1.0, frozenset({type_})))
    for window in windows:
        for span in window.spans:
            inside = slice(span.first, span.last + 1)
            if window.own_start <= span.first < window.own_end and not taken[inside].any():
                start, end = int(pieces.starts[span.first]), int(pieces.ends[span.last])
                name = files.types[span.type]
                taken[inside] = True
                chosen.append(
                    PlacedMention(start, end, span.first, span.last, name, span.confidence, free)
                )
    for start, end, is_pronoun in phrases:
        covered = pieces.covering(start, end)
        if covered and not taken[covered[0] : covered[1] + 1].any():
            taken[covered[0] : covered[1] + 1] = True
            name = PRONOUN if is_pronoun else NOMINAL
            chosen.append(PlacedMention(start, end, *covered, name, 1.0, free))
    return sorted(chosen, key=lambda m: m.start)


def given_mentions(
    pieces: Pieces, given: Sequence[GivenMention]
) -> tuple[list[PlacedMention], list[int]]:
    """Return mentions that the caller knows, in order, and the cluster of each.

    Those that cover no piece are left out.
    """
    placed: list[PlacedMention] = []
    clusters: list[int] = []
    for mention in sorted(given, key=lambda m: (m.start, m.end)):
        covered = pieces.covering(mention.start, mention.end)
        if covered:
            name = min(mention.types) if mention.named else NOMINAL
            placed.append(
                PlacedMention(mention.start, mention.end, *covered, name, 1.0, mention.types)
            )
            clusters.append(mention.cluster)
    return placed, clusters


def deciding_window(windows: Sequence[Window], first: int) -> Window:
    """Return the window that decides for a piece."""
    return next(w for w in windows if w.own_start <= first < w.own_end)


def mention_vectors(
    files: ModelFiles, window: Window, mentions: Sequence[PlacedMention]
) -> FloatArray:
    """Return one vector for each mention that lies in a window."""
    firsts = np.array([m.first for m in mentions]) - window.start + 1
    lasts = np.array([m.last for m in mentions]) - window.start + 1
    ends = np.concatenate([window.hidden[firsts], window.hidden[lasts]], axis=1)
    return np.asarray(ends @ files.heads["mention.weight"].T + files.heads["mention.bias"])


def mention_types(
    files: ModelFiles, window: Window, mentions: Sequence[PlacedMention]
) -> FloatArray:
    """Return for each mention in a window the distribution over its possible types."""
    rows = np.zeros((len(mentions), len(files.types)), dtype=np.float32)
    for row, mention in zip(rows, mentions, strict=True):
        mask = np.array([name in mention.types for name in files.types], dtype=np.float32)
        first, last = mention.first - window.start, mention.last - window.start
        within = (type_scores(window.mass, first, last) + 1e-4) * mask
        row[:] = within / max(float(within.sum()), 1e-6)
    return rows
