"""When facts hold, and the graph of one day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from build_sample import ONTOLOGY, build, make_article
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from kg.cli import main
from kg.model import Article, Evidence, Fact, Literal, Modality, Span
from kg.query import run_query
from kg.rdf import Describer
from kg.store import MEMORY, Store, open_store
from kg.validity import Period, find_period, read_as_of
from kg.vocab import Minter

ASK = "SELECT ?b { ?a kg:partnerOf ?b }"


def make_fact(*told: tuple[str, Modality], **more: object) -> Fact:
    """A fact that articles of some days put in some way; the first is the strongest."""
    evidence = tuple(
        Evidence(day, Span(0, 1), "x", "r", 0.9 - n / 10, modality)
        for n, (day, modality) in enumerate(told)
    )
    fact = Fact("f:1", "e:1", "partnerOf", "e:2", evidence, evidence[0].modality)
    return replace(fact, **more)


def period_of(*told: tuple[str, Modality], **more: object) -> Period | None:
    published = {day: date.fromisoformat(day) for day, _ in told if day}
    return find_period(make_fact(*told, **more), published, ontology=ONTOLOGY)


STATED = ("2020-05-05", Modality.ASSERTED)
ENDED = ("2021-06-01", Modality.FORMER)


def test_a_fact_without_dates_holds_from_its_first_article():
    earlier = ("2019-02-02", Modality.ASSERTED)
    assert period_of(STATED, earlier) == Period(date(2019, 2, 2))


@pytest.mark.parametrize(
    ("text", "first"),
    [("2018", date(2018, 1, 1)), ("2018-03", date(2018, 3, 1)), ("2018-03-04", date(2018, 3, 4))],
)
def test_a_fact_holds_from_its_own_beginning(text: str, first: date):
    assert period_of(STATED, valid_from=text) == Period(first)


def test_a_day_on_which_a_fact_was_the_case_counts_like_an_article_of_it():
    told = (("on", "2017-06"), ("role", "2011"))
    assert period_of(STATED, qualifiers=told) == Period(date(2017, 6, 1))
    assert period_of(STATED, qualifiers=(("on", "2021"),)) == Period(date(2020, 5, 5))


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("2024", date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 29)),
        ("2024-02-03", date(2024, 2, 3)),
    ],
)
def test_a_fact_holds_to_the_last_day_of_its_end(text: str, last: date):
    assert period_of(STATED, valid_to=text) == Period(date(2020, 5, 5), last)


def test_an_end_before_the_article_is_the_time_that_is_known():
    assert period_of(ENDED, valid_to="2019") == Period(date(2019, 1, 1), date(2019, 12, 31))


def test_the_first_article_that_calls_it_former_ends_it():
    later = ("2022-01-01", Modality.FORMER)
    assert period_of(STATED, later, ENDED) == Period(date(2020, 5, 5), date(2021, 5, 31))
    assert period_of(ENDED, STATED) == Period(date(2020, 5, 5), date(2021, 5, 31))


def test_what_is_asserted_again_goes_on():
    again = ("2023-01-01", Modality.ASSERTED)
    assert period_of(STATED, ENDED, again) == Period(date(2020, 5, 5))


def test_a_date_holds_from_that_date():
    value = Literal("1987", "gYear")
    assert period_of(STATED, predicate="foundedOn", object=value) == Period(date(1987, 1, 1))


@pytest.mark.parametrize("modality", [Modality.ANNOUNCED, Modality.DENIED])
def test_what_is_not_so_yet_or_denied_holds_never(modality: Modality):
    assert period_of(("2020-05-05", modality), valid_from="2020") is None


def test_what_nothing_dates_has_no_period():
    assert period_of(("", Modality.ASSERTED)) is None
    assert period_of(ENDED) is None
    assert period_of(("", Modality.FORMER), STATED) is None
    assert period_of(STATED, valid_from="2020", valid_to="2019") is None


@given(st.dates(), st.dates())
def test_a_day_is_in_a_period_or_before_it(first: date, day: date):
    assert (day in Period(first)) == (day >= first)


def publish(id_: str, text: str, day: date | None) -> Article:
    return replace(make_article(id_, text), published=day)


ARTICLES = [
    publish("a", "Company Halden Oy partnerOf Company Orvane.", date(2019, 1, 1)),
    publish("b", "former Company Orvane partnerOf Company Halden Oy.", date(2021, 1, 1)),
    publish("c", "Company Quillon partnerOf Company Orvane.", date(2020, 6, 1)),
    publish("d", "Company Lumo partnerOf Company Quillon.", None),
    publish("e", "announced Company Quillon acquired Company Orvane.", date(2018, 1, 1)),
]


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store(MEMORY) as opened:
        build(opened, ARTICLES)
        yield opened


@pytest.mark.parametrize(
    ("day", "rows", "held"),
    [
        (date(2018, 6, 1), 0, 0),
        (date(2019, 1, 1), 2, 1),
        (date(2020, 12, 31), 4, 2),
        (date(2021, 1, 1), 2, 1),
    ],
)
def test_any_query_sees_the_facts_of_the_day(store: Store, day: date, rows: int, held: int):
    then = read_as_of(store, day)
    assert len(run_query(then.store, ASK).splitlines()) - 1 == rows
    nodes = "SELECT (COUNT(?f) AS ?n) { ?f a kg:Fact ; rdf:predicate kg:partnerOf }"
    assert [int(row["n"].value) for row in then.store.select(nodes)] == [held]
    assert (then.held, then.unplaced) == (held, 1)


def test_the_rest_of_the_graph_is_there_and_the_store_as_it_was(store: Store):
    before = set(store.quads())
    then = read_as_of(store, date(2020, 12, 31))
    assert set(store.quads()) == before
    names = 'SELECT ?x { ?x a kg:Company ; rdfs:label "Lumo" }'
    assert len(list(then.store.select(names))) == 1
    assert set(then.store.graphs()) == set(store.graphs())
    assert then.store.base == store.base


def test_two_facts_of_one_plain_triple_lose_it_together(store: Store):
    describer = Describer(ONTOLOGY, Minter())
    fact = make_fact(("a", Modality.ASSERTED), predicate="revenue", subject="e:x")
    early = replace(fact, iri="f:e", object=Literal("5", "money", "EUR"), valid_to="2019")
    late = replace(fact, iri="f:l", object=Literal("5", "money", "USD"), valid_from="2020")
    store.apply(added=[*describer.describe_fact(early), *describer.describe_fact(late)])
    for day, count in ((date(2019, 3, 3), 1), (date(2020, 3, 3), 1), (date(2010, 1, 1), 0)):
        then = read_as_of(store, day).store
        assert len(list(then.select("SELECT ?v { ?x kg:revenue ?v }"))) == count


def test_query_as_of(tmp_path: Path):
    with open_store(tmp_path / "kg") as opened:
        build(opened, ARTICLES)
    words = ["query", ASK, "--store", str(tmp_path / "kg"), "--format", "csv", "--as-of"]
    done = CliRunner().invoke(main, [*words, "2020-12-31"])
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == 5
    assert done.stderr.startswith("1 fact is left out")
    assert CliRunner().invoke(main, [*words, "someday"]).exit_code == 2
