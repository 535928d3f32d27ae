"""Turns the relations of all articles into facts between entities, or quarantine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.model import (
    Breach,
    Entity,
    Evidence,
    Extraction,
    Fact,
    Literal,
    Modality,
    Relation,
    Span,
    Speaker,
)
from kg.ontology import Ontology
from kg.resolve.literals import is_valid, normalize
from kg.resolve.reviewing import Judgement
from kg.vocab import XSD, Minter, find_date_type

__all__ = ["Quarantined", "Stated", "gather_facts", "make_facts", "state"]

_Key = tuple[str, str, str | Literal]
_Members = Mapping[tuple[str, int], Entity]

_MODALITIES = tuple(Modality)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A statement that was read but kept out of the graph, with every reason, sorted.

    `breaches` are those of shapes, where that is among the reasons.
    """

    fact: Fact
    reasons: tuple[str, ...]
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True)
class Stated:
    """A relation between entities in its stored direction, with a reason to keep it out.

    `fact` is the IRI of the fact that it is one of the statements of.
    """

    fact: str
    subject: str
    predicate: str
    object: str | Literal
    evidence: tuple[Evidence, ...]
    qualifiers: tuple[tuple[str, str], ...]
    reason: str = ""


def make_facts(
    extractions: Iterable[Extraction],
    entities: Iterable[Entity],
    *,
    ontology: Ontology,
    minter: Minter,
    judgements: Iterable[Judgement] = (),
) -> tuple[tuple[Fact, ...], tuple[Quarantined, ...]]:
    """Return the facts and what was kept out of them, as `gather_facts` does.

    What reviewers judged to be wrong is kept out, whatever article states it; the last
    judgement counts.
    """
    by_member = {member: entity for entity in entities for member in entity.members}
    judged = dict(_judge(judgements, by_member, ontology))
    return gather_facts(
        stated
        for extraction in extractions
        for stated in state(extraction, by_member, ontology=ontology, minter=minter, judged=judged)
    )


def gather_facts(
    statements: Iterable[Stated],
) -> tuple[tuple[Fact, ...], tuple[Quarantined, ...]]:
    """Return the facts and what was kept out of them, each sorted by IRI.

    Statements of one fact come in the order of their articles. Those that say the same are
    one fact with all their evidence.
    """
    kept: defaultdict[str, list[Stated]] = defaultdict(list)
    held: defaultdict[str, list[Stated]] = defaultdict(list)
    for stated in statements:
        (held if stated.reason else kept)[stated.fact].append(stated)
    facts = tuple(_make_fact(iri, kept[iri]) for iri in sorted(kept))
    quarantined = tuple(
        Quarantined(_make_fact(iri, held[iri]), tuple(sorted({s.reason for s in held[iri]})))
        for iri in sorted(held)
    )
    return facts, quarantined


def state(
    extraction: Extraction,
    entities: _Members,
    *,
    ontology: Ontology,
    minter: Minter,
    judged: Mapping[_Key, str] | None = None,
) -> Iterator[Stated]:
    """Yield what an article states about entities, which are given by their clusters.

    A predicate that implies others (`chiefExecutiveOf`, `worksFor`) makes a statement for
    each. A relation to a cluster that is no entity is dropped.
    """
    named = _name_speakers(extraction, entities)
    for stated in _read_statements(named, entities, judged or {}, ontology):
        yield replace(stated, fact=_mint(stated, ontology, minter))


def _name_speakers(extraction: Extraction, entities: _Members) -> Extraction:
    """Return an extraction whose speakers bear the IRIs of entities.

    A speaker stays whose words are a mention, or stand in the quote: others are not known to
    be words of the article.
    """
    clusters = {(m.span, m.text): n for n, c in enumerate(extraction.clusters) for m in c.mentions}

    def find(evidence: Evidence) -> Speaker | None:
        speaker = evidence.speaker
        if speaker is None or speaker.span is None:
            return None
        number = clusters.get((speaker.span, speaker.text), -1)
        entity = entities.get((extraction.article, number))
        words, start = speaker.text, speaker.span.start - evidence.span.start
        is_quoted = start >= 0 and evidence.quote.startswith(words, start) and words.strip()
        is_exact = len(words) == speaker.span.end - speaker.span.start
        if entity is None and not (is_quoted and is_exact):
            return None
        return replace(speaker, iri=entity.iri if entity else "")

    def name(relation: Relation) -> Relation:
        if all(evidence.speaker is None for evidence in relation.evidence):
            return relation
        told = tuple(replace(e, speaker=find(e)) for e in relation.evidence)
        return replace(relation, evidence=told)

    return replace(
        extraction,
        relations=tuple(map(name, extraction.relations)),
        quarantined=tuple((name(relation), why) for relation, why in extraction.quarantined),
    )


def _judge(
    judgements: Iterable[Judgement], entities: _Members, ontology: Ontology
) -> Iterator[tuple[_Key, str]]:
    """Yield why each statement that was judged is kept out, or nothing where it is admitted."""
    for judgement in judgements:
        relation = judgement.relation
        subject = entities.get((judgement.article, relation.subject))
        object_ = _find_object(relation, judgement.article, entities)
        if subject and object_ and relation.predicate in ontology.predicates:
            yield _make_key(subject, relation.predicate, object_, ontology), judgement.reason


def _make_key(
    subject: Entity, predicate: str, object_: Entity | Literal, ontology: Ontology
) -> _Key:
    """Return what two statements have in common that say the same."""
    if isinstance(object_, Entity):
        subject, predicate, object_ = ontology.canonical(subject, predicate, object_)
    symmetric = ontology.predicates[predicate].symmetric
    left, right = _orient(subject, object_, is_symmetric=symmetric)
    return left, predicate, right


