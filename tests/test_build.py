"""A store holds exactly the graph of its articles, whatever happened on the way."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from build_sample import (
    EXTRACTOR,
    ONTOLOGY,
    SENTENCES,
    build,
    build_afresh,
    extract,
    make_article,
    make_articles,
)
from crash_sample import memory_folder
from hypothesis import given, settings
from hypothesis import strategies as st
from trust_ledger import tally

from kg.build import BuildReport, Extractor, Outcome, Progress, Register, holdings, remove
from kg.build.index import Advance, recall
from kg.decisions import Decision, Designation, Grouping, Verdict
from kg.errors import SourceError, StoreError, UsageError
from kg.model import Article, Extraction
from kg.ontology import load_ontology
from kg.rdf import Describer, read_articles, read_contents
from kg.store import MEMORY, Store, open_store
from kg.vocab import Minter

SAMPLE = Path(__file__).parent / "build_sample.py"


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store(MEMORY) as opened:
        yield opened


def ids(articles: Iterable[Article]) -> tuple[str, ...]:
    return tuple(sorted(article.id for article in articles))


def start(
    folder: Path, articles: Iterable[Article], *, batch: int = 200, limit: int = 0, seed: int = 0
) -> subprocess.Popen[bytes]:
    """Return a process that is about to build the articles."""
    process = subprocess.Popen(
        [sys.executable, SAMPLE, folder, str(batch), str(limit or "")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONHASHSEED": str(seed), "PYTHONPATH": str(SAMPLE.parent.parent)},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps([[a.id, a.text, a.title] for a in articles]).encode())
    process.stdin.close()
    process.stdout.readline()
    return process


def finish(process: subprocess.Popen[bytes]) -> str:
    """Wait for a process and return what it said on standard error."""
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout, process.stderr:
        told = process.stderr.read().decode()
    process.wait()
    return told


def dump(folder: Path) -> list[str]:
    with open_store(folder, read_only=True) as store:
        return sorted(map(str, store.quads()))


def test_a_build_tells_what_became_of_each_article(store: Store):
    first, second, third = make_articles(3)
    build(store, [first, second])
    changed = make_article(second.id, second.text, title="Corrected")
    report = build(store, [third, changed, first])
    assert report.added == (third.id,)
    assert report.changed == (second.id,)
    assert report.unchanged == (first.id,)
    assert report.refused == ()
    assert report.store.articles == 3


def test_the_counts_are_those_of_the_graph(store: Store):
    report = build(store, make_articles(20))
    contents = read_contents(store.quads(), ontology=ONTOLOGY)
    told = report.store
    assert told.articles == len(contents.articles) == 20
    assert told.entities == len(contents.entities)
    assert told.facts == len(contents.facts)


def test_building_again_reads_nothing_and_writes_nothing(store: Store):
    articles = make_articles(8)
    build(store, articles)
    before = set(store.quads())
    read: list[str] = []
    counting = Extractor(lambda given: extract(note(given, read)), EXTRACTOR.version)
    report = build(store, reversed(articles), extractor=counting)
    assert report.unchanged == ids(articles)
    assert read == []
    assert set(store.quads()) == before


def note(articles: Iterable[Article], read: list[str]) -> Iterator[Article]:
    for article in articles:
        read.append(article.id)
        yield article


def test_a_new_version_of_the_extractor_reads_all_again(store: Store):
    articles = make_articles(4)
    build(store, articles)
    before = set(store.quads())
    read: list[str] = []
    newer = Extractor(lambda given: extract(note(given, read)), "2")
    assert build(store, articles, extractor=newer).changed == ids(articles)
    assert sorted(read) == sorted(ids(articles))
    contents = {q for q in before if "extraction" not in q.predicate.value}
    assert contents <= set(store.quads())


def test_progress_is_told_article_by_article(store: Store):
    steps: list[Progress] = []
    build(store, make_articles(3), on_progress=steps.append)
    assert [s.outcome for s in steps] == [Outcome.ADDED] * 3 + [Outcome.STORED]
    assert [s.done for s in steps] == [1, 2, 3, 3]


def test_removing_leaves_the_graph_of_the_others(store: Store):
    articles = make_articles(12)
    build(store, articles)
    minter = Minter()
    report = remove([articles[0].id, minter.article(articles[1].id), "nobody"], store=store)
    assert report.removed == ids(articles[:2])
    assert report.unknown == ("nobody",)
    assert set(store.quads()) == build_afresh(articles[2:])


def test_removing_everything_leaves_nothing(store: Store):
    articles = make_articles(5)
    build(store, articles)
    remove(ids(articles), store=store)
    assert set(store.quads()) == set()
    assert list(store.graphs()) == []


@st.composite
def batches(draw: st.DrawFn) -> list[tuple[str, list[Article]]]:
    """Return batches of articles to build or to remove, few ids and many versions."""
    article = st.builds(
        make_article,
        st.sampled_from("abcdef"),
        st.lists(st.sampled_from(SENTENCES), max_size=4).map(" ".join),
    )
    unique = st.lists(article, max_size=4, unique_by=lambda a: a.id)
    return draw(st.lists(st.tuples(st.sampled_from(["build", "remove"]), unique), max_size=6))


@settings(max_examples=60, deadline=None)
@given(batches())
def test_any_way_to_a_set_of_articles_gives_its_graph(steps: list[tuple[str, list[Article]]]):
    held: dict[str, Article] = {}
    with open_store(MEMORY) as store:
        for step, articles in steps:
            if step == "build":
                build(store, articles)
                held |= {article.id: article for article in articles}
            else:
                remove(ids(articles), store=store)
                for article in articles:
                    held.pop(article.id, None)
        assert set(store.quads()) == build_afresh(held.values())


@settings(max_examples=30, deadline=None)
@given(st.permutations(make_articles(9)), st.integers(1, 9))
def test_neither_order_nor_size_of_batches_matters(articles: list[Article], size: int):
    with open_store(MEMORY) as store:
        for n in range(0, len(articles), size):
            build(store, articles[n : n + size])
        assert set(store.quads()) == build_afresh(articles)


def test_other_order_and_other_hash_seed_give_the_same_bytes(tmp_path: Path):
    articles = make_articles(25)
    shuffled = random.Random(5).sample(articles, len(articles))
    finish(start(tmp_path / "one", articles, seed=1))
    finish(start(tmp_path / "two", shuffled, seed=2, batch=7))
    assert dump(tmp_path / "one") == dump(tmp_path / "two") != []


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_articles_with_one_id_the_order_does_not_choose(store: Store, turned: bool):
    twins = [make_article("a", SENTENCES[0]), make_article("a", SENTENCES[7])]
    told: list[SourceError] = []
    report = build(store, reversed(twins) if turned else twins, on_error=told.append)
    assert report.refused == tuple(told)
    assert [error.source for error in told] == ["a"]
    assert "same id" in str(told[0])
    assert set(store.quads()) == build_afresh([min(twins, key=lambda a: a.checksum)])


def test_an_article_twice_in_one_build_is_one_article(store: Store):
    article = make_article("a", SENTENCES[0])
    report = build(store, [article, article])
    assert (report.added, report.refused) == (("a",), ())


def test_an_article_that_the_extractor_drops_is_refused_and_the_others_stay(store: Store):
    articles = make_articles(3)

    def drop(given: Iterable[Article]) -> Iterator[Extraction]:
        return extract(a for a in given if a.id != "a1")

    report = build(store, articles, extractor=Extractor(drop, "1"))
    assert report.added == ("a0", "a2")
    assert [error.source for error in report.refused] == ["a1"]
    assert set(store.quads()) == build_afresh([articles[0], articles[2]])


def test_what_was_read_before_an_interruption_is_not_read_again(tmp_path: Path):
    articles = make_articles(6)

    def stop(given: Iterable[Article]) -> Iterator[Extraction]:
        for number, extraction in enumerate(extract(given)):
            if number == 4:
                raise KeyboardInterrupt
            yield extraction

    read: list[str] = []
    with open_store(tmp_path / "kg") as store:
        with pytest.raises(KeyboardInterrupt):
            build(store, articles, extractor=Extractor(stop, "1"))
        going_on = Extractor(lambda given: extract(note(given, read)), "1")
        build(store, articles, extractor=going_on)
        assert read == ["a4", "a5"]
        assert set(store.quads()) == build_afresh(articles)


KILLS = 50


@pytest.mark.skipif(os.name != "posix", reason="processes are forked")
def test_a_process_killed_at_any_moment_loses_nothing():
    """Each of fifty rounds builds other versions of the articles, and is killed on the way."""
    with memory_folder() as parent:
        kill_builds(parent / "kg")


def kill_builds(folder: Path) -> None:
    dice = random.Random(11)
    original = make_articles(16)
    known = {article.checksum: article for article in original}
    ends: list[bool] = []
    with Builder() as builder:
        builder.run(folder, original)
        seconds = builder.run(folder, [replace_title(a, "Timed") for a in original])
        known |= {(b := replace_title(a, "Timed")).checksum: b for a in original}
        for turn in range(KILLS):
            articles = [replace_title(a, f"Edition {turn}") for a in original]
            known |= {article.checksum: article for article in articles}
            # By turns at a step, and at a moment between the first and a little past the last.
            if turn % 2:
                ends.append(builder.kill(folder, articles, steps=dice.randrange(20)))
            else:
                ends.append(builder.kill(folder, articles, seconds=dice.uniform(0, 1.2) * seconds))
            with open_store(folder, read_only=True) as store:
                held = [known[record.checksum] for record in read_articles(store.quads())]
                assert ids(held) == ids(articles)
                assert set(store.quads()) == build_afresh(held)
        builder.run(folder, articles)
    assert ends.count(True) >= KILLS // 2  # the others had ended before
    tally("kills", ends.count(True))
    with open_store(folder, read_only=True) as store:
        assert set(store.quads()) == build_afresh(articles)


class Builder:
    """A process whose children build, and can be killed."""

    def __enter__(self) -> Builder:
        self._process = subprocess.Popen(
            [sys.executable, SAMPLE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(SAMPLE.parent.parent)},
        )
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()

    def run(self, folder: Path, articles: Iterable[Article]) -> float:
        """Build to the end, and return how long it took."""
        began = time.monotonic()
        self._start(folder, articles)
        self._wait()
        return time.monotonic() - began

    def kill(
        self, folder: Path, articles: Iterable[Article], *, steps: int = 0, seconds: float = 0.0
    ) -> bool:
        """Build and kill after some steps and some time; say whether it was under way."""
        child = self._start(folder, articles)
        told = [self._read() for _ in range(steps)] if steps else []
        time.sleep(seconds)
        if "ended" in told:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        return "stored" not in self._wait()[-2:]

    def _start(self, folder: Path, articles: Iterable[Article]) -> int:
        assert self._process.stdin is not None
        told = [str(folder), 4, [[a.id, a.text, a.title] for a in articles]]
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        return int(self._read())

    def _wait(self) -> list[str]:
        return list(iter(self._read, "ended"))

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def replace_title(article: Article, title: str) -> Article:
    return make_article(article.id, article.text, title=title)


def test_a_full_disk_is_told_and_leaves_the_store_as_it_was(tmp_path: Path):
    folder = tmp_path / "kg"
    articles = make_articles(150)
    finish(start(folder, articles[:3]))
    before = dump(folder)
    process = start(folder, articles, limit=60_000)
    assert "StoreError" in finish(process)
    assert process.returncode != 0
    assert dump(folder) == before
    finish(start(folder, articles))
    with open_store(folder, read_only=True) as store:
        assert set(store.quads()) == build_afresh(articles)


def test_extractions_that_cannot_be_kept_are_told(tmp_path: Path):
    with open_store(tmp_path / "kg") as store:
        (tmp_path / "kg" / "extractions").write_text("in the way")
        with pytest.raises(StoreError, match="extractions"):
            build(store, make_articles(1))


def lose(folder: Path) -> None:
    """Damage one kept extraction and delete another."""
    first, second, *_ = sorted((folder / "extractions").rglob("*.gz"))
    first.write_bytes(b"\x1f\x8b garbage")
    second.unlink()


def test_lost_extractions_are_made_again_by_building_again(tmp_path: Path):
    articles = make_articles(6)
    with open_store(tmp_path / "kg") as store:
        build(store, articles)
        before = set(store.quads())
        lose(tmp_path / "kg")
        build(store, articles)
        assert set(store.quads()) == before
        build(store, make_articles(7))
        assert set(store.quads()) == build_afresh(make_articles(7))


def test_lost_extractions_keep_others_from_being_added_but_not_the_graph(tmp_path: Path):
    with open_store(tmp_path / "kg") as store:
        build(store, make_articles(6))
        before = set(store.quads())
        lose(tmp_path / "kg")
        with pytest.raises(StoreError, match="build them again"):
            build(store, [make_article("new", SENTENCES[0])])
        assert set(store.quads()) == before


def test_without_its_index_a_store_goes_on_as_well(tmp_path: Path):
    articles = make_articles(20)
    with open_store(tmp_path / "kg") as store:
        for n in range(0, 20, 5):
            build(store, articles[n : n + 5])
            (kept,) = (tmp_path / "kg" / "resolution").iterdir()
            assert set(store.quads()) == build_afresh(articles[: n + 5])
        content = kept.read_bytes()
        kept.write_bytes(content[:5000] + bytes(len(content) - 5000))
        remove(["a3"], store=store)
        for kept in (tmp_path / "kg" / "resolution").iterdir():
            kept.unlink()
        remove(["a7"], store=store)
        assert set(store.quads()) == build_afresh(a for a in articles if a.id not in ("a3", "a7"))


@settings(max_examples=20, deadline=None)
@given(st.sets(st.sampled_from(SENTENCES), min_size=1).map(sorted))
def test_a_resolution_comes_back_as_it_was(sentences: list[str]):
    with memory_folder() as parent, open_store(parent / "kg") as store:
        build(store, [make_article("a", " ".join(sentences))])
        held = holdings.Holdings(store, Describer(ONTOLOGY, Minter()))
        known = recall(parent / "kg" / "resolution", held._name)
        assert known == replace(held.snapshot.resolve(), merges=())
        assert recall(parent / "kg" / "resolution", "other") is None


@pytest.fixture
def advances(monkeypatch: pytest.MonkeyPatch) -> list[Advance]:
    """Take every change of an article for a small one; lists those that were made as such."""
    made: list[Advance] = []
    advance = holdings.advance

    def note(*given: Any, **options: Any) -> Advance:
        made.append(advance(*given, **options))
        return made[-1]

    monkeypatch.setattr(holdings, "advance", note)
    monkeypatch.setattr(holdings, "SHARE", 1)
    return made


@pytest.mark.parametrize("seed", range(4))
def test_a_small_change_comes_to_what_all_articles_do(advances: list[Advance], seed: int):
    """Articles come, go and change at random; each time the graph is that of a build anew."""
    dice = random.Random(seed)
    pool = {article.id: article for article in make_articles(60)}
    held = {id_: pool[id_] for id_ in dice.sample(sorted(pool), 24)}
    with memory_folder() as parent, open_store(parent / "kg") as store:
        build(store, held.values())
        for turn in range(12):
            change_at_random(store, held, pool, dice, turn)
            assert set(store.quads()) == build_afresh(held.values())
    assert len(advances) >= 8  # the others touched most of the articles


def change_at_random(
    store: Store,
    held: dict[str, Article],
    pool: dict[str, Article],
    dice: random.Random,
    turn: int,
) -> None:
    match turn % 3:
        case 0:
            more = dice.sample(sorted(pool.keys() - held), dice.randint(1, 3))
            build(store, [pool[id_] for id_ in more])
            held |= {id_: pool[id_] for id_ in more}
        case 1:
            gone = dice.sample(sorted(held), dice.randint(1, 2))
            remove(gone, store=store)
            for id_ in gone:
                del held[id_]
        case _:
            id_ = dice.choice(sorted(held))
            held[id_] = make_article(id_, dice.choice(sorted(a.text for a in pool.values())))
            build(store, [held[id_]])


def test_a_small_change_moves_what_names_come_to(advances: list[Advance]):
    """A short name comes to another entity once an article calls two things by it."""
    older = "Company Halden Oy foundedOn gYear 1987. Company Halden Oy partnerOf Company Orvane."
    articles = [make_article(f"n{n}", older) for n in range(4)]
    articles += [make_article(f"m{n}", f"Company Y{n}a partnerOf Company Z{n}.") for n in range(60)]
    other = make_article(
        "a", "Company Halden foundedOn gYear 1950. Company Halden partnerOf Company Orvane Inc."
    )
    with memory_folder() as parent, open_store(parent / "kg") as store:
        build(store, articles)
        for there in ([other], []):
            build(store, there) if there else remove(["a"], store=store)
            assert set(store.quads()) == build_afresh([*articles, *there])
    assert len(advances) == 2


def test_a_change_that_cannot_be_kept_small_is_made_whole(tmp_path: Path, advances: list[Advance]):
    """What a person decided bears on all articles."""
    articles = make_articles(12)
    with open_store(tmp_path / "kg") as store:
        build(store, articles[:11])
        build(store, articles[11:])
        assert set(store.quads()) == build_afresh(articles)
        assert len(advances) == 1
        grouping = Grouping(Verdict.MERGE, (Designation("Orvane", "Company"),))
        Register(store, ontology=ONTOLOGY).decide(
            [Decision(0, "me", "2024-01-01T00:00:00Z", grouping)]
        )
        remove(["a3"], store=store)
        assert len(advances) == 1


def test_a_store_keeps_its_base(store: Store):
    base = "https://example.org/graph/"
    build(store, make_articles(2), base_iri=base)
    build(store, make_articles(3))
    named = {q.subject.value for q in store.quads()}
    assert all(iri.startswith(base) for iri in named)
    with pytest.raises(UsageError, match=base):
        build(store, make_articles(1), base_iri="https://example.org/other/")


def test_another_ontology_writes_the_graph_anew(store: Store):
    articles = make_articles(6)
    build(store, articles)
    ontology = replace(load_ontology(), version="other")
    report: BuildReport = build(store, articles, ontology=ontology)
    assert report.changed == ids(articles)
    assert report.store.articles == 6


def test_no_fact_is_without_its_words(store: Store):
    articles = {article.id: article for article in make_articles(30)}
    build(store, articles.values())
    contents = read_contents(store.quads(), ontology=ONTOLOGY)
    assert contents.facts
    for fact in [*contents.facts, *(fact for fact, _ in contents.quarantined)]:
        assert fact.evidence
        for evidence in fact.evidence:
            span = evidence.span
            assert articles[evidence.article].text[span.start : span.end] == evidence.quote


def test_what_is_kept_out_says_why_and_is_not_found_by_queries(store: Store):
    build(store, [make_article("a", "Country China blockedIn Company Quillon. " + SENTENCES[2])])
    contents = read_contents(store.quads(), ontology=ONTOLOGY)
    assert contents.facts == ()
    reasons = sorted(why for _, reasons in contents.quarantined for why in reasons)
    assert reasons == ["below the threshold", "blockedIn does not lead from Country to Company"]
    assert not store.query("ASK { ?a kg:partnerOf ?b }")
    assert not store.query("ASK { ?fact a kg:Fact }")


def test_only_what_is_asserted_is_a_plain_triple(store: Store):
    build(store, [make_article("a", " ".join((SENTENCES[3], SENTENCES[4], SENTENCES[8])))])
    asked = "SELECT ?p { ?s ?p ?o . FILTER(STRSTARTS(STR(?p), STR(kg:)) && isIRI(?o)) \
        ?s rdfs:label ?name . ?o rdfs:label ?other }"
    assert [s["p"].value.rpartition("#")[2] for s in store.select(asked)] == ["countryOf"]
    states = store.select("SELECT ?state { ?fact a kg:Fact ; kg:modality ?state } ORDER BY ?state")
    named = [s["state"].value.rpartition("#")[2] for s in states]
    assert named == ["Asserted", "Denied", "Former"]


def test_the_simplest_query_finds_each_partner_once(store: Store):
    build(store, make_articles(40))
    found = store.select(
        'SELECT ?name { ?x rdfs:label "Halden Oy" ; kg:partnerOf/rdfs:label ?name }'
    )
    assert [s["name"].value for s in found] == ["Orvane"]


def test_the_data_set_describes_itself(store: Store):
    report = build(store, make_articles(10))
    (told,) = store.select(
        """SELECT ?articles ?entities ?facts ?space ?about {
          ?dataset a void:Dataset, dcat:Dataset ; dcterms:title ?title ; void:uriSpace ?space ;
            void:vocabulary ?about ; void:documents ?articles ; void:entities ?entities ;
            kg:factCount ?facts }"""
    )
    counts = report.store
    assert int(told["articles"].value) == counts.articles
    assert int(told["entities"].value) == counts.entities
    assert int(told["facts"].value) == counts.facts
    assert told["space"].value == Minter().base
    assert told["about"].value == ONTOLOGY.iri


def test_there_are_no_blank_nodes_and_no_clock(store: Store):
    build(store, make_articles(30))
    terms = {str(term) for quad in store.quads() for term in quad}
    assert not any(term.startswith("_:") for term in terms)
    assert not any("dateTime" in term for term in terms)
