"""What the linked data and the pages say about one entity, fact or article."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, QueryTriples, Triple

from kg.cache import ExtractionCache, Kept
from kg.serve.messages import Problem
from kg.serve.paths import write_value
from kg.store import Store
from kg.vocab import RDF, SCHEMA

__all__ = ["KINDS", "Statement", "find_text", "read_metadata", "read_statements", "read_triples"]

# What stands below each of these names, and which query says all about it.
KINDS = {
    "entity": """
CONSTRUCT { ?it ?p ?o . ?fact ?q ?v . ?other rdfs:label ?label } WHERE {
  { ?it ?p ?o }
  UNION { ?fact a kg:Fact ; rdf:subject|rdf:object ?it ; ?q ?v }
  UNION { ?fact a kg:Fact ; rdf:subject|rdf:object ?it ; rdf:subject|rdf:object ?other .
          ?other rdfs:label ?label } }""",
    "article": "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?it { ?s ?p ?o } }",
    "fact": """
CONSTRUCT { ?it ?p ?o . ?place ?q ?v . ?target ?r ?w . ?selector ?t ?x } WHERE {
  { ?it ?p ?o }
  UNION { GRAPH ?article { ?place oa:hasBody ?it ; ?q ?v } }
  UNION { GRAPH ?article { ?place oa:hasBody ?it ; oa:hasTarget ?target . ?target ?r ?w } }
  UNION { GRAPH ?article { ?place oa:hasBody ?it ; oa:hasTarget/oa:hasSelector ?selector .
                           ?selector ?t ?x } } }""",
}

_METADATA = "SELECT ?it ?p ?o { GRAPH ?it { ?it ?p ?o } }"

_STATEMENTS = """
SELECT ?it ?fact ?s ?subject ?p ?o ?object ?start ?end ?quote ?confidence ?modality ?currency {
  GRAPH ?it {
    ?place oa:hasBody ?fact ; kg:confidence ?confidence ; kg:modality ?modality ;
           oa:hasTarget ?target .
    ?target oa:hasSelector ?span , ?words .
    ?span oa:start ?start ; oa:end ?end .
    ?words oa:exact ?quote }
  ?fact rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o .
  OPTIONAL { ?fact kg:currency ?currency }
  OPTIONAL { ?s rdfs:label ?subject }
  OPTIONAL { ?o rdfs:label ?object }
}
ORDER BY ?start ?end ?fact"""


@dataclass(frozen=True, slots=True)
class Statement:
    """A fact as one place of an article states it, in the words of `quote`.

    `object` is the IRI of an entity, or "" where `object_name` is a value; offsets are
    half-open and count characters of the article's text.
    """

    fact: str
    subject: str
    subject_name: str
    predicate: str
    object: str
    object_name: str
    start: int
    end: int
    quote: str
    confidence: str
    modality: str


def read_triples(store: Store, kind: str, iri: str) -> list[Triple]:
    """Return what is said about a resource. Raises Problem where nothing is."""
    answer = store.query(KINDS[kind], substitutions={"it": NamedNode(iri)})
    triples = list(answer) if isinstance(answer, QueryTriples) else []
    if not triples:
        raise Problem(404, "Not found", f"the graph says nothing about this {kind}")
    return triples


def read_metadata(store: Store, iri: str) -> dict[str, list[str]]:
    """Return what an article's graph says about the article itself, sorted, by property."""
    said: dict[str, set[str]] = {}
    for row in store.select(_METADATA, substitutions={"it": NamedNode(iri)}):
        said.setdefault(row["p"].value, set()).add(row["o"].value)
    if f"{SCHEMA}NewsArticle" not in said.get(f"{RDF}type", ()):
        raise Problem(404, "Not found", "the graph holds no such article")
    return {property_: sorted(values) for property_, values in said.items()}


def read_statements(store: Store, article: str) -> Iterator[Statement]:
    """Yield the facts that an article states, in the order of its text."""
    for row in store.select(_STATEMENTS, substitutions={"it": NamedNode(article)}):
        object_ = row["o"]
        is_value = isinstance(object_, Literal)
        currency = row["currency"].value if row["currency"] else ""
        label = row["object"].value if row["object"] else write_value(object_.value, currency)
        yield Statement(
            fact=row["fact"].value,
            subject=row["s"].value,
            subject_name=row["subject"].value if row["subject"] else row["s"].value,
            predicate=row["p"].value,
            object="" if is_value else object_.value,
            object_name=label,
            start=int(row["start"].value),
            end=int(row["end"].value),
            quote=row["quote"].value,
            confidence=row["confidence"].value,
            modality=row["modality"].value,
        )


def find_text(folder: Path | None, key: str) -> Kept | None:
    """Return an article's text with its mentions, where what was read from it is kept."""
    return ExtractionCache(folder / "extractions").get(key) if folder and key else None
