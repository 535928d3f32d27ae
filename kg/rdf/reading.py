"""Reads quads back into articles, entities, facts and quarantine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from pyoxigraph import Literal as Value
from pyoxigraph import NamedNode, Quad

from kg.errors import KGError
from kg.model import Entity, Evidence, Fact, Link, Literal, Modality, Span, Speaker
from kg.ontology import Ontology, Predicate
from kg.rdf.terms import MODALITIES, NOT_QUALIFIERS, T
from kg.vocab import KG, Minter

__all__ = ["ArticleRecord", "Contents", "read_articles", "read_contents"]

_Term = NamedNode | Value
_MODALITIES: dict[_Term, Modality] = {term: name for name, term in MODALITIES.items()}
_Said = Mapping[NamedNode, list[_Term]]


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """What the graph knows of an article: all but its text.

    `extraction` is the key under which what was read from it is kept.
    """

    iri: str
    id: str
    checksum: str = ""
    extraction: str = ""
    title: str = ""
    url: str = ""
    published: date | None = None
    authors: tuple[str, ...] = ()
    publisher: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a graph says, each part sorted by IRI; `quarantined` are pairs with reasons."""

    articles: tuple[ArticleRecord, ...] = ()
    entities: tuple[Entity, ...] = ()
    facts: tuple[Fact, ...] = ()
    quarantined: tuple[tuple[Fact, tuple[str, ...]], ...] = ()


def read_articles(quads: Iterable[Quad]) -> tuple[ArticleRecord, ...]:
    """Return the articles that the quads describe, sorted by IRI."""
    return _Reading(quads).articles()


def read_contents(
    quads: Iterable[Quad], *, ontology: Ontology, minter: Minter | None = None
) -> Contents:
    """Return everything that the quads say.

    Classes and predicates that the ontology lacks are passed over. Entities come back
    without `members`, which the graph does not hold.
    """
    quarantine = NamedNode((minter or Minter()).quarantine)
    kept: list[Quad] = []
    held: list[Quad] = []
    for quad in quads:
        (held if quad.graph_name == quarantine else kept).append(quad)
    reading, quarantined = _Reading(kept), _Reading(held)
    facts = quarantined.facts(T.QUARANTINED, ontology, beside=reading)
    return Contents(
        articles=reading.articles(),
        entities=reading.entities(ontology),
        facts=tuple(reading.facts(T.FACT, ontology, beside=reading)),
        quarantined=tuple((fact, quarantined.texts(fact.iri, T.REASON)) for fact in facts),
    )


