"""Every quote in a store stands in its article, character by character."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.articles import read_articles
from kg.build import build
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
