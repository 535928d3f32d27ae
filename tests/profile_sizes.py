"""What each profile of an export costs; run as a script it writes the table of docs/export.md.

python tests/profile_sizes.py
"""

from __future__ import annotations

import gzip
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import RdfFormat, parse

from kg.build import build
from kg.export import PROFILES, export
from kg.query import count_contents
from kg.rdf import read_articles
from kg.resources import bundled
from kg.store import Store, open_store

DOCS = Path(__file__).parent.parent / "docs" / "export.md"
PATTERN = re.compile(r"<!-- sizes -->\n.*?<!-- /sizes -->\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Size:
    """A profile with triples and bytes for each fact, and bytes under gzip."""

    profile: str
    numbers: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many facts and articles were measured, and what each profile needs for a fact."""

    facts: int
    articles: int
    sizes: tuple[Size, ...]


def measure(store: Store) -> Sizes:
    """Return what each profile needs for each fact of a store, without what is quarantined."""
    counts = count_contents(store)
    facts = sum(counts["facts"].values())
    sizes = []
    for profile in PROFILES:
        syntax = "trig" if profile == "nanopub" else "turtle"
        text = export(store, None, format=syntax, profile=profile)
        triples = sum(1 for _ in parse(text, RdfFormat.TRIG))
        packed = gzip.compress(text, mtime=0)
        numbers = triples / facts, len(text) / facts, len(packed) / facts
        sizes.append(Size(profile, numbers))
    return Sizes(facts, len(read_articles(store.quads())), tuple(sizes))


def write_table(text: str, measured: Sizes) -> str:
    """Return the document with the table of these sizes."""
    rows = (
        f"| `{size.profile}` | {size.numbers[0]:,.1f} | {size.numbers[1]:,.0f} "
        f"| {size.numbers[2]:,.0f} |\n"
        for size in measured.sizes
    )
    table = (
        "<!-- sizes -->\n"
        f"What the provenance costs, measured on the graph of the bundled corpus "
        f"({measured.facts:,} facts in {measured.articles} articles; "
        "`python tests/profile_sizes.py` writes this table):\n\n"
        "| profile | triples for each fact | bytes of Turtle for each fact | compressed by gzip |\n"
        "|---|---|---|---|\n"
        f"{''.join(rows)}"
        "\nNanopublications are TriG. Plain counts the description of entities too. "
        "What is quarantined is not counted.\n"
        "<!-- /sizes -->\n"
    )
    return PATTERN.sub(lambda _: table, text)


def main() -> None:
    """Build the corpus and write the table."""
    with tempfile.TemporaryDirectory() as folder, open_store(folder) as store:
        build([bundled("corpus/articles")], store=store)
        measured = measure(store)
    DOCS.write_text(write_table(DOCS.read_text(encoding="utf-8"), measured), encoding="utf-8")


if __name__ == "__main__":
    main()