class _Reading:
    """The quads of some graphs, by subject and predicate."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._said: dict[_Term, dict[NamedNode, list[_Term]]] = {}
        for subject, predicate, object_, _ in quads:
            if isinstance(subject, NamedNode) and isinstance(object_, NamedNode | Value):
                self._said.setdefault(subject, {}).setdefault(predicate, []).append(object_)

    def texts(self, subject: str, predicate: NamedNode) -> tuple[str, ...]:
        """Return what is said in one predicate, as sorted texts."""
        return _texts(self._said.get(NamedNode(subject), {}), predicate)

    def articles(self) -> tuple[ArticleRecord, ...]:
        """Return the articles."""
        return tuple(_read_article(iri, said) for iri, said in self._of_type(T.ARTICLE))

    def entities(self, ontology: Ontology) -> tuple[Entity, ...]:
        """Return whatever is of a class of the ontology."""
        names: dict[_Term, str] = {NamedNode(c.iri): c.name for c in ontology.classes.values()}
        links = self._links()
        entities = []
        for subject in sorted(self._said, key=str):
            said = self._said[subject]
            types = [names[term] for term in said.get(T.TYPE, ()) if term in names]
            if types:
                entities.append(
                    Entity(
                        iri=subject.value,
                        name=_text(said, T.LABEL),
                        type=max(types, key=lambda t: (len(ontology.ancestors(t)), t)),
                        aliases=_texts(said, T.ALT_LABEL),
                        links=tuple(sorted(links.get(subject, ()))),
                        iso_code=_text(said, T.ISO_CODE),
                    )
                )
        return tuple(entities)

    def facts(self, type_: NamedNode, ontology: Ontology, *, beside: _Reading) -> list[Fact]:
        """Return the statements of a type; articles and extractors are named `beside`."""
        names: dict[_Term, str] = {NamedNode(p.iri): p.name for p in ontology.predicates.values()}
        facts = []
        for subject, said in self._of_type(type_):
            try:
                name = names.get(said[T.PREDICATE][0])
                if name is not None:
                    predicate = ontology.predicates[name]
                    facts.append(self._read_fact(subject.value, said, predicate, beside))
            except (LookupError, ValueError) as error:
                raise KGError(
                    f"{subject.value}: the graph lacks a part of this fact or its evidence: "
                    "build it again from its articles"
                ) from error
        return facts

    def _read_fact(self, iri: str, said: _Said, predicate: Predicate, beside: _Reading) -> Fact:
        is_money = predicate.datatype == "money"
        evidence = (self._read_evidence(place, beside) for place in said[T.HAS_EVIDENCE])
        return Fact(
            iri=iri,
            subject=said[T.SUBJECT][0].value,
            predicate=predicate.name,
            object=_read_object(said[T.OBJECT][0], _text(said, T.CURRENCY), is_money=is_money),
            evidence=tuple(sorted(evidence, key=_place)),
            modality=_read_modality(said),
            valid_from=_text(said, T.VALID_FROM),
            valid_to=_text(said, T.VALID_TO),
            qualifiers=tuple(sorted(_read_qualifiers(said))),
            publishers=int(_text(said, T.PUBLISHER_COUNT) or 0),
        )

    def _of_type(self, type_: NamedNode) -> Iterator[tuple[_Term, _Said]]:
        for subject in sorted(self._said, key=str):
            if type_ in self._said[subject].get(T.TYPE, ()):
                yield subject, self._said[subject]

    def _links(self) -> dict[_Term, list[Link]]:
        links: dict[_Term, list[Link]] = {}
        for _, said in self._of_type(T.LINK):
            link = Link(
                target=_text(said, T.OBJECT),
                rule=_text(said, T.RULE),
                score=float(_text(said, T.CONFIDENCE)),
            )
            links.setdefault(said[T.SUBJECT][0], []).append(link)
        return links

    def _read_evidence(self, iri: _Term, beside: _Reading) -> Evidence:
        """Return one evidence from its annotation, target and selectors."""
        said = self._said[iri]
        target = self._said[said[T.HAS_TARGET][0]]
        selectors: dict[NamedNode, list[_Term]] = {}
        for selector in target[T.HAS_SELECTOR]:
            selectors.update(self._said[selector])
        article = _text(target, T.HAS_SOURCE)
        extractor = _text(said, T.GENERATED_BY)
        return Evidence(
            article=next(iter(beside.texts(article, T.IDENTIFIER)), article),
            span=Span(int(_text(selectors, T.START)), int(_text(selectors, T.END))),
            quote=_text(selectors, T.EXACT),
            extractor=next(iter(beside.texts(extractor, T.LABEL)), extractor),
            confidence=float(_text(said, T.CONFIDENCE)),
            modality=_read_modality(said),
            speaker=self._read_speaker(said, beside),
            cue=next((self._read_words(w)[0] for w in said.get(T.CUE, ())), None),
        )

    def _read_words(self, words: _Term) -> tuple[Span, str]:
        """Return where words of an article stand, and the words."""
        told = self._said[words]
        return Span(int(_text(told, T.START)), int(_text(told, T.END))), _text(told, T.EXACT)

    def _read_speaker(self, said: _Said, beside: _Reading) -> Speaker | None:
        """Return who says so: by the words that tell, or else the publisher."""
        iri = _text(said, T.ATTRIBUTED_TO)
        for words in said.get(T.SPEAKER, ()):
            span, text = self._read_words(words)
            return Speaker(text, span, iri)
        return Speaker(next(iter(beside.texts(iri, T.LABEL)), iri), iri=iri) if iri else None


def _texts(said: _Said, predicate: NamedNode) -> tuple[str, ...]:
    return tuple(sorted(term.value for term in said.get(predicate, ())))


def _text(said: _Said, predicate: NamedNode) -> str:
    return next(iter(_texts(said, predicate)), "")


def _place(evidence: Evidence) -> tuple[str, Span, str]:
    return evidence.article, evidence.span, evidence.extractor


def _read_article(iri: _Term, said: _Said) -> ArticleRecord:
    published = _text(said, T.DATE_PUBLISHED)
    return ArticleRecord(
        iri=iri.value,
        id=_text(said, T.IDENTIFIER),
        checksum=_text(said, T.CHECKSUM),
        extraction=_text(said, T.EXTRACTION),
        title=_text(said, T.HEADLINE),
        url=_text(said, T.URL),
        published=date.fromisoformat(published) if published else None,
        authors=_texts(said, T.AUTHOR),
        publisher=_text(said, T.PUBLISHER),
        language=_text(said, T.LANGUAGE),
    )


def _read_object(term: _Term, currency: str, *, is_money: bool) -> str | Literal:
    if isinstance(term, NamedNode):
        return term.value
    datatype = "money" if is_money else term.datatype.value.rpartition("#")[2]
    return Literal(value=term.value, datatype=datatype, currency=currency)


def _read_modality(said: _Said) -> Modality:
    return next(
        (_MODALITIES[m] for m in said.get(T.MODALITY, ()) if m in _MODALITIES), Modality.ASSERTED
    )


def _read_qualifiers(said: _Said) -> Iterator[tuple[str, str]]:
    for predicate in said:
        if predicate.value.startswith(KG) and predicate not in NOT_QUALIFIERS:
            for value in _texts(said, predicate):
                yield predicate.value.removeprefix(KG), value
    for text in _texts(said, T.QUALIFIER):
        name, _, value = text.partition(": ")
        yield name, value
