"""Reads every data set into examples of one form.

Each set has a small module; how its labels read in the terms of the ontology stands in
`kg/train/mappings`, as data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from kg.errors import UsageError
from kg.train.datasets.articles import read_articles, read_corpus, read_folder, read_news
from kg.train.datasets.core import read_core
from kg.train.datasets.fire import read_fire
from kg.train.datasets.gum import read_gum
from kg.train.datasets.knowledgenet import read_knowledgenet
from kg.train.datasets.pairs import read_fewrel, read_tekgen, read_typere
from kg.train.datasets.pronouns import read_gap, read_model_based_coref
from kg.train.datasets.re3d import read_re3d
from kg.train.datasets.redocred import read_redocred
from kg.train.datasets.sentences import (
    read_crossner,
    read_multiner_gov,
    read_uner_ewt,
    read_wikigold,
    read_wnut17,
)
from kg.train.datasets.wikinews import read_unmarked, read_wikinews
from kg.train.example import Example

__all__ = ["SETS", "load_examples", "read_articles", "read_folder", "relation_labels"]

Reader = Callable[[Path, str], Iterator[Example]]

SETS: Mapping[str, Reader] = MappingProxyType(
    {
        "core": read_core,
        "corpus": read_corpus,
        "crossner": read_crossner,
        "fewrel_val": read_fewrel,
        "fire": read_fire,
        "gap": read_gap,
        "gum": read_gum,
        "knowledgenet": read_knowledgenet,
        "model_based_coref_wiki": read_model_based_coref,
        "multiner_gov": read_multiner_gov,
        "news": read_news,
        "re3d": read_re3d,
        "redocred": read_redocred,
        "tekgen": read_tekgen,
        "typere_wiki80": read_typere,
        "uner_ewt": read_uner_ewt,
        "wikigold": read_wikigold,
        "wikinews": read_wikinews,
        "wikinews_unmarked": read_unmarked,
        "wnut17": read_wnut17,
    }
)
"""The readers by name of the set: from the folder of shared data and a part to examples."""


def load_examples(shared: Path, *, sets: Sequence[str], part: str) -> list[Example]:
    """Return the examples of one part, `train` or `dev`, in the order of `sets`.

    `shared` is the folder that holds `data/`. Raises UsageError for a set or part that
    there is not, UnreadableSource for a missing or damaged file.
    """
    if part not in {"train", "dev"}:
        raise UsageError(f"there is no part {part!r}: choose train or dev")
    if unknown := sorted(set(sets) - set(SETS)):
        raise UsageError(f"no data set {', '.join(unknown)}: choose from {', '.join(SETS)}")
    return [_checked(example) for name in sets for example in SETS[name](shared, part)]


def relation_labels(examples: Iterable[Example]) -> tuple[str, ...]:
    """Return every label that occurs or is annotated in the examples, sorted."""
    labels: set[str] = set()
    for example in examples:
        labels |= example.relation_labels
        labels |= {relation.label for relation in example.relations}
    return tuple(sorted(labels))


def _checked(example: Example) -> Example:
    """Return the example; ValueError where a span lies outside its text."""
    spans = [(mention.start, mention.end) for mention in example.mentions]
    spans += [span for relation in example.relations for span in relation.evidence]
    for start, end in spans:
        if not 0 <= start < end <= len(example.text):
            raise ValueError(
                f"{example.source} {example.id}: span {start}-{end} is not in the text"
            )
    return example
