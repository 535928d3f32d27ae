"""What each profile writes comes back as it was, whoever reads it, whatever the facts are."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from build_sample import ONTOLOGY, build, make_articles
from hypothesis import given, settings
from hypothesis import strategies as st
from profile_sizes import DOCS, PATTERN, measure, write_table
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Triple
from test_rdf import DESCRIBER, ENTITIES, describe, facts

from kg.errors import UsageError
from kg.export import export
from kg.model import Fact
from kg.rdf import read_contents
from kg.store import MEMORY, Store, open_store
from kg.vocab import KG, NANOPUB, PROV, RDF, Minter

MINTER = Minter()
TERMS = tuple(NamedNode(f"{RDF}{part}") for part in ("subject", "predicate", "object"))
# rdflib's names of a default graph.
DEFAULT = (None, rdflib.graph.DATASET_DEFAULT_GRAPH_ID)
REIFIES, TYPE = NamedNode(f"{RDF}reifies"), NamedNode(f"{RDF}type")


@pytest.fixture(autouse=True)
def _exact(monkeypatch: pytest.MonkeyPatch):
    # rdflib would write 1.50 as 1.5, and so hide what was changed on the way.
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


# rdflib's parsers use what its Dataset deprecates.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")


def fill(store: Store, told: Iterable[Fact]) -> Store:
    """Return the store with facts as resolution makes them, and what they are about."""
    entities = (quad for entity in ENTITIES for quad in DESCRIBER.describe_entity(entity))
    store.apply(added=[*describe(*told), *entities])
    return store


def write(told: Iterable[Fact], name: str, profile: str) -> tuple[bytes, set[Quad]]:
    """Return the facts in a format, and the quads of the store that they were in."""
    with open_store(MEMORY) as store:
        fill(store, told)
        return export(store, None, format=name, profile=profile), set(store.quads())


def merge(quads: Iterable[Quad]) -> set[Quad]:
    return {Quad(quad.subject, quad.predicate, quad.object) for quad in quads}


def parse(text: bytes, format_: RdfFormat) -> set[Quad]:
    return set(ox.parse(text, format_))


def parse_with_rdflib(text: bytes, name: str) -> set[Quad]:
    """Return what rdflib reads, as terms of pyoxigraph."""
    read = rdflib.Dataset().parse(io.BytesIO(text), format=name)
    return {
        Quad(*map(convert, (s, p, o)), DefaultGraph() if g in DEFAULT else convert(g))
        for s, p, o, g in read.quads()
    }


def convert(term: object) -> ox.NamedNode | ox.Literal:
    if isinstance(term, rdflib.Literal):
        datatype = NamedNode(str(term.datatype)) if term.datatype else None
        return ox.Literal(str(term), datatype=datatype)
    return NamedNode(str(getattr(term, "identifier", term)))


@settings(deadline=None, max_examples=40)
@given(facts())
def test_full_turtle_comes_back(fact: Fact):
    text, quads = write([fact], "turtle", "full")
    assert parse(text, RdfFormat.TURTLE) == merge(quads)
    assert parse_with_rdflib(text, "turtle") == merge(quads)


@settings(deadline=None, max_examples=40)
@given(facts())
def test_full_trig_comes_back(fact: Fact):
    text, quads = write([fact], "trig", "full")
    assert parse(text, RdfFormat.TRIG) == quads
    assert parse_with_rdflib(text, "trig") == quads


@settings(deadline=None, max_examples=40)
@given(facts(), st.sampled_from(["trig", "nquads"]))
def test_rdf12_comes_back(fact: Fact, name: str):
    text, quads = write([fact], name, "rdf12")
    read = parse(text, RdfFormat.from_extension("trig" if name == "trig" else "nq"))
    assert {told for quad in read for told in unfold(quad)} == quads


@settings(deadline=None, max_examples=20)
@given(facts())
def test_rdflib_reads_of_rdf12_what_is_no_triple_term(fact: Fact):
    text, quads = write([fact], "nquads", "rdf12")
    lines = [line for line in text.splitlines(keepends=True) if b"<<(" not in line]
    rest = {quad for quad in quads if quad.predicate not in TERMS}
    assert parse_with_rdflib(b"".join(lines), "nquads") == rest


def unfold(quad: Quad) -> Iterable[Quad]:
    """Return the three quads that a triple term stands for."""
    if quad.predicate != REIFIES:
        return [quad]
    assert isinstance(quad.object, Triple)
    parts = quad.object.subject, quad.object.predicate, quad.object.object
    return [
        Quad(quad.subject, term, part, quad.graph_name)
        for term, part in zip(TERMS, parts, strict=True)
    ]


@settings(deadline=None, max_examples=40)
@given(facts())
def test_nanopublications_come_back(fact: Fact):
    text, quads = write([fact], "trig", "nanopub")
    read = parse(text, RdfFormat.TRIG)
    assert parse_with_rdflib(text, "trig") == read
    before, after = (read_contents(told, ontology=ONTOLOGY) for told in (quads, read))
    assert (after.facts, after.entities) == (before.facts, before.entities)
    assert after.articles == before.articles
    assert_valid(read)


def assert_valid(quads: set[Quad]) -> None:
    """Hold quads to the nanopublication guidelines (https://nanopub.net/guidelines/)."""

    def has(name: str) -> NamedNode:
        return NamedNode(f"{NANOPUB}{name}")

    graphs: dict[NamedNode, set[Quad]] = {}
    for quad in quads:
        assert isinstance(quad.graph_name, NamedNode), "a quad outside of all nanopublications"
        graphs.setdefault(quad.graph_name, set()).add(quad)
    taken: set[NamedNode] = set()
    for head, told in graphs.items():
        (whole,) = {q.subject for q in told if q.object == has("Nanopublication")} or (None,)
        if whole is None:
            continue
        parts = []
        for name in ("hasAssertion", "hasProvenance", "hasPublicationInfo"):
            (part,) = [q.object for q in told if (q.subject, q.predicate) == (whole, has(name))]
            parts.append(part)
        assert len(told) == 4, "the head says more than it may"
        own = {whole, head, *parts}
        assert len(own) == 5, "the names of a nanopublication and its graphs are not distinct"
        assert own <= graphs.keys() | {whole}, "a graph is empty"
        assert taken.isdisjoint(own), "two nanopublications share a graph"
        taken |= own
        assertion, provenance, publication = parts
        assert any(assertion in (q.subject, q.object) for q in graphs[provenance])
        assert any(q.subject == whole for q in graphs[publication])
    assert graphs.keys() <= taken, "a graph belongs to no nanopublication"


@pytest.fixture(scope="module")
def store() -> Iterable[Store]:
    with open_store(MEMORY) as opened:
        build(opened, make_articles(25))
        yield opened


def test_every_fact_and_entity_is_one_nanopublication(store: Store):
    text = export(store, None, format="trig", profile="nanopub")
    read = parse(text, RdfFormat.TRIG)
    assert_valid(read)
    contents = read_contents(store.quads(), ontology=ONTOLOGY)
    wholes = [q for q in read if q.object == NamedNode(f"{NANOPUB}Nanopublication")]
    assert len(wholes) == len(contents.facts) + len(contents.entities)
    after = read_contents(read, ontology=ONTOLOGY)
    assert (after.facts, after.entities) == (contents.facts, contents.entities)
    assert contents.quarantined
    assert not after.quarantined


def test_only_what_is_asserted_is_asserted_plainly(store: Store):
    read = parse(export(store, None, format="nquads", profile="nanopub"), RdfFormat.N_QUADS)
    own = {predicate.iri for predicate in ONTOLOGY.predicates.values()}
    plain = {q.triple for q in read if q.predicate.value in own}
    assert plain == {
        q.triple for q in store.quads(graph=DefaultGraph()) if q.predicate.value in own
    }
    for quad in read:
        if quad.predicate.value in own:
            (stated,) = [q.subject for q in read if is_node_of(q, quad)]
            state = Quad(stated, NamedNode(f"{KG}modality"), NamedNode(f"{KG}Asserted"))
            assert Quad(*state.triple, quad.graph_name) in read


def is_node_of(quad: Quad, plain: Quad) -> bool:
    """Say whether a quad makes a fact node in the graph of a plain triple."""
    is_fact = (quad.predicate, quad.object) == (TYPE, NamedNode(f"{KG}Fact"))
    return is_fact and quad.graph_name == plain.graph_name


def test_provenance_leads_to_the_quote(store: Store):
    read = parse(export(store, None, format="nquads", profile="nanopub"), RdfFormat.N_QUADS)
    derived = NamedNode(f"{PROV}wasDerivedFrom")
    assertions = {q.object for q in read if q.predicate.value == f"{NANOPUB}hasAssertion"}
    assert assertions == {q.subject for q in read if q.predicate == derived} & assertions


@pytest.mark.parametrize("name", ["turtle", "ntriples", "rdfxml", "csv", "graphml", "neo4j"])
def test_nanopublications_need_named_graphs(store: Store, name: str):
    with pytest.raises(UsageError, match="nquads, trig, jsonld"):
        export(store, None, format=name, profile="nanopub")


def test_the_same_articles_give_the_same_nanopublications(store: Store):
    with open_store(MEMORY) as other:
        build(other, reversed(make_articles(25)))
        one, two = (
            export(opened, None, format="trig", profile="nanopub") for opened in (store, other)
        )
    assert one == two


def test_the_documentation_tells_what_provenance_costs(corpus_store: Path, update_golden: bool):
    with open_store(corpus_store, read_only=True) as opened:
        measured = measure(opened)
    text = DOCS.read_text(encoding="utf-8")
    if update_golden:
        DOCS.write_text(write_table(text, measured), encoding="utf-8")
    told = PATTERN.search(DOCS.read_text(encoding="utf-8"))
    assert told is not None
    rows = re.findall(r"^\| `(\w+)` \| ([\d.,]+) \| ([\d.,]+) \| ([\d.,]+) \|$", told[0], re.M)
    assert [row[0] for row in rows] == [size.profile for size in measured.sizes]
    for row, size in zip(rows, measured.sizes, strict=True):
        numbers = [float(number.replace(",", "")) for number in row[1:]]
        # The model may read a little more or less than when the table was written.
        assert numbers == pytest.approx(size.numbers, rel=0.1)
