"""Queries are answered in every format, refused clearly, and given up in time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest
from build_sample import ONTOLOGY, SENTENCES, build, make_article, make_articles
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from kg.errors import QueryError
from kg.query import RESULT_FORMATS, count_contents, run_query
from kg.rdf import read_contents
from kg.store import MEMORY, Store, open_store
from kg.vocab import RDFS

NAMES = "SELECT ?name { ?x a kg:Company ; rdfs:label ?name } ORDER BY ?name"
PARTNERS = "CONSTRUCT { ?a kg:partnerOf ?b } WHERE { ?a kg:partnerOf ?b }"
EXPECTED = ["Halden Oy", "Orvane", "Quillon"]


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with open_store(MEMORY) as opened:
        build(opened, make_articles(25))
        yield opened


def test_rows_are_the_same_in_every_format(store: Store):
    told = {name: run_query(store, NAMES, format=name) for name in RESULT_FORMATS[:5]}
    assert [row["name"] for row in csv.DictReader(io.StringIO(told["csv"]))] == EXPECTED
    assert told["tsv"].splitlines()[1:] == [f'"{name}"' for name in EXPECTED]
    bindings = json.loads(told["json"])["results"]["bindings"]
    assert [b["name"]["value"] for b in bindings] == EXPECTED
    literals = ET.fromstring(told["xml"]).iter("{http://www.w3.org/2005/sparql-results#}literal")
    assert [literal.text for literal in literals] == EXPECTED
    head, rule, *rows, count = told["table"].splitlines()
    assert (head, set(rule), rows, count) == ("name", {"─"}, EXPECTED, "(3 rows)")
    assert all(text.endswith("\n") for text in told.values())


def test_rows_are_csv_and_graphs_turtle_unless_said_otherwise(store: Store):
    assert run_query(store, NAMES) == run_query(store, NAMES, format="csv")
    assert run_query(store, PARTNERS) == run_query(store, PARTNERS, format="turtle")
    assert run_query(store, PARTNERS) == run_query(store, PARTNERS, format="table")


@pytest.mark.parametrize(
    ("pattern", "expected"), [("?x a kg:Company", True), ("?x a kg:City, kg:Person", False)]
)
def test_a_question_is_answered_yes_or_no(store: Store, pattern: str, expected: bool):
    text = f"ASK {{ {pattern} }}"
    assert run_query(store, text, format="table") == ("yes\n" if expected else "no\n")
    assert run_query(store, text, format="csv").strip() == str(expected).lower()
    assert json.loads(run_query(store, text, format="json"))["boolean"] is expected
    assert f"<boolean>{str(expected).lower()}</boolean>" in run_query(store, text, format="xml")


def test_a_graph_comes_sorted_and_readable(store: Store):
    turtle = run_query(store, PARTNERS)
    lines = run_query(store, PARTNERS, format="ntriples").splitlines()
    assert lines == sorted(set(lines))
    assert set(parse(turtle.encode(), RdfFormat.TURTLE)) == set(
        parse("\n".join(lines).encode(), RdfFormat.N_TRIPLES)
    )
    assert "kg:partnerOf entity:" in turtle


def test_describe_tells_of_an_entity(store: Store):
    told = run_query(store, 'DESCRIBE ?x { ?x a kg:Company ; rdfs:label "Orvane" }')
    assert 'rdfs:label "Orvane"' in told


@pytest.mark.parametrize("name", ["turtle", "ntriples"])
def test_rows_do_not_fit_into_a_graph(store: Store, name: str):
    with pytest.raises(QueryError, match="use csv or json"):
        run_query(store, NAMES, format=name)


@pytest.mark.parametrize("name", ["csv", "tsv", "json", "xml"])
def test_a_graph_does_not_fit_into_rows(store: Store, name: str):
    with pytest.raises(QueryError, match="use turtle or ntriples"):
        run_query(store, PARTNERS, format=name)


def test_an_unknown_format_is_told_with_those_that_are_known(store: Store):
    with pytest.raises(QueryError, match=r"xlsx.*table, csv"):
        run_query(store, NAMES, format="xlsx")


@pytest.mark.parametrize("timeout", [None, 60])
@pytest.mark.parametrize(
    "text", ["SELEC ?x {}", "DROP ALL", "SELECT * { SERVICE <http://a.example/> {} }"]
)
def test_what_may_not_run_is_refused(store: Store, text: str, timeout: float | None):
    with pytest.raises(QueryError):
        run_query(store, text, timeout=timeout)


def test_an_answer_in_time_is_the_answer(store: Store):
    assert run_query(store, NAMES, timeout=60) == run_query(store, NAMES)


def test_a_query_that_takes_too_long_is_given_up(store: Store):
    endless = (
        "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(9)) + "}"
    )
    with pytest.raises(QueryError, match=r"longer than 0\.2 seconds"):
        run_query(store, endless, timeout=0.2)
    assert run_query(store, NAMES)


def test_a_table_is_even_cut_and_free_of_control_characters():
    with open_store(MEMORY) as store:
        texts = ["東京", "a\x1b[31mred\nline", "e\u0301", "x" * 200]
        store.apply(
            added=[
                Quad(
                    NamedNode(f"https://example.com/{n}"), NamedNode(f"{RDFS}label"), Literal(text)
                )
                for n, text in enumerate(texts)
            ]
        )
        told = run_query(
            store, "SELECT ?name ?p { ?x ?p ?name } ORDER BY ?x", format="table"
        ).splitlines()
    assert len(told) == 2 + len(texts) + 1
    assert "\x1b" not in "".join(told)
    assert told[2].startswith("東京" + " " * 56)
    assert told[4].startswith("e\u0301" + " " * 59)
    assert told[5].startswith("x" * 59 + "…  rdfs:label")


def test_a_table_without_rows_or_columns(store: Store):
    assert run_query(store, "SELECT ?x { ?x a ?x }", format="table").splitlines()[-1] == "(0 rows)"
    assert run_query(store, "SELECT * { }", format="table").splitlines()[-1] == "(1 row)"


def test_the_counts_are_those_of_the_graph(store: Store):
    counts = count_contents(store)
    contents = read_contents(store.quads(), ontology=ONTOLOGY)
    assert counts["articles"] == {"Wire": 25}
    assert sum(counts["entities"].values()) == len(contents.entities)
    assert counts["entities"]["kg:Company"] == sum(e.type == "Company" for e in contents.entities)
    assert sum(counts["facts"].values()) == sum(counts["states"].values()) == len(contents.facts)
    assert sum(counts["quarantined"].values()) == len(contents.quarantined)
    for counted in counts.values():
        assert list(counted.values()) == sorted(counted.values(), reverse=True)


def test_a_symmetric_fact_counts_once():
    with open_store(MEMORY) as store:
        build(store, [make_article("a", " ".join(SENTENCES[:2]))])
        assert count_contents(store)["facts"] == {"kg:partnerOf": 1}
        assert len(run_query(store, PARTNERS, format="ntriples").splitlines()) == 2


def test_an_empty_store_counts_nothing():
    with open_store(MEMORY) as store:
        assert set(map(len, count_contents(store).values())) == {0}
