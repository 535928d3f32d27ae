"""Makes an article of a text, and refuses what is none."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple, dataclass
from datetime import date

from kg.articles.blocks import split_blocks
from kg.articles.furniture import find_furniture
from kg.articles.language import detect_language
from kg.articles.metadata import Fields, is_clean, read_head
from kg.articles.text import check_characters
from kg.errors import (
    EmptySource,
    LanguageError,
    OversizeSource,
    UnreadableSource,
    UnsupportedSource,
)
from kg.model import Article, Span

__all__ = ["MAX_TEXT", "Draft", "accept", "make_article"]

# Characters in an article: more than any article has, so that a mistake is named early.
MAX_TEXT = 5_000_000

_UNKNOWN = Fields()


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reader found: a text, what the source says about it, and where it stood."""

    text: str
    id: str
    source: str
    fields: Fields = _UNKNOWN
    place: str = ""

    @property
    def name(self) -> str:
        """What its refusals are told by."""
        return self.source


def make_article(
    text: str,
    *,
    id: str,  # noqa: A002 -- the field of Article
    title: str = "",
    url: str = "",
    published: date | None = None,
    authors: tuple[str, ...] = (),
    publisher: str = "",
) -> Article:
    """Return the article with its checksum and its furniture marked.

    Title, date and authors that are not given are recognized in the text.
    """
    blocks = split_blocks(text)
    head = read_head(blocks, title=title)
    given = Fields(title=title, url=url, published=published, authors=authors, publisher=publisher)
    fields = given.or_else(head.fields)
    return Article(
        id=id,
        text=text,
        checksum=_digest(text, id, fields),
        title=fields.title,
        url=fields.url,
        published=fields.published,
        authors=fields.authors,
        publisher=fields.publisher,
        furniture=find_furniture(blocks, head),
    )


def accept(draft: Draft) -> Article:
    """Return the article of a draft; raise SourceError where it is none.

    The errors: OversizeSource, EmptySource, UnsupportedSource (control characters),
    UnreadableSource (an id that names nothing), LanguageError.
    """
    name, place, text = draft.source, draft.place, draft.text
    if not is_clean(draft.id):
        reason = "the id of the article holds control characters: give it another"
        raise UnreadableSource(name, reason, place=place)
    if len(text) > MAX_TEXT:
        raise OversizeSource(
            name, f"the text is longer than {MAX_TEXT:,} characters; split it", place=place
        )
    if not text.strip():
        raise EmptySource(name, "there is no text in it", place=place)
    unfit = check_characters(text)
    if unfit:
        raise UnsupportedSource(name, unfit, place=place)
    fields = draft.fields
    article = make_article(
        text,
        id=draft.id,
        title=fields.title,
        url=fields.url,
        published=fields.published,
        authors=fields.authors,
        publisher=fields.publisher,
    )
    if not _holds_text(text, article.furniture):
        raise EmptySource(name, "nothing is left without the furniture of the page", place=place)
    language = detect_language(text) or fields.language or "en"
    if not language.startswith("en"):
        reason = f"the text is not English (it seems to be {language}), and only English is read"
        raise LanguageError(name, reason, place=place)
    return article


def _holds_text(text: str, furniture: tuple[Span, ...]) -> bool:
    start = 0
    for span in furniture:
        if any(c.isalnum() for c in text[start : span.start]):
            return True
        start = span.end
    return any(c.isalnum() for c in text[start:])


def _digest(text: str, article_id: str, fields: Fields) -> str:
    known = json.dumps([article_id, text, *astuple(fields)], default=str)
    return hashlib.sha256(known.encode()).hexdigest()
