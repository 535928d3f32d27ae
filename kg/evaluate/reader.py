"""The model as the benchmarks use it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from kg.nlp.encoder import GivenMention, Reading

__all__ = ["Reader", "in_batches"]

_Item = TypeVar("_Item")
_Spans = Sequence[tuple[int, int]]

# Texts read at once: enough to fill the model's batches, few enough for memory.
_BATCH = 32


class Reader(Protocol):
    """What a benchmark asks of a model; `kg.nlp.encoder.Model` is one."""

    @property
    def version(self) -> str:
        """What tells this model from another."""
        ...

    def threshold(self, label: str) -> float:
        """Return the probability from which a relation counts as read."""
        ...

    def read(
        self, texts: Sequence[str], *, sentences: Sequence[_Spans] | None, benchmark: bool
    ) -> list[Reading]:
        """Return what each text says."""
        ...

    def read_given(
        self,
        texts: Sequence[str],
        given: Sequence[Sequence[GivenMention]],
        *,
        sentences: Sequence[_Spans] | None,
        benchmark: bool,
    ) -> list[Reading]:
        """Return the relations between given clusters, in their numbers."""
        ...


def in_batches(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    """Yield the items in order, a batch at a time."""
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]
