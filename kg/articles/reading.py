"""Reads sources into articles: picks the reader, holds the limits, names every refusal."""

from __future__ import annotations

import hashlib
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import BinaryIO

from kg.articles.article import MAX_TEXT, Draft, accept
from kg.articles.html import read_html
from kg.articles.jsonlines import inflate, read_lines, split_lines
from kg.articles.markdown import read_markdown
from kg.articles.pdf import read_pdf
from kg.articles.sources import OnError, Source, find_sources
from kg.articles.text import decode
from kg.errors import EmptySource, OversizeSource, SourceError, UnreadableSource
from kg.model import Article

__all__ = ["count_articles", "read_articles"]

# Bytes of a file before anything is made of it: text in the widest encoding, pages with
# their scripts, documents with their pictures.
_MAX_BYTES = {
    "text": 4 * MAX_TEXT,
    "markdown": 4 * MAX_TEXT,
    "html": 10_000_000,
    "pdf": 100_000_000,
}
_CHUNK = 1 << 18
_SNIFF = 1 << 16

_HTML = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_FRONT_MATTER = re.compile(rb"---[ \t]*\r?\n[\w-]+[ \t]*:")
_RECORD = re.compile(rb'\s*\{\s*"')


def read_articles(sources: Iterable[str | Source], *, on_error: OnError) -> Iterator[Article]:
    """Yield every article that the sources hold, in their order.

    Each input that is refused is handed to `on_error` once, with the file, the place in
    it and the reason, and costs nothing else. A second article with an id of this run is
    refused when it differs, and passed over when it is the same.
    """
    seen: dict[str, tuple[str, str]] = {}
    for source in find_sources(sources, on_error=on_error):
        for found in _read_source(source):
            try:
                if isinstance(found, SourceError):
                    raise found
                article = accept(found)
                if _is_new(article, found, seen):
                    yield article
            except SourceError as error:
                on_error(error)


def count_articles(sources: Iterable[Source]) -> int:
    """Return how many articles the sources may hold at most, for the total of a progress bar.

    Files of JSON Lines are counted by their lines; nothing is parsed.
    """
    return sum(_count(source) for source in sources)


def _count(source: Source) -> int:
    if source.path is None or not source.kind.startswith("jsonl"):
        return 1
    try:
        with source.path.open("rb") as file:
            chunks = _read_chunks(file)
            lines = split_lines(inflate(chunks) if source.kind == "jsonl.gz" else chunks)
            return sum(line.content is None or bool(line.content.strip()) for line in lines)
    except (OSError, EOFError, OverflowError, zlib.error):
        return 1


def _is_new(article: Article, draft: Draft, seen: dict[str, tuple[str, str]]) -> bool:
    """Remember the article; raise where another of its id has been read."""
    if article.id not in seen:
        where = f"{draft.source}:{draft.place}" if draft.place else draft.source
        seen[article.id] = (article.checksum, where)
        return True
    checksum, where = seen[article.id]
    if checksum != article.checksum:
        reason = f"another article has the id {article.id!r} ({where}): give each its own"
        raise UnreadableSource(draft.source, reason, place=draft.place)
    return False


def _read_source(source: Source) -> Iterator[Draft | SourceError]:
    """Yield what a source holds, refusals as values."""
    try:
        if source.path is None:
            yield from _read_stream(sys.stdin.buffer, source)
        else:
            with source.path.open("rb") as stream:
                yield from _read_stream(stream, source)
    except SourceError as error:
        yield error
    except OSError as error:
        yield UnreadableSource(source.name, f"it cannot be read: {error.strerror or error}")


def _read_stream(stream: BinaryIO, source: Source) -> Iterator[Draft | SourceError]:
    head = stream.read(_SNIFF)
    kind = source.kind or _sniff(head)
    chunks = chain([head], _read_chunks(stream))
    if kind == "jsonl":
        yield from read_lines(chunks, source)
    elif kind == "jsonl.gz":
        yield from read_lines(inflate(chunks), source)
    else:
        yield _read_whole(chunks, source, kind)


def _read_chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def _sniff(head: bytes) -> str:
    """Return the kind of data whose name does not tell it."""
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"\x1f\x8b"):
        return "jsonl.gz"
    bare = head.removeprefix(b"\xef\xbb\xbf")
    if _HTML.match(bare):
        return "html"
    if _FRONT_MATTER.match(bare):
        return "markdown"
    return "jsonl" if _RECORD.match(bare) else "text"


def _read_whole(chunks: Iterable[bytes], source: Source, kind: str) -> Draft:
    """Return the article of a file that holds one."""
    data = _join_chunks(chunks, source, _MAX_BYTES[kind])
    if not data.strip():
        raise EmptySource(source.name, "the file is empty")
    named = source if source.id else replace(source, id=f"stdin-{_digest(data)}")
    if kind == "pdf":
        return read_pdf(data, named)
    if kind == "html":
        return read_html(data, named)
    text = decode(data, name=source.name)
    return read_markdown(text, named) if kind == "markdown" else Draft(text, named.id, source.name)


def _join_chunks(chunks: Iterable[bytes], source: Source, most: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    for chunk in chunks:
        pieces.append(chunk)
        size += len(chunk)
        if size > most:
            reason = f"the file is larger than {most // 1_000_000} MB, too large for an article"
            raise OversizeSource(source.name, reason)
    return b"".join(pieces)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]
