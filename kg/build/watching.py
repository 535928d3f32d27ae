"""Keeps a store up to date with folders: what is new, changed or gone in them.

At every rest the store holds what `build` of the folders into a new store would give, besides
what other builds put into it. docs/watching.md says by which rules.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from kg.articles import read_articles
from kg.build.building import build_articles, remove
from kg.build.extractor import Extractor, make_extractor
from kg.build.listing import Listing, State, look
from kg.build.origins import Origins
from kg.build.report import BuildReport, Counts
from kg.errors import KGError, SourceError, StoreError, UnreadableSource, UsageError
from kg.model import Article
from kg.ontology import Ontology, load_ontology
from kg.store import MEMORY, Store, open_store

__all__ = ["Rest", "watch"]

# A look at very many files may take long: at most this part of the time is spent on looking.
_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Rest:
    """What was done to the store since the rest before: ids of articles, sorted; the store."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    refused: tuple[SourceError, ...] = ()
    store: Counts = field(default_factory=Counts)


def watch(
    folders: Sequence[str | Path],
    *,
    store: str | Path,
    ontology: Ontology | None = None,
    base_iri: str | None = None,
    min_confidence: float | None = None,
    model: Path | None = None,
    extractor: Extractor | None = None,
    on_error: Callable[[KGError], None] | None = None,
    interval: float = 1.0,
) -> Iterator[Rest]:
    """Keep a store up to date with folders, and yield at every rest, the first one included.

    The folders are looked at every `interval` seconds; a file is read once two looks in a
    row have found it the same. The store is open only while there is work. Refused sources go
    to `on_error`, once; so does what keeps the store from being written after the first
    rest, which is tried again. Raises UsageError where something else than a folder is to be
    watched or the store is in memory. Ending it at any moment harms nothing.
    """
    for folder in folders:
        if not Path(folder).is_dir():
            raise UsageError(f"{folder}: only folders can be watched, and this is none")
    if str(store) == MEMORY:
        raise UsageError("a store in memory is gone with its watcher: name a folder")
    ontology = ontology or load_ontology()
    build = partial(
        build_articles,
        extractor=extractor or make_extractor(ontology, min_confidence=min_confidence, model=model),
        ontology=ontology,
        base_iri=base_iri,
    )
    roots = [str(Path(folder).resolve()) for folder in folders]
    return _Watcher(roots, store, build, ontology, on_error).run(interval)


