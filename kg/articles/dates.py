"""Reads the calendar dates that news pages write."""

from __future__ import annotations

import re
from datetime import date

__all__ = ["find_date", "strip_dates"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"

# The American and the British order, ISO 8601, and figures only where no month can be
# taken for a day: 14/08/2020, but not 08/09/2020.
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_MONTH}\s+{_DAY},?\s+{_YEAR}\b",
        rf"\b{_DAY}(?:\s+of\s+|[\s-]+){_MONTH},?[\s-]+{_YEAR}\b",
        rf"\b{_YEAR}([-/.])(?P<month>\d\d?)\2(?P<day>\d\d?)(?!\d)",
        rf"\b(?P<day>1[3-9]|2\d|3[01])([-/.])(?P<month>0?[1-9]|1[0-2])\2{_YEAR}\b",
        rf"\b(?P<month>0?[1-9]|1[0-2])([-/.])(?P<day>1[3-9]|2\d|3[01])\2{_YEAR}\b",
        rf"\b{_YEAR}(?P<month>0[1-9]|1[0-2])(?P<day>\d\d)(?=T\d)",
    )
)

# What stands around a date in the line of a page that gives it.
_TIMES = re.compile(
    r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?"
    r"|\bT?\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?:\.\d+)?\s*(?:[ap]\.?m\b\.?)?"
    r"|\b\d{1,2}\s*[ap]\.?m\b\.?"
    r"|\b(?:gmt|utc|bst|cest|cet|[ecmp][sd]?t|ist)\b|(?<![A-Za-z])Z\b|[+-]\d\d:?\d\d\b",
    re.IGNORECASE,
)


def find_date(text: str) -> date | None:
    """Return the first calendar date that the text spells out, with its year, or None."""
    matches = [match for pattern in _DATES for match in pattern.finditer(text[:10_000])]
    for match in sorted(matches, key=lambda m: m.start()):
        month = match["month"].lower()
        number = int(month) if month.isdigit() else _MONTHS.index(month[:3]) + 1
        try:
            return date(int(match["year"]), number, int(match["day"]))
        except ValueError:
            continue
    return None


def strip_dates(text: str) -> str:
    """Return the text without its dates, week days, times and time zones."""
    for pattern in (*_DATES, _TIMES):
        text = pattern.sub(" ", text)
    return text
