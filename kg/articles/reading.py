"""Reads sources into articles: picks the reader, holds the limits, names every refusal."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterable, Iterator

from kg.articles.addresses import parse_address
from kg.articles.article import Draft, accept
from kg.articles.documents import Document, open_document
from kg.articles.jsonlines import inflate, split_lines
from kg.articles.sources import OnError, Source, find_sources
from kg.articles.streams import read_chunks, read_stream
from kg.articles.visits import read_addresses
from kg.articles.web import Policy, Visitor
from kg.errors import SourceError, UnreadableSource
from kg.model import Article

__all__ = ["Found", "Make", "count_articles", "make_articles", "read_articles"]

Found = Draft | Document
Make = Callable[[Iterable[Found]], Iterator[tuple[Found, Article | SourceError]]]


def make_articles(found: Iterable[Found]) -> Iterator[tuple[Found, Article | SourceError]]:
    """Yield each thing found with the article made of it, or with why there is none."""
    for item in found:
        try:
            yield item, accept(open_document(item) if isinstance(item, Document) else item)
        except SourceError as error:
            yield item, error


def read_articles(
    sources: Iterable[str | Source],
    *,
    on_error: OnError,
    policy: Policy | None = None,
    make: Make = make_articles,
) -> Iterator[Article]:
    """Yield every article that the sources hold, in their order.

    Each input that is refused is handed to `on_error` once, with the file, the place in
    it and the reason, and costs nothing else. A second article with an id of this run is
    refused when it differs, and passed over when it is the same. Addresses are fetched as
    `policy` allows, and nothing but those that were named, or that a feed or sitemap
    lists that was named. `make` makes the articles, and may do so elsewhere.
    """
    seen: dict[str, tuple[str, str]] = {}
    for found, made in make(_find(sources, on_error, Visitor(policy or Policy()))):
        try:
            if isinstance(made, SourceError):
                raise made
            if _is_new(made, found, seen):
                yield made
        except SourceError as error:
            on_error(error)


def _find(sources: Iterable[str | Source], on_error: OnError, visitor: Visitor) -> Iterator[Found]:
    """Yield what the sources hold."""
    for source in find_sources(sources, on_error=on_error):
        for found in _read_source(source, visitor):
            if isinstance(found, SourceError):
                on_error(found)
            else:
                yield found


def count_articles(sources: Iterable[Source]) -> int:
    """Return how many articles the sources may hold at most, for the total of a progress bar.

    Files of JSON Lines are counted by their lines, web archives and addresses as one;
    nothing is parsed or fetched.
    """
    return sum(_count(source) for source in sources)


def _count(source: Source) -> int:
    if source.path is None or not source.kind.startswith("jsonl"):
        return 1
    try:
        with source.path.open("rb") as file:
            chunks = read_chunks(file)
            lines = split_lines(inflate(chunks) if source.kind == "jsonl.gz" else chunks)
            return sum(line.content is None or bool(line.content.strip()) for line in lines)
    except (OSError, EOFError, OverflowError, zlib.error):
        return 1


def _is_new(article: Article, found: Found, seen: dict[str, tuple[str, str]]) -> bool:
    """Remember the article; raise where another of its id has been read."""
    if article.id not in seen:
        where = f"{found.name}:{found.place}" if found.place else found.name
        seen[article.id] = (article.checksum, where)
        return True
    checksum, where = seen[article.id]
    if checksum != article.checksum:
        reason = f"another article has the id {article.id!r} ({where}): give each its own"
        raise UnreadableSource(found.name, reason, place=found.place)
    return False


def _read_source(source: Source, visitor: Visitor) -> Iterator[Found | SourceError]:
    """Yield what a source holds, refusals as values."""
    try:
        if source.kind == "web":
            yield from read_addresses(parse_address(source.name), visitor)
        elif source.path is None:
            yield from read_stream(sys.stdin.buffer, source)
        else:
            with source.path.open("rb") as stream:
                yield from read_stream(stream, source)
    except SourceError as error:
        yield error
    except OSError as error:
        yield UnreadableSource(source.name, f"it cannot be read: {error.strerror or error}")
