"""Tells why a fact is in the graph, or where it was lost, as far as the store knows.

told = explain(store, "Zoom", "partnerOf", "Oracle")
told.facts                  with every evidence: article, span, quote, extractor, confidence
told.subjects               with the links of each entity and the rule that made them
told.loss                   None, or the stage at which the fact was lost and the reason
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import pyoxigraph as ox

from kg.errors import UsageError
from kg.model import Entity, Fact, Literal, Modality
from kg.ontology import Ontology, load_ontology
from kg.rdf import ArticleRecord, Contents, read_contents
from kg.store import Store
from kg.view import find_entities
from kg.vocab import BASE_IRI, KG, OA, PREFIXES, PROV, RDF, Minter

__all__ = ["Explanation", "Loss", "Stage", "explain"]

_FOLLOWED = frozenset(
    ox.NamedNode(iri)
    for iri in (
        *(f"{KG}evidence", f"{PROV}wasDerivedFrom", f"{PROV}wasGeneratedBy"),
        *(f"{KG}speaker", f"{KG}cue", f"{PROV}wasAttributedTo"),
        *(f"{OA}hasTarget", f"{OA}hasSelector", f"{OA}hasSource"),
    )
)
_ENDS = frozenset(ox.NamedNode(f"{RDF}{end}") for end in ("subject", "object"))


class Stage(StrEnum):
    """Where a fact was lost, in the order of the way of an article."""

    MENTION = "mention"
    TYPES = "types"
    RELATION = "relation"
    THRESHOLD = "threshold"
    QUARANTINE = "quarantine"
    MODALITY = "modality"


@dataclass(frozen=True, slots=True)
class Loss:
    """The stage at which a fact was lost, and why, in one sentence."""

    stage: Stage
    reason: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a store tells of a statement, in the direction in which it would be stored.

    `subjects` and `objects` are all entities of the names; `quarantined` are pairs with
    reasons, `related` other facts between the same ends. `loss` is None where the fact stands
    as a plain triple; one that is former, announced or denied is among `facts` and has the
    loss MODALITY. `articles` are those of the evidence, by id; `names` those of entities, by IRI.
    """

    predicate: str
    subjects: tuple[Entity, ...] = ()
    objects: tuple[Entity, ...] = ()
    facts: tuple[Fact, ...] = ()
    quarantined: tuple[tuple[Fact, tuple[str, ...]], ...] = ()
    related: tuple[Fact, ...] = ()
    loss: Loss | None = None
    articles: Mapping[str, ArticleRecord] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


def explain(
    store: Store, subject: str, predicate: str, object_: str, *, ontology: Ontology | None = None
) -> Explanation:
    """Return what a store tells of a statement.

    Entities go by name, alias or IRI, the predicate by local name, `kg:name` or IRI, a
    value by its lexical form, with or without the currency. A predicate that is stored in
    the other direction is turned round. Raises UsageError for a predicate that the ontology
    lacks; a name that is no entity is a loss.
    """
    ontology = ontology or load_ontology()
    name = _find_predicate(predicate, ontology)
    subject, name, object_ = ontology.canonical(subject, name, object_)
    is_value = bool(ontology.predicates[name].datatype)
    try:
        ones = find_entities(store, subject)
        others = () if is_value else find_entities(store, object_)
    except UsageError as error:
        return Explanation(name, loss=Loss(Stage.MENTION, str(error)))
    contents = _read(store, (*ones, *others), ontology)
    return _judge(contents, ones, name, others or object_, ontology)


def _find_predicate(text: str, ontology: Ontology) -> str:
    """Return the local name of a predicate."""
    prefix, _, local = text.partition(":")
    iri = f"{PREFIXES[prefix]}{local}" if prefix in PREFIXES else text
    for name, predicate in ontology.predicates.items():
        if text == name or iri == predicate.iri:
            return name
    known = ", ".join(ontology.predicates)
    raise UsageError(f"the ontology has no predicate {text!r}; it has {known}")


def _read(store: Store, entities: tuple[str, ...], ontology: Ontology) -> Contents:
    """Return what the store says of some entities and all statements with them."""
    start = {ox.NamedNode(iri) for iri in entities}
    for iri in entities:
        for end in _ENDS:
            # Facts, links and what is quarantined: each is an rdf:Statement of its ends.
            for quad in store.quads(predicate=end, object_=ox.NamedNode(iri)):
                if isinstance(quad.subject, ox.NamedNode):
                    start.add(quad.subject)
    # Facts name entities that were not asked for, and those have names too.
    quads = set(_walk(store, start))
    objects = {quad.object for quad in quads if quad.predicate in _ENDS}
    ends = {object_ for object_ in objects if isinstance(object_, ox.NamedNode)}
    quads |= {quad for end in ends for quad in store.quads(subject=end)}
    return read_contents(quads, ontology=ontology, minter=Minter(store.base or BASE_IRI))


