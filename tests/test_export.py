"""Exports hold what they should, can be read by others, and are the same every time."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import networkx as nx
import pytest
from build_sample import ONTOLOGY, SENTENCES, build, make_article, make_articles
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import (
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
)
from rdflib import Dataset, Graph
from rdflib.compare import isomorphic

from kg.errors import ExportError, UsageError
from kg.export import FORMATS, PROFILES, export
from kg.rdf import read_contents
from kg.store import MEMORY, Store, open_store
from kg.vocab import KG, RDF, Minter

ENDINGS = {
    "turtle": "ttl", "ntriples": "nt", "nquads": "nq", "trig": "trig", "jsonld": "jsonld",
    "rdfxml": "rdf", "graphml": "graphml", "gexf": "gexf", "csv": "csv",
}  # fmt: skip
SYNTAXES = {
    "turtle": RdfFormat.TURTLE, "ntriples": RdfFormat.N_TRIPLES, "nquads": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG, "jsonld": RdfFormat.JSON_LD, "rdfxml": RdfFormat.RDF_XML,
}  # fmt: skip
WITHOUT_GRAPHS = ("turtle", "ntriples", "rdfxml")
WITH_GRAPHS = ("nquads", "trig", "jsonld")


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    hostile = make_article(
        "hostile", SENTENCES[1], title='=cmd() </script> "\\" \u202e \U0001f600 \x0b'
    )
    with open_store(MEMORY) as opened:
        build(opened, [*make_articles(25), hostile])
        yield opened


@pytest.fixture(scope="module")
def tame() -> Iterator[Store]:
    with open_store(MEMORY) as opened:
        build(opened, make_articles(25))
        yield opened


@pytest.fixture(scope="module")
def rapper() -> str:
    found = shutil.which("rapper")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("rapper is not installed: apt-get install raptor2-utils")
        pytest.skip("rapper is not installed")
    return found


def merge(quads: Iterable[Quad]) -> set[Quad]:
    """Return the quads without graphs, and without what is quarantined."""
    quarantine = NamedNode(Minter().quarantine)
    return {Quad(q.subject, q.predicate, q.object) for q in quads if q.graph_name != quarantine}


@pytest.mark.parametrize("name", WITH_GRAPHS)
def test_full_with_graphs_is_the_store(store: Store, name: str):
    assert set(parse(export(store, None, format=name), SYNTAXES[name])) == set(store.quads())


@pytest.mark.parametrize("name", ["turtle", "ntriples"])
def test_full_without_graphs_is_all_but_the_quarantine(store: Store, name: str):
    told = set(parse(export(store, None, format=name), SYNTAXES[name]))
    assert told == merge(store.quads())
    assert not any("Quarantined" in str(quad) for quad in told)


def test_rdfxml_differs_in_what_xml_cannot_hold(store: Store):
    told = set(parse(export(store, None, format="rdfxml"), RdfFormat.RDF_XML))
    lost = merge(store.quads()) - told
    assert ["\x0b" in quad.object.value for quad in lost] == [True]
    assert len(told) == len(merge(store.quads()))
    assert sum("\ufffd" in quad.object.value for quad in told - merge(store.quads())) == 1


@pytest.mark.parametrize("name", SYNTAXES)
def test_plain_is_what_is_asserted_of_entities(store: Store, name: str):
    told = set(parse(export(store, None, format=name, profile="plain"), SYNTAXES[name]))
    entities = {e.iri for e in read_contents(store.quads(), ontology=ONTOLOGY).entities}
    expected = {
        quad
        for quad in store.quads(graph=DefaultGraph())
        if isinstance(quad.subject, NamedNode) and quad.subject.value in entities
    }
    assert told == expected
    assert any(quad.predicate.value == f"{KG}partnerOf" for quad in told)


@pytest.mark.parametrize("name", ["turtle", "ntriples", "nquads", "trig"])
def test_rdf12_states_each_fact_as_a_triple_term(store: Store, name: str):
    told = set(parse(export(store, None, format=name, profile="rdf12"), SYNTAXES[name]))
    facts = {
        Quad(
            NamedNode(f.iri),
            NamedNode(f"{RDF}reifies"),
            make_term(f.subject, f.predicate, f.object),
        )
        for f in read_contents(store.quads(), ontology=ONTOLOGY).facts
        if isinstance(f.object, str)
    }
    assert facts
    assert facts <= told
    terms = {f"{RDF}{part}" for part in ("subject", "predicate", "object")}
    assert not any(quad.predicate.value in terms for quad in told)
    rest = {q for q in store.quads() if q.predicate.value not in terms}
    assert (rest if name in WITH_GRAPHS else merge(rest)) <= told


def make_term(subject: str, predicate: str, object_: str) -> Triple:
    return Triple(NamedNode(subject), NamedNode(f"{KG}{predicate}"), NamedNode(object_))


@pytest.mark.parametrize("name", ["jsonld", "rdfxml", "graphml", "gexf", "csv", "neo4j"])
def test_rdf12_is_refused_where_there_are_no_triple_terms(store: Store, name: str):
    with pytest.raises(UsageError, match="turtle, ntriples, nquads, trig"):
        export(store, None, format=name, profile="rdf12")


@pytest.mark.parametrize("profile", ["plain", "full"])
@pytest.mark.parametrize(("name", "syntax"), [("turtle", "turtle"), ("rdfxml", "xml")])
def test_rdflib_reads_the_same_graph(tame: Store, name: str, syntax: str, profile: str):
    told = Graph().parse(export(tame, None, format=name, profile=profile), format=syntax)
    lines = export(tame, None, format="ntriples", profile=profile)
    assert isomorphic(told, Graph().parse(lines, format="nt"))


# rdflib's parsers use what its Dataset deprecates.
@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
@pytest.mark.parametrize(("name", "syntax"), [("trig", "trig"), ("jsonld", "json-ld")])
def test_rdflib_reads_the_same_graphs(tame: Store, name: str, syntax: str):
    told = Dataset().parse(io.BytesIO(export(tame, None, format=name)), format=syntax)
    lines = io.BytesIO(export(tame, None, format="nquads"))
    expected = Dataset().parse(lines, format="nquads")
    quads = set(map(name_terms, told.quads()))
    assert len(quads) == len(tame)
    assert quads == set(map(name_terms, expected.quads()))


def name_terms(quad: tuple) -> tuple[str, ...]:
    return tuple("" if term is None else getattr(term, "identifier", term).n3() for term in quad)


@pytest.mark.parametrize("profile", ["plain", "full"])
@pytest.mark.parametrize(
    ("name", "syntax"), [("turtle", "turtle"), ("rdfxml", "rdfxml"), ("ntriples", "ntriples")]
)
def test_rapper_accepts(
    store: Store, rapper: str, tmp_path: Path, name: str, syntax: str, profile: str
):
    file = tmp_path / f"graph.{ENDINGS[name]}"
    export(store, file, profile=profile)
    command = [rapper, "-q", "-i", syntax, "-o", "ntriples", str(file)]
    read = subprocess.run(command, capture_output=True, check=False)
    assert (read.returncode, read.stderr) == (0, b"")
    count = len(export(store, None, format="ntriples", profile=profile).splitlines())
    assert len(read.stdout.splitlines()) == count


def test_turtle_is_readable(store: Store):
    text = export(store, None, format="turtle").decode()
    head, _, body = text.partition("\n\n")
    assert all(line.startswith("@prefix ") for line in head.splitlines())
    assert f"@prefix entity: <{Minter().base}entity/> ." in head.splitlines()
    subjects = [block.split(None, 1)[0] for block in body.strip().split("\n\n")]
    assert len(subjects) == len(set(subjects))
    assert sum(s.startswith("entity:") for s in subjects) >= 8
    assert "kg:partnerOf entity:" in body


def test_lines_are_sorted(store: Store):
    for name in ("ntriples", "nquads"):
        lines = export(store, None, format=name).splitlines()
        assert lines == sorted(set(lines))


def test_jsonld_reads_like_json(store: Store):
    document = json.loads(export(store, None, format="jsonld", profile="plain"))
    (finland,) = (node for node in document["@graph"] if node["label"] == "Finland")
    assert "Country" in finland["type"]
    assert any(node.get("countryOf") == finland["id"] for node in document["@graph"])


@pytest.mark.parametrize(
    ("name", "profile"),
    [(n, p) for n in FORMATS for p in PROFILES if p == "full" or (n in SYNTAXES and p == "plain")],
)
def test_the_same_articles_give_the_same_bytes(store: Store, name: str, profile: str):
    with open_store(MEMORY) as other:
        hostile = [a for a in store_articles() if a.id == "hostile"]
        build(other, [*hostile, *reversed(make_articles(25))])
        assert export(other, None, format=name, profile=profile) == export(
            store, None, format=name, profile=profile
        )


def store_articles() -> list:
    title = '=cmd() </script> "\\" \u202e \U0001f600 \x0b'
    return [*make_articles(25), make_article("hostile", SENTENCES[1], title=title)]


@pytest.mark.parametrize("read", [nx.read_graphml, nx.read_gexf], ids=["graphml", "gexf"])
def test_networks_have_entities_as_nodes_and_facts_as_edges(store: Store, read):
    name = read.__name__.removeprefix("read_")
    network = read(io.BytesIO(export(store, None, format=name)))
    contents = read_contents(store.quads(), ontology=ONTOLOGY)
    assert set(network.nodes) == {e.iri for e in contents.entities}
    assert {network.nodes[e.iri]["label"] for e in contents.entities} == {
        e.name for e in contents.entities
    }
    told = {(s, d["predicate"], o, d["modality"]) for s, o, d in network.edges(data=True)}
    assert told == {
        (f.subject, f.predicate, f.object, f.modality.value)
        for f in contents.facts
        if isinstance(f.object, str)
    }
    assert all(d["sentence"] and d["article"] for *_, d in network.edges(data=True))
    assert "1987" in {d.get("foundedOn") for _, d in network.nodes(data=True)}


def test_csv_has_a_row_for_each_evidence_and_the_entities_beside(store: Store, tmp_path: Path):
    export(store, tmp_path / "graph.csv")
    contents = read_contents(store.quads(), ontology=ONTOLOGY)
    with (tmp_path / "graph.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(len(fact.evidence) for fact in contents.facts)
    texts = {article.id: article.text for article in store_articles()}
    for row in rows:
        assert texts[row["article"]][int(row["start"]) : int(row["end"])] == row["sentence"]
    with (tmp_path / "graph.entities.csv").open(newline="", encoding="utf-8") as file:
        entities = list(csv.DictReader(file))
    assert {e["entity"] for e in entities} == {e.iri for e in contents.entities}
    assert {r["subject"] for r in rows} <= {e["entity"] for e in entities}


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_no_cell_is_run_by_a_spreadsheet(name: str):
    text = f"Company {name.replace('.', '')} partnerOf Company Orvane."
    with open_store(MEMORY) as store:
        build(store, [make_article(name, text), make_article("-2+3+cmd|' /C calc'!A0", text)])
        told = export(store, None, format="csv").decode()
    cells = [cell for row in csv.reader(io.StringIO(told, newline="")) for cell in row]
    begins = [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    # A name may be a negative number, which is no formula.
    assert not [cell for cell in begins if not re.fullmatch(r"-\d+(\.\d+)?", cell, re.ASCII)]


def test_neo4j_gets_nodes_and_relationships_that_meet(store: Store, tmp_path: Path):
    export(store, tmp_path / "neo", format="neo4j")
    tables = {}
    for name in ("nodes", "relationships"):
        with (tmp_path / "neo" / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            tables[name] = list(csv.DictReader(file))
    ids = [row["iri:ID"] for row in tables["nodes"]]
    assert len(ids) == len(set(ids))
    ends = {row[end] for row in tables["relationships"] for end in (":START_ID", ":END_ID")}
    assert ends <= set(ids)
    contents = read_contents(store.quads(), ontology=ONTOLOGY)
    assert [row["iri"] for row in tables["relationships"]] == [f.iri for f in contents.facts]
    assert "Value" in {row[":LABEL"] for row in tables["nodes"]}


@pytest.mark.parametrize(("name", "ending"), ENDINGS.items())
def test_the_ending_says_the_format(store: Store, tmp_path: Path, name: str, ending: str):
    file = tmp_path / f"graph.{ending.upper()}"
    told = export(store, file)
    assert file.read_bytes() == told == export(store, None, format=name)
    extra = {"graph.entities.CSV"} if name == "csv" else set()
    assert {p.name for p in tmp_path.iterdir()} == {file.name} | extra


@pytest.mark.parametrize(
    ("output", "options", "message"),
    [
        (None, {}, "say --format"),
        ("graph.docx", {}, r"graph\.docx: its ending tells no format"),
        ("graph.ttl", {"format": "turtel"}, "no format is called turtel"),
        ("graph.ttl", {"profile": "fat"}, "no profile is called fat"),
    ],
)
def test_what_is_not_known_is_told(store: Store, tmp_path: Path, output, options, message):
    with pytest.raises(UsageError, match=message):
        export(store, tmp_path / output if output else None, **options)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_told(store: Store, tmp_path: Path):
    with pytest.raises(ExportError, match=r"nowhere/graph\.ttl: cannot be written"):
        export(store, tmp_path / "nowhere" / "graph.ttl")
    (tmp_path / "graph.ttl").mkdir()
    with pytest.raises(ExportError, match=r"graph\.ttl: cannot be written"):
        export(store, tmp_path / "graph.ttl")
    (tmp_path / "neo").write_text("in the way")
    with pytest.raises(ExportError, match="cannot be made a folder"):
        export(store, tmp_path / "neo", format="neo4j")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["graph.ttl", "neo"]


def test_a_failed_export_leaves_the_file_before_it(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "graph.ttl"
    file.write_text("before")

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ExportError, match="No space left on device"):
        export(store, file)
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_is_followed_and_a_device_written_to(store: Store, tmp_path: Path):
    (tmp_path / "data").mkdir()
    (tmp_path / "latest.ttl").symlink_to(tmp_path / "data" / "graph.ttl")
    told = export(store, tmp_path / "latest.ttl")
    assert (tmp_path / "data" / "graph.ttl").read_bytes() == told
    assert (tmp_path / "latest.ttl").is_symlink()
    export(store, Path(os.devnull), format="turtle")
    assert not Path(os.devnull).is_file()


def test_a_predicate_that_xml_cannot_name_is_told():
    with open_store(MEMORY) as store:
        subject = NamedNode("https://example.com/a")
        store.apply(added=[Quad(subject, NamedNode("https://example.com/9-"), Literal("x"))])
        with pytest.raises(ExportError, match=r"https://example\.com/9-"):
            export(store, None, format="rdfxml")


def test_an_empty_store_gives_an_empty_graph():
    with open_store(MEMORY) as store:
        for name, syntax in SYNTAXES.items():
            assert list(parse(export(store, None, format=name), syntax)) == []
        assert len(nx.read_graphml(io.BytesIO(export(store, None, format="graphml")))) == 0


def test_a_base_of_its_own_gives_prefixes_of_its_own():
    with open_store(MEMORY) as store:
        build(store, make_articles(3), base_iri="https://example.org/news/")
        text = export(store, None, format="turtle").decode()
    assert "@prefix entity: <https://example.org/news/entity/> ." in text
    assert f"@prefix kg: <{KG}> ." in text
