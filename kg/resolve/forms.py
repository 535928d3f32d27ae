"""Forms of names: the keys under which all spellings of one name meet."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from kg.gazetteer import find_country, strip_legal_form
from kg.vocab import fold

__all__ = [
    "PERSON",
    "PLACE",
    "block",
    "differs_by_optional_words",
    "is_acronym",
    "is_near",
    "is_office",
    "make_key",
    "place_office",
    "split_person",
]

# The two classes whose names follow rules of their own.
PERSON, PLACE = "Person", "Place"
_POSSESSIVE = re.compile(r"['\u2019]s?$")
_PLURAL = re.compile(r"(?<=\w\w[^s])s$")
_PLURAL_MODEL = re.compile(r"(\d[a-z]*)s\b")


@dataclass(frozen=True, slots=True)
class _Words:
    """The words that the rules lean on, in folded form.

    `connectives` join the words of a name, `optional` ones come and go at its end,
    `institutions` and `offices` make the names of offices that every state has.
    """

    connectives: frozenset[str]
    optional: frozenset[str]
    institutions: frozenset[str]
    offices: frozenset[str]
    titles: frozenset[str]
    generations: frozenset[str]
    particles: frozenset[str]
    spellings: Mapping[str, str]
    synonyms: Mapping[str, str]
    nicknames: Mapping[str, str]


@cache
def _load_words() -> _Words:
    told = json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))
    return _Words(
        connectives=frozenset(told["connectives"]),
        optional=frozenset(told["optional"]),
        institutions=frozenset(told["institutions"]),
        offices=frozenset(told["offices"]),
        titles=frozenset(told["titles"]),
        generations=frozenset(told["generations"]),
        particles=frozenset(told["particles"]),
        spellings=told["spellings"],
        synonyms=told["synonyms"],
        nicknames=told["nicknames"],
    )


@lru_cache(maxsize=65536)
def make_key(name: str, family: str) -> str:
    """Return the form of a name under which its spellings meet; it reads well.

    People lose their titles, companies their legal form; an office of a state that names
    the country is known by the country and its own words: `United States supreme court`
    for `Supreme Court of the United States` and `U.S. Supreme Court`.
    """
    words = fold(_POSSESSIVE.sub("", name)).split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    if family == PERSON:
        words = _strip_titles(words)
    elif family == PLACE:
        words = _shorten_place(words)
    else:
        words = _read_office(name) or _shorten(name)
    return " ".join(words) or name


def block(key: str, family: str) -> str:
    """Return the letters by which keys are compared: `walmart` for `wal mart`.

    People and places keep the spaces; of other things one and several have one name.
    """
    if family in (PERSON, PLACE):
        return key
    words = _load_words()
    told = [words.spellings.get(word, word) for word in key.split()]
    letters = "".join(word for word in told if word not in words.connectives)
    return _PLURAL.sub("", letters) or key


def is_office(name: str) -> bool:
    """Say whether a name means a kind of office that every state has: `Senate`, `Treasury`."""
    words = _load_words()
    told = [w for w in fold(name).split() if w not in words.connectives]
    spelt = [w for w in (words.spellings.get(word, word) for word in told) if w]
    kinds = words.institutions | words.offices
    return (
        bool(spelt)
        and all(w in kinds for w in spelt)
        and any(w in words.institutions for w in spelt)
    )


def place_office(name: str, country: str) -> str:
    """Return the key of an office that every state has, in the country of a name."""
    return " ".join([fold(country), *_sort_office(fold(name).split())])


def is_acronym(name: str) -> bool:
    """Say whether a name is a run of initials, as written in an article."""
    letters = re.sub(r"[.\s]", "", name)
    return 2 <= len(letters) <= 6 and letters.isalpha() and letters.isupper()


def differs_by_optional_words(short: str, full: str) -> bool:
    """Say whether the longer of two keys only adds words such as `systems` or `airways`."""
    if not full.startswith(f"{short} "):
        return False
    words = _load_words().optional
    rest = full[len(short) + 1 :]
    return rest in words or all(word in words for word in rest.split())


def split_person(key: str) -> tuple[str, tuple[str, ...], str]:
    """Return first name, middle names and last name of a person's key.

    Nicknames become the names that they stand for; a generation belongs to the last name.
    """
    words = _load_words()
    names = key.split()
    tail: list[str] = []
    while len(names) > 2 and (names[-1] in words.generations or names[-2] in words.particles):
        tail.insert(0, names.pop())
    first = words.nicknames.get(names[0], names[0])
    return first, tuple(names[1:-1]), " ".join([names[-1], *tail])


def is_near(one: str, other: str) -> bool:
    """Say whether two names differ by one letter put in, left out, swapped or changed.

    Numbers never count as misspelt: an A330 is no A340.
    """
    if len(one) > len(other):
        one, other = other, one
    if one == other or len(other) - len(one) > 1:
        return False
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if any(c.isdigit() for c in one[start : start + 2] + other[start : start + 2]):
        return False
    rest, more = one[start:], other[start:]
    if len(one) < len(other):
        return rest == more[1:]
    return rest[1:] == more[1:] or (rest[1::-1] == more[:2] and rest[2:] == more[2:])


def _strip_titles(words: list[str]) -> list[str]:
    titles = _load_words().titles
    while len(words) > 1 and words[0] in titles:
        words = words[1:]
    return words


def _shorten_place(words: list[str]) -> list[str]:
    """Return the name of an airport without what comes and goes in it."""
    if words[-1:] == ["airport"]:
        return [w for w in words if w != "international"]
    return words


def _shorten(name: str) -> list[str]:
    """Return the words of a company, product or event without its legal form."""
    bare = strip_legal_form(_POSSESSIVE.sub("", name))
    words = _PLURAL_MODEL.sub(r"\1", fold(bare)).split()
    while len(words) > 1 and words[0] == "the":
        words = words[1:]
    if len(words) > 1 and words[-1] == "com":
        words = words[:-1]
    return words


def _read_office(name: str) -> list[str]:
    """Return the country and the sorted words of an office whose name has both, else nothing."""
    tokens = name.replace("\u2019s", "").replace("'s", "").split()
    if not {*fold(name).split()} & _load_words().institutions:
        return []
    for length in (4, 3, 2, 1):
        for start in range(len(tokens) - length + 1):
            country = find_country(" ".join(tokens[start : start + length]).strip(",;()"))
            if country is not None:
                rest = fold(" ".join([*tokens[:start], *tokens[start + length :]])).split()
                return [fold(country.name), *_sort_office(rest)] if rest else []
    return []


def _sort_office(folded: list[str]) -> list[str]:
    """Return the words of an office in one order and one spelling."""
    words = _load_words()
    told = (words.spellings.get(word, word) for word in folded if word not in words.connectives)
    spelt = (part for word in told for part in words.synonyms.get(word, word).split())
    return sorted(dict.fromkeys(spelt))
