"""Scores the whole pipeline on annotated articles, from raw text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from kg.evaluate.gold import GoldArticle
from kg.evaluate.report import Report, combine
from kg.evaluate.scoring import score_article
from kg.model import Article, Extraction
from kg.ontology import Ontology

__all__ = ["evaluate_articles"]

Extract = Callable[[Iterable[Article]], Iterator[Extraction]]


def evaluate_articles(
    gold: Sequence[GoldArticle], *, extract: Extract, ontology: Ontology, seed: int = 0
) -> Report:
    """Return the scores of an extractor that yields one extraction an article, in order."""
    extractions = list(extract(one.article for one in gold))
    parts = [
        score_article(extraction, one, ontology=ontology)
        for extraction, one in zip(extractions, gold, strict=True)
    ]
    extractor = extractions[0].extractor if extractions else ""
    return combine(parts, form="articles", extractor=extractor, seed=seed)
