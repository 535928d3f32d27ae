"""Which instances make up the batch of a step: rounds of all data sets in proportion."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import accumulate

from torch.utils.data import Dataset

from kg.train.augmentation import NameSwapper
from kg.train.batch import Batch, collate
from kg.train.instances import Instance
from kg.train.settings import TrainingConfig

__all__ = ["Schedule"]

# Batches that are made at a time from instances sorted by length, so that little is padding.
_TOGETHER = 32


class Schedule(Dataset[Batch]):
    """The batch of each step, the same for the same seed, whatever was made before."""

    def __init__(
        self,
        config: TrainingConfig,
        instances: Mapping[str, Sequence[Instance]],
        swapper: NameSwapper,
    ) -> None:
        self._config, self._instances, self._swapper = config, instances, swapper
        self._rounds: list[list[list[Instance]]] = []

    def __getitem__(self, step: int) -> Batch:
        """Return the batch of a step, with some names swapped."""
        dice = random.Random(f"{self._config.seed}-{step}")  # noqa: S311 - no secret
        batch = [
            self._swapper.swap(i, dice, share=self._config.swapped) for i in self._chosen(step)
        ]
        return collate(batch, modal=frozenset(self._config.modal))

    def _chosen(self, step: int) -> list[Instance]:
        """Return the instances of a step."""
        while True:
            ends = list(accumulate(len(batches) for batches in self._rounds))
            for batches, end in zip(self._rounds, ends, strict=True):
                if step < end:
                    return batches[step - end + len(batches)]
            self._rounds.append(self._round(len(self._rounds)))

    def _round(self, number: int) -> list[list[Instance]]:
        """Return the batches of one round, each of instances that are alike in length."""
        dice = random.Random(f"{self._config.seed}-round-{number}")  # noqa: S311 - no secret
        chosen: list[Instance] = []
        for name, instances in self._instances.items():
            repeats = self._config.repeats.get(name, 1.0)
            chosen += list(instances) * int(repeats)
            chosen += dice.sample(list(instances), round(len(instances) * (repeats % 1)))
        dice.shuffle(chosen)
        batches: list[list[Instance]] = []
        for group in self._cut(chosen, self._config.pieces * _TOGETHER):
            batches += self._cut(sorted(group, key=len), self._config.pieces)
        dice.shuffle(batches)
        return batches

    @staticmethod
    def _cut(instances: Sequence[Instance], most: int) -> list[list[Instance]]:
        """Return runs of instances with at most so many pieces together, but at least one."""
        runs: list[list[Instance]] = []
        size = most
        for instance in instances:
            if size + len(instance) > most:
                runs.append([])
                size = 0
            runs[-1].append(instance)
            size += len(instance)
        return runs
