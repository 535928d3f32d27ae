"""Screens entities and facts: passes in no time most of those that break no shape.

SHACL is slow and nearly everything conforms. The screen asks for less than the shapes do:
what it passes breaks none of them, and what it does not pass may break one, which is for
`kg.check.conformance.validate` to say. A test holds the two against each other.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from kg.model import Entity, Evidence, Fact, Literal, Modality
from kg.ontology import Ontology
from kg.vocab import find_date_type

__all__ = ["Screen"]

_DATES = frozenset({"date", "gYearMonth", "gYear"})
_DATE = re.compile(r"[1-9][0-9]{3}(-[0-9]{2}){0,2}")
_PLAIN: Mapping[str, Callable[[str], object]] = {
    "integer": re.compile(r"[0-9]{1,18}").fullmatch,
    "decimal": re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?").fullmatch,
    "money": re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?").fullmatch,
    "string": lambda _: True,
}
_CURRENCY = re.compile(r"[A-Z]{3}")


class Screen:
    """Tells which of the entities and facts of a graph may break a shape of an ontology."""

    def __init__(
        self, entities: Iterable[Entity], facts: Iterable[Fact], ontology: Ontology
    ) -> None:
        self._ontology = ontology
        self._above = {name: {name, *ontology.ancestors(name)} for name in ontology.classes}
        self._sound = frozenset(n for n in ontology.entity_classes if self._is_sound(n))
        self._types = {entity.iri: entity.type for entity in entities}
        early = {p.not_before for p in ontology.predicates.values() if p.not_before}
        self._dates: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for fact in facts:
            if fact.predicate in early and isinstance(fact.object, Literal):
                self._dates[fact.subject, fact.predicate].add(fact.object.value)

    def passes_entity(self, entity: Entity) -> bool:
        """Say whether an entity breaks no shape, for sure."""
        is_tied = all(link.rule and 0 <= link.score <= 1 for link in entity.links)
        return bool(entity.name) and is_tied and entity.type in self._sound

    def passes(self, fact: Fact) -> bool:
        """Say whether a fact, and what it does to its ends, breaks no shape, for sure."""
        return (
            bool(fact.evidence)
            and all(map(_is_plain_evidence, fact.evidence))
            and _is_plain_time(fact.valid_from, fact.valid_to)
            and (fact.modality is not Modality.ASSERTED or self._fits(fact))
            and (not isinstance(fact.object, Literal) or _is_plain_currency(fact.object))
        )

    def _is_sound(self, type_: str) -> bool:
        """Say whether no two of the classes that an entity of a class has exclude each other."""
        above = self._above[type_]
        return all(above.isdisjoint(self._ontology.classes[name].disjoint) for name in above)

    def _fits(self, fact: Fact) -> bool:
        """Say whether the plain triple of a fact fits its predicate."""
        predicate = self._ontology.predicates[fact.predicate]
        if not predicate.canonical or not self._is_one_of(fact.subject, predicate.domain):
            return False
        if not isinstance(fact.object, Literal):
            if predicate.symmetric and not (
                self._is_one_of(fact.object, predicate.domain)
                and self._is_one_of(fact.subject, predicate.range)
            ):
                return False
            return not predicate.datatype and self._is_one_of(fact.object, predicate.range)
        early = self._dates.get((fact.subject, predicate.not_before), ())
        return _is_plain_value(fact.object, predicate.datatype) and all(
            _is_plain_time(day, fact.object.value) for day in early
        )

    def _is_one_of(self, iri: str, allowed: tuple[str, ...]) -> bool:
        above = self._above.get(self._types.get(iri, ""), ())
        return bool(above) and (not allowed or any(name in above for name in allowed))


def _is_plain_evidence(evidence: Evidence) -> bool:
    span = evidence.span
    return bool(evidence.quote) and 0 <= span.start < span.end and 0 <= evidence.confidence <= 1


def _is_plain_time(first: str, last: str) -> bool:
    """Say whether two dates, each empty or valid, are in order as far as both are exact."""
    exact = min(len(first), len(last))
    is_valid = all(not day or _is_plain_date(day) for day in (first, last))
    return is_valid and first[:exact] <= last[:exact]


def _is_plain_date(text: str) -> bool:
    return bool(_DATE.fullmatch(text) and find_date_type(text))


def _is_plain_value(literal: Literal, datatype: str) -> bool:
    """Say whether a value is of the datatype of its predicate, without a doubt."""
    if datatype == "date":
        is_date = _is_plain_date(literal.value)
        return is_date and find_date_type(literal.value) == literal.datatype
    is_plain = _PLAIN.get(datatype)
    return literal.datatype == datatype and is_plain is not None and bool(is_plain(literal.value))


def _is_plain_currency(literal: Literal) -> bool:
    return not literal.currency or bool(_CURRENCY.fullmatch(literal.currency))
