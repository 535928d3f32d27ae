"""Why a fact is in the graph, and where one was lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from build_sample import READER, build, make_article
from click.testing import CliRunner, Result

from kg.cli import main
from kg.errors import UsageError
from kg.explain import Stage, explain
from kg.ontology import load_ontology
from kg.rdf import read_contents
from kg.store import MEMORY, Store, open_store
from kg.vocab import KG

TEXTS = (
    "Company Halden Oy partnerOf Company Orvane. Company Quillon supplierOf Company Halden Oy.",
    "Company Orvane partnerOf Company Halden Oy. Company Halden Oy revenue money 1500000 EUR.",
    (
        "Company Orvane Inc competitorOf Company Quillon. "
        "denied Company Quillon acquired Company Orvane."
    ),
    "Country China blockedIn Company Quillon. Company Halden Oy foundedOn gYear 1987.",
    "Company Orvane countryOf Country Finland.",
)


def fill(store: Store) -> None:
    build(store, [make_article(f"a{n}", text) for n, text in enumerate(TEXTS)])


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store(MEMORY) as opened:
        fill(opened)
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with open_store(tmp_path / "kg") as opened:
        fill(opened)
    return tmp_path / "kg"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["explain", *(str(a) for a in arguments)])


def test_a_fact_has_all_its_evidence(store: Store):
    told = explain(store, "Halden Oy", "partnerOf", "Orvane")
    (fact,) = told.facts
    assert told.loss is None
    assert {e.article for e in fact.evidence} == {"a0", "a1"}
    for evidence in fact.evidence:
        text = TEXTS[int(evidence.article[1:])]
        assert text[evidence.span.start : evidence.span.end] == evidence.quote
        assert evidence.extractor == READER
    assert told.articles["a0"].publisher == "Wire"


def test_what_is_told_is_what_the_whole_store_says(store: Store):
    contents = read_contents(store.quads(), ontology=load_ontology())
    (fact,) = explain(store, "Halden Oy", "partnerOf", "Orvane").facts
    assert fact in contents.facts
    told = explain(store, "Orvane", "countryOf", "Finland")
    assert {*told.subjects, *told.objects} <= set(contents.entities)
    (finland,) = told.objects
    assert finland.links


@pytest.mark.parametrize("name", ["partnerOf", "kg:partnerOf", f"{KG}partnerOf"])
def test_predicates_go_by_local_name_or_iri_and_entities_by_iri(store: Store, name: str):
    told = explain(store, "ORVANE", name, "halden oy")
    assert len(told.facts) == 1
    again = explain(store, told.subjects[0].iri, name, told.objects[0].iri)
    assert again == told


def test_the_other_direction_is_turned_round(store: Store):
    one = explain(store, "Quillon", "supplierOf", "Halden Oy")
    other = explain(store, "Halden Oy", "customerOf", "Quillon")
    assert one.facts == other.facts != ()


@pytest.mark.parametrize("value", ["1500000", "1500000 EUR", "eur 1500000"])
def test_values_go_by_their_form(store: Store, value: str):
    assert len(explain(store, "Halden Oy", "revenue", value).facts) == 1


def test_another_value_is_no_such_fact(store: Store):
    told = explain(store, "Halden Oy", "foundedOn", "1988")
    assert (told.facts, told.loss.stage) == ((), Stage.RELATION)


@pytest.mark.parametrize(
    ("subject", "predicate", "object_", "stage", "reason"),
    [
        ("Nobody", "partnerOf", "Orvane", Stage.MENTION, "no entity named 'Nobody'"),
        ("Orvane", "partnerOf", "Haldn Oy", Stage.MENTION, "did you mean Halden Oy"),
        ("Orvane", "headquarteredIn", "Quillon", Stage.TYPES, "from Company to Company"),
        ("China", "blockedIn", "Quillon", Stage.TYPES, "from Country to Company"),
        ("Orvane", "competitorOf", "Halden Oy", Stage.RELATION, "in no article"),
        ("Orvane", "competitorOf", "Quillon", Stage.THRESHOLD, "below the threshold"),
        ("Quillon", "acquired", "Orvane", Stage.MODALITY, "denied"),
    ],
)
def test_a_loss_tells_stage_and_reason(
    store: Store, subject: str, predicate: str, object_: str, stage: Stage, reason: str
):
    told = explain(store, subject, predicate, object_)
    assert told.loss is not None
    assert told.loss.stage is stage
    assert reason in told.loss.reason


def test_what_is_quarantined_has_its_reason_and_evidence(store: Store):
    told = explain(store, "Orvane", "competitorOf", "Quillon")
    ((fact, reasons),) = told.quarantined
    assert reasons == ("below the threshold",)
    assert fact.evidence[0].quote == "Company Orvane Inc competitorOf Company Quillon."


def test_a_missing_fact_shows_its_neighbours(store: Store):
    told = explain(store, "Orvane", "competitorOf", "Halden Oy")
    assert [fact.predicate for fact in told.related] == ["partnerOf"]


def test_an_unknown_predicate_is_refused(store: Store):
    with pytest.raises(UsageError, match="no predicate 'likes'; it has partnerOf"):
        explain(store, "Orvane", "likes", "Quillon")


def test_explain_tells_sentence_offsets_and_extractor(folder: Path):
    done = run("Halden Oy", "partnerOf", "Orvane", "--store", folder)
    assert done.exit_code == 0
    assert done.stdout.count("read by set-form 1") == 2
    assert "characters 0-43: 'Company Halden Oy partnerOf Company Orvane.'" in done.stdout
    assert "Halden Oy is a Company" in done.stdout


def test_explain_tells_links_with_their_rule(folder: Path):
    done = run("Orvane", "countryOf", "Finland", "--store", folder)
    assert "linked to http://www.wikidata.org/entity/Q33 by " in done.stdout


def test_explain_without_a_fact_exits_with_1(folder: Path):
    done = run("Orvane", "competitorOf", "Quillon", "--store", folder)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "--why-not" in done.stderr
    why = run("Orvane", "competitorOf", "Quillon", "--why-not", "--store", folder)
    assert why.exit_code == 1
    assert why.stdout.startswith("lost at threshold: below the threshold\n")
    assert "kept out: below the threshold" in why.stdout


def test_why_not_of_a_fact_says_that_it_is_there(folder: Path):
    done = run("Orvane", "partnerOf", "Halden Oy", "--why-not", "--store", folder)
    assert done.exit_code == 0
    assert done.stdout.startswith("it is in the graph\n")


def test_explain_as_json(folder: Path):
    done = run("Quillon", "acquired", "Orvane", "--json", "--store", folder)
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert told["loss"]["stage"] == "modality"
    assert told["facts"][0]["evidence"][0]["modality"] == "denied"


def test_an_unknown_predicate_exits_with_2(folder: Path):
    assert run("Orvane", "likes", "Quillon", "--store", folder).exit_code == 2


def test_hostile_names_do_not_reach_the_query(store: Store):
    name = 'x" } } ; DROP ALL ; SELECT * { ?s ?p "'
    before = set(store.quads())
    assert explain(store, name, "partnerOf", "<Orvane>").loss.stage is Stage.MENTION
    assert set(store.quads()) == before


@pytest.mark.model
def test_every_tenth_fact_of_the_bundled_articles_is_explained(corpus_store: Path):
    with open_store(corpus_store, read_only=True) as store:
        contents = read_contents(store.quads(), ontology=load_ontology())
        for fact in contents.facts[::10]:
            object_ = fact.object if isinstance(fact.object, str) else fact.object.value
            assert fact in explain(store, fact.subject, fact.predicate, object_).facts
