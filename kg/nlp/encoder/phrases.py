"""Pronouns and noun phrases that stand for names: "it", "the company"."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

__all__ = ["PHRASES", "find_phrase_class", "find_phrases"]

PHRASES = Path(__file__).parent / "phrases.json"

# First and second person mean who speaks and who is spoken to, which no rule can tell.
_PRONOUN = r"(?:[Hh]e|[Ss]he|[Hh]im|[Hh]is|[Hh]ers?|[Ii]ts?|[Tt]hey|[Tt]hem|[Tt]heirs?)"


def find_phrases(text: str) -> list[tuple[int, int, bool]]:
    """Return start, end and whether it is a pronoun for each, in order of the text."""
    return [(*found.span(), found["pronoun"] is not None) for found in _pattern().finditer(text)]


def find_phrase_class(word: str) -> str:
    """Return the class of what a phrase with this last word means, nothing where it is open."""
    return _classes().get(word, "")


@cache
def _classes() -> dict[str, str]:
    table: dict[str, list[str]] = json.loads(PHRASES.read_text(encoding="utf-8"))
    return {word: name for name, words in table.items() for word in words}


@cache
def _pattern() -> re.Pattern[str]:
    nouns = "|".join(sorted(map(re.escape, _classes()), key=len, reverse=True))
    return re.compile(
        rf"\b(?:(?P<pronoun>{_PRONOUN})|[Tt]h(?:e|is|at) (?:{nouns}))\b(?![-\u2019'])"
    )
