"""The pipeline: articles in, extractions out, by the shipped model."""

from __future__ import annotations

import socket
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import spacy
from spacy.language import Language

from kg.articles import read_articles
from kg.model import Article, Extraction, Literal, Span
from kg.nlp import extract, extractor_version, load_pipeline
from kg.nlp.components import COMPONENTS
from kg.nlp.document import make_doc
from kg.ontology import load_ontology
from kg.resources import bundled

TEXT = (
    "Norvik Systems buys Pixelworks\n\n"
    "Norvik Systems, a Norwegian software company based in Oslo, said on Monday that it had "
    "acquired the British start-up Pixelworks Studio for $40 million. Norvik was founded by "
    "Ingrid Solberg in 2004. Solberg, who is chief executive of Norvik Systems, denied that the "
    "company would close Pixelworks' office in Leeds."
)
ARTICLE = Article("norvik", TEXT, "0", published=date(2021, 3, 9))
ONTOLOGY = load_ontology()


@pytest.fixture(scope="module")
def nlp() -> Language:
    return load_pipeline(ONTOLOGY)


@pytest.fixture(scope="module")
def corpus() -> list[Article]:
    return list(read_articles([str(bundled("corpus/articles"))], on_error=pytest.fail))


@pytest.fixture(scope="module")
def extractions(nlp: Language, corpus: list[Article]) -> list[Extraction]:
    return list(extract(corpus, ontology=ONTOLOGY, pipeline=nlp))


def statements(extraction: Extraction) -> set[tuple[str, str, str]]:
    def name(term: int | Literal) -> str:
        return term.value if isinstance(term, Literal) else extraction.clusters[term].name

    return {(name(r.subject), r.predicate, name(r.object)) for r in extraction.relations}


def read(text: str, nlp: Language, **about: object) -> Extraction:
    return next(extract([Article("a", text, "0", **about)], ontology=ONTOLOGY, pipeline=nlp))


def test_an_article_gives_its_facts(nlp: Language):
    found = statements(next(extract([ARTICLE], ontology=ONTOLOGY, pipeline=nlp)))
    assert ("Norvik Systems", "acquired", "Pixelworks Studio") in found
    assert ("Norvik Systems", "foundedBy", "Ingrid Solberg") in found
    assert ("Ingrid Solberg", "chiefExecutiveOf", "Norvik Systems") in found
    assert ("Ingrid Solberg", "worksFor", "Norvik Systems") in found
    assert ("Norvik Systems", "foundedOn", "2004") in found


def test_surnames_and_nationalities_join_their_entities(nlp: Language):
    clusters = next(extract([ARTICLE], ontology=ONTOLOGY, pipeline=nlp)).clusters
    aliases = {c.name: set(c.aliases) for c in clusters}
    assert aliases["Ingrid Solberg"] == {"Ingrid Solberg", "Solberg"}
    assert aliases["Norway"] == {"Norwegian"}


def test_every_quote_stands_at_its_offsets(corpus: list[Article], extractions: list[Extraction]):
    checked = 0
    for article, extraction in zip(corpus, extractions, strict=True):
        held = [relation for relation, _ in extraction.quarantined]
        for evidence in (e for r in [*extraction.relations, *held] for e in r.evidence):
            assert article.text[evidence.span.start : evidence.span.end] == evidence.quote
            checked += 1
        for mention in (m for c in extraction.clusters for m in c.mentions):
            assert article.text[mention.span.start : mention.span.end] == mention.text
    assert checked > 500


def test_only_what_the_ontology_admits_is_told(extractions: list[Extraction]):
    for extraction in extractions:
        for relation in extraction.relations:
            object_ = relation.object
            kind = object_.datatype if isinstance(object_, Literal) else ""
            kind = kind or extraction.clusters[relation.object].type
            subject = extraction.clusters[relation.subject].type
            assert ONTOLOGY.admits(relation.predicate, subject, kind)
            assert ONTOLOGY.predicates[relation.predicate].canonical


def test_articles_are_read_alike_alone_and_together(
    nlp: Language, corpus: list[Article], extractions: list[Extraction]
):
    alone = [next(extract([a], ontology=ONTOLOGY, pipeline=nlp)) for a in corpus[:6]]
    assert [statements(e) for e in alone] == [statements(e) for e in extractions[:6]]


def test_furniture_gives_nothing(nlp: Language):
    furniture = "Share on Acme Social. By Jane Roe of Initech Corporation."
    text = f"{furniture}\n\n{TEXT}"
    spans = (Span(0, len(furniture)),)
    article = Article("a", text, "0", furniture=spans)
    extraction = next(extract([article], ontology=ONTOLOGY, pipeline=nlp))
    mentions = [m.span for c in extraction.clusters for m in c.mentions]
    assert mentions
    assert all(m.start >= len(furniture) for m in mentions)


