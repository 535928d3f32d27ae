"""Compares the facts of two graphs: stores, or exports that tell of provenance.

told = diff("kg-store", "last-week.nq")
told.added, told.removed, told.changed      facts, by IRI
write_diff(told)                            as lines: + Zoom partnerOf Oracle ...
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.errors import StoreError, UsageError
from kg.model import Fact, Literal
from kg.ontology import Ontology, load_ontology
from kg.rdf import Contents, read_contents
from kg.store import Store, open_store
from kg.vocab import BASE_IRI, KG, RDF, VOID, Minter

__all__ = ["Diff", "diff", "write_diff"]

_TYPE = ox.NamedNode(f"{RDF}type")
_REIFIES = ox.NamedNode(f"{RDF}reifies")
_TERMS = tuple(ox.NamedNode(f"{RDF}{name}") for name in ("subject", "predicate", "object"))
_URI_SPACE = ox.NamedNode(f"{VOID}uriSpace")
_STATEMENTS = frozenset(ox.NamedNode(f"{KG}{name}") for name in ("Fact", "Quarantined"))


@dataclass(frozen=True, slots=True)
class Diff:
    """What came and went between two graphs, each part sorted by IRI.

    `changed` are pairs, before and after, of facts whose evidence, state, time or
    qualifiers differ. `names` are those of the entities of both graphs, by IRI.
    """

    added: tuple[Fact, ...]
    removed: tuple[Fact, ...]
    changed: tuple[tuple[Fact, Fact], ...]
    names: Mapping[str, str]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def diff(
    before: Store | str | Path, after: Store | str | Path, *, ontology: Ontology | None = None
) -> Diff:
    """Return the facts that differ between two stores, folders of stores, or files.

    A file is an export in any syntax of RDF with the profile `full` or `rdf12`. Raises
    StoreError where it cannot be read, UsageError where it tells nothing of facts.
    """
    ontology = ontology or load_ontology()
    old, new = (_read(place, ontology) for place in (before, after))
    was = {fact.iri: fact for fact in old.facts}
    now = {fact.iri: fact for fact in new.facts}
    return Diff(
        added=tuple(fact for fact in new.facts if fact.iri not in was),
        removed=tuple(fact for fact in old.facts if fact.iri not in now),
        changed=tuple(
            (was[fact.iri], fact) for fact in new.facts if fact.iri in was and was[fact.iri] != fact
        ),
        names={entity.iri: entity.name for entity in (*old.entities, *new.entities)},
    )


def write_diff(told: Diff) -> str:
    """Return a line for each fact: `+` came, `-` went, `~` changed, with what is new of it."""
    lines = [f"+ {_describe(fact, told.names)}  {_count(fact)}" for fact in told.added]
    lines += [f"- {_describe(fact, told.names)}  {_count(fact)}" for fact in told.removed]
    for old, new in told.changed:
        state, count = _count(old), _count(new)
        change = f"{state} -> {count}" if state != count else f"{count}, other words or dates"
        lines.append(f"~ {_describe(new, told.names)}  {change}")
    return "".join(f"{line}\n" for line in lines)


def _describe(fact: Fact, names: Mapping[str, str]) -> str:
    if isinstance(fact.object, Literal):
        object_ = f"{fact.object.value} {fact.object.currency}".strip()
    else:
        object_ = names.get(fact.object, fact.object)
    told = f"{names.get(fact.subject, fact.subject)}  {fact.predicate}  {object_}"
    return "".join(c if c.isprintable() else " " for c in told)


def _count(fact: Fact) -> str:
    articles = len({evidence.article for evidence in fact.evidence})
    return f"({fact.modality.value}, {articles} article{'' if articles == 1 else 's'})"


def _read(place: Store | str | Path, ontology: Ontology) -> Contents:
    """Return what a graph says."""
    quads = set(_load(place))
    told = (quad.object for quad in quads if quad.predicate == _URI_SPACE)
    bases = sorted(space.value for space in told if isinstance(space, ox.Literal))
    has_facts = any(q.predicate == _TYPE and q.object in _STATEMENTS for q in quads)
    if quads and not bases and not has_facts:
        raise UsageError(
            f"{place}: tells nothing of the facts and their evidence: export it with the "
            "profile full or rdf12"
        )
    return read_contents(quads, ontology=ontology, minter=Minter(bases[0] if bases else BASE_IRI))


def _load(place: Store | str | Path) -> Iterator[ox.Quad]:
    """Yield the quads of a store or a file, facts told by rdf:Statement terms."""
    if isinstance(place, Store):
        yield from place.quads()
    elif Path(place).is_file():
        yield from _parse(Path(place))
    else:
        with open_store(place, read_only=True) as store:
            yield from store.quads()


def _parse(path: Path) -> Iterator[ox.Quad]:
    syntax = ox.RdfFormat.from_extension(path.suffix[1:].lower())
    if syntax is None:
        raise UsageError(f"{path}: its ending tells no syntax of RDF: name it .nq, .ttl or .jsonld")
    try:
        for quad in ox.parse(path=path, format=syntax):
            yield from _unfold(quad)
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror}") from error
    except SyntaxError as error:
        place = f"{path}:{error.lineno}" if error.lineno else f"{path}"
        raise StoreError(f"{place}: is not valid {syntax.name}: {error.msg}") from error


def _unfold(quad: ox.Quad) -> Iterator[ox.Quad]:
    """Yield a quad, or in place of a triple term the three that say the same without."""
    if quad.predicate != _REIFIES or not isinstance(quad.object, ox.Triple):
        yield quad
        return
    for term, part in zip(_TERMS, quad.object, strict=True):
        yield ox.Quad(quad.subject, term, part, quad.graph_name)
