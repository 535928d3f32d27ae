"""Reads the graph of a page from a store, whole or around some entities.

Every query is written once: as it stands it reads the whole store, with values for `?fact`,
`?entity` or `?article` it reads what belongs to these.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, QuerySolution

from kg.errors import UsageError
from kg.ontology import Ontology
from kg.store import Store
from kg.view.graph import Edge, Graph, Node, Quote, Source
from kg.vocab import OWL, RDF, RDFS, SCHEMA, SKOS, fold

__all__ = ["find_entities", "read_graph", "read_neighbourhood"]


_FACTS = """SELECT ?fact ?s ?p ?o ?confidence ?modality ?from ?to ?currency {
  ?fact a kg:Fact ; rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o .
  OPTIONAL { ?fact kg:confidence ?confidence }
  OPTIONAL { ?fact kg:modality ?modality }
  OPTIONAL { ?fact kg:validFrom ?from }
  OPTIONAL { ?fact kg:validTo ?to }
  OPTIONAL { ?fact kg:currency ?currency } }"""

_QUOTES = """
SELECT ?fact ?article ?text ?start ?end ?confidence ?extractor ?named ?speaker { GRAPH ?article {
  ?evidence oa:hasBody ?fact ; oa:hasTarget ?target .
  ?target oa:hasSelector ?quote, ?position .
  ?quote oa:exact ?text .
  ?position oa:start ?start ; oa:end ?end .
  OPTIONAL { ?evidence kg:confidence ?confidence }
  OPTIONAL { ?evidence prov:wasGeneratedBy ?extractor }
  OPTIONAL { ?evidence kg:speaker ?words . ?words oa:exact ?named
    OPTIONAL { ?evidence prov:wasAttributedTo ?speaker } } } }"""

_SOURCES = """SELECT ?article ?property ?value { GRAPH ?article {
  ?article a schema:NewsArticle ; ?property ?value } }"""

_ENTITIES = """SELECT ?entity ?property ?value {
  VALUES ?property { rdf:type rdfs:label skos:altLabel owl:sameAs }
  ?entity ?property ?value }"""

_DESCRIPTIONS = """SELECT ?entity ?property ?value { ?entity ?property ?value
  FILTER(?property IN (rdf:type, rdfs:label, skos:altLabel, owl:sameAs)) }"""

# Without EXISTS the engine goes through all facts for each entity.
_FACTS_OF = """SELECT ?entity ?fact ?other ?confidence {
  { ?fact rdf:subject ?entity ; rdf:object ?other }
  UNION { ?fact rdf:object ?entity ; rdf:subject ?other }
  OPTIONAL { ?fact kg:confidence ?confidence }
  FILTER EXISTS { ?fact a kg:Fact } }"""

_EXTRACTORS = "SELECT ?extractor ?name { ?extractor a kg:Extractor ; rdfs:label ?name }"

_NAMES = """SELECT ?entity ?name {
  ?entity rdfs:label|skos:altLabel ?name . ?entity a ?class .
  FILTER(STRSTARTS(STR(?class), STR(kg:)) || EXISTS { ?fact rdf:subject|rdf:object ?entity }) }"""

_LABELS = "SELECT ?entity ?label { ?entity rdfs:label ?label }"

_BATCH = 200  # values in one query: a server is asked seldom, and no query grows too long

_Values = dict[str, dict[str, list[str]]]


def read_graph(store: Store, ontology: Ontology) -> Graph:
    """Return everything that the store holds, evidence included."""
    return _Reading(store, ontology).whole()


def read_neighbourhood(
    store: Store,
    ontology: Ontology,
    entities: Iterable[str],
    *,
    hops: int,
    most: int | None = None,
) -> Graph:
    """Return what lies at most so many facts away from the entities (IRIs).

    Only that part of the store is read, so that its size does not matter; of the facts at
    `most` so many, near ones before far ones and sure ones before others.
    """
    return _Reading(store, ontology).around(set(entities), hops, most)


def find_entities(store: Store, name: str) -> tuple[str, ...]:
    """Return the IRIs of the entities of a name: by IRI, else by label or alias, sorted.

    Case, accents and punctuation do not count. Raises UsageError, with the names nearest
    to it, when there is none.
    """
    if _is_iri(name) and any(_rows(store, _bind(_LABELS, "entity", [name]))):
        return (name,)
    wanted = fold(name)
    named: dict[str, set[str]] = defaultdict(set)
    spelled: dict[str, str] = {}
    for row in _rows(store, _NAMES):
        spelling = row["name"].value
        named[fold(spelling)].add(row["entity"].value)
        spelled.setdefault(fold(spelling), spelling)
    if wanted in named:
        return tuple(sorted(named[wanted]))
    near = [spelled[n] for n in difflib.get_close_matches(wanted, spelled, n=3)]
    hint = f"; did you mean {', '.join(near)}?" if near else ": kg stats shows what there is"
    raise UsageError(f"the store has no entity named {name!r}{hint}")


def _is_iri(text: str) -> bool:
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Reading:
    """One reading of a store."""

    store: Store
    ontology: Ontology

    def whole(self) -> Graph:
        edges = self._edges(_rows(self.store, _FACTS), _rows(self.store, _QUOTES))
        described = _collect(_rows(self.store, _ENTITIES), "entity")
        ends = {e.source for e in edges} | {e.target for e in edges if e.target}
        entities = ends | {iri for iri, values in described.items() if self._is_entity(values)}
        sources = _collect(_rows(self.store, _SOURCES), "article")
        return self._graph({iri: described.get(iri, {}) for iri in entities}, edges, sources)

    def around(self, entities: set[str], hops: int, most: int | None) -> Graph:
        facts: set[str] = set()
        edge_of_sight = entities
        for _ in range(hops):
            found = {
                row["fact"].value: row for row in self._each(_FACTS_OF, "entity", edge_of_sight)
            }
            fresh = sorted(
                found.keys() - facts, key=lambda iri: (-_number(found[iri], "confidence"), iri)
            )[: most and most - len(facts)]
            facts.update(fresh)
            others = (found[iri]["other"] for iri in fresh)
            reached = {other.value for other in others if isinstance(other, NamedNode)}
            edge_of_sight = reached - entities
            entities = entities | reached
        edges = self._edges(self._each(_FACTS, "fact", facts), self._each(_QUOTES, "fact", facts))
        cited = {quote.article for edge in edges for quote in edge.quotes}
        described = _collect(self._each(_DESCRIPTIONS, "entity", entities), "entity")
        sources = _collect(self._each(_SOURCES, "article", cited), "article")
        return self._graph({iri: described.get(iri, {}) for iri in entities}, edges, sources)

    def _each(self, query: str, variable: str, iris: Iterable[str]) -> Iterator[_Row]:
        """Yield the rows of a query for these terms, some hundred at a time."""
        waiting = sorted(iris)
        while waiting:
            batch, waiting = waiting[:_BATCH], waiting[_BATCH:]
            yield from _rows(self.store, _bind(query, variable, batch))

    def _edges(self, facts: Iterable[_Row], quotes: Iterable[_Row]) -> list[Edge]:
        """Return the facts with what was quoted for each."""
        named = {r["extractor"].value: r["name"].value for r in _rows(self.store, _EXTRACTORS)}
        rows = list(quotes)
        speakers = {row["speaker"].value for row in rows if "speaker" in row}
        labels = self._each(_LABELS, "entity", speakers)
        named |= {row["entity"].value: row["label"].value for row in labels}
        quoted: dict[str, set[Quote]] = defaultdict(set)
        for row in rows:
            quoted[row["fact"].value].add(_quote(row, named))
        found = {row["fact"].value: row for row in facts}
        return [_edge(row, quoted[iri]) for iri, row in found.items()]

    def _graph(self, entities: _Values, edges: Iterable[Edge], sources: _Values) -> Graph:
        return Graph(
            nodes=tuple(self._node(iri, entities[iri]) for iri in sorted(entities)),
            edges=tuple(sorted(edges, key=lambda e: e.iri)),
            sources=tuple(_source(iri, sources[iri]) for iri in sorted(sources)),
        )

    def _is_entity(self, values: Mapping[str, list[str]]) -> bool:
        """Say whether something has a label and a class of the ontology."""
        known = {c.iri for c in self.ontology.classes.values()}
        return f"{RDFS}label" in values and not known.isdisjoint(values.get(f"{RDF}type", ()))

    def _node(self, iri: str, values: Mapping[str, list[str]]) -> Node:
        labels = sorted(values.get(f"{RDFS}label", ())) or [local_name(iri)]
        aliases = set(values.get(f"{SKOS}altLabel", ())) | set(labels[1:])
        return Node(
            iri=iri,
            label=labels[0],
            type=self._special(values.get(f"{RDF}type", ())),
            aliases=tuple(sorted(aliases - {labels[0]})),
            links=tuple(sorted(values.get(f"{OWL}sameAs", ()))),
        )

    def _special(self, types: Iterable[str]) -> str:
        """Return the name of the class that is above none of the others."""
        given = {local_name(iri) for iri in types}
        names = [name for name in self.ontology.entity_classes if name in given]
        above = {a for name in names for a in self.ontology.ancestors(name)}
        return next((n for n in names if n not in above), min(given, default=""))


def local_name(iri: str) -> str:
    """Return what follows the last `#` or `/` of an IRI."""
    return re.split(r"[#/]", iri)[-1]


_Row = Mapping[str, NamedNode | Literal]


def _bind(query: str, variable: str, iris: Iterable[str]) -> str:
    """Return the query for these values; a NamedNode holds no character that ends an IRI."""
    terms = " ".join(str(NamedNode(iri)) for iri in iris)
    return query.replace("{", f"{{ VALUES ?{variable} {{ {terms} }}", 1)


def _rows(store: Store, query: str) -> Iterator[_Row]:
    """Yield the solutions by name of variable, unbound ones left out."""
    solutions = store.select(query)
    names = [v.value for v in solutions.variables]
    for solution in solutions:
        yield _terms(solution, names)


def _terms(solution: QuerySolution, names: Iterable[str]) -> dict[str, NamedNode | Literal]:
    found = {name: solution[name] for name in names}
    return {n: t for n, t in found.items() if isinstance(t, NamedNode | Literal)}


def _collect(rows: Iterable[_Row], key: str) -> _Values:
    """Return the values of each property of each subject, sorted."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        found[row[key].value][row["property"].value].add(row["value"].value)
    return {s: {p: sorted(values) for p, values in of.items()} for s, of in found.items()}


