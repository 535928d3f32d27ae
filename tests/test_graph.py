"""A store as a network: measures, what is written back, ties with their sentences."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from build_sample import build, make_article, make_articles
from click.testing import CliRunner, Result

from kg.check import check
from kg.cli import main
from kg.graph import Measure, find_ties, measure, read_network, write_measures
from kg.store import MEMORY, Store, open_store
from kg.view import find_entities

CHAIN = (
    "Company Halden Oy partnerOf Company Orvane. Company Orvane customerOf Company Quillon. "
    "Company Orvane partnerOf Company Quillon. Product Lumo productOf Company Quillon. "
    "denied Company Halden Oy partnerOf Company Quillon. "
    "Person Aino Rautio nationality Country Finland."
)


def fill(store: Store, *texts: str) -> None:
    build(store, [make_article(f"a{n}", text) for n, text in enumerate(texts)])


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store(MEMORY) as opened:
        fill(opened, CHAIN)
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with open_store(tmp_path / "kg") as opened:
        fill(opened, CHAIN)
    return tmp_path / "kg"


def measure_by_name(store: Store) -> dict[str, Measure]:
    return {told.name: told for told in measure(read_network(store))}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_degree_counts_other_entities_by_asserted_facts(store: Store):
    told = measure_by_name(store)
    degrees = {name: told[name].degree for name in ("Halden Oy", "Orvane", "Quillon", "Lumo")}
    assert degrees == {"Halden Oy": 1, "Orvane": 2, "Quillon": 2, "Lumo": 1}


def test_page_rank_adds_up_and_favours_the_middle(store: Store):
    told = measure_by_name(store)
    assert sum(m.page_rank for m in told.values()) == pytest.approx(1, abs=1e-6)
    assert min(told["Orvane"].page_rank, told["Quillon"].page_rank) > told["Lumo"].page_rank
    assert told["Aino Rautio"].page_rank == pytest.approx(1 / 6, abs=1e-6)


def test_page_rank_of_a_star_is_what_algebra_says():
    with open_store(MEMORY) as store:
        fill(store, *(f"Company {n} partnerOf Company Orvane." for n in ("Aa", "Bb", "Cc")))
        told = measure_by_name(store)
    hub = (0.15 / 4 + 0.85 * 3 * 0.15 / 4) / (1 - 0.85**2)
    assert told["Orvane"].page_rank == pytest.approx(hub, abs=1e-7)
    assert told["Aa"].page_rank == pytest.approx((1 - hub) / 3, abs=1e-7)


def test_communities_part_what_no_fact_ties(store: Store):
    told = measure_by_name(store)
    assert told["Aino Rautio"].community == told["Finland"].community
    assert told["Orvane"].community != told["Finland"].community
    assert {m.community for m in told.values()} == set(
        range(1, len({m.community for m in told.values()}) + 1)
    )


def test_an_empty_store_measures_to_nothing():
    with open_store(MEMORY) as store:
        assert measure(read_network(store)) == ()


def test_the_order_of_articles_does_not_matter():
    articles = make_articles(25)
    told = []
    for order in (articles, articles[::-1]):
        with open_store(MEMORY) as store:
            build(store, order)
            told.append(measure(read_network(store)))
    assert told[0] == told[1]


def test_measures_do_not_hang_on_the_hash_seed(folder: Path):
    command = [sys.executable, "-m", "kg", "stats", "--graph", "--json", "--store", str(folder)]
    told = {
        subprocess.run(
            command, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1


def test_what_is_written_stands_in_a_graph_of_its_own(store: Store):
    before = set(store.quads())
    measures = measure(read_network(store))
    graph = write_measures(store, measures)
    added = set(store.quads()) - before
    assert {quad.graph_name.value for quad in added} == {graph}
    assert len(added) == 3 * len(measures)
    assert measure(read_network(store)) == measures
    assert check(store).conforms
    rows = store.select("""
        SELECT ?d ?c { GRAPH ?g { ?x kg:degree ?d ; kg:community ?c ; kg:pageRank ?rank }
                       ?x rdfs:label "Orvane" }""")
    assert [row["d"].value for row in rows] == ["2"]


def test_writing_again_replaces(store: Store):
    write_measures(store, measure(read_network(store)))
    once = set(store.quads())
    write_measures(store, measure(read_network(store)))
    assert set(store.quads()) == once
    write_measures(store, [])
    assert not any(graph.endswith("graph/analysis") for graph in store.graphs())


def test_a_tie_has_the_sentences_on_the_way(store: Store):
    (tie,) = find_ties(
        read_network(store), find_entities(store, "Halden Oy"), find_entities(store, "Lumo")
    )
    assert tie.names == ("Halden Oy", "Orvane", "Quillon", "Lumo")
    first, second, third = tie.steps
    assert [fact.sentence for fact in first] == ["Company Halden Oy partnerOf Company Orvane."]
    assert {fact.predicate for fact in second} >= {"partnerOf"}
    assert len(second) == 2
    assert (third[0].subject, third[0].object, third[0].article) == ("Lumo", "Quillon", "a0")


def test_a_denied_fact_is_no_tie(store: Store):
    ends = find_entities(store, "Halden Oy"), find_entities(store, "Quillon")
    assert [tie.names for tie in find_ties(read_network(store), *ends)] == [
        ("Halden Oy", "Orvane", "Quillon")
    ]


def test_ties_are_at_most_so_many():
    with open_store(MEMORY) as store:
        texts = [
            f"Company Halden partnerOf Company {n}. Company {n} partnerOf Company Quillon."
            for n in ("Aa", "Bb", "Cc")
        ]
        fill(store, *texts)
        ends = find_entities(store, "Halden"), find_entities(store, "Quillon")
        network = read_network(store)
    assert [len(find_ties(network, *ends, limit=n)) for n in (1, 2, 9)] == [1, 2, 3]
    assert find_ties(network, *ends) == find_ties(network, *ends)


def test_what_no_fact_ties_has_no_way(store: Store):
    ends = find_entities(store, "Orvane"), find_entities(store, "Finland")
    assert find_ties(read_network(store), *ends) == ()


def test_path_tells_names_and_sentences(folder: Path):
    done = run("path", "halden oy", "Quillon", "--store", folder)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == "Halden Oy - Orvane - Quillon"
    assert "    a0: 'Company Halden Oy partnerOf Company Orvane.'" in done.stdout.splitlines()
    (told,) = json.loads(run("path", "Halden Oy", "Orvane", "--store", folder, "--json").stdout)
    assert told["steps"][0][0]["predicate"] == "partnerOf"


def test_path_exits_with_1_without_a_tie_and_2_without_an_entity(folder: Path):
    assert run("path", "Orvane", "Finland", "--store", folder).exit_code == 1
    done = run("path", "Orvane", "Quilon", "--store", folder)
    assert done.exit_code == 2
    assert "did you mean Quillon" in done.stderr


def test_stats_of_the_graph(folder: Path):
    done = run("stats", "--graph", "--top", "2", "--write", "--store", folder)
    assert done.exit_code == 0
    head, *rows = done.stdout.splitlines()
    assert head.split() == ["PageRank", "degree", "community", "entity"]
    assert len(rows) == 2
    with open_store(folder, read_only=True) as opened:
        assert any(graph.endswith("graph/analysis") for graph in opened.graphs())


def test_stats_refuses_to_write_what_it_does_not_measure(folder: Path):
    assert run("stats", "--write", "--store", folder).exit_code == 2


@pytest.mark.model
def test_the_bundled_articles_as_a_network(corpus_store: Path):
    with open_store(corpus_store, read_only=True) as store:
        network = read_network(store)
        measures = measure(network)
        first, *_ = measures
        neighbour = next(n for n in [*network.succ[first.iri], *network.pred[first.iri]])
        (tie, *_) = find_ties(network, [first.iri], [neighbour])
        sentences = {
            row["quote"].value
            for row in store.select("SELECT ?quote { GRAPH ?article { ?place oa:exact ?quote } }")
        }
    assert sum(told.page_rank for told in measures) == pytest.approx(1, abs=1e-3)
    assert first.degree > 3
    assert len(tie.steps) == 1
    assert tie.steps[0][0].sentence in sentences
