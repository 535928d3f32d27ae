"""The page: one HTML file to look at, search and follow the graph with, down to its sentences.

    store -> reader, context -> Graph -> layout, network -> page

`Graph` is the seam: `read_graph` and `read_neighbourhood` make it, `render_graph` writes it
as a page, `graph_data` as JSON for a page that a server feeds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kg.errors import UsageError
from kg.files import save
from kg.ontology import Ontology, load_ontology
from kg.store import Store
from kg.view.context import add_context
from kg.view.graph import Edge, Graph, Node, Quote, Source, keep_since, keep_top
from kg.view.page import graph_data, render_graph
from kg.view.reader import find_entities, read_graph, read_neighbourhood

__all__ = [
    "Edge",
    "Graph",
    "Node",
    "PageReport",
    "Quote",
    "Source",
    "find_entities",
    "graph_data",
    "read_graph",
    "read_neighbourhood",
    "render_graph",
    "render_page",
    "select_graph",
    "write_page",
]


@dataclass(frozen=True, slots=True)
class PageReport:
    """Where a page was written, and how many entities, facts and articles it shows."""

    path: Path
    entities: int
    facts: int
    articles: int


def select_graph(
    store: Store,
    *,
    ontology: Ontology | None = None,
    focus: str | None = None,
    hops: int = 1,
    top: int | None = None,
    since: date | None = None,
) -> Graph:
    """Return the part of a store that was asked for, all of it unless told otherwise.

    `focus` is the name or IRI of an entity, around which `hops` facts in every direction
    are followed; `since` keeps facts stated by an article of that day or later; then `top`
    keeps the entities with the most neighbours. Raises UsageError when nothing has the
    name or a number is below one.
    """
    for name, number in (("hops", hops), ("top", top)):
        if number is not None and number < 1:
            raise UsageError(f"{name} is {number}: it must be at least 1")
    ontology = ontology or load_ontology()
    if focus is None:
        graph = read_graph(store, ontology)
    else:
        graph = read_neighbourhood(store, ontology, find_entities(store, focus), hops=hops)
    graph = keep_since(graph, since) if since else graph
    return add_context(store, keep_top(graph, top) if top else graph)


def render_page(
    store: Store,
    *,
    title: str = "",
    ontology: Ontology | None = None,
    focus: str | None = None,
    hops: int = 1,
    top: int | None = None,
    since: date | None = None,
) -> str:
    """Return the page of a store, or of the part that `select_graph` describes."""
    ontology = ontology or load_ontology()
    graph = select_graph(store, ontology=ontology, focus=focus, hops=hops, top=top, since=since)
    return render_graph(graph, ontology, title=title or focus or "")


def write_page(
    store: Store,
    output: Path,
    *,
    title: str = "",
    ontology: Ontology | None = None,
    focus: str | None = None,
    hops: int = 1,
    top: int | None = None,
    since: date | None = None,
) -> PageReport:
    """Write the page of a store and return what it shows; the file appears whole or not at all.

    Takes what `render_page` takes. Raises ExportError when the file cannot be written.
    """
    ontology = ontology or load_ontology()
    graph = select_graph(store, ontology=ontology, focus=focus, hops=hops, top=top, since=since)
    page = render_graph(graph, ontology, title=title or focus or "")
    save({output: page.encode()})
    return PageReport(output, len(graph.nodes), len(graph.edges), len(graph.sources))
