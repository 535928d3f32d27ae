"""Compares nodes and says how sure it is that they are one thing, and by which rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product

from kg.resolve.forms import (
    PERSON,
    PLACE,
    block,
    differs_by_optional_words,
    is_acronym,
    is_near,
    split_person,
)
from kg.resolve.letters import romanize
from kg.resolve.neighbours import Neighbours
from kg.resolve.nodes import Node

__all__ = ["NEAR_LENGTH", "PRODUCT", "Candidate", "find_candidates", "may_stand_for"]

# Names shorter than this are too short to tell a slip of the pen from another name.
NEAR_LENGTH = 8
PRODUCT = "Product"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two nodes that may be one thing, by number, with the rule that says so.

    A `weak` one rests on more than one name: it never makes a chain.
    """

    left: int
    right: int
    rule: str
    score: float
    weak: bool = False


def find_candidates(nodes: Sequence[Node], neighbours: Neighbours) -> list[Candidate]:
    """Return the pairs worth merging, best first; the same for any set of nodes."""
    index = _Index(nodes, neighbours)
    found = [
        *_match_identities(nodes),
        *_match_names(index),
        *_match_aliases(index),
        *_match_longer_names(index),
        *_match_makers(index),
        *_match_people(index),
        *_match_surnames(index),
        *_match_misspelt(index),
        *_match_transliterated(index),
    ]
    return sorted(found, key=lambda c: (-c.score, c.rule, c.left, c.right))


class _Index:
    """Nodes by family and block, in their order, and what is around them."""

    def __init__(self, nodes: Sequence[Node], neighbours: Neighbours) -> None:
        self.nodes = nodes
        self.neighbours = neighbours
        self.blocks: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        self.locals: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
        for number, node in enumerate(nodes):
            if node.local:
                self.locals[node.article, node.family, node.block].append(number)
            else:
                self.blocks[node.family, node.block].append(number)

    def of_family(self, family: str) -> list[str]:
        """Return the blocks of a family, sorted."""
        return sorted(name for kind, name in self.blocks if kind == family)

    def key(self, family: str, name: str) -> str:
        """Return the key of the first node of a block."""
        return self.nodes[self.blocks[family, name][0]].key

    def is_known(self, family: str, name: str) -> bool:
        """Say whether the gazetteer knows anything of a block."""
        return any(self.nodes[n].identity for n in self.blocks[family, name])

    def share(self, family: str, left: str, right: str) -> bool:
        """Say whether two blocks of a family have rare neighbours in common."""
        one, other = ([self.nodes[n] for n in self.blocks[family, name]] for name in (left, right))
        return self.neighbours.share(one, other)

    def tie(
        self, family: str, left: str, right: str, rule: str, score: float
    ) -> Iterator[Candidate]:
        """Yield a weak candidate for two blocks: for each pair of their variants."""
        for one in _find_variants(self.nodes, self.blocks[family, left]):
            for other in _find_variants(self.nodes, self.blocks[family, right]):
                yield Candidate(min(one, other), max(one, other), rule, score, weak=True)


def _match_identities(nodes: Sequence[Node]) -> Iterator[Candidate]:
    """Pair nodes that mean one thing of the gazetteer: each with the first on every side."""
    first: dict[tuple[str, str], dict[frozenset[tuple[int, bool]], int]] = {}
    for number, node in enumerate(nodes):
        if node.identity is not None:
            known = first.setdefault((node.family, node.identity.key), {})
            known.setdefault(node.sides, number)
            for other in known.values():
                if other != number:
                    yield Candidate(other, number, node.identity.rule, 1.0)


def _match_names(index: _Index) -> Iterator[Candidate]:
    """Pair nodes of one family and one name: each with the first of its variants."""
    for block_ in (*index.blocks.values(), *index.locals.values()):
        variants = _find_variants(index.nodes, block_)
        for number in block_:
            for first in variants:
                if first < number:
                    same = index.nodes[first].type == index.nodes[number].type
                    rule = "same name" if same else "same name, related class"
                    yield Candidate(first, number, rule, 0.96 if same else 0.95)


def _find_variants(nodes: Sequence[Node], numbers: Sequence[int]) -> list[int]:
    """Return the first node of each kind that may be something else under the same name."""
    first: dict[object, int] = {}
    for number in numbers:
        node = nodes[number]
        known = node.identity.key if node.identity else ""
        first.setdefault((node.type, known, node.traits, node.countries, node.sides), number)
    return sorted(first.values())


def _match_aliases(index: _Index) -> Iterator[Candidate]:
    """Pair a name with the one longer name that it is known to stand for.

    A short form that stands for two names in the set stays by itself, and so do people:
    a surname says too little. An acronym needs a neighbour in common where it is short.
    """
    stands_for: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for node in index.nodes:
        if node.family != PERSON and not node.local:
            for alias in node.alias_keys:
                short = block(alias, node.family)
                if short != node.block and may_stand_for(alias, node):
                    stands_for[node.family, short].add(node.block)
    for (family, short), fulls in sorted(stands_for.items()):
        if (family, short) in index.blocks and len(fulls) == 1:
            full = next(iter(fulls))
            written = index.nodes[index.blocks[family, short][0]].name
            if not is_acronym(written) or _fit(index, family, short, full):
                yield from index.tie(family, short, full, "alias in an article", 0.9)


def may_stand_for(alias: str, node: Node) -> bool:
    """Say whether a short form may be the whole of a longer name.

    Virgin is not Virgin Atlantic, whatever an article calls it for short.
    """
    short = block(alias, node.family)
    if not (node.block.startswith(short) or node.block.endswith(short)):
        return True
    return differs_by_optional_words(alias, node.key)


