"""Facts as plain records, one an article and fact: the contract for other tools.

The form is described in docs/records.md. A record names the subject and the object as
the article does, and carries the offsets of every sentence that states the fact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypedDict, final

from kg.articles import Policy, read_articles
from kg.errors import SourceError
from kg.grounding import ground
from kg.model import Article, Entity, Extraction, Fact, Literal, Speaker
from kg.nlp import extract
from kg.ontology import Ontology
from kg.resolve import resolve
from kg.vocab import WIKIDATA, Minter

__all__ = ["EntityRecord", "EvidenceRecord", "FactRecord", "ValueRecord", "read_facts"]


@final
class EntityRecord(TypedDict):
    """A thing that an article names; `aliases` are its surface forms there."""

    name: str
    type: str
    aliases: list[str]
    iri: str
    wikidata: str | None


@final
class ValueRecord(TypedDict):
    """A typed value; `currency` is an ISO 4217 code for money and empty otherwise."""

    value: str
    datatype: str
    currency: str
    text: str


class EvidenceRecord(TypedDict):
    """A sentence with its half-open offsets into the text of the article.

    `speaker` names who says so, None where the article itself does; `cue` are the words of
    the quote that make it something else than asserted, None where none do.
    """

    start: int
    end: int
    quote: str
    confidence: float
    extractor: str
    speaker: str | None
    cue: str | None


class FactRecord(TypedDict):
    """One fact of one article."""

    article: str
    subject: EntityRecord
    predicate: str
    object: EntityRecord | ValueRecord
    confidence: float
    modality: str
    evidence: list[EvidenceRecord]
    qualifiers: dict[str, str]


def read_facts(
    sources: Iterable[str],
    *,
    ontology: Ontology,
    minter: Minter,
    min_confidence: float | None = None,
    model: Path | None = None,
    policy: Policy | None = None,
    on_error: Callable[[SourceError], None],
) -> Iterator[FactRecord]:
    """Yield the facts that the sources state, article by article, in order of the text.

    Refused input goes to `on_error`; everything else is read. Addresses are fetched as
    `policy` allows.
    """
    articles = read_articles(sources, on_error=on_error, policy=policy)
    reading: dict[str, Article] = {}
    extractions = extract(
        _note(articles, reading), ontology=ontology, min_confidence=min_confidence, model=model
    )
    for extraction in extractions:
        grounded = ground(extraction, reading.pop(extraction.article))
        yield from _make_records(grounded.extraction, ontology, minter)


def _note(articles: Iterable[Article], reading: dict[str, Article]) -> Iterator[Article]:
    """Yield the articles, each noted by its id until it has been read."""
    for article in articles:
        reading[article.id] = article
        yield article


def _make_records(
    extraction: Extraction, ontology: Ontology, minter: Minter
) -> Iterator[FactRecord]:
    """Yield the facts of one article, sorted by where they are first stated."""
    resolution = resolve([extraction], ontology=ontology, minter=minter)
    entities = {entity.iri: entity for entity in resolution.entities}
    aliases: dict[str, list[str]] = {}
    for entity in resolution.entities:
        forms = (a for _, n in entity.members for a in extraction.clusters[n].aliases)
        aliases[entity.iri] = list(dict.fromkeys(forms))
    values = (r.object for r in extraction.relations if isinstance(r.object, Literal))
    words = {replace(value, text=""): value.text for value in values}
    for fact in sorted(resolution.facts, key=_place):
        yield _make_record(extraction.article, fact, entities, aliases, words)


def _place(fact: Fact) -> tuple[int, str]:
    """Return a key that sorts facts by their first sentence."""
    return min(e.span.start for e in fact.evidence), fact.iri


def _make_record(
    article: str,
    fact: Fact,
    entities: dict[str, Entity],
    aliases: dict[str, list[str]],
    words: dict[Literal, str],
) -> FactRecord:
    def describe(iri: str) -> EntityRecord:
        entity = entities[iri]
        links = [ln.target for ln in entity.links if ln.target.startswith(WIKIDATA)]
        return EntityRecord(
            name=entity.name,
            type=entity.type,
            aliases=aliases[iri],
            iri=iri,
            wikidata=links[0].removeprefix(WIKIDATA) if links else None,
        )

    object_ = fact.object
    period = {"from": fact.valid_from, "to": fact.valid_to}
    qualifiers = dict(fact.qualifiers) | {name: day for name, day in period.items() if day}
    return FactRecord(
        article=article,
        subject=describe(fact.subject),
        predicate=fact.predicate,
        object=_describe_value(object_, words.get(object_, ""))
        if isinstance(object_, Literal)
        else describe(object_),
        confidence=fact.confidence,
        modality=fact.modality.value,
        evidence=[
            EvidenceRecord(
                start=e.span.start,
                end=e.span.end,
                quote=e.quote,
                confidence=e.confidence,
                extractor=e.extractor,
                speaker=_name_speaker(e.speaker, entities),
                cue=e.cue_text or None,
            )
            for e in fact.evidence
        ],
        qualifiers=qualifiers,
    )


def _name_speaker(speaker: Speaker | None, entities: dict[str, Entity]) -> str | None:
    """Return the name of a speaker, or the words for one who is not known."""
    if speaker is None:
        return None
    return entities[speaker.iri].name if speaker.iri else speaker.text


def _describe_value(literal: Literal, text: str) -> ValueRecord:
    return ValueRecord(
        value=literal.value,
        datatype=literal.datatype,
        currency=literal.currency,
        text=text,
    )
