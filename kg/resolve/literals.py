"""The one form of a value in which facts are compared, and whether it is valid."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from kg.model import Literal
from kg.vocab import find_date_type

__all__ = ["is_valid", "normalize"]

_DATES = frozenset({"date", "gYearMonth", "gYear"})
_NUMBERS = {
    "integer": re.compile(r"-?\d+", re.ASCII),
    "decimal": re.compile(r"-?\d+(\.\d+)?", re.ASCII),
    "money": re.compile(r"-?\d+(\.\d+)?", re.ASCII),
}


def normalize(literal: Literal) -> Literal:
    """Return the literal with the shortest form of its number and without its wording."""
    value = literal.value.strip()
    if literal.datatype in _NUMBERS:
        try:
            number = Decimal(value).normalize()
        except InvalidOperation:
            number = Decimal("NaN")
        value = f"{number:f}" if number.is_finite() else value
    return replace(literal, value=value, text="")


def is_valid(literal: Literal) -> bool:
    """Say whether the value is a lexical form of the datatype."""
    if literal.datatype in _DATES:
        return find_date_type(literal.value) == literal.datatype
    if literal.datatype in _NUMBERS:
        return _NUMBERS[literal.datatype].fullmatch(literal.value) is not None
    return True
