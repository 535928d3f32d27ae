"""Examples as arrays: word pieces, allowed tags, pairs of entities, likenesses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from kg.nlp.encoder.likeness import (
    KINDS,
    distance_bucket,
    form,
    gap_bucket,
    likeness_table,
)
from kg.nlp.encoder.pieces import ARTICLE, PRONOUNS, REFERENCE, Pieces, cut, window_bounds
from kg.nlp.encoder.tags import OUTSIDE, tag_count
from kg.train.example import Example, LabelledMention, LabelledRelation

__all__ = ["MODALITIES", "NOMINAL", "PRONOUN", "VALUE_TYPES", "Instance", "Labels", "prepare"]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

MODALITIES = ("asserted", "former", "announced", "denied")
NOMINAL, PRONOUN = "Nominal", "Pronoun"
VALUE_TYPES = ("Date", "Money", "Percent", "Count")
_CLS, _SEP = 101, 102


@dataclass(slots=True)
class Labels:
    """Every type and label that the network knows, and the sets of tags seen so far.

    `allowed` grows while examples are prepared: each row says which tags a piece may have.
    """

    types: tuple[str, ...]
    labels: tuple[str, ...]
    allowed: list[BoolArray] = field(default_factory=list)
    _rows: dict[tuple[int, frozenset[str]], int] = field(default_factory=dict)

    def outside(self, marked: frozenset[str]) -> int:
        """Return the row for a piece outside every span, where `marked` types are marked."""
        return self._row(-1, marked)

    def inside(self, position: int, types: frozenset[str]) -> int:
        """Return the row for a piece at BIES `position` in a span of one of `types`."""
        return self._row(position, types)

    def anything(self) -> int:
        """Return the row for a piece about which nothing is known."""
        return self._row(-1, frozenset())

    def _row(self, position: int, types: frozenset[str]) -> int:
        key = (position, types)
        if key not in self._rows:
            row = np.zeros(tag_count(len(self.types)), dtype=np.bool_)
            row[OUTSIDE] = position < 0
            for number, name in enumerate(self.types):
                if position < 0 and name not in types:
                    row[1 + 4 * number : 5 + 4 * number] = True
                elif position >= 0 and name in types:
                    row[1 + 4 * number + position] = True
            self._rows[key] = len(self.allowed)
            self.allowed.append(row)
        return self._rows[key]


@dataclass(frozen=True, slots=True)
class Instance:
    """One window of an example. Pieces are counted with the special tokens.

    `first` and `last` are the mentions' pieces, `entity` their entity or -1; `subject`
    and `object` are the pairs of entities to learn from; `gold` their labels; `known`
    the labels of which the others are false, for the pairs that are `judged`. `chain` are
    the mentions that coreference is learnt on, with their likeness and distance codes and
    who may be whose antecedent; of those that are `linked` the antecedents are annotated.
    """

    source: str
    ids: IntArray
    shapes: IntArray
    allowed: IntArray
    first: IntArray
    last: IntArray
    types: npt.NDArray[np.float32]
    entity: IntArray
    subject: IntArray
    object: IntArray
    gap: IntArray
    gold: tuple[tuple[int, int], ...]
    known: BoolArray
    judged: BoolArray
    modality: IntArray
    evidence: tuple[tuple[int, tuple[tuple[int, int], ...]], ...]
    chain: IntArray
    alike: IntArray
    distance: IntArray
    antecedents: BoolArray
    linked: BoolArray

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A mention with its pieces in the window and its number among the entities."""

    mention: LabelledMention
    first: int
    last: int
    kind: int


def prepare(
    example: Example,
    labels: Labels,
    tokenizer: Tokenizer,
    *,
    coreference: bool = False,
    reference: bool = False,
    taught: bool = False,
) -> list[Instance]:
    """Return the windows of an example.

    `coreference` says that the named clusters are complete although the example does
    not say so itself, `reference` that its facts are in the style of a reference work.
    `taught` examples hold all pairs and chains, for a teacher tells what is not annotated.
    """
    style = REFERENCE if reference else ARTICLE
    pieces = cut(example.text, tokenizer)
    return [
        _instance(
            example,
            labels,
            pieces,
            bounds,
            coreference=coreference or example.coreference,
            style=style,
            taught=taught,
        )
        for bounds in window_bounds(len(pieces))
    ]


def mention_kind(mention: LabelledMention, text: str) -> int:
    """Return 0 for a name, 1 for a noun phrase, 2 for a pronoun."""
    if mention.named and not mention.types & {NOMINAL, PRONOUN}:
        return 0
    if PRONOUN in mention.types or text.casefold() in PRONOUNS:
        return 2
    return 1


