"""Relations by patterns, over Docs built by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc

from kg.errors import OntologyError
from kg.model import Article, Cluster, Literal, Mention, Modality, Span
from kg.nlp.collapse import collapse
from kg.nlp.document import make_doc
from kg.nlp.modality import find_modality
from kg.nlp.patterns import RelationMatcher, load_patterns
from kg.nlp.sentences import set_sentences
from kg.nlp.values import find_values
from kg.ontology import load_ontology
from kg.resources import bundled

ONTOLOGY = load_ontology()


def annotate(marked: str) -> Doc:
    """Return a Doc for text such as `[Zoom|Company] bought [Keybase|Company]`."""
    text, spans = "", []
    for part in re.split(r"(\[[^]]+\])", marked):
        if part.startswith("["):
            name, kind = part[1:-1].split("|")
            spans.append((len(text), name, kind))
            text += name
        else:
            text += part
    clusters: dict[tuple[str, str], list[Mention]] = {}
    for start, name, kind in spans:
        mention = Mention(Span(start, start + len(name)), name, kind)
        clusters.setdefault((name, kind), []).append(mention)
    nlp = spacy.blank("en")
    doc = set_sentences(make_doc(nlp, Article("a", text, "0")))
    doc._.values = find_values(text)
    doc._.clusters = tuple(Cluster(n, k, tuple(m)) for (n, k), m in clusters.items())
    return doc


def find(marked: str) -> set[tuple[str, str, str, str]]:
    doc = annotate(marked)
    matcher = RelationMatcher(
        doc.vocab, load_patterns(bundled("ontologies/patterns.jsonl"), ONTOLOGY), ONTOLOGY
    )
    collapsed = collapse(doc)

    def name(token: int) -> str:
        meaning = collapsed.arguments[token]
        if isinstance(meaning, Literal):
            return meaning.value
        assert meaning is not None
        return doc._.clusters[meaning].name

    return {
        (name(m.subject), m.pattern.predicate, name(m.object), m.modality.value)
        for m in matcher.find(collapsed)
    }


CASES = [
    (
        "[Korvex|Company] founder and CEO, [Mira Lund|Person], spoke.",
        {
            ("Korvex", "foundedBy", "Mira Lund", "asserted"),
            ("Mira Lund", "chiefExecutiveOf", "Korvex", "asserted"),
        },
    ),
    (
        "[Korvex|Company] partners with [Anlo|Company], [Bel|Company] and [Cato|Company].",
        {("Korvex", "partnerOf", n, "asserted") for n in ("Anlo", "Bel", "Cato")},
    ),
    (
        "[Norway|Country]-based resellers [Anlo|Company], [Bel|Company] and [Cato|Company] sell.",
        {(n, "countryOf", "Norway", "asserted") for n in ("Anlo", "Bel", "Cato")},
    ),
    (
        "[Korvex|Company] will acquire [Anlo|Company].",
        {("Korvex", "acquired", "Anlo", "announced")},
    ),
    ("[Korvex|Company] may acquire [Anlo|Company].", set()),
    ("[Korvex|Company] did not acquire [Anlo|Company].", set()),
    (
        "[Pling|Product], [Chatty|Product] and [Yo|Product] are all blocked in [Iran|Country].",
        {(n, "blockedIn", "Iran", "asserted") for n in ("Pling", "Chatty", "Yo")},
    ),
    (
        "[Oslo|City], [Norway|Country]",
        {("Oslo", "locatedIn", "Norway", "asserted")},
    ),
    (
        "[Mira Lund|Person]'s net worth is $3 billion.",
        {("Mira Lund", "netWorth", "3000000000", "asserted")},
    ),
    (
        "[Korvex|Company] was founded in 1997.",
        {("Korvex", "foundedOn", "1997", "asserted")},
    ),
    (
        "[Korvex|Company] bought [Anlo|Company], and [Bel|Company] watched.",
        {("Korvex", "acquired", "Anlo", "asserted")},
    ),
    # A match never reaches over the end of a sentence.
    ("[Korvex|Company] partners. With [Anlo|Company] it fights.", set()),
]


@pytest.mark.parametrize(("marked", "expected"), CASES)
def test_bundled_patterns(marked: str, expected: set[tuple[str, str, str, str]]) -> None:
    assert find(marked) == expected


def test_role_becomes_a_qualifier() -> None:
    doc = annotate("[Korvex|Company] spokeswoman [Mira Lund|Person] agreed.")
    matcher = RelationMatcher(
        doc.vocab, load_patterns(bundled("ontologies/patterns.jsonl"), ONTOLOGY), ONTOLOGY
    )
    qualifiers = {m.qualifiers for m in matcher.find(collapse(doc))}
    assert qualifiers == {(("role", "spokeswoman"),)}


GOOD = {"predicate": "acquired", "pattern": [{"ARG": "subject"}, {"ARG": "object"}]}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not a JSON object"),
        ("[1]", "not a JSON object"),
        (json.dumps({**GOOD, "predicate": "aquired"}), "no predicate 'aquired'"),
        (json.dumps({**GOOD, "pattern": [{"ARG": "subject"}]}), "one ARG object"),
        (json.dumps({**GOOD, "confidence": 7}), "between 0 and 1"),
        (json.dumps({**GOOD, "modality": "perhaps"}), "not a pattern"),
        (json.dumps({**GOOD, "pattern": [*GOOD["pattern"], {"LOWER": "@none"}]}), "not a pattern"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, reason: str) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text(f"# a comment\n\n{line}\n", encoding="utf-8")
    with pytest.raises(OntologyError, match=r"mine\.jsonl:3: ") as caught:
        load_patterns(file, ONTOLOGY)
    assert reason in str(caught.value)


def test_a_pattern_that_spacy_refuses_is_named(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    pattern = [*GOOD["pattern"], {"LOWER": {"NO_SUCH": 1}}]
    file.write_text(json.dumps({**GOOD, "pattern": pattern}), encoding="utf-8")
    with pytest.raises(OntologyError, match=r"mine\.jsonl:1: spaCy refuses it"):
        RelationMatcher(spacy.blank("en").vocab, load_patterns(file, ONTOLOGY), ONTOLOGY)


def test_collapse_keeps_every_offset() -> None:
    doc = annotate("[Korvex|Company] paid $3 billion for\n\n[Anlo Ltd|Company] today.")
    collapsed = collapse(doc)
    assert [t.text for t in collapsed.doc] == [
        "Korvex", "paid", "$3 billion", "for", "Anlo Ltd", "today", ".",
    ]  # fmt: skip
    for token, span in zip(collapsed.doc, collapsed.spans, strict=True):
        assert doc.text[span.start : span.end] == token.text


@pytest.mark.parametrize(
    ("words", "modality"),
    [
        ("has denied that it", Modality.DENIED),
        ("is", Modality.ASSERTED),
        ("will soon", Modality.ANNOUNCED),
        ("the former", Modality.FORMER),
        ("might", None),
        ("did not", None),
    ],
)
def test_modality(words: str, modality: Modality | None) -> None:
    assert find_modality(words.split()) == modality
