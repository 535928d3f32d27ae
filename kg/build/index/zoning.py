"""Takes articles out of an index and puts others in, and resolves the zones that this touches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from kg.build.index.encoding import decode_entity, decode_node, encode_entity, encode_node
from kg.build.index.tables import Index
from kg.check import Screen
from kg.model import Article, Entity, Extraction
from kg.rdf import Describer
from kg.resolve import (
    Neighbours,
    Node,
    count_rare,
    find_makers,
    find_points,
    find_thing,
    make_nodes,
    resolve_zone,
)

__all__ = ["TooWide", "Zoning"]

_NAMING = "SELECT COUNT(*) FROM articles WHERE is_naming"
_THINGS = "SELECT DISTINCT thing FROM things WHERE article IN ?"
_USES = """
SELECT thing, COUNT(*) FROM things WHERE thing IN ? GROUP BY thing
"""
_ASKED = """
SELECT DISTINCT zone FROM asked WHERE article IN (
  SELECT article FROM things WHERE thing IN ?
)
"""
_RARE = """
SELECT thing, (SELECT COUNT(*) FROM (SELECT 1 FROM things u WHERE u.thing = t.thing LIMIT ?))
FROM things t WHERE article = ?
"""
_POINTS = "SELECT point, zone FROM points WHERE point IN ?"
_ZONE = "SELECT article, number, told, iri, type FROM nodes WHERE zone = ? ORDER BY article, number"
_TAKING_OUT = (
    "DELETE FROM nodes WHERE article IN ?",
    "DELETE FROM things WHERE article IN ?",
    "DELETE FROM asked WHERE article IN ?",
    "DELETE FROM articles WHERE id IN ?",
)
_MERGING = (
    "UPDATE nodes SET zone = ? WHERE zone = ?",
    "UPDATE entities SET zone = ? WHERE zone = ?",
    "UPDATE OR REPLACE asked SET zone = ? WHERE zone = ?",
)


class TooWide(Exception):
    """A change touches so much that all is better resolved anew."""


class _KeptNeighbours(Neighbours):
    """Those of the articles of an index."""

    def __init__(self, index: Index, limit: int) -> None:
        super().__init__()
        self._index = index
        self._limit = limit
        self._rare: dict[str, Collection[str]] = {}
        self._makers: dict[str, Collection[str]] = {}

    def _find_rare(self, article: str) -> Collection[str]:
        if article not in self._rare:
            told = self._index.ask(_RARE, self._limit + 1, article)
            self._rare[article] = {thing for thing, count in told if 1 < count <= self._limit}
        return self._rare[article]

    def _find_makers(self, article: str) -> Collection[str]:
        if article not in self._makers:
            told = self._index.ask("SELECT number, told FROM nodes WHERE article = ?", article)
            nodes = (decode_node(article, *row) for row in told)
            self._makers[article] = {name for node in nodes for name in find_makers(node)}
        return self._makers[article]


class Zoning:
    """The zones of an index under a change.

    `before` and `after` are the entities of the zones that the change touches, by IRI, without
    their members; `moved` the articles that stay and of which a cluster comes to another
    entity, or to one of another class, than before.
    """

    def __init__(self, index: Index, describer: Describer) -> None:
        self.before: dict[str, Entity] = {}
        self.after: dict[str, Entity] = {}
        self.moved: set[str] = set()
        self._index = index
        self._describer = describer
        self._dirty: set[int] = set()
        self._next = int(index.tell("zones"))
        self._screen = Screen((), (), describer.ontology)

    def change(
        self, gone: Collection[str], articles: Iterable[Article], extractions: Iterable[Extraction]
    ) -> None:
        """Take out articles by id, put in others, and resolve the zones that this touches.

        Raises TooWide where it touches all of them.
        """
        ask = self._index.ask
        ((naming, *_),) = ask(_NAMING)
        nodes = make_nodes(extractions, ontology=self._describer.ontology)
        things = {thing for (thing,) in ask(_THINGS, gone)} | set(map(find_thing, nodes)) - {""}
        before = dict(ask(_USES, things))
        self._take_out(gone)
        self._put_in(articles, nodes)
        ((count, *_),) = ask(_NAMING)
        limit = count_rare(count)
        if limit != count_rare(naming):
            raise TooWide("what is rare among so many articles is another number")
        after = dict(ask(_USES, things))
        changed = {
            thing
            for thing in things
            if (1 < before.get(thing, 0) <= limit) is not (1 < after.get(thing, 0) <= limit)
        }
        self._dirty.update(zone for (zone,) in ask(_ASKED, changed))
        for zone in sorted(self._dirty):
            self._resolve(zone, limit)
        self._index.note("zones", str(self._next))

    def _take_out(self, articles: Collection[str]) -> None:
        found = self._index.ask("SELECT DISTINCT zone FROM nodes WHERE article IN ?", articles)
        self._dirty.update(zone for (zone,) in found)
        for statement in _TAKING_OUT:
            self._index.run(statement, articles)

    def _put_in(self, articles: Iterable[Article], nodes: Iterable[Node]) -> None:
        naming = set()
        for node in nodes:
            naming.add(node.article)
            zone = self._find_zone(find_points(node))
            self._dirty.add(zone)
            self._index.put("nodes", [(*node.member, zone, "", "", encode_node(node))])
            if thing := find_thing(node):
                self._index.put("things", [(thing, node.article)])
        rows = ((a.id, a.publisher, a.url, a.id in naming) for a in articles)
        self._index.put("articles", rows)

    def _find_zone(self, points: Collection[int]) -> int:
        """Return the one zone of all that meet at some points."""
        known = dict(self._index.ask(_POINTS, points))
        zones = {self._find_whole(zone) for zone in known.values()}
        if not zones:
            zones = {self._next}
            self._next += 1
        whole = max(zones, key=self._measure) if len(zones) > 1 else min(zones)
        for zone in zones - {whole}:
            self._merge(zone, whole)
        self._index.put("points", ((point, whole) for point in points if point not in known))
        return whole

    def _find_whole(self, zone: int) -> int:
        while found := self._index.ask("SELECT whole FROM merged WHERE zone = ?", zone):
            ((zone, *_),) = found
        return zone

    def _measure(self, zone: int) -> tuple[int, int]:
        """Return a key that sorts larger zones last; of equals the one of the lowest number."""
        ((size, *_),) = self._index.ask("SELECT COUNT(*) FROM nodes WHERE zone = ?", zone)
        return size, -zone

    def _merge(self, zone: int, whole: int) -> None:
        self._index.put("merged", [(zone, whole)])
        for statement in _MERGING:
            self._index.run(statement, whole, zone)
        self._dirty.discard(zone)
        self._dirty.add(whole)

    def _resolve(self, zone: int, limit: int) -> None:
        """Resolve a zone, and note what it comes to."""
        rows = self._index.ask(_ZONE, zone)
        nodes = [decode_node(*row[:3]) for row in rows]
        neighbours = _KeptNeighbours(self._index, limit)
        entities = resolve_zone(
            nodes, neighbours, ontology=self._describer.ontology, minter=self._describer.minter
        )
        asked = {article for told in neighbours.asked.values() for article in told}
        self._index.run("DELETE FROM asked WHERE zone = ?", zone)
        self._index.put("asked", ((zone, article) for article in asked))
        self._move(entities, {(row[0], row[1]): (row[3], row[4]) for row in rows})
        self._replace(zone, entities)

    def _move(
        self, entities: Iterable[Entity], known: Mapping[tuple[str, int], tuple[str, str]]
    ) -> None:
        """Note which entity each node comes to."""
        change = "UPDATE nodes SET iri = ?, type = ? WHERE article = ? AND number = ?"
        for entity in entities:
            for member in entity.members:
                if known[member] != (entity.iri, entity.type):
                    self._index.run(change, entity.iri, entity.type, *member)
                    self.moved.add(member[0])

    def _replace(self, zone: int, entities: Collection[Entity]) -> None:
        """Write the entities of a zone in place of those that it had."""
        told = dict(self._index.ask("SELECT iri, told FROM entities WHERE zone = ?", zone))
        new = {entity.iri: encode_entity(entity) for entity in entities}
        if not all(map(self._screen.passes_entity, entities)):
            raise TooWide("something may break a shape by itself, and all facts about it with it")
        self.before |= {iri: decode_entity(row) for iri, row in told.items() if new.get(iri) != row}
        self.after |= {iri: decode_entity(row) for iri, row in new.items() if told.get(iri) != row}
        for iri in told.keys() - new.keys():
            self._index.run("DELETE FROM entities WHERE iri = ?", iri)
        self._index.put("entities", ((iri, zone, row) for iri, row in new.items()))
