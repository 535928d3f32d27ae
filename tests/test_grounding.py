"""Every quote and every name in a store stands in its article, whoever read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from build_sample import SENTENCES, extract, make_article
from build_sample import build as build_sample
from hypothesis import given, settings
from hypothesis import strategies as st
from lying_extractor import liars

from kg.articles import read_articles
from kg.build import Extractor, build
from kg.gazetteer import find_country
from kg.grounding import Fault, ground
from kg.model import Article, Cluster, Evidence, Extraction, Literal, Mention, Relation, Span
from kg.resources import bundled
from kg.store import MEMORY, Store, open_store

_PLACES = """
SELECT ?id ?start ?end ?quote {
  GRAPH ?graph {
    ?target a oa:SpecificResource ; oa:hasSource ?article ; oa:hasSelector ?words, ?place .
    ?words oa:exact ?quote .
    ?place oa:start ?start ; oa:end ?end .
  }
  GRAPH ?article { ?article dcterms:identifier ?id }
}
"""
_NAMES = """
SELECT ?name {
  ?entity rdfs:label|skos:altLabel ?name . FILTER NOT EXISTS { ?entity a kg:Extractor }
}
"""
_BARE = """
SELECT ?fact {
  ?fact a kg:Fact .
  FILTER NOT EXISTS { GRAPH ?article { ?fact kg:evidence ?evidence } }
}
"""


def assert_grounded(store: Store, sources: list[str], *, at_least: int) -> None:
    texts = {a.id: a.text for a in read_articles(sources, on_error=pytest.fail)}
    places = list(store.select(_PLACES))
    for place in places:
        text = texts[place["id"].value]
        assert text[int(place["start"].value) : int(place["end"].value)] == place["quote"].value
    assert len(places) >= at_least
    assert not list(store.select(_BARE))


def assert_nothing_made_up(store: Store, articles: Sequence[Article]) -> None:
    """Fail where a quote, or a name that no gazetteer gave, is in none of the texts."""
    texts = {article.id: article.text for article in articles}
    for place in store.select(_PLACES):
        text = texts[place["id"].value]
        assert text[int(place["start"].value) : int(place["end"].value)] == place["quote"].value
    assert not list(store.select(_BARE))
    for told in store.select(_NAMES):
        name = told["name"].value
        country = find_country(name)
        is_named = any(name in text for text in texts.values())
        assert is_named or (country is not None and country.name == name), name


CORPUS = list(read_articles([str(bundled("corpus/articles"))], on_error=pytest.fail))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(
        st.lists(TEXTS, min_size=1, max_size=3).map(
            lambda texts: [make_article(f"a{n}", text) for n, text in enumerate(texts)]
        ),
        st.lists(st.sampled_from(CORPUS), min_size=1, max_size=3, unique_by=lambda a: a.id),
    ),
    liars(),
)
def test_nothing_that_an_extractor_makes_up_enters_the_graph(
    articles: list[Article], extractor: Extractor
):
    with open_store(MEMORY) as store:
        build_sample(store, articles, extractor=extractor)
        assert_nothing_made_up(store, articles)


TEXT = "Orvane works with Quillon Oy. It was founded in 1987."
ARTICLE = make_article("a", TEXT)


def make_cluster(name: str, *spans: tuple[int, int], text: str = "", named: bool = True) -> Cluster:
    mentions = (Mention(Span(s, e), text or TEXT[s:e], "Company", 0.9, named) for s, e in spans)
    return Cluster(name, "Company", tuple(mentions))


ORVANE = make_cluster("Orvane", (0, 6))
QUILLON = make_cluster("Quillon Oy", (18, 28))
QUOTE = Evidence("a", Span(0, 29), TEXT[:29], "one", 0.9)


def read(clusters: list[Cluster], *relations: Relation) -> Extraction:
    return Extraction("a", ARTICLE.checksum, "one", tuple(clusters), relations)


PARTNERS = Relation(0, "partnerOf", 1, (QUOTE,))


def test_what_is_true_stays_as_it_is():
    extraction = read([ORVANE, QUILLON], PARTNERS)
    grounded = ground(extraction, ARTICLE)
    assert (grounded.extraction, grounded.faults) == (extraction, {})


@pytest.mark.parametrize(
    ("cluster", "faults"),
    [
        (make_cluster("Orvane", (0, 5), text="Orvane"), {Fault.MENTION: 1}),
        (make_cluster("Orvane", (3, 9), text="Orvane"), {Fault.MENTION: 1}),
        (make_cluster("Orvane", (-53, -47), text="Orvane"), {Fault.MENTION: 1}),
        (make_cluster("Orvane", (500, 506), text="Orvane"), {Fault.MENTION: 1}),
        (make_cluster("Orvane", (4, 4), text=""), {Fault.MENTION: 1}),
        (make_cluster(" ", (6, 7)), {Fault.MENTION: 1}),
        (make_cluster("Orvane", (30, 32), named=False), {}),
    ],
)
def test_what_is_not_named_is_no_entity_and_takes_its_statements_along(
    cluster: Cluster, faults: dict[Fault, int]
):
    grounded = ground(read([cluster, QUILLON], PARTNERS), ARTICLE)
    assert grounded.extraction == read([QUILLON])
    assert grounded.faults == faults | {Fault.RELATION: 1}


def test_of_mentions_the_true_ones_stay_and_numbers_follow():
    gone = make_cluster("Lumo", (0, 4), text="Lumo")
    lie = Mention(Span(2, 8), "Ovrane", "Company")
    half = Cluster("Orvane", "Company", (*ORVANE.mentions, lie))
    grounded = ground(read([gone, half, QUILLON], Relation(1, "partnerOf", 2, (QUOTE,))), ARTICLE)
    assert grounded.extraction == read([ORVANE, QUILLON], PARTNERS)
    assert grounded.faults == {Fault.MENTION: 2}


def test_a_name_that_no_mention_bears_gives_way_to_one_that_does():
    grounded = ground(read([make_cluster("Omnicorp", (0, 6)), QUILLON], PARTNERS), ARTICLE)
    assert grounded.extraction == read([ORVANE, QUILLON], PARTNERS)
    assert grounded.faults == {Fault.NAME: 1}


def test_a_country_may_bear_its_own_name():
    article = make_article("a", "The Peruvian port is open.")
    mention = Mention(Span(4, 12), "Peruvian", "Country")
    extraction = Extraction("a", "", "one", (Cluster("Peru", "Country", (mention,)),))
    assert ground(extraction, article).extraction == extraction


@pytest.mark.parametrize(
    "evidence",
    [
        Evidence("a", Span(0, 29), TEXT[:28], "one", 0.9),
        Evidence("a", Span(0, 29), "Orvane sued Quillon Oy today.", "one", 0.9),
        Evidence("a", Span(40, 99), TEXT[40:99], "one", 0.9),
        Evidence("a", Span(7, 7), "", "one", 0.9),
        Evidence("b", Span(0, 29), TEXT[:29], "one", 0.9),
    ],
)
def test_a_false_quote_is_no_evidence(evidence: Evidence):
    both = Relation(0, "partnerOf", 1, (evidence, QUOTE))
    grounded = ground(read([ORVANE, QUILLON], both), ARTICLE)
    assert grounded.extraction == read([ORVANE, QUILLON], PARTNERS)
    assert grounded.faults == {Fault.EVIDENCE: 1}
    alone = Relation(0, "partnerOf", 1, (evidence,))
    grounded = ground(read([ORVANE, QUILLON], alone), ARTICLE)
    assert grounded.extraction == read([ORVANE, QUILLON])
    assert grounded.faults == {Fault.EVIDENCE: 1, Fault.RELATION: 1}


@pytest.mark.parametrize("confidence", [float("nan"), float("inf")])
def test_a_confidence_that_is_no_number_is_no_evidence(confidence: float):
    evidence = replace(QUOTE, confidence=confidence)
    grounded = ground(read([ORVANE, QUILLON], Relation(0, "partnerOf", 1, (evidence,))), ARTICLE)
    assert grounded.extraction == read([ORVANE, QUILLON])
    assert grounded.faults == {Fault.CONFIDENCE: 1, Fault.RELATION: 1}


@pytest.mark.parametrize("words", ["1988", ""])
def test_a_value_that_the_article_does_not_tell_is_quarantined(words: str):
    told = Relation(0, "foundedOn", Literal("1987", "gYear", text="1987"), (QUOTE,))
    made_up = Relation(0, "foundedOn", Literal("1988", "gYear", text=words), (QUOTE,))
    grounded = ground(read([ORVANE], told, made_up), ARTICLE).extraction
    assert grounded.relations == (told,)
    assert [relation for relation, _ in grounded.quarantined] == [made_up]


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(CORPUS), liars())
def test_grounding_again_changes_nothing(article: Article, extractor: Extractor):
    (extraction,) = extractor.extract([article])
    once = ground(extraction, article).extraction
    again = ground(once, article)
    assert (again.extraction, again.faults) == (once, {})


def test_a_build_counts_what_was_made_up():
    def shift(articles: Iterable[Article]) -> Iterator[Extraction]:
        for extraction in extract(articles):
            one, *others = extraction.clusters
            moved = [replace(m, span=Span(m.span.start + 1, m.span.end)) for m in one.mentions]
            yield replace(extraction, clusters=(replace(one, mentions=tuple(moved)), *others))

    with open_store(MEMORY) as store:
        report = build_sample(
            store, [make_article("a", SENTENCES[0])], extractor=Extractor(shift, "1")
        )
        assert report.added == ("a",)
        assert report.ungrounded == {Fault.MENTION: 1, Fault.RELATION: 1}
        names = [told["name"].value for told in store.select(_NAMES)]
        assert names == ["Orvane"]


def test_the_bundled_corpus(corpus_store: Path):
    with open_store(corpus_store, read_only=True) as store:
        assert_grounded(store, [str(bundled("corpus/articles"))], at_least=500)


def test_the_customers_article(shared: Path):
    source = str(shared / "seed" / "zoom-exiting-china.txt")
    with open_store(MEMORY) as store:
        build([source], store=store, on_error=pytest.fail)
        assert_grounded(store, [source], at_least=20)
        partners = store.select(
            'SELECT ?name { ?c rdfs:label "Zoom" ; kg:partnerOf ?p . '
            '?p rdfs:label ?name ; kg:countryOf/rdfs:label "China" }'
        )
        assert {row["name"].value for row in partners} == {
            "Bizconf Communications",
            "Suirui Zhumu Video Conference",
            "Systec Umeet",
        }
        blocked = store.select(
            'SELECT ?name { ?b kg:blockedIn/rdfs:label "China" ; rdfs:label ?name }'
        )
        assert {row["name"].value for row in blocked} >= {"WhatsApp", "Google Meet", "Facebook"}
        leaders = store.select(
            'SELECT ?f ?l { ?c rdfs:label "Zoom" ; kg:foundedBy/rdfs:label ?f . '
            "?p kg:chiefExecutiveOf ?c ; rdfs:label ?l }"
        )
        assert [(r["f"].value, r["l"].value) for r in leaders] == [("Eric Yuan", "Eric Yuan")]
