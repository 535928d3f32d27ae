"""CORE, FIRE and TekGen: sentences with relations between companies, people and products.

CORE and FIRE give the mentions; asked is what relates them, in the predicates of our
ontology, and only for the labels that the set annotates throughout. TekGen gives a
sentence and asks for its triples, told by names; relations that the model has no label
for count as missed. Sets without a dev part of their own give up the one that training
leaves out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from kg.evaluate.reader import Reader, accept, in_batches, judge, tally_labels
from kg.evaluate.report import ArticleScore, Options, Report, combine
from kg.evaluate.scores import Tally
from kg.nlp.encoder import GivenMention, Reading, ReadRelation
from kg.train.datasets import load_examples
from kg.train.datasets.files import read_records
from kg.train.datasets.scheme import Scheme
from kg.train.example import Example
from kg.vocab import fold

__all__ = ["evaluate_sentences"]

_Key = tuple[str, str, str]
_PREFIX = "benchmark:"
_DEFAULTS = Options()

# A mention is given with all the classes that its kind may have: which of them it has
# in truth would tell the relation.
_KINDS = (
    frozenset({"Company", "Organization", "Product"}),
    frozenset({"City", "Country", "Place"}),
)


def evaluate_sentences(
    path: Path, model: Reader, *, form: str, options: Options = _DEFAULTS
) -> Report:
    """Return the score `facts` over the dev part of a set, whose folder is `path`."""
    read = _read_triples if form == "tekgen" else partial(_read_pairs, name=form)
    parts = list(read(path, model, options))
    return combine(parts, form=form, extractor=f"model {model.version}", seed=options.seed)


def _score(read: Mapping[_Key, float], gold: frozenset[_Key]) -> ArticleScore:
    return ArticleScore(
        scores={"facts": Tally.of_sets(read, gold)},
        predicates=tally_labels(read, gold, _label),
        outcomes=judge(read, gold.__contains__, _label),
    )


def _label(key: _Key) -> str:
    return key[1]


def _read_pairs(
    path: Path, model: Reader, options: Options, *, name: str
) -> Iterator[ArticleScore]:
    """Yield the scores of the sentences of a set that gives the mentions."""
    examples = load_examples(path.parent.parent, sets=[name], part="dev")
    examples = [e for e in examples if e.relation_labels][: options.limit]
    for batch in in_batches(examples):
        readings = model.read_given(
            [e.text for e in batch],
            [_give(e) for e in batch],
            sentences=[[(0, len(e.text))] for e in batch],
            benchmark=False,
        )
        for example, reading in zip(batch, readings, strict=True):
            gold = frozenset(_key(r.subject, r.label, r.object) for r in example.relations)
            accepted = accept(reading, model, options, benchmark=False)
            yield _score(_read_relations(example, accepted), gold)


def _give(example: Example) -> list[GivenMention]:
    return [
        GivenMention(m.start, m.end, m.cluster, _widen(m.types), m.named) for m in example.mentions
    ]


def _widen(types: frozenset[str]) -> frozenset[str]:
    return types.union(*(kind for kind in _KINDS if kind & types))


def _read_relations(example: Example, relations: Iterable[ReadRelation]) -> dict[_Key, float]:
    """Return what was read of what the example is annotated for."""
    asked = example.relation_labels | {relation.label for relation in example.relations}
    return {
        _key(r.subject, r.label, r.object): r.probability
        for r in relations
        if r.label in asked and (example.pairs is None or (r.subject, r.object) in example.pairs)
    }


def _key(subject: int, label: str, object_: int) -> _Key:
    """Return the key of a relation, the same for both directions of a symmetric one."""
    predicate = Scheme.load().ontology.predicates.get(label)
    if predicate and predicate.symmetric and object_ < subject:
        subject, object_ = object_, subject
    return str(subject), label, str(object_)


def _read_triples(path: Path, model: Reader, options: Options) -> Iterator[ArticleScore]:
    """Yield the scores of the sentences of TekGen, each with all its triples."""
    triples: defaultdict[str, set[_Key]] = defaultdict(set)
    asked: defaultdict[str, set[str]] = defaultdict(set)
    for file in sorted((path / "validation").glob("*.jsonl.gz")):
        records = list(read_records(file))
        labels = {record["rel"] for record in records}
        for record in records:
            ends = fold(record["sub_label"]), fold(record["obj_label"])
            triples[record["sent"]].add((ends[0], record["rel"], ends[1]))
            asked[record["sent"]] |= labels
    texts = list(triples)[: options.limit]
    for batch in in_batches(texts):
        bounds = [[(0, len(text))] for text in batch]
        readings = model.read(batch, sentences=bounds, benchmark=True)
        for text, reading in zip(batch, readings, strict=True):
            known = {name for s, _, o in triples[text] for name in (s, o)}
            names = [_choose_name(text, reading, c, known) for c in reading.clusters]
            read = {
                (names[r.subject], label, names[r.object]): r.probability
                for r in accept(reading, model, options, benchmark=True)
                if (label := r.label.removeprefix(_PREFIX)) in asked[text]
            }
            yield _score(read, frozenset(triples[text]))


def _choose_name(text: str, reading: Reading, members: Sequence[int], known: set[str]) -> str:
    mentions = [reading.mentions[n] for n in members]
    forms = sorted({fold(text[m.start : m.end]) for m in mentions}, key=lambda f: (-len(f), f))
    return next((form for form in forms if form in known), forms[0])
