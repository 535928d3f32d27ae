"""The canonical form of relations: which way they read and what they imply."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kg.ontology import Ontology, Predicate, load_ontology

__all__ = ["Arguments", "Scheme", "load_mapping"]

_MAPPINGS = Path(__file__).parent.parent / "mappings"
_VALUE_TYPES = {"date": "Date", "money": "Money", "integer": "Count"}


@cache
def load_mapping(name: str) -> Mapping[str, Any]:
    """Return the mapping file of a data set, such as `redocred`."""
    loaded: Mapping[str, Any] = yaml.safe_load((_MAPPINGS / f"{name}.yaml").read_text("utf-8"))
    return loaded


@dataclass(frozen=True, slots=True)
class Arguments:
    """The types that subject and object of a predicate may have; empty where any may."""

    subject: frozenset[str] = frozenset()
    object: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Scheme:
    """An ontology with the types of examples, which are its classes and four of values.

    `arguments` holds the canonical predicates.
    """

    ontology: Ontology
    arguments: Mapping[str, Arguments]

    @staticmethod
    @cache
    def load(path: Path | None = None) -> Scheme:
        """Return the scheme of an ontology file, or of the bundled one."""
        ontology = load_ontology(path)
        arguments = {
            name: Arguments(_below(ontology, predicate.domain), _range(ontology, predicate))
            for name, predicate in ontology.predicates.items()
            if predicate.canonical
        }
        return Scheme(ontology, arguments)

    def below(self, class_: str) -> frozenset[str]:
        """Return the types that are of a class, or the value type of that name itself."""
        return _below(self.ontology, (class_,)) or frozenset({class_})

    def direct(self, label: str) -> tuple[str, bool]:
        """Return the canonical label and whether its arguments change places.

        `^label` reads backwards, as in a SPARQL property path. A label that is no
        predicate of the ontology is returned as it is.
        """
        turned = label.startswith("^")
        label = label.removeprefix("^")
        predicate = self.ontology.predicates.get(label)
        if predicate and not predicate.canonical:
            return predicate.inverse, not turned
        return label, turned

    def admitted(self, label: str) -> Arguments:
        """Return what the arguments of a label may be: anything where it is not ours."""
        return self.arguments.get(label, Arguments())

    def consequences(
        self, subject: int, label: str, object_: int
    ) -> Iterator[tuple[int, str, int]]:
        """Yield a canonical relation with its mirror image and what it implies."""
        yield subject, label, object_
        predicate = self.ontology.predicates.get(label)
        if predicate is None:
            return
        if predicate.symmetric:
            yield object_, label, subject
        for implied in self.ontology.implied(label):
            yield subject, implied, object_

    def canonical(self, labels: Iterable[str]) -> frozenset[str]:
        """Return the labels, each in canonical direction."""
        return frozenset(self.direct(label)[0] for label in labels)


def _below(ontology: Ontology, classes: Iterable[str]) -> frozenset[str]:
    return frozenset(
        type_
        for type_ in ontology.entity_classes
        if any(ontology.is_a(type_, class_) for class_ in classes)
    )


def _range(ontology: Ontology, predicate: Predicate) -> frozenset[str]:
    if predicate.datatype:
        return frozenset({_VALUE_TYPES.get(predicate.datatype, "Count")})
    return _below(ontology, predicate.range)