def _walk(store: Store, start: Iterable[ox.NamedNode]) -> Iterator[ox.Quad]:
    """Yield the quads of some nodes, and of what tells more about these."""
    seen, waiting = set[ox.NamedNode](), list(start)
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        for quad in store.quads(subject=node):
            yield quad
            if quad.predicate in _FOLLOWED and isinstance(quad.object, ox.NamedNode):
                waiting.append(quad.object)


def _judge(
    contents: Contents,
    ones: tuple[str, ...],
    predicate: str,
    others: tuple[str, ...] | str,
    ontology: Ontology,
) -> Explanation:
    """Return the explanation of a statement between some entities, or one and a value."""
    symmetric = ontology.predicates[predicate].symmetric

    def ties(fact: Fact) -> bool:
        return _fits(fact, ones, others)

    def ties_back(fact: Fact) -> bool:
        return not isinstance(others, str) and _fits(fact, others, ones)

    def is_meant(fact: Fact) -> bool:
        return fact.predicate == predicate and (ties(fact) or (symmetric and ties_back(fact)))

    entities = {entity.iri: entity for entity in contents.entities}
    facts = tuple(filter(is_meant, contents.facts))
    quarantined = tuple(pair for pair in contents.quarantined if is_meant(pair[0]))
    related = [f for f in contents.facts if (ties(f) or ties_back(f)) and f not in facts]
    subjects = tuple(entities[iri] for iri in ones if iri in entities)
    objects = tuple(entities[iri] for iri in others if iri in entities)
    return Explanation(
        predicate=predicate,
        subjects=subjects,
        objects=objects,
        facts=facts,
        quarantined=quarantined,
        related=tuple(related),
        loss=_find_loss(facts, quarantined, _find_misfit(predicate, subjects, objects, ontology)),
        articles={article.id: article for article in contents.articles},
        names={entity.iri: entity.name for entity in contents.entities},
    )


def _fits(fact: Fact, ones: tuple[str, ...], others: tuple[str, ...] | str) -> bool:
    """Say whether a fact leads from one of some entities to one of others, or to a value."""
    if fact.subject not in ones:
        return False
    if isinstance(fact.object, str):
        return not isinstance(others, str) and fact.object in others
    return isinstance(others, str) and _is_spelled(fact.object, others)


def _is_spelled(literal: Literal, text: str) -> bool:
    value, currency = literal.value, literal.currency
    spellings = {value, f"{value} {currency}", f"{currency} {value}"}
    return " ".join(text.split()).upper() in {spelling.upper() for spelling in spellings}


def _find_loss(
    facts: tuple[Fact, ...],
    quarantined: tuple[tuple[Fact, tuple[str, ...]], ...],
    misfit: str,
) -> Loss | None:
    """Return where a statement was lost; the farthest stage that it came to counts."""
    if any(fact.modality is Modality.ASSERTED for fact in facts):
        return None
    if facts:
        states = ", ".join(sorted({fact.modality.value for fact in facts}))
        return Loss(Stage.MODALITY, f"it is {states}, and so a fact node without a plain triple")
    if quarantined:
        reasons = sorted({reason for _, told in quarantined for reason in told})
        if all("below" in reason for reason in reasons):
            return Loss(Stage.THRESHOLD, "; ".join(reasons))
        return Loss(Stage.TYPES if misfit else Stage.QUARANTINE, "; ".join(reasons))
    if misfit:
        return Loss(Stage.TYPES, misfit)
    return Loss(Stage.RELATION, "both are known, and in no article was this read of them")


def _find_misfit(
    predicate: str,
    subjects: tuple[Entity, ...],
    objects: tuple[Entity, ...],
    ontology: Ontology,
) -> str:
    """Return why the ontology admits the predicate between none of the entities, or nothing."""
    datatype = ontology.predicates[predicate].datatype
    kinds = [datatype] if datatype else [entity.type for entity in objects]
    pairs = [(entity.type, kind) for entity in subjects for kind in kinds]
    if any(ontology.admits(predicate, *pair) for pair in pairs):
        return ""
    told = " or ".join(sorted({f"from {one} to {other}" for one, other in pairs}))
    return f"{predicate} does not lead {told}" if told else ""
