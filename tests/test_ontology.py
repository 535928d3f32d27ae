"""The bundled ontology says what the design says, and any other one can take its place."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, parse
from rdflib import Graph

from kg.errors import OntologyError
from kg.ontology import Ontology, load_ontology
from kg.rdf.terms import MODALITIES, T
from kg.resources import bundled
from kg.vocab import KG, OWL, RDF, RDFS, SKOS

ONTOLOGY = load_ontology()

# name: (domain, range or kind of value, marks, Wikidata properties)
TABLE: dict[str, tuple[str, str, str, str]] = {
    "partnerOf": ("Organization", "Organization", "symmetric", "P2652"),
    "competitorOf": ("Organization", "Organization", "symmetric", ""),
    "customerOf": ("Organization", "Organization", "", ""),
    "supplierOf": ("Organization", "Organization", "derived", ""),
    "subsidiaryOf": ("Organization", "Organization", "", "P749 P355"),
    "hasSubsidiary": ("Organization", "Organization", "derived", "P355"),
    "acquired": ("Organization", "Organization", "", ""),
    "acquiredBy": ("Organization", "Organization", "derived", ""),
    "investorIn": ("Organization Person", "Organization", "", "P1830 P127"),
    "foundedBy": ("Organization", "Organization Person", "", "P112"),
    "chiefExecutiveOf": ("Person", "Organization", "exclusive", "P169"),
    "worksFor": ("Person", "Organization", "", "P108"),
    "memberOf": ("Organization Person", "Organization", "", "P463 P102 P54"),
    "headquarteredIn": ("Organization", "Place", "", "P159"),
    "countryOf": ("Organization Place", "Country", "", "P17"),
    "operatesIn": ("Organization", "Place", "", "P2541"),
    "blockedIn": ("Organization Product", "Place", "", ""),
    "nationality": ("Person", "Country", "", "P27"),
    "bornIn": ("Person", "Place", "", "P19"),
    "livesIn": ("Person", "Place", "", "P551"),
    "educatedAt": ("Person", "Organization", "", "P69"),
    "spouse": ("Person", "Person", "symmetric", "P26"),
    "sibling": ("Person", "Person", "symmetric", "P3373"),
    "parentOf": ("Person", "Person", "", "P40"),
    "headOf": ("Person", "Organization Place", "", "P6 P35"),
    "productOf": ("Product", "Organization", "", "P176 P178"),
    "locatedIn": ("Place", "Place", "", "P131"),
    "capitalOf": ("City", "Country", "", "P1376"),
    "foundedOn": ("Organization", "date", "functional", "P571"),
    "bornOn": ("Person", "date", "functional", "P569"),
    "diedOn": ("Person", "date", "functional", "P570"),
    "netWorth": ("Organization Person", "money", "", "P2218"),
    "revenue": ("Organization Person", "money", "", "P2139"),
    "valuation": ("Organization Person", "money", "", "P2226"),
    "employeeCount": ("Organization Product", "integer", "", "P1128"),
    "userCount": ("Organization Product", "integer", "", ""),
}
CLASSES = {
    "Organization": ("Agent",),
    "Company": ("Organization",),
    "Person": ("Agent",),
    "Place": (),
    "Country": ("Place",),
    "City": ("Place",),
    "Product": (),
    "Event": (),
}
USERS = """\
@prefix : <https://example.com/zoo#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix kg: <https://w3id.org/kg-builder/ns#> .
<https://example.com/zoo> a owl:Ontology ; kg:patterns "zoo.jsonl" .
:Animal a owl:Class ; rdfs:label "Tier"@de , "animal"@en ; rdfs:comment "It moves." .
:Bear a owl:Class ; rdfs:subClassOf :Animal .
:Zoo a owl:Class .
:livesAt a owl:ObjectProperty ; rdfs:domain :Animal ; rdfs:range [ owl:unionOf ( :Zoo ) ] .
:houses a owl:ObjectProperty ; owl:inverseOf :livesAt .
:price a owl:DatatypeProperty ; rdfs:domain :Bear ; rdfs:range kg:moneyValue .
:arrived a owl:DatatypeProperty ; rdfs:range [ owl:unionOf ( xsd:date xsd:gYear ) ] .
:weight a owl:DatatypeProperty ; rdfs:range xsd:decimal .
"""


@pytest.fixture
def zoo(tmp_path: Path) -> Path:
    (tmp_path / "zoo.jsonl").write_text("")
    path = tmp_path / "zoo.ttl"
    path.write_text(USERS)
    return path


def change(path: Path, old: str, new: str) -> Path:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


def test_the_predicates_are_those_of_the_design():
    assert set(ONTOLOGY.predicates) == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_predicate(name: str):
    domain, range_, mark, wikidata = TABLE[name]
    found = ONTOLOGY.predicates[name]
    assert found.iri == ONTOLOGY.predicate_iri(name) == KG + name
    assert found.domain == tuple(domain.split())
    assert found.datatype or found.range == tuple(range_.split())
    assert found.datatype == (range_ if range_.islower() else "")
    assert found.wikidata == tuple(wikidata.split())
    assert found.symmetric == (mark == "symmetric")
    assert found.functional == (mark == "functional")
    assert found.exclusive == (mark == "exclusive")
    assert found.canonical == (mark != "derived")
    assert found.label
    assert found.definition.endswith(".")


def test_the_classes_are_those_of_the_design():
    assert set(ONTOLOGY.entity_classes) == set(CLASSES)
    for name, parents in CLASSES.items():
        assert ONTOLOGY.classes[name].parents == parents
        assert ONTOLOGY.classes[name].iri == KG + name
        assert ONTOLOGY.classes[name].label
        assert ONTOLOGY.classes[name].definition.endswith(".")


def test_classes_know_what_is_above_them():
    assert ONTOLOGY.ancestors("Company") == ("Organization", "Agent")
    assert ONTOLOGY.is_a("Company", "Company")
    assert ONTOLOGY.is_a("City", "OrganizationOrPlace")
    assert not ONTOLOGY.is_a("Organization", "Company")
    assert not ONTOLOGY.is_a("Person", "OrganizationOrPlace")
    assert not ONTOLOGY.is_a("Person", "Nothing")


@pytest.mark.parametrize(
    ("subject", "predicate", "object_", "admitted"),
    [
        ("Company", "partnerOf", "Organization", True),
        ("Company", "partnerOf", "Person", False),
        ("City", "capitalOf", "Country", True),
        ("Place", "capitalOf", "Country", False),
        ("Person", "bornOn", "gYear", True),
        ("Person", "bornOn", "date", True),
        ("Person", "bornOn", "integer", False),
        ("Person", "netWorth", "money", True),
        ("Place", "netWorth", "money", False),
        ("Product", "userCount", "integer", True),
        ("Person", "isTiredOf", "Person", False),
        ("Wombat", "partnerOf", "Company", False),
    ],
)
def test_admits(subject: str, predicate: str, object_: str, admitted: bool):
    assert ONTOLOGY.admits(predicate, subject, object_) is admitted


def test_a_derived_direction_is_turned_round():
    assert ONTOLOGY.canonical("s", "acquiredBy", "o") == ("o", "acquired", "s")
    assert ONTOLOGY.canonical("s", "acquired", "o") == ("s", "acquired", "o")
    assert ONTOLOGY.canonical("s", "partnerOf", "o") == ("s", "partnerOf", "o")
    assert ONTOLOGY.predicates["customerOf"].inverse == "supplierOf"
    assert ONTOLOGY.predicates["supplierOf"].inverse == "customerOf"


@given(st.sampled_from(sorted(TABLE)), st.sampled_from(sorted(CLASSES)))
def test_turning_round_keeps_what_is_admitted(name: str, type_: str):
    for other in CLASSES:
        if ONTOLOGY.admits(name, type_, other):
            subject, stored, object_ = ONTOLOGY.canonical(type_, name, other)
            assert ONTOLOGY.admits(stored, subject, object_)
            assert ONTOLOGY.predicates[stored].canonical


def test_implied_predicates_admit_what_theirs_admits():
    assert ONTOLOGY.implied("chiefExecutiveOf") == ("worksFor",)
    for name in ONTOLOGY.predicates:
        for above in ONTOLOGY.implied(name):
            assert ONTOLOGY.admits(above, "Person", "Company")


def test_an_unknown_predicate_is_told():
    with pytest.raises(OntologyError, match="no predicate 'isTiredOf'"):
        ONTOLOGY.predicate_iri("isTiredOf")


@pytest.mark.parametrize("name", ["kg.ttl", "alignments.ttl", "shapes.ttl"])
def test_strict_parsers_accept(name: str):
    path = bundled(f"ontologies/{name}")
    assert len(list(parse(path=str(path)))) == len(Graph().parse(path))


@pytest.mark.skipif(not shutil.which("rapper"), reason="rapper (raptor2-utils) is not installed")
@pytest.mark.parametrize("name", ["kg.ttl", "alignments.ttl", "shapes.ttl"])
def test_rapper_accepts(name: str):
    command = ["rapper", "-q", "-c", "-i", "turtle", str(bundled(f"ontologies/{name}"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def own_terms(*types: str) -> set[str]:
    """Return the local names of the bundled file's own terms that are of a type."""
    quads = parse(path=str(bundled("ontologies/kg.ttl")))
    iris = {q.subject.value for q in quads if q.object in {NamedNode(type_) for type_ in types}}
    return {iri.removeprefix(KG) for iri in iris if iri.startswith(KG)}


