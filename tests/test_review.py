"""Reviewers judge facts in a table; what they say holds, and nothing malformed loses a row."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from build_sample import ONTOLOGY, build, make_article, make_articles
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.build import remove
from kg.cli import main
from kg.entities import list_decisions, merge, undo
from kg.errors import SourceError, UnreadableSource, UsageError
from kg.evaluate.gold import read_gold
from kg.export import export
from kg.model import Article
from kg.rdf import read_contents
from kg.review import (
    COLUMNS,
    ApplyReport,
    ReviewRow,
    Selection,
    apply_table,
    read_table,
    select_facts,
    write_table,
    write_training,
)
from kg.store import MEMORY, Store, open_store
from kg.train.datasets import read_folder
from kg.vocab import Minter

PLAIN = make_article(
    "plain",
    "Company Orvane partnerOf Company Quillon. Company Halden revenue money 1500000 EUR. "
    "Person Aino Rautio worksFor Company Halden. The mayor of Tampere, Ilo Varis, was there on "
    "4 May 2020.",
    title="A day in Tampere",
)
OTHER = make_article("other", "Company Quillon partnerOf Company Orvane.")


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store(MEMORY) as opened:
        build(opened, [PLAIN, OTHER])
        yield opened


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return tmp_path / "facts.csv"


def dump(store: Store) -> bytes:
    written = export(store, None, format="nquads", profile="full")
    assert written is not None
    return written if isinstance(written, bytes) else written.encode()


def find_row(store: Store, predicate: str, **options: bool) -> ReviewRow:
    (row,) = select_facts(store, Selection(predicates=(predicate,), **options))
    return row


def judge(store: Store, path: Path, *rows: ReviewRow, reviewer: str = "Ada") -> ApplyReport:
    """What applying a table of rows comes to."""
    path.write_bytes(write_table(rows))
    return apply_table(store, path, reviewer=reviewer)


def sure(report: ApplyReport) -> ApplyReport:
    assert list(map(str, report.refused)) == []
    return report


def facts(store: Store) -> dict[str, float]:
    """Subject, predicate and object of each fact, with its confidence."""
    contents = read_contents(store.quads(), ontology=ONTOLOGY)
    names = {entity.iri: entity.name for entity in contents.entities}
    return {
        f"{names[f.subject]} {f.predicate} {names[f.object] if isinstance(f.object, str) else f.object.value}": f.confidence  # noqa: E501 # one line says it
        for f in contents.facts
    }


def quarantine(store: Store) -> dict[str, tuple[str, ...]]:
    """The reasons by predicate and sentence."""
    contents = read_contents(store.quads(), ontology=ONTOLOGY)
    return {f"{f.predicate}: {f.evidence[0].quote}": why for f, why in contents.quarantined}


def rebuild(store: Store, articles: Iterable[Article]) -> set[ox.Quad]:
    """The quads of a store that was given the decisions of another, and then the articles."""
    graph = ox.NamedNode(Minter().decisions)
    with open_store(MEMORY) as fresh:
        fresh.apply(added=store.quads(graph=graph))
        build(fresh, articles)
        return set(fresh.quads())


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_a_row_shows_the_fact_with_its_best_sentence(store: Store):
    row = find_row(store, "revenue")
    assert (row.subject, row.object, row.object_class) == ("Halden", "1500000 EUR", "")
    assert row.sentence == "Company Halden revenue money 1500000 EUR."
    assert (row.article, row.title, row.modality) == ("plain", "A day in Tampere", "asserted")
    assert (row.verdict, row.reviewer, row.date) == ("", "", "")
    assert store.query("ASK { GRAPH ?article { ?evidence a kg:Evidence } }")
    found = {quad.subject for quad in store.quads() if isinstance(quad.subject, ox.NamedNode)}
    assert ox.NamedNode(row.id) in found


def test_facts_are_chosen_by_predicate_confidence_limit_and_sample():
    with open_store(MEMORY) as store:
        build(store, make_articles(40))
        everything = select_facts(store)
        assert [float(r.confidence) for r in everything] == sorted(
            float(r.confidence) for r in everything
        )
        some = select_facts(store, Selection(predicates=("partnerOf", "acquired")))
        assert {row.predicate for row in some} == {"partnerOf", "acquired"}
        sure_ones = select_facts(store, Selection(min_confidence=0.7, max_confidence=0.75))
        assert {float(row.confidence) for row in sure_ones} == {0.7, 0.75}
        assert select_facts(store, Selection(limit=3)) == everything[:3]
        drawn = [select_facts(store, Selection(sample=6, seed=seed)) for seed in (1, 1, 2)]
        assert drawn[0] == drawn[1] != drawn[2]
        assert set(drawn[0]) < set(everything)
        assert len(set(drawn[2])) == 6
        assert set(drawn[1]) < set(select_facts(store, Selection(sample=9, seed=1)))
        (held, *_) = select_facts(store, Selection(quarantined=True))
        assert held.reason
        with pytest.raises(UsageError, match="nonsense"):
            select_facts(store, Selection(predicates=("nonsense",)))


def test_an_accepted_fact_has_the_reviewers_evidence(store: Store, desk: Path):
    row = replace(find_row(store, "partnerOf"), verdict="accept", date="2026-02-03")
    report = sure(judge(store, desk, row))
    assert report.counts == {"accept": 1, "reject": 0, "correct": 0, "add": 0}
    assert facts(store)["Orvane partnerOf Quillon"] == 1.0
    rows = store.select(
        """SELECT ?who ?text { GRAPH ?article {
          ?e a kg:Evidence ; prov:wasGeneratedBy ?by ; oa:hasTarget/oa:hasSelector/oa:exact ?text }
          ?by rdfs:label ?who }"""
    )
    told = {(r["who"].value, r["text"].value) for r in rows}
    assert ("review by Ada, 2026-02-03", row.sentence) in told
    (decision,) = list_decisions(store)
    assert (decision.by, decision.day) == ("Ada", "2026-02-03")
    assert "partnerOf" not in {r.predicate for r in select_facts(store)}
    assert "partnerOf" in {r.predicate for r in select_facts(store, Selection(reviewed=True))}


def test_a_rejected_fact_leaves_the_graph_whichever_article_states_it(store: Store, desk: Path):
    row = replace(find_row(store, "partnerOf"), verdict="reject", note="no deal was signed")
    sure(judge(store, desk, replace(row, date="2026-02-03")))
    assert not store.query("ASK { ?a kg:partnerOf ?b }")
    assert "Orvane partnerOf Quillon" not in facts(store)
    build(store, [make_article("third", "Company Orvane partnerOf Company Quillon.")])
    assert not store.query("ASK { ?a kg:partnerOf ?b }")
    reasons = {why for told in quarantine(store).values() for why in told}
    assert reasons == {"rejected by Ada on 2026-02-03: no deal was signed"}
    assert select_facts(store, Selection(quarantined=True)) == ()
    assert find_row(store, "partnerOf", quarantined=True, reviewed=True).reason in reasons


def test_what_a_rejected_fact_implied_goes_with_it(tmp_path: Path, desk: Path):
    with open_store(MEMORY) as store:
        build(store, [make_article("a", "Person Aino Rautio chiefExecutiveOf Company Halden.")])
        assert len(facts(store)) == 2
        row = find_row(store, "chiefExecutiveOf")
        sure(judge(store, desk, replace(row, verdict="reject")))
        assert facts(store) == {}
        undo(store, [1])
        sure(judge(store, desk, replace(find_row(store, "worksFor"), verdict="reject")))
        assert list(facts(store)) == ["Aino Rautio chiefExecutiveOf Halden"]


def test_a_corrected_fact_takes_the_place_of_the_other(store: Store, desk: Path):
    row = find_row(store, "worksFor")
    right = replace(row, verdict="correct", corrected_predicate="kg:chiefExecutiveOf")
    sure(judge(store, desk, replace(right, date="2026-02-03")))
    assert facts(store)["Aino Rautio chiefExecutiveOf Halden"] == 1.0
    # A chief executive works for the company all the same, by this correction.
    assert "corrected by Ada on 2026-02-03" in str(quarantine(store))


def test_ends_are_corrected_by_name_in_either_direction(store: Store, desk: Path):
    remove(["other"], store=store)
    row = find_row(store, "partnerOf")
    wrong = replace(
        row, verdict="correct", corrected_subject="Halden", corrected_predicate="supplierOf"
    )
    sure(judge(store, desk, wrong))
    assert "Quillon customerOf Halden" in facts(store)
    assert "Orvane partnerOf Quillon" not in facts(store)


def test_a_corrected_state_is_the_state_of_the_fact(store: Store, desk: Path):
    row = replace(find_row(store, "partnerOf"), verdict="correct", corrected_modality="former")
    sure(judge(store, desk, row))
    assert not store.query("ASK { ?a kg:partnerOf ?b }")
    assert "Orvane partnerOf Quillon" in facts(store)
    again = apply_table(store, desk, reviewer="Ada")
    assert (again.unchanged, again.decisions, again.refused) == (1, (), ())


def test_a_corrected_value_is_one_of_the_sentence(store: Store, desk: Path):
    row = replace(find_row(store, "revenue"), verdict="correct")
    refused = judge(store, desk, replace(row, corrected_object="2 million"))
    assert "no value '2 million'" in str(refused.refused[0])
    sure(judge(store, desk, replace(row, corrected_predicate="netWorth")))
    assert "Halden netWorth 1500000" in facts(store)


NEW = ReviewRow(
    verdict="add",
    article="plain",
    sentence="The mayor of Tampere, Ilo Varis, was there on 4 May 2020.",
    subject="Ilo Varis",
    predicate="headOf",
    object="Tampere",
    object_class="City",
)


def test_an_added_fact_has_evidence_and_entities_of_the_article(store: Store, desk: Path):
    sure(judge(store, desk, NEW))
    assert facts(store)["Ilo Varis headOf Tampere"] == 1.0
    contents = read_contents(store.quads(), ontology=ONTOLOGY)
    (fact,) = (fact for fact in contents.facts if fact.predicate == "headOf")
    (evidence,) = fact.evidence
    assert PLAIN.text[evidence.span.start : evidence.span.end] == evidence.quote == NEW.sentence
    kinds = {entity.name: entity.type for entity in contents.entities}
    assert (kinds["Ilo Varis"], kinds["Tampere"]) == ("Person", "City")
    build(store, [make_article("more", "Company Quillon headquarteredIn City Tampere.")])
    assert "Quillon headquarteredIn Tampere" in facts(store)
    names = [entity.name for entity in read_contents(store.quads(), ontology=ONTOLOGY).entities]
    assert names.count("Tampere") == 1


def test_white_space_of_a_sentence_may_differ(store: Store, desk: Path):
    sure(judge(store, desk, replace(NEW, sentence=NEW.sentence.replace(" ", "\n "))))
    assert "Ilo Varis headOf Tampere" in facts(store)


def test_an_added_value_is_typed(store: Store, desk: Path):
    born = replace(NEW, predicate="bornOn", object="4 May 2020", object_class="")
    sure(judge(store, desk, born))
    assert "Ilo Varis bornOn 2020-05-04" in facts(store)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"article": "nowhere"}, "no article 'nowhere'"),
        ({"sentence": "The mayor of Tampere was ill."}, "word for word"),
        ({"subject": "Ilo Var"}, "does not stand in the article"),
        ({"object": ""}, "needs object"),
        ({"predicate": "headof"}, "did you mean headOf"),
        ({"object_class": "Planet"}, "no class 'Planet'"),
        ({"subject": "Quillon"}, "does not lead from Company to City"),
        ({"object": "Ilo Varis", "predicate": "sibling", "object_class": ""}, "one entity"),
        ({"modality": "perhaps"}, "no modality"),
        ({"corrected_object": "x"}, "takes no correction"),
        ({"date": "yesterday"}, "no date"),
        ({"verdict": "maybe"}, "no verdict"),
        ({"predicate": "bornOn", "object": "1999"}, "no value '1999'"),
    ],
)
def test_what_cannot_be_added_is_refused_with_its_line(
    store: Store, desk: Path, change: dict[str, str], fault: str
):
    good = replace(find_row(store, "revenue"), verdict="accept")
    report = judge(store, desk, replace(NEW, **change), good)
    (error,) = report.refused
    assert fault in str(error)
    assert (error.source, error.place) == (str(desk), "line 2")
    assert report.counts["accept"] == 1


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"verdict": "correct"}, "needs a correction"),
        ({"verdict": "reject", "corrected_object": "x"}, "takes no correction"),
        ({"subject": "Nobody"}, "something else than its id"),
        ({"id": "gone", "sentence": "gone"}, "no such fact any more"),
        ({"reviewer": "\x07"}, "who decides"),
        ({"verdict": "correct", "corrected_predicate": "revenue"}, "leads to a value"),
        ({"verdict": "correct", "corrected_subject": "Nobody"}, "does not stand"),
    ],
)
def test_what_cannot_be_judged_is_refused(
    store: Store, desk: Path, change: dict[str, str], fault: str
):
    row = replace(find_row(store, "worksFor"), verdict="accept")
    before = dump(store)
    report = judge(store, desk, replace(row, **change))
    assert fault in str(report.refused[0])
    assert dump(store) == before


def test_one_table_says_one_thing_of_a_fact(store: Store, desk: Path):
    row = find_row(store, "worksFor")
    report = judge(store, desk, replace(row, verdict="accept"), replace(row, verdict="reject"))
    assert "line 2 of the table" in str(report.refused[0])
    assert report.counts["accept"] == 1


def test_what_was_quarantined_can_be_accepted(desk: Path):
    with open_store(MEMORY) as store:
        build(store, [make_article("a", "Company Orvane Inc partnerOf Company Quillon.")])
        assert facts(store) == {}
        row = find_row(store, "partnerOf", quarantined=True)
        assert row.reason == "below the threshold"
        sure(judge(store, desk, replace(row, verdict="accept")))
        assert list(facts(store).values()) == [1.0]
        assert quarantine(store) == {}


def test_what_the_ontology_does_not_admit_is_accepted_by_nobody(desk: Path):
    with open_store(MEMORY) as store:
        build(store, [make_article("a", "Country China blockedIn Company Quillon.")])
        row = find_row(store, "blockedIn", quarantined=True)
        report = judge(store, desk, replace(row, verdict="accept"))
        assert "does not lead from Country to Company" in str(report.refused[0])


def test_applying_again_changes_nothing(store: Store, desk: Path):
    rows = [replace(row, verdict="reject") for row in select_facts(store)]
    first = sure(judge(store, desk, *rows, NEW, ReviewRow(id="x", subject="left open")))
    assert (len(first.decisions), first.open) == (len(rows) + 1, 1)
    after = dump(store)
    again = apply_table(store, desk, reviewer="Ada")
    assert (again.decisions, again.unchanged, again.refused) == ((), len(rows) + 1, ())
    assert dump(store) == after


def test_the_last_verdict_counts(store: Store, desk: Path):
    row = find_row(store, "worksFor")
    judge(store, desk, replace(row, verdict="reject"))
    judge(store, desk, replace(row, verdict="accept"), reviewer="Bela")
    assert facts(store)["Aino Rautio worksFor Halden"] == 1.0
    judge(store, desk, replace(row, verdict="reject"))
    assert "Aino Rautio worksFor Halden" not in facts(store)
    undo(store, [3])
    assert "Aino Rautio worksFor Halden" in facts(store)


def test_a_row_names_its_own_reviewer(store: Store, desk: Path):
    rows = [replace(row, verdict="accept") for row in select_facts(store)]
    judge(store, desk, replace(rows[0], reviewer="Bela"), rows[1])
    assert [decision.by for decision in list_decisions(store)] == ["Bela", "Ada"]
    report = judge(store, desk, rows[2], reviewer="")
    assert "who decides" in str(report.refused[0])


def test_a_verdict_follows_its_sentence_and_its_article(store: Store, desk: Path):
    sure(judge(store, desk, NEW, replace(find_row(store, "worksFor"), verdict="reject")))
    moved = make_article("plain", f"Good morning. {PLAIN.text}")
    build(store, [moved])
    assert "Ilo Varis headOf Tampere" in facts(store)
    assert "Aino Rautio worksFor Halden" not in facts(store)
    assert set(store.quads()) == rebuild(store, [moved, OTHER])
    contents = read_contents(store.quads(), ontology=ONTOLOGY)
    for fact in contents.facts:
        for place in fact.evidence:
            text = OTHER.text if place.article == "other" else moved.text
            assert text[place.span.start : place.span.end] == place.quote
    build(store, [make_article("plain", "Company Orvane partnerOf Company Quillon.")])
    assert list(facts(store)) == ["Orvane partnerOf Quillon"]
    assert len(list_decisions(store)) == 2
    remove(["plain", "other"], store=store)
    assert facts(store) == {}
    build(store, [PLAIN, OTHER])
    assert "Ilo Varis headOf Tampere" in facts(store)


def test_a_verdict_rests_without_a_trace_when_a_name_is_gone(store: Store, desk: Path):
    sure(judge(store, desk, replace(NEW, predicate="worksFor", object="Halden", object_class="")))
    assert "Ilo Varis worksFor Halden" in facts(store)
    build(store, [make_article("plain", f"Company Orvane blockedIn Country China. {NEW.sentence}")])
    names = {entity.name for entity in read_contents(store.quads(), ontology=ONTOLOGY).entities}
    assert names == {"Orvane", "Quillon", "China"}
    run_together = f"Company Halden foundedOn gYear 1987.{NEW.sentence}Ilo Varis smiled."
    build(store, [make_article("plain", run_together)])
    assert "Ilo Varis worksFor Halden" in facts(store)


def test_a_verdict_follows_entities_that_are_merged(store: Store, desk: Path):
    sure(judge(store, desk, replace(find_row(store, "worksFor"), verdict="reject")))
    merge(store, "Quillon", "Halden", by="Ada")
    build(store, [make_article("new", "Person Aino Rautio worksFor Company Quillon.")])
    assert not any("worksFor" in fact for fact in facts(store))


@settings(max_examples=30, deadline=None)
@given(
    st.permutations(range(6)),
    st.lists(st.sampled_from(["accept", "reject", "former", "undo"]), min_size=6, max_size=6),
    st.booleans(),
)
def test_verdicts_give_what_a_rebuild_gives_and_undoing_all_leaves_no_trace(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], verdicts: list[str], late: bool
):
    path = tmp_path_factory.mktemp("review") / "facts.csv"
    articles = [PLAIN, OTHER, *make_articles(4)]
    with open_store(MEMORY) as store:
        build(store, articles[: 4 if late else 6])
        before = dump(store)
        rows = select_facts(store, Selection(reviewed=True))
        for number, verdict in zip(order, verdicts, strict=True):
            row = rows[number % len(rows)]
            numbers = [decision.number for decision in list_decisions(store)]
            if verdict == "undo":
                undo(store, numbers[-1:])
            elif verdict == "former":
                judge(store, path, replace(row, verdict="correct", corrected_modality="former"))
            else:
                judge(store, path, replace(row, verdict=verdict))
        if not late:
            assert set(store.quads()) == rebuild(store, articles)
            undo(store, [decision.number for decision in list_decisions(store)])
            assert dump(store) == before
        else:
            build(store, articles)
            assert set(store.quads()) == rebuild(store, articles)


def test_hostile_cells_run_in_no_spreadsheet(desk: Path):
    text = "=HYPERLINK(x) partnerOf"
    rows = [
        ReviewRow(
            id="1", verdict="accept", sentence=text, title="@SUM(1)", note="-2+3", object="-5"
        ),
        ReviewRow(id="2", verdict="accept", sentence='+"a",\n"b"', title="\ttab", note="'=quoted"),
    ]
    content = write_table(rows)
    for record in csv.reader(io.StringIO(content.decode("utf-8-sig"))):
        assert not any(cell.startswith(("=", "+", "@", "\t", "\r", "-2")) for cell in record)
    desk.write_bytes(content)
    back = [row for row in read_table(desk) if isinstance(row, ReviewRow)]
    assert [row.sentence for row in back] == [text, '+"a",\n"b"']
    assert (back[0].title, back[0].note, back[0].object) == ("@SUM(1)", "-2+3", "-5")


CELLS = st.text(st.characters(codec="utf-8"), max_size=12).map(str.strip)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=20, max_size=20), min_size=1, max_size=4))
def test_a_table_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, told):
    path = tmp_path_factory.mktemp("table") / "t.csv"
    rows = [ReviewRow(*["id", *cells[1:]]) for cells in told]
    for delimiter in ",\t;":
        path.write_bytes(write_table(rows, delimiter=delimiter))
        back = [replace(row, place="") for row in read_table(path) if isinstance(row, ReviewRow)]
        assert back == [unquote(row) for row in rows]


def unquote(row: ReviewRow) -> ReviewRow:
    """A cell that begins with an apostrophe and a formula is read without the apostrophe."""
    from kg.export.tables import defuse

    told = {name: getattr(row, name) for name in COLUMNS}
    for name, cell in told.items():
        if cell.startswith("'") and defuse(cell[1:]) != cell[1:]:
            told[name] = cell[1:]
    return ReviewRow(**told)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_no_file_is_a_traceback(tmp_path_factory: pytest.TempPathFactory, content: bytes):
    path = tmp_path_factory.mktemp("bytes") / "t.csv"
    path.write_bytes(b"id,verdict,note\n" + content)
    for row in read_table(path):
        assert isinstance(row, ReviewRow | SourceError)


def test_malformed_rows_lose_no_others(desk: Path):
    desk.write_text(
        "verdict;id;note;mine\n"
        "accept;1\n"
        'reject;2;"never closed\n'
        "accept;3;x;y;z\n"
        'accept;4;"two\nlines"\n'
        ";;;\n"
        'accept;"a" b;5\n'
        "accept;6;;;;;\n",
        encoding="utf-8",
    )
    told = list(read_table(desk))
    rows = [row for row in told if isinstance(row, ReviewRow)]
    assert [(row.id, row.place) for row in rows if row.id in "146"] == [
        ("1", "line 2"),
        ("4", "line 5"),
        ("6", "line 9"),
    ]
    assert {e.place for e in told if isinstance(e, SourceError)} >= {"line 3", "line 4", "line 8"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_tables_come_back_from_spreadsheets_in_many_encodings(desk: Path, encoding: str):
    head = "id\tverdict\tnote\n"
    desk.write_text(head + "1\taccept\tdécidé à Zürich\n" * 3, encoding=encoding)
    assert [row.note for row in read_table(desk) if isinstance(row, ReviewRow)] == [
        "décidé à Zürich"
    ] * 3


def test_a_file_that_is_no_table_is_told(desk: Path, tmp_path: Path):
    desk.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(UsageError, match="id and verdict"):
        list(read_table(desk))
    desk.write_bytes(b"")
    with pytest.raises(UsageError, match="first line"):
        list(read_table(desk))
    with pytest.raises(UnreadableSource, match="cannot be read"):
        list(read_table(tmp_path))


def test_reviewed_articles_are_training_data(store: Store, desk: Path, tmp_path: Path):
    with pytest.raises(UsageError, match="no fact"):
        write_training(store, tmp_path / "none")
    sure(judge(store, desk, NEW, replace(find_row(store, "worksFor"), verdict="reject")))
    assert write_training(store, tmp_path / "data") == ("plain",)
    (gold,) = read_gold(tmp_path / "data", split="train")
    assert gold.article.text == PLAIN.text
    names = {entity.id: entity.name for entity in gold.entities}
    told = {
        f"{names[f.subject]} {f.predicate} {names[f.object] if isinstance(f.object, str) else f.object.value}"  # noqa: E501 # one line says it
        for f in gold.facts
    }
    assert told == {
        "Orvane partnerOf Quillon",
        "Halden revenue 1500000",
        "Ilo Varis headOf Tampere",
    }
    (example,) = read_folder(tmp_path / "data", "train", source="own")
    assert {relation.label for relation in example.relations} >= {"partnerOf", "headOf", "revenue"}
    for relation in example.relations:
        for start, end in relation.evidence:
            assert example.text[start:end] in PLAIN.text


def test_the_commands_go_round(tmp_path: Path):
    folder, table = tmp_path / "kg", tmp_path / "facts.tsv"
    with open_store(folder) as store:
        build(store, [PLAIN, OTHER])
    before = run("export", "--store", folder, "--format", "nquads").stdout_bytes
    done = run("review", "export", "--store", folder, "--output", table, "--predicate", "worksFor")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "wrote 1 facts" in done.stderr
    text = table.read_text(encoding="utf-8-sig")
    (head, row) = csv.reader(io.StringIO(text), delimiter="\t")
    row[head.index("verdict")] = "Reject"
    broken = ["?"] * len(head)
    table.write_text("\n".join("\t".join(r) for r in (head, broken, row)), encoding="utf-8")
    applied = run("review", "apply", table, "--store", folder, "--reviewer", "Ada")
    assert applied.exit_code == 1
    assert "line 2" in applied.stderr
    assert "0 accept, 1 reject, 0 correct, 0 add" in applied.stderr
    told = json.loads(
        run("review", "apply", table, "--store", folder, "--reviewer", "Ada", "--json").stdout
    )
    assert (told["unchanged"], told["reject"], len(told["refused"])) == (1, 0, 1)
    listed = run("entities", "undo", "--store", folder).stdout
    assert "Ada: reject Aino Rautio worksFor Halden (asserted), plain" in listed
    data = run("review", "export", "--store", folder, "--training", tmp_path / "data")
    assert "wrote 1 articles" in data.stderr
    run("entities", "undo", "1", "--store", folder)
    assert run("export", "--store", folder, "--format", "nquads").stdout_bytes == before
    printed = run("review", "export", "--store", folder)
    assert printed.stdout_bytes.startswith(b"\xef\xbb\xbfid,subject,predicate")


def test_each_command_has_help_with_an_example(tmp_path: Path):
    for name in ("export", "apply"):
        assert "Example:" in run("review", name, "--help").output
    missing = run("review", "apply", tmp_path / "nothing.csv")
    assert missing.exit_code == 2
    assert "Traceback" not in missing.output


def test_refused_sources_are_told_as_json(tmp_path: Path):
    done = run("build", "--json", tmp_path / "nothing.txt", "--store", tmp_path / "kg")
    assert "nothing.txt" in json.loads(done.stdout)["refused"][0]
