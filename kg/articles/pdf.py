"""Reads the text of PDF files, by pypdf."""

from __future__ import annotations

import io
import logging
import re
import struct
import zlib
from typing import TYPE_CHECKING

from kg.articles.article import MAX_TEXT, Draft
from kg.articles.metadata import Fields
from kg.articles.sources import Source
from kg.errors import EmptySource, OversizeSource, UnreadableSource

if TYPE_CHECKING:
    from pypdf import PdfReader

__all__ = ["read_pdf"]

_MAX_PAGES = 1000

# A line this near to the longest ones of its page goes on in the next.
_FULL_SHARE = 0.75

_FILE_NAME = re.compile(r"\.\w{2,5}$|^(?:untitled|microsoft word)", re.IGNORECASE)


def read_pdf(data: bytes, source: Source) -> Draft:
    """Return the article of a PDF file: its pages, the lines of a paragraph joined.

    Raises UnreadableSource for a broken or locked file, EmptySource where it holds no
    text (a scan), OversizeSource for one with too many pages.
    """
    import pypdf
    from pypdf.errors import DependencyError, PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    page = 0
    texts: list[str] = []
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        _unlock(reader, source)
        _check_pages(len(reader.pages), source)
        for page, leaf in enumerate(reader.pages, 1):
            texts.append(_join_lines(leaf.extract_text()))
            _check_length(sum(map(len, texts)), source, page)
        title = _read_title(reader)
    except (
        PyPdfError,
        DependencyError,
        # "Broken PDF files might cause other exceptions" (pypdf.errors): those of its parsers.
        *(ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError),
        *(OSError, RecursionError, TypeError, ValueError, struct.error, zlib.error),
    ) as error:
        reason = f"the PDF is broken: {type(error).__name__}; print it to a new PDF"
        raise UnreadableSource(source.name, reason, place=f"page {page}" if page else "") from error
    text = "\n\n".join(filter(None, texts))
    if not text.strip():
        raise EmptySource(source.name, "the PDF holds no text, as scans do: recognize it first")
    return Draft(text, source.id, source.name, Fields(title=title))


def _unlock(reader: PdfReader, source: Source) -> None:
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnreadableSource(source.name, "the PDF is locked by a password: save it without")


def _check_pages(pages: int, source: Source) -> None:
    if pages > _MAX_PAGES:
        raise OversizeSource(source.name, f"the PDF has more than {_MAX_PAGES:,} pages; split it")


def _check_length(length: int, source: Source, page: int) -> None:
    if length > MAX_TEXT:
        reason = f"the text is longer than {MAX_TEXT:,} characters; split it"
        raise OversizeSource(source.name, reason, place=f"page {page}")


def _read_title(reader: PdfReader) -> str:
    title = reader.metadata.title if reader.metadata else None
    clean = " ".join(title.split()) if isinstance(title, str) else ""
    return "" if _FILE_NAME.search(clean) else clean


def _join_lines(text: str) -> str:
    """Return the text of a page with each paragraph in one line."""
    lines = [" ".join(line.split()) for line in text.replace("\0", "").splitlines()]
    lengths = sorted(len(line) for line in lines if line)
    full = lengths[len(lengths) * 9 // 10] * _FULL_SHARE if lengths else 0
    joined: list[str] = []
    goes_on = False
    for line in lines:
        if goes_on and line:
            hyphen = "" if joined[-1].endswith("-") else " "
            joined[-1] += hyphen + line
        else:
            joined.append(line)
        goes_on = len(line) >= max(full, 30)
    return "\n".join(joined).strip()
