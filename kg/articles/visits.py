"""Reads what stands at web addresses, and what the feeds and sitemaps among them list."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from dataclasses import replace

from kg.articles.addresses import Address
from kg.articles.article import Draft
from kg.articles.documents import Document, find_kind
from kg.articles.jsonlines import inflate
from kg.articles.metadata import Fields
from kg.articles.sources import Source
from kg.articles.streams import read_stream
from kg.articles.text import find_encoding
from kg.articles.web import Page, Visitor
from kg.errors import OversizeSource, SourceError, UnreadableSource, UnsupportedSource

__all__ = ["read_addresses"]

# The readers for types that servers name; data of another type is told by its content.
_TYPES = {
    "application/atom+xml": "feed",
    "application/pdf": "pdf",
    "application/rss+xml": "feed",
    "application/xhtml+xml": "html",
    "text/html": "html",
    "text/markdown": "markdown",
}
_NO_TEXT = ("image/", "audio/", "video/", "font/", "text/css", "text/javascript")

# Sitemaps refer to sitemaps one level deep (sitemaps.org); a page that a feed lists must be
# a page.
_MAX_DEPTH = 1
_LISTED = _MAX_DEPTH + 1


def read_addresses(address: Address, visitor: Visitor) -> Iterator[Draft | Document | SourceError]:
    """Yield what stands at an address, or in what its feed lists; refusals as values.

    Each address is visited once, in the order of the list.
    """
    waiting = [(address, 0)]
    known = {address}
    for place, depth in waiting:
        try:
            page = visitor.fetch(place)
            kind = _find_kind(page)
            if not kind.startswith("feed"):
                yield from _read_page(page, place, kind)
                continue
            listed, refused = _read_list(page, kind, depth)
        except SourceError as error:
            yield error
            continue
        yield from refused
        new = [entry for entry in dict.fromkeys(listed) if entry[0] not in known]
        room = visitor.policy.max_pages + 1 - len(waiting)
        if len(new) > room:
            reason = f"it lists more than {visitor.policy.max_pages} pages: the rest is left out"
            yield OversizeSource(str(place), reason)
        known.update(entry[0] for entry in new)
        waiting += new[:room]


def _read_page(page: Page, asked: Address, kind: str) -> Iterator[Draft | Document | SourceError]:
    """Yield the articles of a page; the id of its only one is the address asked for."""
    name, encoding = str(asked), find_encoding(page.encoding)
    source = Source(name, name, kind, encoding=encoding)
    for found in read_stream(io.BytesIO(page.data), source):
        if isinstance(found, SourceError):
            yield found
        else:
            fields = found.fields.or_else(Fields(url=str(page.address)))
            yield replace(found, fields=fields)


def _find_kind(page: Page) -> str:
    """Return the kind of a page, by its content where its type says little."""
    if page.type.startswith(_NO_TEXT):
        raise UnsupportedSource(str(page.address), f"this is no text but {page.type}")
    found = find_kind(page.data[:4000])
    if found.startswith("feed") or page.type not in _TYPES:
        return found
    return _TYPES[page.type]


def _read_list(
    page: Page, kind: str, depth: int
) -> tuple[list[tuple[Address, int]], tuple[SourceError, ...]]:
    """Return the addresses that a feed or sitemap lists, with their depth, and its refusals."""
    from kg.articles.feeds import read_feed

    if depth > _MAX_DEPTH:
        raise UnsupportedSource(str(page.address), "this is no page but one more list of pages")
    feed = read_feed(_unpack(page) if kind == "feed.gz" else page.data, page.address)
    listed = [(address, depth + 1) for address in feed.sitemaps]
    listed += [(address, _LISTED) for address in feed.pages]
    return listed, feed.refused


def _unpack(page: Page) -> bytes:
    """Return a packed sitemap unpacked, at most the 50 MB that sitemaps.org allows."""
    pieces: list[bytes] = []
    size = 0
    try:
        for piece in inflate([page.data]):
            pieces.append(piece)
            size += len(piece)
            if size > 50_000_000:
                raise OversizeSource(str(page.address), "the sitemap is larger than 50 MB")
    except (zlib.error, EOFError, OverflowError) as error:
        raise UnreadableSource(str(page.address), "the sitemap is broken gzip data") from error
    return b"".join(pieces)
