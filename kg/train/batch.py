"""Instances side by side as tensors: what the network reads and what it is taught."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from kg.train.instances import Instance

__all__ = ["Batch", "collate"]

IntArray = npt.NDArray[np.int64]
_STEP = 8


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of B texts with N pieces, M mentions and P pairs, padded where it says so.

    `ids`, `shapes`, `places` and `allowed` (N) stand one behind the other without padding;
    `grid` (N) is the place of each piece in the padded table of B rows and `width` columns.
    `first` and `last` (M) count the N pieces, `text` and `place` (M) are row and column of
    the first; `entity` (M) is the number of the entity in its text or -1, of at most
    `entities` (E).
    `subject` and `object` (P) count the entities of the text `pair_text`. `gold` (2, G) are
    pair and label; `known` (B, labels) the labels whose absence is annotated for the pairs
    that are `judged` (P). `modality` (P) is -1 where it is not annotated. `evidence` (V) are
    pairs, `evidence_mask` (V, width) the pieces of their sentences.
    `chain` (B, C) counts the M mentions, -1 behind the last; `alike`, `distance` and
    `antecedents` are (B, C, C); `linked` (B, C) marks whose antecedents are annotated.
    """

    texts: int
    width: int
    entities: int
    ids: Tensor
    shapes: Tensor
    places: Tensor
    grid: Tensor
    allowed: Tensor
    first: Tensor
    last: Tensor
    text: Tensor
    place: Tensor
    types: Tensor
    entity: Tensor
    pair_text: Tensor
    subject: Tensor
    object: Tensor
    gap: Tensor
    gold: Tensor
    known: Tensor
    judged: Tensor
    modality: Tensor
    evidence: Tensor
    evidence_mask: Tensor
    chain: Tensor
    alike: Tensor
    distance: Tensor
    antecedents: Tensor
    linked: Tensor

    def to(self, device: torch.device) -> Batch:
        """Return the batch on a device."""
        moved = {f.name: getattr(self, f.name) for f in fields(self)}
        for name, value in moved.items():
            if isinstance(value, Tensor):
                moved[name] = value.to(device, non_blocking=True)
        return Batch(**moved)


def collate(instances: Sequence[Instance], *, modal: frozenset[str]) -> Batch:
    """Return a batch; `modal` are the sources whose modality is annotated."""
    lengths = np.array([len(i) for i in instances])
    width = -(-int(lengths.max()) // _STEP) * _STEP
    rows = np.repeat(np.arange(len(instances)), lengths)
    places = _join(np.arange(n) for n in lengths)
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    mentions = [len(i.first) for i in instances]
    pairs = [len(i.subject) for i in instances]
    pair_starts = np.concatenate(([0], np.cumsum(pairs)[:-1]))
    arrays = {
        "ids": _join(i.ids for i in instances),
        "shapes": _join(i.shapes for i in instances),
        "places": places,
        "grid": rows * width + places,
        "allowed": _join(i.allowed for i in instances),
        "first": _join(i.first + s for i, s in zip(instances, starts, strict=True)),
        "last": _join(i.last + s for i, s in zip(instances, starts, strict=True)),
        "text": np.repeat(np.arange(len(instances)), mentions),
        "place": _join(i.first for i in instances),
        "types": np.concatenate([i.types for i in instances]),
        "entity": _join(i.entity for i in instances),
        "pair_text": np.repeat(np.arange(len(instances)), pairs),
        "subject": _join(i.subject for i in instances),
        "object": _join(i.object for i in instances),
        "gap": _join(i.gap for i in instances),
        "gold": _gold(instances, pair_starts),
        "known": np.stack([i.known for i in instances]),
        "judged": np.concatenate([i.judged for i in instances]),
        "modality": _join(
            i.modality if i.source in modal else np.full_like(i.modality, -1) for i in instances
        ),
        **_evidence(instances, pair_starts, width),
        **_chains(instances, mentions),
    }
    entities = max((int(i.entity.max()) + 1 for i in instances if len(i.entity)), default=0)
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    return Batch(texts=len(instances), width=width, entities=entities, **tensors)


def _join(parts: Iterable[IntArray]) -> IntArray:
    return np.concatenate([*parts, np.zeros(0, dtype=np.int64)]).astype(np.int64)


def _gold(instances: Sequence[Instance], starts: IntArray) -> IntArray:
    """Return pair and label of every gold relation, in two rows."""
    found = [
        (pair + start, label)
        for instance, start in zip(instances, starts, strict=True)
        for pair, label in instance.gold
    ]
    return np.array(found, dtype=np.int64).reshape(-1, 2).T.copy()


def _evidence(
    instances: Sequence[Instance], starts: IntArray, width: int
) -> dict[str, npt.NDArray[np.generic]]:
    """Return the pairs with evidence, and for each the pieces of its sentences."""
    pairs: list[int] = []
    masks: list[npt.NDArray[np.bool_]] = []
    for instance, start in zip(instances, starts, strict=True):
        for pair, ranges in instance.evidence:
            mask = np.zeros(width, dtype=np.bool_)
            for first, last in ranges:
                mask[first:last] = True
            pairs.append(pair + int(start))
            masks.append(mask)
    stacked = np.stack(masks) if masks else np.zeros((0, width), dtype=np.bool_)
    return {"evidence": np.array(pairs, dtype=np.int64), "evidence_mask": stacked}


def _chains(
    instances: Sequence[Instance], mentions: Sequence[int]
) -> dict[str, npt.NDArray[np.generic]]:
    """Return the mentions of coreference and their tables, padded to the longest chain."""
    longest = max(len(i.chain) for i in instances)
    square = (len(instances), longest, longest)
    chain = np.full(square[:2], -1, dtype=np.int64)
    linked = np.zeros(square[:2], dtype=np.bool_)
    alike, distance = np.zeros(square, dtype=np.int64), np.zeros(square, dtype=np.int64)
    antecedents = np.zeros(square, dtype=np.bool_)
    start = 0
    for row, (instance, count) in enumerate(zip(instances, mentions, strict=True)):
        size = len(instance.chain)
        chain[row, :size] = instance.chain + start
        linked[row, :size] = instance.linked
        alike[row, :size, :size] = instance.alike
        distance[row, :size, :size] = instance.distance
        antecedents[row, :size, :size] = instance.antecedents
        start += count
    return {
        "chain": chain,
        "alike": alike,
        "distance": distance,
        "antecedents": antecedents,
        "linked": linked,
    }
