"""What resolution costs, and one article more, beside building the whole store.

    python benchmarks/resolution.py ../shared/data/wikinews/articles.jsonl.gz --kept /tmp/read

Articles are read by the pipeline once and kept in a folder; another run finds them there.
Each figure is taken in a process of its own: resolving all articles, with the most memory
that took; building a store of them from what was read; then adding single articles to it,
each in a new process, from the opening of the store to its closing, and taking them out
again. What reading takes is measured on a sample at the same time, and counts for all by
words. Ratios are to reading and building all. Seconds of the processors stand beside those
of the clock, since other work on the machine disturbs them less.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console
from rich.table import Table

from kg.articles import read_articles
from kg.build import Extractor, build_articles, remove
from kg.build.extractor import make_extractor, name_version
from kg.build.snapshot import Snapshot
from kg.cache import ExtractionCache, Kept, make_key
from kg.model import Article, Extraction
from kg.ontology import load_ontology
from kg.rdf import Describer
from kg.store import open_store
from kg.vocab import Minter

ONTOLOGY = load_ontology()


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of the clock and of the processors, and the most memory, in MB."""

    clock: float
    processors: float
    memory: float
    note: str = ""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("source", help="articles: a file or folder that kg build reads")
    parser.add_argument("--kept", type=Path, help="where to keep what is read from them")
    parser.add_argument("--articles", type=int, default=5000)
    parser.add_argument("--more", type=int, default=5, help="articles to add, one by one")
    parser.add_argument("--sample", type=int, default=100, help="articles to read for the clock")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        kept = options.kept or place / "kept"
        found = read_articles([options.source], on_error=lambda _: None)
        articles = list(islice(found, options.articles + options.more))
        keep_all(articles, kept)
        store, more = articles[: options.articles], articles[options.articles :]
        sample = store[:: max(1, len(store) // options.sample)]
        reading = scale(run(read_again, sample), count_words(store) / count_words(sample))
        costs = {
            "reading all": reading,
            "resolving all": run(resolve_all, store, kept),
            "building all, once read": run(build, store, kept, place / "kg"),
        }
        for article in more:
            costs[f"adding {article.id}"] = run(build, [article], kept, place / "kg")
        for article in more[:1]:
            costs[f"removing {article.id}"] = run(take_out, article.id, place / "kg")
        print_tables(costs, len(store), count_words(store))


def run(function: Callable[..., str], *given: object) -> Cost:
    """Return what a function costs in a process of its own, without the start of it."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, function, given).result()


def measure(function: Callable[..., str], given: Sequence[object]) -> Cost:
    start = time.perf_counter(), time.process_time()
    note = function(*given)
    clock, processors = time.perf_counter() - start[0], time.process_time() - start[1]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return Cost(clock, processors, memory, note)


def scale(cost: Cost, factor: float) -> Cost:
    return Cost(cost.clock * factor, cost.processors * factor, cost.memory, "by a sample")


def count_words(articles: Iterable[Article]) -> int:
    return sum(len(article.text.split()) for article in articles)


def find_key(article: Article) -> str:
    return make_key(article, extractor=find_version(), ontology=ONTOLOGY.version)


@cache
def find_version() -> str:
    return name_version(ONTOLOGY)


def keep_all(articles: Sequence[Article], folder: Path) -> None:
    """Read by the pipeline what is not kept yet."""
    cache = ExtractionCache(folder)
    waiting = {article.id: article for article in articles if find_key(article) not in cache}
    if waiting:
        print(f"reading {len(waiting)} of {len(articles)} articles", flush=True)
    for told in make_extractor(ONTOLOGY).extract(waiting.values()):
        if isinstance(told, Extraction):
            article = waiting[told.article]
            cache.put(Kept(find_key(article), article, told))


def read_again(articles: Sequence[Article]) -> str:
    list(make_extractor(ONTOLOGY).extract(articles))
    return ""


def load(articles: Iterable[Article], folder: Path) -> Iterator[Kept]:
    cache = ExtractionCache(folder)
    for article in articles:
        kept = cache.get(find_key(article))
        if kept is None:
            raise SystemExit(f"{article.id}: what was read from it is lost: run this again")
        yield kept


def resolve_all(articles: Sequence[Article], folder: Path) -> str:
    kept = {content.article.id: content for content in load(articles, folder)}
    start = time.perf_counter()
    resolution = Snapshot(kept, Describer(ONTOLOGY, Minter())).resolution
    took = time.perf_counter() - start
    told = f"{len(resolution.entities):,} entities, {len(resolution.facts):,} facts"
    return f"{told}; {took:.1f} s once loaded"


def build(articles: Sequence[Article], folder: Path, place: Path) -> str:
    def extract(wanted: Iterable[Article]) -> Iterator[Extraction]:
        return (content.extraction for content in load(wanted, folder))

    extractor = Extractor(extract, find_version())
    with open_store(place) as store:
        report = build_articles(articles, store=store, extractor=extractor, ontology=ONTOLOGY)
    if len(report.added) != len(articles):
        raise SystemExit(f"only {len(report.added)} of {len(articles)} articles were added")
    return ""


def take_out(article_id: str, place: Path) -> str:
    with open_store(place) as store:
        remove([article_id], store=store, ontology=ONTOLOGY)
    return ""


def print_tables(costs: dict[str, Cost], articles: int, words: int) -> None:
    whole = [costs["reading all"], costs["building all, once read"]]
    clock, processors = (sum(getattr(c, kind) for c in whole) for kind in ("clock", "processors"))
    title = f"{articles:,} articles, {words:,} words, {os.cpu_count()} cores"
    table = Table("what", "seconds", "of processors", "MB", "ratio", "by processors", title=title)
    added = [cost for name, cost in costs.items() if name.startswith("adding")]
    for name, cost in costs.items():
        table.add_row(*tell(name, cost), tell_ratio(clock, cost.clock), "")
    if added:
        median = [statistics.median(getattr(c, k) for c in added) for k in ("clock", "processors")]
        told = f"{median[0]:.2f}", f"{median[1]:.2f}", ""
        ratios = tell_ratio(clock, median[0]), tell_ratio(processors, median[1])
        table.add_row("adding one, median", *told, *ratios)
    Console(highlight=False).print(table)
    for name, cost in costs.items():
        if cost.note:
            print(f"{name}: {cost.note}")


def tell(name: str, cost: Cost) -> tuple[str, ...]:
    return name, f"{cost.clock:.2f}", f"{cost.processors:.2f}", f"{cost.memory:,.0f}"


def tell_ratio(whole: float, part: float) -> str:
    return f"1/{whole / part:,.0f}"


if __name__ == "__main__":
    main()
