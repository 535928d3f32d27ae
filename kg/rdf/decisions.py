"""Turns what people decided into quads of a graph of its own, and back.

A decision is an activity of PROV-O with who carried it out and when it ended
(https://www.w3.org/TR/prov-o/); what it means by names and mentions are nodes below its IRI.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Literal as Value
from pyoxigraph import NamedNode, Quad

from kg.decisions import Decision, Designation, Grouping, Linking, Review, Statement, Verdict
from kg.errors import StoreError
from kg.model import Literal, Modality, Span
from kg.rdf.terms import MODALITIES, T, make_decimal, make_literal, make_text, node
from kg.vocab import Minter

__all__ = ["describe_agent", "describe_decision", "read_decisions"]

_Term = NamedNode | Value
_Pair = tuple[NamedNode, _Term]
_GROUPINGS = frozenset({Verdict.MERGE, Verdict.SPLIT, Verdict.PIN})
_STATES: dict[_Term, Modality] = {term: modality for modality, term in MODALITIES.items()}


def describe_decision(decision: Decision, *, minter: Minter) -> Iterator[Quad]:
    """Yield a decision with all that it says but the name of who decided."""
    iri = minter.decision(decision.number, decision.by, decision.at)
    told: dict[str, list[_Pair]] = {
        iri: [
            (T.TYPE, T.DECISION),
            (T.TYPE, T.ACTIVITY),
            (T.DECISION_NUMBER, make_literal(str(decision.number), "integer")),
            (T.VERDICT, make_text(decision.about.verdict.value)),
            (T.ASSOCIATED_WITH, node(minter.agent(decision.by))),
            (T.ENDED_AT, make_literal(decision.at, "dateTime")),
        ],
    }
    if decision.note:
        told[iri].append((T.COMMENT, make_text(decision.note)))
    match decision.about:
        case Grouping() as grouping:
            _describe_grouping(grouping, iri, told)
        case Linking() as linking:
            _describe_linking(linking, iri, told)
        case Review() as review:
            _describe_review(review, iri, told)
    graph = node(minter.decisions)
    for subject, pairs in told.items():
        for predicate, object_ in pairs:
            yield Quad(node(subject), predicate, object_, graph)


def describe_agent(name: str, *, minter: Minter) -> Iterator[Quad]:
    """Yield what somebody who decides is called."""
    agent, graph = node(minter.agent(name)), node(minter.decisions)
    yield Quad(agent, T.TYPE, T.AGENT, graph)
    yield Quad(agent, T.LABEL, make_text(name), graph)


def read_decisions(quads: Iterable[Quad]) -> tuple[Decision, ...]:
    """Return the decisions that quads tell of, first ones first.

    Raises StoreError where a decision lacks a part.
    """
    said: dict[str, dict[NamedNode, list[_Term]]] = {}
    for subject, predicate, object_, _ in quads:
        if isinstance(subject, NamedNode) and isinstance(object_, NamedNode | Value):
            said.setdefault(subject.value, {}).setdefault(predicate, []).append(object_)
    reading = _Reading(said)
    iris = [iri for iri, pairs in said.items() if T.DECISION in pairs.get(T.TYPE, ())]
    return tuple(sorted(map(reading.read, iris), key=lambda decision: decision.number))


def _describe_grouping(grouping: Grouping, iri: str, told: dict[str, list[_Pair]]) -> None:
    for predicate, meant in ((T.ONE, grouping.ones), (T.OTHER, grouping.others)):
        _describe_meant(predicate, meant, iri, told)
    if grouping.iri:
        told[iri].append((T.ENTITY, node(grouping.iri)))
    if grouping.name:
        told[iri].append((T.PREF_LABEL, make_text(grouping.name)))
    if grouping.type:
        told[iri].append((T.CLASS_NAME, make_text(grouping.type)))


def _describe_linking(linking: Linking, iri: str, told: dict[str, list[_Pair]]) -> None:
    _describe_meant(T.ONE, linking.ones, iri, told)
    told[iri] += [
        (T.LINKED_TO, node(linking.target)),
        (T.RULE, make_text(linking.rule)),
        (T.CONFIDENCE, make_decimal(linking.score)),
    ]


def _describe_meant(
    predicate: NamedNode, meant: Iterable[Designation], iri: str, told: dict[str, list[_Pair]]
) -> None:
    for number, designation in enumerate(meant, 1):
        place = f"{iri}#{predicate.value.rpartition('#')[2]}-{number}"
        told[iri].append((predicate, node(place)))
        told[place] = list(_describe_designation(designation))


def _describe_review(review: Review, iri: str, told: dict[str, list[_Pair]]) -> None:
    for predicate, statement in (
        (T.STATEMENT, review.statement),
        (T.CORRECTION, review.correction),
    ):
        if statement is not None:
            place = f"{iri}#{predicate.value.rpartition('#')[2]}"
            told[iri].append((predicate, node(place)))
            _describe_statement(statement, place, told)


def _describe_statement(statement: Statement, place: str, told: dict[str, list[_Pair]]) -> None:
    told[place] = [
        (T.TYPE, T.REVIEWED_STATEMENT),
        (T.ARTICLE_ID, make_text(statement.article)),
        (T.START, make_literal(str(statement.span.start), "integer")),
        (T.END, make_literal(str(statement.span.end), "integer")),
        (T.EXACT, make_text(statement.quote)),
        (T.PREDICATE_NAME, make_text(statement.predicate)),
        (T.MODALITY, MODALITIES[statement.modality]),
        (T.SUBJECT_MENTION, node(f"{place}-subject")),
    ]
    told[f"{place}-subject"] = list(_describe_designation(statement.subject))
    object_ = statement.object
    if isinstance(object_, Designation):
        told[place].append((T.OBJECT_MENTION, node(f"{place}-object")))
        told[f"{place}-object"] = list(_describe_designation(object_))
        return
    told[place] += [
        (T.VALUE, make_text(object_.value)),
        (T.DATATYPE, make_text(object_.datatype)),
    ]
    if object_.currency:
        told[place].append((T.CURRENCY, make_text(object_.currency)))
    if object_.text:
        told[place].append((T.TEXT, make_text(object_.text)))


def _describe_designation(designation: Designation) -> Iterator[_Pair]:
    yield T.TYPE, T.DESIGNATION
    yield T.LABEL, make_text(designation.name)
    yield T.CLASS_NAME, make_text(designation.type)
    if designation.article:
        yield T.ARTICLE_ID, make_text(designation.article)
    if designation.start >= 0:
        yield T.START, make_literal(str(designation.start), "integer")
    if designation.exact:
        yield T.IS_EXACT, make_literal("true", "boolean")


class _Reading:
    """What quads say, by subject and predicate."""

    def __init__(self, said: dict[str, dict[NamedNode, list[_Term]]]) -> None:
        self._said = said

    def read(self, iri: str) -> Decision:
        """Return the decision with an IRI."""
        try:
            return Decision(
                number=int(self._text(iri, T.DECISION_NUMBER)),
                by=self._text(self._text(iri, T.ASSOCIATED_WITH), T.LABEL),
                at=self._text(iri, T.ENDED_AT),
                about=self._read_matter(iri),
                note=self._text(iri, T.COMMENT, ""),
            )
        except (LookupError, ValueError) as error:
            raise StoreError(
                f"{iri}: the store holds only a part of this decision: take its quads out of "
                "the graph of decisions, and decide anew"
            ) from error

    def _read_matter(self, iri: str) -> Grouping | Linking | Review:
        verdict = Verdict(self._text(iri, T.VERDICT))
        if verdict is Verdict.LINK:
            return Linking(
                verdict=verdict,
                ones=self._read_designations(iri, T.ONE),
                target=self._text(iri, T.LINKED_TO),
                rule=self._text(iri, T.RULE),
                score=float(self._text(iri, T.CONFIDENCE)),
            )
        if verdict in _GROUPINGS:
            return Grouping(
                verdict=verdict,
                ones=self._read_designations(iri, T.ONE),
                others=self._read_designations(iri, T.OTHER),
                iri=self._text(iri, T.ENTITY, ""),
                name=self._text(iri, T.PREF_LABEL, ""),
                type=self._text(iri, T.CLASS_NAME, ""),
            )
        correction = self._text(iri, T.CORRECTION, "")
        return Review(
            verdict=verdict,
            statement=self._read_statement(self._text(iri, T.STATEMENT)),
            correction=self._read_statement(correction) if correction else None,
        )

    def _read_statement(self, place: str) -> Statement:
        mention = self._text(place, T.OBJECT_MENTION, "")
        object_: Designation | Literal
        if mention:
            object_ = self._read_designation(mention)
        else:
            value, datatype = self._text(place, T.VALUE), self._text(place, T.DATATYPE)
            currency, words = (self._text(place, term, "") for term in (T.CURRENCY, T.TEXT))
            object_ = Literal(value, datatype, currency, words)
        return Statement(
            article=self._text(place, T.ARTICLE_ID),
            span=Span(int(self._text(place, T.START)), int(self._text(place, T.END))),
            quote=self._text(place, T.EXACT),
            subject=self._read_designation(self._text(place, T.SUBJECT_MENTION)),
            predicate=self._text(place, T.PREDICATE_NAME),
            object=object_,
            modality=_STATES[self._said[place][T.MODALITY][0]],
        )

    def _read_designations(self, iri: str, predicate: NamedNode) -> tuple[Designation, ...]:
        places = (term.value for term in self._said[iri].get(predicate, ()))
        return tuple(sorted(map(self._read_designation, places)))

    def _read_designation(self, place: str) -> Designation:
        return Designation(
            name=self._text(place, T.LABEL),
            type=self._text(place, T.CLASS_NAME),
            article=self._text(place, T.ARTICLE_ID, ""),
            start=int(self._text(place, T.START, "-1")),
            exact=self._text(place, T.IS_EXACT, "false") == "true",
        )

    def _text(self, subject: str, predicate: NamedNode, otherwise: str | None = None) -> str:
        """Return what is said in a predicate. Raises LookupError where nothing is."""
        found = self._said.get(subject, {}).get(predicate)
        if found is None and otherwise is not None:
            return otherwise
        return min(term.value for term in self._said[subject][predicate])
