"""Currencies by code, sign and name."""

from __future__ import annotations

from functools import cache

from kg.gazetteer.records import Currency
from kg.gazetteer.tables import load_table, split_cell

__all__ = ["find_currency", "list_currencies"]


def find_currency(name: str) -> Currency | None:
    """Return the currency of a code of ISO 4217, a sign, or a name: `EUR`, `€`, `euros`.

    What several share is the one usually meant: `$` is the United States dollar. Names
    count in any case, codes and signs as written.
    """
    name = name.strip()
    table = _load()
    return table.get(name) or table.get(name.casefold())


def list_currencies() -> tuple[Currency, ...]:
    """Return all currencies in use, sorted by code."""
    return tuple(map(_read, load_table("currencies")))


@cache
def _load() -> dict[str, Currency]:
    found: dict[str, Currency] = {}
    for currency in list_currencies():
        names = (name.casefold() for name in (*currency.aliases, currency.name))
        for key in (currency.code, *currency.signs, *names):
            found.setdefault(key, currency)
    return found


def _read(row: list[str]) -> Currency:
    code, name, number, digits, signs, aliases, countries = row
    return Currency(
        code=code,
        name=name,
        number=number,
        digits=int(digits),
        signs=split_cell(signs),
        aliases=split_cell(aliases),
        countries=split_cell(countries),
    )
