"""Compares nodes that share a key and says how sure it is that they are one thing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg.resolve.nodes import PERSON, Node

__all__ = ["Candidate", "find_candidates"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two nodes that may be one thing, by number, with the rule that says so."""

    left: int
    right: int
    rule: str
    score: float


def find_candidates(nodes: Sequence[Node]) -> list[Candidate]:
    """Return the pairs worth merging, best first; the same for any set of nodes."""
    found = [*_match_names(nodes), *_match_aliases(nodes)]
    return sorted(found, key=lambda c: (-c.score, c.rule, c.left, c.right))


def _match_names(nodes: Sequence[Node]) -> Iterator[Candidate]:
    """Pair nodes of one family and one name: each with the first of its class."""
    blocks: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for number, node in enumerate(nodes):
        blocks[node.family, node.key, node.article if node.local else ""].append(number)
    for block in blocks.values():
        first_of_type: dict[str, int] = {}
        for number in block:
            first = first_of_type.setdefault(nodes[number].type, number)
            if first != number:
                yield Candidate(first, number, "same name", 1.0)
        firsts = sorted(first_of_type.values())
        for position, left in enumerate(firsts):
            for right in firsts[position + 1 :]:
                yield Candidate(left, right, "same name, related class", 0.95)


def _match_aliases(nodes: Sequence[Node]) -> Iterator[Candidate]:
    """Pair a node with the one longer name that its own name is known to stand for.

    A short form that stands for two names in the set stays by itself, and so do people:
    a surname says too little.
    """
    names: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    first: dict[tuple[str, str], int] = {}
    for number, node in enumerate(nodes):
        first.setdefault((node.family, node.key), number)
        if node.family != PERSON:
            for alias in node.alias_keys:
                names[node.family, alias].add(node.key)
    for (family, alias), keys in sorted(names.items()):
        short = first.get((family, alias))
        if short is not None and len(keys) == 1:
            full = first[family, min(keys)]
            yield Candidate(min(full, short), max(full, short), "alias", 0.9)
