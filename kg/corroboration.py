"""Counts the publishers that state a fact independently, each copy of a story once.

Two articles are one story where at least half of the phrases of four words of the shorter
one stand in the longer one too: so are a wire story and its copies, cut or lightly edited.
The count of a fact is a function of the articles that state it, and of nothing else.
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from kg.model import Article, Fact, Modality
from kg.vocab import fold

__all__ = ["count_publishers", "is_copy"]

_Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]

_WORD = re.compile(r"\w+")
_HOST = re.compile(r"https?://(?:www\.)?([^/:?#]+)", re.IGNORECASE)

# Phrases of four words: an editor who changes each tenth word leaves six of ten whole, and
# two reports of one event that were written apart share hardly any. docs/corroboration.md
# has the figures.
_LENGTH = 4
_SHARE = 0.5
_LONG = 200
_LEAST = np.uint64(2**61)
_FACTORS = np.array([pow(0x9E3779B97F4A7C15, n, 2**64) for n in range(1, 5)], dtype=np.uint64)


def count_publishers(
    facts: Iterable[Fact],
    articles: Mapping[str, Article],
    *,
    read: Callable[[str], Article] | None = None,
) -> Iterator[Fact]:
    """Yield the facts with `publishers`: how many state each independently of one another.

    That is the greatest number of its articles of which no two have one publisher or are
    one story. Articles that name no publisher go by the host of their address, and all that
    have neither count as one publisher's. Articles that deny a fact count only for one that
    is denied. `read` gives the article of an id where `articles` are without their texts.
    """
    stories = _Stories(articles, read or articles.__getitem__)
    for fact in facts:
        is_denied = fact.modality is Modality.DENIED
        stating = sorted(
            {e.article for e in fact.evidence if (e.modality is Modality.DENIED) is is_denied}
        )
        yield replace(fact, publishers=stories.count_publishers(stating))


def is_copy(text: str, other: str) -> bool:
    """Say whether two texts are one story."""
    return _are_alike(_read_wording(text), _read_wording(other))


class _Stories:
    """Tells which articles are one story; compares two only where it has to."""

    def __init__(self, articles: Mapping[str, Article], read: Callable[[str], Article]) -> None:
        self._read_article = read
        self._houses = {id_: _find_house(article) for id_, article in articles.items()}
        self._wordings: dict[str, _Wording] = {}
        self._alike: dict[tuple[str, str], bool] = {}

    def count_publishers(self, ids: Collection[str]) -> int:
        """Return the greatest number of articles without a publisher or story in common."""
        houses = defaultdict(list)
        for id_ in ids:
            houses[self._houses[id_]].append(id_)
        if len(houses) <= 1:
            return len(houses)
        stories = self._group(ids)
        return _match({house: {stories[id_] for id_ in own} for house, own in houses.items()})

    def _group(self, ids: Collection[str]) -> dict[str, str]:
        """Return the first article of its story for each article."""
        story = {id_: id_ for id_ in ids}
        for one, other in combinations(ids, 2):
            if story[one] != story[other] and self._is_copy(one, other):
                old, new = sorted((story[one], story[other]), reverse=True)
                story = {id_: new if first == old else first for id_, first in story.items()}
        return story

    def _is_copy(self, one: str, other: str) -> bool:
        if (one, other) not in self._alike:
            pair = self._read(one), self._read(other)
            self._alike[one, other] = _are_alike(*pair)
        return self._alike[one, other]

    def _read(self, id_: str) -> _Wording:
        if id_ not in self._wordings:
            self._wordings[id_] = _read_wording(_take_text(self._read_article(id_)))
        return self._wordings[id_]


def _find_house(article: Article) -> str:
    """Return what tells the publisher of an article from others."""
    host = _HOST.match(article.url)
    return fold(article.publisher) or (host[1].lower() if host else "")


def _take_text(article: Article) -> str:
    """Return the text of an article without the furniture of its page."""
    pieces, start = [], 0
    for span in article.furniture:
        pieces.append(article.text[start : span.start])
        start = span.end
    return " ".join([*pieces, article.text[start:]])


@dataclass(frozen=True, slots=True)
class _Wording:
    """The hashes of the phrases of a text, sorted, each once, and apart the least of them."""

    phrases: _Hashes
    least: frozenset[int]


def _read_wording(text: str) -> _Wording:
    """Return the phrases of a text; one that is shorter than a phrase is one."""
    words = [zlib.crc32(word.encode()) for word in _WORD.findall(text.casefold())]
    words += [0] * (_LENGTH - len(words))
    hashes = np.array(words, dtype=np.uint64)
    count = len(words) - _LENGTH + 1
    sums = sum(hashes[n : n + count] * factor for n, factor in enumerate(_FACTORS))
    phrases = np.unique(np.asarray(sums, dtype=np.uint64))
    return _Wording(phrases, frozenset(phrases[phrases < _LEAST].tolist()))


def _are_alike(one: _Wording, other: _Wording) -> bool:
    shorter = min(len(one.phrases), len(other.phrases))
    # Of two long texts that share half of their phrases, one pair in a million shares none
    # of the least; most pairs do not, and are told apart at once.
    if shorter >= _LONG and one.least.isdisjoint(other.least):
        return False
    shared = np.intersect1d(one.phrases, other.phrases, assume_unique=True)
    return len(shared) >= _SHARE * shorter


def _match(stories: Mapping[str, Collection[str]]) -> int:
    """Return how many houses can each be given a story of its own: a maximum matching.

    One augmenting path for each house that has one (Berge 1957).
    """
    given: dict[str, str] = {}
    taken: dict[str, str] = {}
    for house in sorted(stories):
        waiting, came = [house], dict[str, str]()
        for asking in waiting:
            new = [story for story in sorted(stories[asking]) if story not in came]
            came |= dict.fromkeys(new, asking)
            free = next((story for story in new if story not in taken), "")
            if free:
                _pass_on(free, came, given, taken)
                break
            waiting += [taken[story] for story in new]
    return len(given)


def _pass_on(
    story: str, came: Mapping[str, str], given: dict[str, str], taken: dict[str, str]
) -> None:
    """Give a story to the house that asked for it, and what that one had to the one before."""
    while story:
        house = came[story]
        before = given.get(house, "")
        given[house], taken[story] = story, house
        story = before
