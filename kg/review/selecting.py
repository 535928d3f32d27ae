"""Chooses the facts that a reviewer is to judge."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from kg.decisions import Decision, Review
from kg.errors import UsageError
from kg.model import Entity, Evidence, Fact, Literal
from kg.ontology import Ontology, load_ontology
from kg.rdf import Contents, read_contents, read_decisions
from kg.resolve import name_reviewer
from kg.review.table import ReviewRow
from kg.store import Store
from kg.vocab import BASE_IRI, Minter

__all__ = ["Selection", "find_evidence", "select_facts", "write_object"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which facts: all by default, without those that reviewers have judged.

    `predicates` are local names; confidence is that of the fact, both bounds included.
    `limit` takes the first, `sample` some at random, which `seed` decides. `quarantined`
    asks for what was kept out of the graph instead, `reviewed` for what was judged too.
    """

    predicates: tuple[str, ...] = ()
    min_confidence: float = 0.0
    max_confidence: float = 1.0
    limit: int | None = None
    sample: int | None = None
    seed: int = 0
    quarantined: bool = False
    reviewed: bool = False


def select_facts(
    store: Store, selection: Selection | None = None, *, ontology: Ontology | None = None
) -> tuple[ReviewRow, ...]:
    """Return facts as rows without a verdict, the least sure first.

    Raises UsageError for a predicate that the ontology lacks.
    """
    ontology = ontology or load_ontology()
    selection = selection or Selection()
    for name in selection.predicates:
        if name not in ontology.predicates:
            known = ", ".join(ontology.predicates)
            raise UsageError(f"the ontology has no predicate {name!r}; it has {known}")
    minter = Minter(store.base or BASE_IRI)
    quads = set(store.quads())
    contents = read_contents(quads, ontology=ontology, minter=minter)
    graph = ox.NamedNode(minter.decisions)
    reviewed = _read_reviewed(read_decisions(q for q in quads if q.graph_name == graph))
    found = [
        (fact, reasons)
        for fact, reasons in _list_statements(contents, quarantined=selection.quarantined)
        if _is_wanted(fact, selection) and (selection.reviewed or not reviewed.has(fact, reasons))
    ]
    rows = list(_write_rows(found, contents, minter))
    if selection.sample is not None:
        rows.sort(key=lambda row: hashlib.sha256(f"{selection.seed} {row.id}".encode()).digest())
        rows = rows[: selection.sample]
    rows.sort(key=lambda row: (float(row.confidence), row.article, row.id))
    return tuple(rows[: selection.limit])


def find_evidence(fact: Fact) -> Evidence:
    """Return the evidence that states a fact best."""
    return min(fact.evidence, key=lambda e: (-e.confidence, e.article, e.span, e.extractor))


def write_object(literal: Literal) -> str:
    """Return a value as a cell shows it: `1987`, `40000000 USD`."""
    return f"{literal.value} {literal.currency}".strip()


def _list_statements(
    contents: Contents, *, quarantined: bool
) -> Iterable[tuple[Fact, tuple[str, ...]]]:
    return contents.quarantined if quarantined else ((fact, ()) for fact in contents.facts)


def _is_wanted(fact: Fact, selection: Selection) -> bool:
    is_sure = selection.min_confidence <= fact.confidence <= selection.max_confidence
    return is_sure and (not selection.predicates or fact.predicate in selection.predicates)


@dataclass(frozen=True, slots=True)
class _Reviewed:
    """By what evidence and reasons show that a reviewer judged them."""

    extractors: frozenset[str]
    reasons: frozenset[str]

    def has(self, fact: Fact, reasons: Iterable[str]) -> bool:
        """Say whether a reviewer gave the fact its evidence, or is why it is quarantined."""
        return any(evidence.extractor in self.extractors for evidence in fact.evidence) or any(
            told in reason for told in self.reasons for reason in reasons
        )


def _read_reviewed(decisions: Iterable[Decision]) -> _Reviewed:
    reviews = [decision for decision in decisions if isinstance(decision.about, Review)]
    return _Reviewed(
        extractors=frozenset(map(name_reviewer, reviews)),
        reasons=frozenset(f"ed by {decision.by} on {decision.day}" for decision in reviews),
    )


def _write_rows(
    found: Iterable[tuple[Fact, tuple[str, ...]]], contents: Contents, minter: Minter
) -> Iterator[ReviewRow]:
    entities = {entity.iri: entity for entity in contents.entities}
    titles = {article.id: article.title for article in contents.articles}
    for fact, reasons in found:
        best = find_evidence(fact)
        article = minter.article(best.article)
        span = best.span
        subject, object_ = entities.get(fact.subject), _find_object(fact, entities)
        yield ReviewRow(
            id=minter.evidence(article, fact.iri, span.start, span.end, best.extractor),
            subject=subject.name if subject else fact.subject,
            predicate=fact.predicate,
            object=object_.name if isinstance(object_, Entity) else object_,
            modality=fact.modality.value,
            sentence=best.quote,
            article=best.article,
            title=titles.get(best.article, ""),
            confidence=f"{fact.confidence:.4f}".rstrip("0").rstrip("."),
            subject_class=subject.type if subject else "",
            object_class=object_.type if isinstance(object_, Entity) else "",
            reason="; ".join(reasons),
        )


def _find_object(fact: Fact, entities: Mapping[str, Entity]) -> Entity | str:
    if isinstance(fact.object, Literal):
        return write_object(fact.object)
    return entities.get(fact.object, fact.object)
