"""Describes entities, facts, articles and the data set in quads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pyoxigraph import DefaultGraph, NamedNode, Quad
from pyoxigraph import Literal as Value

from kg.model import Article, Breach, Entity, Evidence, Fact, Literal, Modality, Span, Speaker
from kg.ontology import Ontology
from kg.rdf.terms import (
    MODALITIES,
    NOT_QUALIFIERS,
    T,
    make_date,
    make_decimal,
    make_literal,
    make_text,
    node,
)
from kg.vocab import KG, Minter

__all__ = ["SHAPE", "Describer"]

# Raised when the same words give other quads than before: a store of another shape is
# written anew.
SHAPE = "6"

_DEFAULT = DefaultGraph()
_QUALIFIER = re.compile(r"[A-Za-z][A-Za-z0-9]*", re.ASCII)
_DATED = frozenset({"from", "on", "to"})

_Term = NamedNode | Value
_Graph = DefaultGraph | NamedNode


@dataclass(frozen=True, slots=True)
class Describer:
    """Writes what the graph says about each thing; holds the names to say it with."""

    ontology: Ontology
    minter: Minter = field(default_factory=Minter)

    def describe_entity(self, entity: Entity) -> Iterator[Quad]:
        """Yield class, superclasses, names, code and links of an entity."""
        subject = node(entity.iri)
        above = (n for n in self.ontology.ancestors(entity.type))
        for name in (entity.type, *above):
            yield Quad(subject, T.TYPE, node(self.ontology.classes[name].iri))
        yield Quad(subject, T.LABEL, make_text(entity.name))
        for alias in entity.aliases:
            yield Quad(subject, T.ALT_LABEL, make_text(alias))
        if entity.iso_code:
            yield Quad(subject, T.ISO_CODE, make_text(entity.iso_code))
        for link in entity.links:
            target, tie = node(link.target), node(self.minter.link(entity.iri, link.target))
            yield Quad(subject, T.SAME_AS, target)
            yield Quad(tie, T.TYPE, T.LINK)
            yield Quad(tie, T.SUBJECT, subject)
            yield Quad(tie, T.PREDICATE, T.SAME_AS)
            yield Quad(tie, T.OBJECT, target)
            yield Quad(tie, T.RULE, make_text(link.rule))
            yield Quad(tie, T.CONFIDENCE, make_decimal(link.score))

    def describe_fact(self, fact: Fact) -> Iterator[Quad]:
        """Yield the plain triple of an asserted fact, its node, and all its evidence.

        A symmetric fact is one node and two plain triples, so that it is found from
        either end.
        """
        if fact.modality is Modality.ASSERTED:
            yield from self._assert_plainly(fact)
        yield from self._describe_statement(fact, T.FACT, _DEFAULT)
        for evidence in fact.evidence:
            article = node(self.minter.article(evidence.article))
            yield from self._describe_evidence(fact, evidence, article)

    def describe_quarantined(
        self, fact: Fact, reasons: Iterable[str], breaches: Iterable[Breach] = ()
    ) -> Iterator[Quad]:
        """Yield a statement that was kept out, its evidence and why.

        `breaches` are those of shapes, as a report in the words of SHACL
        (https://www.w3.org/TR/shacl/#validation-report).
        """
        graph = node(self.minter.quarantine)
        yield from self._describe_statement(fact, T.QUARANTINED, graph)
        for reason in reasons:
            yield Quad(node(fact.iri), T.REASON, make_text(reason), graph)
        for evidence in fact.evidence:
            yield from self._describe_evidence(fact, evidence, graph)
        report = self.minter.report(fact.iri)
        for number, breach in enumerate(breaches, 1):
            result = node(f"{report}#{number}")
            yield Quad(node(fact.iri), T.VALIDATION_REPORT, node(report), graph)
            yield Quad(node(report), T.TYPE, T.REPORT, graph)
            yield Quad(node(report), T.CONFORMS, make_literal("false", "boolean"), graph)
            yield Quad(node(report), T.HAS_RESULT, result, graph)
            for term, object_ in _describe_breach(breach):
                yield Quad(result, term, object_, graph)

    def describe_article(self, article: Article, *, extraction: str) -> Iterator[Quad]:
        """Yield the metadata of an article; `extraction` is the key of what was read."""
        subject = node(self.minter.article(article.id))
        told: list[tuple[NamedNode, _Term]] = [
            (T.TYPE, T.ARTICLE),
            (T.IDENTIFIER, make_text(article.id)),
            (T.CHECKSUM, make_text(article.checksum)),
            (T.EXTRACTION, make_text(extraction)),
            (T.LANGUAGE, make_text(article.language)),
        ]
        told += [(T.AUTHOR, make_text(author)) for author in article.authors]
        if article.title:
            told.append((T.HEADLINE, make_text(article.title)))
        if article.publisher:
            publisher = node(self.minter.publisher(article.publisher))
            told.append((T.PUBLISHER, make_text(article.publisher)))
            told.append((T.ATTRIBUTED_TO, publisher))
            yield Quad(publisher, T.TYPE, T.AGENT, subject)
            yield Quad(publisher, T.LABEL, make_text(article.publisher), subject)
        if article.published:
            told.append((T.DATE_PUBLISHED, make_date(article.published.isoformat())))
        if article.url:
            url = make_text(article.url).value
            told.append((T.URL, make_literal(url, "anyURI")))
        for predicate, object_ in told:
            yield Quad(subject, predicate, object_, subject)

    def describe_extractor(self, name: str) -> Iterator[Quad]:
        """Yield what a model or pattern is called."""
        subject = node(self.minter.extractor(name))
        yield Quad(subject, T.TYPE, T.EXTRACTOR)
        yield Quad(subject, T.TYPE, T.ACTIVITY)
        yield Quad(subject, T.LABEL, make_text(name))

    def describe_dataset(
        self, *, articles: int, entities: int, facts: int, revision: str
    ) -> Iterator[Quad]:
        """Yield the data set's own description: vocabulary, address space and counts."""
        subject = node(self.minter.dataset)
        vocabulary = node(self.ontology.iri or KG)
        told: list[tuple[NamedNode, _Term]] = [
            (T.TYPE, T.DATASET),
            (T.TYPE, T.DCAT_DATASET),
            (T.TITLE, make_text("Knowledge graph of news articles")),
            (T.URI_SPACE, make_text(self.minter.base)),
            (T.VOCABULARY, vocabulary),
            (T.CONFORMS_TO, vocabulary),
            (T.DOCUMENTS, make_literal(str(articles), "integer")),
            (T.ENTITIES, make_literal(str(entities), "integer")),
            (T.FACTS, make_literal(str(facts), "integer")),
            (T.VERSION, make_text(revision)),
        ]
        for predicate, object_ in told:
            yield Quad(subject, predicate, object_)

    def _assert_plainly(self, fact: Fact) -> Iterator[Quad]:
        predicate = self.ontology.predicates[fact.predicate]
        yield Quad(node(fact.subject), node(predicate.iri), _make_term(fact.object))
        if predicate.symmetric and isinstance(fact.object, str):
            yield Quad(node(fact.object), node(predicate.iri), node(fact.subject))

    def _describe_statement(self, fact: Fact, type_: NamedNode, graph: _Graph) -> Iterator[Quad]:
        """Yield what a fact node says: its three terms and all that narrows them down."""
        predicate = self.ontology.predicates[fact.predicate]
        told: list[tuple[NamedNode, _Term]] = [
            (T.TYPE, type_),
            (T.SUBJECT, node(fact.subject)),
            (T.PREDICATE, node(predicate.iri)),
            (T.OBJECT, _make_term(fact.object)),
            (T.CONFIDENCE, make_decimal(fact.confidence)),
            (T.MODALITY, MODALITIES[fact.modality]),
        ]
        if isinstance(fact.object, Literal) and fact.object.currency:
            told.append((T.CURRENCY, make_text(fact.object.currency)))
        if fact.valid_from:
            told.append((T.VALID_FROM, make_date(fact.valid_from)))
        if fact.valid_to:
            told.append((T.VALID_TO, make_date(fact.valid_to)))
        if fact.publishers:
            told.append((T.PUBLISHER_COUNT, make_literal(str(fact.publishers), "integer")))
        told += [_make_qualifier(name, value, self.ontology) for name, value in fact.qualifiers]
        for article in sorted({e.article for e in fact.evidence}):
            told.append((T.DERIVED_FROM, node(self.minter.article(article))))
        for extractor in sorted({e.extractor for e in fact.evidence}):
            told.append((T.GENERATED_BY, node(self.minter.extractor(extractor))))
        for term, object_ in told:
            yield Quad(node(fact.iri), term, object_, graph)

    def _describe_evidence(
        self, fact: Fact, evidence: Evidence, graph: NamedNode
    ) -> Iterator[Quad]:
        """Yield one place as a Web Annotation with a quote and a position selector.

        See https://www.w3.org/TR/annotation-model/, sections 4.2.4 and 4.2.5.
        """
        article = self.minter.article(evidence.article)
        span = evidence.span
        iri = self.minter.evidence(article, fact.iri, span.start, span.end, evidence.extractor)
        place, target = node(iri), NamedNode(f"{iri}-target")
        quote, position = NamedNode(f"{iri}-quote"), NamedNode(f"{iri}-position")
        for subject, predicate, object_ in (
            (node(fact.iri), T.HAS_EVIDENCE, place),
            (place, T.TYPE, T.EVIDENCE),
            (place, T.TYPE, T.ANNOTATION),
            (place, T.HAS_BODY, node(fact.iri)),
            (place, T.HAS_TARGET, target),
            (place, T.CONFIDENCE, make_decimal(evidence.confidence)),
            (place, T.MODALITY, MODALITIES[evidence.modality]),
            (place, T.GENERATED_BY, node(self.minter.extractor(evidence.extractor))),
            (target, T.TYPE, T.TARGET),
            (target, T.HAS_SOURCE, node(article)),
            (target, T.HAS_SELECTOR, quote),
            (target, T.HAS_SELECTOR, position),
            (quote, T.TYPE, T.QUOTE_SELECTOR),
            (quote, T.EXACT, make_text(evidence.quote)),
            (position, T.TYPE, T.POSITION_SELECTOR),
            (position, T.START, make_literal(str(span.start), "integer")),
            (position, T.END, make_literal(str(span.end), "integer")),
        ):
            yield Quad(subject, predicate, object_, graph)
        for subject, term, said in _describe_speaker(place, evidence.speaker):
            yield Quad(subject, term, said, graph)
        if evidence.cue is not None:
            for subject, term, said in _point(place, T.CUE, evidence.cue, evidence.cue_text):
                yield Quad(subject, term, said, graph)


def _describe_speaker(
    place: NamedNode, speaker: Speaker | None
) -> Iterator[tuple[NamedNode, NamedNode, _Term]]:
    """Yield who says what an evidence states, and the words of the article that say who."""
    if speaker is not None and speaker.iri:
        yield place, T.ATTRIBUTED_TO, node(speaker.iri)
    if speaker is not None and speaker.span is not None:
        yield from _point(place, T.SPEAKER, speaker.span, speaker.text)


def _point(
    place: NamedNode, term: NamedNode, span: Span, text: str
) -> Iterator[tuple[NamedNode, NamedNode, _Term]]:
    """Yield the words of the article that an evidence points to by a term."""
    words = NamedNode(f"{place.value}-{term.value.removeprefix(KG)}")
    yield place, term, words
    yield words, T.TYPE, T.QUOTE_SELECTOR
    yield words, T.TYPE, T.POSITION_SELECTOR
    yield words, T.EXACT, make_text(text)
    yield words, T.START, make_literal(str(span.start), "integer")
    yield words, T.END, make_literal(str(span.end), "integer")


def _describe_breach(breach: Breach) -> Iterator[tuple[NamedNode, _Term]]:
    """Yield what a result of validation says."""
    yield T.TYPE, T.RESULT
    yield T.SEVERITY, T.VIOLATION
    yield T.RESULT_MESSAGE, make_text(breach.message)
    yield T.SOURCE_COMPONENT, node(breach.component)
    yield T.FOCUS, node(breach.focus)
    if breach.path:
        yield T.RESULT_PATH, node(breach.path)
    if breach.shape:
        yield T.SOURCE_SHAPE, node(breach.shape)
    if breach.value:
        yield T.RESULT_VALUE, _make_term(breach.value)


def _make_term(told: str | Literal) -> _Term:
    """Return an IRI or a value; money is a decimal, its currency stands on the fact's node."""
    if isinstance(told, str):
        return node(told)
    if told.datatype == "string":
        return make_text(told.value)
    return make_literal(told.value, "decimal" if told.datatype == "money" else told.datatype)


def _make_qualifier(name: str, value: str, ontology: Ontology) -> tuple[NamedNode, _Term]:
    """Return a qualifier as property and value.

    A name that is no word, or that means something else on a fact node, goes into the
    text of a `kg:qualifier`.
    """
    is_word = _QUALIFIER.fullmatch(name)
    if not is_word or name in ontology.predicates or node(f"{KG}{name}") in NOT_QUALIFIERS:
        return T.QUALIFIER, make_text(f"{name}: {value}")
    return node(f"{KG}{name}"), make_date(value) if name in _DATED else make_text(value)
