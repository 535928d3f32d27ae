"""What nodes have in common besides their names: rare things named in the same articles."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Collection, Sequence

from kg.resolve.forms import PLACE
from kg.resolve.nodes import Node

__all__ = ["Neighbours", "NeighboursOfAll", "count_rare", "find_makers", "find_thing"]

# What more than one article in twenty names says little about which thing is meant; in a
# small set, what more than fifteen do.
_COMMON_SHARE = 20
_COMMON_COUNT = 15
_ORGANIZATION = "Organization"


def find_thing(node: Node) -> str:
    """Return what a node is a name of, as its neighbours know it; nothing where they do not."""
    return "" if node.family == PLACE or node.local else f"{node.family} {node.block}"


def find_makers(node: Node) -> frozenset[str]:
    """Return the names under which a node may have made a product, as keys."""
    is_maker = node.family == _ORGANIZATION and not node.local
    return node.alias_keys | {node.key} if is_maker else frozenset()


def count_rare(articles: int) -> int:
    """Return how many articles of so many may name a thing that is rare.

    The number doubles from time to time, and does not change with each article, so that
    what was found among some articles holds among a few more.
    """
    limit = _COMMON_COUNT
    while limit * 2 * _COMMON_SHARE <= articles:
        limit *= 2
    return limit


class Neighbours(ABC):
    """The rare things that are named in each article, apart from places, and its makers.

    `asked` are, by the first node that it was about, the articles of which it mattered what
    rare things they name.
    """

    def __init__(self) -> None:
        self.asked: defaultdict[tuple[str, int], set[str]] = defaultdict(set)

    def share(self, left: Sequence[Node], right: Sequence[Node]) -> bool:
        """Say whether articles of both sides name a rare thing that is neither of them."""
        themselves = {f"{node.family} {node.block}" for node in (*left, *right)}
        sides = [{node.article for node in side} for side in (left, right)]
        self.asked[left[0].member].update(*sides)
        around = [{thing for a in side for thing in self._find_rare(a)} for side in sides]
        return bool((around[0] & around[1]) - themselves)

    def names_maker(self, article: str, maker: str) -> bool:
        """Say whether an article names a maker of products, by one of its keys."""
        return maker in self._find_makers(article)

    @abstractmethod
    def _find_rare(self, article: str) -> Collection[str]:
        """Return the things that an article names and only few others do, but some."""

    @abstractmethod
    def _find_makers(self, article: str) -> Collection[str]:
        """Return the names under which an article names makers of products."""


class NeighboursOfAll(Neighbours):
    """Those of all articles of a set, by all of its nodes."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        super().__init__()
        articles: defaultdict[str, set[str]] = defaultdict(set)
        self._makers: defaultdict[str, set[str]] = defaultdict(set)
        for node in nodes:
            if thing := find_thing(node):
                articles[thing].add(node.article)
            self._makers[node.article] |= find_makers(node)
        limit = count_rare(len({node.article for node in nodes}))
        self._named: defaultdict[str, set[str]] = defaultdict(set)
        for thing, where in articles.items():
            if 1 < len(where) <= limit:
                for article in where:
                    self._named[article].add(thing)

    def _find_rare(self, article: str) -> Collection[str]:
        return self._named.get(article, ())

    def _find_makers(self, article: str) -> Collection[str]:
        return self._makers.get(article, ())
