"""Who says so: the speakers of sentences written for this."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import build_sample
import pytest
import spacy
from build_sample import make_article
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st
from spacy.tokens import Doc

from kg.build import Extractor
from kg.cli import main
from kg.model import (
    Article,
    Cluster,
    Evidence,
    Extraction,
    Literal,
    Mention,
    Relation,
    Span,
    Speaker,
)
from kg.nlp.document import make_doc, sentence_spans
from kg.nlp.sentences import set_sentences
from kg.nlp.speakers import attribute
from kg.nlp.values import find_values
from kg.ontology import load_ontology
from kg.rdf import read_contents
from kg.store import open_store
from kg.view import read_graph
from kg.vocab import Minter

ONTOLOGY = load_ontology()
FILE = Path(__file__).parent / "data" / "speakers.jsonl"
CASES = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
NLP = spacy.blank("en")


def annotate(marked: str) -> Doc:
    """Return a Doc of text such as `[He|Person|Noor Haddad] left [Orvane|Company].`"""
    text = ""
    clusters: dict[tuple[str, str], list[Mention]] = {}
    for part in re.split(r"(\[[^]]+\])", marked):
        words = part
        if part.startswith("["):
            words, kind, *whose = part[1:-1].split("|")
            name = whose[0] if whose else words
            span = Span(len(text), len(text) + len(words))
            mention = Mention(span, words, kind, named=not whose)
            clusters.setdefault((name, kind), []).append(mention)
        text += words
    doc = set_sentences(make_doc(NLP, Article("a", text, "0")))
    doc._.values = find_values(text)
    doc._.clusters = tuple(Cluster(n, k, tuple(m)) for (n, k), m in clusters.items())
    return doc


def state(doc: Doc, subject: str, object_: str) -> Relation:
    """Return a relation between two things, with the sentence that names both as evidence."""
    names = [cluster.name for cluster in doc._.clusters]
    one = names.index(subject)
    other = names.index(object_) if object_ in names else find_value(doc, object_)
    sentences = sentence_spans(doc)
    (place,) = [
        span
        for span in sentences
        if has(doc, span, subject) and (not isinstance(other, int) or has(doc, span, object_))
    ][-1:]
    quote = doc.text[place.start : place.end]
    return Relation(one, "partnerOf", other, (Evidence("a", place, quote, "test", 1.0),))


def has(doc: Doc, span: Span, name: str) -> bool:
    return any(m.span in span for c in doc._.clusters if c.name == name for m in c.mentions)


def find_value(doc: Doc, words: str) -> Literal:
    (value,) = [v.literal for v in doc._.values if v.literal.value == words]
    return value


def find_speaker(case: dict) -> Speaker | None:
    doc = annotate(case["text"])
    doc._.relations = (state(doc, case["subject"], case["object"]),)
    attribute(doc, ONTOLOGY)
    ((evidence,),) = [relation.evidence for relation in doc._.relations]
    return evidence.speaker


def name_speaker(case: dict) -> tuple[str | None, str | None]:
    """Return the cluster that is found to speak, or else the words; nothing for the article."""
    speaker = find_speaker(case)
    if speaker is None:
        return None, None
    assert speaker.span is not None
    doc = annotate(case["text"])
    assert doc.text[speaker.span.start : speaker.span.end] == speaker.text
    for cluster in doc._.clusters:
        if any(mention.span == speaker.span for mention in cluster.mentions):
            return cluster.name, None
    return None, speaker.text


def test_nine_in_ten_speakers_are_found():
    wrong = {}
    for number, case in enumerate(CASES, 1):
        found = name_speaker(case)
        if found != (case["speaker"], case.get("words")):
            wrong[number] = case["text"], found
    assert len(CASES) >= 40
    assert len(wrong) <= len(CASES) * 0.1, wrong


@given(text=st.lists(st.sampled_from([*'"\u201c\u201d\u201e\n', "said Ada Moreau . "]), max_size=9))
@example(text=['"', "said Ada Moreau . ", '"', '"'])
def test_marks_of_quotation_that_pair_with_none_do_no_harm(text):
    doc = annotate(f"[Orvane|Company] works with [Quillon|Company] . {''.join(text)}")
    relation = state(doc, "Orvane", "Quillon")
    doc._.relations = (relation,)
    attribute(doc, ONTOLOGY)
    assert doc._.relations == (relation,)


TEXT = "Aino Rautio tells more. Company Orvane partnerOf Company Quillon."


def read_with(articles: Iterable[Article], *, speaker: Speaker | None) -> Iterator[Extraction]:
    """Yield what the sentences state, each said by one speaker."""
    for extraction in build_sample.extract(articles):
        relations = tuple(
            replace(r, evidence=tuple(replace(e, speaker=speaker) for e in r.evidence))
            for r in extraction.relations
        )
        name = Mention(Span(0, 11), "Aino Rautio", "Person")
        clusters = (*extraction.clusters, Cluster("Aino Rautio", "Person", (name,)))
        yield replace(extraction, clusters=clusters, relations=relations)


def build(folder: Path, text: str, speaker: Speaker | None) -> None:
    read = partial(read_with, speaker=speaker)
    with open_store(folder) as store:
        options = {"extractor": Extractor(read, "1")}
        assert build_sample.build(store, [make_article("a", text)], **options).added == ("a",)


def read_speaker(folder: Path) -> Speaker | None:
    with open_store(folder, read_only=True) as store:
        ((evidence,),) = [
            fact.evidence for fact in read_contents(store.quads(), ontology=ONTOLOGY).facts
        ]
    return evidence.speaker


NAMED = Speaker("Aino Rautio", Span(0, 11))


def test_a_speaker_is_the_entity_that_the_words_name(tmp_path: Path):
    build(tmp_path, TEXT, NAMED)
    speaker = read_speaker(tmp_path)
    assert speaker is not None
    assert speaker.iri.startswith(f"{Minter().base}entity/aino-rautio-")
    assert replace(speaker, iri="") == NAMED


def test_what_an_article_says_itself_its_publisher_says(tmp_path: Path):
    build(tmp_path, TEXT, None)
    assert read_speaker(tmp_path) == Speaker("Wire", iri=Minter().publisher("Wire"))


def test_words_that_name_nobody_stay_words(tmp_path: Path):
    words = Speaker("Company Orvane", Span(24, 38))
    build(tmp_path, TEXT, words)
    assert read_speaker(tmp_path) == words


@pytest.mark.parametrize(
    "lie",
    [
        Speaker("Aino Rautio", Span(1, 12)),
        Speaker("Mika Virta", Span(0, 11)),
        Speaker("The Herald", iri=Minter().publisher("The Herald")),
        Speaker("", Span(0, 0)),
        Speaker("", Span(24, 24)),
        Speaker(" ", Span(31, 32)),
        Speaker("Company", Span(24, 38)),
    ],
)
def test_a_speaker_whom_the_words_do_not_name_is_none(tmp_path: Path, lie: Speaker):
    build(tmp_path, TEXT, lie)
    assert read_speaker(tmp_path) == Speaker("Wire", iri=Minter().publisher("Wire"))


def test_explain_and_the_page_tell_who_says_so(tmp_path: Path):
    build(tmp_path, TEXT, NAMED)
    told = CliRunner().invoke(
        main, ["explain", "Orvane", "partnerOf", "Quillon", "--store", str(tmp_path)]
    )
    assert "    said by Aino Rautio\n" in told.output
    with open_store(tmp_path, read_only=True) as store:
        quotes = [q for edge in read_graph(store, ONTOLOGY).edges for q in edge.quotes]
    assert [quote.speaker for quote in quotes] == ["Aino Rautio"]
