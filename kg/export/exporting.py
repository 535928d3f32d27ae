"""Finds the format, makes the content, writes the files."""

from __future__ import annotations

from pathlib import Path

from kg.errors import ExportError, UsageError
from kg.export.network import make_network, write_gexf, write_graphml
from kg.export.profiles import PROFILES, select_quads
from kg.export.rdf import RDF, RDF_12, has_graphs, write_rdf
from kg.export.tables import write_entities, write_facts, write_nodes, write_relationships
from kg.files import save
from kg.ontology import Ontology, load_ontology
from kg.rdf import Contents, read_contents
from kg.store import Store
from kg.vocab import BASE_IRI, NANOPUB, PREFIXES, Minter

__all__ = ["FORMATS", "PROFILES", "export"]

FORMATS = (*RDF, "graphml", "gexf", "csv", "neo4j")

_ENDINGS = {
    ".ttl": "turtle", ".nt": "ntriples", ".nq": "nquads", ".trig": "trig", ".jsonld": "jsonld",
    ".rdf": "rdfxml", ".xml": "rdfxml", ".graphml": "graphml", ".gexf": "gexf", ".csv": "csv",
}  # fmt: skip


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
    `profile` one of PROFILES (see `kg.export.profiles.select_quads`), for RDF only. Files
    appear whole or not at all. Two formats make two: `csv` the facts, and beside
    `graph.csv` the entities in `graph.entities.csv`; `neo4j` a folder of `nodes.csv` and
    `relationships.csv`. The first one is returned. Raises UsageError for a format or
    profile that is not known or does not fit, ExportError when a file cannot be written
    or the format cannot hold the graph.
    """
    name = format or _guess(output)
    _check(name, profile)
    if name in RDF:
        quads = select_quads(store, profile, with_graphs=has_graphs(name))
        prefixes = PREFIXES | Minter(store.base or BASE_IRI).prefixes | {"np": NANOPUB}
        contents = {"": write_rdf(quads, name, prefixes=prefixes)}
    else:
        ontology = ontology or load_ontology()
        minter = Minter(store.base or BASE_IRI)
        found = read_contents(store.quads(), ontology=ontology, minter=minter)
        contents = _write_flat(found, name, ontology)
    if output is not None:
        if name == "neo4j":
            _make_folder(output)
        save({_place(output, part): content for part, content in contents.items()})
    return next(iter(contents.values()))


def _check(name: str, profile: str) -> None:
    """Raise UsageError unless format and profile are known and fit."""
    if name not in FORMATS:
        raise UsageError(f"no format is called {name}: take one of {', '.join(FORMATS)}")
    if profile not in PROFILES:
        raise UsageError(f"no profile is called {profile}: take one of {', '.join(PROFILES)}")
    if profile == "rdf12" and name not in RDF_12:
        raise UsageError(f"{name} has no triple terms: for rdf12 take {', '.join(RDF_12)}")
    if profile == "nanopub" and (name not in RDF or not has_graphs(name)):
        known = ", ".join(format_ for format_ in RDF if has_graphs(format_))
        raise UsageError(f"{name} has no named graphs: for nanopub take {known}")


def _guess(output: Path | None) -> str:
    """Return the format that the ending of a file's name says."""
    if output is None:
        raise UsageError("say --format, since no file is named whose ending could tell it")
    if output.suffix.lower() not in _ENDINGS:
        known = ", ".join(_ENDINGS)
        raise UsageError(f"{output}: its ending tells no format ({known}): say --format")
    return _ENDINGS[output.suffix.lower()]


def _write_flat(contents: Contents, name: str, ontology: Ontology) -> dict[str, bytes]:
    """Return what each file of a format that is no RDF holds, by the last part of its name."""
    match name:
        case "csv":
            return {"": write_facts(contents), ".entities": write_entities(contents)}
        case "neo4j":
            return {
                "nodes.csv": write_nodes(contents),
                "relationships.csv": write_relationships(contents),
            }
        case "gexf":
            return {"": write_gexf(make_network(contents, ontology))}
        case _:
            return {"": write_graphml(make_network(contents, ontology))}


def _place(output: Path, part: str) -> Path:
    """Return where a part goes: the output, a file beside it, or one in its folder."""
    if not part.startswith("."):
        return output / part if part else output
    return output.with_name(f"{output.stem}{part}{output.suffix}")


def _make_folder(output: Path) -> None:
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"{output}: cannot be made a folder: {error.strerror}") from error
