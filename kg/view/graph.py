"""The graph that a page shows, as frozen data: what lies between the query and the page.

The same data goes into a written page and, by neighbourhood, over the wire from a server.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

__all__ = ["Edge", "Graph", "Node", "Quote", "Source", "keep_since", "keep_top"]


@dataclass(frozen=True, slots=True)
class Node:
    """An entity. `type` is the local name of its most special class, "" for none known."""

    iri: str
    label: str
    type: str
    aliases: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """One evidence of a fact: the words of an article and where they stand in it.

    `article` is the article's IRI, `start` and `end` are half-open character offsets,
    `extractor` names what read the words; `speaker` who says them, "" for the article itself;
    `before` and `after` are words around them, "" where they are not at hand.
    """

    article: str
    text: str
    start: int
    end: int
    confidence: float
    extractor: str = ""
    before: str = ""
    after: str = ""
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A fact between two entities, or between an entity and a value.

    `predicate` is an IRI. `target` is the IRI of an entity; for a value it is "" and
    `value`, `datatype` (an IRI) and `currency` hold. Dates are ISO 8601, "" for open.
    """

    iri: str
    source: str
    predicate: str
    target: str
    quotes: tuple[Quote, ...]
    value: str = ""
    datatype: str = ""
    currency: str = ""
    confidence: float = 1.0
    modality: str = "asserted"
    valid_from: str = ""
    valid_to: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """An article, by what is known of it; `published` is ISO 8601, "" for unknown."""

    iri: str
    title: str
    url: str = ""
    published: str = ""
    publisher: str = ""
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes, edges and articles, each sorted by IRI; every edge's ends are among the nodes."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    sources: tuple[Source, ...]

    def restrict(self, nodes: set[str]) -> Graph:
        """Return the part that lies between these nodes, with the articles it needs."""
        edges = tuple(
            e for e in self.edges if e.source in nodes and (not e.target or e.target in nodes)
        )
        cited = {quote.article for edge in edges for quote in edge.quotes}
        return Graph(
            nodes=tuple(n for n in self.nodes if n.iri in nodes),
            edges=edges,
            sources=tuple(s for s in self.sources if s.iri in cited),
        )


def keep_since(graph: Graph, since: date) -> Graph:
    """Return the facts that an article published on or after the day states.

    Articles without a date, and entities left without a fact, go.
    """
    day = since.isoformat()
    recent = {s.iri for s in graph.sources if s.published[:10] >= day}
    edges = tuple(e for e in graph.edges if any(q.article in recent for q in e.quotes))
    ends = {e.source for e in edges} | {e.target for e in edges if e.target}
    return replace(graph, edges=edges).restrict(ends)


def keep_top(graph: Graph, count: int) -> Graph:
    """Return the entities with the most neighbours, and the facts between them."""
    neighbours: dict[str, set[str]] = {node.iri: set() for node in graph.nodes}
    for edge in graph.edges:
        if edge.target:
            neighbours[edge.source].add(edge.target)
            neighbours[edge.target].add(edge.source)
    ranked = sorted(neighbours, key=lambda iri: (-len(neighbours[iri]), iri))
    return graph.restrict(set(ranked[:count]))
