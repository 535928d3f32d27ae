"""What people decide about entities holds whatever is built, and is undone without a trace."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import pyoxigraph as ox
import pytest
from build_sample import ONTOLOGY, SENTENCES, build, make_article, make_articles
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.build import remove
from kg.build.register import Register
from kg.cli import main
from kg.decisions import Decision, Designation, Grouping, Verdict
from kg.entities import (
    copy_decisions,
    describe_entity,
    list_decisions,
    list_entities,
    merge,
    pin,
    split,
    undo,
)
from kg.errors import StoreError, UsageError
from kg.export import export
from kg.model import Article
from kg.ontology import load_ontology
from kg.rdf import describe_decision, read_decisions
from kg.store import MEMORY, Store, open_store
from kg.vocab import PROV, RDF, RDFS, Minter

DAY = date(2026, 1, 5)
ADA = {"by": "Ada Reviewer", "at": DAY}

JORDAN = (
    make_article("desert", "Company Halden Oy operatesIn Country Jordan."),
    make_article("river", "Company Orvane operatesIn Country Jordan."),
    make_article("court", "Company Quillon operatesIn Country Jordan."),
)


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store(MEMORY) as opened:
        yield opened


def dump(store: Store) -> bytes:
    """The N-Quads export, byte by byte."""
    written = export(store, None, format="nquads", profile="full")
    assert written is not None
    return written if isinstance(written, bytes) else written.encode()


def names(store: Store) -> list[str]:
    return sorted(entity.name for entity in list_entities(store, ontology=ONTOLOGY))


def find(store: Store, name: str) -> str:
    """The IRI of the only entity of a name."""
    (entity,) = (e for e in list_entities(store) if e.name == name or name in e.aliases)
    return entity.iri


def facts(store: Store) -> set[str]:
    rows = store.select(
        "SELECT ?s ?p ?o { ?f a kg:Fact ; rdf:subject/rdfs:label ?s ; rdf:predicate ?p ;"
        " rdf:object/rdfs:label ?o }"
    )
    return {" ".join(row[n].value.rpartition("#")[2] for n in "spo") for row in rows}


def rebuild(store: Store, articles: Iterable[Article]) -> set[ox.Quad]:
    """The quads of a store that was given the decisions of another, and then the articles."""
    graph = ox.NamedNode(Minter().decisions)
    with open_store(MEMORY) as fresh:
        fresh.apply(added=store.quads(graph=graph))
        build(fresh, articles)
        return set(fresh.quads())


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_entities_are_listed_with_class_and_counts(store: Store):
    build(store, make_articles(40))
    listed = list_entities(store)
    assert [e.facts for e in listed] == sorted((e.facts for e in listed), reverse=True)
    (orvane,) = list_entities(store, search="ORVÄNE")
    assert (orvane.name, orvane.type, orvane.aliases) == ("Orvane", "Company", ("Orvane Inc",))
    assert (orvane.facts, orvane.articles) == count(store, orvane.iri)
    assert [e.name for e in list_entities(store, type_="Place")] == ["Finland", "China", "Tampere"]
    with pytest.raises(UsageError, match="Planet"):
        list_entities(store, type_="Planet")


def count(store: Store, iri: str) -> tuple[int, int]:
    """Facts and articles of an entity, by its nodes."""
    node = ox.NamedNode(iri)
    default = ox.DefaultGraph()
    nodes = {
        quad.subject
        for end in ("subject", "object")
        for quad in store.quads(predicate=ox.NamedNode(f"{RDF}{end}"), object_=node, graph=default)
    }
    derived = ox.NamedNode(f"{PROV}wasDerivedFrom")
    articles = {
        q.object for n in nodes for q in store.quads(subject=n, predicate=derived, graph=default)
    }
    return len(nodes), len(articles)


def test_every_merge_is_told_with_rule_score_and_words(store: Store):
    articles = {article.id: article for article in make_articles(30)}
    build(store, articles.values())
    for name in names(store):
        for report in describe_entity(store, name):
            assert report.names is not None
            assert report.merges is not None
            assert len(report.merges) == len(report.entity.members) - 1
            assert {article for article, _ in report.articles} == {n.article for n in report.names}
            for told in report.merges:
                assert told.rule
                assert 0 < told.score <= 1
                for naming in (told.left, told.right):
                    span = naming.span
                    text = articles[naming.article].text
                    assert text[span.start : span.end] in naming.context
                    assert naming.context in " ".join(text.split())


def test_two_that_are_merged_are_one_with_the_first_ones_name_and_iri(store: Store):
    build(store, make_articles(20))
    iri = find(store, "Quillon")
    made = merge(store, "Quillon", "Orvane Inc", note="one  group", **ADA)
    assert (made.number, made.by, made.day, made.note) == (
        1,
        "Ada Reviewer",
        "2026-01-05",
        "one group",
    )
    (one,) = list_entities(store, search="orvane")
    assert (one.iri, one.name) == (iri, "Quillon")
    assert "Orvane" in one.aliases
    assert {"Quillon partnerOf Halden Oy", "Halden Oy partnerOf Quillon"} & facts(store)
    (report,) = describe_entity(store, iri)
    assert report.merges is not None
    assert [m.decision for m in report.merges if not m.rule] == [1]
    assert report.decisions == (made,)


def test_a_merge_holds_for_what_is_built_later(store: Store):
    articles = make_articles(30)
    build(store, articles[:9])
    merge(store, "Orvane", "Quillon", **ADA)
    build(store, articles[9:])
    assert "Quillon" not in names(store)
    remove([article.id for article in articles[:9]], store=store)
    assert "Quillon" not in names(store)
    assert set(store.quads()) == rebuild(store, articles[9:])


def test_a_decision_outlives_the_articles_it_was_made_on(store: Store):
    articles = make_articles(12)
    base = "https://example.org/news/"
    build(store, articles, base_iri=base)
    made = merge(store, "Orvane", "Quillon", **ADA)
    remove([article.id for article in articles], store=store)
    assert store.base == base
    assert list_decisions(store) == (made,)
    build(store, articles)
    assert "Quillon" not in names(store)
    undo(store, [made.number])
    remove([article.id for article in articles], store=store)
    assert set(store.quads()) == set()


def test_what_an_article_means_is_taken_out(store: Store):
    build(store, JORDAN)
    (jordan,) = list_entities(store, search="Jordan")
    split(store, "Jordan", article="court", **ADA)
    first, second = sorted(list_entities(store, search="Jordan"), key=lambda e: e.iri != jordan.iri)
    assert (first.iri, first.articles, second.articles) == (jordan.iri, 2, 1)
    links = store.select("SELECT ?e ?link { ?e owl:sameAs ?link }")
    assert {row["e"].value for row in links} == {jordan.iri}
    later = make_article("later", "Company Lumen operatesIn Country Jordan.")
    build(store, [later])
    assert [e.articles for e in list_entities(store, search="Jordan")] == [3, 1]
    with pytest.raises(UsageError, match="2 entities"):
        split(store, "Jordan", article="desert", **ADA)


def test_a_name_is_taken_out(store: Store):
    build(store, make_articles(30))
    (before,) = list_entities(store, search="Orvane")
    split(store, "Orvane", name="Orvane Inc", **ADA)
    found = {e.name: e for e in list_entities(store, search="Orvane")}
    assert found.keys() == {"Orvane", "Orvane Inc"}
    assert found["Orvane"].iri == before.iri
    build(store, [make_article("later", "Company Orvane Inc partnerOf Company Lumen.")])
    (report,) = describe_entity(store, found["Orvane Inc"].iri)
    assert "later" in dict(report.articles)


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({}, "article, a name"),
        ({"article": "nowhere"}, "takes nothing out"),
        ({"name": "Quillon"}, "takes nothing out"),
        ({"name": "Tampere"}, "leave nothing"),
    ],
)
def test_a_split_that_parts_nothing_is_refused(store: Store, options: dict[str, str], fault: str):
    build(store, make_articles(20))
    before = dump(store)
    with pytest.raises(UsageError, match=fault):
        split(store, "Tampere", **options, **ADA)
    assert dump(store) == before


def test_a_later_merge_prevails_over_a_split(store: Store):
    build(store, JORDAN)
    before = names(store)
    split(store, "Jordan", article="court", **ADA)
    first, second = (e.iri for e in list_entities(store, search="Jordan"))
    merge(store, first, second, **ADA)
    assert names(store) == before
    undo(store, [2])
    assert len(list_entities(store, search="Jordan")) == 2


def test_a_later_split_prevails_over_a_merge_and_a_pin(store: Store):
    build(store, make_articles(20))
    iri = find(store, "Orvane")
    merge(store, "Orvane", "Quillon", **ADA)
    pin(store, "Orvane", **ADA)
    split(store, "Orvane", name="Quillon", **ADA)
    assert {"Orvane", "Quillon"} <= set(names(store))
    assert find(store, "Orvane") == iri


def test_a_pin_fixes_iri_name_and_class_and_keeps_it_one(store: Store):
    iri = "https://example.org/id/ORVANE"
    told = [
        make_article(
            "a", "Company Orvane foundedOn gYear 1987. Company Orvane partnerOf Company Lumen."
        ),
        make_article("b", "Company Orvane partnerOf Company Lumen."),
    ]
    build(store, told)
    pin(store, "Orvane", iri=iri, name="Orvane Group", type_="Organization", **ADA)
    (pinned,) = list_entities(store, search="Orvane")
    assert (pinned.iri, pinned.name, pinned.type) == (iri, "Orvane Group", "Company")
    assert "Orvane" in pinned.aliases
    # Another year of foundation parts namesakes, unless people say that they are one.
    other = make_article("c", "Company Orvane foundedOn gYear 1955.")
    build(store, [other])
    assert [e.iri for e in list_entities(store, search="Orvane")] == [iri]
    undo(store, [1])
    assert len(list_entities(store, search="Orvane")) == 2


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"iri": "no iri"}, "no IRI"),
        ({"iri": "Quillon"}, "is that of|no IRI"),
        ({"type_": "Planet"}, "Planet"),
        ({"by": "  "}, "who decides"),
        ({"by": "a\x00b"}, "who decides"),
    ],
)
def test_a_pin_that_cannot_be_is_refused(store: Store, options: dict[str, str], fault: str):
    build(store, make_articles(20))
    if options.get("iri") == "Quillon":
        options = {"iri": find(store, "Quillon")}
    before = dump(store)
    with pytest.raises(UsageError, match=fault):
        pin(store, "Orvane", **(ADA | options))
    assert dump(store) == before


def test_two_of_different_classes_can_be_merged(store: Store):
    build(store, make_articles(20))
    merge(store, "Quillon", "Lumo", **ADA)
    (one,) = list_entities(store, search="Lumo")
    assert (one.name, one.type) == ("Quillon", "Company")


def test_no_two_entities_bear_one_iri(store: Store):
    build(store, make_articles(30))
    iri = find(store, "Quillon")
    pin(store, "Quillon", iri="https://example.org/q", **ADA)
    pin(store, "Orvane", iri=iri, **ADA)
    assert find(store, "Orvane") == iri
    undo(store, [1])
    listed = [e.iri for e in list_entities(store)]
    assert len(listed) == len(set(listed)) == len(names(store))
    assert find(store, "Orvane") == iri != find(store, "Quillon")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["build", "remove", "merge", "split", "name", "pin", "undo"]),
        st.integers(0, 11),
        st.integers(0, 11),
    ),
    max_size=7,
)


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_decisions_in_any_order_with_builds_give_what_a_rebuild_gives(
    steps: list[tuple[str, int, int]],
):
    articles = make_articles(12)
    held = {article.id: article for article in articles[:6]}
    with open_store(MEMORY) as store:
        build(store, held.values())
        for step in steps:
            before = dump(store)
            numbers = {d.number for d in list_decisions(store)}
            follow(store, step, held, articles)
            assert set(store.quads()) == rebuild(store, held.values())
            made = {d.number for d in list_decisions(store)} - numbers
            if made:
                after = dump(store)
                undo(store, made)
                assert dump(store) == before
                follow(store, step, held, articles)
                assert dump(store) == after


def members(store: Store) -> dict[str, set[tuple[str, int]]]:
    """The clusters of each entity, by IRI."""
    return {e.iri: set(e.members) for e in Register(store).resolution.entities}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9), st.integers(0, 9)), max_size=6))
def test_what_is_decided_is_so(steps: list[tuple[int, int, int]]):
    with open_store(MEMORY) as store:
        build(store, [*make_articles(10), *JORDAN])
        for kind, one, other in steps:
            before = members(store)
            iris = sorted(before)
            first, second = iris[one % len(iris)], iris[other % len(iris)]
            whole = before[first]
            taken = {m for m in whole if m[0] == sorted(whole)[other % len(whole)][0]}
            if kind == 0 and first != second:
                merge(store, first, second, **ADA)
                assert members(store)[first] >= whole | before[second]
                assert second not in members(store)
            elif kind == 1 and taken < whole:
                split(store, first, article=min(taken)[0], **ADA)
                assert members(store)[first] >= whole - taken
                assert not members(store)[first] & taken
            elif kind == 2:
                pin(store, first, iri=f"urn:pinned:{len(list_decisions(store))}", **ADA)
                assert whole in [
                    found for iri, found in members(store).items() if ":pinned:" in iri
                ]
            elif kind == 3:
                pin(store, first, name="Some Name", **ADA)
                assert members(store) == before


def follow(
    store: Store,
    step: tuple[str, int, int],
    held: dict[str, Article],
    articles: list[Article],
) -> None:
    """Carry out a step; one that asks for what cannot be is refused and changes nothing."""
    kind, one, other = step
    iris = [entity.iri for entity in list_entities(store)] or ["nobody"]
    first, second = iris[one % len(iris)], iris[other % len(iris)]
    if kind == "build":
        batch = articles[one : one + 3]
        build(store, batch)
        held |= {article.id: article for article in batch}
    elif kind == "remove":
        remove([articles[one].id], store=store)
        held.pop(articles[one].id, None)
    else:
        with suppress(UsageError):
            decide(store, kind, first, second, articles[other].id)


def decide(store: Store, kind: str, first: str, second: str, article: str) -> None:
    if kind == "merge":
        merge(store, first, second, **ADA)
    elif kind == "split":
        split(store, first, article=article, **ADA)
    elif kind == "name":
        (report,) = describe_entity(store, first)
        split(store, first, name=max((report.entity.name, *report.entity.aliases)), **ADA)
    elif kind == "pin":
        pin(store, first, name="A Name", **ADA)
    else:
        undo(store, [d.number for d in list_decisions(store)][-1:])


def test_decisions_are_prov_and_name_who_and_when(store: Store):
    build(store, make_articles(20))
    merge(store, "Orvane", "Quillon", note="one group", **ADA)
    (told,) = store.select(
        """SELECT ?name ?time ?verdict ?note ?number { GRAPH ?decisions {
          ?decision a kg:Decision, prov:Activity ; prov:wasAssociatedWith ?agent ;
            prov:endedAtTime ?time ; kg:verdict ?verdict ; kg:decisionNumber ?number ;
            rdfs:comment ?note . ?agent a prov:Agent ; rdfs:label ?name } }"""
    )
    assert told["name"].value == "Ada Reviewer"
    assert told["time"].value == "2026-01-05T00:00:00Z"
    assert [told[n].value for n in ("verdict", "note", "number")] == ["merge", "one group", "1"]
    assert not store.query("ASK { ?decision a kg:Decision }")


def test_undoing_one_of_two_decisions_of_a_person_leaves_the_name(store: Store):
    build(store, make_articles(20))
    first = merge(store, "Orvane", "Quillon", **ADA)
    second = pin(store, "Tampere", **ADA)
    assert undo(store, [second.number]) == (second,)
    assert list_decisions(store) == (first,)
    with pytest.raises(UsageError, match="no decision 2"):
        undo(store, [1, 2])
    assert list_decisions(store) == (first,)


designations = st.builds(
    Designation,
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=9),
    st.sampled_from(["Company", "Person"]),
    st.sampled_from(["", "a", "b"]),
    st.integers(-1, 9),
    st.booleans(),
)


@settings(max_examples=50, deadline=None)
@given(st.sets(designations, min_size=1), st.sets(designations), st.sampled_from(["", "n\u00f8te"]))
def test_a_decision_comes_back_from_rdf(
    ones: set[Designation], others: set[Designation], note: str
):
    grouping = Grouping(Verdict.SPLIT, tuple(sorted(ones)), tuple(sorted(others)), "urn:x", "X")
    decision = Decision(3, "Ada", "2026-01-05T00:00:00Z", grouping, note)
    minter = Minter()
    quads = [*describe_decision(decision, minter=minter)]
    agent = ox.NamedNode(minter.agent("Ada"))
    label = ox.NamedNode(f"{RDFS}label")
    quads.append(ox.Quad(agent, label, ox.Literal("Ada"), ox.NamedNode(minter.decisions)))
    assert read_decisions(quads) == (decision,)


def test_a_decision_that_lacks_a_part_is_told(store: Store):
    build(store, make_articles(5))
    merge(store, "Orvane", "Halden Oy", **ADA)
    store.update("DELETE WHERE { GRAPH ?g { ?d kg:verdict ?v } }")
    with pytest.raises(StoreError, match="part of this decision"):
        list_decisions(store)


def test_a_store_in_a_folder_keeps_decisions_and_what_they_came_to(tmp_path: Path):
    articles = make_articles(20)
    with open_store(tmp_path / "kg") as store:
        build(store, articles[:15])
        before = dump(store)
        merge(store, "Orvane", "Quillon", **ADA)
    with open_store(tmp_path / "kg") as store:
        build(store, articles)
        assert set(store.quads()) == rebuild(store, articles)
        remove([article.id for article in articles[15:]], store=store)
    with open_store(tmp_path / "kg") as store:
        undo(store, [1])
        assert dump(store) == before


def test_without_the_extractions_the_graph_tells_what_it_can(tmp_path: Path):
    with open_store(tmp_path / "kg") as store:
        build(store, make_articles(20))
        pin(store, "Orvane", **ADA)
    for file in (tmp_path / "kg" / "extractions").rglob("*.gz"):
        file.unlink()
    with open_store(tmp_path / "kg") as store:
        (report,) = describe_entity(store, "Orvane")
        assert (report.merges, report.names) == (None, None)
        assert report.entity.name == "Orvane"
        assert len(report.articles) > 1
        assert [d.number for d in report.decisions] == [1]
        (china,) = describe_entity(store, "China")
        assert china.entity.iso_code == "CN"
        assert [link.rule for link in china.entity.links]
        with pytest.raises(StoreError, match="build them again"):
            merge(store, "Orvane", "Quillon", **ADA)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with open_store(tmp_path / "kg") as store:
        build(store, [*make_articles(20), make_article("x", SENTENCES[0], title="\x1b[31mred")])
    return tmp_path / "kg"


def test_the_commands_decide_and_undo(folder: Path):
    before = run("export", "--store", folder, "--format", "nquads").stdout_bytes
    done = run("entities", "merge", "Orvane", "Quillon", "--store", folder, "--by", "Ada")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "Ada: merge" in done.stderr
    listed = json.loads(run("entities", "list", "--store", folder, "--json").stdout)
    assert "Quillon" not in [entity["name"] for entity in listed]
    assert "merged by decision 1" in run("entities", "show", "Orvane", "--store", folder).stdout
    run("entities", "split", "Orvane", "--name", "Quillon", "--store", folder, "-q")
    run("entities", "pin", "Orvane", "--name", "Orvane AG", "--store", folder, "-q")
    told = json.loads(run("entities", "undo", "--store", folder, "--json").stdout)
    assert [made["number"] for made in told] == [3, 2, 1]
    undone = run("entities", "undo", "3", "1", "2", "--store", folder)
    assert undone.stderr.count("undone") == 3
    assert run("export", "--store", folder, "--format", "nquads").stdout_bytes == before
    assert "no decisions" in run("entities", "undo", "--store", folder).stdout


def test_what_an_article_says_steers_no_terminal(folder: Path):
    arguments = ["entities", "show", "Orvane", "--store", str(folder)]
    shown = CliRunner().invoke(main, arguments, color=True).stdout
    assert "[31mred" in shown
    assert "\x1b[31m" not in shown


def test_the_commands_say_what_is_wrong(folder: Path, tmp_path: Path):
    for arguments in (
        ("merge", "Orvane", "Nobody"),
        ("merge", "Orvane", "Orvane Inc"),
        ("split", "Orvane"),
        ("pin", "Orvane", "--class", "Planet"),
        ("undo", "7"),
        ("list", "--class", "Planet"),
    ):
        failed = run("entities", *arguments, "--store", folder)
        assert failed.exit_code == 2, arguments
        assert failed.stderr.startswith(("Error", "Usage"))
        assert "Traceback" not in failed.output
    nowhere = run("entities", "merge", "a", "b", "--store", tmp_path / "nowhere")
    assert nowhere.exit_code == 2
    assert not (tmp_path / "nowhere").exists()


def test_each_command_has_help_with_an_example():
    for name in ("list", "show", "merge", "split", "pin", "undo", "copy"):
        assert "Example:" in run("entities", name, "--help").output


def test_decisions_rest_while_another_ontology_rules(tmp_path: Path):
    zoo = tmp_path / "zoo.ttl"
    zoo.write_text(
        """@prefix : <https://example.com/zoo#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        <https://example.com/zoo> a owl:Ontology .
        :Company a owl:Class ; rdfs:label "company"@en .""",
        encoding="utf-8",
    )
    articles = make_articles(12)
    with open_store(MEMORY) as store:
        build(store, articles)
        merge(store, "Orvane", "Quillon", **ADA)
        before = dump(store)
        build(store, articles, ontology=load_ontology(zoo))
        assert list_decisions(store)
        build(store, articles)
        assert dump(store) == before


def test_a_graph_of_other_rules_is_explained_when_it_is_built_again(store: Store):
    articles = make_articles(12)
    build(store, articles)
    store.update(
        "DELETE { ?d owl:versionInfo ?v } INSERT { ?d owl:versionInfo 'old' }"
        " WHERE { ?d owl:versionInfo ?v }"
    )
    iri = find(store, "Orvane")
    store.update(
        f"DELETE {{ <{iri}> ?p ?o }} INSERT {{ <urn:old> ?p ?o }} WHERE {{ <{iri}> ?p ?o }}"
    )
    for ask in (describe_entity, lambda store, name: pin(store, name, **ADA)):
        with pytest.raises(StoreError, match="build again"):
            ask(store, "Orvane")
    made = pin(store, "Tampere", **ADA)
    assert find(store, "Orvane") == iri
    assert set(store.quads()) == rebuild(store, articles)
    assert list_decisions(store) == (made,)


@pytest.mark.parametrize("kind", ["store", "nq", "trig", "jsonld"])
def test_decisions_move_to_another_store(store: Store, tmp_path: Path, kind: str):
    articles = make_articles(20)
    build(store, articles, base_iri="https://example.org/old/")
    merge(store, "Orvane", "Quillon", note="one group", **ADA)
    pin(store, "Tampere", name="Tammerfors", **ADA)
    source = tmp_path / f"old.{kind}"
    if kind == "store":
        store.back_up(source)
    else:
        export(store, source, profile="full")
    with open_store(MEMORY) as other:
        build(other, articles)
        pin(other, "China", by="Bela", at=DAY)
        made = copy_decisions(other, source)
        assert [(d.number, d.by, d.note) for d in made] == [
            (2, "Ada Reviewer", "one group"),
            (3, "Ada Reviewer", ""),
        ]
        assert copy_decisions(other, source) == ()
        assert {"Orvane", "Tammerfors"} < set(names(other))
        assert all(e.iri.startswith(Minter().base) for e in list_entities(other))
    with open_store(MEMORY) as empty:
        assert len(copy_decisions(empty, source)) == 2
        build(empty, articles)
        assert "Quillon" not in names(empty)


def test_a_source_without_graphs_is_refused(store: Store, tmp_path: Path):
    (tmp_path / "graph.ttl").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="graphs"):
        copy_decisions(store, tmp_path / "graph.ttl")
    (tmp_path / "graph.nq").write_text("nonsense", encoding="utf-8")
    with pytest.raises(StoreError, match="not valid"):
        copy_decisions(store, tmp_path / "graph.nq")
    with pytest.raises(StoreError, match="no store"):
        copy_decisions(store, tmp_path / "nowhere")


def test_what_was_taken_out_does_not_come_to_bear_the_iri_of_the_rest(store: Store):
    build(store, [*JORDAN, *make_articles(6)])
    split(store, "Jordan", article="court", **ADA)
    (rest,) = (e for e in list_entities(store, search="Jordan") if e.articles == 2)
    (out,) = (e for e in list_entities(store, search="Jordan") if e.articles == 1)
    merge(store, "Finland", rest.iri, **ADA)
    assert members(store)[out.iri] == {("court", 1)}
    assert rest.iri not in members(store)


def test_an_identity_is_found_again_behind_what_was_taken_out(store: Store):
    told = [
        make_article("a", "Company Halden operatesIn Country Holland."),
        make_article("b", "Company Orvane operatesIn Country Netherlands."),
        make_article("c", "Company Orvane operatesIn Country Holland."),
    ]
    build(store, told)
    (whole,) = list_entities(store, type_="Country")
    split(store, whole.iri, article="a", **ADA)
    assert members(store)[whole.iri] == {("b", 1), ("c", 1)}
    undo(store, [1])
    assert len(members(store)[whole.iri]) == 3
