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
    return [
        _decode(scores[:length], marks[:length])
        for scores, marks, length in zip(log_probabilities, inner, lengths, strict=True)
    ]


def _decode(log_probabilities: FloatArray, inner: npt.NDArray[np.bool_]) -> list[TaggedSpan]:
    """Return the spans of the most probable legal tag sequence of one text."""
    length = len(log_probabilities)
    by_type = log_probabilities[:, 1:].reshape(length, -1, 4)
    begin, inside, end, single = (by_type[..., k] for k in range(4))
    outside: list[float] = log_probabilities[:, OUTSIDE].tolist()
    single_choice = single.argmax(axis=1)
    alone_scores: list[float] = single[np.arange(length), single_choice].tolist()
    types = begin.shape[1]
    after_out, after_end = 0.0, -np.inf
    opened = np.full(types, -np.inf, np.float32)
    from_end = [False] * length
    closing = (types + single_choice).tolist()
    going_on = np.zeros((length, types), bool)
    for at in range(length):
        from_end[at] = after_end > after_out and not inner[at]
        free = after_end if from_end[at] else after_out
        start = np.float32(-np.inf if inner[at] else free)
        alone = start + alone_scores[at]
        closed = opened + end[at]
        best_type = int(closed.argmax())
        best_closed = float(closed[best_type])
        if best_closed > alone:
            closing[at] = best_type
        fresh, kept = start + begin[at], opened + inside[at]
        np.greater(kept, fresh, out=going_on[at])
        opened = np.maximum(kept, fresh, out=kept)
        after_out, after_end = free + outside[at], max(best_closed, float(alone))
    is_ended = bool(after_end > after_out)
    return _trace(is_ended, from_end, closing, going_on, log_probabilities)


def _trace(
    ended: bool,  # noqa: FBT001 (whether the last piece ends a span)
    from_end: Sequence[bool],
    closing: Sequence[int],
    going_on: npt.NDArray[np.bool_],
    log_probabilities: FloatArray,
) -> list[TaggedSpan]:
    """Return the spans of one text, read backwards from its last piece."""
    types = going_on.shape[1]
    spans: list[TaggedSpan] = []
    at = len(from_end) - 1
    while at >= 0:
        if not ended:
            ended = from_end[at]
            at -= 1
            continue
        last, choice = at, closing[at]
        kind = choice % types
        if choice < types:
            at -= 1
            while going_on[at, kind]:
                at -= 1
        spans.append(TaggedSpan(at, last, kind, _confidence(log_probabilities, at, last, kind)))
        ended = from_end[at]
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
