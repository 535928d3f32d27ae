"""Reads web archives (WARC 1.0 and 1.1, ISO 28500), plain or under gzip, offline.

An article is made of every page or PDF file that was answered with 200 (`response`), and of
every document of text among `resource` and `conversion`. Its id and its address are the
address that it was fetched from.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from email.message import Message
from email.parser import HeaderParser
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, BinaryIO, cast

from kg.articles.documents import MAX_BYTES, Document
from kg.articles.jsonlines import inflate
from kg.articles.metadata import Fields
from kg.articles.sources import Source
from kg.articles.text import find_encoding
from kg.errors import OversizeSource, SourceError, UnreadableSource

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["read_warc"]

# The types of documents that hold an article, and their readers.
_PAGES = {"application/pdf": "pdf", "application/xhtml+xml": "html", "text/html": "html"}
_TEXTS = {"text/markdown": "markdown", "text/plain": "text"}

_VERSION = re.compile(rb"WARC/1\.\d\r?\n")
_LENGTH = re.compile(r"\d{1,18}", re.ASCII)
_MAX_LINE = 64_000
_MAX_HEADERS = 200
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class _Record:
    """The headers of a record, and its block; None where it is too large or of no use."""

    headers: Message
    block: bytes | None


def read_warc(chunks: Iterable[bytes], source: Source) -> Iterator[Document | SourceError]:
    """Yield the documents of an archive, refusals as values.

    A document that cannot be read costs itself; a record whose length cannot be told
    costs all that follow it.
    """
    stream = cast("BinaryIO", io.BufferedReader(_Chunks(chunks), _CHUNK))
    number = 0
    try:
        while (record := _read_record(stream)) is not None:
            number += 1
            try:
                yield from _find_document(record, source, f"record {number}")
            except SourceError as error:
                yield error
    except ValueError as error:
        reason = f"the archive is broken: {error}"
        yield UnreadableSource(source.name, reason, place=f"record {number + 1}")


class _Chunks(io.RawIOBase):
    """A stream of the bytes that an iterator yields; ValueError where it is broken gzip."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        try:
            while not self._rest:
                self._rest = next(self._chunks)
        except StopIteration:
            return 0
        except (zlib.error, EOFError) as error:
            raise ValueError(f"bad gzip data ({error or 'cut off'})") from error
        except OverflowError as error:
            raise ValueError("its gzip data grows beyond all reason") from error
        piece, self._rest = self._rest[: len(view)], self._rest[len(view) :]
        view[: len(piece)] = piece
        return len(piece)


def _read_record(stream: BinaryIO) -> _Record | None:
    """Return the next record, None at the end; raise ValueError where none begins."""
    line = stream.readline(_MAX_LINE)
    while line in (b"\r\n", b"\n"):
        line = stream.readline(_MAX_LINE)
    if not line:
        return None
    if not _VERSION.fullmatch(line):
        raise ValueError("no record begins here")
    headers = _read_headers(stream)
    length = _LENGTH.fullmatch((headers.get("Content-Length") or "").strip())
    if not length:
        raise ValueError("the record does not say how long it is")
    size = int(length.group())
    wanted = headers.get("WARC-Type") in ("response", "resource", "conversion")
    if wanted and size <= max(MAX_BYTES.values()):
        block = stream.read(size)
        size -= len(block)
    else:
        block = None
        while size and (piece := stream.read(min(size, _CHUNK))):
            size -= len(piece)
    if size:
        raise ValueError("the record was cut off")
    return _Record(headers, block)


def _read_headers(stream: BinaryIO) -> Message:
    lines: list[bytes] = []
    while (line := stream.readline(_MAX_LINE)) not in (b"\r\n", b"\n"):
        if not line or len(lines) >= _MAX_HEADERS or not line.endswith(b"\n"):
            raise ValueError("the headers of the record have no end")
        lines.append(line)
    return HeaderParser().parsestr(b"".join(lines).decode("utf-8", "replace"))


def _find_document(record: _Record, source: Source, place: str) -> Iterator[Document]:
    """Yield the document of a record, if it is meant to hold one; raise SourceError."""
    kind = record.headers.get("WARC-Type")
    address = (record.headers.get("WARC-Target-URI") or "").strip(" <>\t")
    if kind not in ("response", "resource", "conversion") or not address:
        return
    if record.block is None:
        raise OversizeSource(source.name, f"{address} is too large for an article", place=place)
    answer = _open_response(record.block) if kind == "response" else (record.headers, record.block)
    if answer is None:
        return
    headers, data = answer
    reader = (_PAGES if kind == "response" else _PAGES | _TEXTS).get(headers.get_content_type())
    if not reader or headers.get("Content-Type") is None:
        return
    if len(data) > MAX_BYTES[reader]:
        raise OversizeSource(source.name, f"{address} is too large for an article", place=place)
    encoding = find_encoding(headers.get_content_charset() or "")
    own = replace(source, id=address, encoding=encoding)
    yield Document(data, own, reader, source.name, place, Fields(url=address))


def _open_response(block: bytes) -> tuple[Message, bytes] | None:
    """Return the headers and the unpacked body of an answer with status 200."""
    response = HTTPResponse(_Recorded(block))  # type: ignore[arg-type]  # reads makefile only
    try:
        response.begin()
        if response.status != 200:
            return None
        body = response.read()
        coding = (response.headers.get("Content-Encoding") or "").strip().lower()
        # Crawlers often unpack a body and keep the header that says it is packed.
        if coding in ("gzip", "x-gzip") and body.startswith(b"\x1f\x8b"):
            body = _unpack(body)
    except (HTTPException, OSError, ValueError, zlib.error, EOFError, OverflowError):
        return None
    return response.headers, body


def _unpack(body: bytes) -> bytes:
    pieces: list[bytes] = []
    size = 0
    for piece in inflate([body]):
        size += len(piece)
        if size > max(MAX_BYTES.values()):
            raise OverflowError
        pieces.append(piece)
    return b"".join(pieces)


@dataclass(frozen=True, slots=True)
class _Recorded:
    """The one method of a socket that `http.client` reads an answer by."""

    block: bytes

    def makefile(self, mode: str) -> BinaryIO:  # noqa: ARG002 -- the signature of a socket
        return io.BytesIO(self.block)
