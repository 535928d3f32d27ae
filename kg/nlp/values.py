"""Finds dates, money, percentages and counts and turns them into typed literals.

Relative dates resolve against the publication date of the article: a bare month or
weekday is the latest one not after it. Lexical forms are those of XML Schema 1.1
part 2, sections 3.3.9 to 3.3.13 (date, gYearMonth, gYear).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from kg.model import Literal, Span

__all__ = ["Value", "find_values"]


@dataclass(frozen=True, slots=True)
class Value:
    """A span that states a value; `kind` is `Date`, `Money`, `Percent` or `Count`."""

    span: Span
    kind: str
    literal: Literal


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"),
            ("february", "feb"),
            ("march", "mar"),
            ("april", "apr"),
            ("may",),
            ("june", "jun"),
            ("july", "jul"),
            ("august", "aug"),
            ("september", "sept", "sep"),
            ("october", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SCALES = {
    "thousand": 3,
    "k": 3,
    "million": 6,
    "millions": 6,
    "mn": 6,
    "mln": 6,
    "m": 6,
    "billion": 9,
    "billions": 9,
    "bn": 9,
    "bln": 9,
    "b": 9,
    "trillion": 12,
    "tn": 12,
    "crore": 7,
    "lakh": 5,
}
_WORDS: dict[str, int | Decimal] = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "half a": Decimal("0.5"),
    "a": 1,
}
# Dollar signs with a country before them come first, so that the plain sign is the
# United States dollar only where nothing else is said.
_SIGNS = {
    "US$": "USD",
    "USD": "USD",
    "CAN$": "CAD",
    "CA$": "CAD",
    "C$": "CAD",
    "CAD": "CAD",
    "AU$": "AUD",
    "A$": "AUD",
    "AUD": "AUD",
    "NZ$": "NZD",
    "NZD": "NZD",
    "HK$": "HKD",
    "HKD": "HKD",
    "S$": "SGD",
    "SGD": "SGD",
    "NT$": "TWD",
    "R$": "BRL",
    "STG£": "GBP",
    "GB£": "GBP",
    "GBP": "GBP",
    "EUR": "EUR",
    "CHF": "CHF",
    "JPY": "JPY",
    "CNY": "CNY",
    "RMB": "CNY",
    "INR": "INR",
    "Rs.": "INR",
    "Rs": "INR",
    "SEK": "SEK",
    "NOK": "NOK",
    "DKK": "DKK",
    "$": "USD",
    "£": "GBP",
    "€": "EUR",
    "¥": "JPY",
    "₹": "INR",
    "₩": "KRW",
    "₽": "RUB",
    "₦": "NGN",
}
_UNITS = {
    r"(?:u\.?s\.? )?dollars?": "USD",
    r"canadian dollars?": "CAD",
    r"australian dollars?": "AUD",
    r"new zealand dollars?": "NZD",
    r"hong kong dollars?": "HKD",
    r"euros?": "EUR",
    r"(?:british )?pounds(?: sterling)?|pound sterling": "GBP",
    r"(?:japanese )?yen": "JPY",
    r"(?:chinese )?yuan|renminbi": "CNY",
    r"(?:indian )?rupees?": "INR",
    r"(?:russian )?rou?bles?": "RUB",
    r"(?:swiss )?francs?": "CHF",
    r"(?:south korean )?won": "KRW",
    r"naira": "NGN",
    r"(?:brazilian )?reais|real": "BRL",
    r"usd": "USD",
    r"eur": "EUR",
    r"gbp": "GBP",
}

_MONTH = r"(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_YEAR = r"(?P<year>1[5-9]\d\d|20\d\d)"
_DAY = r"(?P<day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_NUMBER = r"(?P<number>\d{1,3}(?:[,.]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
_WORD_NUMBER = r"(?P<word>" + "|".join(sorted(_WORDS, key=len, reverse=True)) + ")"
_SCALE = r"(?:[ -]?(?P<scale>" + "|".join(sorted(_SCALES, key=len, reverse=True)) + r")\b)"
_SIGN = "(?P<sign>" + "|".join(re.escape(s) for s in sorted(_SIGNS, key=len, reverse=True)) + ")"
_UNIT = "(?P<unit>" + "|".join(_UNITS) + ")"

_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_YEAR}-(?P<monthnumber>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])\b",
        rf"\b{_MONTH} {_DAY}(?:,? {_YEAR})?(?![\d,.]*\d)",
        rf"\b{_DAY}(?: of)? {_MONTH}(?:,? {_YEAR})?\b",
        rf"\b{_MONTH}(?: of|,)? {_YEAR}\b",
    )
)
_BARE_MONTH = re.compile(
    r"\b(?:in|since|by|until|last|late|early|mid|this)[ -](?P<month>"
    + "|".join(
        m
        for m in sorted(_MONTHS, key=len, reverse=True)
        if len(m) > 4 or m in {"june", "july", "may"}
    )
    + r")\b",
    re.IGNORECASE,
)
_BARE_YEAR = re.compile(rf"(?<![\w$£€.,-]){_YEAR}(?![\w%]|[,.]\d|-\d)")
_WEEKDAY = re.compile(rf"\b(?P<weekday>{'|'.join(_WEEKDAYS)})\b", re.IGNORECASE)
_RELATIVE = re.compile(
    r"\b(?P<relative>today|yesterday|(?:last|this) (?:month|year))\b", re.IGNORECASE
)
_MONEY = (
    re.compile(rf"(?<![\w$]){_SIGN} ?{_NUMBER}{_SCALE}?", re.IGNORECASE),
    re.compile(rf"\b(?:{_NUMBER}|{_WORD_NUMBER}){_SCALE}? {_UNIT}\b", re.IGNORECASE),
)
_PERCENT = re.compile(rf"(?<![\w.,]){_NUMBER} ?-?(?:%|per ?cent\b|percent\b)", re.IGNORECASE)
_COUNTS = (
    re.compile(rf"(?<![\w$£€.,]){_NUMBER}{_SCALE}(?!\w)", re.IGNORECASE),
    re.compile(rf"\b{_WORD_NUMBER}{_SCALE}(?!\w)", re.IGNORECASE),
    re.compile(r"(?<![\w$£€.,:/-])(?P<number>\d{1,3}(?:,\d{3})+|\d+)(?![\w%:/]|[,.]\d)"),
)


def _amount(match: re.Match[str]) -> Decimal | None:
    """Return the number that a match states, scale applied, or None if it is none."""
    groups = match.groupdict()
    if groups.get("number"):
        digits = groups["number"]
        if re.fullmatch(r"\d{1,3}(\.\d{3})+", digits) and not groups.get("scale"):
            digits = digits.replace(".", "")
        try:
            number = Decimal(digits.replace(",", ""))
        except InvalidOperation:
            return None
    else:
        number = Decimal(_WORDS[groups["word"].lower()])
    scale = groups.get("scale")
    return number.scaleb(_SCALES[scale.lower()]) if scale else number


def _plain(number: Decimal) -> str:
    """Return a decimal without exponent and without needless zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _date_literal(year: int, month: int | None, day: int | None, text: str) -> Literal | None:
    """Return the date as precisely as it is known, or None if no calendar has it."""
    if month is None:
        return Literal(f"{year:04d}", "gYear", text=text)
    if day is None:
        return Literal(f"{year:04d}-{month:02d}", "gYearMonth", text=text)
    try:
        return Literal(date(year, month, day).isoformat(), "date", text=text)
    except ValueError:
        return None


