"""Finds what the rows of a table mean in a store: facts, and the words of the articles."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from kg.build.register import Register
from kg.decisions import Designation, Statement
from kg.errors import UsageError
from kg.model import Article, Entity, Evidence, Fact, Literal, Modality, Span
from kg.nlp.values import find_values
from kg.ontology import Predicate
from kg.resolve import normalize
from kg.review.selecting import write_object
from kg.review.table import ReviewRow
from kg.vocab import PREFIXES, fold

__all__ = ["Finder"]

_End = Designation | Literal


class Finder:
    """What a store's articles come to, by what the rows of a table say of it.

    Every method raises UsageError with one sentence where a row means nothing.
    """

    def __init__(self, register: Register) -> None:
        resolution = register.resolution
        self._register = register
        self._ontology = register.ontology
        self._articles = register.articles
        self._clusters = {e.article: e.clusters for e in register.extractions}
        self._entities = {entity.iri: entity for entity in resolution.entities}
        self._home = {member: entity for entity in resolution.entities for member in entity.members}
        self._by_id: dict[str, tuple[Fact, Evidence]] = {}
        self._by_quote: dict[tuple[str, str, str], list[tuple[Fact, Evidence]]] = {}
        for fact in (*(item.fact for item in resolution.quarantined), *resolution.facts):
            self._note(fact)

    def find(self, row: ReviewRow) -> Statement:
        """Return the statement that a row judges, as its article puts it."""
        fact, evidence = self._find_fact(row)
        article = evidence.article
        object_ = fact.object
        end: _End
        if isinstance(object_, Literal):
            end = object_
        else:
            end = self._find_mention(self._entities[object_], article, evidence.span)
        return Statement(
            article=article,
            span=evidence.span,
            quote=evidence.quote,
            subject=self._find_mention(self._entities[fact.subject], article, evidence.span),
            predicate=fact.predicate,
            object=end,
            modality=evidence.modality,
        )

    def correct(self, row: ReviewRow, judged: Statement) -> Statement:
        """Return what a judged statement should have said, by the correction cells."""
        name = row.corrected_predicate
        predicate = self._find_predicate(name) if name else self._predicate(judged.predicate)
        article = self._articles[judged.article]
        subject: _End = judged.subject
        object_ = judged.object
        if row.corrected_subject:
            kinds = predicate.domain
            subject = self._ground(row.corrected_subject, article, judged.span, kinds, "")
        if row.corrected_object:
            object_ = self._find_object(row.corrected_object, predicate, article, judged.span, "")
        modality = _read_modality(row.corrected_modality) or judged.modality
        return self._state(article, judged.span, predicate, (subject, object_), modality=modality)

    def add(self, row: ReviewRow) -> Statement:
        """Return the statement that a row adds; its sentence must stand in the article."""
        lacking = [n for n in ("article", "sentence", "subject", "predicate", "object")
                   if not getattr(row, n)]  # fmt: skip
        if lacking:
            raise UsageError(f"a fact to add needs {', '.join(lacking)}")
        article = self._articles.get(row.article)
        if article is None:
            raise UsageError(f"the store has no article {row.article!r}")
        span = _find_quote(article.text, row.sentence)
        predicate = self._find_predicate(row.predicate)
        subject = self._ground(row.subject, article, span, predicate.domain, row.subject_class)
        object_ = self._find_object(row.object, predicate, article, span, row.object_class)
        modality = _read_modality(row.modality) or Modality.ASSERTED
        return self._state(article, span, predicate, (subject, object_), modality=modality)

    def check(self, statement: Statement) -> None:
        """Refuse what the ontology does not admit."""
        object_ = statement.object
        kind = object_.datatype if isinstance(object_, Literal) else self._find_type(object_)
        subject = self._find_type(statement.subject)
        if not self._ontology.admits(statement.predicate, subject, kind):
            raise UsageError(f"{statement.predicate} does not lead from {subject} to {kind}")
        if isinstance(object_, Designation) and self._same(statement.subject, object_):
            raise UsageError("subject and object are one entity")

    def _note(self, fact: Fact) -> None:
        minter = self._register.minter
        for evidence in fact.evidence:
            span, article = evidence.span, minter.article(evidence.article)
            id_ = minter.evidence(article, fact.iri, span.start, span.end, evidence.extractor)
            self._by_id[id_] = fact, evidence
            place = evidence.article, evidence.quote, fact.predicate
            self._by_quote.setdefault(place, []).append((fact, evidence))

    def _find_fact(self, row: ReviewRow) -> tuple[Fact, Evidence]:
        """Return the fact of a row by its id, or by its words where the id is of another build."""
        if row.id in self._by_id:
            fact, evidence = self._by_id[row.id]
            if self._fits(row, fact):
                return fact, evidence
            raise UsageError(
                "its cells say something else than its id: leave them as they were exported, and "
                "put what is right into the columns for corrections"
            )
        place = row.article, row.sentence, row.predicate
        for fact, evidence in self._by_quote.get(place, ()):
            if self._fits(row, fact):
                return fact, evidence
        raise UsageError("the store has no such fact any more: export the table again")

    def _fits(self, row: ReviewRow, fact: Fact) -> bool:
        """Say whether what a row shows is what a fact says; empty cells show nothing."""
        object_ = fact.object
        if isinstance(object_, Literal):
            is_object = row.object in ("", write_object(object_))
        else:
            is_object = self._is_named(row.object, object_)
        is_predicate = row.predicate in ("", fact.predicate)
        return is_object and is_predicate and self._is_named(row.subject, fact.subject)

    def _is_named(self, name: str, iri: str) -> bool:
        entity = self._entities[iri]
        return not name or fold(name) in {fold(n) for n in (entity.name, *entity.aliases)}

    def _find_mention(self, entity: Entity, article: str, span: Span) -> Designation:
        """Return where an article names an entity, in a sentence or else anywhere."""
        named = [
            (mention.span not in span, mention.span, mention.text, cluster.type)
            for id_, number in entity.members
            if id_ == article
            for cluster in [self._clusters[article][number]]
            for mention in cluster.mentions
            if mention.named
        ]
        _, place, text, type_ = min(named)
        return Designation(text, type_, article, place.start)

    def _find_predicate(self, text: str) -> Predicate:
        """Return a predicate by local name, prefixed name or IRI."""
        prefix, _, local = text.partition(":")
        iri = f"{PREFIXES[prefix]}{local}" if prefix in PREFIXES else text
        predicates = self._ontology.predicates
        for name, predicate in predicates.items():
            if text == name or iri == predicate.iri:
                return predicate
        near = difflib.get_close_matches(text, predicates, n=1)
        raise UsageError(
            f"the ontology has no predicate {text!r}"
            + (f"; did you mean {near[0]}?" if near else f"; it has {', '.join(predicates)}")
        )

    def _predicate(self, name: str) -> Predicate:
        return self._ontology.predicates[name]

    def _find_object(
        self, text: str, predicate: Predicate, article: Article, span: Span, type_: str
    ) -> _End:
        """Return the object that a cell names: a value of the sentence, or an entity."""
        if not predicate.datatype:
            return self._ground(text, article, span, predicate.range, type_)
        for value in find_values(article.text, published=article.published):
            literal = normalize(value.literal)
            words = article.text[value.span.start : value.span.end]
            meant = {fold(words), fold(write_object(literal)), fold(literal.value)}
            if value.span in span and fold(text) in meant:
                return Literal(literal.value, literal.datatype, literal.currency, words)
        raise UsageError(f"the sentence states no value {text!r}")

    def _ground(
        self, text: str, article: Article, span: Span, kinds: tuple[str, ...], type_: str
    ) -> Designation:
        """Return where the article names what a cell means, by name or IRI.

        It is what an entity that is named there is called, or else the words themselves.
        """
        if type_ and type_ not in self._ontology.entity_classes:
            raise UsageError(f"the ontology has no class {type_!r}")
        for entity in self._find_entities(text, article.id):
            if not type_ or self._ontology.is_a(entity.type, type_):
                return self._find_mention(entity, article.id, span)
        start = _find_words(article.text, text, span)
        if start < 0:
            raise UsageError(f"{text!r} does not stand in the article {article.id}")
        return Designation(text, type_ or self._choose_class(text, kinds), article.id, start)

    def _find_entities(self, text: str, article: str) -> Iterator[Entity]:
        """Yield the entities of a name or IRI that an article names, surest first."""
        wanted = fold(text)
        there = {
            self._home[article, number].iri: self._home[article, number]
            for number in range(len(self._clusters[article]))
            if (article, number) in self._home
        }
        if text in there:
            yield there[text]
        by_name = [e for e in there.values() if fold(e.name) == wanted]
        by_alias = [e for e in there.values() if wanted in {fold(a) for a in e.aliases}]
        yield from sorted(by_name, key=lambda e: e.iri)
        yield from sorted(by_alias, key=lambda e: e.iri)

    def _choose_class(self, text: str, kinds: tuple[str, ...]) -> str:
        """Return the class of a name that the article was not read to have."""
        for entity in self._entities.values():
            is_meant = fold(text) in {fold(name) for name in (entity.name, *entity.aliases)}
            if is_meant and any(self._ontology.is_a(entity.type, kind) for kind in kinds):
                return entity.type
        known = self._ontology.entity_classes
        return next(name for name in known if any(self._ontology.is_a(name, k) for k in kinds))

    def _find_home(self, meant: Designation) -> Entity | None:
        for number, cluster in enumerate(self._clusters[meant.article]):
            if any((m.span.start, m.text) == (meant.start, meant.name) for m in cluster.mentions):
                return self._home.get((meant.article, number))
        return None

    def _find_type(self, meant: Designation) -> str:
        home = self._find_home(meant)
        return home.type if home else meant.type

    def _same(self, one: Designation, other: Designation) -> bool:
        home = self._find_home(one)
        return one.start == other.start or (home is not None and home == self._find_home(other))

    def _state(
        self,
        article: Article,
        span: Span,
        predicate: Predicate,
        ends: tuple[_End, _End],
        *,
        modality: Modality,
    ) -> Statement:
        """Return a statement in its canonical direction, if the ontology admits it."""
        subject, name, object_ = self._ontology.canonical(ends[0], predicate.name, ends[1])
        if isinstance(subject, Literal) or isinstance(object_, Literal) != bool(predicate.datatype):
            kind = "a value" if predicate.datatype else "an entity"
            raise UsageError(f"{predicate.name} leads to {kind}: correct the object too")
        quote = article.text[span.start : span.end]
        stated = Statement(article.id, span, quote, subject, name, object_, modality)
        self.check(stated)
        return stated


def _read_modality(text: str) -> Modality | None:
    if not text:
        return None
    try:
        return Modality(text.strip().lower())
    except ValueError as error:
        known = ", ".join(Modality)
        raise UsageError(f"{text!r} is no modality: choose from {known}") from error


def _find_quote(text: str, sentence: str) -> Span:
    """Return where a sentence stands in a text; only its white space may differ."""
    start = text.find(sentence)
    if start >= 0:
        return Span(start, start + len(sentence))
    found = re.search(r"\s+".join(map(re.escape, sentence.split())), text)
    if found is None:
        raise UsageError("its sentence does not stand in the article, word for word")
    return Span(*found.span())


def _find_words(text: str, words: str, span: Span) -> int:
    """Return where words stand in a text, in a span or else anywhere; -1 where they do not."""
    places = [m.start() for m in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", text)]
    inside = [start for start in places if Span(start, start + len(words)) in span]
    return next(iter([*inside, *places]), -1)
