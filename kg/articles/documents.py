"""The data of one document: tells its kind, picks its reader, makes a draft of it."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from kg.articles.article import MAX_TEXT, Draft
from kg.articles.html import read_html
from kg.articles.markdown import read_markdown
from kg.articles.metadata import Fields
from kg.articles.pdf import read_pdf
from kg.articles.sources import Source
from kg.articles.text import decode
from kg.errors import EmptySource, OversizeSource, SourceError

__all__ = ["MAX_BYTES", "Document", "find_kind", "join_chunks", "open_document"]

# Bytes of a file before anything is made of it: text in the widest encoding, pages with
# their scripts, documents with their pictures.
MAX_BYTES = {
    "text": 4 * MAX_TEXT,
    "markdown": 4 * MAX_TEXT,
    "html": 10_000_000,
    "pdf": 100_000_000,
}

_PROLOGUE = rb"\s*(?:<\?xml[^>]*>\s*)?"
_OPENINGS = {
    "pdf": re.compile(rb"%PDF-"),
    "warc": re.compile(rb"WARC/"),
    "html": re.compile(_PROLOGUE + rb"<(?:!doctype|html|head|body)\b", re.IGNORECASE),
    "feed": re.compile(
        _PROLOGUE + rb"(?:<!--(?:[^-]|-(?!->))*-->\s*|<\?[^>]*>\s*)*"
        rb"<(?:rss|feed|(?:\w{1,9}:)?RDF|urlset|sitemapindex)\b"
    ),
    "markdown": re.compile(rb"---[ \t]*\r?\n[\w-]+[ \t]*:"),
    "jsonl": re.compile(rb'\s*\{\s*"'),
}
_GZIP = b"\x1f\x8b"
_UNKNOWN = Fields()


@dataclass(frozen=True, slots=True)
class Document:
    """The data of one document, before anything is made of it.

    `source` is what it was found as; `name` and `place` are what its refusals are told by,
    `fields` what is known of it beside what it says itself.
    """

    data: bytes
    source: Source
    kind: str
    name: str
    place: str = ""
    fields: Fields = _UNKNOWN


def find_kind(head: bytes) -> str:
    """Return the kind of data whose name does not tell it, by how it begins."""
    if head.startswith(_GZIP):
        return _look_inside(head)
    bare = head.removeprefix(b"\xef\xbb\xbf")
    return next((kind for kind, opening in _OPENINGS.items() if opening.match(bare)), "text")


def _look_inside(head: bytes) -> str:
    """Return the kind of compressed data."""
    try:
        inner = zlib.decompressobj(wbits=31).decompress(head, 4000)
    except zlib.error:
        inner = b""
    kind = find_kind(inner) if not inner.startswith(_GZIP) else ""
    return f"{kind}.gz" if kind in ("warc", "feed") else "jsonl.gz"


def open_document(document: Document) -> Draft:
    """Return the draft of a document, which holds one article; raise SourceError."""
    try:
        draft = _read_document(document.data, document.source, document.kind)
    except SourceError as error:
        place = document.place or error.place
        raise type(error)(document.name, error.reason, place=place) from error
    return replace(
        draft,
        source=document.name,
        place=document.place or draft.place,
        fields=draft.fields.or_else(document.fields),
    )


def _read_document(data: bytes, source: Source, kind: str) -> Draft:
    if not data.strip():
        raise EmptySource(source.name, "the file is empty")
    named = source if source.id else replace(source, id=f"stdin-{_digest(data)}")
    if kind == "pdf":
        return read_pdf(data, named)
    if kind == "html":
        return read_html(data, named)
    text = decode(data, name=source.name, declared=source.encoding)
    return read_markdown(text, named) if kind == "markdown" else Draft(text, named.id, named.name)


def join_chunks(chunks: Iterable[bytes], source: Source, kind: str) -> bytes:
    """Return the data of a document; raise OversizeSource where it is too large to be one."""
    most = MAX_BYTES[kind]
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