def _latest(month: int, day: int | None, published: date) -> int:
    """Return the year of the latest such day that is not after the publication date."""
    later = (month, day or 1) > (published.month, published.day if day else 31)
    return published.year - 1 if later else published.year


def _absolute_date(match: re.Match[str], published: date | None) -> Literal | None:
    """Return the date that a match spells, its year taken from publication if unsaid."""
    groups = match.groupdict()
    month = (
        int(groups["monthnumber"])
        if groups.get("monthnumber")
        else _MONTHS[groups["month"].lower()]
    )
    day = int(groups["day"]) if groups.get("day") else None
    if groups.get("year"):
        return _date_literal(int(groups["year"]), month, day, match.group())
    if published is None:
        return None
    return _date_literal(_latest(month, day, published), month, day, match.group())


def _relative_date(words: str, published: date) -> Literal | None:
    """Return the date that words such as "yesterday" or "last month" mean."""
    words = words.lower()
    if words in _WEEKDAYS:
        back = (published.weekday() - _WEEKDAYS.index(words)) % 7
        day = published - timedelta(days=back)
        return Literal(day.isoformat(), "date", text=words)
    if words in {"today", "yesterday"}:
        day = published - timedelta(days=words == "yesterday")
        return Literal(day.isoformat(), "date", text=words)
    last = words.startswith("last")
    if words.endswith("year"):
        return Literal(f"{published.year - last:04d}", "gYear", text=words)
    month = published.replace(day=1) - timedelta(days=1) if last else published
    return Literal(f"{month.year:04d}-{month.month:02d}", "gYearMonth", text=words)


