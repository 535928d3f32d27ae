"""Finds facts that cannot all hold; tells them with their sentences and decides nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from kg.check.finding import Finding, Severity
from kg.model import Evidence, Fact, Literal, Modality
from kg.ontology import Ontology
from kg.rdf import Contents

__all__ = ["find_contradictions"]

_Time = tuple[str, str]


def find_contradictions(contents: Contents, ontology: Ontology) -> Iterator[Finding]:
    """Yield a warning for each set of facts that contradict each other.

    These are two subjects at one time where one is expected (two chief executives), two
    values of a predicate that has one, and a fact that one place states and another
    denies. A fact without dates is taken to hold when its articles appeared.
    """
    facts = [fact for fact in contents.facts if fact.modality is Modality.ASSERTED]
    names = {entity.iri: entity.name for entity in contents.entities}
    published = {a.id: a.published.isoformat() if a.published else "" for a in contents.articles}
    exclusive = {p.name for p in ontology.predicates.values() if p.exclusive}
    functional = {p.name for p in ontology.predicates.values() if p.functional}
    for rivals in _group(facts, exclusive, by_object=True):
        if _meet(rivals, published):
            told = ", ".join(sorted(names.get(fact.subject, fact.subject) for fact in rivals))
            label = ontology.predicates[rivals[0].predicate].label
            message = f'several at one time are "{label}" it: {told}'
            yield _tell(_name_object(rivals[0]), rivals, message)
    for rivals in _group(facts, functional, by_object=False):
        values = sorted(names.get(_name_object(fact), _name_object(fact)) for fact in rivals)
        if _differ(values):
            label = ontology.predicates[rivals[0].predicate].label
            message = f'has several values of "{label}": {", ".join(values)}'
            yield _tell(rivals[0].subject, rivals, message)
    for fact in contents.facts:
        yield from _find_denial(fact)


def _group(
    facts: Iterable[Fact], predicates: set[str], *, by_object: bool
) -> Iterator[Sequence[Fact]]:
    """Yield the facts of one predicate and one object, or one subject, that are several."""
    groups: defaultdict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.predicate in predicates:
            end = _name_object(fact) if by_object else fact.subject
            groups[fact.predicate, end].append(fact)
    for key in sorted(groups):
        if len(groups[key]) > 1:
            yield groups[key]


def _name_object(fact: Fact) -> str:
    return fact.object.value if isinstance(fact.object, Literal) else fact.object


def _differ(values: Sequence[str]) -> bool:
    """Say whether two values are different and none is only the more exact."""
    return any(
        not one.startswith(other) and not other.startswith(one)
        for one, other in combinations(values, 2)
    )


def _meet(facts: Sequence[Fact], published: Mapping[str, str]) -> bool:
    """Say whether two of the facts hold at one time."""
    times = [_find_time(fact, published) for fact in facts]
    return any(
        not _is_before(one[1], other[0]) and not _is_before(other[1], one[0])
        for one, other in combinations(times, 2)
    )


def _find_time(fact: Fact, published: Mapping[str, str]) -> _Time:
    """Return when a fact holds: its own dates, or those of its articles; empty is open."""
    if fact.valid_from or fact.valid_to:
        return fact.valid_from, fact.valid_to
    days = [published.get(evidence.article, "") for evidence in fact.evidence]
    return (min(days), max(days)) if all(days) else ("", "")


def _is_before(end: str, start: str) -> bool:
    """Say whether a time ends before another starts, as far as both are exact."""
    exact = min(len(end), len(start))
    return end[:exact] < start[:exact]


def _find_denial(fact: Fact) -> Iterator[Finding]:
    """Yield a finding where one place states the fact and another denies it."""
    denied = [e for e in fact.evidence if e.modality is Modality.DENIED]
    if denied and len(denied) < len(fact.evidence):
        stated = [e for e in fact.evidence if e.modality is not Modality.DENIED]
        places = (_find_best(stated), _find_best(denied))
        yield Finding(Severity.WARNING, fact.iri, "is stated and denied", evidence=places)


def _tell(subject: str, facts: Sequence[Fact], message: str) -> Finding:
    places = sorted((_find_best(fact.evidence) for fact in facts), key=_weigh)
    return Finding(
        Severity.WARNING, subject, message, predicate=facts[0].predicate, evidence=tuple(places)
    )


def _find_best(evidence: Iterable[Evidence]) -> Evidence:
    return min(evidence, key=_weigh)


def _weigh(evidence: Evidence) -> tuple[object, ...]:
    """Return a key that sorts evidence, strongest first."""
    return -evidence.confidence, evidence.article, evidence.span, evidence.extractor
