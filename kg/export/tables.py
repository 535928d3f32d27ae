"""Writes facts and entities as tables: CSV (RFC 4180), and the files of Neo4j's import."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from kg.model import Entity, Fact, Literal
from kg.rdf import Contents

__all__ = ["defuse", "write_entities", "write_facts", "write_nodes", "write_relationships"]

# Spreadsheets run a cell that begins so as a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)

_FACTS = (
    "subject", "subject_name", "subject_type", "predicate", "object", "object_name",
    "object_type", "currency", "modality", "confidence", "valid_from", "valid_to",
    "article", "start", "end", "sentence", "fact",
)  # fmt: skip
_ENTITIES = ("entity", "name", "type", "aliases", "links")
_NODES = ("iri:ID", "name", "aliases:string[]", "datatype", "currency", ":LABEL")
_RELATIONSHIPS = (
    ":START_ID", ":END_ID", ":TYPE", "iri", "confidence:double", "modality", "valid_from",
    "valid_to", "articles:int", "sentence",
)  # fmt: skip


def write_facts(contents: Contents) -> bytes:
    """Return one row for each evidence of each fact, names and values spelt out.

    `confidence` and `modality` are those of the evidence. A cell that a spreadsheet would
    run as a formula begins with an apostrophe.
    """
    entities = {entity.iri: entity for entity in contents.entities}
    rows = (row for fact in contents.facts for row in _list_evidence(fact, entities))
    return _write(_FACTS, (map(defuse, row) for row in rows))


def write_entities(contents: Contents) -> bytes:
    """Return one row for each entity; aliases and links are parted by a bar."""
    rows = (
        (e.iri, e.name, e.type, _join(e.aliases, "|"), _join((x.target for x in e.links), "|"))
        for e in contents.entities
    )
    return _write(_ENTITIES, (map(defuse, row) for row in rows))


def write_nodes(contents: Contents) -> bytes:
    """Return the nodes for `neo4j-admin database import full`; a value is a `Value` node."""
    values = {
        _name_value(fact.object): fact.object
        for fact in contents.facts
        if isinstance(fact.object, Literal)
    }
    nodes = [(e.iri, e.name, _join(e.aliases, ";"), "", "", e.type) for e in contents.entities]
    nodes += [
        (id_, value.value, "", value.datatype, value.currency, "Value")
        for id_, value in sorted(values.items())
    ]
    return _write(_NODES, nodes)


def write_relationships(contents: Contents) -> bytes:
    """Return the facts between the nodes, with the sentence of the best evidence."""
    return _write(_RELATIONSHIPS, map(_describe_relationship, contents.facts))


def _list_evidence(fact: Fact, entities: dict[str, Entity]) -> Iterator[Sequence[object]]:
    subject = entities.get(fact.subject)
    told = fact.object
    if isinstance(told, Literal):
        object_: tuple[str, ...] = ("", told.value, told.datatype, told.currency)
    else:
        other = entities.get(told)
        object_ = (told, other.name if other else "", other.type if other else "", "")
    for evidence in fact.evidence:
        yield (
            fact.subject, subject.name if subject else "", subject.type if subject else "",
            fact.predicate, *object_, evidence.modality.value, evidence.confidence,
            fact.valid_from, fact.valid_to,
            evidence.article, evidence.span.start, evidence.span.end, evidence.quote, fact.iri,
        )  # fmt: skip


def _describe_relationship(fact: Fact) -> Sequence[object]:
    return (
        fact.subject,
        _name_value(fact.object) if isinstance(fact.object, Literal) else fact.object,
        fact.predicate,
        fact.iri,
        fact.confidence,
        fact.modality.value,
        fact.valid_from,
        fact.valid_to,
        len({evidence.article for evidence in fact.evidence}),
        max(fact.evidence, key=lambda e: (e.confidence, e.article, e.span)).quote,
    )


def _name_value(value: Literal) -> str:
    """Return the id of a value's node."""
    return f"value:{value.datatype}:{value.value}:{value.currency}"


def _join(names: Iterable[str], sign: str) -> str:
    """Return names parted by a sign, which becomes a comma where it stands in a name."""
    return sign.join(name.replace(sign, ",") for name in names)


def _write(head: Sequence[str], rows: Iterable[Iterable[object]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(head)
    writer.writerows(rows)
    return stream.getvalue().encode()


def defuse(cell: object) -> object:
    """Return a cell that no spreadsheet runs; a number is none the worse for its sign."""
    if isinstance(cell, str) and cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
