"""Writes the rows of the index as JSON, and reads them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import astuple
from typing import Any

from kg.cache import decode_evidence, encode_evidence, encode_literal
from kg.model import Breach, Entity, Fact, Link, Literal, Modality
from kg.resolve import Identity, Node, Quarantined, Stated

__all__ = [
    "decode_entity",
    "decode_fact",
    "decode_node",
    "decode_quarantined",
    "decode_stated",
    "encode_entity",
    "encode_fact",
    "encode_node",
    "encode_quarantined",
    "encode_stated",
]


def encode_entity(entity: Entity) -> str:
    """Return an entity without its members."""
    links = [[link.target, link.rule, link.score] for link in entity.links]
    told = [entity.iri, entity.name, entity.type, entity.aliases, links, entity.iso_code]
    return _write(told)


def decode_entity(told: str, members: Iterable[tuple[str, int]] = ()) -> Entity:
    """Return an entity with the members given."""
    iri, name, type_, aliases, links, iso_code = json.loads(told)
    return Entity(
        iri=iri,
        name=name,
        type=type_,
        aliases=tuple(aliases),
        links=tuple(Link(*link) for link in links),
        members=tuple(members),
        iso_code=iso_code,
    )


def encode_node(node: Node) -> str:
    """Return a node, but for what decisions say of it."""
    known = node.identity
    told = [
        *(node.name, node.type, node.family, node.key, node.block, sorted(node.alias_keys)),
        *(node.aliases, node.local, astuple(known) if known else None),
        *(sorted(node.traits), sorted(node.countries), sorted(node.starts)),
    ]
    return _write(told)


def decode_node(article: str, number: int, told: str) -> Node:
    """Return a node of an article."""
    name, type_, family, key, block, alias_keys, aliases, local, known, *rest = json.loads(told)
    traits, countries, starts = rest
    return Node(
        article=article,
        number=number,
        name=name,
        type=type_,
        family=family,
        key=key,
        block=block,
        alias_keys=frozenset(alias_keys),
        aliases=tuple(aliases),
        local=local,
        identity=Identity(*known) if known else None,
        traits=frozenset((predicate, value) for predicate, value in traits),
        countries=frozenset(countries),
        starts=frozenset(starts),
    )


def encode_stated(stated: Stated) -> str:
    """Return a statement but for its fact."""
    told = [
        *(stated.subject, stated.predicate, _encode_object(stated.object)),
        *(encode_evidence(stated.evidence), stated.qualifiers, stated.reason),
    ]
    return _write(told)


def decode_stated(fact: str, told: str) -> Stated:
    """Return a statement of a fact."""
    subject, predicate, object_, evidence, qualifiers, reason = json.loads(told)
    return Stated(
        fact=fact,
        subject=subject,
        predicate=predicate,
        object=_decode_object(object_),
        evidence=decode_evidence(evidence),
        qualifiers=tuple((name, value) for name, value in qualifiers),
        reason=reason,
    )


def encode_fact(fact: Fact) -> str:
    """Return a fact with its evidence."""
    return _write(_encode_fact(fact))


def decode_fact(told: str) -> Fact:
    """Return a fact with its evidence."""
    return _decode_fact(json.loads(told))


def encode_quarantined(held: Quarantined) -> str:
    """Return what was kept out, and why."""
    breaches = [_encode_breach(breach) for breach in held.breaches]
    return _write([_encode_fact(held.fact), held.reasons, breaches])


def decode_quarantined(told: str) -> Quarantined:
    """Return what was kept out, and why."""
    fact, reasons, breaches = json.loads(told)
    return Quarantined(_decode_fact(fact), tuple(reasons), tuple(map(_decode_breach, breaches)))


def _write(told: list[Any]) -> str:
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)


def _encode_object(object_: str | Literal) -> str | list[str]:
    return encode_literal(object_) if isinstance(object_, Literal) else object_


def _decode_object(told: str | list[str]) -> str | Literal:
    return told if isinstance(told, str) else Literal(*told)


def _encode_breach(breach: Breach) -> list[Any]:
    told = [breach.focus, breach.component, breach.message, breach.path, breach.shape]
    return [*told, _encode_object(breach.value)]


def _decode_breach(told: list[Any]) -> Breach:
    focus, component, message, path, shape, value = told
    return Breach(focus, component, message, path, shape, _decode_object(value))


def _encode_fact(fact: Fact) -> list[Any]:
    told, evidence = _encode_object(fact.object), encode_evidence(fact.evidence)
    state = [fact.modality.value, fact.valid_from, fact.valid_to, fact.qualifiers, fact.publishers]
    return [fact.iri, fact.subject, fact.predicate, told, evidence, *state]


def _decode_fact(told: list[Any]) -> Fact:
    iri, subject, predicate, object_, evidence, modality, *state = told
    valid_from, valid_to, qualifiers, publishers = state
    return Fact(
        iri=iri,
        subject=subject,
        predicate=predicate,
        object=_decode_object(object_),
        evidence=decode_evidence(evidence),
        modality=Modality(modality),
        valid_from=valid_from,
        valid_to=valid_to,
        qualifiers=tuple((name, value) for name, value in qualifiers),
        publishers=publishers,
    )
