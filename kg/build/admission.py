"""Admits to the graph what its articles' words and the ontology's shapes bear out.

The last gate before the graph, whatever made a fact. Most facts break no shape for sure
(`kg.check.Screen`); of the others SHACL says which do (`kg.check.validate`), and these are
quarantined with what it says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from pyoxigraph import NamedNode, Quad

from kg.check import Screen, Severity, validate
from kg.grounding import is_quoted
from kg.model import Article, Breach, Entity, Evidence, Fact, Literal
from kg.ontology import Ontology
from kg.rdf import Describer
from kg.resolve import Quarantined, Resolution

__all__ = ["Wariness", "admit", "find_ends"]

_Breaches = Mapping[str, Collection[Breach]]


def admit(
    resolution: Resolution, articles: Mapping[str, Article], describer: Describer
) -> Resolution:
    """Return the resolution without what has no place in the graph.

    A fact keeps the evidence that quotes its article, and goes where it has none. A fact
    that breaks a shape is quarantined; so are all facts of an entity that does, and the
    entity goes. The result is a function of what is given.
    """
    facts = tuple(_keep_quoted(resolution.facts, articles))
    screen = Screen(resolution.entities, facts, describer.ontology)
    entities = [entity for entity in resolution.entities if not screen.passes_entity(entity)]
    suspects = [fact for fact in facts if not screen.passes(fact)]
    breaches: _Breaches = {}
    if entities or suspects:
        known = {entity.iri: entity for entity in resolution.entities}
        quads = set(_describe(entities, suspects, facts, known, describer))
        breaches = _validate(quads, suspects, describer)
    return _quarantine(replace(resolution, facts=facts), breaches)


class Wariness:
    """Tells which facts may break a shape by themselves or with others about the same things.

    What breaks no shape beside the facts of which this is said breaks none beside any.
    """

    def __init__(self, entities: Iterable[Entity], ontology: Ontology) -> None:
        self._screen = Screen(entities, (), ontology)
        ordered = [p for p in ontology.predicates.values() if p.not_before]
        self._dated = {p.name for p in ordered} | {p.not_before for p in ordered}

    def is_wary(self, told: Fact | Quarantined) -> bool:
        """Say whether a fact, or one that was kept out, is such a one."""
        if isinstance(told, Quarantined):
            return bool(told.breaches)
        return told.predicate in self._dated or not self._screen.passes(told)


def _keep_quoted(facts: Iterable[Fact], articles: Mapping[str, Article]) -> Iterator[Fact]:
    for fact in facts:
        true = tuple(evidence for evidence in fact.evidence if _is_true(evidence, articles))
        if true:
            yield fact if len(true) == len(fact.evidence) else replace(fact, evidence=true)


def _is_true(evidence: Evidence, articles: Mapping[str, Article]) -> bool:
    article = articles.get(evidence.article)
    return article is not None and is_quoted(evidence.quote, evidence.span, article)


def _describe(
    entities: Iterable[Entity],
    suspects: Collection[Fact],
    facts: Iterable[Fact],
    known: Mapping[str, Entity],
    describer: Describer,
) -> Iterator[Quad]:
    """Yield what is to be validated, with what it needs of the rest.

    These are the ends of the facts, and of what happened to them the dates that others may
    not come before.
    """
    early = {p.not_before for p in describer.ontology.predicates.values() if p.not_before}
    subjects = {fact.subject for fact in suspects}
    earlier = (fact for fact in facts if fact.predicate in early and fact.subject in subjects)
    for fact in (*suspects, *earlier):
        yield from describer.describe_fact(fact)
    ends = {end: known[end] for fact in suspects for end in find_ends(fact)}
    for entity in ({entity.iri: entity for entity in entities} | ends).values():
        yield from describer.describe_entity(entity)


def _validate(
    quads: Iterable[Quad], suspects: Iterable[Fact], describer: Describer
) -> dict[str, set[Breach]]:
    """Return the breaches of shapes by the IRI of the fact or entity that they count against."""
    court = _Court(suspects, describer)
    found: defaultdict[str, set[Breach]] = defaultdict(set)
    for severity, breach in validate(quads, describer.ontology):
        if severity is Severity.VIOLATION:
            for iri in court.blame(breach):
                found[iri].add(breach)
    return found


class _Court:
    """Tells which fact a breach counts against, by what the shape is about."""

    def __init__(self, facts: Iterable[Fact], describer: Describer) -> None:
        self._owners: dict[str, str] = {}
        self._stated: defaultdict[tuple[str, str], list[Fact]] = defaultdict(list)
        self._ontology = describer.ontology
        predicates = describer.ontology.predicates.values()
        self._shapes = {f"{predicate.iri}Shape": predicate.iri for predicate in predicates}
        for fact in facts:
            iri = self._ontology.predicates[fact.predicate].iri
            for end in find_ends(fact):
                self._stated[end, iri].append(fact)
            for quad in describer.describe_fact(fact):
                subject = quad.subject
                if isinstance(subject, NamedNode) and subject.value not in find_ends(fact):
                    self._owners[subject.value] = fact.iri

    def blame(self, breach: Breach) -> Collection[str]:
        """Return the IRIs of the facts that break a shape, or that of the entity that does.

        A fact does so by its node, by its evidence, or by its plain triple: then the focus
        is an end of it, and the predicate is the path or what the shape is about.
        """
        if breach.focus in self._owners:
            return [self._owners[breach.focus]]
        predicate = breach.path or self._shapes.get(breach.shape, "")
        stated = self._stated.get((breach.focus, predicate), ())
        exact = [fact for fact in stated if _tell_value(breach.value) in _tell_ends(fact)]
        return [fact.iri for fact in exact or stated] or [breach.focus]


def find_ends(fact: Fact) -> tuple[str, ...]:
    """Return the entities that a fact is about."""
    return (fact.subject,) if isinstance(fact.object, Literal) else (fact.subject, fact.object)


def _tell_value(value: str | Literal) -> str:
    return value.value if isinstance(value, Literal) else value


def _tell_ends(fact: Fact) -> tuple[str, str]:
    return fact.subject, _tell_value(fact.object)


def _quarantine(resolution: Resolution, breaches: _Breaches) -> Resolution:
    """Return the resolution with what breaks shapes among what is quarantined."""
    if not breaches:
        return resolution
    held = {item.fact.iri: item for item in resolution.quarantined}
    kept: list[Fact] = []
    for fact in resolution.facts:
        own = {breach for iri in (fact.iri, *find_ends(fact)) for breach in breaches.get(iri, ())}
        if own:
            held[fact.iri] = _hold(fact, own, held.get(fact.iri))
        else:
            kept.append(fact)
    return replace(
        resolution,
        entities=tuple(entity for entity in resolution.entities if entity.iri not in breaches),
        facts=tuple(kept),
        quarantined=tuple(held[iri] for iri in sorted(held)),
    )


def _hold(fact: Fact, breaches: Iterable[Breach], held: Quarantined | None) -> Quarantined:
    """Return a fact as quarantined, joined with what of it was quarantined before."""
    ordered = tuple(sorted(breaches, key=repr))
    reasons = {f"breaks a shape: {breach.message}" for breach in ordered}
    if held is not None:
        reasons |= set(held.reasons)
        places = {_place(e): e for e in (*held.fact.evidence, *fact.evidence)}
        fact = replace(fact, evidence=tuple(places[place] for place in sorted(places)))
    return Quarantined(fact, tuple(sorted(reasons)), ordered)


def _place(evidence: Evidence) -> tuple[object, ...]:
    return evidence.article, evidence.span, evidence.extractor