def _fit(index: _Index, family: str, short: str, full: str) -> bool:
    """Say whether an acronym and its long form have a class and a neighbour in common."""
    types = [{index.nodes[n].type for n in index.blocks[family, name]} for name in (short, full)]
    return bool(types[0] & types[1]) or index.share(family, short, full)


def _match_longer_names(index: _Index) -> Iterator[Candidate]:
    """Pair a name with the one that adds words such as `Systems` to it, if only one does."""
    for family in sorted({family for family, _ in index.blocks} - {PERSON, PLACE}):
        keys = {index.key(family, name): name for name in index.of_family(family)}
        longer: defaultdict[str, list[str]] = defaultdict(list)
        for key in keys:
            words = key.split()
            for length in range(1, len(words)):
                short = " ".join(words[:length])
                if short in keys and differs_by_optional_words(short, key):
                    longer[short].append(key)
        for short, fulls in sorted(longer.items()):
            if len(fulls) == 1:
                rule = "name with a word more"
                yield from index.tie(family, keys[short], keys[fulls[0]], rule, 0.85)


def _match_makers(index: _Index) -> Iterator[Candidate]:
    """Pair a product with its name behind its maker's: `Toyota Corolla` and `Corolla`.

    They need the maker named beside the short form, or beside the long one and a neighbour
    in common.
    """
    keys = {index.key(PRODUCT, name): name for name in index.of_family(PRODUCT)}
    for key, full in sorted(keys.items()):
        words = key.split()
        for length in range(1, len(words)):
            maker, rest = " ".join(words[:length]), " ".join(words[length:])
            short = keys.get(rest)
            if short is not None and (
                _is_named(index, short, maker)
                or (_is_named(index, full, maker) and index.share(PRODUCT, short, full))
            ):
                yield from index.tie(PRODUCT, short, full, "name behind its maker's", 0.88)


def _is_named(index: _Index, product: str, maker: str) -> bool:
    """Say whether an article names a maker beside a product."""
    articles = {index.nodes[number].article for number in index.blocks[PRODUCT, product]}
    return any(index.neighbours.names_maker(article, maker) for article in articles)


def _match_people(index: _Index) -> Iterator[Candidate]:
    """Pair full names of people that differ by a middle name or a nickname only.

    A nickname needs a neighbour in common, and so does a middle name where more than one
    is known for the shorter name.
    """
    people: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for name in index.of_family(PERSON):
        first, _, last = split_person(name)
        people[first, last].append(name)
    for same in people.values():
        for position, left in enumerate(same):
            for right in same[position + 1 :]:
                if _agree_in_middle(left, right) and (
                    (len(same) == 2 and left.split()[0] == right.split()[0])
                    or index.share(PERSON, left, right)
                ):
                    yield from index.tie(PERSON, left, right, "same first and last name", 0.88)


def _agree_in_middle(left: str, right: str) -> bool:
    """Say whether the middle names of two people may be the same: `w` and `walker`."""
    one, other = split_person(left)[1], split_person(right)[1]
    if not one or not other:
        return True
    return len(one) == len(other) and all(map(_may_be_initial, one, other))


def _may_be_initial(one: str, other: str) -> bool:
    return one == other or (one[0] == other[0] and 1 in (len(one), len(other)))


def _match_surnames(index: _Index) -> Iterator[Candidate]:
    """Pair a bare surname with the one full name that ends in it, given a neighbour in common."""
    full: defaultdict[str, list[str]] = defaultdict(list)
    for name in index.of_family(PERSON):
        full[split_person(name)[2]].append(name)
    for (_, family, surname), numbers in sorted(index.locals.items()):
        if family == PERSON and len(full[surname]) == 1:
            person = index.blocks[PERSON, full[surname][0]]
            left, right = ([index.nodes[n] for n in side] for side in (numbers, person))
            if index.neighbours.share(left, right):
                pair = sorted((numbers[0], person[0]))
                yield Candidate(pair[0], pair[1], "the one person of a surname", 0.84, weak=True)


def _match_misspelt(index: _Index) -> Iterator[Candidate]:
    """Pair long names that differ by one letter and have a neighbour in common.

    A place that the gazetteer does not know may be one that it knows without a neighbour.
    """
    for family in sorted({family for family, _ in index.blocks}):
        for left, right in _find_near(index.of_family(family)):
            one_is_known = index.is_known(family, left) != index.is_known(family, right)
            if index.share(family, left, right) or (family == PLACE and one_is_known):
                yield from index.tie(family, left, right, "spelt almost alike", 0.86)


def _match_transliterated(index: _Index) -> Iterator[Candidate]:
    """Pair names that are one as they are read, or almost, and have a neighbour in common.

    Places are known by all their names to the gazetteer.
    """
    for family in sorted({family for family, _ in index.blocks} - {PLACE}):
        read: defaultdict[str, list[str]] = defaultdict(list)
        for name in index.of_family(family):
            read[romanize(name)].append(name)
        alike = [pair for names in read.values() for pair in combinations(names, 2)]
        near = (product(read[a], read[b]) for a, b in _find_near(sorted(read)))
        for left, right in (*alike, *chain.from_iterable(near)):
            if index.share(family, left, right):
                yield from index.tie(family, left, right, "transliterated otherwise", 0.86)


def _find_near(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs of long names one letter apart, found by what is left without one."""
    without: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        if len(name) >= NEAR_LENGTH:
            for place in range(len(name)):
                without[name[:place] + name[place + 1 :]].append(name)
            without[name].append(name)
    pairs = {
        (min(a, b), max(a, b))
        for same in without.values()
        for position, a in enumerate(same)
        for b in same[position + 1 :]
        if a != b and is_near(a, b)
    }
    return sorted(pairs)
