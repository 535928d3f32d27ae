"""The shapes are those of the ontology, let a good graph pass and catch each kind of fault."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyshacl import validate
from rdflib import Graph

from kg.ontology import load_ontology
from kg.resources import bundled
from kg.shapes import write_shapes
from kg.vocab import PREFIXES

HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
HEAD += "@prefix : <https://example.com/> .\n"
GOOD = """\
:acme a kg:Company ; rdfs:label "Acme" ; kg:partnerOf :umbra ; kg:countryOf :peru .
:umbra a kg:Organization ; rdfs:label "Umbra" ; kg:foundedBy :ann ; kg:foundedOn "1999"^^xsd:gYear .
:ann a kg:Person ; rdfs:label "Ann Lee" ; kg:bornOn "1960-02"^^xsd:gYearMonth ;
    kg:diedOn "2020-02-01"^^xsd:date ; kg:netWorth "-1000.5"^^xsd:decimal ; kg:headOf :peru .
:peru a kg:Country ; rdfs:label "Peru" ; kg:locatedIn :south .
:south a kg:Place ; rdfs:label "South America" .
:app a kg:Product ; rdfs:label "App" ; kg:userCount 5 ; kg:blockedIn :peru .
:fact a kg:Fact ; rdf:subject :acme ; rdf:predicate kg:partnerOf ; rdf:object :umbra ;
    kg:confidence 0.9 ; kg:modality kg:Asserted ; prov:wasDerivedFrom :article ;
    kg:evidence :proof ; kg:validFrom "2019"^^xsd:gYear ; kg:validTo "2019-05-01"^^xsd:date .
:proof a kg:Evidence ; oa:hasBody :fact ; oa:hasTarget :target ;
    kg:confidence 1.0 ; kg:modality kg:Announced .
:target a oa:SpecificResource ; oa:hasSource :article ; oa:hasSelector :quote , :position .
:quote a oa:TextQuoteSelector ; oa:exact "Acme works with Umbra." .
:position a oa:TextPositionSelector ; oa:start 3 ; oa:end 25 .
:article a schema:NewsArticle ; dcterms:identifier "a1" ; kg:checksum "00ff" .
:link a kg:Link ; rdf:subject :peru ; rdf:predicate owl:sameAs ; rdf:object wd:Q419 ;
    kg:rule "country" ; kg:confidence 1.0 .
