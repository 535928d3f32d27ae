"""Decodes bytes into text: byte order marks, UTF-8, and what older pages are written in."""

from __future__ import annotations

import codecs
import re
import unicodedata

from kg.errors import SourceError, UnreadableSource, UnsupportedSource

__all__ = ["check_characters", "decode", "find_encoding"]

# The longer mark first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# A detector needs no more of a long file than this.
_SAMPLE = 200_000

# Python knows codecs that are no encodings of text, or warn; a page may name only these.
_ENCODING = re.compile(
    r"utf-?8|us-ascii|latin-?1|iso-?8859-\d{1,2}|(?:windows|cp)-?125\d|koi8-[ru]|mac-?roman"
    r"|macintosh|gb(?:k|2312|18030)|big5|euc-(?:jp|kr)|shift[_-]jis|iso-2022-jp",
    re.IGNORECASE,
)
_LATIN = re.compile(r"us-ascii|latin-?1|iso-?8859-1", re.IGNORECASE)
_LEAD = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def decode(data: bytes, *, name: str, declared: str = "") -> str:
    """Return the text that the bytes hold, line ends unchanged, without byte order mark.

    `declared` is an encoding that the source itself names; one that does not fit is
    passed over. Raises UnsupportedSource for binary data and UnreadableSource for text
    whose encoding is broken or cannot be told; `name` is what the error calls the source.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode_as(data, encoding, name)
    if b"\0" in data[:_SAMPLE]:
        encoding = _find_unmarked(data[:_SAMPLE])
        if not encoding:
            raise UnsupportedSource(name, "this is binary data", place=f"byte {data.index(0)}")
        return _decode_as(data, encoding, name)
    for encoding in filter(None, (declared, "utf-8")):
        try:
            return _checked(data.decode(encoding), name)
        except (UnicodeDecodeError, LookupError):
            continue
    return _checked(_detect(data, name), name)


def find_encoding(name: str) -> str:
    """Return the codec for an encoding that a page or server names, empty for an odd one."""
    if not _ENCODING.fullmatch(name):
        return ""
    # What pages call Latin-1 is Windows-1252: https://encoding.spec.whatwg.org/#names-and-labels
    return "cp1252" if _LATIN.fullmatch(name) else name


def check_characters(text: str) -> str:
    """Return why the text is no text of an article, with the place, or nothing."""
    position = text.find("\0")
    if position >= 0:
        return f"this is binary data: a NUL at character {position}"
    half = _SURROGATE.search(text)
    if half:
        return f"half a surrogate pair stands at character {half.start()}"
    sample = text[:_SAMPLE]
    controls = sum(unicodedata.category(c) == "Cc" and not c.isspace() for c in sample)
    if controls * 50 > len(sample):
        return "this is binary data: too many control characters"
    return ""


def _checked(text: str, name: str) -> str:
    reason = check_characters(text)
    if reason:
        raise UnsupportedSource(name, reason)
    return text


def _decode_as(data: bytes, encoding: str, name: str) -> str:
    try:
        return _checked(data.decode(encoding), name)
    except UnicodeDecodeError as error:
        raise _broken(name, encoding, error) from error


def _broken(name: str, encoding: str, error: UnicodeDecodeError) -> SourceError:
    reason = f"this is broken {encoding.upper()}: {error.reason}; save the file as UTF-8"
    return UnreadableSource(name, reason, place=f"byte {error.start}")


def _find_unmarked(sample: bytes) -> str:
    """Return UTF-16 in the order of bytes that the NULs of English text betray."""
    half = len(sample) // 2
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if even * 20 < odd and odd * 2 > half:
        return "utf-16-le"
    if odd * 20 < even and even * 2 > half:
        return "utf-16-be"
    return ""


def _detect(data: bytes, name: str) -> str:
    """Return the text of bytes that are no UTF-8."""
    high = len(_HIGH.findall(data))
    paired = sum(len(match) for match in _LEAD.findall(data))
    if paired * 2 > high:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _broken(name, "utf-8", error) from error
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE]).best()
    # Where several code pages give the same English words, the commonest is meant.
    likely = ["cp1252"] if high * 20 < len(data) else []
    for encoding in [*likely, *([best.encoding] if best else [])]:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableSource(name, "its encoding cannot be told; save the file as UTF-8")
