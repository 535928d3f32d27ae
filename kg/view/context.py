"""Finds the words around each quote, in the articles that a store keeps beside its graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache

from kg.cache import ExtractionCache
from kg.model import Article
from kg.store import Store
from kg.view.graph import Edge, Graph, Quote

__all__ = ["add_context"]

_REACH = 180  # characters on either side of a quote
_MOST = 6_000  # quotes: with more of them the page would double in size

_KEYS = "SELECT ?article ?key { GRAPH ?article { ?article kg:extraction ?key } }"


def add_context(store: Store, graph: Graph) -> Graph:
    """Return the graph with the words before and after each quote.

    A quote stays without them where its article's text is not kept here (as for a store in
    memory), or where the graph holds more than some thousands of quotes.
    """
    quotes = sum(len(edge.quotes) for edge in graph.edges)
    if store.beside is None or quotes > _MOST:
        return graph
    cache = ExtractionCache(store.beside / "extractions")
    keys = {s["article"].value: s["key"].value for s in store.select(_KEYS)}

    @lru_cache(maxsize=512)
    def find_article(iri: str) -> Article | None:
        kept = cache.get(keys.get(iri, ""))
        return kept.article if kept else None

    return replace(graph, edges=tuple(_widen_edges(graph, find_article)))


def _widen_edges(graph: Graph, find_article: Callable[[str], Article | None]) -> Iterator[Edge]:
    for edge in graph.edges:
        quotes = tuple(_widen(quote, find_article(quote.article)) for quote in edge.quotes)
        yield replace(edge, quotes=quotes)


def _widen(quote: Quote, article: Article | None) -> Quote:
    """Return a quote with the words around it that belong to the article, not to its page."""
    if article is None or article.text[quote.start : quote.end] != quote.text:
        return quote
    earlier = [span.end for span in article.furniture if span.end <= quote.start]
    later = [span.start for span in article.furniture if span.start >= quote.end]
    start = max([quote.start - _REACH, 0, *earlier])
    end = min([quote.end + _REACH, len(article.text), *later])
    before = article.text[start : quote.start].split()
    after = article.text[quote.end : end].split()
    if start == quote.start - _REACH:
        before[:1] = ["\N{HORIZONTAL ELLIPSIS}"]
    if end == quote.end + _REACH:
        after[-1:] = ["\N{HORIZONTAL ELLIPSIS}"]
    return replace(quote, before=" ".join(before), after=" ".join(after))
