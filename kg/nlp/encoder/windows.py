"""The encoder's pass over texts: windows in, representations and tagged spans out."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from kg.nlp.encoder.pieces import WINDOW, Pieces, window_bounds
from kg.nlp.encoder.tags import PRONOUN, VALUE_TYPES, TaggedSpan, decode_tags
from kg.nlp.encoder.weights import ModelFiles

__all__ = ["Window", "encode_windows"]

FloatArray = npt.NDArray[np.float32]

_CLS, _SEP = 101, 102
# Attention is kept only for pieces that may begin a mention.
_MAY_BEGIN = 0.01
# A window behind so many others has its attention in half precision: numpy takes a while for
# it, and a long text has many.
_MANY = 8
# Where a text is longer than so many windows, they are encoded one by one: two at a time take
# 150 MB more.
_LONG = 24


@dataclass(frozen=True, slots=True)
class Window:
    """What the encoder made of the pieces from `start` to `end` of a text.

    `own_start` and `own_end` bound the pieces for which this window decides; where
    windows overlap each decides up to the middle. `hidden` has a row for each piece,
    `mass` the probability of each tag, `spans` count pieces of the text. `attention` has
    a row (heads, pieces) for each piece in `begins`, which is sorted and counts from the
    window's start.
    """

    text: int
    start: int
    end: int
    own_start: int
    own_end: int
    hidden: FloatArray
    mass: FloatArray
    spans: tuple[TaggedSpan, ...]
    begins: npt.NDArray[np.int64]
    attention: FloatArray | npt.NDArray[np.float16]

    def attention_rows(self, firsts: Sequence[int]) -> list[int]:
        """Return for each piece of the text its row in `attention`, -1 where it has none."""
        wanted = np.asarray(firsts, dtype=np.int64) - self.start
        rows = np.searchsorted(self.begins, wanted)
        rows[rows == len(self.begins)] = 0
        found = self.begins[rows] == wanted if len(self.begins) else np.zeros(len(wanted), bool)
        return [int(row) for row in np.where(found, rows, -1)]


@dataclass(frozen=True, slots=True)
class _Slice:
    """A window before it is encoded."""

    text: int
    start: int
    end: int
    own_start: int
    own_end: int

    def __len__(self) -> int:
        return self.end - self.start


def encode_windows(
    files: ModelFiles,
    texts: Sequence[Pieces],
    begins: Sequence[Sequence[int]],
    *,
    style: int,
    pool: Executor,
) -> list[list[Window]]:
    """Return the windows of each text, in order.

    `style` is ARTICLE or REFERENCE (see `kg.nlp.encoder.pieces`); `begins` are pieces of
    each text at which mentions are known to begin. Every window is encoded by itself, as
    many at a time as the pool has threads: 8-bit arithmetic scales by the largest number
    in a batch, so what a window says would else depend on others.
    """
    slices = [s for number, pieces in enumerate(texts) for s in _slices(number, len(pieces))]

    def encode(item: _Slice) -> Window:
        return _encode(files, texts[item.text], item, begins[item.text], style=style)

    windows: list[list[Window]] = [[] for _ in texts]
    is_long = any(len(pieces) > _LONG * WINDOW for pieces in texts)
    for window in (map if is_long else pool.map)(encode, slices):
        own = windows[window.text]
        own.append(window)
        if len(own) > 1:
            own[-2] = _trim(own[-2], own[-3:], begins[window.text])
    for number, own in enumerate(windows):
        if own:
            own[-1] = _trim(own[-1], own[-2:], begins[number])
    return windows


def _trim(window: Window, near: Sequence[Window], begins: Sequence[int]) -> Window:
    """Return a window with attention only for what it or one that overlaps it found.

    All that may begin a mention takes several times the memory.
    """
    found = {span.first for other in near for span in other.spans}.union(begins)
    rows = [n for n, begin in enumerate(window.begins) if int(begin) + window.start in found]
    kept = window.attention[:, rows]
    if window.start > _MANY * WINDOW:
        kept = kept.astype(np.float16)
    return replace(window, begins=window.begins[rows], attention=kept)


def _slices(text: int, length: int) -> list[_Slice]:
    """Return the windows of a text with the pieces that each decides."""
    bounds = window_bounds(length)
    middles = [(b[0] + a[1]) // 2 for a, b in pairwise(bounds)]
    edges = [0, *middles, length]
    return [
        _Slice(text, start, end, edges[n], edges[n + 1]) for n, (start, end) in enumerate(bounds)
    ]


def _is_possible(kind: str, first: int, last: int, pieces: Pieces) -> bool:
    """Say whether the words of a span may be of a kind: pronouns and values are known ones."""
    if kind == PRONOUN:
        return first == last and bool(pieces.pronouns[first])
    return kind not in VALUE_TYPES or bool(pieces.values[first : last + 1].any())


def _encode(
    files: ModelFiles, pieces: Pieces, item: _Slice, begins: Sequence[int], *, style: int
) -> Window:
    """Return one window, encoded."""
    inside = slice(item.start, item.end)
    ids = np.concatenate(([_CLS], pieces.ids[inside], [_SEP])).astype(np.int64)
    shapes = np.pad(pieces.shapes[inside], 1, constant_values=style).astype(np.int64)
    feed = {"ids": ids[None], "shapes": shapes[None], "mask": np.ones((1, len(ids)), np.float32)}
    hidden, attention, tags = files.encoder.run(["hidden", "attention", "tags"], feed)
    tags = tags[:, 1:-1]
    inner = pieces.inner[None, inside].copy()
    inner[0, 0] = False
    spans = [
        TaggedSpan(s.first + item.start, s.last + item.start, s.type, s.confidence)
        for s in decode_tags(tags, inner, [len(item)])[0]
    ]
    spans = [s for s in spans if _is_possible(files.types[s.type], s.first, s.last, pieces)]
    mass = np.exp(tags[0])
    beginning = _may_begin(files, mass)
    beginning[[b - item.start for b in begins if inside.start <= b < inside.stop]] = True
    beginning[[s.first - item.start for s in spans]] = True
    rows = beginning.nonzero()[0]
    return Window(
        text=item.text,
        start=item.start,
        end=item.end,
        own_start=item.own_start,
        own_end=item.own_end,
        hidden=hidden[0],
        mass=mass,
        spans=tuple(spans),
        begins=rows,
        attention=attention[0][:, rows + 1],
    )


def _may_begin(files: ModelFiles, mass: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which pieces may begin a name; pronouns are not asked for, being seen everywhere."""
    named = np.array([name != "Pronoun" for name in files.types])
    by_type = mass[:, 1:].reshape(len(mass), -1, 4)[:, named]
    return np.asarray(by_type[..., [0, 3]].sum(axis=(1, 2)) > _MAY_BEGIN)
