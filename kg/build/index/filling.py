"""Writes the index of a whole resolution, and reads the resolution back."""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from kg.build.admission import Wariness, find_ends
from kg.build.collection import rest_collection
from kg.build.index.encoding import (
    decode_entity,
    decode_fact,
    decode_quarantined,
    encode_entity,
    encode_fact,
    encode_node,
    encode_quarantined,
    encode_stated,
)
from kg.build.index.tables import FILE, Index
from kg.errors import StoreError
from kg.model import Article, Entity, Extraction, Fact, Literal
from kg.rdf import Describer
from kg.resolve import Node, Quarantined, Resolution, find_points, find_thing, state

__all__ = ["find_sources", "find_unit", "make_row", "recall", "remember"]


@rest_collection()
def remember(
    resolution: Resolution,
    folder: Path,
    name: str,
    *,
    articles: Mapping[str, Article],
    extractions: Iterable[Extraction],
    describer: Describer,
    is_decided: bool = False,
) -> None:
    """Write the index of a resolution, in place of all else in the folder.

    `extractions` are those that it was made of. Where people decided anything, the index is
    good for recalling the resolution only. Raises StoreError when it cannot be written.
    """
    draft = folder / f"{FILE}.{os.getpid()}.new"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        with Index.create(draft) as index:
            index.note("name", name)
            _fill_facts(index, resolution, describer)
            members = _find_members(resolution.entities)
            # Statements of an entity that is not in the graph cannot be told from others.
            is_whole = len(members) == len(resolution.workings.nodes)
            if is_whole and not is_decided:
                index.note("is_whole", "yes")
                _fill_zones(index, resolution, members)
                _fill_articles(index, articles, resolution.workings.nodes)
                _fill_statements(index, extractions, members, describer)
            else:
                _fill_entities(index, resolution, members)
            index.finish()
        draft.replace(folder / FILE)
        for other in folder.iterdir():
            if other.name != FILE:
                other.unlink()
    except sqlite3.Error as error:
        raise StoreError(f"{folder}: cannot be written: {error}") from error
    except OSError as error:
        raise StoreError(f"{folder}: cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


@rest_collection()
def recall(folder: Path, name: str) -> Resolution | None:
    """Return the resolution of a name, without merges; None where it is not kept, or damaged."""
    index = Index.open(folder, name)
    if index is None:
        return None
    with index, suppress(sqlite3.Error, LookupError, ValueError, TypeError):
        members: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for article, number, iri in index.ask("SELECT article, number, iri FROM nodes"):
            members[iri].append((article, number))
        entities = index.ask("SELECT iri, told FROM entities ORDER BY iri")
        facts = index.ask("SELECT fact FROM facts WHERE fact IS NOT NULL ORDER BY iri")
        held = index.ask("SELECT held FROM facts WHERE held IS NOT NULL ORDER BY iri")
        return Resolution(
            entities=tuple(decode_entity(told, sorted(members[iri])) for iri, told in entities),
            facts=tuple(decode_fact(told) for (told,) in facts),
            quarantined=tuple(decode_quarantined(told) for (told,) in held),
        )
    return None


def find_unit(fact: Fact) -> tuple[str, str, str]:
    """Return what a fact has in common with those of its plain triple.

    Two amounts that differ in currency are two facts and one plain triple.
    """
    object_ = fact.object.value if isinstance(fact.object, Literal) else fact.object
    return fact.subject, fact.predicate, object_


def make_row(
    iri: str, fact: Fact | None, held: Quarantined | None, wariness: Wariness
) -> tuple[object, ...]:
    """Return the row of a fact, and of what was kept out of it."""
    known = fact or (held.fact if held else None)
    ends = find_ends(known) if known else ()
    subject, object_ = (*ends, "", "")[:2]
    is_wary = any(part is not None and wariness.is_wary(part) for part in (fact, held))
    return (
        *(iri, json.dumps(find_unit(fact)) if fact else None, subject, object_, is_wary),
        *(encode_fact(fact) if fact else None, encode_quarantined(held) if held else None),
    )


def find_sources(fact: Fact | None, held: Quarantined | None) -> set[str]:
    """Return the extractors that a fact and what was kept out of it are read by."""
    parts = (fact, held.fact if held else None)
    return {evidence.extractor for part in parts if part for evidence in part.evidence}


def _find_members(entities: Iterable[Entity]) -> dict[tuple[str, int], Entity]:
    return {member: entity for entity in entities for member in entity.members}


def _fill_entities(
    index: Index, resolution: Resolution, members: Mapping[tuple[str, int], Entity]
) -> None:
    index.put("entities", ((e.iri, 0, encode_entity(e)) for e in resolution.entities))
    index.put("nodes", ((*m, 0, entity.iri, entity.type, "") for m, entity in members.items()))


def _fill_facts(index: Index, resolution: Resolution, describer: Describer) -> None:
    wariness = Wariness(resolution.entities, describer.ontology)
    facts = {fact.iri: fact for fact in resolution.facts}
    held = {item.fact.iri: item for item in resolution.quarantined}
    parts = {iri: (facts.get(iri), held.get(iri)) for iri in sorted({*facts, *held})}
    index.put("facts", (make_row(iri, *part, wariness) for iri, part in parts.items()))
    uses = Counter(source for part in parts.values() for source in find_sources(*part))
    index.put("extractors", uses.items())


def _fill_zones(
    index: Index, resolution: Resolution, members: Mapping[tuple[str, int], Entity]
) -> None:
    nodes, asked = resolution.workings.nodes, resolution.workings.asked
    zones, points = divide(nodes)
    index.put("points", points.items())
    index.note("zones", str(len(nodes)))
    rows = (
        (*n.member, zone, members[n.member].iri, members[n.member].type, encode_node(n))
        for n, zone in zip(nodes, zones, strict=True)
    )
    index.put("nodes", rows)
    home = {node.member: zone for node, zone in zip(nodes, zones, strict=True)}
    told = ((e.iri, home[e.members[0]], encode_entity(e)) for e in resolution.entities)
    index.put("entities", told)
    index.put("asked", ((home[m], a) for m, articles in asked.items() for a in articles))
    index.put("things", ((t, n.article) for n in nodes if (t := find_thing(n))))


def divide(nodes: Sequence[Node]) -> tuple[list[int], dict[int, int]]:
    """Return the zone of each node, and the zone of all that meet at each point."""
    whole = list(range(len(nodes)))

    def find(zone: int) -> int:
        while whole[zone] != zone:
            whole[zone] = whole[whole[zone]]
            zone = whole[zone]
        return zone

    first: dict[int, int] = {}
    for number, node in enumerate(nodes):
        for point in find_points(node):
            one, other = sorted((find(first.setdefault(point, number)), find(number)))
            whole[other] = one
    return [find(number) for number in range(len(nodes))], {
        point: find(number) for point, number in first.items()
    }


def _fill_articles(index: Index, articles: Mapping[str, Article], nodes: Iterable[Node]) -> None:
    naming = {node.article for node in nodes}
    index.put("articles", ((id_, a.publisher, a.url, id_ in naming) for id_, a in articles.items()))


def _fill_statements(
    index: Index,
    extractions: Iterable[Extraction],
    members: Mapping[tuple[str, int], Entity],
    describer: Describer,
) -> None:
    for extraction in extractions:
        told = state(extraction, members, ontology=describer.ontology, minter=describer.minter)
        rows = (
            (extraction.article, place, stated.fact, encode_stated(stated))
            for place, stated in enumerate(told)
        )
        index.put("statements", rows)
