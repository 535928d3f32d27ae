"""The model as the benchmarks use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from kg.evaluate.report import Options
from kg.evaluate.scores import Outcome, Tally
from kg.nlp.encoder import GivenMention, Reading, ReadRelation

__all__ = ["Reader", "accept", "in_batches", "judge", "tally_labels"]

_Item = TypeVar("_Item")
_Spans = Sequence[tuple[int, int]]
_Key = TypeVar("_Key")

# Texts read at once: enough to fill the model's batches, few enough for memory.
_BATCH = 32


class Reader(Protocol):
    """What a benchmark asks of a model; `kg.nlp.encoder.Model` is one."""

    @property
    def version(self) -> str:
        """What tells this model from another."""
        ...

    def threshold(self, label: str, *, reference: bool = False) -> float:
        """Return the probability from which a relation counts as read."""
        ...

    def read(
        self,
        texts: Sequence[str],
        *,
        sentences: Sequence[_Spans] | None,
        benchmark: bool,
        unnamed: bool = False,
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


def accept(
    reading: Reading, model: Reader, options: Options, *, benchmark: bool
) -> Iterator[ReadRelation]:
    """Yield the relations that count as read, the least probable first.

    A mapping filled in this order keeps the best probability of each key. `benchmark` is
    what the text was read with.
    """
    for relation in reversed(reading.relations):
        least = options.min_confidence
        if least is None:
            least = model.threshold(relation.label, reference=benchmark)
        if relation.probability >= least:
            yield relation


def tally_labels(
    read: Mapping[_Key, float], gold: frozenset[_Key], label: Callable[[_Key], str]
) -> dict[str, Tally]:
    """Return the tally of each label that one of the sets has."""
    return {
        name: Tally.of_sets(
            {key for key in read if label(key) == name}, {key for key in gold if label(key) == name}
        )
        for name in {label(key) for key in (*read, *gold)}
    }


def judge(
    read: Mapping[_Key, float], right: Callable[[_Key], bool], label: Callable[[_Key], str]
) -> dict[str, list[Outcome]]:
    """Return by label what became of each prediction."""
    outcomes: dict[str, list[Outcome]] = {}
    for key, probability in read.items():
        outcomes.setdefault(label(key), []).append(Outcome(probability, right(key)))
    return outcomes
