"""The articles that a store holds, and the change from one set of them to another."""

from __future__ import annotations

from kg.build.snapshot import Snapshot
from kg.cache import ExtractionCache, Kept
from kg.rdf import Describer
from kg.store import Store

__all__ = ["Holdings", "find_base"]

_BASE = "SELECT ?base { ?dataset a void:Dataset ; void:uriSpace ?base }"
_ARTICLES = """
SELECT ?id ?key { GRAPH ?article { ?article dcterms:identifier ?id ; kg:extraction ?key } }
"""
_DATASET = """
SELECT ?articles ?entities ?facts ?revision {
  ?dataset a void:Dataset ; void:documents ?articles ; void:entities ?entities ;
    kg:factCount ?facts ; owl:versionInfo ?revision
}
"""


def find_base(store: Store) -> str:
    """Return the base IRI that a store was begun with; nothing for an empty store."""
    return next((solution["base"].value for solution in store.select(_BASE)), "")


class Holdings:
    """The articles in a store with what was read from them.

    `keys` are the keys of the extractions by article id; `lost` the ids of the articles
    whose extraction is not kept any more.
    """

    def __init__(self, store: Store, describer: Describer) -> None:
        self.describer = describer
        self.cache = ExtractionCache(store.folder / "extractions" if store.folder else None)
        self._store = store
        self.keys = {s["id"].value: s["key"].value for s in store.select(_ARTICLES)}
        self.lost = {id_ for id_, key in self.keys.items() if key not in self.cache}
        self._kept: dict[str, Kept] | None = None
        self._snapshot: Snapshot | None = None


"""
"""
