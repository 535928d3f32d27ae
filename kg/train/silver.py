"""Adds the mentions that a data set leaves unmarked, as an earlier model reads them.

A set that marks only what takes part in a fact teaches no pair of other names, and a
model that learns from it sees facts everywhere. A set that marks names alone does not
show what is said of "the company".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kg.nlp.encoder import Model, Reading
from kg.nlp.values import find_values
from kg.train.example import Example, LabelledMention

__all__ = ["add_names"]


def add_names(examples: Sequence[Example], model: Model) -> Iterator[Example]:
    """Yield the examples with what the model reads beside their own names and values.

    A name that the model links to a marked one joins its cluster; the others make
    clusters of their own. Pronouns and noun phrases join the cluster of what they mean.
    """
    for start in range(0, len(examples), 64):
        batch = examples[start : start + 64]
        texts = [example.text for example in batch]
        values = [[(v.span.start, v.span.end, v.kind) for v in find_values(t)] for t in texts]
        readings = model.read(texts, extra_mentions=values, least=1.0)
        yield from map(_add, batch, readings)


def _add(example: Example, reading: Reading) -> Example:
    marked = {(m.start, m.end): m for m in example.mentions if m.cluster >= 0}
    taken = bytearray(len(example.text))
    for m in example.mentions:
        taken[m.start : m.end] = b"\x01" * (m.end - m.start)
    known = {
        read.cluster: marked[read.start, read.end].cluster
        for read in reading.mentions
        if (read.start, read.end) in marked
    }
    free = max((m.cluster for m in example.mentions), default=-1) + 1
    types = {m.cluster: m.types for m in example.mentions if m.cluster >= 0 and m.named}
    added = []
    for mention in reading.mentions:
        if mention.cluster < 0 or any(taken[mention.start : mention.end]):
            continue
        cluster = known.get(mention.cluster, free + mention.cluster)
        own = types.setdefault(cluster, frozenset({reading.cluster_type(mention.cluster)}))
        span = (mention.start, mention.end)
        added.append(LabelledMention(*span, types=own, cluster=cluster, named=mention.named))
    return replace(
        example, mentions=tuple(sorted((*example.mentions, *added), key=lambda m: m.start))
    )
