"""Turns entities, facts and articles into quads, and back.

The shape is described in docs/decisions/0001-fact-nodes.md and 0003-graphs.md: what users
query stands in the default graph, each article's metadata and evidence in a graph that
bears the article's IRI, and what was kept out in the quarantine graph.
"""

from __future__ import annotations

from kg.rdf.reading import ArticleRecord, Contents, read_articles, read_contents
from kg.rdf.turtle import write_turtle
from kg.rdf.writing import SHAPE, Describer

__all__ = [
    "SHAPE",
    "ArticleRecord",
    "Contents",
    "Describer",
    "read_articles",
    "read_contents",
    "write_turtle",
]