def _instance(
    example: Example,
    labels: Labels,
    pieces: Pieces,
    bounds: tuple[int, int],
    *,
    coreference: bool,
    style: int,
    taught: bool,
) -> Instance:
    """Return one window of an example."""
    placed = _place(example, pieces, bounds)
    clusters = sorted({p.mention.cluster for p in placed if p.mention.cluster >= 0})
    numbers = {cluster: number for number, cluster in enumerate(clusters)}
    entity = np.array([numbers.get(p.mention.cluster, -1) for p in placed], dtype=np.int64)
    start, end = bounds
    pairs = _pairs(example, labels, pieces, bounds, numbers, taught=taught)
    firsts = [
        [p.first for p, e in zip(placed, entity, strict=True) if e == n] for n in numbers.values()
    ]
    linked = _linked(example, placed, coreference=coreference)
    chain = _chain(placed) if taught else linked
    alike, distance, antecedents = _likenesses(example, placed, chain)
    return Instance(
        source=example.source,
        ids=np.concatenate(([_CLS], pieces.ids[start:end], [_SEP])).astype(np.int64),
        shapes=np.pad(pieces.shapes[start:end], 1, constant_values=style).astype(np.int64),
        allowed=_allowed(example, labels, placed, pieces.values[start:end]),
        first=np.array([p.first for p in placed], dtype=np.int64),
        last=np.array([p.last for p in placed], dtype=np.int64),
        types=_type_masks(placed, labels),
        entity=entity,
        subject=np.array([s for s, _ in pairs.ends], dtype=np.int64),
        object=np.array([o for _, o in pairs.ends], dtype=np.int64),
        gap=np.array([gap_bucket(firsts[s], firsts[o]) for s, o in pairs.ends], dtype=np.int64),
        gold=pairs.gold,
        known=np.array([name in example.relation_labels for name in labels.labels], dtype=np.bool_),
        judged=pairs.judged,
        modality=pairs.modality,
        evidence=pairs.evidence,
        chain=chain,
        alike=alike,
        distance=distance,
        antecedents=antecedents,
        linked=np.isin(chain, linked),
    )


def _place(example: Example, pieces: Pieces, bounds: tuple[int, int]) -> list[_Placed]:
    """Return the mentions that lie wholly in a window, in order."""
    placed: list[_Placed] = []
    for mention in sorted(example.mentions, key=lambda m: (m.start, -m.end)):
        covered = pieces.covering(mention.start, mention.end)
        if covered and bounds[0] <= covered[0] and covered[1] < bounds[1]:
            shift = 1 - bounds[0]
            kind = mention_kind(mention, example.text[mention.start : mention.end])
            placed.append(_Placed(mention, covered[0] + shift, covered[1] + shift, kind))
    return placed


def _tag_types(placed: _Placed) -> frozenset[str]:
    """Return the types that a mention may be tagged with."""
    return (placed.mention.types, frozenset({NOMINAL}), frozenset({PRONOUN}))[placed.kind]


def _allowed(
    example: Example, labels: Labels, placed: Sequence[_Placed], values: BoolArray
) -> IntArray:
    """Return for each piece the row of the tags that it may have; longer spans win.

    Where the set does not mark values, only the pieces `values` may be one: left free, the
    model would call anything a number.
    """
    marked = example.mention_types
    free, bound = labels.outside(marked), labels.outside(marked | frozenset(VALUE_TYPES))
    allowed = np.pad(np.where(values, free, bound), 1, constant_values=labels.anything())
    taken = np.zeros(len(allowed), dtype=np.bool_)
    for item in sorted(placed, key=lambda p: p.first - p.last):
        first, last, types = item.first, item.last, _tag_types(item)
        if taken[first : last + 1].any():
            continue
        taken[first : last + 1] = True
        if first == last:
            allowed[first] = labels.inside(3, types)
        else:
            allowed[first + 1 : last] = labels.inside(1, types)
            allowed[first], allowed[last] = labels.inside(0, types), labels.inside(2, types)
    return allowed


def _type_masks(placed: Sequence[_Placed], labels: Labels) -> npt.NDArray[np.float32]:
    """Return one row for each mention: one for each type that it may have."""
    masks = np.zeros((len(placed), len(labels.types)), dtype=np.float32)
    for row, item in enumerate(placed):
        for name in item.mention.types - {NOMINAL, PRONOUN}:
            masks[row, labels.types.index(name)] = 1.0
    return masks


