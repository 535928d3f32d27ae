"""What a pattern finds is weighed against what the model makes of it."""

from __future__ import annotations

import pytest

from kg.model import Evidence, Relation, Span
from kg.nlp.encoder import Model, load_model
from kg.nlp.weighing import read_probabilities, weigh_patterns
from kg.ontology import load_ontology

ONTOLOGY = load_ontology()


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


def relation(predicate: str, confidence: float, *, turned: bool = False) -> Relation:
    evidence = Evidence("a", Span(0, 4), "Here", "patterns.jsonl:1", confidence)
    return Relation(*((1, predicate, 0) if turned else (0, predicate, 1)), (evidence,))


def weigh(
    pattern: Relation, model: Model, *, read: Relation | None = None, least: float | None = None
) -> tuple[list[Relation], list[tuple[Relation, str]]]:
    found = read_probabilities([read] if read else [], [], ONTOLOGY)
    return weigh_patterns([pattern], read=found, model=model, ontology=ONTOLOGY, least=least)


def test_what_the_model_leaves_out_is_quarantined_with_the_reason(model: Model):
    kept, held = weigh(relation("worksFor", 0.9), model)
    assert kept == []
    ((doubted, reason),) = held
    assert doubted.evidence[0].confidence < model.threshold("worksFor")
    assert "the model gives it 0.04" in reason


def test_what_the_model_is_unsure_of_is_kept_less_surely(model: Model):
    least = model.threshold("worksFor")
    kept, held = weigh(relation("worksFor", 0.9), model, read=relation("worksFor", least - 0.02))
    assert held == []
    assert least < kept[0].evidence[0].confidence < 0.9


def test_what_the_model_reads_too_keeps_its_confidence(model: Model):
    kept, _ = weigh(relation("worksFor", 0.9), model, read=relation("worksFor", 0.8))
    assert kept == [relation("worksFor", 0.9)]


def test_symmetric_statements_are_the_same_both_ways(model: Model):
    read = relation("competitorOf", 0.8, turned=True)
    kept, _ = weigh(relation("competitorOf", 0.9), model, read=read)
    assert kept == [relation("competitorOf", 0.9)]


def test_a_pattern_never_becomes_surer(model: Model):
    least = model.threshold("worksFor")
    read = relation("worksFor", least - 0.01)
    (kept,), _ = weigh(relation("worksFor", 0.45), model, read=read, least=least)
    assert kept.evidence[0].confidence <= 0.45


def test_rare_predicates_are_left_to_their_patterns(model: Model):
    assert model.calibration["blockedIn"].examples < 20
    kept, held = weigh(relation("blockedIn", 0.8), model)
    assert kept == [relation("blockedIn", 0.8)]
    assert held == []


def test_what_is_asked_for_is_the_least(model: Model):
    kept, held = weigh(relation("worksFor", 0.9), model, least=0.05)
    assert held == []
    assert kept[0].evidence[0].confidence == pytest.approx(0.157, abs=0.01)
