"""Lists entities by what the graph says of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kg.errors import UsageError
from kg.ontology import Ontology, load_ontology
from kg.store import Store
from kg.vocab import fold

__all__ = ["EntitySummary", "list_entities"]

_NAMES = """
SELECT ?entity ?class ?name ?alias {
  ?entity rdfs:label ?name ; a ?class . OPTIONAL { ?entity skos:altLabel ?alias }
}
"""
_FACTS = """
SELECT ?entity (COUNT(DISTINCT ?fact) AS ?facts) (COUNT(DISTINCT ?article) AS ?articles) {
  ?fact a kg:Fact ; rdf:subject|rdf:object ?entity ; prov:wasDerivedFrom ?article
  FILTER(isIRI(?entity))
} GROUP BY ?entity
"""


@dataclass(frozen=True, slots=True)
class EntitySummary:
    """An entity, how many facts it is in, and how many articles state these."""

    iri: str
    name: str
    type: str
    aliases: tuple[str, ...]
    facts: int
    articles: int


def list_entities(
    store: Store, *, search: str = "", type_: str = "", ontology: Ontology | None = None
) -> tuple[EntitySummary, ...]:
    """Return the entities, those in most facts first.

    `search` is a part of a name or alias, without regard to case and accents, `type_` a
    class of the ontology, with those below it. Raises UsageError where there is no such class.
    """
    ontology = ontology or load_ontology()
    if type_ and type_ not in ontology.classes:
        raise UsageError(f"no class {type_!r}: choose from {', '.join(ontology.entity_classes)}")
    counts = {
        row["entity"].value: (int(row["facts"].value), int(row["articles"].value))
        for row in store.select(_FACTS)
    }
    wanted = fold(search)
    found = [
        EntitySummary(iri, name, class_, aliases, *counts.get(iri, (0, 0)))
        for iri, name, class_, aliases in _read_names(store, ontology)
        if (not type_ or ontology.is_a(class_, type_))
        and any(wanted in fold(form) for form in (name, *aliases))
    ]
    return tuple(sorted(found, key=lambda e: (-e.facts, fold(e.name), e.iri)))


def _read_names(
    store: Store, ontology: Ontology
) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Yield IRI, name, class and aliases of each entity."""
    classes = {c.iri: c.name for c in ontology.classes.values()}
    names: dict[str, str] = {}
    types: dict[str, set[str]] = {}
    aliases: dict[str, set[str]] = {}
    for row in store.select(_NAMES):
        iri, class_ = row["entity"].value, classes.get(row["class"].value, "")
        if class_:
            names[iri] = row["name"].value
            types.setdefault(iri, set()).add(class_)
            if row["alias"] is not None:
                aliases.setdefault(iri, set()).add(row["alias"].value)
    for iri, found in types.items():
        class_ = max(found, key=lambda t: (len(ontology.ancestors(t)), t))
        yield iri, names[iri], class_, tuple(sorted(aliases.get(iri, ())))
