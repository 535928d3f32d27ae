"""One training document in the form that every data set is brought to."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Example", "LabelledMention", "LabelledRelation"]


@dataclass(frozen=True, slots=True)
class LabelledMention:
    """A gold span with the types it may have.

    `types` holds one class where the data set says which, several where it only says
    that it is one of them (`ORG` is `Organization` or `Company`): the model learns from
    the sum of their probabilities. Besides the classes of the ontology there are the
    value types `Date`, `Money`, `Percent`, `Count`. `named` is false for pronouns and
    for noun phrases such as "the company". `cluster` is -1 where coreference is not
    annotated.
    """

    start: int
    end: int
    types: frozenset[str]
    cluster: int = -1
    named: bool = True


@dataclass(frozen=True, slots=True)
class LabelledRelation:
    """A gold relation between two clusters, in canonical direction.

    `label` is the local name of an ontology predicate, or `benchmark:LABEL` for a label
    of a data set's own. `evidence` are the spans of the sentences that state it, empty
    where the data set does not say.
    """

    subject: int
    label: str
    object: int
    evidence: tuple[tuple[int, int], ...] = ()
    modality: str = "asserted"


@dataclass(frozen=True, slots=True)
class Example:
    """A text with what is annotated in it, and what is *not* annotated.

    `mention_types` are the types whose spans are all marked: outside a gold span the
    model learns "none of these" and nothing about the others. `relation_labels` are the
    labels annotated exhaustively among the gold clusters: only for them is a missing
    relation a negative. `pairs` restricts negatives to the named pairs of clusters
    (sentence data sets that label one pair); `None` means all pairs. `coreference` says
    whether clusters are complete, pronouns included where `pronouns` is true.
    """

    id: str
    source: str
    text: str
    mentions: tuple[LabelledMention, ...]
    relations: tuple[LabelledRelation, ...] = ()
    mention_types: frozenset[str] = field(default=frozenset())
    relation_labels: frozenset[str] = field(default=frozenset())
    pairs: frozenset[tuple[int, int]] | None = None
    coreference: bool = False
    pronouns: bool = False
