"""Collects what a document says about its clusters and brings it into canonical form."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from kg.train.datasets.scheme import Scheme
from kg.train.example import LabelledRelation

__all__ = ["RelationTable", "Statement"]

_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Statement:
    """A relation as the data set has it: clusters, a label of the mapping, evidence."""

    subject: int
    label: str
    object: int
    evidence: tuple[_Span, ...] = ()
    modality: str = "asserted"


@dataclass(slots=True)
class RelationTable:
    """Clusters with the types left to them, and the relations they may stand in.

    `types` holds one set a cluster and is narrowed by each relation that admits fewer
    types than the cluster had. `strict` names the predicates that hold only where the
    object is of the right type beyond doubt.
    """

    types: list[frozenset[str]]
    strict: Collection[str] = ()
    scheme: Scheme = field(default_factory=Scheme.load)

    def narrow(self, cluster: int, allowed: Collection[str]) -> None:
        """Leave the cluster those of its types that are allowed, unless none is."""
        self.types[cluster] = (self.types[cluster] & frozenset(allowed)) or self.types[cluster]

    def relate(self, statements: Iterable[Statement]) -> tuple[LabelledRelation, ...]:
        """Return the canonical relations whose arguments fit, each once, sorted."""
        direct = [self._direct(statement) for statement in statements]
        fitting = [s for s in direct if s.label not in self.strict and self._fits(s)]
        for statement in fitting:
            admitted = self.scheme.admitted(statement.label)
            self.narrow(statement.subject, admitted.subject)
            self.narrow(statement.object, admitted.object)
        fitting += [s for s in direct if s.label in self.strict and self._fits(s)]
        return self._merge(fitting)

    def _direct(self, statement: Statement) -> Statement:
        label, turned = self.scheme.direct(statement.label)
        subject, object_ = statement.subject, statement.object
        if turned:
            subject, object_ = object_, subject
        return Statement(subject, label, object_, statement.evidence, statement.modality)

    def _fits(self, statement: Statement) -> bool:
        if statement.subject == statement.object:
            return False
        admitted = self.scheme.admitted(statement.label)
        subject, object_ = self.types[statement.subject], self.types[statement.object]
        if statement.label in self.strict and not object_ <= admitted.object:
            return False
        fits = not admitted.subject or bool(subject & admitted.subject)
        return fits and (not admitted.object or bool(object_ & admitted.object))

    def _merge(self, statements: Iterable[Statement]) -> tuple[LabelledRelation, ...]:
        found: dict[tuple[int, str, int], tuple[set[_Span], str]] = {}
        for s in statements:
            for triple in self.scheme.consequences(s.subject, s.label, s.object):
                spans, _ = found.setdefault(triple, (set(), s.modality))
                spans.update(s.evidence)
        return tuple(
            LabelledRelation(*triple, evidence=tuple(sorted(spans)), modality=modality)
            for triple, (spans, modality) in sorted(found.items())
        )
