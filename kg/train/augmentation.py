"""Gives the names of a text to other things, so that the words around them must tell."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from kg.train.instances import Instance

__all__ = ["NameSwapper"]

# Pieces as common as this in names ("bank", "university") say what is named, and stay.
_COMMON = 300
# The share of the pieces of a text's names that are swapped, where any are.
_MOST = 0.7


class NameSwapper:
    """Swaps the pieces of names for pieces of other names of the same kind.

    A piece that occurs twice in a text is swapped for the same one both times, so that
    a surname still belongs to its person. What is no name, such as a value, stays.
    """

    def __init__(self, instances: Iterable[Instance], *, kept: Iterable[int]) -> None:
        """Learn the names of instances; mentions of the types numbered `kept` stay."""
        self._kept = np.array(sorted(kept), dtype=np.int64)
        counted: Counter[int] = Counter()
        pools: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for instance in instances:
            for kind, position in self._name_pieces(instance):
                piece = int(instance.ids[position])
                counted[piece] += 1
                pools[kind, int(instance.shapes[position]) % 4 == 0].append(piece)
        common = {piece for piece, _ in counted.most_common(_COMMON)}
        self._common = common
        self._pools = {
            key: [piece for piece in pool if piece not in common] for key, pool in pools.items()
        }

    def _name_pieces(self, instance: Instance) -> Iterable[tuple[int, int]]:
        """Yield the type and the position of each piece of a name."""
        for number in range(len(instance.first)):
            allowed = instance.types[number].nonzero()[0]
            is_name = len(allowed) and not np.isin(allowed, self._kept).any()
            if is_name and instance.entity[number] >= 0:
                for position in range(instance.first[number], instance.last[number] + 1):
                    yield int(allowed[0]), position

    def swap(self, instance: Instance, dice: random.Random, *, share: float) -> Instance:
        """Return the instance; with the probability `share`, most of its names are swapped."""
        if dice.random() >= share:
            return instance
        chosen: dict[int, int] = {}
        ids = instance.ids.copy()
        for kind, position in self._name_pieces(instance):
            piece = int(instance.ids[position])
            if piece in self._common:
                continue
            if piece not in chosen:
                pool = self._pools.get((kind, int(instance.shapes[position]) % 4 == 0))
                swapped = pool and dice.random() < _MOST
                chosen[piece] = dice.choice(pool) if pool and swapped else piece
            ids[position] = chosen[piece]
        return replace(instance, ids=ids)
