"""Finds what a stream of bytes holds, by the kind of file that it is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from kg.articles.article import Draft
from kg.articles.documents import Document, find_kind, join_chunks
from kg.articles.jsonlines import inflate, read_lines
from kg.articles.sources import Source
from kg.articles.warc import read_warc
from kg.errors import SourceError, UnsupportedSource

__all__ = ["read_chunks", "read_stream"]

_CHUNK = 1 << 18
_SNIFF = 1 << 16


def read_stream(stream: BinaryIO, source: Source) -> Iterator[Draft | Document | SourceError]:
    """Yield the drafts and documents of a stream, refusals of its parts as values.

    Its kind is that of the source or, where that has none, told by the first bytes. Raises
    SourceError where the stream as a whole is refused.
    """
    head = stream.read(_SNIFF)
    kind = source.kind or find_kind(head)
    chunks: Iterator[bytes] = chain([head], read_chunks(stream))
    if kind.endswith(".gz"):
        chunks = inflate(chunks)
    if kind.startswith("jsonl"):
        yield from read_lines(chunks, source)
    elif kind.startswith("warc"):
        yield from read_warc(chunks, source)
    elif kind.startswith("feed"):
        reason = "this is a feed or sitemap: give its address, to have fetched what it lists"
        raise UnsupportedSource(source.name, reason)
    else:
        yield Document(join_chunks(chunks, source, kind), source, kind, source.name)


def read_chunks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield what a stream holds, in pieces of any length."""
    while chunk := stream.read(_CHUNK):
        yield chunk
