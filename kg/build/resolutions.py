"""Remembers what the articles of a store came to, so that a change need not find out again.

The file is named by what it is a function of, the extractions and the rules: where it is
missing, damaged or of other articles, the articles are resolved again, and nothing is lost.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kg.build.collection import rest_collection
from kg.cache import decode_evidence, encode_evidence, encode_literal
from kg.errors import StoreError
from kg.model import Breach, Entity, Fact, Link, Literal, Modality
from kg.resolve import Quarantined, Resolution

__all__ = ["make_name", "recall", "remember"]

# Part of every name: raised when the files are written in another way.
_LAYOUT = "4"


def make_name(keys: Iterable[str], *, revision: str, base: str) -> str:
    """Return the name for the resolution of extractions, by their keys, under some rules."""
    parts = [_LAYOUT, revision, base, *sorted(keys)]
    return f"{hashlib.sha256(json.dumps(parts).encode()).hexdigest()}.json.gz"


@rest_collection()
def remember(resolution: Resolution, folder: Path, name: str) -> None:
    """Keep a resolution, without its merges, in place of all others in the folder.

    Raises StoreError when it cannot be written.
    """
    content = {
        "entities": [_encode_entity(entity) for entity in resolution.entities],
        "facts": [_encode_fact(fact) for fact in resolution.facts],
        "quarantined": [_encode_quarantined(held) for held in resolution.quarantined],
    }
    text = json.dumps(content, separators=(",", ":")).encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"{name}.{os.getpid()}.new"
        draft.write_bytes(gzip.compress(text, compresslevel=1, mtime=0))
        draft.replace(folder / name)
        for other in folder.iterdir():
            if other.name != name:
                other.unlink()
    except OSError as error:
        raise StoreError(f"{folder}: cannot be written: {error.strerror}") from error


@rest_collection()
def recall(folder: Path, name: str) -> Resolution | None:
    """Return the resolution of a name; None where it is not kept, or damaged."""
    try:
        told = json.loads(gzip.decompress((folder / name).read_bytes()))
        return Resolution(
            entities=tuple(_decode_entity(entity) for entity in told["entities"]),
            facts=tuple(_decode_fact(fact) for fact in told["facts"]),
            quarantined=tuple(_decode_quarantined(*held) for held in told["quarantined"]),
        )
    except (LookupError, OSError, EOFError, ValueError, TypeError, zlib.error):
        return None


def _encode_entity(entity: Entity) -> list[Any]:
    links = [[link.target, link.rule, link.score] for link in entity.links]
    told = [entity.iri, entity.name, entity.type, entity.aliases, links, entity.members]
    return [*told, entity.iso_code]


def _decode_entity(told: list[Any]) -> Entity:
    iri, name, type_, aliases, links, members, iso_code = told
    return Entity(
        iri=iri,
        name=name,
        type=type_,
        aliases=tuple(aliases),
        links=tuple(Link(*link) for link in links),
        members=tuple((article, number) for article, number in members),
        iso_code=iso_code,
    )


def _encode_quarantined(held: Quarantined) -> list[Any]:
    return [_encode_fact(held.fact), held.reasons, [_encode_breach(b) for b in held.breaches]]


def _decode_quarantined(
    fact: list[Any], reasons: list[str], breaches: list[list[Any]]
) -> Quarantined:
    return Quarantined(
        _decode_fact(fact), tuple(reasons), tuple(_decode_breach(told) for told in breaches)
    )


def _encode_breach(breach: Breach) -> list[Any]:
    value = breach.value
    told = encode_literal(value) if isinstance(value, Literal) else value
    return [breach.focus, breach.component, breach.message, breach.path, breach.shape, told]


def _decode_breach(told: list[Any]) -> Breach:
    focus, component, message, path, shape, value = told
    return Breach(
        focus, component, message, path, shape, value if isinstance(value, str) else Literal(*value)
    )


def _encode_fact(fact: Fact) -> list[Any]:
    object_ = fact.object
    told = encode_literal(object_) if isinstance(object_, Literal) else object_
    evidence = encode_evidence(fact.evidence)
    state = [fact.modality.value, fact.valid_from, fact.valid_to, fact.qualifiers, fact.publishers]
    return [fact.iri, fact.subject, fact.predicate, told, evidence, *state]


def _decode_fact(told: list[Any]) -> Fact:
    iri, subject, predicate, object_, evidence, modality, *state = told
    valid_from, valid_to, qualifiers, publishers = state
    return Fact(
        iri=iri,
        subject=subject,
        predicate=predicate,
        object=object_ if isinstance(object_, str) else Literal(*object_),
        evidence=decode_evidence(evidence),
        modality=Modality(modality),
        valid_from=valid_from,
        valid_to=valid_to,
        qualifiers=tuple((name, value) for name, value in qualifiers),
        publishers=publishers,
    )
