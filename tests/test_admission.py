"""What breaks a shape is quarantined with a report, and the rest of its article is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from build_sample import ONTOLOGY, build, extract, make_article, make_articles
from hypothesis import given, settings
from hypothesis import strategies as st
from lying_extractor import liars
from pyoxigraph import NamedNode

from kg.build import Extractor, remove
from kg.build.admission import admit
from kg.check import Screen, check
from kg.grounding import ground
from kg.model import Article, Extraction, Relation
from kg.ontology import load_ontology
from kg.rdf import Describer, read_contents
from kg.resolve import Resolution, resolve
from kg.store import MEMORY, Store, open_store

DESCRIBER = Describer(ONTOLOGY)


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store(MEMORY) as opened:
        yield opened


def change(**fields: object) -> Extractor:
    """Return the sample's extractor, every relation and evidence with other fields."""
    own = {name: value for name, value in fields.items() if name in Relation.__slots__}
    others = {name: value for name, value in fields.items() if name not in own}

    def read(articles: Iterable[Article]) -> Iterator[Extraction]:
        for extraction in extract(articles):
            yield replace(
                extraction,
                relations=tuple(
                    replace(r, evidence=tuple(replace(e, **others) for e in r.evidence), **own)
                    for r in extraction.relations
                ),
            )

    return Extractor(read, version=repr(fields))


GOOD = "Company Orvane headquarteredIn City Tampere."
BORN = "Person Aino Rautio bornOn gYear 1990."
DIED = "Person Aino Rautio diedOn gYear 1980."
ENDED_BEFORE = (("from", "2020-05"), ("to", "2019"))

# What the article says, how it is read, and what the report says.
FAULTS = [
    (f"{BORN} {DIED}", {}, "diedOn is not before bornOn"),
    ("Company Orvane employeeCount integer -5.", {}, "Value is not >="),
    ("Company Orvane revenue money 5 euros.", {}, "currency is one code"),
    ("Company Orvane partnerOf Company Lumo.", {"confidence": 1.5}, "from 0 to 1"),
]


@pytest.mark.parametrize(("text", "fields", "message"), FAULTS)
def test_what_breaks_a_shape_is_quarantined_with_the_report(
    store: Store, text: str, fields: dict[str, object], message: str
):
    build(store, [make_article("good", GOOD)])
    build(store, [make_article("bad", text)], extractor=change(**fields))
    rows = list(
        store.select(
            """SELECT ?fact ?severity ?message ?reason {
              GRAPH ?quarantine {
                ?fact a kg:Quarantined ; kg:reason ?reason ; kg:validationReport ?report .
                ?report a sh:ValidationReport ; sh:conforms false ; sh:result ?result .
                ?result a sh:ValidationResult ; sh:resultSeverity ?severity ;
                  sh:focusNode ?focus ; sh:resultMessage ?message ;
                  sh:sourceConstraintComponent ?component } }"""
        )
    )
    assert rows
    for told in rows:
        assert message in told["message"].value
        assert message in told["reason"].value
        assert told["severity"].value.endswith("#Violation")
    contents = read_contents(store.quads(), ontology=ONTOLOGY)
    ((fact, _),) = contents.quarantined
    assert {told["fact"].value for told in rows} == {fact.iri}
    graphs = {quad.graph_name for quad in store.quads(subject=NamedNode(fact.iri))}
    assert graphs == {NamedNode(DESCRIBER.minter.quarantine)}
    assert check(store).conforms


def test_the_rest_of_the_article_enters(store: Store):
    build(store, [make_article("a", f"{GOOD} {BORN} {DIED}")])
    contents = read_contents(store.quads(), ontology=ONTOLOGY)
    assert sorted(fact.predicate for fact in contents.facts) == ["bornOn", "headquarteredIn"]
    assert [fact.predicate for fact, _ in contents.quarantined] == ["diedOn"]


def test_what_no_longer_breaks_a_shape_comes_back(store: Store):
    build(store, [make_article("born", BORN), make_article("died", DIED)])
    assert len(read_contents(store.quads(), ontology=ONTOLOGY).quarantined) == 1
    remove(["born"], store=store)
    contents = read_contents(store.quads(), ontology=ONTOLOGY)
    assert [fact.predicate for fact in contents.facts] == ["diedOn"]
    assert contents.quarantined == ()
    assert NamedNode(DESCRIBER.minter.quarantine) not in set(store.graphs())


@pytest.mark.parametrize("turned", [False, True])
def test_the_order_of_articles_does_not_choose(store: Store, turned: bool):
    articles = [make_article("born", BORN), make_article("died", DIED), make_article("x", GOOD)]
    build(store, articles)
    quads = set(store.quads())
    with open_store(MEMORY) as other:
        for article in reversed(articles) if turned else articles:
            build(other, [article])
        assert set(other.quads()) == quads


def test_a_store_is_opened_again_with_its_reports(tmp_path: Path):
    articles = [make_article("a", f"{BORN} {DIED}"), make_article("b", GOOD)]
    with open_store(tmp_path / "kg") as store:
        build(store, articles[:1])
    with open_store(tmp_path / "kg") as store:
        build(store, articles[1:])
        held = set(store.quads())
    with open_store(MEMORY) as store:
        build(store, articles)
        assert held == set(store.quads())


