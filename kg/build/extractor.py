"""What reads articles: the pipeline of this package, or any other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kg.errors import SourceError
from kg.model import Article, Extraction
from kg.ontology import Ontology

__all__ = ["Extractor", "make_extractor", "name_version"]


@dataclass(frozen=True, slots=True)
class Extractor:
    """What reads articles: yields one extraction an article, in order.

    In place of one it may yield a SourceError that names the article by its id. Two
    extractors of one version must read every article alike.
    """

    extract: Callable[[Iterable[Article]], Iterator[Extraction | SourceError]]
    version: str


def make_extractor(
    ontology: Ontology, *, min_confidence: float | None = None, model: Path | None = None
) -> Extractor:
    """Return the extractor of the pipeline, by default with the shipped model."""
    from kg import nlp

    return Extractor(
        extract=partial(nlp.extract, ontology=ontology, min_confidence=min_confidence, model=model),
        version=name_version(ontology, min_confidence=min_confidence, model=model),
    )


def name_version(
    ontology: Ontology, *, min_confidence: float | None = None, model: Path | None = None
) -> str:
    """Return the version of the pipeline's extractor."""
    from kg import nlp

    return f"{nlp.extractor_version(ontology, model=model)} {min_confidence}"
