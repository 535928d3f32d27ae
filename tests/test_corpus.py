"""The bundled corpus: what its gold states is in its texts, and fits the ontology.

`KG_UPDATE_CORPUS=1 pytest tests/test_corpus.py` writes the table of `corpus/SOURCES.md` anew.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from datetime import date
from typing import Any

import pytest

from kg.ontology import Ontology, load_ontology
from kg.resources import bundled

CORPUS = bundled("corpus")
IDS = sorted(path.stem for path in (CORPUS / "gold").glob("*.json"))
RARE = (
    "blockedIn",
    "customerOf",
    "educatedAt",
    "netWorth",
    "operatesIn",
    "partnerOf",
    "userCount",
)
QUALIFIER = re.compile(r"(?:[\w$€£%.-]+(?: [\w$€£%.-]+){0,4}(?:, (?=\w)|$)){0,3}")
TABLE = re.compile(r"(?<=<!-- table -->\n).*(?=<!-- end of table -->)", re.DOTALL)

each_article = pytest.mark.parametrize("id_", IDS)


def text_of(id_: str) -> str:
    return (CORPUS / "articles" / f"{id_}.txt").read_bytes().decode()


def gold_of(id_: str) -> dict[str, Any]:
    return json.loads((CORPUS / "gold" / f"{id_}.json").read_text("utf-8"))


def stands_in(form: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text) is not None


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return load_ontology()


def test_every_text_has_its_gold_and_the_corpus_is_large_enough() -> None:
    texts = sorted(path.stem for path in (CORPUS / "articles").glob("*.txt"))
    assert texts == IDS
    assert len(IDS) >= 30


@each_article
def test_gold_says_what_the_article_is(id_: str) -> None:
    gold, text = gold_of(id_), text_of(id_)
    assert set(gold) == {"id", "title", "published", "voice", "split", "entities", "facts"}
    assert gold["id"] == id_
    assert gold["split"] in {"train", "test"}
    assert gold["voice"]
    assert date(2016, 1, 1) <= date.fromisoformat(gold["published"]) <= date(2024, 12, 31)
    assert text.startswith(gold["title"] + "\n\n")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "\r" not in text
    assert 150 <= len(text.split()) <= 500


@each_article
def test_aliases_stand_in_the_text_and_name_one_entity(id_: str, ontology: Ontology) -> None:
    gold, text = gold_of(id_), text_of(id_)
    ids = [entity["id"] for entity in gold["entities"]]
    assert len(ids) == len(set(ids))
    forms = [alias for entity in gold["entities"] for alias in entity["aliases"]]
    assert not [form for form, count in Counter(forms).items() if count > 1]
    assert not [form for form in forms if not stands_in(form, text)]
    for entity in gold["entities"]:
        assert set(entity) == {"id", "name", "type", "aliases"}
        assert entity["name"]
        assert entity["aliases"], entity["name"]
        assert entity["type"] in ontology.entity_classes


@each_article
def test_evidence_is_the_text_at_its_offsets(id_: str) -> None:
    gold, text = gold_of(id_), text_of(id_)
    for fact in gold["facts"]:
        assert set(fact) == {"s", "p", "o", "evidence", "start", "end", "qualifier"}
        assert text[fact["start"] : fact["end"]] == fact["evidence"], fact
        assert fact["evidence"].strip() == fact["evidence"] != ""
        assert "\n" not in fact["evidence"], fact
        assert QUALIFIER.fullmatch(fact["qualifier"]), fact


@each_article
def test_facts_fit_the_ontology(id_: str, ontology: Ontology) -> None:
    gold = gold_of(id_)
    types = {entity["id"]: entity["type"] for entity in gold["entities"]}
    for fact in gold["facts"]:
        predicate = ontology.predicates[fact["p"]]
        assert predicate.canonical, fact
        assert fact["s"] in types, fact
        if predicate.datatype:
            assert stands_in(fact["o"], fact["evidence"]) or fact["o"] in fact["evidence"], fact
            object_type = predicate.datatype
        else:
            assert fact["o"] in types, fact
            assert fact["s"] != fact["o"], fact
            object_type = types[fact["o"]]
        assert ontology.admits(fact["p"], types[fact["s"]], object_type), fact


@each_article
def test_a_fact_stands_once_with_all_that_it_implies(id_: str, ontology: Ontology) -> None:
    stated: set[tuple[str, str, str]] = set()
    facts = gold_of(id_)["facts"]
    for fact in facts:
        key = (fact["s"], fact["p"], fact["o"])
        turned = (fact["o"], fact["p"], fact["s"])
        assert key not in stated, fact
        assert not (ontology.predicates[fact["p"]].symmetric and turned in stated), fact
        stated.add(key)
    for fact in facts:
        for implied in ontology.implied(fact["p"]):
            assert (fact["s"], implied, fact["o"]) in stated, fact


def test_every_predicate_occurs_and_the_rare_ones_often(ontology: Ontology) -> None:
    count = Counter(fact["p"] for id_ in IDS for fact in gold_of(id_)["facts"])
    canonical = {name for name, found in ontology.predicates.items() if found.canonical}
    assert canonical - count.keys() == set()
    assert {name: count[name] for name in RARE if count[name] < 12} == {}


def test_both_splits_and_all_modalities_are_there() -> None:
    splits = Counter(gold_of(id_)["split"] for id_ in IDS)
    assert splits["test"] >= len(IDS) // 5
    assert splits["train"] > splits["test"]
    qualifiers = Counter(fact["qualifier"] for id_ in IDS for fact in gold_of(id_)["facts"])
    assert min(qualifiers["former"], qualifiers["announced"]) >= 20


def test_sources_lists_every_article() -> None:
    lines = ["| id | title | published | voice | split | entities | facts |"]
    lines.append("|---|---|---|---|---|---:|---:|")
    for id_ in IDS:
        gold = gold_of(id_)
        cells = [id_, gold["title"], gold["published"], gold["voice"], gold["split"]]
        cells += [str(len(gold["entities"])), str(len(gold["facts"]))]
        lines.append("| " + " | ".join(cells) + " |")
    table = "\n".join(lines) + "\n"
    path = CORPUS / "SOURCES.md"
    sources = path.read_text("utf-8")
    if os.environ.get("KG_UPDATE_CORPUS"):
        sources = TABLE.sub(lambda _: table, sources)
        path.write_text(sources, "utf-8")
    found = TABLE.search(sources)
    assert found is not None
    assert found[0] == table, "run KG_UPDATE_CORPUS=1 pytest tests/test_corpus.py"


def test_the_customers_facts_are_all_told(shared: Any) -> None:
    seed = json.loads((shared / "seed" / "facts.json").read_text("utf-8"))
    gold = gold_of("a01-video-firm-leaves-china")

    def named(source: dict[str, Any]) -> set[tuple[str, str, str]]:
        names = {e["id"]: e["name"].casefold() for e in source["entities"]}
        return {
            (names[f["s"]], f["p"], names.get(f["o"], f["o"].casefold())) for f in source["facts"]
        }

    assert named(seed) - named(gold) == set()


def test_no_sentence_of_the_customers_article_is_copied(shared: Any) -> None:
    original = (shared / "seed" / "zoom-exiting-china.txt").read_text("utf-8")
    sentences = {s.strip() for s in re.split(r"(?<=[.?!])\s+|\n", original) if len(s.split()) > 4}
    text = text_of("a01-video-firm-leaves-china")
    assert not [sentence for sentence in sentences if sentence in text]
