"""Applies what people decided about entities: which nodes are one, which are not, and names.

Decisions are taken from the last to the first: where two cannot both be followed, the later
one prevails, and of the earlier one what is left.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kg.decisions import Decision, Designation, Grouping, Linking, Verdict
from kg.model import Extraction, Link
from kg.ontology import Ontology
from kg.resolve.forms import block, make_key
from kg.resolve.nodes import Node, find_family, make_nodes
from kg.vocab import fold

__all__ = ["Attachment", "Claim", "Decided", "Designator", "Tie", "clash", "decide"]


@dataclass(frozen=True, slots=True)
class Tie:
    """Two nodes, by number, that a decision makes one."""

    left: int
    right: int
    decision: int


@dataclass(frozen=True, slots=True)
class Claim:
    """What the entity of some clusters, by article id and number, is called by a decision."""

    members: frozenset[tuple[str, int]]
    iri: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """The link of the entity of some clusters, by article id and number."""

    members: frozenset[tuple[str, int]]
    link: Link


@dataclass(frozen=True, slots=True)
class Decided:
    """What decisions come to: `claims` and `attachments` come last decision first.

    `nodes` are those given, with the splits that they stand on a side of, and without what
    the gazetteer knows of them where a split denies it.
    """

    nodes: tuple[Node, ...]
    ties: tuple[Tie, ...] = ()
    claims: tuple[Claim, ...] = ()
    attachments: tuple[Attachment, ...] = ()


def decide(nodes: Sequence[Node], decisions: Iterable[Decision], *, ontology: Ontology) -> Decided:
    """Return what decisions say of nodes. What they mean and is not there changes nothing."""
    deciding = _Deciding(nodes, ontology)
    for decision in sorted(decisions, key=lambda d: d.number, reverse=True):
        if isinstance(decision.about, Grouping):
            deciding.follow(decision.number, decision.about)
        elif isinstance(decision.about, Linking):
            deciding.attach(decision.about)
    return Decided(
        deciding.mark(),
        tuple(deciding.ties),
        tuple(deciding.claims),
        tuple(deciding.attachments),
    )


class Designator:
    """Finds what means some clusters of a set of extractions, and what a name means."""

    def __init__(self, extractions: Iterable[Extraction], *, ontology: Ontology) -> None:
        self._ontology = ontology
        self._nodes = {node.member: node for node in make_nodes(extractions, ontology=ontology)}
        self._named: defaultdict[tuple[str, str], list[Node]] = defaultdict(list)
        for node in self._nodes.values():
            self._named[node.family, node.block].append(node)

    def designate(self, members: Iterable[tuple[str, int]]) -> tuple[Designation, ...]:
        """Return designations that mean exactly these clusters, by article id and number.

        A name stands for all that is called so, in articles to come too, where the set holds
        nothing else of that name; otherwise each article is named. Sorted.
        """
        chosen: defaultdict[tuple[str, str], list[Node]] = defaultdict(list)
        for member in members:
            node = self._nodes[member]
            chosen[node.family, node.block].append(node)
        found: set[Designation] = set()
        for name, meant in chosen.items():
            found.update(_designate_name(meant, self._named[name], name[0], self._ontology))
        return tuple(sorted(found))

    def find_named(
        self, name: str, members: Iterable[tuple[str, int]]
    ) -> frozenset[tuple[str, int]]:
        """Return those of some clusters that bear a name, or else a spelling of it."""
        nodes = [self._nodes[member] for member in members]
        exact = frozenset(node.member for node in nodes if fold(node.name) == fold(name))
        return exact or frozenset(
            node.member for node in nodes if node.block in _find_blocks(name, node.family)
        )


def _designate_name(
    meant: Sequence[Node], named: Sequence[Node], family: str, ontology: Ontology
) -> Iterator[Designation]:
    """Yield what means some of the nodes of one family and block, and none of the others."""
    members = {node.member for node in meant}
    everywhere = [node for node in named if not node.local]
    for type_ in (family, *sorted({node.type for node in meant})):
        alike = {node.member for node in everywhere if ontology.is_a(node.type, type_)}
        if alike and alike <= members:
            yield Designation(_choose_name([n for n in meant if n.member in alike]), type_)
            members -= alike
    for form in sorted({fold(node.name) for node in meant}):
        alike = {node.member for node in everywhere if fold(node.name) == form}
        if alike and alike <= members:
            name = min(node.name for node in meant if fold(node.name) == form)
            yield Designation(name, family, exact=True)
            members -= alike
    for node in meant:
        if node.member in members:
            twins = [other for other in named if other.article == node.article]
            start = min(node.starts) if len(twins) > 1 else -1
            yield Designation(_choose_name([node]), family, node.article, start)


def _find_blocks(name: str, family: str) -> set[str]:
    """Return the blocks of what a name may mean: it is a key, or a name that has one."""
    return {block(key, family) for key in (name, make_key(name, family))}


def _choose_name(nodes: Sequence[Node]) -> str:
    """Return the commonest name by which nodes are found again; else their key."""
    found = [n.name for n in nodes if block(make_key(n.name, n.family), n.family) == n.block]
    counted = Counter(found or [nodes[0].key])
    return min(counted, key=lambda name: (-counted[name], -len(name), name))


class _Deciding:
    """Nodes in disjoint groups that decisions make, each with the sides that it stands on."""

    def __init__(self, nodes: Sequence[Node], ontology: Ontology) -> None:
        self.ties: list[Tie] = []
        self.claims: list[Claim] = []
        self.attachments: list[Attachment] = []
        self._nodes = nodes
        self._ontology = ontology
        self._above = list(range(len(nodes)))
        self._sides = [set[tuple[int, bool]]() for _ in nodes]
        self._denied: set[int] = set()
        self._by_name: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for number, node in enumerate(nodes):
            self._by_name[node.family, node.block].append(number)

    def follow(self, number: int, grouping: Grouping) -> None:
        """Follow a decision as far as those followed before leave it possible."""
        ones = self._select(grouping.ones)
        kept = ones
        if grouping.verdict is Verdict.SPLIT:
            kept = self._select(grouping.others) - ones
            self._part(number, ones, kept)
        self._unite(number, sorted(kept))
        if kept and grouping.iri:
            members = frozenset(self._nodes[n].member for n in kept)
            self.claims.append(Claim(members, grouping.iri, grouping.name, grouping.type))

    def attach(self, linking: Linking) -> None:
        """Note the link of what a decision means."""
        members = frozenset(self._nodes[n].member for n in self._select(linking.ones))
        link = Link(linking.target, linking.rule, linking.score)
        if members:
            self.attachments.append(Attachment(members, link))

    def mark(self) -> tuple[Node, ...]:
        """Return the nodes with what was decided of each."""
        return tuple(
            replace(
                node,
                sides=frozenset(self._sides[self._find(number)]),
                identity=None if number in self._denied else node.identity,
            )
            if self._sides[self._find(number)]
            else node
            for number, node in enumerate(self._nodes)
        )

    def _unite(self, decision: int, numbers: Sequence[int]) -> None:
        """Make one group of nodes, and as few as there may be where splits part them."""
        heads: list[int] = []
        for number in numbers:
            for head in heads:
                left, right = self._find(head), self._find(number)
                if left == right or not clash(self._sides[left], self._sides[right]):
                    self._join(left, right)
                    self.ties.append(Tie(head, number, decision))
                    break
            else:
                heads.append(number)

    def _part(self, decision: int, ones: set[int], others: set[int]) -> None:
        """Put nodes on two sides; a group that later decisions made of both is not parted."""
        kept = {self._find(number) for number in others}
        for root in kept:
            self._sides[root].add((decision, False))
        for root in {self._find(number) for number in ones} - kept:
            self._sides[root].add((decision, True))
        identities = (self._nodes[number].identity for number in others)
        known = {identity.key for identity in identities if identity is not None}
        for number in ones:
            identity = self._nodes[number].identity
            if self._find(number) not in kept and identity and identity.key in known:
                self._denied.add(number)

    def _select(self, designations: Iterable[Designation]) -> set[int]:
        return {number for designation in designations for number in self._find_meant(designation)}

    def _find_meant(self, meant: Designation) -> Iterator[int]:
        """Yield the nodes that a designation means, by number."""
        if meant.type not in self._ontology.classes:
            return
        family = find_family(meant.type, self._ontology)
        for form in sorted(_find_blocks(meant.name, family)):
            for number in self._by_name.get((family, form), ()):
                node = self._nodes[number]
                is_there = node.article == meant.article if meant.article else not node.local
                is_placed = meant.start < 0 or meant.start in node.starts
                is_so = not meant.exact or fold(node.name) == fold(meant.name)
                is_kind = self._ontology.is_a(node.type, meant.type)
                if is_there and is_placed and is_so and is_kind:
                    yield number

    def _join(self, left: int, right: int) -> None:
        if left != right:
            self._above[right] = left
            self._sides[left] |= self._sides[right]

    def _find(self, number: int) -> int:
        while self._above[number] != number:
            self._above[number] = self._above[self._above[number]]
            number = self._above[number]
        return number


def clash(one: Iterable[tuple[int, bool]], other: set[tuple[int, bool]]) -> bool:
    """Say whether two groups stand on different sides of a split."""
    return any((decision, not side) in other for decision, side in one)
