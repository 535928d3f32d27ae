"""Tells a graph as nanopublications, each fact and each entity a publication of its own.

See https://nanopub.net/guidelines/working_draft/: four named graphs, of which the head names
the other three. The assertion is a fact with its state, time and qualifiers, or what an entity
is called; the provenance its evidence, down to the quote and the article; the publication info
the data set that it is part of. Each stands alone: what several are derived from, all tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg.errors import ExportError
from kg.store import Store
from kg.vocab import DCTERMS, KG, NANOPUB, OA, PROV, RDF, SCHEMA, VOID, Minter

__all__ = ["make_nanopublications"]

_Node = ox.NamedNode | ox.BlankNode
_Term = _Node | ox.Literal | ox.Triple
_Triple = tuple[_Node, ox.NamedNode, _Term]

_TYPE = ox.NamedNode(f"{RDF}type")
_TERMS = tuple(ox.NamedNode(f"{RDF}{name}") for name in ("subject", "predicate", "object"))
_MODALITY, _ASSERTED = ox.NamedNode(f"{KG}modality"), ox.NamedNode(f"{KG}Asserted")
_FACT, _LINK = ox.NamedNode(f"{KG}Fact"), ox.NamedNode(f"{KG}Link")
_NO_ENTITIES = (_FACT, _LINK, ox.NamedNode(f"{KG}Extractor"), ox.NamedNode(f"{VOID}Dataset"))
_ARTICLE = ox.NamedNode(f"{SCHEMA}NewsArticle")
_EVIDENCE = ox.NamedNode(f"{KG}evidence")
_DERIVED_FROM = ox.NamedNode(f"{PROV}wasDerivedFrom")
_GENERATED_BY = ox.NamedNode(f"{PROV}wasGeneratedBy")
_PART_OF = ox.NamedNode(f"{DCTERMS}isPartOf")

# What a fact node says of where it comes from; all else is what it states.
_ORIGINS = frozenset({_DERIVED_FROM, _GENERATED_BY})
_PROVENANCE = _ORIGINS | {
    _EVIDENCE,
    *(ox.NamedNode(f"{KG}{n}") for n in ("confidence", "publisherCount")),
}
# What leads from a fact to all that its provenance tells.
_FOLLOWED = _ORIGINS | {
    *(
        _EVIDENCE,
        ox.NamedNode(f"{KG}speaker"),
        ox.NamedNode(f"{KG}cue"),
        ox.NamedNode(f"{PROV}wasAttributedTo"),
    ),
    *(ox.NamedNode(f"{OA}{name}") for name in ("hasTarget", "hasSelector", "hasSource")),
}


def make_nanopublications(store: Store, minter: Minter) -> Iterator[ox.Quad]:
    """Yield a nanopublication for each fact and each entity of a store.

    A fact that is not asserted has no plain triple in its assertion, which tells its state.
    What is quarantined, decided or computed is not published.
    """
    source = _Source(store)
    dataset = ox.NamedNode(minter.dataset)
    for fact in source.facts:
        origins = [(p, o) for _, p, o in source.said[fact] if p in _ORIGINS]
        yield from _publish(minter, fact, source.state(fact), source.trace(fact), origins)
    for entity in source.entities:
        articles: list[_Term] = sorted(source.articles.get(entity, ()), key=str)
        origins = [(_DERIVED_FROM, article) for article in articles or [dataset]]
        yield from _publish(
            minter, entity, source.describe(entity), source.describe_links(entity), origins
        )


def _publish(
    minter: Minter,
    thing: _Node,
    stated: Iterable[_Triple],
    traced: Iterable[_Triple],
    origins: Iterable[tuple[ox.NamedNode, _Term]],
) -> Iterator[ox.Quad]:
    """Yield the four graphs of one nanopublication; `origins` is said of its assertion."""
    iri = minter.nanopublication(str(thing))
    whole, head = ox.NamedNode(iri), ox.NamedNode(f"{iri}#head")
    assertion, provenance = ox.NamedNode(f"{iri}#assertion"), ox.NamedNode(f"{iri}#provenance")
    publication = ox.NamedNode(f"{iri}#pubinfo")
    yield ox.Quad(whole, _TYPE, ox.NamedNode(f"{NANOPUB}Nanopublication"), head)
    yield ox.Quad(whole, ox.NamedNode(f"{NANOPUB}hasAssertion"), assertion, head)
    yield ox.Quad(whole, ox.NamedNode(f"{NANOPUB}hasProvenance"), provenance, head)
    yield ox.Quad(whole, ox.NamedNode(f"{NANOPUB}hasPublicationInfo"), publication, head)
    yield from (ox.Quad(*triple, assertion) for triple in stated)
    yield from (ox.Quad(assertion, *origin, provenance) for origin in origins)
    yield from (ox.Quad(*triple, provenance) for triple in traced)
    yield ox.Quad(whole, _PART_OF, ox.NamedNode(minter.dataset), publication)


class _Source:
    """What the default graph and the graphs of articles say.

    `said` are the triples by subject; `articles` those that state facts of an entity.
    """

    def __init__(self, store: Store) -> None:
        default = ox.DefaultGraph()
        typed = store.quads(predicate=_TYPE, object_=_ARTICLE)
        graphs = {default, *(quad.graph_name for quad in typed)}
        self.said: defaultdict[_Term, list[_Triple]] = defaultdict(list)
        things: set[_Node] = set()
        for quad in store.quads():
            if isinstance(quad.subject, ox.Triple):
                continue  # RDF 1.2 has no such subjects
            if quad.graph_name in graphs:
                self.said[quad.subject].append((quad.subject, quad.predicate, quad.object))
            if quad.graph_name == default:
                things.add(quad.subject)
        types = {thing: {o for _, p, o in self.said[thing] if p == _TYPE} for thing in things}
        ordered = sorted(things, key=str)
        self.facts = [thing for thing in ordered if _FACT in types[thing]]
        self.entities = [t for t in ordered if types[t].isdisjoint(_NO_ENTITIES)]
        self._is_entity = set(self.entities)
        self._claims = {self._read_claim(fact): fact for fact in self.facts}
        self._links: defaultdict[_Term, list[_Node]] = defaultdict(list)
        for tie in (thing for thing in ordered if _LINK in types[thing]):
            self._links[self._read_claim(tie)[0]].append(tie)
        self.articles: defaultdict[_Term, set[_Term]] = defaultdict(set)
        for (subject, _, object_), fact in self._claims.items():
            origins = {o for _, p, o in self.said[fact] if p == _DERIVED_FROM}
            self.articles[subject] |= origins
            self.articles[object_] |= origins

    def state(self, fact: _Node) -> Iterator[_Triple]:
        """Yield what a fact states: its node, and its plain triples where it is asserted."""
        yield from (triple for triple in self.said[fact] if triple[1] not in _PROVENANCE)
        if (fact, _MODALITY, _ASSERTED) in self.said[fact]:
            subject, predicate, object_ = claim = self._read_claim(fact)
            yield claim
            # A symmetric fact stands in both directions.
            if isinstance(object_, _Node):
                turned = object_, predicate, subject
                if turned in self.said[object_] and turned not in self._claims:
                    yield turned

    def trace(self, fact: _Node) -> Iterator[_Triple]:
        """Yield where a fact comes from, down to the quotes and the articles."""
        waiting: list[_Term] = [fact]
        seen: set[_Term] = set()
        while waiting:
            node = waiting.pop()
            if node in seen or node in self._is_entity:
                continue
            seen.add(node)
            for triple in self.said.get(node, ()):
                if node != fact or triple[1] in _PROVENANCE:
                    yield triple
                    if triple[1] in _FOLLOWED:
                        waiting.append(triple[2])

    def describe(self, entity: _Node) -> Iterator[_Triple]:
        """Yield what an entity is and is called: all that no fact claims."""
        for triple in self.said[entity]:
            subject, predicate, object_ = triple
            if triple not in self._claims and (object_, predicate, subject) not in self._claims:
                yield triple

    def describe_links(self, entity: _Node) -> Iterator[_Triple]:
        """Yield by which rule an entity is tied to nodes of other data sets."""
        for tie in self._links.get(entity, ()):
            yield from self.said[tie]

    def _read_claim(self, statement: _Node) -> _Triple:
        """Return the three terms of a fact or a link."""
        told = {predicate: object_ for _, predicate, object_ in self.said[statement]}
        subject, predicate, object_ = (told[term] for term in _TERMS)
        if not isinstance(subject, _Node) or not isinstance(predicate, ox.NamedNode):
            raise ExportError(f"{statement}: its subject or predicate is no IRI: build it again")
        return subject, predicate, object_
