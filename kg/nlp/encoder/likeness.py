"""How alike two mentions of one article are: the features of coreference."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kg.gazetteer import strip_legal_form
from kg.vocab import fold

__all__ = [
    "DISTANCES",
    "GAPS",
    "KINDS",
    "LIKENESSES",
    "Form",
    "distance_bucket",
    "form",
    "gap_bucket",
    "likeness",
    "likeness_table",
]

# none, same, a last word, within, around, acronym, shared word, same last word
LIKENESSES = 8
# name, noun phrase, pronoun
KINDS = 3
# Buckets of the number of mentions between two mentions.
DISTANCES = 10
# Buckets of the number of pieces between the nearest mentions of two clusters, both orders.
GAPS = 16
_GAP_EDGES = (3, 6, 11, 21, 41, 81, 161)
_SMALL = frozenset(
    ("of", "the", "and", "for", "in", "a", "an", "de", "&", "inc", "corp", "co", "ltd")
)


@dataclass(frozen=True, slots=True)
class Form:
    """A surface form, taken apart for comparison; `core` are its words without a legal form."""

    text: str
    folded: str
    words: tuple[str, ...]
    core: tuple[str, ...]
    content: frozenset[str]
    initials: str
    acronym: str


def form(text: str) -> Form:
    """Return a surface form taken apart."""
    folded = fold(text).removeprefix("the ")
    words = tuple(folded.split())
    content = tuple(w for w in words if w not in _SMALL) or words
    compact = text.replace(".", "").strip()
    return Form(
        text=text,
        folded=folded,
        words=words,
        core=tuple(fold(strip_legal_form(text)).removeprefix("the ").split()),
        content=frozenset(content),
        initials="".join(w[0] for w in content) if len(content) > 1 else "",
        acronym=compact.casefold() if compact.isupper() and compact.isalpha() else "",
    )


def likeness(later: Form, earlier: Form) -> int:
    """Return the number of the way in which two surface forms are alike."""
    if later.folded == earlier.folded:
        return 1
    shared = later.content & earlier.content
    if not shared:
        short = later.acronym and later.acronym == earlier.initials
        long = earlier.acronym and earlier.acronym == later.initials
        return 5 if short or long else 0
    if shared == later.content:
        return 2 if later.words[-1:] == earlier.words[-1:] else 3
    if shared == earlier.content:
        return 4
    return 7 if later.words[-1] == earlier.words[-1] else 6


def distance_bucket(later: int, earlier: int) -> int:
    """Return the bucket for how many mentions ago an antecedent stood."""
    gap = later - earlier
    return gap - 1 if gap <= 4 else min(DISTANCES - 1, gap.bit_length() + 1)


def gap_bucket(subject: Sequence[int], object_: Sequence[int]) -> int:
    """Return the bucket for how near and in which order two clusters stand.

    The arguments are the first pieces of the mentions of each.
    """
    nearest = min((o - s for o in object_ for s in subject), key=abs)
    return bisect_right(_GAP_EDGES, abs(nearest)) + 8 * (nearest < 0)


def likeness_table(forms: Sequence[Form]) -> npt.NDArray[np.int64]:
    """Return the likeness of every form (row) to every form before it (column)."""
    table = np.zeros((len(forms), len(forms)), dtype=np.int64)
    for i, later in enumerate(forms):
        for j in range(i):
            table[i, j] = likeness(later, forms[j])
    return table
