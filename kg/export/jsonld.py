"""Writes quads as JSON-LD 1.1 (https://www.w3.org/TR/json-ld11/) with the bundled context.

Terms of `ontologies/context.jsonld` stand for IRIs, so that the file reads like plain JSON:
`{"id": "...", "type": ["Company"], "label": "Zoom", "partnerOf": "..."}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pyoxigraph as ox

from kg.errors import ExportError
from kg.resources import bundled
from kg.vocab import PREFIXES, RDF, XSD

__all__ = ["write_jsonld"]

_Object = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

_TYPE = f"{RDF}type"
_STRING = f"{XSD}string"
_LOCAL = re.compile(r"[A-Za-z][\w-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Term:
    """A name of the context: the kind of value that it says by itself, and how many."""

    name: str
    type: str
    is_set: bool


def write_jsonld(quads: Iterable[ox.Quad]) -> bytes:
    """Return quads, which come sorted by graph and subject, as one document.

    Each named graph is one more object of the document with an `@graph` of its own.
    """
    text = bundled("ontologies/context.jsonld").read_text(encoding="utf-8")
    context = json.loads(text)["@context"]
    writer = _Writer(context)
    nodes: list[dict[str, Any]] = []
    for graph, told in groupby(quads, key=lambda quad: quad.graph_name):
        of_graph = [
            writer.write_node(_name(subject), group)
            for subject, group in groupby(told, key=lambda quad: quad.subject)
        ]
        if isinstance(graph, ox.NamedNode):
            nodes.append({"id": graph.value, "@graph": of_graph})
        else:
            nodes += of_graph
    document = {"@context": context, "@graph": nodes}
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


class _Writer:
    """Puts the terms of a context in the place of IRIs."""

    def __init__(self, context: Mapping[str, Any]) -> None:
        self._terms: dict[str, _Term] = {}
        for name, told in context.items():
            if not isinstance(told, str) and not isinstance(told, Mapping):
                continue
            id_ = told if isinstance(told, str) else told["@id"]
            iri = _expand(id_)
            if name in PREFIXES or id_.startswith("@"):
                continue
            options = {} if isinstance(told, str) else told
            is_set = options.get("@container") == "@set"
            self._terms[iri] = _Term(name, _expand(options.get("@type", "")), is_set)

    def write_node(self, subject: str, quads: Iterable[ox.Quad]) -> dict[str, Any]:
        """Return the node object of a subject."""
        node: dict[str, Any] = {"id": subject}
        for predicate, group in groupby(quads, key=lambda quad: quad.predicate.value):
            objects = [quad.object for quad in group]
            if predicate == _TYPE:
                node["type"] = [self._shorten(_name(term)) for term in objects]
            else:
                node |= self._write_property(predicate, objects)
        return node

    def _write_property(self, predicate: str, objects: list[_Object]) -> dict[str, Any]:
        """Return a property with its values, which the term's own kind makes plain."""
        term = self._terms.get(predicate)
        plain = [self._write_plainly(object_, term) for object_ in objects] if term else [None]
        if term is not None and None not in plain:
            return {term.name: plain if term.is_set or len(plain) > 1 else plain[0]}
        values = [_write_value(object_) for object_ in objects]
        return {_shorten(predicate): values if len(values) > 1 else values[0]}

    def _write_plainly(self, object_: _Object, term: _Term) -> str | None:
        """Return the value as the term's kind lets it stand; None where it does not."""
        if isinstance(object_, ox.NamedNode):
            if term.type == "@vocab":
                return self._shorten(object_.value)
            return object_.value if term.type == "@id" else None
        if not isinstance(object_, ox.Literal) or object_.language is not None:
            return None
        kind = "" if object_.datatype.value == _STRING else object_.datatype.value
        return object_.value if kind == term.type else None

    def _shorten(self, iri: str) -> str:
        """Return the term for an IRI that stands where terms are read."""
        return self._terms[iri].name if iri in self._terms else _shorten(iri)


def _write_value(object_: _Object) -> str | dict[str, str]:
    """Return a value that says its kind itself."""
    if not isinstance(object_, ox.Literal):
        return {"@id": _name(object_)}
    if object_.language is not None:
        return {"@value": object_.value, "@language": object_.language}
    if object_.datatype.value == _STRING:
        return object_.value
    return {"@value": object_.value, "@type": object_.datatype.value}


def _name(term: _Object) -> str:
    if isinstance(term, ox.NamedNode):
        return term.value
    if isinstance(term, ox.BlankNode):
        return str(term)
    raise ExportError("JSON-LD cannot hold the triple terms of this graph: take another format")


def _shorten(iri: str) -> str:
    """Return the IRI with a prefix, where it has one."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and _LOCAL.fullmatch(iri, len(namespace)):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri


def _expand(name: str) -> str:
    """Return the IRI for a name with a prefix."""
    prefix, colon, local = name.partition(":")
    return PREFIXES[prefix] + local if colon and prefix in PREFIXES else name
