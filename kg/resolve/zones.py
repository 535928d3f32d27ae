"""Divides the nodes of all articles into zones: nodes of two zones are never one thing.

Every rule of `kg.resolve.scoring` compares two nodes only where they meet at a point: a
name, a part of one, or a name without one of its letters. So the zones that points tie
together can be resolved each by itself, and those that a new article has nothing to do with
stay as they are. Two nodes that meet need not have anything to do with one another; but two
that may be candidates, or that decide together whether others are, must meet: a new rule of
scoring adds the points at which its names meet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from kg.resolve.forms import PERSON, PLACE, block, differs_by_optional_words, split_person
from kg.resolve.letters import romanize
from kg.resolve.nodes import Node
from kg.resolve.scoring import NEAR_LENGTH, PRODUCT, may_stand_for

__all__ = ["find_points"]


def find_points(node: Node) -> frozenset[int]:
    """Return the points at which a node meets others, as numbers of 64 bits with a sign."""
    return frozenset(_number(kind, node.family, name) for kind, name in _find_points(node))


def _number(kind: str, family: str, name: str) -> int:
    digest = hashlib.blake2b(f"{kind}\n{family}\n{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def _find_points(node: Node) -> Iterator[tuple[str, str]]:
    """Yield the points of a node, each a kind and a name."""
    yield "key", node.key
    if node.identity is not None:
        yield "key", node.identity.key
    if node.local:
        own = "surname" if node.family == PERSON else f"local in {node.article}"
        yield own, node.block
        return
    yield "block", node.block
    yield from _find_near(node)
    if node.family == PERSON:
        yield "surname", split_person(node.block)[2]
        return
    for alias in node.alias_keys:
        if may_stand_for(alias, node):
            yield "block", block(alias, node.family)
    if node.family != PLACE:
        yield from _find_shorter(node)


def _find_shorter(node: Node) -> Iterator[tuple[str, str]]:
    """Yield the names that a key makes longer by a word more, or by its maker's."""
    words = node.key.split()
    for length in range(1, len(words)):
        short, rest = " ".join(words[:length]), " ".join(words[length:])
        if differs_by_optional_words(short, node.key):
            yield "key", short
        if node.family == PRODUCT:
            yield "key", rest


def _find_near(node: Node) -> Iterator[tuple[str, str]]:
    """Yield the names that a name and those one letter apart have in common, as it is read too."""
    read = node.block if node.family == PLACE else romanize(node.block)
    for name in {node.block, read}:
        yield "near", name
        if len(name) >= NEAR_LENGTH:
            yield from (("near", name[:n] + name[n + 1 :]) for n in range(len(name)))
