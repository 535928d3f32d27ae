"""Resolution against gold: the news articles as one corpus, and hard cases of our own."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from kg.gazetteer import find_country
from kg.model import Cluster, Entity, Evidence, Extraction, Literal, Mention, Relation, Span
from kg.ontology import load_ontology
from kg.resolve import Resolution, resolve
from kg.vocab import WIKIDATA, Minter, find_date_type

CITIES = Path(__file__).parent / "data" / "news_cities.tsv"
HARD_CASES = Path(__file__).parent / "data" / "hard_cases.jsonl"
Member = tuple[str, int]


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def run(extractions: Iterable[Extraction]) -> Resolution:
    return resolve(extractions, ontology=load_ontology(), minter=Minter())


def group(entities: Iterable[Entity]) -> dict[Member, Entity]:
    return {member: entity for entity in entities for member in entity.members}


def make_cluster(text: str, names: list[str], type_: str) -> Cluster:
    """Return a cluster of all places where its names stand; called by the longest of them."""
    found = [
        Mention(Span(*match.span()), name, type_)
        for name in names
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text)
    ]
    mentions = sorted(found, key=lambda m: m.span) or [
        Mention(Span(n, n + 1), name, type_) for n, name in enumerate(names)
    ]
    return Cluster(max(dict.fromkeys(m.text for m in mentions), key=len), type_, tuple(mentions))


# The news


@pytest.fixture(scope="module")
def news(shared: Path) -> list[dict[str, Any]]:
    folder = shared / "data" / "news"
    return [row for part in ("train", "dev") for row in read_lines(folder / f"{part}.jsonl")]


@pytest.fixture(scope="module")
def gold(shared: Path, news: list[dict[str, Any]]) -> dict[Member, object]:
    """The entity that each annotated entity of an article is."""
    known: dict[tuple[str, ...], object] = {}
    for number, line in enumerate(read_lines(shared / "data" / "news" / "clusters.jsonl")):
        for member in line["members"]:
            key = (member["name"], member["type"])
            known |= dict.fromkeys([(*key, a) for a in member["articles"] or [""]], number)
    told = {}
    for row in news:
        for number, entity in enumerate(row["entities"]):
            key = (entity["name"], entity["type"])
            told[row["id"], number] = known.get((*key, row["id"]), known.get((*key, ""), key))
    return told


@pytest.fixture(scope="module")
def resolved(news: list[dict[str, Any]]) -> Resolution:
    """The news resolved, given the annotated mentions as they stand in the text."""
    return run(
        Extraction(
            article=row["id"],
            checksum="",
            extractor="gold",
            clusters=tuple(
                make_cluster(row["text"], e["aliases"] or [e["name"]], e["type"])
                for e in row["entities"]
            ),
        )
        for row in news
    )


def score_b_cubed(found: Mapping[Member, object], gold: Mapping[Member, object]) -> float:
    """Return the F1 of B-cubed precision and recall (Bagga and Baldwin 1998)."""
    both: defaultdict[tuple[object, object], int] = defaultdict(int)
    each: defaultdict[tuple[str, object], int] = defaultdict(int)
    for member, thing in gold.items():
        both[found[member], thing] += 1
        each["found", found[member]] += 1
        each["gold", thing] += 1
    precision = sum(n * n / each["found", found_] for (found_, _), n in both.items()) / len(gold)
    recall = sum(n * n / each["gold", thing] for (_, thing), n in both.items()) / len(gold)
    return 2 * precision * recall / (precision + recall)


def test_entities_of_the_news_are_those_of_the_gold(
    resolved: Resolution, gold: dict[Member, object]
):
    found = {member: entity.iri for member, entity in group(resolved.entities).items()}
    assert found.keys() == gold.keys()
    assert score_b_cubed(found, gold) >= 0.97
    ratio = len(resolved.entities) / len(set(gold.values()))
    assert 0.97 <= ratio <= 1.05


def test_countries_of_the_news_are_linked(resolved: Resolution, news: list[dict[str, Any]]):
    # The annotators gave each country its full name, whatever the article calls it: what the
    # gazetteer knows under that name is right.
    entities = group(resolved.entities)
    right = linked = total = 0
    for row in news:
        for number, told in enumerate(row["entities"]):
            country = find_country(told["name"]) if told["type"] == "Country" else None
            if country is not None:
                links = {link.target for link in entities[row["id"], number].links}
                ids = {link for link in links if link.startswith(WIKIDATA)}
                total += 1
                linked += bool(ids)
                right += f"{WIKIDATA}{country.wikidata}" in ids
    assert right / linked >= 0.99
    assert right / total >= 0.98


def test_cities_of_the_news_are_linked(resolved: Resolution, news: list[dict[str, Any]]):
    # A city that is linked and stands in no line of the file has to be judged first.
    lines = CITIES.read_text(encoding="utf-8").splitlines()
    judged = dict(line.split("\t") for line in lines if not line.startswith("#"))
    entities = group(resolved.entities)
    right = total = 0
    wrong: list[tuple[str, str, set[str]]] = []
    for row in news:
        for number, told in enumerate(row["entities"]):
            if told["type"] != "City":
                continue
            targets = {link.target for link in entities[row["id"], number].links}
            ids = {target.rstrip("/").rpartition("/")[2] for target in targets}
            total += 1
            if judged.get(told["name"]) in ids:
                right += 1
            elif ids:
                wrong.append((row["id"], told["name"], ids))
    assert right / (right + len(wrong)) >= 0.97, wrong
    assert right / total >= 0.9


def test_every_merge_is_explained(resolved: Resolution):
    entities = group(resolved.entities)
    clusters = sum(len(entity.members) for entity in resolved.entities)
    assert len(resolved.merges) == clusters - len(resolved.entities)
    for merge in resolved.merges:
        assert entities[merge.left] is entities[merge.right]
        assert merge.rule
        assert 0 < merge.score <= 1


# Hard cases: each line has articles with clusters, relations between them ("0 locatedIn 1",
# "0 bornOn 1961"), pairs of clusters ("a0" is the first of article a) that are the `same`
# or `apart`, and the Wikidata `links` and `types` of their entities.


def read_case(case: dict[str, Any]) -> list[Extraction]:
    return [
        Extraction(
            article=article,
            checksum="",
            extractor="case",
            clusters=tuple(make_cluster("", c["names"], c["type"]) for c in clusters),
            relations=tuple(
                read_relation(article, told) for told in case.get("relations", {}).get(article, ())
            ),
        )
        for article, clusters in case["articles"].items()
    ]


def read_relation(article: str, told: str) -> Relation:
    subject, predicate, object_ = told.split()
    type_ = find_date_type(object_)
    return Relation(
        subject=int(subject),
        predicate=predicate,
        object=Literal(object_, type_) if type_ else int(object_),
        evidence=(Evidence(article, Span(0, 1), "x", "case", 0.9),),
    )


def find_faults(case: dict[str, Any]) -> list[str]:
    entities = group(run(read_case(case)).entities)

    def find(name: str) -> Entity:
        return entities[name[0], int(name[1:])]

    faults = [f"{a} and {b} are two" for a, b in case.get("same", ()) if find(a) != find(b)]
    faults += [f"{a} and {b} are one" for a, b in case.get("apart", ()) if find(a) == find(b)]
    for name, wikidata in case.get("links", {}).items():
        targets = {link.target for link in find(name).links}
        if f"{WIKIDATA}{wikidata}" not in targets:
            faults.append(f"{name} is linked to {sorted(targets)}")
    for name, type_ in case.get("types", {}).items():
        if find(name).type != type_:
            faults.append(f"{name} is a {find(name).type}")
    return faults


def test_hard_cases():
    cases = list(read_lines(HARD_CASES))
    assert len(cases) >= 60
    faults = {f"{c['kind']}: {c['case']}": found for c in cases if (found := find_faults(c))}
    assert len(faults) <= 0.05 * len(cases), faults


def test_hard_cases_hold_in_any_order():
    for case in read_lines(HARD_CASES):
        extractions = read_case(case)
        assert run(extractions) == run(reversed(extractions)), case["case"]