def _read_statements(
    extraction: Extraction, entities: _Members, judged: Mapping[_Key, str], ontology: Ontology
) -> Iterator[Stated]:
    """Yield what an article states, of facts that are not named yet."""
    read = [(relation, "") for relation in extraction.relations]
    for relation, reason in [*read, *extraction.quarantined]:
        subject = entities.get((extraction.article, relation.subject))
        object_ = _find_object(relation, extraction.article, entities)
        if (
            subject is not None
            and object_ is not None
            and relation.predicate in ontology.predicates
        ):
            told = judged.get(_make_key(subject, relation.predicate, object_, ontology))
            for statement in _state(relation, subject, object_, reason or told or "", ontology):
                key = statement.subject, statement.predicate, statement.object
                why = statement.reason or judged.get(key, "")
                yield replace(statement, reason=why) if why != statement.reason else statement


def _find_object(relation: Relation, article: str, entities: _Members) -> Entity | Literal | None:
    if isinstance(relation.object, Literal):
        return normalize(relation.object)
    return entities.get((article, relation.object))


def _state(
    relation: Relation, subject: Entity, object_: Entity | Literal, reason: str, ontology: Ontology
) -> Iterator[Stated]:
    """Yield a relation and what it implies, in the direction that is stored."""
    predicate = relation.predicate
    if isinstance(object_, Entity):
        subject, predicate, object_ = ontology.canonical(subject, predicate, object_)
    evidence = tuple(map(_round, relation.evidence))
    for name in (predicate, *ontology.implied(predicate)):
        left, right = _orient(subject, object_, is_symmetric=ontology.predicates[name].symmetric)
        yield Stated(
            fact="",
            subject=left,
            predicate=name,
            object=right,
            evidence=evidence,
            qualifiers=relation.qualifiers,
            reason=reason or _find_fault(subject, name, object_, ontology),
        )


def _round(evidence: Evidence) -> Evidence:
    """Return the evidence with a confidence of four digits."""
    confidence = round(evidence.confidence, 4)
    return (
        evidence if confidence == evidence.confidence else replace(evidence, confidence=confidence)
    )


def _orient(
    subject: Entity, object_: Entity | Literal, *, is_symmetric: bool
) -> tuple[str, str | Literal]:
    """Return the two ends of a statement; those of a symmetric one in order of their IRIs."""
    if isinstance(object_, Literal):
        return subject.iri, object_
    if is_symmetric and object_.iri < subject.iri:
        return object_.iri, subject.iri
    return subject.iri, object_.iri


def _find_fault(
    subject: Entity, predicate: str, object_: Entity | Literal, ontology: Ontology
) -> str:
    """Return why the ontology does not admit a statement, or nothing."""
    if subject == object_:
        return "subject and object are one entity"
    if isinstance(object_, Literal) and not is_valid(object_):
        return f"{object_.value!r} is not a valid {object_.datatype}"
    kind = object_.datatype if isinstance(object_, Literal) else object_.type
    if not ontology.admits(predicate, subject.type, kind):
        return f"{predicate} does not lead from {subject.type} to {kind}"
    return ""


def _mint(statement: Stated, ontology: Ontology, minter: Minter) -> str:
    """Return the IRI of the fact that a statement belongs to."""
    predicate = f"<{ontology.predicates[statement.predicate].iri}>"
    object_ = statement.object
    if isinstance(object_, Literal):
        term = f'"{object_.value}"^^<{XSD}{object_.datatype}>{object_.currency}'
    else:
        term = f"<{object_}>"
    return minter.fact(f"<{statement.subject}>", predicate, term)


def _make_fact(iri: str, statements: Iterable[Stated]) -> Fact:
    """Return one fact of all statements of it, in the state of the strongest evidence."""
    ordered = sorted(statements, key=lambda s: (min(map(_weigh, s.evidence)), s.qualifiers))
    first = ordered[0]
    best: dict[tuple[str, Span, str], Evidence] = {}
    for evidence in sorted((e for s in ordered for e in s.evidence), key=_weigh):
        best.setdefault((evidence.article, evidence.span, evidence.extractor), evidence)
    qualifiers = {pair for statement in ordered for pair in statement.qualifiers}
    since, until = _find_period(ordered)
    return Fact(
        iri=iri,
        subject=first.subject,
        predicate=first.predicate,
        object=first.object,
        evidence=tuple(best[place] for place in sorted(best)),
        modality=min(best.values(), key=_weigh).modality,
        valid_from=since,
        valid_to=until,
        qualifiers=tuple(sorted(qualifiers)),
    )


def _weigh(evidence: Evidence) -> tuple[object, ...]:
    """Return a key that sorts evidence, strongest first; of equals the plainest modality."""
    rank = _MODALITIES.index(evidence.modality)
    return -evidence.confidence, rank, evidence.article, evidence.span, evidence.extractor


def _find_period(statements: Sequence[Stated]) -> tuple[str, str]:
    """Return the first and the last date, as far as they are told.

    What ended before it began has begun again since, and that state is open.
    """
    since, until = _find_date(statements, "from"), _find_date(statements, "to")
    exact = min(len(since), len(until))
    return since, "" if until[:exact] < since[:exact] else until


def _find_date(statements: Iterable[Stated], qualifier: str) -> str:
    """Return the date that the strongest statement to have one gives a qualifier."""
    for statement in statements:
        for name, value in statement.qualifiers:
            if name == qualifier and find_date_type(value):
                return value
    return ""
