"""An article that hangs, grows without end or takes its process along costs only itself."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import rogue_extractor
from build_sample import ONTOLOGY, SENTENCES, build_afresh, make_article
from click.testing import CliRunner

from kg.build import Extractor, Limits, build_articles
from kg.cli import main
from kg.errors import OversizeSource, StoppedSource, UsageError
from kg.store import MEMORY, Store, open_store

ROGUE = Extractor(rogue_extractor.extract, "rogue 1")
LIMITS = Limits(seconds=1, memory=256 << 20)
GOOD = [make_article(f"good{n}", sentence) for n, sentence in enumerate(SENTENCES)]

# What each harm is refused with.
REASONS = {
    "Hanging": "longer than 1 seconds",
    "Spinning": "longer than 1 seconds",
    "Allocating": "more than 0.25 GiB of memory",
    "Recursing": "",  # of memory or of stack, as the system has it
    "Exiting": "exit code 7",
    "Crashing": "SIGSEGV",
    "Failing": "ValueError: no such words",
    "Interrupting": "ended the process",
}


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store(MEMORY) as opened:
        yield opened


@pytest.mark.skipif(sys.platform != "linux", reason="memory is held to by Linux alone")
@pytest.mark.parametrize("processes", [1, 2])
def test_each_harm_costs_only_its_article(store: Store, processes: int):
    """All of them in one build, among others: before, between and after."""
    rogues = [make_article(harm, f"{harm} {SENTENCES[0]}") for harm in rogue_extractor.HARMS]
    mixed = [article for pair in zip(GOOD, rogues, strict=False) for article in pair]
    limits = Limits(seconds=LIMITS.seconds, memory=LIMITS.memory, processes=processes)
    report = build_articles(
        [*mixed, *GOOD[len(rogues) :]],
        store=store,
        extractor=ROGUE,
        ontology=ONTOLOGY,
        limits=limits,
    )
    assert report.added == tuple(sorted(article.id for article in GOOD))
    refused = {error.source: error for error in report.refused}
    assert set(refused) == set(REASONS)
    for harm, reason in REASONS.items():
        assert isinstance(refused[harm], StoppedSource)
        assert reason in refused[harm].reason
        assert str(refused[harm]).isprintable()
    assert set(store.quads()) == rebuilt()


def rebuilt() -> set[object]:
    """The graph of the good articles, by the extractor that does harm to none of them."""
    with open_store(MEMORY) as fresh:
        build_articles(GOOD, store=fresh, extractor=ROGUE, ontology=ONTOLOGY)
        return set(fresh.quads())


def test_texts_beyond_the_limit_are_refused_unread(store: Store):
    long = make_article("long", " ".join(SENTENCES) * 3)
    limits = Limits(characters=len(long.text) - 1)
    report = build_articles(
        [long, GOOD[0]], store=store, extractor=ROGUE, ontology=ONTOLOGY, limits=limits
    )
    assert report.added == (GOOD[0].id,)
    (error,) = report.refused
    assert isinstance(error, OversizeSource)
    assert error.source == "long"


def test_a_function_that_cannot_be_sent_is_told(store: Store):
    nameless = Extractor(lambda articles: iter(()), "1")
    with pytest.raises(UsageError, match="function of a module"):
        build_articles(GOOD, store=store, extractor=nameless, ontology=ONTOLOGY, limits=LIMITS)
    assert set(store.quads()) == build_afresh([])


@pytest.mark.parametrize("amounts", [{"seconds": 0}, {"memory": -1}, {"seconds": float("inf")}])
def test_limits_have_an_end(amounts: dict[str, float]):
    with pytest.raises(UsageError, match="have an end"):
        Limits(**amounts)


@pytest.mark.model
def test_the_command_refuses_a_page_that_takes_too_long_and_reads_the_rest(tmp_path: Path):
    words = "Halden Oy and Orvane agreed on a partnership in Tampere, said the two companies. "
    page = "<html><body><article><p{}>{}</p></article></body></html>"
    (tmp_path / "a.html").write_text(page.format("", words * 9))
    # The parser compares each attribute of an element with all before it.
    attributes = "".join(f" a{n}=1" for n in range(300_000))
    (tmp_path / "b.html").write_text(page.format(attributes, words * 9))
    (tmp_path / "c.txt").write_text(words * 5)
    arguments = ["build", *map(str, sorted(tmp_path.iterdir())), "--store", str(tmp_path / "kg")]
    done = CliRunner().invoke(main, [*arguments, "--json", "--article-seconds", "5"])
    assert done.exit_code == 1, done.output
    assert "Traceback" not in done.output
    told = json.loads(done.stdout)
    assert told["added"] == ["a", "c"]
    (refused,) = told["refused"]
    assert refused.startswith(f"{tmp_path / 'b.html'}: reading it took longer than 5 seconds")
