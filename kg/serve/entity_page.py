"""The page of an entity: its names, its facts, and the sentences that state them."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from kg.ontology import Ontology
from kg.serve.markup import Markup, external_link, join, name, tag
from kg.serve.messages import Problem, Response
from kg.serve.pages import make_page
from kg.serve.paths import link_resource, write_value
from kg.serve.service import Service
from kg.view import Edge, Graph, Node, Quote, read_neighbourhood

__all__ = ["show_entity"]

# So many facts are shown, the surest first; the rest can be asked for by SPARQL.
_SHOWN_FACTS = 500
# So many sentences of a fact are shown; the rest is counted.
_SHOWN_QUOTES = 3


def show_entity(service: Service, iri: str, links: tuple[str, ...]) -> Response:
    """Answer with the page of an entity. Raises Problem where the graph has none such."""
    with service.engine.open() as store:
        graph = read_neighbourhood(store, service.ontology, [iri], hops=1, most=_SHOWN_FACTS + 1)
    node = next((n for n in graph.nodes if n.iri == iri), None)
    if node is None or not (node.type or graph.edges):
        raise Problem(404, "Not found", "the graph has no such entity")
    page = _Page(service.base_iri, service.ontology, graph, node)
    return make_page(node.label, page.write(), links=links)


class _Page:
    """One page under way."""

    def __init__(self, base_iri: str, ontology: Ontology, graph: Graph, node: Node) -> None:
        self._base_iri = base_iri
        self._predicates = {p.iri: p for p in ontology.predicates.values()}
        self._class = ontology.classes.get(node.type)
        self._nodes = {n.iri: n for n in graph.nodes}
        self._sources = {s.iri: s for s in graph.sources}
        self._edges = graph.edges
        self._node = node

    def write(self) -> Markup:
        """Return the whole of it."""
        return tag("article", self._write_head(), *self._write_facts())

    def _write_head(self) -> Markup:
        node = self._node
        kind = self._class.label if self._class else node.type
        about = [tag("p", kind, class_="kind"), tag("h1", name(node.label))]
        if node.aliases:
            names = join((name(alias) for alias in node.aliases), ", ")
            about.append(tag("p", "also called ", names))
        if node.links:
            known = join((external_link(link) for link in node.links), ", ")
            about.append(tag("p", "the same as ", known))
        path = f"/explore?focus={quote(node.iri, safe='')}"
        about.append(tag("p", tag("a", "See it in the graph", href=path)))
        return tag("header", *about)

    def _write_facts(self) -> Iterable[Markup]:
        groups: dict[tuple[str, bool], list[Edge]] = {}
        for edge in sorted(self._edges, key=lambda e: -e.confidence)[:_SHOWN_FACTS]:
            known = self._predicates.get(edge.predicate)
            inward = edge.source != self._node.iri and not (known and known.symmetric)
            groups.setdefault((edge.predicate, inward), []).append(edge)
        for (predicate, inward), edges in groups.items():
            facts = tag("ul", *map(self._write_fact, edges), class_="facts")
            yield tag("section", tag("h2", self._label(predicate, inward=inward)), facts)
        if len(self._edges) > _SHOWN_FACTS:
            yield tag("p", f"These are the {_SHOWN_FACTS} surest facts; there are more.")
        if not groups:
            yield tag("p", "The graph states no fact about it.")

    def _label(self, predicate: str, *, inward: bool) -> str:
        """Return a predicate in words, as seen from this entity.

        What points at it and has no name in that direction is told of the others.
        """
        known = self._predicates.get(predicate)
        label = known.label if known else predicate
        if not inward:
            return label
        inverse = next(
            (p.label for p in self._predicates.values() if known and p.name == known.inverse), ""
        )
        return inverse or f"{label} {self._node.label}"

    def _write_fact(self, edge: Edge) -> Markup:
        other = edge.target if edge.source == self._node.iri else edge.source
        if other:
            label = self._nodes[other].label if other in self._nodes else other
            shown = link_resource(self._base_iri, other, label)
        else:
            shown = name(write_value(edge.value, edge.currency))
        notes = [edge.modality] if edge.modality != "asserted" else []
        notes += [f"from {edge.valid_from}"] if edge.valid_from else []
        notes += [f"to {edge.valid_to}"] if edge.valid_to else []
        notes.append(f"confidence {edge.confidence:.2f}")
        head = tag("p", tag("strong", shown), " ", tag("small", ", ".join(notes)))
        quotes = map(self._write_quote, edge.quotes[:_SHOWN_QUOTES])
        rest = len(edge.quotes) - _SHOWN_QUOTES
        more = tag("p", f"and {rest} more", class_="muted") if rest > 0 else Markup()
        return tag("li", head, *quotes, more, id=edge.iri.rpartition("/")[2])

    def _write_quote(self, quoted: Quote) -> Markup:
        source = self._sources.get(quoted.article)
        title = source.title if source else quoted.article
        about = [link_resource(self._base_iri, quoted.article, title, place=f"c{quoted.start}")]
        if source:
            about += [Markup(text) for text in _tell(source.publisher, source.published)]
        cited = tag("figcaption", join(about, ", "))
        return tag("figure", tag("blockquote", name(quoted.text)), cited)


def _tell(*texts: str) -> Iterable[str]:
    return (tag("span", text) for text in texts if text)
