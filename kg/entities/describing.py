"""Tells what made an entity: the names in the articles, and every merge of two of them."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from kg.build.register import Register
from kg.decisions import Decision, Grouping
from kg.entities.listing import EntitySummary, list_entities
from kg.errors import StoreError
from kg.model import Entity, Link, Span
from kg.ontology import Ontology
from kg.store import Store
from kg.view import find_entities

__all__ = ["EntityReport", "MergeReport", "Naming", "describe_entity"]

# So many characters of the article are shown before and behind a name.
_AROUND = 60

_LINKS = """
SELECT ?entity ?target ?rule ?score {
  ?link a kg:Link ; rdf:subject ?entity ; rdf:object ?target ; kg:rule ?rule ; kg:confidence ?score
}
"""
_ARTICLES = """
SELECT DISTINCT ?entity ?id ?title {
  ?fact a kg:Fact ; rdf:subject|rdf:object ?entity ; prov:wasDerivedFrom ?article .
  GRAPH ?article {
    ?article dcterms:identifier ?id . OPTIONAL { ?article schema:headline ?title }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Naming:
    """What an article calls a thing: the name, its class there, and the words around it.

    `span` is that of its first mention by name.
    """

    article: str
    name: str
    type: str
    span: Span
    context: str


@dataclass(frozen=True, slots=True)
class MergeReport:
    """Two clusters that are one thing, by a rule with its score, or by a decision."""

    left: Naming
    right: Naming
    rule: str
    score: float
    decision: int = 0


@dataclass(frozen=True, slots=True)
class EntityReport:
    """What made an entity; `articles` are pairs of id and title, sorted.

    `decisions` are those that name it or made a merge. `names` and `merges` are None where
    what was read from the articles is not kept here, as of the store of a server that
    another computer built; the articles are then those of its facts.
    """

    entity: Entity
    facts: int
    articles: tuple[tuple[str, str], ...]
    names: tuple[Naming, ...] | None
    merges: tuple[MergeReport, ...] | None
    decisions: tuple[Decision, ...]


def describe_entity(
    store: Store, name: str, *, ontology: Ontology | None = None
) -> tuple[EntityReport, ...]:
    """Return what made each entity of a name, alias or IRI.

    Raises UsageError where there is none.
    """
    iris = find_entities(store, name)
    register = Register(store, ontology=ontology)
    listed = {e.iri: e for e in list_entities(store, ontology=register.ontology)}
    summaries = [listed[iri] for iri in iris if iri in listed]
    try:
        describing = _Describing(register)
    except StoreError:
        return tuple(_describe_graph(store, summary, register) for summary in summaries)
    return tuple(map(describing.describe, summaries))


class _Describing:
    """A resolution with all that it was made of."""

    def __init__(self, register: Register) -> None:
        resolution = register.resolve()
        self._register = register
        self._merges = resolution.merges
        self._entities = {entity.iri: entity for entity in resolution.entities}
        self._clusters = {e.article: e.clusters for e in register.extractions}

    def describe(self, summary: EntitySummary) -> EntityReport:
        """Return what made an entity."""
        if summary.iri not in self._entities:
            raise StoreError(f"{summary.iri}: the graph is not that of its articles: build again")
        entity = self._entities[summary.iri]
        names = {member: self._find_naming(*member) for member in entity.members}
        merges = [
            MergeReport(names[m.left], names[m.right], m.rule, m.score, m.decision)
            for m in self._merges
            if m.left in names
        ]
        used = {report.decision for report in merges}
        articles = self._register.articles
        return EntityReport(
            entity=entity,
            facts=summary.facts,
            articles=tuple((id_, articles[id_].title) for id_ in sorted({a for a, _ in names})),
            names=tuple(names.values()),
            merges=tuple(sorted(merges, key=lambda m: (-m.score, m.rule, m.left.article))),
            decisions=tuple(
                d for d in self._register.decisions if d.number in used or _names(d, entity)
            ),
        )

    def _find_naming(self, article: str, number: int) -> Naming:
        cluster = self._clusters[article][number]
        span = next(m.span for m in cluster.mentions if m.named)
        text = self._register.articles[article].text
        words = text[max(0, span.start - _AROUND) : span.end + _AROUND]
        return Naming(article, cluster.name, cluster.type, span, " ".join(words.split()))


def _describe_graph(store: Store, summary: EntitySummary, register: Register) -> EntityReport:
    """Return what the graph alone tells."""
    about = {"entity": ox.NamedNode(summary.iri)}
    links = (
        Link(row["target"].value, row["rule"].value, float(row["score"].value))
        for row in store.select(_LINKS, substitutions=about)
    )
    codes = store.select("SELECT ?entity ?code { ?entity kg:isoCode ?code }", substitutions=about)
    entity = Entity(
        iri=summary.iri,
        name=summary.name,
        type=summary.type,
        aliases=summary.aliases,
        links=tuple(sorted(links)),
        iso_code=next((row["code"].value for row in codes), ""),
    )
    rows = store.select(_ARTICLES, substitutions=about)
    articles = {(row["id"].value, row["title"].value if row["title"] else "") for row in rows}
    decisions = tuple(d for d in register.decisions if _names(d, entity))
    return EntityReport(entity, summary.facts, tuple(sorted(articles)), None, None, decisions)


def _names(decision: Decision, entity: Entity) -> bool:
    """Say whether a decision fixes what an entity is called."""
    return isinstance(decision.about, Grouping) and decision.about.iri == entity.iri
