"""How many publishers state a fact independently of one another."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest
from build_sample import ONTOLOGY, SENTENCES, build, build_afresh, make_article
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.corroboration import count_publishers, is_copy
from kg.explain import explain
from kg.model import Article, Evidence, Fact, Modality, Span
from kg.query import count_contents
from kg.rdf import read_contents
from kg.store import MEMORY, open_store

WORDS = "river stone market harbour signal winter copper ladder engine garden office letter".split()


def make_story(seed: int, length: int = 120) -> str:
    """Return a text that shares no run of words with that of another seed, but by chance."""
    return " ".join(random.Random(seed).choices(WORDS, k=length))


def make(id_: str, story: int | str, publisher: str = "", url: str = "") -> Article:
    text = story if isinstance(story, str) else make_story(story)
    return Article(id_, text, checksum=id_, publisher=publisher, url=url)


def make_fact(*articles: str, **modalities: Modality) -> Fact:
    told = dict.fromkeys(articles, Modality.ASSERTED) | modalities
    evidence = (Evidence(a, Span(0, 1), "", "r", 0.9, m) for a, m in sorted(told.items()))
    return Fact("f", "s", "p", "o", tuple(evidence))


def count(fact: Fact, *articles: Article) -> int:
    (counted,) = count_publishers([fact], {article.id: article for article in articles})
    assert replace(counted, publishers=0) == fact
    return counted.publishers


def test_publishers_with_stories_of_their_own_count_each():
    articles = [make("a", 1, "Wire"), make("b", 2, "Herald"), make("c", 3, "Echo")]
    assert count(make_fact("a", "b", "c"), *articles) == 3
    assert count(make_fact("b"), *articles) == 1


def test_one_publisher_counts_once():
    articles = [
        make("a", 1, "The Daily Post"),
        make("b", 2, "the daily post"),
        make("c", 3, "Wire"),
    ]
    assert count(make_fact("a", "b", "c"), *articles) == 2


def test_copies_of_a_story_count_once():
    wire = make_story(1, 300)
    articles = [
        make("wire", wire, "Wire"),
        make("cut", wire[: len(wire) // 3], "Herald"),
        make("edited", wire.replace("harbour", "seaport"), "Echo"),
        make("headed", f"{make_story(7, 30)} {wire}", "Post"),
        make("own", 2, "Courier"),
    ]
    assert count(make_fact("wire", "cut", "edited", "headed"), *articles) == 1
    assert count(make_fact("cut", "own", "wire"), *articles) == 2


def test_a_publisher_of_a_copy_and_of_a_story_of_its_own_counts_by_the_latter():
    articles = [make("a", 1, "Wire"), make("b", 1, "Herald"), make("c", 2, "Herald")]
    assert count(make_fact("a", "b", "c"), *articles) == 2


def test_who_can_have_which_story_is_settled_for_all_together():
    held = {"Echo": (1, 2), "Herald": (2, 3), "Post": (3, 1), "Wire": (1,)}
    articles = [make(f"{p}{n}", n, p) for p, stories in held.items() for n in stories]
    assert count(make_fact(*(a.id for a in articles)), *articles) == 3


def test_what_names_no_publisher_goes_by_its_host():
    articles = [
        make("a", 1, url="https://www.herald.example/a"),
        make("b", 2, url="http://herald.example:8080/b"),
        make("c", 3, url="https://echo.example/c"),
        make("d", 4),
        make("e", 5),
    ]
    assert count(make_fact("a", "b"), *articles) == 1
    assert count(make_fact("a", "c"), *articles) == 2
    assert count(make_fact("d", "e"), *articles) == 1


def test_who_denies_a_fact_does_not_state_it():
    articles = [make("a", 1, "Wire"), make("b", 2, "Herald"), make("c", 3, "Echo")]
    fact = make_fact("a", b=Modality.DENIED, c=Modality.FORMER)
    assert count(fact, *articles) == 2
    assert count(replace(fact, modality=Modality.DENIED), *articles) == 1


def test_furniture_makes_no_copies():
    banner = make_story(9, 200)
    articles = [
        replace(make(id_, f"{banner} {make_story(n)}", p), furniture=(Span(0, len(banner)),))
        for id_, n, p in (("a", 1, "Wire"), ("b", 2, "Herald"))
    ]
    assert count(make_fact("a", "b"), *articles) == 2


@pytest.mark.parametrize("text", ["", "one", "one two three", "one two three four five"])
def test_short_texts_are_copies_of_themselves_alone(text: str):
    assert is_copy(text, text)
    assert not is_copy(text, make_story(1))
    assert is_copy(text, text.upper()) is True


def test_stories_written_apart_are_no_copies():
    # Twelve words only, so that some runs of four meet by chance.
    stories = [make_story(n, 400) for n in range(30)]
    assert not any(is_copy(a, b) for a, b in permutations(stories, 2))


def test_the_graph_says_how_many():
    wire = f"{SENTENCES[0]} {SENTENCES[8]}"
    own = f"{make_story(3)}. {SENTENCES[0]}"
    articles = [
        replace(make_article("a", wire), publisher="Wire"),
        replace(make_article("b", wire), publisher="Herald"),
        replace(make_article("c", own), publisher="Echo"),
    ]
    with open_store(MEMORY) as store:
        build(store, articles)
        facts = read_contents(store.quads(), ontology=ONTOLOGY).facts
        assert sorted(fact.publishers for fact in facts) == [1, 2]
        assert count_contents(store)["corroboration"] == {"1 publisher": 1, "2 publishers": 1}
        (told,) = explain(store, "Halden Oy", "partnerOf", "Orvane").facts
        assert told.publishers == 2


_article = st.builds(
    lambda n, publisher, story, told: replace(
        make_article(f"a{n}", f"{make_story(story, 40)}. {' '.join(told)}"),
        publisher=publisher,
        published=date(2020, 1, 1),
    ),
    st.integers(0, 7),
    st.sampled_from(["Wire", "Herald", "Echo", ""]),
    st.integers(0, 3),
    st.lists(st.sampled_from(SENTENCES[:6]), max_size=3),
)


@settings(max_examples=30, deadline=None)
@given(st.data(), st.lists(_article, max_size=8, unique_by=lambda a: a.id), st.integers(1, 8))
def test_neither_order_nor_batches_matter(data: st.DataObject, articles: list[Article], size: int):
    shuffled = data.draw(st.permutations(articles))
    with open_store(MEMORY) as store:
        for n in range(0, len(shuffled), size):
            build(store, shuffled[n : n + size])
        assert set(store.quads()) == build_afresh(articles)
