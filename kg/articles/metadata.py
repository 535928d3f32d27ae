"""Reads what a source says about its article: its fields, or the head of its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime

from kg.articles.blocks import Block, find_head
from kg.articles.dates import find_date, strip_dates
from kg.articles.phrases import Phrases, load_phrases
from kg.vocab import fold

__all__ = ["Fields", "Head", "is_clean", "read_fields", "read_head", "split_authors"]

_KEYS = {
    "title": ("title", "headline"),
    "url": ("url", "link", "canonical", "canonical_url"),
    "published": ("published", "date", "datepublished", "date_published", "pubdate"),
    "authors": ("authors", "author", "byline"),
    "publisher": ("publisher", "source", "site", "sitename"),
    "language": ("language", "lang"),
}

# Controls and halves of surrogate pairs, which no field may hold.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

_PARTICLE = r"(?:de|del|della|di|da|dos|du|van|von|der|den|la|le|bin|ibn|al|el|ter|ten|y)"
_NAME = re.compile(
    rf"[A-Z][\w'\u2019.-]*(?:\s+(?:{_PARTICLE}|[A-Z][\w'\u2019.-]*)){{0,3}}\s+[A-Z][\w'\u2019.-]+",
    re.UNICODE,
)
_BY = re.compile(
    r"^(?:(?:words|story|text|article|written|posted|published|reported|reporting|report|post)\s+)?by:?\s+"
    r"|^(?:author|authors|writer|reporter|journalist)\s*:\s*",
    re.IGNORECASE,
)
# What follows the authors in a byline: who edited the text, who helped.
_OTHERS = re.compile(
    r"\s*[;,]?\s*\b(?:edit(?:ed|ing)|additional reporting|writing|compiled|translated)\s+by\b",
    re.IGNORECASE,
)
_TAIL_BY = re.compile(r"\s+by\s+(?=[A-Z])")
_DATELINE = re.compile(r"^[A-Z][\w .,'\u2019-]{2,80}?(?:\s+/|\s*\(|\s+--?\s|\s*[\u2013—])")
# A publisher in a line of its own ("Publisher: The Daily Crane", "\u00a9 2020 Crane Media. All
# rights reserved."), and the agency in "BERLIN (Reuters) -".
_PUBLISHER = re.compile(
    r"(?:publisher|publication|published\s+by)\s*:\s*(?P<name>[A-Z][^|.]{1,60})\.?"
    r"|(?:copyright\s*)?(?:\u00a9|\([Cc]\)|[Cc]opyright)\s*(?:19|20)\d\d(?:\s*[-\u2013]\s*\d{2,4})?,?\s+"
    r"(?:by\s+)?(?P<holder>[A-Z][^|.,]{1,60})[.,|]?(?:\s*all rights reserved\.?)?",
    re.IGNORECASE,
)
_WIRE = re.compile(
    r"[A-Z][\w .,'\u2019-]{2,60}?\s*(?:\((?P<name>[A-Z][\w ]{1,30})\)|/(?P<wire>[A-Z]\w{1,30})/)"
    r"\s*(?:--?|[\u2013\u2014])\s"
)
# Lines at the end of a page among which a copyright stands.
_CREDITS = 5
_DATE_WORDS = re.compile(
    r"\b(?:first\s+)?(?:published|posted|updated|last|modified|date|created|on|at|in|by|edited"
    r"|release|released|issued)\b:?",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(r"\b(?:published|posted)\b", re.IGNORECASE)
_ABBREVIATED = re.compile(r"(?:\b[A-Z]|\b(?:Inc|Corp|Co|Ltd|Jr|Sr|Bros|plc|No|vs))\.$")


@dataclass(frozen=True, slots=True)
class Fields:
    """What is known about an article beside its text; empty where nothing is said."""

    title: str = ""
    url: str = ""
    published: date | None = None
    authors: tuple[str, ...] = ()
    publisher: str = ""
    language: str = ""

    def or_else(self, other: Fields) -> Fields:
        """Return these fields, with those of the other where these are empty."""
        names = [field.name for field in fields(self)]
        return Fields(**{name: getattr(self, name) or getattr(other, name) for name in names})


@dataclass(frozen=True, slots=True)
class Head:
    """The fields that a text itself gives, and the numbers of the blocks that gave them.

    `title` is the number of the block that is the title; `used` those with a byline or a
    date, which belong to the page.
    """

    fields: Fields
    title: int | None = None
    used: frozenset[int] = frozenset()


def read_fields(record: Mapping[str, object]) -> Fields:
    """Return the fields of a record or a front matter, under any of their usual keys.

    A value that cannot be meant (a date that is none, a list for a title) counts as empty.
    """
    lower = {str(key).casefold(): value for key, value in record.items()}

    def first(field: str) -> object:
        return next((lower[key] for key in _KEYS[field] if lower.get(key)), "")

    return Fields(
        title=_read_text(first("title")),
        url=_read_text(first("url")),
        published=_read_date(first("published")),
        authors=_read_authors(first("authors")),
        publisher=_read_text(first("publisher")),
        language=_read_text(first("language")).casefold(),
    )


def is_clean(value: str) -> bool:
    """Say whether a field holds something, and nothing that no field may hold."""
    return bool(value.strip()) and not _UNFIT.search(value)


def _read_text(value: object) -> str:
    if isinstance(value, Mapping):
        value = value.get("name", "")
    return " ".join(_UNFIT.sub(" ", value).split()) if isinstance(value, str) else ""


def _read_date(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return find_date(value) if isinstance(value, str) else None


def _read_authors(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return split_authors(value)
    items: Iterable[object] = value if isinstance(value, list) else [value]
    names = [_BY.sub("", _read_text(item)) for item in items]
    return tuple(dict.fromkeys(filter(None, names)))


def split_authors(text: str) -> tuple[str, ...]:
    """Return the names in a byline, without "By" and without repetition."""
    bare = _BY.sub("", " ".join(text.split())).strip(" .,;|-\u2013—")
    bare = _OTHERS.split(bare)[0]
    parts = re.split(r"\s*;\s*|\s+(?:and|&)\s+", bare)
    names = []
    for part in parts:
        pieces = re.split(r"\s*,\s*", part)
        # "Taylor, Ian" is one name, "Ian Taylor, Ada King" are two.
        names += pieces if all(" " in piece for piece in pieces) else [part]
    tidy = (name.title() if name.isupper() and " " in name else name for name in names)
    return tuple(dict.fromkeys(name.strip(" .,;") for name in tidy if name.strip(" .,;")))


def read_head(blocks: list[Block], *, title: str = "") -> Head:
    """Return the title, byline and date that the text gives before its first paragraph.

    A title that is known already is looked for and not guessed.
    """
    phrases = load_phrases()
    end = find_head(blocks)
    authors: dict[str, None] = {}
    dates: list[tuple[bool, date]] = []
    used: set[int] = set()
    for number, block in enumerate(blocks[:end]):
        if block.prose or block.words > 20:
            continue
        day = _read_date_line(block.text, phrases, opening=number == 0)
        names = _read_byline(blocks, number, phrases)
        if day:
            dates.append((not _PUBLISHED.search(block.text), day))
        authors |= dict.fromkeys(names)
        if day or names:
            used.add(number)
    headline = _find_title(blocks, end, title, used, phrases)
    day = min(dates, key=lambda pair: pair[0])[1] if dates else _read_dateline(blocks[end:])
    known = Fields(
        title=title or (" ".join(blocks[headline].text.split()) if headline is not None else ""),
        published=day,
        authors=tuple(authors),
        publisher=_read_publisher(blocks, end, phrases),
    )
    return Head(known, headline, frozenset(used))


def _find_title(
    blocks: list[Block], end: int, title: str, used: set[int], phrases: Phrases
) -> int | None:
    if title:
        wanted = fold(title)
        same = (n for n, block in enumerate(blocks[: end + 1]) if fold(block.text) == wanted)
        return next(same, None)
    likely = [
        number
        for number, block in enumerate(blocks[: min(end, 10)])
        if number not in used and _looks_like_title(block.text) and not phrases.match(block.text)
    ]
    apart = [n for n in likely if n + 1 == len(blocks) or blocks[n + 1].gap or n + 1 in used]
    if not apart or len(blocks) == 1:
        return None
    # A name of the site before the title has fewer words than a title.
    long = [number for number in apart if blocks[number].words > 3]
    first = apart[0]
    return first if blocks[first].words > 2 or not long else long[0]


def _looks_like_title(text: str) -> bool:
    if len(text) > 200 or not any(c.isalpha() for c in text):
        return False
    return not text.endswith((".", ":", ",", ";")) or bool(_ABBREVIATED.search(text))


def _read_date_line(text: str, phrases: Phrases, *, opening: bool) -> date | None:
    """Return the date of a line that holds little else than a date and a byline.

    In the line that opens a text, what could be a name is rather a part of the title.
    """
    day = find_date(text)
    rest = _DATE_WORDS.sub(" ", strip_dates(text if opening else _NAME.sub(" ", text)))
    others = [word for word in _find_words(rest) if not phrases.is_role(word)]
    return day if len(others) <= 1 else None


def _find_words(text: str) -> list[str]:
    return re.findall(r"[^\W\d]+", text)


def _read_dateline(blocks: list[Block]) -> date | None:
    """Return the date before the dash in "BERLIN, May 4, 2021 /PRNewswire/ --"."""
    match = _DATELINE.match(blocks[0].text[:120]) if blocks else None
    return find_date(match.group()) if match else None


def _read_publisher(blocks: list[Block], end: int, phrases: Phrases) -> str:
    """Return who is named as publisher: in a line of its own, a dateline, a copyright."""
    for block in (*blocks[:end], *blocks[-_CREDITS:]):
        match = _PUBLISHER.fullmatch(block.text)
        if match:
            return (match["name"] or match["holder"]).strip()
    wire = _WIRE.match(blocks[end].text[:120]) if end < len(blocks) else None
    agency = (wire["name"] or wire["wire"]) if wire else ""
    return agency if phrases.is_wire(agency) else ""


def _read_byline(blocks: list[Block], number: int, phrases: Phrases) -> tuple[str, ...]:
    """Return the authors that a block names, by its words or by the block after it."""
    text = strip_dates(blocks[number].text).strip(" |•·,-\u2013—/")
    text = re.split(r"\s[|•·/]\s", text)[0]
    if not text:
        return ()
    by = _BY.match(text) or _find_late_by(text, opening=number == 0)
    if by:
        named = text[by.end() :]
        bare = phrases.strip_role(named)
        return split_authors(bare) if bare[:1].isupper() and len(bare.split()) <= 8 else ()
    bare = phrases.strip_role(text)
    following = blocks[number + 1].text if number + 1 < len(blocks) else ""
    titled = bare != text or phrases.is_role(following)
    return (bare,) if titled and _NAME.fullmatch(bare) else ()


def _find_late_by(text: str, *, opening: bool) -> re.Match[str] | None:
    """Return the "by" of a byline after a date or one word ("Opinion by Ada King").

    What opens a text is rather a headline: "Acme bought by Apex Holdings".
    """
    by = _TAIL_BY.search(text)
    before = _find_words(_DATE_WORDS.sub(" ", text[: by.start()])) if by else []
    named = by is not None and " " in text[by.end() :]
    return by if named and len(before) <= (0 if opening else 1) else None
