"""The benchmarks are counted as their own evaluators count, with a reader made by hand."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kg.evaluate.knowledgenet import MentionFact, evaluate_knowledgenet, score_passage
from kg.evaluate.redocred import evaluate_redocred
from kg.evaluate.report import Options
from kg.evaluate.scores import Tally
from kg.nlp.encoder import GivenMention, Reading, ReadMention, ReadRelation

Given = Sequence[GivenMention]


def read(
    text: str, names: Sequence[Sequence[str]], relations: Sequence[tuple[Any, ...]]
) -> Reading:
    """Return a reading of clusters named by their words and (s, label, o, probability)."""
    mentions, clusters = [], []
    for number, words in enumerate(names):
        members = []
        for word in words:
            start = text.index(word)
            members.append(len(mentions))
            mentions.append(ReadMention(start, start + len(word), "Person", 1.0, True, number))
        clusters.append(tuple(members))
    found = [
        ReadRelation(s, label, o, 0.0, probability, "asserted", 1.0, (0, 1))
        for s, label, o, probability in sorted(relations, key=lambda r: -r[3])
    ]
    return Reading(tuple(mentions), tuple(clusters), tuple(found))


@dataclass
class FakeReader:
    """Reads each text by a function; remembers the mentions that it was given."""

    answer: Callable[[str], Reading]
    version: str = "fake"
    given: Sequence[Given] = ()

    def threshold(self, label: str, *, reference: bool = False) -> float:
        return 0.5

    def read(self, texts: Sequence[str], **_: Any) -> list[Reading]:
        return [self.answer(text) for text in texts]

    def read_given(self, texts: Sequence[str], given: Sequence[Given], **_: Any) -> list[Reading]:
        self.given = given
        return self.read(texts)


def name(sentence: int, first: int, last: int, words: str, type_: str) -> dict[str, Any]:
    return {"sent_id": sentence, "pos": [first, last], "name": words, "type": type_}


@pytest.fixture
def redocred(tmp_path: Path) -> Path:
    """Anna Berg lives in Oslo . / Berg likes Norway ."""
    document = {
        "title": "Anna Berg",
        "sents": [["Anna", "Berg", "lives", "in", "Oslo", "."], ["Berg", "likes", "Norway", "."]],
        "vertexSet": [
            [name(0, 0, 2, "Anna Berg", "PER"), name(1, 0, 1, "Berg", "PER")],
            [name(0, 4, 5, "Oslo", "LOC")],
            [name(1, 2, 3, "Norway", "LOC")],
        ],
        "labels": [
            {"h": 0, "r": "P551", "t": 1, "evidence": [0]},
            {"h": 1, "r": "P17", "t": 2, "evidence": []},
            {"h": 2, "r": "P36", "t": 1, "evidence": []},
        ],
    }
    path = tmp_path / "dev.json.gz"
    path.write_bytes(gzip.compress(json.dumps([document]).encode()))
    return path


def test_given_entities_count_triples(redocred: Path):
    relations = [
        (0, "benchmark:P551", 1, 0.9),
        (1, "benchmark:P17", 2, 0.4),  # below the threshold
        (2, "benchmark:P17", 1, 0.8),  # wrong direction
        (0, "livesIn", 1, 0.9),  # no label of the set
    ]
    names = (("Anna Berg", "Berg"), ("Oslo",), ("Norway",))
    model = FakeReader(lambda text: read(text, names, relations))
    report = evaluate_redocred(redocred, model, given=True)
    assert report.scores["relations"].tally == Tally(1, 2, 1, 3)
    assert report.predicates["P17"].tally == Tally(0, 1, 0, 1)
    lower = Options(min_confidence=0.3)
    lowered = evaluate_redocred(redocred, model, given=True, options=lower)
    assert lowered.scores["relations"].tally == Tally(2, 3, 2, 3)


def test_given_types_are_those_of_the_coarse_label(redocred: Path):
    model = FakeReader(lambda text: read(text, (("Oslo",),), ()))
    evaluate_redocred(redocred, model, given=True)
    (given,) = model.given
    assert [m.cluster for m in given] == [0, 0, 1, 2]
    assert given[2].types == {"Place", "Country", "City"}


def test_from_text_names_suffice_and_exact_entities_are_told_apart(redocred: Path):
    relations = [(0, "benchmark:P551", 1, 0.9), (1, "benchmark:P17", 2, 0.9)]
    half = (("Anna Berg",), ("Oslo",), ("Norway",))
    report = evaluate_redocred(
        redocred, FakeReader(lambda text: read(text, half, relations)), given=False
    )
    assert report.scores["mentions"].tally == Tally(3, 3, 3, 4)
    assert report.scores["relations"].tally == Tally(2, 2, 2, 3)
    assert report.scores["relations, exact entities"].tally == Tally(1, 2, 1, 3)


def test_from_text_nothing_read_is_all_missed(redocred: Path):
    report = evaluate_redocred(redocred, FakeReader(lambda _: Reading((), (), ())), given=False)
    assert report.scores["relations"].tally == Tally(0, 0, 0, 3)
    assert report.scores["relations"].f1.value == 0


def fact(subject: tuple[int, int], object_: tuple[int, int], property_: str = "SPOUSE") -> Any:
    return MentionFact(property_, subject, object_)


def test_overlap_is_enough_and_property_must_agree():
    gold = [fact((0, 9), (20, 30))]
    assert score_passage([fact((5, 12), (29, 40))], gold) == Tally(1, 1, 1, 1)
    assert score_passage([fact((9, 12), (20, 30))], gold) == Tally(0, 1, 0, 1)
    assert score_passage([fact((0, 9), (20, 30), "CEO")], gold) == Tally(0, 1, 0, 1)


def test_one_prediction_may_find_two_facts_and_two_may_find_one():
    near = [fact((0, 4), (20, 30)), fact((3, 9), (20, 30))]
    assert score_passage([fact((3, 5), (20, 30))], near) == Tally(2, 2, 2, 2)
    assert score_passage(near, [fact((3, 5), (20, 30))]) == Tally(1, 1, 1, 1)


@pytest.fixture
def knowledgenet(tmp_path: Path) -> Path:
    text = "Anna Berg married Tom Lund, head of Nordlys."
    stated = {
        "property": "SPOUSE", "subjectStart": 100, "subjectEnd": 109, "objectStart": 118,
        "objectEnd": 126, "subjectText": "Anna Berg", "objectText": "Tom Lund",
        "subjectUri": None, "objectUri": None,
    }  # fmt: skip
    record = {
        "documentId": "1", "passageId": "1:100:144", "passageStart": 100, "passageEnd": 144,
        "passageText": text, "exhaustivelyAnnotatedProperties": ["SPOUSE", "CEO"],
        "facts": [stated], "fold": 3,
    }  # fmt: skip
    path = tmp_path / "dev.jsonl"
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    return path


def test_only_annotated_properties_can_be_wrong(knowledgenet: Path):
    relations = [
        (0, "spouse", 1, 0.9),
        (0, "livesIn", 2, 0.9),  # nothing is known of it in this passage
        (1, "chiefExecutiveOf", 2, 0.9),  # annotated, not there; reads as CEO backwards
    ]
    names = (("Anna",), ("Tom Lund",), ("Nordlys",))
    model = FakeReader(lambda text: read(text, names, relations))
    report = evaluate_knowledgenet(knowledgenet, model)
    assert report.scores["facts"].tally == Tally(1, 2, 1, 1)
    assert report.predicates["CEO"].tally == Tally(0, 1, 0, 0)
    assert "PLACE_OF_RESIDENCE" not in report.predicates
