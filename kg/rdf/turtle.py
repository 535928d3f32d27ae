"""Writes quads as Turtle and TriG that people can read, the same bytes every time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import groupby

import pyoxigraph as ox

from kg.vocab import RDF, XSD

__all__ = ["write_turtle"]

_Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | ox.DefaultGraph

# The part of an IRI that stands behind a prefix as it is, but for `#`, which takes a `\`:
# much less than PN_LOCAL (https://www.w3.org/TR/turtle/#sec-grammar), so that every parser
# reads it.
_LOCAL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_#-]*[A-Za-z0-9])?", re.ASCII)
_PLAIN = {
    f"{XSD}integer": re.compile(r"[+-]?\d+", re.ASCII),
    f"{XSD}decimal": re.compile(r"[+-]?\d*\.\d+", re.ASCII),
    f"{XSD}boolean": re.compile(r"true|false"),
}


def write_turtle(quads: Iterable[ox.Quad], *, prefixes: Mapping[str, str]) -> bytes:
    """Return quads as Turtle, or as TriG where some are in named graphs.

    The default graph comes first; graphs, subjects, predicates and objects are sorted, the
    classes of a subject before all else it says. Each quad is written once, and the
    prefixes are declared that are used. A triple term makes it RDF 1.2.
    """
    writer = _Writer(prefixes)
    body = "".join(writer.write(quads))
    head = (f"@prefix {name}: <{prefixes[name]}> .\n" for name in sorted(writer.used))
    return f"{''.join(head)}{body}".encode()


class _Writer:
    """Writes terms short; `used` are the prefixes that it took."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.used: set[str] = set()
        self._longest = sorted(prefixes.items(), key=lambda item: (-len(item[1]), item[0]))
        self._shorten = lru_cache(maxsize=65536)(self._find_short)

    def write(self, quads: Iterable[ox.Quad]) -> Iterator[str]:
        """Yield the parts of the document that follow the prefixes."""
        ordered = sorted(set(quads), key=_order)
        for graph, told in groupby(ordered, key=lambda quad: quad.graph_name):
            if isinstance(graph, ox.DefaultGraph):
                yield from self._write_graph(told, "")
            else:
                yield f"\n{self._write_term(graph)} {{\n"
                yield from self._write_graph(told, "    ")
                yield "}\n"

    def _write_graph(self, quads: Iterable[ox.Quad], indent: str) -> Iterator[str]:
        for subject, told in groupby(quads, key=lambda quad: quad.subject):
            statements = [
                f"{'a' if predicate.value == f'{RDF}type' else self._write_term(predicate)} "
                + " , ".join(self._write_term(quad.object) for quad in group)
                for predicate, group in groupby(told, key=lambda quad: quad.predicate)
            ]
            body = f" ;\n{indent}    ".join(statements)
            yield f"\n{indent}{self._write_term(subject)} {body} .\n"

    def _write_term(self, term: _Term) -> str:
        if isinstance(term, ox.NamedNode):
            return self._shorten(term.value)
        if isinstance(term, ox.Triple):
            parts = map(self._write_term, (term.subject, term.predicate, term.object))
            return f"<<( {' '.join(parts)} )>>"
        if isinstance(term, ox.Literal) and term.language is None:
            return self._write_value(term)
        return str(term)

    def _write_value(self, literal: ox.Literal) -> str:
        """Return a literal with its datatype, unless that shows."""
        datatype = literal.datatype.value
        if datatype == f"{XSD}string":
            return str(literal)
        if datatype in _PLAIN and _PLAIN[datatype].fullmatch(literal.value):
            return literal.value
        return f"{ox.Literal(literal.value)}^^{self._shorten(datatype)}"

    def _find_short(self, iri: str) -> str:
        for name, namespace in self._longest:
            if iri.startswith(namespace) and _LOCAL.fullmatch(iri, len(namespace)):
                self.used.add(name)
                local = iri[len(namespace) :].replace("#", "\\#")
                return f"{name}:{local}"
        return f"<{iri}>"


def _order(quad: ox.Quad) -> tuple[str, ...]:
    graph = "" if isinstance(quad.graph_name, ox.DefaultGraph) else str(quad.graph_name)
    predicate = "" if quad.predicate.value == f"{RDF}type" else quad.predicate.value
    return graph, str(quad.subject).rstrip(">"), predicate, str(quad.object)
