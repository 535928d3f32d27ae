"""Merges candidates into groups, best first, and keeps homonyms apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.ontology import Ontology
from kg.resolve.deciding import Tie, clash
from kg.resolve.neighbours import Neighbours
from kg.resolve.nodes import Node
from kg.resolve.scoring import Candidate

__all__ = ["Merge", "merge"]


@dataclass(frozen=True, slots=True, order=True)
class Merge:
    """Two clusters, each an article id and a number, that a rule found to be one thing.

    The merges of an entity make a tree: one less than it has clusters. Those that people
    decided on have the number of the `decision`, and no rule.
    """

    left: tuple[str, int]
    right: tuple[str, int]
    rule: str
    score: float
    decision: int = 0


def merge(
    nodes: Sequence[Node],
    candidates: Iterable[Candidate],
    neighbours: Neighbours,
    *,
    ontology: Ontology,
    ties: Iterable[Tie] = (),
) -> tuple[list[list[Node]], tuple[Merge, ...]]:
    """Return the nodes in groups that are one thing each, and the merges that made them.

    Groups come in the order of their first node, merges sorted.

    The `ties` that people decided on come first, then candidates by name. Weak ones then tie
    the groups so made, and make stars, never chains: what hangs on a group by a weak
    candidate bears no other. None is followed where the two sides cannot be one thing, where
    people decided that they are not, or where the more general of two nodes could as well be
    something else (see `_find_ambiguous`).
    """
    candidates = list(candidates)
    ambiguous = _find_ambiguous(nodes, candidates, ontology)
    groups = _Groups(nodes, neighbours, ontology)
    groups.follow(ties, [candidate for candidate in candidates if not candidate.weak])
    for candidate in candidates:
        pair = nodes[candidate.left], nodes[candidate.right]
        is_sure = pair[0].type == pair[1].type or _share_identity(*pair)
        if not candidate.weak and (is_sure or not {candidate.left, candidate.right} & ambiguous):
            groups.join(candidate)
    groups.tie([candidate for candidate in candidates if candidate.weak])
    return groups.members(), tuple(sorted(groups.merges))


def _share_identity(one: Node, other: Node) -> bool:
    return bool(one.identity and other.identity and one.identity.key == other.identity.key)


def _find_ambiguous(
    nodes: Sequence[Node], candidates: Iterable[Candidate], ontology: Ontology
) -> set[int]:
    """Return the nodes whose class lies above two classes that exclude each other.

    A place called Georgia is the country or the city: where the set holds both, the place
    stays by itself.
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
    """Nodes in disjoint groups, each with what its members say of it."""

    def __init__(self, nodes: Sequence[Node], neighbours: Neighbours, ontology: Ontology) -> None:
        self.merges: list[Merge] = []
        self._nodes = nodes
        self._ontology = ontology
        self._neighbours = neighbours
        self._above = list(range(len(nodes)))
        self._members = [[node] for node in nodes]
        self._type = [node.type for node in nodes]
        self._known = [{node.identity.key} if node.identity else set[str]() for node in nodes]
        self._traits = [set(node.traits) for node in nodes]
        self._countries = [set(node.countries) for node in nodes]
        self._sides = [set(node.sides) for node in nodes]

    def join(self, candidate: Candidate) -> bool:
        """Make one group of two; say whether they are one now."""
        left, right = sorted((self._find(candidate.left), self._find(candidate.right)))
        if left == right:
            return True
        if not self._may_join(left, right):
            return False
        self._absorb(left, right)
        one, other = (self._nodes[n].member for n in (candidate.left, candidate.right))
        self.merges.append(Merge(one, other, candidate.rule, candidate.score))
        return True

    def follow(self, ties: Iterable[Tie], candidates: Iterable[Candidate]) -> None:
        """Join what decisions make one: by candidates as far as they go, else by decision."""
        ties = list(ties)
        home: dict[int, set[int]] = {}
        for tie in ties:
            pair = (home.get(number, {number}) for number in (tie.left, tie.right))
            small, large = sorted(pair, key=len)
            large |= small
            home.update(dict.fromkeys({*small, tie.left, tie.right}, large))
        for candidate in candidates:
            if candidate.right in home.get(candidate.left, ()):
                self.join(candidate)
        for tie in ties:
            left, right = sorted((self._find(tie.left), self._find(tie.right)))
            if left != right:
                self._absorb(left, right)
                one, other = (self._nodes[n].member for n in (tie.left, tie.right))
                self.merges.append(Merge(one, other, "", 1.0, tie.decision))

    def _absorb(self, left: int, right: int) -> None:
        if self._ontology.is_a(self._type[right], self._type[left]):
            self._type[left] = self._type[right]
        self._above[right] = left
        self._members[left] += self._members[right]
        self._known[left] |= self._known[right]
        self._traits[left] |= self._traits[right]
        self._countries[left] |= self._countries[right]
        self._sides[left] |= self._sides[right]

    def tie(self, candidates: Sequence[Candidate]) -> None:
        """Join groups in stars: the one with most candidates in the middle."""
        roots = {n: self._find(n) for c in candidates for n in (c.left, c.right)}
        degree = Counter(n for c in candidates for n in {roots[c.left], roots[c.right]})
        hubs: set[int] = set()
        leaves: set[int] = set()
        for candidate in candidates:
            pair = {roots[candidate.left], roots[candidate.right]}
            if len(pair) < 2 or pair & leaves or pair <= hubs:
                continue
            hub = max(pair, key=lambda n: (n in hubs, degree[n], len(self._members[n]), -n))
            if self.join(candidate):
                hubs.add(hub)
                leaves |= pair - {hub}

    def members(self) -> list[list[Node]]:
        """Return the groups in the order of their first node."""
        groups: dict[int, list[Node]] = {}
        for number, node in enumerate(self._nodes):
            groups.setdefault(self._find(number), []).append(node)
        return list(groups.values())

    def _may_join(self, left: int, right: int) -> bool:
        """Say whether two groups can be one thing.

        What the gazetteer knows as two things is two; so is what was born or founded in
        two years, and what comes from two countries unless the articles of both name a
        rare thing in common.
        """
        if clash(self._sides[left], self._sides[right]):
            return False
        known = self._known[left], self._known[right]
        if known[0] and known[1]:
            return bool(known[0] & known[1])
        if not _agree(self._type[left], self._type[right], self._ontology):
            return False
        if _conflict(self._traits[left], self._traits[right]):
            return False
        apart = self._countries[left] and self._countries[right].isdisjoint(self._countries[left])
        return not (apart and self._countries[right]) or self._neighbours.share(
            self._members[left], self._members[right]
        )

    def _find(self, number: int) -> int:
        while self._above[number] != number:
            self._above[number] = self._above[self._above[number]]
            number = self._above[number]
        return number


def _conflict(one: set[tuple[str, str]], other: set[tuple[str, str]]) -> bool:
    """Say whether two sides give different values for a predicate that has one value."""
    values = dict(one)
    return any(values.get(predicate, value) != value for predicate, value in other - one)
