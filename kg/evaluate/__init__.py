"""Scores what was read against what is true: mentions, entities, facts, evidence, confidence.

docs/evaluation.md says how each score is counted.
"""

from __future__ import annotations

from kg.evaluate.articles import evaluate_articles
from kg.evaluate.evaluation import FORMS, evaluate, guess_form
from kg.evaluate.floors import Floors, read_floors, write_floors
from kg.evaluate.gold import GoldArticle, GoldEntity, GoldFact, read_gold
from kg.evaluate.report import Mistake, Options, Report, to_record

__all__ = [
    "FORMS",
    "Floors",
    "GoldArticle",
    "GoldEntity",
    "GoldFact",
    "Mistake",
    "Options",
    "Report",
    "evaluate",
    "evaluate_articles",
    "guess_form",
    "read_floors",
    "read_gold",
    "to_record",
    "write_floors",
]
