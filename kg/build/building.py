"""The stages in their order: reads, extracts, resolves and stores what is new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from kg.articles import Policy
from kg.build.extractor import Extractor, make_extractor
from kg.build.holdings import Holdings
from kg.build.limits import Limits
from kg.build.report import BuildReport, Outcome, Progress, RemoveReport
from kg.build.supervision import open_readers, supervise
from kg.cache import Kept, make_key
from kg.errors import OversizeSource, RefusedChange, SourceError, UsageError
from kg.grounding import Fault
from kg.model import Article
from kg.ontology import Ontology, load_ontology
from kg.rdf import Describer
from kg.store import Store
from kg.vocab import BASE_IRI, Minter

__all__ = ["build", "build_articles", "remove"]

# A batch is written when it is half as large as what is there, so that resolving the whole
# set at each batch adds up to a constant number of passes; small stores wait for this many.
_BATCH = 200


def build(
    sources: Sequence[str | Path],
    *,
    store: Store,
    ontology: Ontology | None = None,
    base_iri: str | None = None,
    min_confidence: float | None = None,
    model: Path | None = None,
    limits: Limits | None = None,
    policy: Policy | None = None,
    on_error: Callable[[SourceError], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> BuildReport:
    """Read sources into the store and return what became of each article.

    Articles that the store holds already are skipped, changed ones replaced; a refused
    source is passed to `on_error` and stops nothing. Whatever the order of the sources,
    and however often the build is cut off and run again, the store comes to hold the same
    graph. `base_iri` is by default the one that the store was begun with, `model` the
    folder of the shipped model. With `limits`, documents are read by processes in which each
    article is at its own risk: one that takes too much, or breaks its reader, is refused. A
    script that gives them guards its main part with `if __name__ == "__main__":`. Addresses
    among the sources are fetched as `policy` allows.
    """
    from kg import articles

    ontology = ontology or load_ontology()
    refused: list[SourceError] = []

    def refuse(error: SourceError) -> None:
        refused.append(error)
        if on_error is not None:
            on_error(error)

    with ExitStack() as stack:
        make: articles.Make = articles.make_articles
        if limits is None:
            extractor = make_extractor(ontology, min_confidence=min_confidence, model=model)
        else:
            opening = open_readers(ontology, limits, min_confidence=min_confidence, model=model)
            readers = stack.enter_context(opening)
            make, extractor = readers.make, readers.extractor
        report = _Build(
            _hold(store, ontology, base_iri), extractor, refuse, on_progress, limits
        ).run(articles.read_articles(map(str, sources), on_error=refuse, policy=policy, make=make))
    return replace(report, refused=tuple(refused))


def build_articles(
    articles: Iterable[Article],
    *,
    store: Store,
    extractor: Extractor,
    ontology: Ontology,
    base_iri: str | None = None,
    limits: Limits | None = None,
    on_error: Callable[[SourceError], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> BuildReport:
    """Put articles into the store by an extractor of the caller's; otherwise as `build`.

    Of two articles with one id in one build the one with the smaller checksum is taken
    and the other refused, so that their order does not matter. With `limits`, the extractor
    works in other processes: raises UsageError where its function cannot be sent there.
    """
    holdings = _hold(store, ontology, base_iri)
    with ExitStack() as stack:
        if limits is not None:
            extractor = stack.enter_context(supervise(extractor, limits))
        return _Build(holdings, extractor, on_error, on_progress, limits).run(articles)


def _hold(store: Store, ontology: Ontology, base_iri: str | None) -> Holdings:
    """Return what a store holds, under its base."""
    base = store.base
    if base_iri and base and base_iri != base:
        raise UsageError(f"the store was begun with the base IRI {base}: leave {base_iri} out")
    return Holdings(store, Describer(ontology, Minter(base_iri or base or BASE_IRI)))


def remove(
    article_ids: Iterable[str], *, store: Store, ontology: Ontology | None = None
) -> RemoveReport:
    """Take articles, by id or IRI, out of the store with all that only they state."""
    ontology = ontology or load_ontology()
    describer = Describer(ontology, Minter(store.base or BASE_IRI))
    holdings = Holdings(store, describer)
    ids = {describer.minter.article(id_): id_ for id_ in holdings.keys}
    wanted = {ids.get(name, name) for name in article_ids}
    removed = wanted & holdings.keys.keys()
    if removed:
        holdings.replace({}, without=removed)
        holdings.settle()
    return RemoveReport(tuple(sorted(removed)), tuple(sorted(wanted - removed)), holdings.counts)


class _Build:
    """One build under way."""

    def __init__(
        self,
        holdings: Holdings,
        extractor: Extractor,
        on_error: Callable[[SourceError], None] | None,
        on_progress: Callable[[Progress], None] | None,
        limits: Limits | None,
    ) -> None:
        self._holdings = holdings
        self._extractor = extractor
        self._on_error = on_error
        self._on_progress = on_progress
        self._limits = limits
        self._outcomes: dict[str, Outcome] = {}
        self._checksums: dict[str, str] = {}
        self._reading: dict[tuple[str, str], Article] = {}
        self._pending: dict[str, Kept] = {}
        self._refused: list[SourceError] = []
        self._ungrounded: Counter[Fault] = Counter()

    def run(self, articles: Iterable[Article]) -> BuildReport:
        """Read, extract and store the articles."""
        for told in self._extractor.extract(self._find_new(articles)):
            if isinstance(told, SourceError):
                self._give_up(told)
                continue
            article = self._reading.pop((told.article, told.checksum), None)
            if article is not None:
                self._admit(Kept(self._make_key(article), article, told))
        for article in self._reading.values():
            self._refuse(article.id, "the extractor gave nothing back for it; report this")
        if self._pending or self._holdings.is_stale:
            self._write()
        self._holdings.settle()
        return BuildReport(
            added=self._with(Outcome.ADDED),
            changed=self._with(Outcome.CHANGED),
            unchanged=self._with(Outcome.UNCHANGED),
            refused=tuple(self._refused),
            store=self._holdings.counts,
            ungrounded=dict(self._ungrounded),
        )

    def _find_new(self, articles: Iterable[Article]) -> Iterator[Article]:
        """Yield the articles that must be read by the extractor."""
        most = self._limits.characters if self._limits else None
        for article in articles:
            if most is not None and len(article.text) > most:
                reason = f"the text is longer than {most:,} characters: split it, or allow more"
                self._tell_refused(OversizeSource(article.id, reason))
                continue
            if not self._is_first(article):
                continue
            key = self._make_key(article)
            kept = self._holdings.cache.get(key)
            if kept is None:
                self._reading[article.id, article.checksum] = article
                yield article
            elif self._holdings.keys.get(article.id) == key:
                self._pending.pop(article.id, None)
                self._note(article.id, Outcome.UNCHANGED)
            else:
                self._admit(kept)

    def _give_up(self, error: SourceError) -> None:
        """Refuse an article that is being read."""
        key = next((key for key in self._reading if key[0] == error.source), None)
        if key is not None:
            del self._reading[key]
            self._tell_refused(error)

    def _is_first(self, article: Article) -> bool:
        """Say whether to go on with an article, given those of its id before it."""
        before = self._checksums.get(article.id)
        if before == article.checksum:
            return False
        if before is not None:
            self._refuse(article.id, "another article of this build has the same id")
        if before is None or article.checksum < before:
            self._checksums[article.id] = article.checksum
            return True
        return False

    def _admit(self, kept: Kept) -> None:
        """Keep what was read from an article, and write when there is enough."""
        article = kept.article
        self._holdings.cache.put(kept)
        if self._checksums[article.id] != article.checksum:
            return
        self._pending[article.id] = kept
        is_known = article.id in self._holdings.keys
        if self._holdings.keys.get(article.id) == kept.key:
            self._note(article.id, Outcome.UNCHANGED)
        elif self._outcomes.get(article.id) is not Outcome.ADDED:
            self._note(article.id, Outcome.CHANGED if is_known else Outcome.ADDED)
        is_enough = len(self._pending) >= max(_BATCH, len(self._holdings.keys) // 2)
        if is_enough and not self._holdings.lost:
            self._write()

    def _write(self) -> None:
        """Write what is pending in one transaction, or, where a server refuses it, in many."""
        try:
            self._ungrounded += self._holdings.replace(self._pending)
        except RefusedChange as refusal:
            self._write_singly(refusal)
        self._pending = {}
        self._tell(Outcome.STORED, "")

    def _write_singly(self, refusal: RefusedChange) -> None:
        """Write each article in a transaction of its own, and refuse those that the server does.

        Raises the refusal of all where it takes none of them.
        """
        refused: dict[str, RefusedChange] = {}
        for id_, kept in self._pending.items():
            try:
                self._ungrounded += self._holdings.replace({id_: kept})
            except RefusedChange as error:
                refused[id_] = error
        if len(refused) == len(self._pending):
            raise refusal
        for id_, reason in refused.items():
            del self._outcomes[id_]
            self._refuse(id_, str(reason))

    def _make_key(self, article: Article) -> str:
        ontology = self._holdings.describer.ontology
        return make_key(article, extractor=self._extractor.version, ontology=ontology.version)

    def _refuse(self, article_id: str, reason: str) -> None:
        self._tell_refused(SourceError(article_id, reason))

    def _tell_refused(self, error: SourceError) -> None:
        self._refused.append(error)
        if self._on_error is not None:
            self._on_error(error)
        self._tell(Outcome.REFUSED, error.source)

    def _note(self, article_id: str, outcome: Outcome) -> None:
        self._outcomes[article_id] = outcome
        self._tell(outcome, article_id)

    def _tell(self, outcome: Outcome, article_id: str) -> None:
        if self._on_progress is not None:
            self._on_progress(Progress(outcome, article_id, len(self._outcomes)))

    def _with(self, outcome: Outcome) -> tuple[str, ...]:
        return tuple(sorted(id_ for id_, found in self._outcomes.items() if found is outcome))
