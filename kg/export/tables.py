"""Writes facts and entities as tables: CSV (RFC 4180), and the files of Neo4j's import."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from kg.model import Entity, Fact, Literal
from kg.rdf import Contents

__all__ = ["write_facts", "write_neo4j"]

# Spreadsheets run a cell that begins so as a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FACTS = (
    "subject", "subject_name", "subject_type", "predicate", "object", "object_name",
    "object_type", "currency", "modality", "confidence", "valid_from", "valid_to",
    "article", "start", "end", "sentence",
)  # fmt: skip


def write_facts(contents: Contents) -> bytes:
    """Return one row for each fact and evidence, names and values spelt out."""
    entities = {entity.iri: entity for entity in contents.entities}
    return _write(_FACTS, (row for fact in contents.facts for row in _rows(fact, entities)))


def _rows(fact: Fact, entities: dict[str, Entity]) -> Iterable[Sequence[object]]:
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
            evidence.article, evidence.span.start, evidence.span.end, evidence.quote,
        )  # fmt: skip


def write_neo4j(contents: Contents) -> dict[str, bytes]:
    """Return `nodes.csv` and `relationships.csv` for `neo4j-admin database import full`.

    A value becomes a node of the label `Value`.
    """
    values = {
        _value_id(f.object): f.object for f in contents.facts if isinstance(f.object, Literal)
    }
    nodes = [(e.iri, e.name, ";".join(e.aliases), "", "", e.type) for e in contents.entities]
    nodes += [
        (id_, value.value, "", value.datatype, value.currency, "Value")
        for id_, value in sorted(values.items())
    ]
    ties = [
        (
            fact.subject,
            _value_id(fact.object) if isinstance(fact.object, Literal) else fact.object,
            fact.predicate,
            fact.confidence,
            fact.modality.value,
            max(fact.evidence, key=lambda e: (e.confidence, e.article)).quote,
        )
        for fact in contents.facts
    ]
    node_head = ("iri:ID", "name", "aliases:string[]", "datatype", "currency", ":LABEL")
    tie_head = (":START_ID", ":END_ID", ":TYPE", "confidence:double", "modality", "sentence")
    return {
        "nodes.csv": _write(node_head, nodes),
        "relationships.csv": _write(tie_head, ties),
    }


def _value_id(value: Literal) -> str:
    return f"value:{value.datatype}:{value.value}:{value.currency}"


def _write(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(head)
    writer.writerows([_defuse(cell) for cell in row] for row in rows)
    return stream.getvalue().encode()


def _defuse(cell: object) -> object:
    """Return a cell that no spreadsheet runs."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
