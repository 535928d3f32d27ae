"""Two graphs are compared fact by fact, whether they are stores or exports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from build_sample import SENTENCES, build, make_article, make_articles
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.diff import diff, write_diff
from kg.errors import StoreError, UsageError
from kg.export import export
from kg.store import MEMORY, Store, open_store

PARTNERS, DENIED, FORMER = SENTENCES[0], SENTENCES[3], SENTENCES[4]


@pytest.fixture
def before() -> Iterator[Store]:
    with open_store(MEMORY) as store:
        build(store, [make_article("a", PARTNERS), make_article("b", FORMER)])
        yield store


@pytest.fixture
def after() -> Iterator[Store]:
    with open_store(MEMORY) as store:
        build(store, [make_article("a", PARTNERS), make_article("c", f"{PARTNERS} {DENIED}")])
        yield store


def test_what_came_what_went_and_what_has_other_evidence(before: Store, after: Store):
    told = diff(before, after)
    assert [fact.predicate for fact in told.added] == ["partnerOf"]
    assert [fact.predicate for fact in told.removed] == ["customerOf"]
    ((old, new),) = told.changed
    assert [e.article for e in old.evidence] == ["a"]
    assert [e.article for e in new.evidence] == ["a", "c"]
    assert write_diff(told).splitlines() == [
        "+ Orvane  partnerOf  Quillon  (denied, 1 article)",
        "- Quillon  customerOf  Halden Oy  (former, 1 article)",
        "~ Halden Oy  partnerOf  Orvane  (asserted, 1 article) -> (asserted, 2 articles)",
    ]


def test_a_graph_does_not_differ_from_itself(before: Store):
    told = diff(before, before)
    assert not told
    assert write_diff(told) == ""


@pytest.mark.parametrize(
    ("name", "profile"),
    [("a.nq", "full"), ("a.trig", "full"), ("a.jsonld", "full"), ("a.ttl", "full"),
     ("a.nt", "full"), ("a.rdf", "full"), ("a.ttl", "rdf12"), ("a.nq", "rdf12")],
)  # fmt: skip
def test_an_export_is_as_good_as_its_store(
    before: Store, after: Store, tmp_path: Path, name: str, profile: str
):
    export(before, tmp_path / name, profile=profile)
    assert not diff(tmp_path / name, before)
    assert diff(tmp_path / name, after) == diff(before, after)


def test_a_folder_is_opened(before: Store, tmp_path: Path):
    with open_store(tmp_path / "kg") as store:
        build(store, [make_article("a", PARTNERS)])
    told = diff(tmp_path / "kg", before)
    assert [fact.predicate for fact in told.added] == ["customerOf"]
    assert told.changed == ()


def test_a_base_of_its_own_is_no_hindrance(tmp_path: Path):
    sentence = "Company Orvane Inc partnerOf Company Quillon."
    with open_store(MEMORY) as store:
        build(store, [make_article("a", f"{sentence} {FORMER}")], base_iri="https://example.org/")
        export(store, tmp_path / "a.nq")
        assert not diff(store, tmp_path / "a.nq")


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(0, 29)), st.sets(st.integers(0, 29)))
def test_back_is_the_way_there_turned_round(first: set[int], second: set[int]):
    articles = make_articles(30)
    with open_store(MEMORY) as one, open_store(MEMORY) as two:
        build(one, [articles[n] for n in first])
        build(two, [articles[n] for n in second])
        there, back = diff(one, two), diff(two, one)
        assert there.added == back.removed
        assert there.removed == back.added
        assert there.changed == tuple((old, new) for new, old in back.changed)
        assert bool(there) == (write_diff(there) != "")


def test_a_plain_export_tells_too_little(before: Store, tmp_path: Path):
    export(before, tmp_path / "a.ttl", profile="plain")
    with pytest.raises(UsageError, match="profile full or rdf12"):
        diff(tmp_path / "a.ttl", before)


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("a.ttl", "<a> <b> .", StoreError, r"a\.ttl:1: is not valid Turtle"),
        ("a.docx", "", UsageError, "tells no syntax of RDF"),
    ],
)
def test_what_is_no_graph_is_told(before: Store, tmp_path: Path, name, content, error, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(error, match=message):
        diff(tmp_path / name, before)


def test_what_is_not_there_is_told(before: Store, tmp_path: Path):
    with pytest.raises(StoreError, match="no store is here"):
        diff(tmp_path / "nowhere", before)
