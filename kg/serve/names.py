"""Finds entities by name, as people spell them."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from kg.ontology import Ontology
from kg.store import Store
from kg.vocab import RDF, RDFS, SKOS, fold

__all__ = ["Match", "NameIndex", "Named", "Names"]

_NAMES = """
SELECT ?entity ?property ?value {
  VALUES ?property { rdf:type rdfs:label skos:altLabel }
  ?entity ?property ?value }"""

# How many entities that share letters with what was asked for are looked at closely.
_LOOKED_AT = 200
_LABEL_SCORE, _ALIAS_SCORE = 100.0, 98.0


@dataclass(frozen=True, slots=True)
class Named:
    """An entity with all its names; `types` are names of classes, the most special first."""

    iri: str
    name: str
    types: tuple[str, ...]
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """An entity that may be meant, and how well its name fits: from 0 to 100."""

    entity: Named
    score: float


class NameIndex:
    """The names of a store as it was when this was made."""

    def __init__(self, store: Store, ontology: Ontology) -> None:
        self._entities = sorted(_read_entities(store, ontology), key=lambda e: e.iri)
        self._near: dict[str, list[int]] = defaultdict(list)
        for place, entity in enumerate(self._entities):
            spelled = {fold(name) for name in (entity.name, *entity.aliases)}
            for piece in {piece for name in spelled for piece in _cut(name)}:
                self._near[piece].append(place)

    def find(self, text: str, *, type_: str = "", limit: int = 10) -> list[Match]:
        """Return the entities that a name may mean, the best first; ties in order of IRI."""
        wanted = fold(text)
        shared = Counter(p for piece in _cut(wanted) for p in self._near.get(piece, ()))
        matches = []
        for place, _ in shared.most_common(_LOOKED_AT):
            entity = self._entities[place]
            if not type_ or type_ in entity.types:
                matches.append(Match(entity, _score(wanted, entity)))
        return sorted(matches, key=lambda m: (-m.score, m.entity.iri))[:limit]


class Names:
    """Keeps the index of the newest state of a store."""

    def __init__(self) -> None:
        self._making = threading.Lock()
        self._revision = -1
        self._index: NameIndex | None = None

    def read(self, store: Store, ontology: Ontology, *, revision: int) -> NameIndex:
        """Return the index of a state of the store, made when it is first asked for."""
        with self._making:
            if self._index is None or self._revision != revision:
                self._index, self._revision = NameIndex(store, ontology), revision
            return self._index


def _read_entities(store: Store, ontology: Ontology) -> Iterator[Named]:
    """Yield whatever has a label and a class of the ontology."""
    said: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in store.select(_NAMES):
        said[row["entity"].value][row["property"].value].add(row["value"].value)
    classes = {c.iri: c.name for c in ontology.classes.values()}
    for iri, values in said.items():
        types = [classes[t] for t in values[f"{RDF}type"] if t in classes]
        labels = sorted(values[f"{RDFS}label"])
        if types and labels:
            types.sort(key=lambda name: (-len(ontology.ancestors(name)), name))
            aliases = sorted({*labels[1:], *values[f"{SKOS}altLabel"]} - {labels[0]})
            yield Named(iri, labels[0], tuple(types), tuple(aliases))


def _cut(name: str) -> set[str]:
    """Return the runs of three letters in a folded name, its ends included."""
    padded = f"  {name} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}


def _score(wanted: str, entity: Named) -> float:
    if fold(entity.name) == wanted:
        return _LABEL_SCORE
    spelled = {fold(alias) for alias in entity.aliases}
    if wanted in spelled:
        return _ALIAS_SCORE
    return max(_likeness(wanted, name) for name in (fold(entity.name), *spelled))


def _likeness(wanted: str, name: str) -> float:
    """Return how much two names have in common, below that of an alias."""
    ratio = SequenceMatcher(None, wanted, name, autojunk=False).ratio()
    is_part = bool(set(wanted.split())) and set(wanted.split()) <= set(name.split())
    return round(max(ratio, 0.8 if is_part else 0) * (_ALIAS_SCORE - 3), 1)
