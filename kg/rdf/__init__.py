"""Turns entities, facts and articles into quads, and back.

The shape is described in docs/decisions/0001-fact-nodes.md and 0003-graphs.md: what users
query stands in the default graph, each article's metadata and evidence in a graph that
bears the article's IRI, what was kept out in the quarantine graph, and what people decided
in the graph of decisions (0007-decisions.md).
"""

from __future__ import annotations

from kg.rdf.decisions import describe_agent, describe_decision, read_decisions
from kg.rdf.reading import ArticleRecord, Contents, read_articles, read_contents
from kg.rdf.turtle import write_turtle
from kg.rdf.writing import SHAPE, Describer

__all__ = [
    "SHAPE",
    "ArticleRecord",
    "Contents",
    "Describer",
    "describe_agent",
    "describe_decision",
    "read_articles",
    "read_contents",
    "read_decisions",
    "write_turtle",
]
