"""Finds the format, makes the content, writes the file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from functools import partial
from itertools import takewhile
from pathlib import Path

import pyoxigraph as ox

from kg.errors import ExportError, UsageError
from kg.export.network import make_network, write_gexf, write_graphml
from kg.export.profiles import PROFILES, select_quads
from kg.export.tables import write_facts, write_neo4j
from kg.ontology import Ontology, load_ontology
from kg.rdf import Contents, read_contents
from kg.store import Store
from kg.vocab import PREFIXES

__all__ = ["FORMATS", "PROFILES", "export"]

_RDF = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
_RDF_12 = ("turtle", "ntriples", "nquads", "trig")
_FLAT = ("graphml", "gexf", "csv", "neo4j")
_ENDINGS = {
    ".ttl": "turtle", ".nt": "ntriples", ".nq": "nquads", ".trig": "trig", ".jsonld": "jsonld",
    ".rdf": "rdfxml", ".xml": "rdfxml", ".graphml": "graphml", ".gexf": "gexf", ".csv": "csv",
}  # fmt: skip

FORMATS = (*_RDF, *_FLAT)


def export(
    store: Store,
    output: Path | None,
    *,
    format: str | None = None,  # noqa: A002 - as the option
    profile: str = "full",
    ontology: Ontology | None = None,
) -> bytes:
    """Write a store to a file and return what was written, also without a file.

    `format` is one of FORMATS, by default what the ending of the file's name says;
    `profile` one of PROFILES (see `kg.export.profiles.select_quads`), for RDF only. A
    file appears whole or not at all; `neo4j` makes a folder of two files and returns
    nothing. Raises UsageError for a format or profile that is not known or does not fit,
    ExportError when the file cannot be written.
    """
    name = format or _guess(output)
    if name not in FORMATS:
        raise UsageError(f"no format is called {name}: take one of {', '.join(FORMATS)}")
    if profile == "rdf12" and name not in _RDF_12:
        raise UsageError(f"{name} has no triple terms: for rdf12 take {', '.join(_RDF_12)}")
    if name == "neo4j":
        return _write_folder(store, output, ontology or load_ontology())
    content = (
        _write_rdf(store, name, profile)
        if name in _RDF
        else _write_flat(store, name, ontology or load_ontology())
    )
    if output is not None:
        _save(output, content)
    return content


def _guess(output: Path | None) -> str:
    if output is None:
        raise UsageError("say --format, since no file is named whose ending could tell it")
    if output.suffix.lower() not in _ENDINGS:
        known = ", ".join(_ENDINGS)
        raise UsageError(f"{output}: its ending tells no format ({known}): say --format")
    return _ENDINGS[output.suffix.lower()]


def _write_rdf(store: Store, name: str, profile: str) -> bytes:
    """Return the quads of a profile, sorted."""
    syntax = _RDF[name]
    quads = select_quads(store, profile, with_graphs=syntax.supports_datasets)
    ordered = sorted(quads, key=_order)
    told = ordered if syntax.supports_datasets else [quad.triple for quad in ordered]
    # In JSON-LD the prefixes would stand in an order that changes from run to run.
    prefixes = None if syntax == ox.RdfFormat.JSON_LD else PREFIXES
    content = ox.serialize(told, format=syntax, prefixes=prefixes) or b""
    return _sort_prefixes(content) if prefixes else content


def _sort_prefixes(content: bytes) -> bytes:
    """Return RDF with its declarations of prefixes in order: the engine's order is random."""
    if content.startswith(b"<?xml"):
        head, rest = content.split(b"<rdf:RDF ", 1)
        attributes, rest = rest.split(b">", 1)
        return b"%s<rdf:RDF %s>%s" % (head, b" ".join(sorted(attributes.split())), rest)
    lines = content.split(b"\n")
    count = sum(1 for _ in takewhile(lambda line: line.startswith(b"@prefix "), lines))
    # Every statement about another subject begins with an IRI at the start of a line.
    body = b"\n".join(lines[count:]).replace(b" .\n<", b" .\n\n<")
    return b"\n".join([*sorted(lines[:count]), b"", body]) if count else content


def _order(quad: ox.Quad) -> tuple[str, ...]:
    """Return a key that puts the default graph first and the class of a thing before all else."""
    is_type = quad.predicate.value.endswith("#type")
    graph = "" if isinstance(quad.graph_name, ox.DefaultGraph) else str(quad.graph_name)
    predicate = "" if is_type else quad.predicate.value
    return graph, str(quad.subject), predicate, str(quad.object)


def _write_flat(store: Store, name: str, ontology: Ontology) -> bytes:
    contents = read_contents(store.quads(), ontology=ontology)
    writers: dict[str, Callable[[], bytes]] = {
        "csv": partial(write_facts, contents),
        "graphml": lambda: write_graphml(make_network(contents, ontology)),
        "gexf": lambda: write_gexf(make_network(contents, ontology)),
    }
    return writers[name]()


def _write_folder(store: Store, output: Path | None, ontology: Ontology) -> bytes:
    if output is None:
        raise UsageError("neo4j makes a folder of two files: name it with --output")
    contents: Contents = read_contents(store.quads(), ontology=ontology)
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"{output}: cannot be made a folder: {error.strerror}") from error
    for name, content in write_neo4j(contents).items():
        _save(output / name, content)
    return b""


def _save(output: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    try:
        handle, draft = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            Path(draft).chmod(0o644)
            Path(draft).replace(output)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ExportError(f"{output}: cannot be written: {error.strerror}") from error
