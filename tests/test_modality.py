"""How the text puts a statement, and the words that say so: sentences written for this."""

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
from trust_ledger import tally

from kg.build import Extractor
from kg.cli import main
from kg.model import (
    Article,
    Cluster,
    Evidence,
    Extraction,
    Literal,
    Mention,
    Modality,
    Relation,
    Span,
)
from kg.nlp import extract
from kg.nlp.document import make_doc
from kg.nlp.modality import Wording
from kg.nlp.sentences import set_sentences
from kg.nlp.values import find_values
from kg.ontology import load_ontology
from kg.rdf import read_contents
from kg.store import open_store

ONTOLOGY = load_ontology()
FILE = Path(__file__).parent / "data" / "modality_pairs.jsonl"
PAIRS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
NLP = spacy.blank("en")


# Both members of nine pairs in ten


def find_statement(extraction: Extraction, pair: dict) -> list[Relation]:
    """Return what was read between the two things of a pair in its predicate.

    Where a name ends is not asked here: "the Glidepad tablet" may be read for "Glidepad".
    """
    wanted = (pair["subject"], pair["object"])
    is_symmetric = ONTOLOGY.predicates[pair["predicate"]].symmetric
    found = []
    for relation in extraction.relations:
        if relation.predicate == pair["predicate"] and not isinstance(relation.object, Literal):
            sides = [extraction.clusters[end] for end in _ends(relation)]
            orders = [sides, sides[::-1]] if is_symmetric else [sides]
            if any(all(map(_is_named, order, wanted)) for order in orders):
                found.append(relation)
    return found


def _is_named(cluster: Cluster, name: str) -> bool:
    words = set(name.split())
    return any(words <= set(a.split()) or set(a.split()) <= words for a in cluster.aliases)


def _ends(relation: Relation) -> tuple[int, int]:
    assert isinstance(relation.object, int)
    return relation.subject, relation.object


def is_right(extraction: Extraction, pair: dict, modality: str | None, speaker: str | None) -> bool:
    found = find_statement(extraction, pair)
    if modality is None or not found:
        return modality is None and not found
    best = found[0].evidence[0]
    if best.modality.value != modality or (best.cue is None) != (modality == "asserted"):
        return False
    return speaker is None or (best.speaker is not None and best.speaker.text == speaker)


@pytest.mark.model
def test_both_members_of_nine_pairs_in_ten_are_right():
    texts = [pair[member] for pair in PAIRS for member in ("asserted", "variant")]
    read = iter(extract(Article(str(n), text, "0") for n, text in enumerate(texts)))
    wrong = []
    for pair in PAIRS:
        asserted, variant = next(read), next(read)
        right = is_right(asserted, pair, "asserted", None)
        if not (right and is_right(variant, pair, pair["modality"], pair.get("speaker"))):
            wrong.append((pair["asserted"], pair["variant"]))
    tally("pairs", len(PAIRS))
    tally("pairs right", len(PAIRS) - len(wrong))
    assert len(PAIRS) >= 100
    assert len(wrong) <= len(PAIRS) * 0.1, wrong


# The words that say so, without a model


def read_wording(marked: str) -> tuple[Wording, Relation, Span, str]:
    """Return the wording of `[Orvane] denied buying [Quillon].`, and what is stated in it.

    Descriptions in braces are of the first thing: `[Orvane] is not {a unit} of [Quillon].`
    """
    text = ""
    mentions: list[list[Mention]] = [[], []]
    for part in re.split(r"(\[[^]]+\]|\{[^}]+\})", marked):
        words = part.strip("[]{}") if part[:1] in ("[", "{") else part
        if words != part:
            place = 0 if part[0] == "{" or not mentions[0] else 1
            span = Span(len(text), len(text) + len(words))
            mentions[place].append(Mention(span, words, "Company", named=part[0] == "["))
        text += words
    doc = set_sentences(make_doc(NLP, Article("a", text, "0")))
    doc._.values = find_values(text)
    doc._.clusters = tuple(Cluster(m[0].text, "Company", tuple(m)) for m in mentions)
    return Wording(doc), Relation(0, "acquired", 1, ()), Span(0, len(text)), text


