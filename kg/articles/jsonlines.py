"""Reads JSON Lines, plain or under gzip: one article a line, each fault costs its line.

    {"id", "text", "title", "url", "published", "author" or "authors", "publisher", "language"}

Only `text` must be there, and is taken as it stands. A record without `id` is named by its
`url`, or by the file and the SHA-256 of its text, so that its place in the file is free.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kg.articles.article import MAX_TEXT, Draft
from kg.articles.metadata import read_fields
from kg.articles.sources import Source
from kg.errors import EmptySource, OversizeSource, SourceError, UnreadableSource

__all__ = ["MAX_LINE", "inflate", "read_lines", "split_lines"]

# Bytes in a line: every character of the longest text escaped, and as much again beside.
MAX_LINE = 7 * MAX_TEXT

# Text shrinks under gzip to a third or a tenth; what grows more than this, once it is
# past the first bytes, is made to fill the memory.
_MAX_GROWTH = 250
_FREE_GROWTH = 2 * MAX_LINE

_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with its number, counted from 1; without content where it is too long."""

    number: int
    content: bytes | None


def read_lines(chunks: Iterable[bytes], source: Source) -> Iterator[Draft | SourceError]:
    """Yield the article of each line, or why it holds none; blank lines are passed over."""
    try:
        for line in split_lines(chunks):
            place = f"line {line.number}"
            try:
                if line.content is None:
                    reason = f"the line is longer than {MAX_LINE:,} bytes"
                    raise OversizeSource(source.name, reason, place=place)
                if line.content.strip():
                    yield _read_line(line.content, source, place)
            except SourceError as error:
                yield error
    except zlib.error as error:
        yield UnreadableSource(source.name, f"the gzip data is broken: {error}")
    except EOFError:
        yield UnreadableSource(source.name, "the gzip data ends too early: the file was cut off")
    except OverflowError:
        reason = f"the gzip data grows more than {_MAX_GROWTH} times: this is no text"
        yield OversizeSource(source.name, reason)


def split_lines(chunks: Iterable[bytes]) -> Iterator[_Line]:
    """Yield the lines of a stream of bytes, holding no more than the longest one allowed."""
    number, pieces, size = 1, list[bytes](), 0
    for chunk in chunks:
        *whole, rest = chunk.split(b"\n")
        for part in whole:
            fits = size + len(part) <= MAX_LINE
            yield _Line(number, b"".join([*pieces, part]) if fits else None)
            number, pieces, size = number + 1, [], 0
        size += len(rest)
        pieces = [*pieces, rest] if size <= MAX_LINE else []
    yield _Line(number, b"".join(pieces) if size <= MAX_LINE else None)


def inflate(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what is packed in a stream of gzip members.

    Raises zlib.error for broken data, EOFError where it is cut off, OverflowError where
    it grows beyond all reason.
    """
    packer = zlib.decompressobj(wbits=31)
    packed = unpacked = 0
    for chunk in chunks:
        packed += len(chunk)
        data = chunk
        while data:
            if packer.eof:
                # Archives are filled up with NULs after their last member.
                data = data.lstrip(b"\0")
                if not data:
                    break
                packer = zlib.decompressobj(wbits=31)
            piece = packer.decompress(data, _CHUNK)
            unpacked += len(piece)
            if unpacked > _FREE_GROWTH and unpacked > packed * _MAX_GROWTH:
                raise OverflowError
            yield piece
            data = packer.unused_data if packer.eof else packer.unconsumed_tail
    if not packer.eof:
        raise EOFError


def _read_line(content: bytes, source: Source, place: str) -> Draft:
    try:
        record = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        reason = f"this is broken UTF-8: {error.reason} at byte {error.start} of the line"
        raise UnreadableSource(source.name, reason, place=place) from error
    except json.JSONDecodeError as error:
        reason = f"this is broken JSON: {error.msg} at character {error.pos} of the line"
        raise UnreadableSource(source.name, reason, place=place) from error
    except (RecursionError, ValueError) as error:
        reason = "this JSON is nested too deep or holds too long a number"
        raise UnreadableSource(source.name, reason, place=place) from error
    if not isinstance(record, dict):
        reason = 'a line must hold one object, such as {"id": "a1", "text": "..."}'
        raise UnreadableSource(source.name, reason, place=place)
    text = record.get("text")
    if not isinstance(text, str):
        raise UnreadableSource(source.name, 'the record has no "text"', place=place)
    if not text.strip():
        raise EmptySource(source.name, 'the "text" of the record is empty', place=place)
    return Draft(
        text, _find_id(record, text, source, place), source.name, read_fields(record), place
    )


def _find_id(record: dict[str, object], text: str, source: Source, place: str) -> str:
    given = record.get("id", record.get("url")) or ""
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    if not isinstance(given, str):
        raise UnreadableSource(source.name, 'the "id" of the record is no text', place=place)
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
    return given or f"{source.id or 'stdin'}-{digest}"
