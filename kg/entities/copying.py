"""Takes over what people decided about another store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox

from kg.build.register import Register
from kg.decisions import Decision, Grouping
from kg.errors import StoreError, UsageError
from kg.ontology import Ontology
from kg.rdf import read_decisions
from kg.store import Store, open_store
from kg.vocab import VOID

__all__ = ["copy_decisions"]

_URI_SPACE = ox.NamedNode(f"{VOID}uriSpace")


def copy_decisions(
    store: Store, source: str | Path, *, ontology: Ontology | None = None
) -> tuple[Decision, ...]:
    """Keep the decisions of another store, or of an export, and return those that are new.

    An export is a file of N-Quads, TriG or JSON-LD with the profile `full`. They come after
    the store's own, in their order, and keep who decided, when and why; IRIs of entities
    below the base of the source come below that of the store. Raises UsageError where
    the source is neither, StoreError where it cannot be read.
    """
    register = Register(store, ontology=ontology)
    quads = list(_load(source))
    told = (quad.object for quad in quads if quad.predicate == _URI_SPACE)
    bases = {space.value for space in told if isinstance(space, ox.Literal)}
    known = {replace(decision, number=0) for decision in register.decisions}
    found = (
        _rebase(replace(decision, number=0), bases, register.minter.base)
        for decision in read_decisions(quads)
    )
    fresh = [decision for decision in found if decision not in known]
    return register.decide(fresh) if fresh else ()


def _rebase(decision: Decision, bases: Iterable[str], base: str) -> Decision:
    """Return a decision whose entity has the store's own IRI for it."""
    about = decision.about
    if not isinstance(about, Grouping):
        return decision
    for other in sorted(bases):
        if about.iri.startswith(other):
            return replace(decision, about=replace(about, iri=base + about.iri[len(other) :]))
    return decision


def _load(source: str | Path) -> Iterator[ox.Quad]:
    path = Path(source)
    if "://" in str(source) or not path.is_file():
        with open_store(source, read_only=True) as store:
            yield from store.quads()
        return
    syntax = ox.RdfFormat.from_extension(path.suffix[1:].lower())
    if syntax is None or not syntax.supports_datasets:
        raise UsageError(f"{path}: its ending tells no syntax with graphs: .nq, .trig or .jsonld")
    try:
        yield from ox.parse(path=path, format=syntax)
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror}") from error
    except SyntaxError as error:
        raise StoreError(f"{path}: is not valid {syntax.name}: {error.msg}") from error