def test_confidence_moves_the_line_to_quarantine(nlp: Language):
    strict = load_pipeline(ONTOLOGY, min_confidence=0.99)
    usual = next(extract([ARTICLE], ontology=ONTOLOGY, pipeline=nlp))
    harsh = next(extract([ARTICLE], ontology=ONTOLOGY, pipeline=strict))
    assert statements(harsh) < statements(usual)
    assert all(r.confidence >= 0.99 for r in harsh.relations)
    reasons = [why for _, why in harsh.quarantined]
    assert any("below 0.99" in why for why in reasons)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\n ",
        ".",
        "\x00\x00",
        "\u202eevil\u202c",
        "a" * 100_000,
        "🙂 " * 2_000,
        "é\u0301" * 50,
    ],
)
def test_strange_texts_give_no_error(text: str, nlp: Language):
    extraction = read(text, nlp)
    for mention in (m for c in extraction.clusters for m in c.mentions):
        assert text[mention.span.start : mention.span.end] == mention.text


def test_what_is_negated_is_kept_out(nlp: Language):
    text = (
        "Bjorn Aas, chief executive of Norvik Systems, spoke in Oslo. "
        "Kari Lunde is not the chief executive of Pixelworks Studio."
    )
    extraction = read(text, nlp)
    assert ("Bjorn Aas", "chiefExecutiveOf", "Norvik Systems") in statements(extraction)
    assert ("Kari Lunde", "chiefExecutiveOf", "Pixelworks Studio") not in statements(extraction)
    assert "negated or hypothetical: 'not'" in {why for _, why in extraction.quarantined}


def test_what_a_government_blocks_is_blocked_in_its_country(nlp: Language):
    text = (
        "Palaver has left China. The Chinese government had blocked the app, in a state where "
        "Signal, Gmail and Instagram are all blocked."
    )
    found = statements(read(text, nlp))
    for name in ("Signal", "Gmail", "Instagram"):
        assert (name, "blockedIn", "China") in found


def test_loading_and_reading_need_no_network(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        pytest.fail("the pipeline opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert next(extract([ARTICLE], ontology=ONTOLOGY)).relations


def test_mentions_are_the_entities_of_the_doc(nlp: Language):
    doc = nlp(make_doc(nlp, ARTICLE))
    labels = {ent.text: ent.label_ for ent in doc.ents}
    assert labels["Norvik Systems"] == "Company"
    assert labels["Ingrid Solberg"] == "Person"
    numbers = {ent.text: int(ent.id_) for ent in doc.ents if ent.id_}
    assert doc._.clusters[numbers["Solberg"]].name == "Ingrid Solberg"


def test_a_saved_pipeline_opens_elsewhere(nlp: Language, tmp_path: Path):
    nlp.to_disk(tmp_path / "pipeline")
    code = (
        "import spacy\n"
        f"nlp = spacy.load({str(tmp_path / 'pipeline')!r})\n"
        "doc = nlp('Bjorn Aas is chief executive of Norvik Systems.')\n"
        "print(nlp.pipe_names, [e.text for e in doc.ents])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert str(list(COMPONENTS)) in done.stdout
    assert "'Bjorn Aas', 'Norvik Systems'" in done.stdout


def test_another_recognizer_takes_the_place_of_ours():
    own = load_pipeline(ONTOLOGY)
    own.remove_pipe("kg_mentions")
    ruler = own.add_pipe("entity_ruler", before="kg_coreference")
    ruler.add_patterns(
        [{"label": "PERSON", "pattern": "Ingrid Solberg"}, {"label": "ORG", "pattern": "Norvik"}]
    )
    found = statements(next(extract([ARTICLE], ontology=ONTOLOGY, pipeline=own)))
    assert ("Norvik", "foundedBy", "Ingrid Solberg") in found


@pytest.fixture
def sponsors() -> Path:
    return Path(__file__).parent.parent / "examples" / "sponsors" / "sponsors.ttl"


def test_a_predicate_of_the_users_is_found_by_pattern(sponsors: Path, corpus: list[Article]):
    own = load_ontology(sponsors)
    found = {s for e in extract(corpus, ontology=own) for s in statements(e)}
    assert found
    assert {predicate for _, predicate, _ in found} == {"sponsorOf"}


def test_the_version_follows_the_ontology(sponsors: Path):
    assert extractor_version(ONTOLOGY) == extractor_version(load_ontology())
    assert extractor_version(ONTOLOGY) != extractor_version(load_ontology(sponsors))


def test_components_are_found_by_spacy():
    assert set(COMPONENTS) <= {n for n in COMPONENTS if spacy.blank("en").has_factory(n)}
