"""Writes the graph for other tools, whole or not at all, and the same bytes every time.

profiles  which quads are told, and how
rdf       RDF in seven syntaxes
network   GraphML and GEXF
tables    CSV, and the pair of files that Neo4j imports
"""

from __future__ import annotations

from kg.export.exporting import FORMATS, PROFILES, export

__all__ = ["FORMATS", "PROFILES", "export"]
