"""What the model reads in a text, in character offsets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["GivenMention", "ReadMention", "ReadRelation", "Reading"]


@dataclass(frozen=True, slots=True)
class ReadMention:
    """A span of the text; half-open.

    `cluster` counts `Reading.clusters`, -1 for a pronoun or noun phrase that means
    nothing named. `named` is false for pronouns and noun phrases.
    """

    start: int
    end: int
    type: str
    confidence: float
    named: bool
    cluster: int


@dataclass(frozen=True, slots=True)
class ReadRelation:
    """A scored statement: `subject` and `object` count `Reading.clusters`.

    `score` is raw (zero is the threshold of training), `probability` is calibrated.
    `focus` is the half-open span of the sentence that the pair attends to most, or of
    the nearest mentions where no sentences were given.
    """

    subject: int
    label: str
    object: int
    score: float
    probability: float
    modality: str
    modality_confidence: float
    focus: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """The mentions of a text, sorted by span, and what they say.

    `clusters` are tuples of mention numbers; a value (date, money, percentage, count) is
    a cluster of its own. `relations` are sorted by falling probability.
    """

    mentions: tuple[ReadMention, ...]
    clusters: tuple[tuple[int, ...], ...]
    relations: tuple[ReadRelation, ...]

    def cluster_type(self, cluster: int) -> str:
        """Return the type that most of a cluster's names have, weighed by confidence."""
        votes: dict[str, float] = {}
        for number in self.clusters[cluster]:
            mention = self.mentions[number]
            weight = mention.confidence if mention.named else 0.01 * mention.confidence
            votes[mention.type] = votes.get(mention.type, 0.0) + weight
        return max(sorted(votes), key=lambda t: votes[t])


@dataclass(frozen=True, slots=True)
class GivenMention:
    """A mention that the caller knows: its span, its cluster, the types it may have."""

    start: int
    end: int
    cluster: int
    types: frozenset[str]
    named: bool = True


Sentences = Sequence[tuple[int, int]]