def _find_dates(text: str, published: date | None) -> Iterator[Value]:
    """Yield dates that stand for themselves, the most precise readings first."""
    for pattern in _DATES:
        for match in pattern.finditer(text):
            literal = _absolute_date(match, published)
            if literal:
                yield Value(Span(*match.span()), "Date", literal)
    for match in _BARE_YEAR.finditer(text):
        yield Value(
            Span(*match.span()), "Date", Literal(match.group(), "gYear", text=match.group())
        )


def _find_relative_dates(text: str, published: date) -> Iterator[Value]:
    """Yield months, weekdays and words whose date depends on the publication date."""
    for match in _BARE_MONTH.finditer(text):
        month = _MONTHS[match["month"].lower()]
        literal = _date_literal(_latest(month, None, published), month, None, match["month"])
        if literal and match["month"][0].isupper():
            yield Value(Span(*match.span("month")), "Date", literal)
    for pattern in (_WEEKDAY, _RELATIVE):
        for match in pattern.finditer(text):
            literal = _relative_date(match.group(), published)
            if literal:
                span = Span(*match.span())
                words = text[span.start : span.end]
                yield Value(span, "Date", Literal(literal.value, literal.datatype, text=words))


def _currency(match: re.Match[str]) -> str:
    """Return the ISO 4217 code for the sign or the words of a money match."""
    groups = match.groupdict()
    if groups.get("sign"):
        sign = groups["sign"]
        return _SIGNS.get(sign) or _SIGNS.get(sign.upper()) or _SIGNS[sign.capitalize()]
    unit = groups["unit"].lower()
    return next(code for words, code in _UNITS.items() if re.fullmatch(words, unit))


def _find_amounts(text: str) -> Iterator[Value]:
    """Yield money, percentages and counts, in this order of preference."""
    for pattern in _MONEY:
        for match in pattern.finditer(text):
            amount = _amount(match)
            if amount is not None:
                literal = Literal(_plain(amount), "money", _currency(match), match.group())
                yield Value(Span(*match.span()), "Money", literal)
    for match in _PERCENT.finditer(text):
        amount = _amount(match)
        if amount is not None:
            literal = Literal(_plain(amount), "decimal", text=match.group())
            yield Value(Span(*match.span()), "Percent", literal)
    for pattern in _COUNTS:
        for match in pattern.finditer(text):
            amount = _amount(match)
            if amount is not None and amount == amount.to_integral_value():
                literal = Literal(_plain(amount), "integer", text=match.group())
                yield Value(Span(*match.span()), "Count", literal)


def find_values(text: str, *, published: date | None = None) -> tuple[Value, ...]:
    """Return the values that a text states, sorted by span, none overlapping another.

    Without `published`, dates that name no year are left out. Where readings overlap,
    the more telling one stays: money over dates over percentages over counts.
    """
    money = [v for v in _find_amounts(text) if v.kind == "Money"]
    rest = [v for v in _find_amounts(text) if v.kind != "Money"]
    relative = _find_relative_dates(text, published) if published else ()
    taken: list[Value] = []
    covered = bytearray(len(text))
    for value in (*money, *_find_dates(text, published), *relative, *rest):
        span = value.span
        if not any(covered[span.start : span.end]):
            covered[span.start : span.end] = b"\x01" * (span.end - span.start)
            taken.append(value)
    return tuple(sorted(taken, key=lambda v: v.span))