def test_a_fact_that_was_quarantined_before_has_all_reasons(store: Store):
    def hold(articles: Iterable[Article]) -> Iterator[Extraction]:
        for extraction in extract(articles):
            held = tuple((relation, "below the threshold") for relation in extraction.relations)
            yield replace(extraction, relations=(), quarantined=held)

    sentence = "Company Orvane employeeCount integer -5."
    build(store, [make_article("a", sentence)])
    build(store, [make_article("b", sentence)], extractor=Extractor(hold, "holding"))
    ((fact, reasons),) = read_contents(store.quads(), ontology=ONTOLOGY).quarantined
    assert [evidence.article for evidence in fact.evidence] == ["a", "b"]
    assert [reason.split(":")[0] for reason in reasons] == ["below the threshold", "breaks a shape"]


OWN = """@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix : <https://example.com/ns#> .
<https://example.com/ns> a owl:Ontology .
:Ship a owl:Class ; rdfs:label "ship" ; owl:disjointWith :House .
:House a owl:Class ; rdfs:label "house" .
:Houseboat a owl:Class ; rdfs:label "houseboat" ; rdfs:subClassOf :Ship , :House .
:tows a owl:ObjectProperty ; rdfs:label "tows" ; rdfs:domain :Ship ; rdfs:range :Ship ."""


def test_an_entity_that_cannot_be_is_no_entity(tmp_path: Path):
    """An ontology that contradicts itself lets nothing in of the classes that it excludes."""
    (tmp_path / "own.ttl").write_text(OWN)
    ontology = load_ontology(tmp_path / "own.ttl")
    extractor = ship_extractor()
    with open_store(MEMORY) as store:
        article = make_article("a", "Ariel tows Bella. Ariel tows Cara.")
        build(store, [article], extractor=extractor, ontology=ontology)
        contents = read_contents(store.quads(), ontology=ontology)
        assert [entity.name for entity in contents.entities] == ["Ariel", "Cara"]
        assert len(contents.facts) == len(contents.quarantined) == 1
        assert check(store, ontology=ontology).conforms


def ship_extractor() -> Extractor:
    from kg.model import Cluster, Evidence, Mention, Span

    types = {"Ariel": "Ship", "Bella": "Houseboat", "Cara": "Ship"}

    def read(articles: Iterable[Article]) -> Iterator[Extraction]:
        for article in articles:
            clusters = []
            for name, type_ in types.items():
                start = article.text.index(name)
                span = Span(start, start + len(name))
                clusters.append(Cluster(name, type_, (Mention(span, name, type_),)))
            relations = []
            for number, span in ((1, Span(0, 17)), (2, Span(18, 34))):
                quote = article.text[span.start : span.end]
                evidence = Evidence(article.id, span, quote, "ships", 0.9)
                relations.append(Relation(0, "tows", number, (evidence,)))
            yield Extraction(
                article.id, article.checksum, "ships", tuple(clusters), tuple(relations)
            )

    return Extractor(read, "ships")


TEXTS = st.text("Abc dé.19\n", min_size=5, max_size=80)


@st.composite
def resolutions(draw: st.DrawFn) -> tuple[Resolution, dict[str, Article]]:
    """Return what a liar's articles come to before any gate but that of their words."""
    texts = draw(st.lists(TEXTS, min_size=1, max_size=4))
    articles = {f"a{n}": make_article(f"a{n}", text) for n, text in enumerate(texts)}
    extractor = draw(liars())
    grounded = [
        ground(extraction, articles[extraction.article]).extraction
        for extraction in extractor.extract(articles.values())
    ]
    told = resolve(grounded, ontology=ONTOLOGY, minter=DESCRIBER.minter)
    return told, articles


@settings(max_examples=60, deadline=None)
@given(resolutions())
def test_the_screen_and_shacl_agree(told: tuple[Resolution, dict[str, Article]]):
    """With a screen that passes nothing, SHACL judges all, and what is admitted is the same."""
    resolution, articles = told
    admitted = admit(resolution, articles, DESCRIBER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Screen, "passes", lambda *_: False)
        patch.setattr(Screen, "passes_entity", lambda *_: False)
        assert admit(resolution, articles, DESCRIBER) == admitted


@settings(max_examples=25, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=3), liars())
def test_whatever_was_read_the_store_conforms(texts: list[str], extractor: Extractor):
    with open_store(MEMORY) as store:
        articles = [make_article(f"a{n}", text) for n, text in enumerate(texts)]
        build(store, articles, extractor=extractor)
        assert check(store).conforms, check(store).findings[0]


def test_what_conforms_is_passed_by_the_screen_alone(monkeypatch: pytest.MonkeyPatch):
    """Nearly all of a build must not cost a validation."""
    from kg.build import admission

    monkeypatch.setattr(admission, "validate", lambda *_: pytest.fail("SHACL was asked"))
    with open_store(MEMORY) as store:
        assert build(store, make_articles(30)).store.facts > 10


def test_what_ended_before_it_began_has_begun_again(store: Store):
    text = "Company Orvane partnerOf Company Lumo."
    build(store, [make_article("bad", text)], extractor=change(qualifiers=ENDED_BEFORE))
    open_ended = "{ ?fact kg:validFrom ?from FILTER NOT EXISTS { ?fact kg:validTo ?to } }"
    assert len(list(store.select(f"SELECT ?fact {open_ended}"))) == 1
