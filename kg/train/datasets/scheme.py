"""The canonical form of relations: which way they read and what they imply."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

__all__ = ["Predicate", "Scheme", "load_mapping"]

_MAPPINGS = Path(__file__).parent.parent / "mappings"
_OPEN = frozenset[str]()


@cache
def load_mapping(name: str) -> Mapping[str, Any]:
    """Return the mapping file of a data set, such as `redocred`."""
    loaded: Mapping[str, Any] = yaml.safe_load((_MAPPINGS / f"{name}.yaml").read_text("utf-8"))
    return loaded


@dataclass(frozen=True, slots=True)
class Predicate:
    """A predicate in canonical direction with the types its arguments may have."""

    name: str
    subject: frozenset[str]
    object: frozenset[str]
    symmetric: bool = False
    implies: str = ""


@dataclass(frozen=True, slots=True)
class Scheme:
    """The predicates by name, and the canonical name of every inverse."""

    predicates: Mapping[str, Predicate]
    inverses: Mapping[str, str]
    classes: Mapping[str, frozenset[str]]

    @staticmethod
    @cache
    def load() -> Scheme:
        """Return the scheme of the bundled ontology."""
        raw = load_mapping("scheme")
        classes = {name: frozenset(below) for name, below in raw["classes"].items()}
        predicates = {
            name: Predicate(
                name,
                classes[p["domain"]],
                classes[p["range"]],
                p.get("symmetric", False),
                p.get("implies", ""),
            )
            for name, p in raw["predicates"].items()
        }
        inverses = {p["inverse"]: n for n, p in raw["predicates"].items() if "inverse" in p}
        return Scheme(predicates, inverses, classes)

    def direct(self, label: str) -> tuple[str, bool]:
        """Return the canonical label and whether its arguments change places.

        `^label` reads backwards, as in a SPARQL property path. A label that is no
        predicate of the ontology is returned as it is.
        """
        turned = label.startswith("^")
        label = label.removeprefix("^")
        if label in self.inverses:
            return self.inverses[label], not turned
        return label, turned

    def arguments(self, label: str) -> tuple[frozenset[str], frozenset[str]]:
        """Return the types that subject and object may have; empty sets where any may."""
        predicate = self.predicates.get(label)
        return (predicate.subject, predicate.object) if predicate else (_OPEN, _OPEN)

    def consequences(
        self, subject: int, label: str, object_: int
    ) -> Iterator[tuple[int, str, int]]:
        """Yield a canonical relation with its mirror image and what it implies."""
        yield subject, label, object_
        predicate = self.predicates.get(label)
        if predicate and predicate.symmetric:
            yield object_, label, subject
        if predicate and predicate.implies:
            yield subject, predicate.implies, object_

    def closed(self, labels: Iterable[str]) -> frozenset[str]:
        """Return the canonical labels of the given ones."""
        return frozenset(self.direct(label)[0] for label in labels)
