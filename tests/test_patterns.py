"""Relations by patterns, over Docs built by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc

from kg.errors import OntologyError
from kg.model import Article, Cluster, Literal, Mention, Span
from kg.nlp.collapse import collapse
from kg.nlp.document import make_doc
from kg.nlp.patterns import RelationMatcher, load_patterns
from kg.nlp.sentences import set_sentences
from kg.nlp.statements import pattern_relations
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
    kept, _ = pattern_relations(doc, collapse(doc), matcher, ontology=ONTOLOGY, least=0.0)

    def name(meaning: int | Literal) -> str:
        return meaning.value if isinstance(meaning, Literal) else doc._.clusters[meaning].name

    return {(name(r.subject), r.predicate, name(r.object), r.modality.value) for r in kept}


CASES = [
    (
        "[Korvex|Company] founder and CEO, [Mira Lund|Person], spoke.",
        {
            ("Korvex", "foundedBy", "Mira Lund", "asserted"),
            ("Mira Lund", "chiefExecutiveOf", "Korvex", "asserted"),
            ("Mira Lund", "worksFor", "Korvex", "asserted"),
        },
    ),
    (
        "[Korvex|Company] partners with [Anlo|Company], [Bel|Company] and [Cato|Company].",
        {("Korvex", "partnerOf", n, "asserted") for n in ("Anlo", "Bel", "Cato")},
    ),
    (
        "[Norway|Country]-based resellers [Anlo|Company], [Bel|Company] and [Cato|Company] sell.",
        {
            (n, predicate, "Norway", "asserted")
            for n in ("Anlo", "Bel", "Cato")
            for predicate in ("countryOf", "headquarteredIn")
        },
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
    # What a pattern names together may stand together in a list.
    (
        "[Pling|Product], [Chatty|Product] and [Yo|Company] are all blocked in [Iran|Country].",
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


# One sentence for each family of wordings; other facts in it may be found as well.
FAMILIES = [
    ("[Oslo|City]-based [Korvex|Company] grew.", "Korvex", "headquarteredIn", "Oslo"),
    ("[Korvex|Company], a shipper based in [Oslo|City].", "Korvex", "headquarteredIn", "Oslo"),
    ("[Norwegian|Country] [Korvex|Company] grew.", "Korvex", "countryOf", "Norwegian"),
    ("[Norwegian|Country] shoe maker [Korvex|Company].", "Korvex", "countryOf", "Norwegian"),
    ("[Korvex|Company], [Norway|Country]'s oldest bank,", "Korvex", "countryOf", "Norway"),
    ("[Norwegian|Country] President [Mira Lund|Person] spoke.", "Mira Lund", "headOf", "Norwegian"),
    ("Prime Minister of [Norway|Country] [Mira Lund|Person].", "Mira Lund", "headOf", "Norway"),
    ("President [Mira Lund|Person] of [Norway|Country] won.", "Mira Lund", "nationality", "Norway"),
    (
        "[Norwegian|Country] poet and singer [Mira Lund|Person].",
        "Mira Lund",
        "nationality",
        "Norwegian",
    ),
    (
        "[Green Dawn|Organization] leader [Mira Lund|Person] left.",
        "Mira Lund",
        "memberOf",
        "Green Dawn",
    ),
    ("[Mira Lund|Person], head of sales at [Korvex|Company],", "Mira Lund", "worksFor", "Korvex"),
    ("[Korvex|Company] spokeswoman [Mira Lund|Person] said so.", "Mira Lund", "worksFor", "Korvex"),
    (
        "The CEO of [Korvex|Company], [Mira Lund|Person], said.",
        "Mira Lund",
        "chiefExecutiveOf",
        "Korvex",
    ),
    ("[Mira Lund|Person] of [Korvex|Company] agreed.", "Mira Lund", "worksFor", "Korvex"),
    ("[Mira Lund|Person], co-founder of [Korvex|Company],", "Korvex", "foundedBy", "Mira Lund"),
    (
        "[Korvex|Company] was founded in Oslo by [Mira Lund|Person].",
        "Korvex",
        "foundedBy",
        "Mira Lund",
    ),
    ("[Korvex|Company]'s new [Pling|Product] sells.", "Pling", "productOf", "Korvex"),
    ("[Pling|Product], developed by [Korvex|Company], sells.", "Pling", "productOf", "Korvex"),
    ("[Pling|Product] maker [Korvex|Company] grew.", "Pling", "productOf", "Korvex"),
    ("[Anlo|Company] is a unit of [Korvex|Company].", "Anlo", "subsidiaryOf", "Korvex"),
    ("[Korvex|Company] subsidiary [Anlo|Company] grew.", "Anlo", "subsidiaryOf", "Korvex"),
    ("[Korvex|Company] owns 12% of [Anlo|Company].", "Korvex", "investorIn", "Anlo"),
    ("[Korvex|Company] bought a stake in [Anlo|Company].", "Korvex", "investorIn", "Anlo"),
    ("[Korvex|Company] and its rival [Anlo|Company] lost.", "Korvex", "competitorOf", "Anlo"),
    (
        "[Korvex|Company] ordered 20 [Jet 9|Product] from [Anlo|Company].",
        "Korvex",
        "customerOf",
        "Anlo",
    ),
    ("a joint venture between [Korvex|Company] and [Anlo|Company].", "Korvex", "partnerOf", "Anlo"),
    ("[Korvex|Company] has offices in [Peru|Country].", "Korvex", "operatesIn", "Peru"),
    ("[Korvex|Company] launched its shop in [Peru|Country].", "Korvex", "operatesIn", "Peru"),
    ("the port of [Bergen|City] in western [Norway|Country].", "Bergen", "locatedIn", "Norway"),
    ("[Korvex|Company] has 3,000 employees.", "Korvex", "employeeCount", "3000"),
]


@pytest.mark.parametrize(("marked", "subject", "predicate", "object_"), FAMILIES)
def test_family_of_wordings(marked: str, subject: str, predicate: str, object_: str) -> None:
    assert (subject, predicate, object_, "asserted") in find(marked)


@pytest.mark.parametrize(
    "marked",
    [
        "[Rome|City], [Paris|City], [Oslo|City]",
        "[Anlo|Company] was blocked from buying [Korvex|Company].",
        "[Korvex|Company] cut 300 employees.",
        "[Norwegian|Country] rivals [Anlo|Company] and [Bel|Company] are not parts of it.",
    ],
)
def test_near_miss(marked: str) -> None:
    assert {p for _, p, _, _ in find(marked)} <= {"countryOf"}


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


@pytest.mark.parametrize("element", [{"POS": "VERB"}, {"_": {"unknown": 1}}], ids=str)
def test_a_pattern_that_asks_for_what_nobody_sets_is_named(
    tmp_path: Path, element: dict[str, object]
) -> None:
    file = tmp_path / "mine.jsonl"
    pattern = [{"ARG": "subject"}, element, {"ARG": "object"}]
    file.write_text(json.dumps({"predicate": "acquired", "pattern": pattern}), encoding="utf-8")
    doc = annotate("[Korvex|Company] bought [Anlo|Company].")
    matcher = RelationMatcher(doc.vocab, load_patterns(file, ONTOLOGY), ONTOLOGY)
    with pytest.raises(OntologyError, match=r"mine\.jsonl:1: spaCy refuses it"):
        list(matcher.find(collapse(doc)))


def test_collapse_keeps_every_offset() -> None:
    doc = annotate("[Korvex|Company] paid $3 billion for\n\n[Anlo Ltd|Company] today.")
    collapsed = collapse(doc)
    assert [t.text for t in collapsed.doc] == [
        "Korvex", "paid", "$3 billion", "for", "Anlo Ltd", "today", ".",
    ]  # fmt: skip
    for token, span in zip(collapsed.doc, collapsed.spans, strict=True):
        assert doc.text[span.start : span.end] == token.text
