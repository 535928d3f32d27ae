"""Reads documents and extracts from articles under limits, in processes of their own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.articles import Found, make_articles
from kg.build.extractor import Extractor, name_version
from kg.build.limits import Limits
from kg.build.workers import Lost, Workers
from kg.errors import SourceError, StoppedSource
from kg.model import Article, Extraction
from kg.ontology import Ontology, load_ontology

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["Readers", "open_readers", "supervise"]

_MAKE, _TELL, _EXTRACT = range(3)
_Made = tuple[Found, Article | SourceError]


@dataclass(frozen=True, slots=True)
class Readers:
    """What makes articles of documents, and what extracts from articles."""

    make: Callable[[Iterable[Found]], Iterator[_Made]]
    extractor: Extractor


@contextmanager
def open_readers(
    ontology: Ontology,
    limits: Limits,
    *,
    min_confidence: float | None = None,
    model: Path | None = None,
) -> Iterator[Readers]:
    """Give readers that work in processes under limits; the model is loaded there alone."""
    threads = max(1, (os.cpu_count() or 1) // limits.processes) if limits.processes > 1 else 0
    pipeline = _Pipeline(ontology.path, min_confidence, model, threads)
    with Workers([_make, pipeline.tell_version, pipeline.extract], limits) as workers:
        ((_, (version,)),) = workers.map(_TELL, [pipeline])
        if isinstance(version, Lost):
            raise StoppedSource("the model", version.reason)
        yield Readers(
            make=lambda found: _make_in(workers, found),
            extractor=Extractor(lambda articles: _extract_in(workers, _EXTRACT, articles), version),
        )


@contextmanager
def supervise(extractor: Extractor, limits: Limits) -> Iterator[Extractor]:
    """Give an extractor that works in processes under limits.

    Raises UsageError where its function cannot be sent there.
    """
    with Workers([extractor.extract], limits) as workers:
        yield Extractor(lambda articles: _extract_in(workers, 0, articles), extractor.version)


@dataclass(frozen=True, slots=True)
class _Pipeline:
    """The pipeline by what it is made of, which is all that is sent to another process."""

    ontology: Path
    min_confidence: float | None
    model: Path | None
    threads: int

    def extract(self, articles: Iterable[Article]) -> Iterator[Extraction]:
        """Yield what each article states."""
        from kg import nlp

        return nlp.extract(articles, pipeline=_load(self))

    def tell_version(self, items: Iterable[Any]) -> Iterator[str]:
        """Yield the version of the extractor for each item."""
        # Found before any item is asked about, when no article's time runs yet.
        version = _find_version(self)
        for _ in items:
            yield version


@cache
def _find_version(pipeline: _Pipeline) -> str:
    return name_version(
        load_ontology(pipeline.ontology),
        min_confidence=pipeline.min_confidence,
        model=pipeline.model,
    )


@cache
def _load(pipeline: _Pipeline) -> Language:
    from kg import nlp

    return nlp.load_pipeline(
        load_ontology(pipeline.ontology),
        min_confidence=pipeline.min_confidence,
        model=pipeline.model,
        threads=pipeline.threads,
    )


def _make(found: Iterable[Found]) -> Iterator[Article | SourceError]:
    for _, made in make_articles(found):
        yield made


def _make_in(workers: Workers, found: Iterable[Found]) -> Iterator[_Made]:
    for items, results in workers.map(_MAKE, found):
        for item, result in zip(items, results, strict=True):
            if isinstance(result, Lost):
                yield item, StoppedSource(item.name, result.reason, place=item.place)
            else:
                yield item, result


def _extract_in(
    workers: Workers, work: int, articles: Iterable[Article]
) -> Iterator[Extraction | SourceError]:
    for _, results in workers.map(work, articles):
        for result in results:
            if isinstance(result, Lost):
                yield StoppedSource(result.item.id, result.reason)
            else:
                yield result
