"""The customer's article, read from its file as saved: what must be found, what must not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kg.articles import read_articles
from kg.evaluate import Mistake, read_gold
from kg.evaluate.report import ArticleScore
from kg.evaluate.scoring import score_article
from kg.model import Article, Extraction
from kg.nlp import extract
from kg.ontology import load_ontology

pytestmark = pytest.mark.model

# Of 24 facts; raise them whenever the model does better.
FOUND = 20
PRECISION = 0.80
# What belongs to the saved page and not to the article.
NOISE = (
    "Zoom-exiting-China-one-step-closer",
    "CollaborationReviews",
    "Published: August 14, 2020",
    "Ian Taylor Editor",
    "Customer ExperienceDigital TransformationFuture of Work",
    "Featured",
    "Share This Post",
)


@pytest.fixture(scope="module")
def article(shared: Path) -> Article:
    (found,) = read_articles(
        [str(shared / "seed" / "zoom-exiting-china.txt")], on_error=pytest.fail
    )
    return found


@pytest.fixture(scope="module")
def extraction(article: Article) -> Extraction:
    (found,) = extract([article], ontology=load_ontology())
    return found


@pytest.fixture(scope="module")
def score(shared: Path, article: Article, extraction: Extraction) -> ArticleScore:
    (gold,) = read_gold(shared / "seed" / "facts.json")
    return score_article(extraction, replace(gold, article=article), ontology=load_ontology())


def tell(mistakes: tuple[Mistake, ...], kind: str) -> str:
    return "\n".join(f"{m.subject} {m.predicate} {m.object}" for m in mistakes if m.kind == kind)


def test_its_facts_are_found(score: ArticleScore):
    tally = score.scores["facts"]
    assert tally.gold == 24
    assert tally.found >= FOUND, tell(score.mistakes, "missed")


def test_little_else_is_told(score: ArticleScore):
    tally = score.scores["facts"]
    assert tally.right / tally.predicted >= PRECISION, tell(score.mistakes, "wrong")


def test_every_fact_quotes_the_article(article: Article, extraction: Extraction):
    for relation in extraction.relations:
        for evidence in relation.evidence:
            span = evidence.span
            assert article.text[span.start : span.end] == evidence.quote != ""


@pytest.mark.parametrize("noise", NOISE)
def test_the_page_around_it_says_nothing(article: Article, extraction: Extraction, noise: str):
    start = article.text.index(noise)
    end = start + len(noise)
    spans = [m.span for c in extraction.clusters for m in c.mentions]
    spans += [e.span for r in extraction.relations for e in r.evidence]
    assert not [span for span in spans if span.start < end and start < span.end]
