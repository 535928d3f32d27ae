"""What the gates of a build cost: articles a second with and without them, in one run.

    python benchmarks/gates.py ../shared/data/wikinews/articles.jsonl.gz [--articles 300]

The gates are the one of words (`kg.grounding`) and the one of shapes (`kg.build.admission`).
Builds with and without them take turns, each into a new store on disk, and the median of
each counts; since a busy machine blurs the difference, the time inside the gates is measured
too. A last row tells what validating everything by pySHACL would cost instead.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from unittest.mock import patch

from rich.console import Console
from rich.table import Table

from kg import nlp
from kg.articles import read_articles
from kg.build import Extractor, build_articles
from kg.build.admission import admit
from kg.check import Screen, check
from kg.grounding import Grounded, ground
from kg.model import Article
from kg.ontology import load_ontology
from kg.store import open_store

ONTOLOGY = load_ontology()
clock = time.perf_counter
_inside: list[float] = []


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("source", help="articles: a file or folder that kg build reads")
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    found = read_articles([options.source], on_error=lambda _: None)
    articles = list(islice(found, options.articles))
    extractor = make_extractor()
    list(extractor.extract(articles[:2]))
    kinds: dict[str, Callable[[], object]] = {"with gates": clocked, "without gates": no_gates}
    seconds: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(options.rounds):
        for kind, context in kinds.items():
            seconds[kind].append(time_build(articles, extractor, context))
    print(f"inside the gates: {sum(_inside) / sum(seconds['with gates']):.1%} of a build")
    medians = {kind: statistics.median(took) for kind, took in seconds.items()}
    medians["with pySHACL for all"] = time_build(articles, extractor, no_screen)
    print_table(medians, len(articles))


def make_extractor() -> Extractor:
    extract = partial(nlp.extract, pipeline=nlp.load_pipeline(ONTOLOGY))
    return Extractor(extract, nlp.extractor_version(ONTOLOGY))


def time_build(
    articles: Sequence[Article],
    extractor: Extractor,
    context: Callable[[], object],
    *,
    checked: bool = True,
) -> float:
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "kg") as store:
        start = clock()
        with context():
            report = build_articles(articles, store=store, extractor=extractor, ontology=ONTOLOGY)
        took = clock() - start
        if len(report.added) != len(articles):
            raise SystemExit(f"only {len(report.added)} of {len(articles)} articles were added")
        if checked and context is not no_gates and not check(store).conforms:
            raise SystemExit("the store does not conform")
    return took


@contextmanager
def clocked() -> Iterator[None]:
    """Note the time that the gates take."""

    def measure(gate: Callable[..., object]) -> Callable[..., object]:
        def run(*given: object) -> object:
            start = clock()
            try:
                return gate(*given)
            finally:
                _inside.append(clock() - start)

        return run

    with (
        patch("kg.build.snapshot.ground", measure(ground)),
        patch("kg.build.snapshot.admit", measure(admit)),
    ):
        yield


@contextmanager
def no_gates() -> Iterator[None]:
    with (
        patch("kg.build.snapshot.ground", lambda extraction, _: Grounded(extraction)),
        patch("kg.build.snapshot.admit", lambda resolution, *_: resolution),
    ):
        yield


@contextmanager
def no_screen() -> Iterator[None]:
    with (
        patch.object(Screen, "passes", lambda *_: False),
        patch.object(Screen, "passes_entity", lambda *_: False),
    ):
        yield


def print_table(medians: dict[str, float], articles: int) -> None:
    bare = medians["without gates"]
    table = Table("build", "seconds", "articles a second", "cost", title=f"{articles} articles")
    for kind, took in medians.items():
        table.add_row(kind, f"{took:.2f}", f"{articles / took:.1f}", f"{took / bare - 1:+.1%}")
    Console(highlight=False).print(table)


if __name__ == "__main__":
    main()
