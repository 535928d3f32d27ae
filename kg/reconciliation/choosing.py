"""Chooses which candidate is meant, if any: by class, by the service's word, by the score."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import pyoxigraph as ox

from kg.ontology import Ontology
from kg.reconciliation.candidates import Candidate, Query
from kg.resources import bundled
from kg.vocab import SKOS, fold

__all__ = ["Choice", "choose", "find_class"]

# Services score from 0 to 100, as OpenRefine does; a candidate is chosen by its score alone
# if it has this much, and so much more than the next one.
_SURE, _AHEAD = 95.0, 5.0
_LOCAL = re.compile(r"[^/#:]*$")
_IRI = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20]{1,1000}")


@dataclass(frozen=True, slots=True)
class Choice:
    """The node that is meant, a score between 0 and 1, and the rule by which it was chosen."""

    target: str
    score: float
    rule: str


def choose(
    query: Query, candidates: Sequence[Candidate], *, space: str, ontology: Ontology
) -> Choice | None:
    """Return what is meant by a query, None where no candidate is sure to be.

    A candidate of a class that excludes the query's is none; one of no class that the
    ontology knows has to bear the very name, and the service has to be sure of it. `space` is
    what stands before the id in the IRI of the choice.
    """
    fitting = [c for c in candidates if _fits(c, query.type, ontology) is not False]
    ordered = sorted(fitting, key=lambda c: (-c.match, -c.score, c.id))
    if not ordered:
        return None
    best = ordered[0]
    others = [candidate for candidate in ordered[1:] if candidate.id != best.id]
    if any(candidate.match for candidate in others) and best.match:
        return None
    following = max((candidate.score for candidate in others), default=0.0)
    is_named = fold(best.name) == fold(query.name)
    is_sure = _SURE <= best.score <= 100 and best.score >= following + _AHEAD
    if not (best.match or is_sure):
        return None
    if _fits(best, query.type, ontology) is None and not (best.match and is_named):
        return None
    target = f"{space}{best.id}"
    if not _IRI.fullmatch(target):
        return None
    score = round(min(max(best.score, 0.0), 100.0) / 100, 4)
    return Choice(target, score, "the service is sure" if best.match else "best score by far")


def _fits(candidate: Candidate, type_: str, ontology: Ontology) -> bool | None:
    """Say whether a candidate may be of a class; None where its types tell nothing."""
    classes = {find_class(*told, ontology) for told in candidate.types} - {""}
    if not classes:
        return None
    return any(ontology.is_a(one, type_) or ontology.is_a(type_, one) for one in classes)


def find_class(id_: str, name: str, ontology: Ontology) -> str:
    """Return the class of the ontology that a type of a service is, or nothing."""
    match = _LOCAL.search(id_)
    local = match.group() if match else id_
    known = _list_classes(ontology)
    return known.get(fold(local)) or known.get(fold(name)) or _aligned().get(local, "")


def _list_classes(ontology: Ontology) -> dict[str, str]:
    classes = ontology.classes.values()
    return {fold(form): c.name for c in classes for form in (c.label, c.name) if form}


@cache
def _aligned() -> dict[str, str]:
    """Return the class that each class of Wikidata and schema.org is a match of."""
    return dict(_read_alignments())


def _read_alignments() -> Iterator[tuple[str, str]]:
    matches = {f"{SKOS}closeMatch", f"{SKOS}exactMatch", f"{SKOS}narrowMatch"}
    for quad in ox.parse(path=bundled("ontologies/alignments.ttl"), format=ox.RdfFormat.TURTLE):
        if quad.predicate.value in matches and isinstance(quad.object, ox.NamedNode):
            local = quad.object.value.rpartition("/")[2]
            yield local, str(quad.subject).strip("<>").rpartition("#")[2]
