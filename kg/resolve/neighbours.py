"""What nodes have in common besides their names: rare things named in the same articles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from kg.resolve.forms import PLACE
from kg.resolve.nodes import Node

__all__ = ["Neighbours"]

# What more than one article in twenty names says little about which thing is meant; in a
# small set, what more than fifteen do.
_COMMON_SHARE = 20
_COMMON_COUNT = 15


class Neighbours:
    """The rare things that are named in each article, apart from places."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        articles: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for node in nodes:
            if node.family != PLACE and not node.local:
                articles[node.family, node.block].add(node.article)
        limit = max(_COMMON_COUNT, len({node.article for node in nodes}) // _COMMON_SHARE)
        self._named: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        for thing, where in articles.items():
            if 1 < len(where) <= limit:
                for article in where:
                    self._named[article].add(thing)

    def share(self, left: Iterable[Node], right: Iterable[Node]) -> bool:
        """Say whether articles of both sides name a rare thing that is neither of them."""
        left, right = list(left), list(right)
        themselves = {(node.family, node.block) for node in (*left, *right)}
        return bool((self._around(left) & self._around(right)) - themselves)

    def _around(self, nodes: Iterable[Node]) -> set[tuple[str, str]]:
        return {thing for article in {n.article for n in nodes} for thing in self._named[article]}
