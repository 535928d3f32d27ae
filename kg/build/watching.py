"""Keeps a store up to date with folders: what is new, changed or gone in them.

At every rest the store holds what `build` of the folders into a new store would give, besides
what other builds put into it. docs/watching.md says by which rules.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from kg.articles import Found, Make, make_articles, read_articles
from kg.build.building import build_articles, remove
from kg.build.extractor import Extractor, make_extractor
from kg.build.limits import Limits
from kg.build.listing import Listing, State, look
from kg.build.origins import Origins
from kg.build.report import BuildReport, Counts
from kg.build.supervision import Readers, open_readers
from kg.errors import KGError, OversizeSource, SourceError, StoreError, UnreadableSource, UsageError
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
    limits: Limits | None = None,
    extractor: Extractor | None = None,
    on_error: Callable[[KGError], None] | None = None,
    interval: float = 1.0,
) -> Iterator[Rest]:
    """Keep a store up to date with folders, and yield at every rest, the first one included.

    The folders are looked at every `interval` seconds; a file is read once two looks in a
    row have found it the same. The store is open only while there is work. Refused sources go
    to `on_error`, once; so does what keeps the store from being written after the first
    rest, which is tried again. Raises UsageError where something else than a folder is to be
    watched or the store is in memory. Ending it at any moment harms nothing. `limits` are
    those of `build`; an `extractor` of the caller's works in this process all the same.
    """
    for folder in folders:
        if not Path(folder).is_dir():
            raise UsageError(f"{folder}: only folders can be watched, and this is none")
    if str(store) == MEMORY:
        raise UsageError("a store in memory is gone with its watcher: name a folder")
    ontology = ontology or load_ontology()
    watcher = _Watcher(
        roots=[str(Path(folder).resolve()) for folder in folders],
        location=store,
        ontology=ontology,
        base_iri=base_iri,
        on_error=on_error,
    )
    opening: AbstractContextManager[Readers]
    if extractor is None and limits is not None:
        opening = open_readers(ontology, limits, min_confidence=min_confidence, model=model)
    else:
        made = extractor or make_extractor(ontology, min_confidence=min_confidence, model=model)
        opening = nullcontext(Readers(make_articles, made))
    return _watch(watcher, opening, limits=limits, interval=interval)


def _watch(
    watcher: _Watcher,
    opening: AbstractContextManager[Readers],
    *,
    limits: Limits | None,
    interval: float,
) -> Iterator[Rest]:
    with opening as readers:
        most = limits.characters if limits is not None else None
        make = partial(_make_short, make=readers.make, most=most)
        yield from watcher.run(Readers(make, readers.extractor), interval)


def _make_short(
    found: Iterable[Found], *, make: Make, most: int | None
) -> Iterator[tuple[Found, Article | SourceError]]:
    """Yield what is made of documents, but a refusal for each text that is too long."""
    for one, made in make(found):
        if most is not None and isinstance(made, Article) and len(made.text) > most:
            reason = f"the text is longer than {most:,} characters: split it, or allow more"
            yield one, OversizeSource(made.id, reason)
        else:
            yield one, made


@dataclass(kw_only=True)
class _Watcher:
    """One watch: what it has seen of the folders, and what of it the store holds."""

    roots: Sequence[str]
    location: str | Path
    ontology: Ontology
    base_iri: str | None
    on_error: Callable[[KGError], None] | None
    _before: dict[str, State] = field(default_factory=dict)
    _done: dict[str, State] = field(default_factory=dict)
    _claims: dict[str, set[str]] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)
    _trouble: str = ""
    _has_rested: bool = False

    def run(self, readers: Readers, interval: float) -> Iterator[Rest]:
        """Yield at every rest, without end."""
        looks = 0
        while True:
            began = time.monotonic()
            listing = self._look()
            took = time.monotonic() - began
            if listing is not None:
                looks += 1
                rest = self._catch_up(listing, readers) if looks > 1 else None
                if rest is not None:
                    yield rest
                    self._has_rested = True
                self._before = listing.states
            time.sleep(max(interval, took / _SHARE))

    def _look(self) -> Listing | None:
        """Return the files of the folders; what is refused again and again is told once."""
        refused: list[SourceError] = []
        listing = look(self.roots, on_error=refused.append)
        for error in refused:
            if str(error) not in self._told:
                self._tell(error)
        self._told = {str(error) for error in refused}
        return listing

    def _catch_up(self, listing: Listing, readers: Readers) -> Rest | None:
        """Bring the store up to date with what has settled; None where there is nothing to do."""
        states = listing.states
        settled = {path for path in states if states[path] == self._before.get(path)}
        stale = {path for path in settled if states[path] != self._done.get(path)}
        gone = self._done.keys() - states.keys() - self._before.keys()
        if not stale and not gone and self._has_rested:
            return None
        try:
            with open_store(self.location) as store:
                rest = self._bring(self._open(store, listing, readers), stale, gone)
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

    def _open(self, store: Store, listing: Listing, readers: Readers) -> _Reading:
        return _Reading(
            store=store,
            listing=listing,
            readers=readers,
            build=partial(build_articles, ontology=self.ontology, base_iri=self.base_iri),
            origins=Origins((store.beside or Path()) / "origins"),
            claims=self._claims,
            on_error=self._tell,
        )

    def _bring(self, reading: _Reading, stale: Collection[str], gone: Collection[str]) -> Rest:
        """Read what is stale, and remove what no file states any more."""
        origins = reading.origins
        touched = {id_ for path in (*stale, *gone) for id_ in origins.ids.get(path, ())}
        for path in gone:
            self._claims.pop(path, None)
        reports = [reading.read(stale)] if stale else []
        touched |= {id_ for path in stale for id_ in self._claims[path]}
        others = reading.find_claimants(touched)
        if not others <= set(stale):
            reports.append(reading.read(others))
        given_up = {error.source for report in reports for error in report.refused}
        for path in {*stale, *others}:
            self._claims[path] -= given_up
        lost = self._settle(origins, reading.listing)
        removal = remove(lost, store=reading.store, ontology=self.ontology)
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
            is_own = any(map(Path(path).is_relative_to, self.roots))
            if path in self._claims:
                origins.ids[path] = set(self._claims[path])
            elif is_own and path not in listing.files:
                del origins.ids[path]
        return before.difference(*origins.ids.values())

    def _tell(self, error: KGError) -> None:
        if self.on_error is not None:
            self.on_error(error)


@dataclass(kw_only=True, slots=True)
class _Reading:
    """Reads files into a store, each article from the first of the files that state it."""

    store: Store
    listing: Listing
    readers: Readers
    build: Callable[..., BuildReport]
    origins: Origins
    claims: dict[str, set[str]]
    on_error: Callable[[SourceError], None]

    def read(self, paths: Collection[str]) -> BuildReport:
        """Build the articles of files, and note which states which."""
        refused: list[SourceError] = []

        def refuse(error: SourceError) -> None:
            refused.append(error)
            self.on_error(error)

        report = self.build(
            self._read(paths, refuse),
            store=self.store,
            extractor=self.readers.extractor,
            on_error=refuse,
        )
        return replace(report, refused=tuple(refused))

    def find_claimants(self, ids: Collection[str]) -> set[str]:
        """Return the files that state articles of these ids or of others that these files do.

        Read together they give each id to the file that a build from scratch gives it to.
        """
        found: set[str] = set()
        wanted = set(ids)
        while more := {p for p in self.claims.keys() - found if self.claims[p] & wanted}:
            found |= more
            wanted = wanted.union(*(self.claims[path] for path in more))
        return found

    def _read(
        self, paths: Collection[str], refuse: Callable[[SourceError], None]
    ) -> Iterator[Article]:
        owners: dict[str, tuple[str, str]] = {}
        for path in [path for path in self.listing.files if path in paths]:
            claimed = self.claims[path] = set()
            source = self.listing.files[path]
            for article in read_articles([source], on_error=refuse, make=self.readers.make):
                claimed.add(article.id)
                owner, checksum = owners.setdefault(article.id, (path, article.checksum))
                if owner == path:
                    self.origins.note(path, article.id)
                    yield article
                elif checksum != article.checksum:
                    reason = (
                        f"another article has the id {article.id!r} ({owner}): give each its own"
                    )
                    refuse(UnreadableSource(path, reason))