@dataclass(frozen=True, slots=True)
class _Pairs:
    """The pairs of entities of a window, and what is annotated of each."""

    ends: list[tuple[int, int]]
    gold: tuple[tuple[int, int], ...]
    judged: BoolArray
    modality: IntArray
    evidence: tuple[tuple[int, tuple[tuple[int, int], ...]], ...]


def _pairs(
    example: Example,
    labels: Labels,
    pieces: Pieces,
    bounds: tuple[int, int],
    numbers: dict[int, int],
    *,
    taught: bool,
) -> _Pairs:
    """Return the pairs of entities, and the gold labels, modality and evidence of each.

    A pair whose statement lies outside the window teaches nothing there.
    """
    values = {m.cluster for m in example.mentions if m.types <= set(VALUE_TYPES)}
    stated: dict[tuple[int, int], list[LabelledRelation]] = {}
    unseen: set[tuple[int, int]] = set()
    ranges: dict[tuple[int, int], tuple[tuple[int, int], ...]] = {}
    for relation in example.relations:
        pair = (relation.subject, relation.object)
        if not {relation.subject, relation.object} <= numbers.keys():
            continue
        seen = _ranges(pieces, bounds, relation.evidence)
        if relation.evidence and not seen:
            unseen.add(pair)
            continue
        stated.setdefault(pair, []).append(relation)
        ranges[pair] = (*ranges.get(pair, ()), *seen)
    every = {(s, o) for s in numbers for o in numbers if s != o and s not in values}
    negatives = every if example.pairs is None else example.pairs
    if not example.relation_labels:
        negatives = example.pairs or frozenset()
    judged = {p for p in negatives if set(p) <= numbers.keys()} - unseen | stated.keys()
    order = sorted(judged | every if taught else judged)
    index = {name: number for number, name in enumerate(labels.labels)}
    gold = {(n, index[r.label]) for n, p in enumerate(order) for r in stated.get(p, ())}
    modality = [MODALITIES.index(stated[p][0].modality) if p in stated else -1 for p in order]
    return _Pairs(
        ends=[(numbers[s], numbers[o]) for s, o in order],
        gold=tuple(sorted(gold)),
        judged=np.array([p in judged for p in order], dtype=np.bool_),
        modality=np.array(modality, dtype=np.int64),
        evidence=tuple((n, ranges[p]) for n, p in enumerate(order) if ranges.get(p)),
    )


def _ranges(
    pieces: Pieces, bounds: tuple[int, int], spans: Iterable[tuple[int, int]]
) -> tuple[tuple[int, int], ...]:
    """Return half-open piece ranges in the window for the spans that lie mostly in it."""
    found = []
    for start, end in spans:
        covered = pieces.covering(start, end)
        if covered and bounds[0] <= covered[0] and covered[1] < bounds[1]:
            found.append((covered[0] - bounds[0] + 1, covered[1] - bounds[0] + 2))
    return tuple(found)


def _linked(example: Example, placed: Sequence[_Placed], *, coreference: bool) -> IntArray:
    """Return the mentions whose antecedents are annotated."""
    if not coreference:
        return np.zeros(0, dtype=np.int64)
    chain = _chain(placed)
    return chain if example.pronouns else chain[[placed[i].kind == 0 for i in chain]]


def _chain(placed: Sequence[_Placed]) -> IntArray:
    """Return the mentions that mean an entity."""
    chosen = [
        number
        for number, p in enumerate(placed)
        if p.mention.cluster >= 0 and not p.mention.types <= set(VALUE_TYPES)
    ]
    return np.array(chosen, dtype=np.int64)


def _likenesses(
    example: Example, placed: Sequence[_Placed], chain: IntArray
) -> tuple[IntArray, IntArray, BoolArray]:
    """Return the codes of likeness and distance of a chain, and the true antecedents."""
    members = [placed[i] for i in chain]
    forms = [form(example.text[p.mention.start : p.mention.end]) for p in members]
    clusters = np.array([p.mention.cluster for p in members], dtype=np.int64)
    kinds = np.array([p.kind for p in members], dtype=np.int64)
    both = kinds[:, None] * KINDS + kinds[None, :]
    distance = np.zeros((len(members), len(members)), dtype=np.int64)
    for i in range(len(members)):
        for j in range(i):
            distance[i, j] = distance_bucket(i, j)
    same = clusters[:, None] == clusters[None, :]
    codes = KINDS * KINDS
    return likeness_table(forms) * codes + both, distance * codes + both, np.tril(same, -1)
