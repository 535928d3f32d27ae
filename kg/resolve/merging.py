"""Merges candidates into groups, best first, and keeps homonyms apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kg.ontology import Ontology
from kg.resolve.nodes import Node
from kg.resolve.scoring import Candidate

__all__ = ["merge"]


def merge(
    nodes: Sequence[Node], candidates: Iterable[Candidate], *, ontology: Ontology
) -> list[list[Node]]:
    """Return the nodes in groups that are one thing each.

    A candidate is followed unless the classes of the two groups exclude each other, or
    the more general of them could as well be something else (see `_find_ambiguous`).
    """
    candidates = list(candidates)
    groups = _Groups(nodes, ontology)
    ambiguous = _find_ambiguous(nodes, candidates, ontology)
    for candidate in candidates:
        of_one_class = nodes[candidate.left].type == nodes[candidate.right].type
        if of_one_class or not {candidate.left, candidate.right} & ambiguous:
            groups.join(candidate.left, candidate.right)
    return groups.members()


def _find_ambiguous(
    nodes: Sequence[Node], candidates: Iterable[Candidate], ontology: Ontology
) -> set[int]:
    """Return the nodes whose class lies above two classes that exclude each other.

    A place called Georgia is the country or the state: where the set holds both, the
    place stays by itself.
    """
    below: dict[int, set[str]] = {}
    for candidate in candidates:
        pair = (candidate.left, candidate.right)
        for upper, lower in (pair, pair[::-1]):
            types = nodes[upper].type, nodes[lower].type
            if types[0] != types[1] and ontology.is_a(types[1], types[0]):
                below.setdefault(upper, set()).add(types[1])
    return {
        number
        for number, types in below.items()
        if any(not _agree(one, other, ontology) for one in types for other in types)
    }


def _agree(one: str, other: str, ontology: Ontology) -> bool:
    """Say whether a thing can be of both classes: one lies above the other."""
    return ontology.is_a(one, other) or ontology.is_a(other, one)


class _Groups:
    """Nodes in disjoint groups, each with the most special class among its members."""

    def __init__(self, nodes: Sequence[Node], ontology: Ontology) -> None:
        self._nodes = nodes
        self._ontology = ontology
        self._above = list(range(len(nodes)))
        self._type = [node.type for node in nodes]

    def join(self, left: int, right: int) -> None:
        """Make one group of two, unless their classes exclude each other."""
        left, right = sorted((self._find(left), self._find(right)))
        if left == right or not _agree(self._type[left], self._type[right], self._ontology):
            return
        if self._ontology.is_a(self._type[right], self._type[left]):
            self._type[left] = self._type[right]
        self._above[right] = left

    def members(self) -> list[list[Node]]:
        """Return the groups in the order of their first node."""
        groups: dict[int, list[Node]] = {}
        for number, node in enumerate(self._nodes):
            groups.setdefault(self._find(number), []).append(node)
        return list(groups.values())

    def _find(self, number: int) -> int:
        while self._above[number] != number:
            self._above[number] = self._above[self._above[number]]
            number = self._above[number]
        return number
