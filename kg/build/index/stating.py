"""Restates what articles of an index state, and finds the facts that this changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from kg.build.admission import Wariness, admit, find_ends
from kg.build.attribution import attribute
from kg.build.index.encoding import (
    decode_entity,
    decode_fact,
    decode_quarantined,
    decode_stated,
    encode_stated,
)
from kg.build.index.filling import find_sources, make_row
from kg.build.index.tables import Index
from kg.build.index.zoning import TooWide
from kg.corroboration import count_publishers
from kg.model import Article, Entity, Extraction, Fact
from kg.rdf import Describer
from kg.resolve import Quarantined, Resolution, gather_facts, state

__all__ = ["Part", "Stating"]

_STATEMENTS = "SELECT fact, told FROM statements WHERE fact IN ? ORDER BY article, place"
_WARY = "SELECT iri FROM facts WHERE is_wary AND (subject IN ? OR object IN ?)"
_UNITS = "SELECT iri, fact FROM facts WHERE unit IN ?"


@dataclass(frozen=True, slots=True)
class Part:
    """What is in the graph of a fact, and what was kept out of it."""

    fact: Fact | None = None
    held: Quarantined | None = None


class Stating:
    """The statements and facts of an index under a change.

    `before` and `after` are what the change touches: the facts of plain triples, of which
    each is a unit, and what was kept out, by IRI; `new_sources` and `lost_sources` the
    extractors that nothing was read by before, or is now; `grown` by how many facts there
    are more.
    """

    def __init__(self, index: Index, describer: Describer, read: Callable[[str], Article]) -> None:
        self.before: dict[str, Part] = {}
        self.after: dict[str, Part] = {}
        self.new_sources: set[str] = set()
        self.lost_sources: set[str] = set()
        self.grown = 0
        self._index = index
        self._describer = describer
        self._read = read
        self._touched: set[str] = set()

    def change(self, gone: Collection[str], extractions: Iterable[Extraction]) -> None:
        """Take out what articles state, by id, and put in what others state, or state anew."""
        for article in gone:
            self._restate(article, [])
        for extraction in extractions:
            self._restate(extraction.article, list(self._state(extraction)))
        if self._touched:
            self._settle()

    def _state(self, extraction: Extraction) -> Iterator[tuple[str, str]]:
        """Yield what an article states: facts and statements of them."""
        rows = self._index.ask(
            "SELECT number, iri, type FROM nodes WHERE article = ?", extraction.article
        )
        entities = {
            (extraction.article, number): Entity(iri=iri, name="", type=type_)
            for number, iri, type_ in rows
        }
        ontology, minter = self._describer.ontology, self._describer.minter
        for stated in state(extraction, entities, ontology=ontology, minter=minter):
            yield stated.fact, encode_stated(stated)

    def _restate(self, article: str, rows: list[tuple[str, str]]) -> None:
        """Note what an article states now, and the facts that it did state or does.

        Where it states the same, the classes may be others of what that is about.
        """
        known = self._index.ask("SELECT fact FROM statements WHERE article = ?", article)
        self._touched |= {fact for fact, *_ in (*known, *rows)}
        self._index.run("DELETE FROM statements WHERE article = ?", article)
        self._index.put("statements", ((article, place, *row) for place, row in enumerate(rows)))

    def _settle(self) -> None:
        """Find what the facts are now that are not stated as before."""
        known = self._find_parts(self._touched)
        parts = self._gather(self._touched)
        ends = self._find_wary_ends(parts)
        if ends:
            judged = self._find_wary(ends) | self._touched
            around = self._find_wary(self._find_wary_ends(self._gather(judged)))
            known |= self._find_parts(judged - self._touched)
            admitted = self._admit(self._gather(judged | around))
            parts = {iri: admitted.get(iri, Part()) for iri in judged}
        self._replace(known, self._attribute(parts))

    def _find_parts(self, facts: Collection[str]) -> dict[str, Part]:
        """Return what the graph has of facts until now."""
        rows = self._index.ask("SELECT iri, fact, held FROM facts WHERE iri IN ?", facts)
        return {
            iri: Part(
                decode_fact(fact) if fact else None, decode_quarantined(held) if held else None
            )
            for iri, fact, held in rows
        }

    def _gather(self, facts: Collection[str]) -> dict[str, Part]:
        """Return what facts are by what is stated of them."""
        rows = self._index.ask(_STATEMENTS, facts)
        gathered = _part(*gather_facts(decode_stated(*row) for row in rows))
        return {iri: gathered.get(iri, Part()) for iri in facts}

    def _find_wary_ends(self, parts: Mapping[str, Part]) -> set[str]:
        """Return what those facts are about that may break a shape, now or until now."""
        facts = [part.fact for part in parts.values() if part.fact]
        wariness = Wariness(self._find_entities(facts), self._describer.ontology)
        ends = {end for fact in facts if wariness.is_wary(fact) for end in find_ends(fact)}
        query = "SELECT subject, object FROM facts WHERE is_wary AND iri IN ?"
        known = {end for row in self._index.ask(query, parts) for end in row}
        return (ends | known) - {""}

    def _find_wary(self, ends: Collection[str]) -> set[str]:
        return {iri for (iri,) in self._index.ask(_WARY, ends, ends)}

    def _find_entities(self, facts: Iterable[Fact]) -> list[Entity]:
        """Return what facts are about."""
        ends = {end for fact in facts for end in find_ends(fact)}
        rows = self._index.ask("SELECT told FROM entities WHERE iri IN ?", ends)
        return [decode_entity(told) for (told,) in rows]

    def _admit(self, parts: Mapping[str, Part]) -> dict[str, Part]:
        facts = [part.fact for part in parts.values() if part.fact]
        resolution = Resolution(
            entities=tuple(self._find_entities(facts)),
            facts=tuple(facts),
            quarantined=tuple(part.held for part in parts.values() if part.held),
        )
        articles = {e.article: self._read(e.article) for fact in facts for e in fact.evidence}
        admitted = admit(resolution, articles, self._describer)
        if len(admitted.entities) < len(resolution.entities):
            raise TooWide("something breaks a shape by itself, and all facts about it do")
        return _part(admitted.facts, admitted.quarantined)

    def _attribute(self, parts: Mapping[str, Part]) -> dict[str, Part]:
        """Return what facts are with those who say so, and how many publish it."""
        resolution = Resolution(
            facts=tuple(part.fact for part in parts.values() if part.fact),
            quarantined=tuple(part.held for part in parts.values() if part.held),
        )
        told = (*resolution.facts, *(held.fact for held in resolution.quarantined))
        articles = {e.article for fact in told for e in fact.evidence}
        query = "SELECT id, publisher, url FROM articles WHERE id IN ?"
        rows = self._index.ask(query, articles)
        bylines = {
            id_: Article(id_, text="", checksum="", publisher=publisher, url=url)
            for id_, publisher, url in rows
        }
        attributed = attribute(resolution, bylines, self._describer.minter)
        counted = count_publishers(attributed.facts, bylines, read=self._read)
        return {iri: Part() for iri in parts} | _part(counted, attributed.quarantined)

    def _replace(self, known: Mapping[str, Part], parts: Mapping[str, Part]) -> None:
        """Write what facts are in place of what they were, and note what that changes."""
        changed = {iri: part for iri, part in parts.items() if part != known.get(iri, Part())}
        facts = [part.fact for part in changed.values() if part.fact]
        wariness = Wariness(self._find_entities(facts), self._describer.ontology)
        rows = [make_row(iri, part.fact, part.held, wariness) for iri, part in changed.items()]
        query = "SELECT DISTINCT unit FROM facts WHERE iri IN ?"
        units = {unit for (unit,) in self._index.ask(query, changed)} | {row[1] for row in rows}
        self.before = self._find_units(units)
        self._index.run("DELETE FROM facts WHERE iri IN ?", changed)
        self._index.put("facts", (row for row in rows if row[-2] or row[-1]))
        self.after = self._find_units(units)
        for iri, part in changed.items():
            self.before[iri] = replace(
                self.before.get(iri, Part()), held=known.get(iri, Part()).held
            )
            self.after[iri] = replace(self.after.get(iri, Part()), held=part.held)
        self._count(known, changed)

    def _find_units(self, units: Collection[object]) -> dict[str, Part]:
        """Return the facts of plain triples."""
        rows = self._index.ask(_UNITS, [unit for unit in units if unit])
        return {iri: Part(decode_fact(fact)) for iri, fact in rows}

    def _count(self, known: Mapping[str, Part], changed: Mapping[str, Part]) -> None:
        """Note what is the source of more facts, and of fewer."""
        uses: Counter[str] = Counter()
        for iri, part in changed.items():
            before = known.get(iri, Part())
            uses.update(find_sources(part.fact, part.held))
            uses.subtract(find_sources(before.fact, before.held))
            self.grown += (part.fact is not None) - (before.fact is not None)
        told = "SELECT name, uses FROM extractors WHERE name IN ?"
        before_uses: dict[str, int] = dict(self._index.ask(told, [*uses]))
        after = {name: before_uses.get(name, 0) + more for name, more in uses.items()}
        self.new_sources = {name for name, count in after.items() if count} - before_uses.keys()
        self.lost_sources = {name for name, count in after.items() if not count}
        self._index.put("extractors", ((n, count) for n, count in after.items() if count))
        self._index.run("DELETE FROM extractors WHERE name IN ?", self.lost_sources)


def _part(facts: Iterable[Fact], quarantined: Iterable[Quarantined]) -> dict[str, Part]:
    """Return facts, and what was kept out of them, by IRI."""
    kept = {fact.iri: fact for fact in facts}
    held = {item.fact.iri: item for item in quarantined}
    return {iri: Part(kept.get(iri), held.get(iri)) for iri in {*kept, *held}}