def _edge(row: _Row, quotes: set[Quote]) -> Edge:
    object_ = row["o"]
    value = object_ if isinstance(object_, Literal) else None
    return Edge(
        iri=row["fact"].value,
        source=row["s"].value,
        predicate=row["p"].value,
        target="" if value else object_.value,
        quotes=tuple(sorted(quotes, key=lambda q: (q.article, q.start, q.end, q.extractor))),
        value=value.value if value else "",
        datatype=value.datatype.value if value else "",
        currency=_text(row, "currency"),
        confidence=_number(row, "confidence"),
        modality=local_name(_text(row, "modality") or "asserted").lower(),
        valid_from=_text(row, "from"),
        valid_to=_text(row, "to"),
    )


def _quote(row: _Row, names: Mapping[str, str]) -> Quote:
    extractor = _text(row, "extractor")
    return Quote(
        article=row["article"].value,
        text=row["text"].value,
        start=int(row["start"].value),
        end=int(row["end"].value),
        confidence=_number(row, "confidence"),
        extractor=names.get(extractor, local_name(extractor)),
        speaker=names.get(_text(row, "speaker"), _text(row, "named")),
    )


def _source(iri: str, values: Mapping[str, list[str]]) -> Source:
    def first(property_: str) -> str:
        return next(iter(values.get(SCHEMA + property_, ())), "")

    return Source(
        iri=iri,
        title=first("headline") or local_name(iri),
        url=first("url"),
        published=first("datePublished"),
        publisher=first("publisher"),
        authors=tuple(values.get(f"{SCHEMA}author", ())),
    )


def _text(row: _Row, name: str) -> str:
    return row[name].value if name in row else ""


def _number(row: _Row, name: str) -> float:
    return float(row[name].value) if name in row else 1.0