CUES = [
    ("[Orvane] denied buying [Quillon].", Modality.DENIED, "denied"),
    ("Halden denied that [Orvane] bought [Quillon].", Modality.DENIED, "denied that"),
    ("[Orvane] has not bought [Quillon].", None, "not"),
    ("[Orvane] hasn\u2019t bought [Quillon].", None, "n\u2019t"),
    ("[Orvane] is not {a unit} of [Quillon].", None, "not"),
    ("If [Orvane] bought [Quillon], it would grow.", None, "If"),
    ("[Orvane] would have bought [Quillon].", None, "would have"),
    ("[Orvane] plans to buy [Quillon].", Modality.ANNOUNCED, "plans to"),
    ("[Orvane] abandoned plans to buy [Quillon].", None, "abandoned plans to"),
    ("[Orvane] no longer owns [Quillon].", Modality.FORMER, "no longer"),
    ("[Orvane] was {the former owner} of [Quillon].", Modality.FORMER, "former"),
    ("[Orvane] was a partner of [Quillon] until 2019.", Modality.FORMER, "until"),
    ("[Orvane] and [Quillon] have never worked together.", None, "never"),
    ("[Orvane] bought not only the brand of [Quillon].", None, ""),
    ("[Orvane] bought [Quillon].", None, ""),
    ("[Orvane] bought [Quillon], but not Halden.", None, ""),
    ("[Orvane] bought [Quillon]. It may sell more.", None, ""),
]


@pytest.mark.parametrize(("marked", "modality", "words"), CUES)
def test_the_words_that_say_so(marked: str, modality: Modality | None, words: str):
    wording, relation, sentence, text = read_wording(marked)
    cue = wording.find_cue_between(relation, sentence)
    if not words:
        assert cue is None
    else:
        assert cue is not None
        assert (cue.modality, text[cue.span.start : cue.span.end]) == (modality, words)


def test_what_lasts_is_not_over_because_of_a_former_owner():
    wording, relation, sentence, _ = read_wording("[Tromso], the former port, lies in [Norway].")
    assert wording.find_cue_between(relation, sentence) is not None
    assert wording.find_cue_between(replace(relation, predicate="locatedIn"), sentence) is None


# As data


TEXT = "Company Orvane partnerOf Company Quillon."
CUE = Span(15, 24)


def read_with(articles: Iterable[Article], *, cue: Span) -> Iterator[Extraction]:
    """Yield what the sentence states, denied by the words of a cue, whatever they are."""

    def deny(evidence: Evidence) -> Evidence:
        return replace(evidence, modality=Modality.DENIED, cue=cue)

    for extraction in build_sample.extract(articles):
        relations = tuple(
            replace(r, evidence=tuple(map(deny, r.evidence))) for r in extraction.relations
        )
        yield replace(extraction, relations=relations)


def build(folder: Path, cue: Span) -> Evidence:
    """Return the evidence that the store holds of what an extractor read."""
    with open_store(folder) as store:
        options = {"extractor": Extractor(partial(read_with, cue=cue), "1")}
        assert build_sample.build(store, [make_article("a", TEXT)], **options).added == ("a",)
    with open_store(folder, read_only=True) as store:
        ((evidence,),) = [
            fact.evidence for fact in read_contents(store.quads(), ontology=ONTOLOGY).facts
        ]
    return evidence


def test_the_graph_and_explain_hold_the_words_that_say_so(tmp_path: Path):
    evidence = build(tmp_path, CUE)
    assert (evidence.cue, evidence.cue_text) == (CUE, "partnerOf")
    told = CliRunner().invoke(
        main, ["explain", "Orvane", "partnerOf", "Quillon", "--store", str(tmp_path)]
    )
    assert "denied as 'partnerOf' says" in told.output


@pytest.mark.parametrize("cue", [Span(60, 90), Span(3, 3), Span(6, 0), Span(-4, 3)])
def test_a_cue_that_is_none_of_the_words_is_left_out(tmp_path: Path, cue: Span):
    assert build(tmp_path, cue).cue is None