def test_every_term_has_label_and_definition():
    graph = Graph().parse(bundled("ontologies/kg.ttl"))
    for term in set(graph.subjects()):
        if str(term).startswith(KG):
            predicates = {str(p) for p in graph.predicates(term)}
            assert {f"{RDFS}label", f"{SKOS}definition"} <= predicates, term


def test_every_term_that_the_graph_uses_is_declared():
    known = {str(s) for s in Graph().parse(bundled("ontologies/kg.ttl")).subjects()}
    used = {term.value for term in vars(T).values() if isinstance(term, NamedNode)}
    used |= {term.value for term in MODALITIES.values()}
    assert {term for term in used if term.startswith(KG)} <= known


def test_alignments_speak_of_our_terms_only():
    known = {str(s) for s in Graph().parse(bundled("ontologies/kg.ttl")).subjects()}
    aligned = Graph().parse(bundled("ontologies/alignments.ttl"))
    ours = {str(s) for s in aligned.subjects() if str(s).startswith(KG)}
    assert ours <= known
    assert {KG + name for name in CLASSES} <= ours
    assert {p.iri for p in ONTOLOGY.predicates.values() if p.wikidata} <= ours


def test_the_context_names_every_term():
    context = json.loads(bundled("ontologies/context.jsonld").read_text())["@context"]
    entities = own_terms(f"{OWL}ObjectProperty")
    values = own_terms(f"{OWL}DatatypeProperty")
    for name in entities | values | own_terms(f"{OWL}Class", f"{OWL}NamedIndividual"):
        term = context[name]
        assert (term if isinstance(term, str) else term["@id"]) == f"kg:{name}"
        if name in entities:
            assert term["@type"] in {"@id", "@vocab"}


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib 7.6 itself uses it
def test_the_context_reads_a_fact():
    context = json.loads(bundled("ontologies/context.jsonld").read_text())
    fact = {
        "id": "https://example.com/f",
        "type": "Fact",
        "subject": "https://example.com/s",
        "predicate": "employeeCount",
        "modality": "Asserted",
        "confidence": "0.5",
        "evidence": ["https://example.com/a#1"],
    }
    document = json.dumps(context | fact)
    ours = {str(q) for q in parse(document, RdfFormat.JSON_LD)}
    assert f"<{KG}modality> <{KG}Asserted>" in "\n".join(ours)
    assert f"<{RDF}predicate> <{KG}employeeCount>" in "\n".join(ours)
    assert '"0.5"^^<http://www.w3.org/2001/XMLSchema#decimal>' in "\n".join(ours)
    assert len(ours) == len(Graph().parse(data=document, format="json-ld")) == 6