:kept a kg:Quarantined ; kg:reason "below the threshold" .
"""


@pytest.fixture(scope="module")
def ontology() -> Graph:
    return Graph().parse(bundled("ontologies/kg.ttl"))


@pytest.fixture(scope="module")
def shapes() -> Graph:
    return Graph().parse(bundled("ontologies/shapes.ttl"))


def check(data: str, ontology: Graph, shapes: Graph) -> tuple[bool, str]:
    """Return whether the data conform, and the report."""
    graph = Graph().parse(data=HEAD + data)
    conforms, _, report = validate(
        graph, shacl_graph=shapes, ont_graph=ontology, inference="none", allow_warnings=True
    )
    return conforms, report


def test_the_file_is_what_the_ontology_gives(update_golden: bool):
    path = bundled("ontologies/shapes.ttl")
    expected = write_shapes(load_ontology())
    if update_golden:
        path.write_text(expected, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == expected


def test_a_good_graph_conforms(ontology: Graph, shapes: Graph):
    conforms, report = check(GOOD, ontology, shapes)
    assert conforms, report


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("kg:partnerOf :umbra ;", "kg:partnerOf :ann ;", "partnerOf"),
        ("kg:partnerOf :umbra ;", 'kg:partnerOf "Umbra" ;', "partnerOf"),
        ("kg:partnerOf :umbra ;", "kg:acquiredBy :umbra ;", "stored as acquired"),
        ("kg:headOf :peru", "kg:headOf :app", "headOf"),
        ("kg:blockedIn :peru", "kg:blockedIn :acme", "blockedIn"),
        (":app a kg:Product", ":app a kg:Event", "OrConstraint"),
        (":ann a kg:Person", ":ann a kg:Person, kg:Place", "NotConstraint"),
        (":acme a kg:Company ;", ":acme", "ClassConstraint"),
        ('rdfs:label "Acme"', 'rdfs:label "Acme", "Acme Inc"', "an entity has one name"),
        ('rdfs:label "Acme" ;', "", "an entity has one name"),
        ('"1999"^^xsd:gYear', '"1999"', "foundedOn"),
        ('"1999"^^xsd:gYear', '"1999-01-01T00:00:00"^^xsd:dateTime', "foundedOn"),
        ('"2020-02-01"^^xsd:date', '"1960-01-31"^^xsd:date', "diedOn is not before bornOn"),
        ('"-1000.5"^^xsd:decimal', '"much"', "netWorth"),
        ("kg:userCount 5", "kg:userCount -5", "userCount"),
        ("kg:userCount 5", "kg:userCount 5.5", "userCount"),
        ("rdf:subject :acme ;", "", "subject"),
        ("rdf:object :umbra", "rdf:object :umbra, :ann", "object"),
        ("rdf:predicate kg:partnerOf ;", "", "predicate"),
        ("prov:wasDerivedFrom :article ;", "", "at least one article"),
        ("kg:confidence 0.9", "kg:confidence 1.1", "from 0 to 1"),
        ("kg:confidence 0.9", "kg:confidence -0.1", "from 0 to 1"),
        ("kg:confidence 0.9 ;", "", "from 0 to 1"),
        ("kg:modality kg:Asserted", "kg:modality kg:Hoped", "modality"),
        ("kg:validFrom", 'kg:currency "dollars" ; kg:validFrom', "ISO 4217"),
        ('kg:validTo "2019-05-01"', 'kg:validTo "2018-05-01"', "last day"),
        ('"Acme works with Umbra."', '""', "not empty"),
        ('; oa:exact "Acme works with Umbra."', "", "one quote"),
        (":quote , :position", ":position", "one quote"),
        ("oa:hasSource :article ;", "", "one article"),
        ('; kg:checksum "00ff"', "", "checksum"),
        ("oa:end 25", "oa:end 3", "starts before it ends"),
        ("oa:start 3 ;", "", "starts before it ends"),
        ('kg:rule "country" ;', "", "rule"),
        ('kg:reason "below the threshold"', 'rdfs:comment "none"', "reason"),
    ],
)
def test_a_fault_is_caught(ontology: Graph, shapes: Graph, old: str, new: str, told: str):
    assert old in GOOD
    conforms, report = check(GOOD.replace(old, new), ontology, shapes)
    assert not conforms
    assert told in report


def test_two_values_of_a_functional_predicate_are_a_warning(ontology: Graph, shapes: Graph):
    twice = GOOD.replace('"1999"^^xsd:gYear', '"1999"^^xsd:gYear, "1998"^^xsd:gYear')
    conforms, report = check(twice, ontology, shapes)
    assert conforms
    assert "more than one value of foundedOn" in report


def test_shapes_of_an_ontology_of_the_users(tmp_path: Path, ontology: Graph):
    path = tmp_path / "zoo.ttl"
    path.write_text(
        "@prefix z: <https://example.com/zoo#> .\n"
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
        "z:Bear a owl:Class . z:Zoo a owl:Class .\n"
        "z:livesAt a owl:ObjectProperty ; rdfs:domain z:Bear ; rdfs:range z:Zoo .\n"
        "z:weight a owl:DatatypeProperty ; rdfs:range xsd:decimal .\n"
    )
    shapes = Graph().parse(data=write_shapes(load_ontology(path)))
    zoo = "@prefix z: <https://example.com/zoo#> .\n"
    good = zoo + ':b a z:Bear ; rdfs:label "Bo" ; z:weight 300.5 ; z:livesAt :z .\n'
    good += ':z a z:Zoo ; rdfs:label "Zoo" .\n'
    assert check(good, ontology, shapes)[0]
    assert not check(good.replace("300.5", '"a lot"'), ontology, shapes)[0]
    assert not check(good.replace("livesAt :z", "livesAt :b"), ontology, shapes)[0]
