"""Writes the graph for other tools: the same bytes every time, whole or not at all.

export(store, Path("graph.ttl"))                          the ending says the format
export(store, None, format="nquads", profile="full")      the bytes, and no file

profiles  which quads are told, and how
rdf       RDF in six syntaxes
jsonld    JSON-LD, with names in place of IRIs
network   GraphML and GEXF
tables    CSV, and the pair of files that Neo4j imports
"""

from __future__ import annotations

from kg.export.exporting import FORMATS, PROFILES, export

__all__ = ["FORMATS", "PROFILES", "export"]
