"""The encoder's pass over texts: windows in, representations and tagged spans out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kg.nlp.encoder.pieces import SPECIAL, Pieces, window_bounds
from kg.nlp.encoder.tags import TaggedSpan, decode_tags
from kg.nlp.encoder.weights import ModelFiles

__all__ = ["Window", "encode_windows"]

FloatArray = npt.NDArray[np.float32]

_CLS, _SEP = 101, 102
# Padded pieces in one call: bounds memory (the attention of 8 full windows is 100 MB).
_BATCH = 4096
# Attention is kept only for pieces that may begin a mention.
_MAY_BEGIN = 0.01


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
    attention: npt.NDArray[np.float16]

    def attention_rows(self, firsts: Sequence[int]) -> list[int]:
        """Return for each piece of the text its row in `attention`, -1 where it has none."""
        wanted = np.asarray(firsts, dtype=np.int64) - self.start
        rows = np.searchsorted(self.begins, wanted)
        rows[rows == len(self.begins)] = 0
        found = self.begins[rows] == wanted if len(self.begins) else np.zeros(len(wanted), bool)
        return np.where(found, rows, -1).tolist()


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
    files: ModelFiles, texts: Sequence[Pieces], begins: Sequence[Sequence[int]]
) -> list[list[Window]]:
    """Return the windows of each text, in order.

    `begins` are pieces of each text at which mentions are known to begin.
    """
    slices = [s for number, pieces in enumerate(texts) for s in _slices(number, len(pieces))]
    windows: list[list[Window]] = [[] for _ in texts]
    for batch in _batches(sorted(slices, key=len)):
        for window in _run(files, texts, batch, begins):
            windows[window.text].append(window)
    for found in windows:
        found.sort(key=lambda w: w.start)
    return windows


def _slices(text: int, length: int) -> list[_Slice]:
    """Return the windows of a text with the pieces that each decides."""
    bounds = window_bounds(length)
    middles = [(b[0] + a[1]) // 2 for a, b in zip(bounds, bounds[1:], strict=False)]
    edges = [0, *middles, length]
    return [
        _Slice(text, start, end, edges[n], edges[n + 1]) for n, (start, end) in enumerate(bounds)
    ]


def _batches(slices: Sequence[_Slice]) -> Iterator[list[_Slice]]:
    """Yield windows of like length, so many that the padded batch stays small."""
    batch: list[_Slice] = []
    for item in slices:
        if batch and (len(batch) + 1) * (len(item) + 2) > _BATCH:
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch


def _run(
    files: ModelFiles,
    texts: Sequence[Pieces],
    batch: Sequence[_Slice],
    begins: Sequence[Sequence[int]],
) -> Iterator[Window]:
    """Yield the encoded windows of one batch."""
    longest = max(map(len, batch))
    ids = np.zeros((len(batch), longest + 2), dtype=np.int64)
    shapes = np.zeros_like(ids)
    inner = np.zeros((len(batch), longest), dtype=np.bool_)
    for row, item in enumerate(batch):
        pieces, size = texts[item.text], len(item)
        ids[row, 0], ids[row, size + 1] = _CLS, _SEP
        ids[row, 1 : size + 1] = pieces.ids[item.start : item.end]
        shapes[row, [0, size + 1]] = SPECIAL
        shapes[row, 1 : size + 1] = pieces.shapes[item.start : item.end]
        inner[row, 1:size] = pieces.inner[item.start + 1 : item.end]
    lengths = np.array([len(item) + 2 for item in batch])
    mask = (np.arange(longest + 2) < lengths[:, None]).astype(np.float32)
    feed = {"ids": ids, "shapes": shapes, "mask": mask}
    hidden, attention, tags = files.encoder.run(["hidden", "attention", "tags"], feed)
    tags = tags[:, 1:-1]
    spans = decode_tags(tags, inner, [len(item) for item in batch])
    for row, item in enumerate(batch):
        known = [b - item.start for b in begins[item.text]]
        yield _window(item, hidden[row], attention[row], np.exp(tags[row]), spans[row], known)


def _window(
    item: _Slice,
    hidden: FloatArray,
    attention: FloatArray,
    mass: FloatArray,
    spans: Sequence[TaggedSpan],
    known: Sequence[int],
) -> Window:
    """Return one window, with copies of only what is needed from the batch."""
    size = len(item)
    beginning = mass[:size, 1::4].sum(1) + mass[:size, 4::4].sum(1) > _MAY_BEGIN
    beginning[[k for k in known if 0 <= k < size]] = True
    beginning[[s.first for s in spans]] = True
    rows = beginning.nonzero()[0]
    return Window(
        text=item.text,
        start=item.start,
        end=item.end,
        own_start=item.own_start,
        own_end=item.own_end,
        hidden=hidden[: size + 2].copy(),
        mass=mass[:size].copy(),
        spans=tuple(
            TaggedSpan(s.first + item.start, s.last + item.start, s.type, s.confidence)
            for s in spans
        ),
        begins=rows,
        attention=attention[:, rows + 1, : size + 2].astype(np.float16),
    )
