"""Decides from the words around a statement how the text puts it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from kg.model import Modality

__all__ = ["CUES", "find_modality"]

CUES = Path(__file__).parent / "modality.json"


@cache
def _cues() -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return for each modality (and `dropped`) its cues as sequences of lower-case words."""
    table = json.loads(CUES.read_text(encoding="utf-8"))
    return {name: tuple(tuple(cue.split()) for cue in cues) for name, cues in table.items()}


def _occurs(cue: tuple[str, ...], words: Sequence[str]) -> bool:
    """Say whether the words of the cue stand one after the other among `words`."""
    width = len(cue)
    return any(tuple(words[i : i + width]) == cue for i in range(len(words) - width + 1))


def find_modality(words: Sequence[str]) -> Modality | None:
    """Return the modality that lower-case words near a statement give it.

    None stands for what is no statement at all: negated, hypothetical or rumoured.
    Denial weighs more than negation, negation more than time: "denied that it would not"
    is denied.
    """
    cues = _cues()
    if any(_occurs(cue, words) for cue in cues["denied"]):
        return Modality.DENIED
    if any(_occurs(cue, words) for cue in cues["dropped"]):
        return None
    for modality in (Modality.FORMER, Modality.ANNOUNCED):
        if any(_occurs(cue, words) for cue in cues[modality.value]):
            return modality
    return Modality.ASSERTED
