"""Well-known organizations and listed companies, by name and by ticker."""

from __future__ import annotations

from functools import cache, lru_cache

from kg.gazetteer.names import find_keys, make_key, strip_legal_form
from kg.gazetteer.records import Organization
from kg.gazetteer.tables import load_table, split_cell

__all__ = [
    "find_listed_company",
    "find_organization",
    "find_organizations",
    "list_organizations",
]


def find_organization(name: str) -> Organization | None:
    """Return the best known organization of a name, with or without its legal form."""
    return next(iter(find_organizations(name)), None)


@lru_cache(maxsize=65536)  # resolution asks for the names of all articles
def find_organizations(name: str) -> tuple[Organization, ...]:
    """Return every organization of a name: well-known ones first, then by listings.

    The name counts as written before it counts without its legal form: `Total` and
    `Total S.A.` are one company, and so it is found by `Total SE`.
    """
    keys = dict.fromkeys(find_keys(name))
    if keys:
        keys |= dict.fromkeys([make_key(strip_legal_form(name))])
    for key in keys:
        rows = [
            row for table in ("organizations", "companies") for row in load_table(table).find(key)
        ]
        if rows:
            return tuple(map(_read, rows))
    return ()


def find_listed_company(ticker: str) -> Organization | None:
    """Return the company whose shares are listed under a symbol, such as `SIE.DE`."""
    return _load_tickers().get(ticker.upper())


def list_organizations() -> tuple[Organization, ...]:
    """Return all organizations, well-known ones first, then listed companies."""
    rows = (row for table in ("organizations", "companies") for row in load_table(table))
    return tuple(map(_read, rows))


@cache
def _load_tickers() -> dict[str, Organization]:
    tickers: dict[str, Organization] = {}
    for organization in list_organizations():
        for ticker in organization.tickers:
            tickers.setdefault(ticker, organization)
    return tickers


def _read(row: list[str]) -> Organization:
    name, type_, country, wikidata, tickers, aliases = row
    return Organization(
        name=name,
        type=type_,
        country=country,
        wikidata=wikidata,
        tickers=split_cell(tickers),
        aliases=split_cell(aliases),
    )
