"""Since when and until when: the times of sentences written for this."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import spacy
from build_sample import ONTOLOGY, SENTENCES, build, make_article
from build_sample import extract as sample_extract
from spacy.tokens import Doc

from kg.build import Extractor
from kg.model import Article, Cluster, Evidence, Mention, Modality, Relation, Span
from kg.nlp import extract
from kg.nlp.document import make_doc, sentence_spans
from kg.nlp.periods import date_relations
from kg.nlp.sentences import set_sentences
from kg.nlp.values import find_values
from kg.rdf import read_contents
from kg.store import MEMORY, open_store

FILE = Path(__file__).parent / "data" / "periods.jsonl"
CASES = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
NLP = spacy.blank("en")


def annotate(marked: str, published: date | None) -> Doc:
    """Return a Doc of a text such as `[Orvane|Company] left.`, values marked too."""
    text = ""
    clusters: dict[tuple[str, str], list[Mention]] = {}
    for part in re.split(r"(\[[^]]+\])", marked):
        words, _, kind = part.strip("[]").partition("|")
        if kind:
            span = Span(len(text), len(text) + len(words))
            clusters.setdefault((words, kind), []).append(Mention(span, words, kind))
        text += words
    doc = set_sentences(make_doc(NLP, Article("a", text, "0", published=published)))
    doc._.values = find_values(text, published=published)
    doc._.clusters = tuple(Cluster(n, k, tuple(m)) for (n, k), m in clusters.items())
    return doc


def read(case: dict) -> Relation:
    """Return the relation of a case with what its sentence says of its time."""
    doc = annotate(case["text"], date.fromisoformat(case["published"]))
    names = [cluster.name for cluster in doc._.clusters]
    values = {v.literal.text: v.literal for v in doc._.values}
    object_ = case["object"]
    (place,) = sentence_spans(doc)
    modality = Modality(case.get("modality", "asserted"))
    evidence = Evidence("a", place, doc.text[place.start : place.end], "test", 1.0, modality)
    relation = Relation(
        names.index(case["subject"]),
        case["predicate"],
        names.index(object_) if object_ in names else values[object_],
        (evidence,),
    )
    doc._.relations = (relation,)
    date_relations(doc)
    return doc._.relations[0]


def test_the_times_of_clauses_are_read():
    assert len(CASES) >= 60
    wrong = [
        (case["text"], case["predicate"], dict(relation.qualifiers))
        for case in CASES
        if dict((relation := read(case)).qualifiers) != case["times"]
    ]
    assert len(wrong) <= 0.1 * len(CASES), "\n".join(map(str, wrong))


def test_hardly_any_time_is_given_to_another_relation():
    told = [(dict(read(case).qualifiers), case["times"]) for case in CASES]
    false = [given for given, meant in told if not given.items() <= meant.items()]
    assert len(false) <= 0.02 * len(CASES), false


def test_what_ended_before_its_article_is_former():
    case = CASES[3]
    assert case["times"] == {"from": "2010", "to": "2014"}
    assert read(case).modality is Modality.FORMER
    assert read(case | {"published": "2013-01-01"}).modality is Modality.ASSERTED


def test_what_has_begun_is_not_only_announced():
    case = CASES[0] | {"modality": "announced"}
    assert read(case).modality is Modality.ASSERTED
    assert read(case | {"published": "2018-01-01"}).modality is Modality.ANNOUNCED


def test_times_of_several_sentences_are_of_their_relations_alone():
    text = "[Orvane|Company] is a partner of [Quillon|Company]. It left [Espoo|City] in 2019."
    doc = annotate(text, date(2022, 3, 10))
    place = sentence_spans(doc)[0]
    evidence = Evidence("a", place, doc.text[place.start : place.end], "test", 1.0)
    doc._.relations = (Relation(0, "partnerOf", 1, (evidence,)),)
    date_relations(doc)
    assert doc._.relations[0].qualifiers == ()


@pytest.mark.model
def test_the_pipeline_dates_what_it_reads():
    text = (
        "Orvane Corp. acquired Halden Ltd. in 2018. Aino Rautio has been the chief executive of "
        "Orvane Corp. since May 2019.\n"
    )
    (extraction,) = extract([Article("a", text, "0", published=date(2022, 3, 10))])
    names = [cluster.name for cluster in extraction.clusters]
    told = {
        (r.predicate, names[r.object]): dict(r.qualifiers).get("from")
        for r in extraction.relations
        if isinstance(r.object, int)
    }
    assert told["acquired", "Halden Ltd."] == "2018"
    assert told["chiefExecutiveOf", "Orvane Corp."] == "2019-05"


@pytest.mark.parametrize(
    ("told", "since", "until"),
    [
        ([("from", "2010"), ("to", "2014")], "2010", "2014"),
        ([("to", "2014-05"), ("from", "2019")], "2019", ""),
        ([("from", "2014"), ("to", "2014-05")], "2014", "2014-05"),
    ],
)
def test_a_fact_that_ended_before_it_began_has_begun_again(told, since: str, until: str):
    with open_store(MEMORY) as store:
        articles = [make_article(f"a{n}", SENTENCES[0]) for n in range(len(told))]
        qualifiers = dict(zip((a.id for a in articles), told, strict=True))

        def extract_dated(given):
            for read in sample_extract(given):
                dated = [replace(r, qualifiers=(qualifiers[read.article],)) for r in read.relations]
                yield replace(read, relations=tuple(dated))

        build(store, articles, extractor=Extractor(extract_dated, "dated"))
        (fact,) = read_contents(store.quads(), ontology=ONTOLOGY).facts
    assert (fact.valid_from, fact.valid_to) == (since, until)
