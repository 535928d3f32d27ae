"""Text as word pieces with what lower-casing loses: shape of the word, space before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = [
    "ARTICLE",
    "PLACES",
    "PRONOUNS",
    "REFERENCE",
    "SHAPES",
    "WINDOW",
    "Pieces",
    "cut",
    "window_bounds",
]

IntArray = npt.NDArray[np.int32]

# Word shapes: lower, Title, UPPER, mIxed, single capital, digits, punctuation, special token.
SHAPES = 8
# What stands before a piece: the same word, another word without a space, space, line break.
PLACES = 4
# The shape number of the special tokens at both ends of a window. It tells in which style
# facts are annotated: as an article states them, or as a reference work would list them
# (Wikipedia's "London is in Europe", stated nowhere in the text).
ARTICLE = 7 * PLACES
REFERENCE = ARTICLE + 1
# No other word is a pronoun, whatever the model says: data sets that do not annotate
# pronouns leave it free to call anything one.
PRONOUNS = frozenset(
    "he she it they we i you him her them us me his its their our my your hers theirs ours "
    "himself herself itself themselves who whom whose which that this these those".split()
)
# Without a digit or one of these words nothing is a date, an amount or a number, whatever
# the model says, for the same reason.
_VALUE_WORDS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve dozen hundred thousand "
    "million billion trillion half first second third january february march april may june "
    "july august september october november december monday tuesday wednesday thursday friday "
    "saturday sunday today yesterday tomorrow day days week weeks month months year years "
    "decade decades century centuries summer winter spring autumn fall percent".split()
)
# Pieces of text in one pass of the encoder; its 512 positions less the two special tokens.
WINDOW = 510
_OVERLAP = 160


@dataclass(frozen=True, slots=True)
class Pieces:
    """The word pieces of a text, without special tokens; all arrays have one length.

    `starts` and `ends` are half-open character offsets; `shapes` combine the shape of
    the word with what stands before the piece; `pronouns` marks pieces that are one,
    `values` those that a date, an amount or a number may have in it.
    """

    ids: IntArray
    shapes: IntArray
    starts: IntArray
    ends: IntArray
    pronouns: npt.NDArray[np.bool_]
    values: npt.NDArray[np.bool_]

    @property
    def inner(self) -> npt.NDArray[np.bool_]:
        """Which pieces go on the word of the piece before."""
        return np.asarray(self.shapes % PLACES == 0)

    def __len__(self) -> int:
        return len(self.ids)

    def covering(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the first and last piece that touch the characters, None where none does."""
        first = int(np.searchsorted(self.ends, start, side="right"))
        last = int(np.searchsorted(self.starts, end, side="left")) - 1
        return (first, last) if first <= last else None


def _shape(word: str) -> int:
    """Return the number of the shape of a word."""
    if not any(c.isalnum() for c in word):
        return 6
    if any(c.isdigit() for c in word):
        return 5
    if word.islower() or not any(c.isupper() for c in word):
        return 0
    if len(word) == 1:
        return 4
    if word.isupper():
        return 2
    return 1 if word[0].isupper() and word[1:].islower() else 3


def _place(between: str) -> int:
    """Return the number of what stands between a word and the one before it."""
    if "\n" in between:
        return 3
    return 2 if between else 1


def _may_count(form: str) -> bool:
    return form in _VALUE_WORDS or any(character.isdigit() for character in form)


def cut(text: str, tokenizer: Tokenizer) -> Pieces:
    """Return the word pieces of a text."""
    encoding = tokenizer.encode(text, add_special_tokens=False)
    offsets, words = encoding.offsets, encoding.word_ids
    shapes = np.zeros(len(offsets), dtype=np.int32)
    word_ends: dict[int | None, int] = {
        word: end for word, (_, end) in zip(words, offsets, strict=True)
    }
    previous_word: int | None = -1
    previous_end, shape = 0, 0
    for index, (word, (start, end)) in enumerate(zip(words, offsets, strict=True)):
        if word == previous_word:
            shapes[index] = shape * PLACES
        else:
            shape = _shape(text[start : word_ends[word]])
            place = _place(text[previous_end:start]) if index else 3
            shapes[index] = shape * PLACES + place
            previous_word = word
        previous_end = end
    bounds = np.asarray(offsets, dtype=np.int32).reshape(-1, 2)
    forms = [text[start:end].casefold() for start, end in offsets]
    return Pieces(
        ids=np.asarray(encoding.ids, dtype=np.int32),
        shapes=shapes,
        starts=bounds[:, 0].copy(),
        ends=bounds[:, 1].copy(),
        pronouns=np.array([form in PRONOUNS for form in forms], dtype=np.bool_),
        values=np.array([_may_count(form) for form in forms], dtype=np.bool_),
    )


def window_bounds(length: int) -> list[tuple[int, int]]:
    """Return half-open ranges of pieces, overlapping, that cover a text of `length` pieces."""
    if length <= WINDOW:
        return [(0, length)] if length else []
    count = -(-(length - _OVERLAP) // (WINDOW - _OVERLAP))
    last = length - WINDOW
    return [
        (start, start + WINDOW) for start in (round(i * last / (count - 1)) for i in range(count))
    ]
