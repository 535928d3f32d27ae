"""Entities, facts and articles become quads and come back; Turtle says what the quads say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from build_sample import ONTOLOGY
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from kg import model
from kg.errors import KGError
from kg.model import Article, Entity, Evidence, Fact, Link, Modality, Span, Speaker
from kg.rdf import Describer, read_articles, read_contents, write_turtle
from kg.vocab import BASE_IRI, KG, PREFIXES, RDF, RDFS, WIKIDATA, XSD, Minter

MINTER = Minter()
DESCRIBER = Describer(ONTOLOGY)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
ENTITIES = [
    Entity(MINTER.entity("Organization", name, name), name, "Company") for name in ("A", "B", "C")
]
LITERALS = {
    "foundedOn": model.Literal("1987-05", "gYearMonth"),
    "revenue": model.Literal("1500000.5", "money", "EUR"),
    "employeeCount": model.Literal("-3", "integer"),
}


SPEAKERS = st.one_of(
    st.none(),
    st.just(Speaker("Wire", iri=MINTER.publisher("Wire"))),
    st.builds(
        Speaker,
        text=TEXTS,
        span=st.builds(Span, st.integers(0, 99), st.integers(100, 200)),
        iri=st.sampled_from(["", ENTITIES[2].iri]),
    ),
)


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    """Return facts as resolution makes them: with an IRI of their own, evidence sorted."""
    predicate = draw(st.sampled_from(["partnerOf", "customerOf", *LITERALS]))
    object_ = LITERALS.get(predicate, ENTITIES[1].iri)
    start = draw(st.integers(0, 10**6))
    evidence = st.builds(
        Evidence,
        article=st.sampled_from(["a", "b"]),
        span=st.builds(Span, st.just(start), st.integers(start + 1, start + 500)),
        quote=TEXTS,
        extractor=st.sampled_from(["model 1", "pattern 2"]),
        confidence=st.integers(0, 10_000).map(lambda n: n / 10_000),
        modality=st.sampled_from(Modality),
        speaker=SPEAKERS,
    )
    places = draw(
        st.lists(evidence, min_size=1, unique_by=lambda e: (e.article, e.span, e.extractor))
    )
    date_ = st.sampled_from(["", "2020", "2020-02", "2020-02-29"])
    name = st.sampled_from(["role", "share", "from", "two words", "confidence", "überall"])
    qualifiers = draw(st.lists(st.tuples(name, TEXTS), unique_by=lambda pair: pair[0]))
    return Fact(
        iri=MINTER.fact(ENTITIES[0].iri, predicate, str(object_)),
        subject=ENTITIES[0].iri,
        predicate=predicate,
        object=object_,
        evidence=tuple(sorted(places, key=lambda e: (e.article, e.span, e.extractor))),
        modality=draw(st.sampled_from(Modality)),
        valid_from=draw(date_),
        valid_to=draw(date_),
        qualifiers=tuple(sorted(qualifiers)),
    )


def describe(*told: Fact) -> list[Quad]:
    """Return the quads of facts with the articles and extractors that they name."""
    quads = [quad for fact in told for quad in DESCRIBER.describe_fact(fact)]
    return quads + describe_sources(*told)


def describe_sources(*told: Fact) -> list[Quad]:
    evidence = [e for fact in told for e in fact.evidence]
    articles = [Article(e.article, "", "00", publisher="Wire") for e in evidence]
    quads = [q for a in articles for q in DESCRIBER.describe_article(a, extraction="k")]
    return quads + [q for e in evidence for q in DESCRIBER.describe_extractor(e.extractor)]


@given(facts())
def test_a_fact_comes_back_as_it_was(fact: Fact):
    assert read_contents(describe(fact), ontology=ONTOLOGY).facts == (fact,)


@given(facts(), st.sets(TEXTS, min_size=1))
def test_a_quarantined_fact_comes_back_with_its_reasons(fact: Fact, reasons: set[str]):
    quads = [*DESCRIBER.describe_quarantined(fact, reasons), *describe_sources(fact)]
    contents = read_contents(quads, ontology=ONTOLOGY)
    assert contents.facts == ()
    assert contents.quarantined == ((fact, tuple(sorted(reasons))),)


@given(TEXTS, st.sets(TEXTS), st.sets(st.integers(1, 99)))
def test_an_entity_comes_back_as_it_was(name: str, aliases: set[str], items: set[int]):
    links = tuple(Link(f"{WIKIDATA}Q{n}", "name", n / 100) for n in sorted(items))
    entity = replace(
        ENTITIES[0], name=name, aliases=tuple(sorted(aliases)), links=tuple(sorted(links))
    )
    contents = read_contents(DESCRIBER.describe_entity(entity), ontology=ONTOLOGY)
    assert contents.entities == (entity,)


@given(TEXTS, TEXTS, st.dates(), st.sets(TEXTS))
def test_the_metadata_of_an_article_come_back(id_: str, title: str, day: date, authors: set[str]):
    article = Article(
        id=id_,
        text="x",
        checksum="0a",
        title=title,
        url="https://example.com/a?b=c d",
        published=day,
        authors=tuple(sorted(authors)),
        publisher=title,
    )
    (record,) = read_articles(DESCRIBER.describe_article(article, extraction="key"))
    assert record.iri == MINTER.article(id_)
    assert record.extraction == "key"
    for name in ("id", "checksum", "title", "url", "published", "authors", "publisher"):
        assert getattr(record, name) == getattr(article, name)


@pytest.mark.parametrize("modality", Modality)
def test_only_an_asserted_fact_is_a_plain_triple(modality: Modality):
    evidence = Evidence("a", Span(0, 1), "x", "model 1", 0.5, modality)
    fact = Fact("https://example.com/f", ENTITIES[0].iri, "partnerOf", ENTITIES[1].iri, (evidence,))
    fact = replace(fact, modality=modality)
    plain = {q for q in describe(fact) if q.predicate.value == f"{KG}partnerOf"}
    ends = {(q.subject.value, q.object.value) for q in plain}
    both = {(ENTITIES[0].iri, ENTITIES[1].iri), (ENTITIES[1].iri, ENTITIES[0].iri)}
    assert ends == (both if modality is Modality.ASSERTED else set())


def test_evidence_stands_in_the_graph_of_its_article_and_nowhere_else():
    evidence = tuple(Evidence(a, Span(0, 1), "x", "model 1", 0.5) for a in "ab")
    fact = Fact("https://example.com/f", ENTITIES[0].iri, "customerOf", ENTITIES[1].iri, evidence)
    quads = list(DESCRIBER.describe_fact(fact))
    for article in "ab":
        iri = MINTER.article(article)
        inside = [q for q in quads if q.graph_name == NamedNode(iri)]
        assert len(inside) == 17
        names = [q.subject.value for q in inside if q.subject.value != fact.iri]
        assert all(name.startswith(f"{iri}#") for name in names)
    outside = [q for q in quads if isinstance(q.graph_name, DefaultGraph)]
    assert not any("oa#" in str(quad) for quad in outside)


def test_a_subclass_says_its_superclasses():
    quads = DESCRIBER.describe_entity(replace(ENTITIES[0], type="City"))
    types = {q.object.value for q in quads if q.predicate.value == f"{RDF}type"}
    assert {f"{KG}City", f"{KG}Place"} <= types


def test_what_no_rdf_can_hold_is_replaced():
    entity = replace(ENTITIES[0], name="a\ud800b")
    (told,) = read_contents(DESCRIBER.describe_entity(entity), ontology=ONTOLOGY).entities
    assert told.name == "a\ufffdb"


def test_a_graph_that_lacks_a_part_is_told_with_the_fact():
    evidence = (Evidence("a", Span(0, 1), "x", "model 1", 0.5),)
    fact = Fact("https://example.com/f", ENTITIES[0].iri, "customerOf", ENTITIES[1].iri, evidence)
    quads = [q for q in describe(fact) if not q.predicate.value.endswith("#start")]
    with pytest.raises(KGError, match=r"https://example\.com/f"):
        read_contents(quads, ontology=ONTOLOGY)


def test_what_the_ontology_lacks_is_passed_over():
    other = NamedNode("https://example.com/other")
    quads = [Quad(other, NamedNode(f"{RDF}type"), NamedNode("https://example.com/Class"))]
    assert read_contents(quads, ontology=ONTOLOGY).entities == ()


IRIS = st.one_of(
    st.sampled_from([*PREFIXES.values(), f"{BASE_IRI}entity/"]).flatmap(
        lambda base: st.from_regex(r"[A-Za-z0-9._~#/%-]{0,9}", fullmatch=True).map(
            lambda local: base.rstrip("#") + "#" + local.replace("%", "%25").replace("#", "")
        )
    ),
    st.from_regex(r"urn:[a-z]{2,5}:[A-Za-z0-9().,;'-]{1,9}", fullmatch=True),
)
NODES = IRIS.map(NamedNode)
LITERALS_ = st.one_of(
    TEXTS.map(Literal),
    TEXTS.map(lambda text: Literal(text, language="de")),
    st.builds(
        lambda text, name: Literal(text, datatype=NamedNode(f"{XSD}{name}")),
        st.one_of(TEXTS, st.from_regex(r"[+-]?[0-9]*\.?[0-9]*", fullmatch=True)),
        st.sampled_from(["integer", "decimal", "boolean", "date", "string"]),
    ),
)
TRIPLES = st.builds(Triple, NODES, NODES, LITERALS_ | NODES)
QUADS = st.builds(
    Quad, NODES, NODES, st.one_of(NODES, LITERALS_, TRIPLES), NODES | st.just(DefaultGraph())
)


@given(st.lists(QUADS))
def test_trig_says_what_the_quads_say(quads: list[Quad]):
    text = write_turtle(quads, prefixes=PREFIXES | MINTER.prefixes)
    assert set(parse(text, RdfFormat.TRIG)) == set(quads)
    assert write_turtle(reversed(quads), prefixes=PREFIXES | MINTER.prefixes) == text


def test_turtle_reads_well():
    subject = NamedNode(ENTITIES[0].iri)
    quads = [
        Quad(subject, NamedNode(f"{RDFS}label"), Literal('Zoom "X"\n')),
        Quad(subject, NamedNode(f"{RDF}type"), NamedNode(f"{KG}Company")),
        Quad(
            subject,
            NamedNode(f"{KG}employeeCount"),
            Literal("7", datatype=NamedNode(f"{XSD}integer")),
        ),
        Quad(subject, NamedNode(f"{KG}partnerOf"), NamedNode(ENTITIES[2].iri)),
        Quad(subject, NamedNode(f"{KG}partnerOf"), NamedNode("https://example.com/b")),
    ]
    prefixes = {"kg": KG, "rdfs": RDFS, "xsd": XSD, "e": f"{BASE_IRI}entity/"}
    assert write_turtle(quads, prefixes=prefixes).decode() == (
        f"@prefix e: <{BASE_IRI}entity/> .\n"
        f"@prefix kg: <{KG}> .\n"
        f"@prefix rdfs: <{RDFS}> .\n"
        "\n"
        f"{subject.value.replace(f'{BASE_IRI}entity/', 'e:')} a kg:Company ;\n"
        '    rdfs:label "Zoom \\"X\\"\\n" ;\n'
        "    kg:employeeCount 7 ;\n"
        "    kg:partnerOf <https://example.com/b> , "
        f"{ENTITIES[2].iri.replace(f'{BASE_IRI}entity/', 'e:')} .\n"
    )
