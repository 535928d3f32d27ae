"""Brings what model and patterns found in one article to one form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from kg.gazetteer import City, Region, find_country, find_places
from kg.model import Cluster, Evidence, Literal, Relation
from kg.ontology import Ontology

__all__ = ["consolidate_relations", "explain_misfit", "explain_misplacement"]

_CITY, _COUNTRY = "City", "Country"


def explain_misfit(relation: Relation, clusters: tuple[Cluster, ...], ontology: Ontology) -> str:
    """Return why the ontology does not admit a relation, or the empty string if it does."""
    subject = clusters[relation.subject]
    object_ = relation.object
    kind = object_.datatype if isinstance(object_, Literal) else clusters[object_].type
    if ontology.admits(relation.predicate, subject.type, kind):
        return ""
    return f"{relation.predicate} does not hold between {subject.type} and {kind}"


def explain_misplacement(relation: Relation, clusters: tuple[Cluster, ...]) -> str:
    """Return why a city cannot lie in a country, or the empty string if it may.

    It may where the gazetteer knows a city of the name there, or no city of the name.
    """
    if isinstance(relation.object, Literal):
        return ""
    city, country = clusters[relation.subject], clusters[relation.object]
    if city.type != _CITY or country.type != _COUNTRY:
        return ""
    known = find_country(country.name)
    places = find_places(city.name)
    there = {place.country if isinstance(place, City | Region) else place.code for place in places}
    if known is None or not places or known.code in there:
        return ""
    return f"the gazetteer knows no {city.name} in {country.name}"


def consolidate_relations(
    relations: Iterable[Relation], clusters: tuple[Cluster, ...], ontology: Ontology
) -> tuple[tuple[Relation, ...], tuple[tuple[Relation, str], ...]]:
    """Return the relations in canonical form, and those kept out with the reason.

    Inverses are turned round, what a predicate implies is added with the same evidence,
    symmetric relations stand once with the smaller cluster first, and relations that
    state the same are one with the evidence of all, best first.
    """
    grouped: dict[tuple[int, str, int | Literal], list[Relation]] = defaultdict(list)
    for relation in relations:
        for turned in _expand(relation, ontology):
            grouped[turned.subject, turned.predicate, _key(turned.object)].append(turned)
    kept: list[Relation] = []
    refused: list[tuple[Relation, str]] = []
    for same in grouped.values():
        merged = _merge(same)
        reason = explain_misfit(merged, clusters, ontology)
        reason = reason or explain_misplacement(merged, clusters)
        if reason:
            refused.append((merged, reason))
        else:
            kept.append(merged)
    return tuple(sorted(kept, key=_order)), tuple(sorted(refused, key=lambda r: _order(r[0])))


def _key(object_: int | Literal) -> int | Literal:
    """Return what tells objects apart: the value of a literal, whatever its words."""
    return replace(object_, text="") if isinstance(object_, Literal) else object_


def _expand(relation: Relation, ontology: Ontology) -> Iterable[Relation]:
    """Yield the relation in canonical direction and what it implies."""
    subject, predicate, object_ = relation.subject, relation.predicate, relation.object
    if not isinstance(object_, Literal):
        subject, predicate, object_ = ontology.canonical(subject, predicate, object_)
        if ontology.predicates[predicate].symmetric and object_ < subject:
            subject, object_ = object_, subject
    for name in (predicate, *ontology.implied(predicate)):
        yield replace(relation, subject=subject, predicate=name, object=object_)


def _merge(same: list[Relation]) -> Relation:
    """Return one relation with the evidence and the qualifiers of all."""
    best: dict[tuple[int, int, str], Evidence] = {}
    for evidence in (e for relation in same for e in relation.evidence):
        place = (evidence.span.start, evidence.span.end, evidence.extractor)
        if place not in best or best[place].confidence < evidence.confidence:
            best[place] = evidence
    ordered = sorted(best.values(), key=lambda e: (-e.confidence, e.span, e.extractor))
    qualifiers = {name: value for relation in same for name, value in relation.qualifiers}
    return replace(same[0], evidence=tuple(ordered), qualifiers=tuple(sorted(qualifiers.items())))


def _order(relation: Relation) -> tuple[int, str, str]:
    """Return a key that sorts relations the same way in every run."""
    object_ = relation.object
    text = object_.value if isinstance(object_, Literal) else f"{object_:06d}"
    return relation.subject, relation.predicate, text
