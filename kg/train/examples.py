"""Gathers what a training learns from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kg.errors import UsageError
from kg.train.datasets import load_examples, read_folder
from kg.train.example import Example
from kg.train.settings import TrainingConfig

__all__ = ["OWN", "gather_examples"]

OWN = "articles"
"""What a configuration calls the folders of articles that the user names."""


def gather_examples(
    config: TrainingConfig,
    *,
    articles: Sequence[Path] = (),
    shared: Path | None = None,
    ontology: Path | None = None,
) -> list[Example]:
    """Return the examples of the data sets that a configuration names, and of folders.

    `shared` is the folder of the data sets; the user's folders go by the name `articles`.
    Raises UsageError where the configuration names sets and no folder of them is given,
    or where nothing is found to learn from.
    """
    sets = [name for name in config.repeats if name != OWN]
    if sets and shared is None:
        raise UsageError(f"the configuration names {', '.join(sets)}: say --shared, where they are")
    found = load_examples(shared, sets=sets, part="train") if shared and sets else []
    for folder in articles:
        found += read_folder(folder, "train", source=OWN, ontology=ontology)
    if not found:
        raise UsageError("nothing to learn from: no article of the folders is of the split train")
    return found
