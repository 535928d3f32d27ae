"""The articles that a store holds, and the change from one set of them to another."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from weakref import WeakKeyDictionary

from pyoxigraph import NamedNode, Quad

from kg.build.index import Advance, Index, TooWide, advance, recall, remember
from kg.build.report import Counts
from kg.build.snapshot import Snapshot, make_revision
from kg.cache import ExtractionCache, Kept
from kg.decisions import Decision
from kg.errors import RefusedChange, StoreError
from kg.grounding import Fault
from kg.rdf import Describer, read_decisions
from kg.store import Store

__all__ = ["Holdings"]

_INDEX = "resolution"
# Part of the name of every index: raised when it is written in another way.
_LAYOUT = "5"
# Up to one article in so many is a small change, of which only what it touches is resolved.
SHARE = 20
_ARTICLES = """
SELECT ?id ?key { GRAPH ?article { ?article dcterms:identifier ?id ; kg:extraction ?key } }
"""
_DATASET = """
SELECT ?articles ?entities ?facts ?revision {
  ?dataset a void:Dataset ; void:documents ?articles ; void:entities ?entities ;
    kg:factCount ?facts ; owl:versionInfo ?revision
}
"""


_MEMORIES: WeakKeyDictionary[Store, ExtractionCache] = WeakKeyDictionary()


def _find_cache(store: Store) -> ExtractionCache:
    """Return what keeps the extractions of a store: beside it, or in memory as it is."""
    if store.beside is not None:
        return ExtractionCache(store.beside / "extractions")
    return _MEMORIES.setdefault(store, ExtractionCache(None))


class Holdings:
    """The articles in a store with what was read from them, and what people decided.

    `keys` are the keys of the extractions by article id; `lost` the ids of the articles
    whose extraction is not kept any more; `decisions` come first ones first.
    """

    def __init__(self, store: Store, describer: Describer) -> None:
        self.describer = describer
        self.cache = _find_cache(store)
        self._store = store
        told = [(s["id"].value, s["key"].value) for s in store.select(_ARTICLES)]
        self.keys = dict(sorted(told))
        # An article of two extractions is one whose change was cut off on a server.
        self._is_torn = len(told) > len(self.keys)
        self.lost = {id_ for id_, key in self.keys.items() if key not in self.cache}
        graph = NamedNode(describer.minter.decisions)
        self.decisions = read_decisions(store.quads(graph=graph))
        # What the store says, and what it should say, which is more where it is stale.
        self._snapshot: Snapshot | None = None
        self._current: Snapshot | None = None
        self._kept: dict[str, Kept] = {}

    @property
    def counts(self) -> Counts:
        """How much the store holds."""
        for told in self._store.select(_DATASET):
            names = ("articles", "entities", "facts")
            return Counts(*(int(told[name].value) for name in names))
        return Counts()

    @property
    def is_stale(self) -> bool:
        """Whether the graph was written by other rules, decisions or ontology, or in part."""
        if self._is_torn:
            return True
        revision = make_revision(self.describer.ontology.version, self.decisions)
        written = [told["revision"].value for told in self._store.select(_DATASET)]
        # A description that tells two counts has more rows than one.
        return bool(self.keys) and written != [revision]

    @property
    def snapshot(self) -> Snapshot:
        """What the articles come to now. Raises StoreError where one of them is lost."""
        if self._current is None:
            self._snapshot = self._load()
            self._refuse_lost(self.lost)
            self._current = self._snapshot or Snapshot(
                self._kept, self.describer, decisions=self.decisions
            )
        return self._current

    def replace(
        self,
        new: Mapping[str, Kept],
        *,
        without: Collection[str] = (),
        decisions: Sequence[Decision] | None = None,
    ) -> Counter[Fault]:
        """Bring the store, in one transaction, to hold `new` too and `without` no more.

        `decisions` are all that are to hold, by default those that do. Returns how much of
        what was read from the new articles does not stand in their texts, and so is left
        out. Raises StoreError, with the store as it was, when what was read from an article
        that stays is lost, RefusedChange when a server will not make the change.
        """
        changed = {id_: kept for id_, kept in new.items() if self.keys.get(id_) != kept.key}
        if decisions is None and len(changed) + len(without) <= len(self.keys) // SHARE:
            faults = self._advance(changed, without)
            if faults is not None:
                return faults
        decided = self.decisions if decisions is None else tuple(decisions)
        return self._resolve(new, without, decided)

    def settle(self) -> None:
        """Write down what the articles come to, for the next change to go on from."""
        if self._current is not None and self._folder is not None:
            remember(
                self._current.resolution,
                self._folder,
                self._name,
                articles=self._current.articles,
                extractions=self._current.extractions,
                describer=self.describer,
                is_decided=bool(self.decisions),
            )

    def _advance(self, new: Mapping[str, Kept], without: Collection[str]) -> Counter[Fault] | None:
        """Make a small change by what it touches only; None where that cannot be told."""
        is_known = self._current is not None or self.lost or self.decisions or self.is_stale
        index = None if is_known or not self._folder else Index.open(self._folder, self._name)
        if index is None:
            return None
        with index:
            try:
                index.begin()
                told = advance(
                    index,
                    new,
                    {id_: self._get(id_) for id_ in {*new, *without} if id_ in self.keys},
                    read=self._get,
                    count=len(self.keys),
                    describer=self.describer,
                )
            except (TooWide, sqlite3.Error, LookupError, ValueError, TypeError):
                return None
            self._carry_out(told, new, without)
            with suppress(sqlite3.Error):
                index.note("name", self._name)
                index.commit()
        return sum((Counter(faults) for faults in told.faults.values()), Counter())

    def _get(self, article: str) -> Kept:
        """Return what was read from an article that the store holds."""
        kept = self.cache.get(self.keys[article])
        if kept is None:
            raise TooWide(f"{article}: what was read from it is lost")
        return kept

    def _carry_out(self, told: Advance, new: Mapping[str, Kept], without: Collection[str]) -> None:
        """Write a small change."""
        counts = self.counts
        keys = {**self.keys, **{id_: kept.key for id_, kept in new.items()}}
        keys = {id_: key for id_, key in sorted(keys.items()) if id_ not in without}
        after = Counts(len(keys), counts.entities + told.entities, counts.facts + told.facts)
        before, now = (set(self._describe_dataset(c)) for c in (counts, after))
        self._write(told.removed | (before - now), told.added | now, keys)

    def _describe_dataset(self, counts: Counts) -> Iterator[Quad]:
        if counts.articles:
            yield from self.describer.describe_dataset(
                articles=counts.articles,
                entities=counts.entities,
                facts=counts.facts,
                revision=make_revision(self.describer.ontology.version, self.decisions),
            )

    def _resolve(
        self, new: Mapping[str, Kept], without: Collection[str], decided: tuple[Decision, ...]
    ) -> Counter[Fault]:
        """Make a change by resolving all articles."""
        before = self._load()
        after = {id_: kept for id_, kept in {**self._kept, **new}.items() if id_ not in without}
        self._refuse_lost(self.lost - new.keys() - set(without))
        snapshot = Snapshot(after, self.describer, decisions=decided)
        if before is None:
            there, wanted = set(self._store.quads()), snapshot.quads()
            removed, added = there - wanted, wanted - there
        else:
            removed, added = before.changes_to(snapshot)
        self._write(removed, added, {id_: kept.key for id_, kept in after.items()})
        self._kept, self._snapshot = after, snapshot
        self.lost = set()
        self.decisions, self._current = decided, snapshot
        return sum((Counter(snapshot.faults.get(id_, {})) for id_ in new), Counter())

    def _write(self, removed: set[Quad], added: set[Quad], keys: dict[str, str]) -> None:
        """Change the store to hold the articles of some keys."""
        self.cache.flush()
        try:
            self._store.apply(removed=removed, added=added)
        except RefusedChange:
            # What of it was done is for the store to tell, at the next change.
            self._snapshot, self._is_torn = None, True
            raise
        self._store.flush()
        self._is_torn = False
        for key in set(self.keys.values()) - set(keys.values()):
            self.cache.drop(key)
        self.keys = keys

    def _load(self) -> Snapshot | None:
        """Return what the store says now, None where only the store itself can tell."""
        if self._snapshot is not None:
            return self._snapshot
        for id_, key in self.keys.items():
            kept = self.cache.get(key)
            if kept is None:
                self.lost.add(id_)
            else:
                self._kept[id_] = kept
        if self.lost or self.is_stale:
            return None
        known = recall(self._folder, self._name) if self._folder is not None else None
        return Snapshot(self._kept, self.describer, decisions=self.decisions, resolution=known)

    def _refuse_lost(self, lost: Collection[str]) -> None:
        if lost:
            raise StoreError(
                f"what was read from {len(lost)} of its articles is lost (such as "
                f"{min(lost)}): build them again together with the new ones, or remove them"
            )

    @property
    def _folder(self) -> Path | None:
        """Where the index is kept."""
        return self._store.beside / _INDEX if self._store.beside is not None else None

    @property
    def _name(self) -> str:
        """The name of what the articles come to by the rules."""
        revision = make_revision(self.describer.ontology.version, self.decisions)
        parts = [_LAYOUT, revision, self.describer.minter.base, *sorted(self.keys.values())]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
