"""BIOES tags over word pieces, and the best legal sequence of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = [
    "NOMINAL",
    "OUTSIDE",
    "PRONOUN",
    "VALUE_TYPES",
    "TaggedSpan",
    "decode_tags",
    "log_softmax",
    "tag_count",
    "type_scores",
]

FloatArray = npt.NDArray[np.float32]

NOMINAL, PRONOUN = "Nominal", "Pronoun"
VALUE_TYPES = frozenset(("Date", "Money", "Percent", "Count"))
# Tag 0 is "outside"; the tags of type t are 1 + 4 t + (0 begin, 1 inside, 2 end, 3 single).
OUTSIDE = 0


@dataclass(frozen=True, slots=True)
class TaggedSpan:
    """A span of pieces (first and last, both in it), its type number and probability."""

    first: int
    last: int
    type: int
    confidence: float


def tag_count(types: int) -> int:
    """Return how many tags there are for so many types."""
    return 1 + 4 * types


def log_softmax(scores: FloatArray) -> FloatArray:
    """Return the log of the softmax over the last axis."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def type_scores(probabilities: FloatArray, first: int, last: int) -> FloatArray:
    """Return how much of the tags' mass in a span falls on each type; sums to at most one."""
    inside = probabilities[first : last + 1, 1:]
    return np.asarray(inside.reshape(last + 1 - first, -1, 4).sum(axis=(0, 2)) / (last + 1 - first))


def decode_tags(
    log_probabilities: FloatArray, inner: npt.NDArray[np.bool_], lengths: Sequence[int]
) -> list[list[TaggedSpan]]:
    """Return the spans of the most probable legal tag sequence of each text of a batch.

    `log_probabilities` is (texts, pieces, tags), `inner` (texts, pieces) marks pieces
    that go on a word: no span begins or ends between them and the piece before.
    """
    count, length, tags = log_probabilities.shape
    by_type = log_probabilities[:, :, 1:].reshape(count, length, (tags - 1) // 4, 4)
    begin, inside, end, single = (by_type[..., k] for k in range(4))
    outside = log_probabilities[:, :, OUTSIDE]
    rows = np.arange(count)
    types = begin.shape[2]
    after_out = np.zeros(count, np.float32)
    after_end = np.full(count, -np.inf, np.float32)
    opened = np.full((count, types), -np.inf, np.float32)
    best_choice = single.argmax(axis=2)
    from_end = np.zeros((length, count), bool)
    closing = np.zeros((length, count), np.int32)
    going_on = np.zeros((length, count, types), bool)
    scores = np.zeros((count, 2, length + 1), np.float32)
    for at in range(length):
        from_end[at] = (after_end > after_out) & ~inner[:, at]
        free = np.where(from_end[at], after_end, after_out)
        start = np.where(inner[:, at], -np.inf, free)
        alone = start + single[rows, at, best_choice[:, at]]
        closed = opened + end[:, at]
        best_type = closed.argmax(axis=1)
        best_closed = closed[rows, best_type]
        closing[at] = np.where(best_closed > alone, best_type, types + best_choice[:, at])
        fresh = start[:, None] + begin[:, at]
        kept = opened + inside[:, at]
        going_on[at] = kept > fresh
        opened = np.maximum(kept, fresh)
        after_out = free + outside[:, at]
        after_end = np.maximum(best_closed, alone)
        scores[:, 0, at + 1], scores[:, 1, at + 1] = after_out, after_end
    return [
        _trace(
            scores[row, :, : lengths[row] + 1],
            from_end[:, row],
            closing[:, row],
            going_on[:, row],
            log_probabilities[row],
        )
        for row in range(count)
    ]


def _trace(
    scores: FloatArray,
    from_end: npt.NDArray[np.bool_],
    closing: npt.NDArray[np.int32],
    going_on: npt.NDArray[np.bool_],
    log_probabilities: FloatArray,
) -> list[TaggedSpan]:
    """Return the spans of one text, read backwards from its last piece."""
    types = going_on.shape[1]
    spans: list[TaggedSpan] = []
    ended = bool(scores[1, -1] > scores[0, -1])
    at = scores.shape[1] - 2
    while at >= 0:
        if not ended:
            ended = bool(from_end[at])
            at -= 1
            continue
        last, choice = at, int(closing[at])
        kind = choice % types
        if choice < types:
            at -= 1
            while going_on[at, kind]:
                at -= 1
        spans.append(TaggedSpan(at, last, kind, _confidence(log_probabilities, at, last, kind)))
        ended = bool(from_end[at])
        at -= 1
    return spans[::-1]


def _confidence(log_probabilities: FloatArray, first: int, last: int, kind: int) -> float:
    """Return the geometric mean of the probabilities of a span's tags."""
    base = 1 + 4 * kind
    if first == last:
        return float(np.exp(log_probabilities[first, base + 3]))
    total = log_probabilities[first, base] + log_probabilities[last, base + 2]
    total += log_probabilities[first + 1 : last, base + 1].sum()
    return float(np.exp(total / (last + 1 - first)))