def test_an_ontology_of_the_users(zoo: Path):
    found = load_ontology(zoo)
    assert found.iri == "https://example.com/zoo"
    assert found.entity_classes == ("Animal", "Bear", "Zoo")
    assert found.classes["Animal"].label == "animal"
    assert found.classes["Animal"].definition == "It moves."
    assert found.predicate_iri("livesAt") == "https://example.com/zoo#livesAt"
    assert found.admits("livesAt", "Bear", "Zoo")
    assert not found.admits("livesAt", "Zoo", "Bear")
    assert found.canonical("z", "houses", "b") == ("b", "livesAt", "z")
    assert found.admits("price", "Bear", "money")
    assert found.admits("arrived", "Zoo", "gYear")
    assert found.predicates["weight"].datatype == "decimal"
    assert found.patterns == (zoo.parent / "zoo.jsonl",)


def test_the_version_stands_for_ontology_and_patterns(zoo: Path):
    first = load_ontology(zoo).version
    assert first == load_ontology(zoo).version
    assert len(first) == 12
    (zoo.parent / "zoo.jsonl").write_text("{}")
    second = load_ontology(zoo).version
    change(zoo, "It moves.", "It moves about.")
    assert len({first, second, load_ontology(zoo).version}) == 3


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        (":Zoo a owl:Class .", ":Zoo a owl:Class", 10, "not valid Turtle"),
        (":Zoo a owl:Class .", ":Zoo b owl:Class .", 9, "not valid Turtle"),
        ("rdfs:domain :Animal", "rdfs:domain :Plant", 10, "Plant is no class"),
        ("rdfs:domain :Animal", "rdfs:domain :Bear, :Zoo", 10, "both at once"),
        ("( :Zoo )", "( :Park )", 10, "Park is no class"),
        ("inverseOf :livesAt", "inverseOf :keptAt", 11, "keptAt is no property"),
        (":Animal a owl:Class", ":Animal a owl:Class ; rdfs:subClassOf :Bear", 7, "above itself"),
        (":Zoo a", "<https://example.com/park/Bear> a owl:Class . :Zoo a", 8, "same local name"),
        ("( xsd:date xsd:gYear )", "( xsd:date xsd:integer )", 13, "several kinds"),
        ('"zoo.jsonl"', '"ark.jsonl"', 6, "ark.jsonl is missing"),
    ],
)
def test_faults_name_file_and_line(zoo: Path, old: str, new: str, line: int, reason: str):
    change(zoo, old, new)
    with pytest.raises(OntologyError) as error:
        load_ontology(zoo)
    assert reason in str(error.value)
    assert str(error.value).startswith(f"{zoo}:{line}:")


def test_a_missing_file_is_told(tmp_path: Path):
    with pytest.raises(OntologyError, match="cannot be read"):
        load_ontology(tmp_path / "none.ttl")


@given(st.integers(0, len(USERS)), st.integers(0, 40), st.binary(max_size=20))
def test_no_damage_breaks_the_reader(
    tmp_path_factory: pytest.TempPathFactory, start: int, length: int, noise: bytes
):
    content = USERS.encode()
    path = tmp_path_factory.getbasetemp() / "any.ttl"
    path.write_bytes(content[:start] + noise + content[start + length :])
    with contextlib.suppress(OntologyError):
        assert isinstance(load_ontology(path), Ontology)


def test_importing_is_light():
    code = "import kg.ontology, sys; print({'pyoxigraph', 'rdflib', 'spacy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
