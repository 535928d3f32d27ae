"""Writes quads in the syntaxes of RDF, sorted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from kg.errors import ExportError
from kg.export.jsonld import write_jsonld
from kg.rdf import write_turtle

__all__ = ["RDF", "RDF_12", "has_graphs", "write_rdf"]

RDF = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}

# The syntaxes in which triple terms can be written (RDF 1.2).
RDF_12 = ("turtle", "ntriples", "nquads", "trig")

# What XML 1.0, section 2.2, has no way to write.
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_XML_NAME = re.compile(r".*[^\w.-]([^\W\d][\w.-]*)")


def has_graphs(name: str) -> bool:
    """Say whether a syntax can tell named graphs apart."""
    return RDF[name].supports_datasets


def write_rdf(quads: Iterable[ox.Quad], name: str, *, prefixes: Mapping[str, str]) -> bytes:
    """Return quads in a syntax; where it has no graphs, without them.

    The lines of N-Triples and N-Quads are sorted by their text; elsewhere subjects are
    sorted, with the classes of each before all else. In RDF/XML a character that XML cannot hold
    becomes U+FFFD; raises ExportError for a predicate that XML cannot name.
    """
    if not has_graphs(name):
        quads = {ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads}
    if name in ("ntriples", "nquads"):
        lines = ox.serialize(quads, format=RDF[name]) or b""
        return b"".join(sorted(set(lines.splitlines(keepends=True))))
    if name in ("turtle", "trig"):
        return write_turtle(quads, prefixes=prefixes)
    ordered = sorted(quads, key=_order)
    if name == "jsonld":
        return write_jsonld(ordered)
    triples = (_fit_xml(quad.triple) for quad in ordered)
    return ox.serialize(triples, format=RDF[name], prefixes=dict(sorted(prefixes.items()))) or b""


def _order(quad: ox.Quad) -> tuple[str, ...]:
    """Return a key that puts the default graph first and the classes of a thing before all else."""
    is_type = quad.predicate.value.endswith("#type")
    graph = "" if isinstance(quad.graph_name, ox.DefaultGraph) else str(quad.graph_name)
    predicate = "" if is_type else quad.predicate.value
    return graph, str(quad.subject), predicate, str(quad.object)


def _fit_xml(triple: ox.Triple) -> ox.Triple:
    """Return the triple as XML can hold it."""
    if not _XML_NAME.fullmatch(triple.predicate.value):
        raise ExportError(
            f"RDF/XML cannot name the predicate <{triple.predicate.value}>: take another format"
        )
    object_ = triple.object
    if not isinstance(object_, ox.Literal) or not _NO_XML.search(object_.value):
        return triple
    text = _NO_XML.sub("\ufffd", object_.value)
    if object_.language is not None:
        fitting = ox.Literal(text, language=object_.language)
    else:
        fitting = ox.Literal(text, datatype=object_.datatype)
    return ox.Triple(triple.subject, triple.predicate, fitting)