class _Watcher:
    """One watch: what it has seen of the folders, and what of it the store holds."""

    def __init__(
        self,
        roots: Sequence[str],
        location: str | Path,
        build: Callable[..., BuildReport],
        ontology: Ontology,
        on_error: Callable[[KGError], None] | None,
    ) -> None:
        self._roots = roots
        self._location = location
        self._build = build
        self._ontology = ontology
        self._on_error = on_error
        self._before: dict[str, State] = {}
        self._done: dict[str, State] = {}
        self._claims: dict[str, set[str]] = {}
        self._told: set[str] = set()
        self._trouble = ""
        self._has_rested = False

    def run(self, interval: float) -> Iterator[Rest]:
        """Yield at every rest, without end."""
        looks = 0
        while True:
            began = time.monotonic()
            listing = self._look()
            took = time.monotonic() - began
            if listing is not None:
                looks += 1
                rest = self._catch_up(listing) if looks > 1 else None
                if rest is not None:
                    yield rest
                    self._has_rested = True
                self._before = listing.states
            time.sleep(max(interval, took / _SHARE))

    def _look(self) -> Listing | None:
        """Return the files of the folders; what is refused again and again is told once."""
        refused: list[SourceError] = []
        listing = look(self._roots, on_error=refused.append)
        for error in refused:
            if str(error) not in self._told:
                self._tell(error)
        self._told = {str(error) for error in refused}
        return listing

    def _catch_up(self, listing: Listing) -> Rest | None:
        """Bring the store up to date with what has settled; None where there is nothing to do."""
        states = listing.states
        settled = {path for path in states if states[path] == self._before.get(path)}
        stale = {path for path in settled if states[path] != self._done.get(path)}
        gone = self._done.keys() - states.keys() - self._before.keys()
        if not stale and not gone and self._has_rested:
            return None
        try:
            with open_store(self._location) as store:
                rest = self._bring(store, listing, stale, gone)
        except StoreError as error:
            if not self._has_rested:
                raise
            # Perhaps another process is at it: all of this is done at a later look.
            if str(error) != self._trouble:
                self._tell(error)
            self._trouble = str(error)
            return None
        self._trouble = ""
        self._done = {path: state for path, state in self._done.items() if path not in gone}
        self._done |= {path: states[path] for path in stale}
        return rest

    def _bring(
        self, store: Store, listing: Listing, stale: Collection[str], gone: Collection[str]
    ) -> Rest:
        """Read what is stale, and remove what no file states any more."""
        origins = Origins((store.beside or Path()) / "origins")
        reading = _Reading(store, listing, origins, self._claims, self._tell)
        touched = {id_ for path in (*stale, *gone) for id_ in origins.ids.get(path, ())}
        for path in gone:
            self._claims.pop(path, None)
        reports = [reading.read(stale, self._build)] if stale else []
        touched |= {id_ for path in stale for id_ in self._claims[path]}
        others = reading.find_claimants(touched)
        if not others <= set(stale):
            reports.append(reading.read(others, self._build))
        lost = self._settle(origins, listing)
        removal = remove(lost, store=store, ontology=self._ontology)
        origins.settle()
        added = {id_ for report in reports for id_ in report.added}
        changed = {id_ for report in reports for id_ in report.changed}
        return Rest(
            added=tuple(sorted(added)),
            changed=tuple(sorted(changed - added)),
            removed=removal.removed,
            refused=tuple(error for report in reports for error in report.refused),
            store=removal.store,
        )

    def _settle(self, origins: Origins, listing: Listing) -> set[str]:
        """Let each file have the articles that it states, and return those that none does."""
        before = set().union(*origins.ids.values())
        for path in list(origins.ids):
            is_own = any(map(Path(path).is_relative_to, self._roots))
            if path in self._claims:
                origins.ids[path] = set(self._claims[path])
            elif is_own and path not in listing.files:
                del origins.ids[path]
        return before.difference(*origins.ids.values())

    def _tell(self, error: KGError) -> None:
        if self._on_error is not None:
            self._on_error(error)


class _Reading:
    """Reads files into a store, each article from the first of the files that state it."""

    def __init__(
        self,
        store: Store,
        listing: Listing,
        origins: Origins,
        claims: dict[str, set[str]],
        on_error: Callable[[SourceError], None],
    ) -> None:
        self._store = store
        self._listing = listing
        self._origins = origins
        self._claims = claims
        self._on_error = on_error

    def read(self, paths: Collection[str], build: Callable[..., BuildReport]) -> BuildReport:
        """Build the articles of files, and note which states which."""
        refused: list[SourceError] = []

        def refuse(error: SourceError) -> None:
            refused.append(error)
            self._on_error(error)

        report = build(self._read(paths, refuse), store=self._store, on_error=refuse)
        return replace(report, refused=tuple(refused))

    def find_claimants(self, ids: Collection[str]) -> set[str]:
        """Return the files that state articles of these ids or of others that these files do.

        Read together they give each id to the file that a build from scratch gives it to.
        """
        found: set[str] = set()
        wanted = set(ids)
        while more := {p for p in self._claims.keys() - found if self._claims[p] & wanted}:
            found |= more
            wanted = wanted.union(*(self._claims[path] for path in more))
        return found

    def _read(
        self, paths: Collection[str], refuse: Callable[[SourceError], None]
    ) -> Iterator[Article]:
        owners: dict[str, tuple[str, str]] = {}
        for path in [path for path in self._listing.files if path in paths]:
            claimed = self._claims[path] = set()
            for article in read_articles([self._listing.files[path]], on_error=refuse):
                claimed.add(article.id)
                owner, checksum = owners.setdefault(article.id, (path, article.checksum))
                if owner == path:
                    self._origins.note(path, article.id)
                    yield article
                elif checksum != article.checksum:
                    reason = (
                        f"another article has the id {article.id!r} ({owner}): give each its own"
                    )
                    refuse(UnreadableSource(path, reason))
