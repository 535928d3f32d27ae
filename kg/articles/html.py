"""Reads web pages: the main text and what the page says about it, by trafilatura."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from kg.articles.article import Draft
from kg.articles.blocks import split_blocks
from kg.articles.metadata import Fields, read_fields
from kg.articles.sources import Source
from kg.articles.text import decode, find_encoding
from kg.errors import EmptySource, UnreadableSource
from kg.vocab import fold

if TYPE_CHECKING:
    from trafilatura.settings import Document

__all__ = ["read_html"]

# How far a page is searched for its encoding: the HTML standard says 1,024 bytes, pages
# do not keep to it.
_PRESCAN = 4096

_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]{1,40})""", re.I)
_TABLE = re.compile(r"<(/?)(?:table|tbody|thead|tfoot|tr|td|th)\b", re.IGNORECASE)
# How trafilatura writes tables.
_RULE = re.compile(r"\|(?:---\|)+\s*")
_FRAME = re.compile(r"^\| | \|\s*$")
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*>")


def read_html(data: bytes, source: Source) -> Draft:
    """Return the article of a web page: its title, a blank line, its main text.

    Raises EmptySource where the page holds no main text, UnreadableSource where it
    cannot be parsed.
    """
    declared = source.encoding or _find_encoding(data)
    page = _DECLARATION.sub("", decode(data, name=source.name, declared=declared))
    document = _extract(page, source)
    if document and _is_table(document.text or ""):
        document = _extract(_TABLE.sub(r"<\1div", page), source)
    paragraphs = _split_paragraphs((document and document.text) or "")
    if document is None or not any(block.prose for block in split_blocks("\n".join(paragraphs))):
        raise EmptySource(source.name, "the page holds no main text")
    fields = _read_document(document)
    if fields.title and fold(paragraphs[0]) != fold(fields.title):
        paragraphs.insert(0, fields.title)
    return Draft("\n\n".join(paragraphs), source.id, source.name, fields)


def _is_table(text: str) -> bool:
    """Say whether most of a text stands in tables, as on pages that are laid out by them."""
    return sum(len(line) for line in text.splitlines() if line.startswith("|")) * 2 > len(text)


def _split_paragraphs(text: str) -> list[str]:
    """Return the lines of a text, those of its tables without the frame."""
    lines = (_FRAME.sub("", line) for line in text.splitlines() if not _RULE.fullmatch(line))
    return [line for line in lines if line.strip()]


def _find_encoding(data: bytes) -> str:
    match = _CHARSET.search(data[:_PRESCAN])
    return find_encoding(match.group(1).decode("ascii")) if match else ""


def _extract(page: str, source: Source) -> Document | None:
    import trafilatura
    from lxml.etree import LxmlError  # type: ignore[import-untyped]  # lxml ships no types

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    try:
        found = trafilatura.bare_extraction(page, include_comments=False, with_metadata=True)
    except (LxmlError, RecursionError, ValueError, TypeError, AttributeError, LookupError) as error:
        reason = f"the page cannot be parsed: {type(error).__name__}"
        raise UnreadableSource(source.name, reason) from error
    return None if isinstance(found, dict) else found


def _read_document(document: Document) -> Fields:
    return read_fields(
        {
            "title": document.title,
            "url": document.url,
            "date": document.date,
            "author": document.author,
            "publisher": document.sitename or document.hostname,
        }
    )
