"""Brings gold and predicted facts of an article to one form, so that sets can be compared.

A fact is a key of three texts. Both sides go the same way: inverses are turned into the
direction that is stored, symmetric facts stand once, what a predicate implies is added,
and facts with one key are one. The predicted side is told in the ids of the gold; what
stands for nothing there keeps its own name, which no gold fact has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.errors import UsageError
from kg.evaluate.gold import GoldArticle, GoldFact
from kg.evaluate.matching import match_literal
from kg.model import Extraction, Literal, Modality, Relation, Span
from kg.ontology import Ontology
from kg.vocab import fold

__all__ = [
    "FactKey",
    "Statement",
    "describe_node",
    "gold_statements",
    "key_directly",
    "read_statements",
]

FactKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Statement:
    """What one side says of a fact: how it is put, where, and how sure that is."""

    modality: Modality
    evidence: tuple[Span, ...]
    confidence: float = 1.0


def key_directly(
    subject: str, predicate: str, object_: str, *, ontology: Ontology
) -> Iterator[FactKey]:
    """Yield the key of a fact in the direction that is stored, then those it implies."""
    if predicate not in ontology.predicates:
        raise UsageError(
            f"the ontology has no predicate {predicate!r}: name the ontology of the gold"
        )
    subject, predicate, object_ = ontology.canonical(subject, predicate, object_)
    for name in (predicate, *ontology.implied(predicate)):
        if ontology.predicates[name].symmetric and object_ < subject:
            yield object_, name, subject
        else:
            yield subject, name, object_


def gold_statements(gold: GoldArticle, *, ontology: Ontology) -> dict[FactKey, Statement]:
    """Return the facts of the gold, each once."""
    found: dict[FactKey, Statement] = {}
    for fact in gold.facts:
        object_ = fact.object if isinstance(fact.object, str) else _name_literal(fact.object)
        spans = (fact.evidence,) if fact.evidence else ()
        for key in key_directly(fact.subject, fact.predicate, object_, ontology=ontology):
            known = found.get(key)
            found[key] = Statement(
                known.modality if known else fact.modality,
                (*known.evidence, *spans) if known else spans,
            )
    return found


def read_statements(
    extraction: Extraction,
    gold: GoldArticle,
    matches: Sequence[str | None],
    *,
    ontology: Ontology,
) -> dict[FactKey, Statement]:
    """Return the facts that were read, each once with its best confidence.

    `matches` holds the gold entity of each cluster. What was read as denied is no fact.
    """
    found: dict[FactKey, Statement] = {}
    for relation in extraction.relations:
        if relation.modality is Modality.DENIED:
            continue
        new = Statement(
            relation.modality, tuple(e.span for e in relation.evidence), relation.confidence
        )
        for key in _keys(relation, extraction, gold, matches, ontology):
            known = found.get(key)
            found[key] = _join(known, new) if known else new
    return found


def _join(one: Statement, other: Statement) -> Statement:
    best = max(one, other, key=lambda s: (s.confidence, s.modality))
    spans = tuple(sorted({*one.evidence, *other.evidence}))
    return Statement(best.modality, spans, best.confidence)


def _keys(
    relation: Relation,
    extraction: Extraction,
    gold: GoldArticle,
    matches: Sequence[str | None],
    ontology: Ontology,
) -> Iterator[FactKey]:
    def name(cluster: int) -> str:
        return matches[cluster] or f"? {fold(extraction.clusters[cluster].name)}"

    subject, object_ = name(relation.subject), relation.object
    if isinstance(object_, Literal):
        text = _find_literal(object_, subject, relation.predicate, gold.facts)
        yield from key_directly(subject, relation.predicate, text, ontology=ontology)
    else:
        yield from key_directly(subject, relation.predicate, name(object_), ontology=ontology)


def _find_literal(
    predicted: Literal, subject: str, predicate: str, facts: Sequence[GoldFact]
) -> str:
    """Return the name of the gold literal that is meant, or that of the predicted one."""
    meant = sorted(
        _name_literal(fact.object)
        for fact in facts
        if isinstance(fact.object, Literal)
        and (fact.subject, fact.predicate) == (subject, predicate)
        and match_literal(predicted, fact.object)
    )
    return meant[0] if meant else f"? {_name_literal(predicted)}"


def _name_literal(literal: Literal) -> str:
    """Return a text that two literals share only where they are one value."""
    if literal.value:
        return f"= {literal.value} {literal.currency}".rstrip()
    return f"= {fold(literal.text)}"


def describe_node(node: str, names: Mapping[str, str]) -> str:
    """Return a part of a key as people say it."""
    return names.get(node, node.lstrip("?= "))
