"""A store is checked against its shapes, and for facts that cannot all hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from build_sample import ONTOLOGY, build, make_article, make_articles
from pyoxigraph import Literal, NamedNode, Quad

from kg.check import Severity, check
from kg.model import Modality
from kg.store import MEMORY, Store, open_store
from kg.vocab import KG, XSD, Minter


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store(MEMORY) as opened:
        yield opened


def build_texts(store: Store, *texts: str) -> None:
    build(store, [make_article(f"a{n}", text) for n, text in enumerate(texts)])


def test_what_was_built_conforms(store: Store):
    build(store, make_articles(25))
    report = check(store)
    assert report.conforms
    assert not [f for f in report.findings if f.severity is Severity.VIOLATION]
    assert report.facts == 18


def test_an_empty_store_conforms(store: Store):
    assert check(store) == check(store)
    assert (check(store).conforms, check(store).facts) == (True, 0)


# Each takes something away from a good store, or puts something bad into it.
FAULTS = {
    "a fact has at least one evidence": "DELETE WHERE { GRAPH ?g { ?fact kg:evidence ?place } }",
    "a fact names at least one article": "DELETE WHERE { ?fact prov:wasDerivedFrom ?article }",
    "exactly one quote": "DELETE WHERE { GRAPH ?g { ?quote oa:exact ?text } }",
    "a quote starts before it ends": """
        DELETE { GRAPH ?g { ?x oa:end ?end } } INSERT { GRAPH ?g { ?x oa:end -1 } }
        WHERE { GRAPH ?g { ?x oa:end ?end } }""",
    "an entity has one name": "DELETE WHERE { ?x a kg:Company ; rdfs:label ?name }",
    "confidence is one decimal number": """
        DELETE { ?fact kg:confidence ?old } INSERT { ?fact kg:confidence 1.5 }
        WHERE { ?fact a kg:Fact ; kg:confidence ?old }""",
    "kg:Place": """
        INSERT { ?x kg:headquarteredIn ?y } WHERE { ?x a kg:Company . ?y a kg:Company }""",
    "stored as": "INSERT { ?x kg:hasSubsidiary ?y } WHERE { ?x a kg:Company . ?y a kg:Company }",
    "diedOn is not before bornOn": """
        INSERT { ?x kg:bornOn "1990"^^xsd:gYear ; kg:diedOn "1980-01-01"^^xsd:date }
        WHERE { ?x a kg:Person }""",
    "last day is not before its first": """
        INSERT { ?x kg:validFrom "1990"^^xsd:gYear ; kg:validTo "1980"^^xsd:gYear }
        WHERE { ?x a kg:Fact }""",
    "kg:reason": "DELETE WHERE { GRAPH ?g { ?fact kg:reason ?why } }",
}


@pytest.mark.parametrize("message", FAULTS)
def test_each_fault_is_found_and_named(store: Store, message: str):
    build_texts(
        store,
        "Company Halden Oy partnerOf Company Orvane. Person Aino Rautio worksFor Company Orvane.",
        "Country China blockedIn Company Quillon.",
    )
    assert check(store).conforms
    store.update(FAULTS[message])
    report = check(store)
    assert not report.conforms
    worst = report.findings[0]
    assert worst.severity is Severity.VIOLATION
    told = [f"{f.message} {f.predicate.replace(KG, 'kg:')} {f.value}" for f in report.findings]
    assert any(message in text.replace(f"<{KG}", "kg:").replace(KG, "kg:") for text in told), told
    assert all(finding.subject.startswith(Minter().base) for finding in report.findings)


def test_findings_name_what_they_are_about(store: Store):
    build_texts(store, "Company Halden Oy partnerOf Company Orvane.")
    store.update("DELETE WHERE { ?fact kg:confidence ?old }")
    assert [f.name for f in check(store).findings] == ["Halden Oy partnerOf Orvane"]


def test_a_value_of_another_kind_is_told_with_the_value(store: Store):
    build_texts(store, "Company Halden Oy foundedOn gYear 1987.")
    subject = next(q.subject for q in store.quads(predicate=NamedNode(f"{KG}foundedOn")))
    bad = Literal("soon", datatype=NamedNode(f"{XSD}string"))
    store.apply(added=[Quad(subject, NamedNode(f"{KG}foundedOn"), bad)])
    (finding,) = check(store).findings
    assert (finding.name, finding.predicate, finding.value) == (
        "Halden Oy",
        f"{KG}foundedOn",
        "soon",
    )


def test_two_heads_at_one_time_are_told_with_both_sentences(store: Store):
    sentences = [
        f"Person {n} chiefExecutiveOf Company Orvane." for n in ("Aino Rautio", "Ben Oduya")
    ]
    build_texts(store, " ".join(sentences))
    report = check(store)
    assert report.conforms
    (finding,) = report.findings
    assert finding.severity is Severity.WARNING
    assert finding.name == "Orvane"
    assert finding.message.endswith('"chief executive of" it: Aino Rautio, Ben Oduya')
    assert sorted(e.quote for e in finding.evidence) == sentences


def test_a_successor_is_no_contradiction(store: Store):
    build_texts(
        store,
        "Person Aino Rautio chiefExecutiveOf Company Orvane.",
        "former Person Ben Oduya chiefExecutiveOf Company Orvane.",
    )
    assert check(store).findings == ()


def test_heads_told_of_by_articles_of_other_days_are_no_contradiction(store: Store):
    articles = [
        make_article(f"a{n}", f"Person {name} chiefExecutiveOf Company Orvane.")
        for n, name in enumerate(("Aino Rautio", "Ben Oduya"))
    ]
    assert articles[0].published != articles[1].published
    build(store, articles)
    assert check(store).findings == ()


def test_two_values_of_what_has_one_are_told(store: Store):
    build_texts(
        store, "Company Halden Oy foundedOn gYear 1987. Company Halden Oy foundedOn gYear 1988."
    )
    (finding,) = check(store).findings
    assert (finding.name, finding.severity) == ("Halden Oy", Severity.WARNING)
    assert "1987, 1988" in finding.message
    assert len(finding.evidence) == 2


def test_a_more_exact_value_is_no_other_value(store: Store):
    build_texts(
        store,
        "Company Halden Oy foundedOn gYear 1987.",
        "Company Halden Oy foundedOn gYearMonth 1987-05.",
    )
    assert check(store).findings == ()


def test_what_one_article_states_and_another_denies_is_told(store: Store):
    build_texts(
        store,
        "Company Quillon partnerOf Company Orvane.",
        "denied Company Orvane partnerOf Company Quillon.",
    )
    (finding,) = check(store).findings
    assert finding.name == "Orvane partnerOf Quillon"
    assert finding.message == "is stated and denied"
    assert [e.modality for e in finding.evidence] == [Modality.ASSERTED, Modality.DENIED]


def test_findings_come_in_one_order(store: Store):
    build(store, make_articles(12))
    store.update("DELETE WHERE { ?x a kg:Company ; rdfs:label ?name }")
    store.update("DELETE WHERE { ?fact a kg:Fact ; kg:confidence ?old }")
    first, second = check(store), check(store)
    assert first == second
    severities = [list(Severity).index(f.severity) for f in first.findings]
    assert severities == sorted(severities)


def test_an_ontology_of_the_users_own_has_shapes_too(store: Store, tmp_path):
    (tmp_path / "own.ttl").write_text(
        """@prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @prefix : <https://example.com/ns#> .
        <https://example.com/ns> a owl:Ontology .
        :Vessel a owl:Class ; rdfs:label "vessel" .
        :tows a owl:ObjectProperty ; rdfs:domain :Vessel ; rdfs:range :Vessel ."""
    )
    from kg.ontology import load_ontology

    ontology = load_ontology(tmp_path / "own.ttl")
    ns = "https://example.com/ns#"
    store.apply(added=[Quad(NamedNode(f"{ns}a"), NamedNode(f"{ns}tows"), NamedNode(f"{ns}b"))])
    assert check(store, ontology=ONTOLOGY).conforms
    assert not check(store, ontology=ontology).conforms
