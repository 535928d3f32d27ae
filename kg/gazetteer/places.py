"""Countries, cities and regions by name; names that several share give all, best first."""

from __future__ import annotations

from functools import cache, lru_cache

from kg.gazetteer.names import find_keys
from kg.gazetteer.records import City, Country, Place, Region
from kg.gazetteer.tables import load_table, split_cell

__all__ = [
    "find_city",
    "find_country",
    "find_country_by_code",
    "find_places",
    "find_region",
    "list_cities",
    "list_countries",
    "list_regions",
]

# How many people a name may stand for decides which place comes first. A country is meant
# rather than a city of its name; a capital rather than a place 2.5 times its size, so that
# Washington is the city, San Jose the one in California; regions lie between large and
# small cities: Victoria is the Australian state, New York the city.
_COUNTRY = 10**10
_CAPITAL = 2.5
_KNOWN_REGION = 1_500_000
_OTHER_REGION = 100_000


@lru_cache(maxsize=4096)
def find_country(name: str) -> Country | None:
    """Return the country of a name, an adjective or an abbreviation: `Chinese`, `U.S.`."""
    rows = _find_rows("countries", name)
    return _read_country(rows[0]) if rows else None


def find_country_by_code(code: str) -> Country | None:
    """Return the country of a code of ISO 3166-1 (two or three letters), 3166-2 or 3166-3."""
    return _load_codes().get(code.upper())


@lru_cache(maxsize=4096)
def find_city(name: str, country: str | None = None) -> City | None:
    """Return the largest city of a name, in a country given by code or name.

    The name may say where it lies: `Paris, Texas`, `Mumbai, India`.
    """
    cities = (place for place in find_places(name) if isinstance(place, City))
    code = _find_code(country)
    return next((city for city in cities if code in (None, city.country)), None)


@lru_cache(maxsize=4096)
def find_region(name: str, country: str | None = None) -> Region | None:
    """Return the state or province of a name, in a country given by code or name."""
    regions = (place for place in find_places(name) if isinstance(place, Region))
    code = _find_code(country)
    return next((region for region in regions if code in (None, region.country)), None)


@lru_cache(maxsize=65536)  # resolution asks for the names of all articles
def find_places(name: str) -> tuple[Place, ...]:
    """Return every country, city and region of a name, the one usually meant first.

    `Georgia` is a country and a state, `Washington` a city, a state and more cities: the
    context decides. A place after a comma narrows down: `Paris, Texas`.
    """
    found: list[Place] = [_read_country(row) for row in _find_rows("countries", name)]
    found += [_read_region(row) for row in _find_rows("regions", name)]
    found += [_read_city(row) for row in _find_rows("cities", name)]
    head, comma, tail = name.rpartition(",")
    if comma and not found:
        found = _narrow(find_places(head), find_places(tail))
    return tuple(sorted(found, key=_weigh, reverse=True))


def list_countries() -> tuple[Country, ...]:
    """Return all countries, sorted by code."""
    return tuple(_read_country(row) for row in load_table("countries"))


def list_cities() -> tuple[City, ...]:
    """Return all cities, largest first."""
    return tuple(_read_city(row) for row in load_table("cities"))


def list_regions() -> tuple[Region, ...]:
    """Return all states and provinces, sorted by country and name."""
    return tuple(_read_region(row) for row in load_table("regions"))


def _find_rows(table: str, name: str) -> list[list[str]]:
    """Return the rows of the most exact key that has any."""
    found = (load_table(table).find(key) for key in find_keys(name))
    return next((rows for rows in found if rows), [])


def _narrow(places: tuple[Place, ...], within: tuple[Place, ...]) -> list[Place]:
    """Return the cities and regions that lie in one of the places."""
    codes = {place.code for place in within if isinstance(place, Country)}
    regions = {(place.country, place.name) for place in within if isinstance(place, Region)}
    return [
        place
        for place in places
        if not isinstance(place, Country)
        and (place.country in codes or (place.country, getattr(place, "region", "")) in regions)
    ]


def _weigh(place: Place) -> tuple[float, str, str]:
    """Return a key that sorts places, the most likely last."""
    if isinstance(place, Country):
        return _COUNTRY - place.is_former, place.code, place.name
    if isinstance(place, Region):
        return _KNOWN_REGION if place.wikidata else _OTHER_REGION, place.country, place.name
    factor = _CAPITAL if place.capital_of else 1
    return place.inhabitants * factor, place.country, place.geonames


def _find_code(country: str | None) -> str | None:
    """Return the code of a country given by code or name; what is neither stays as it is."""
    if country is None:
        return None
    known = find_country_by_code(country) or find_country(country)
    return known.code if known else country


@cache
def _load_codes() -> dict[str, Country]:
    countries = list_countries()
    return {code: c for c in countries for code in (c.iso3, c.code) if code}


def _read_country(row: list[str]) -> Country:
    code, iso3, name, wikidata, geonames, capital, currency, aliases, demonyms = row
    return Country(
        code=code,
        name=name,
        iso3=iso3,
        wikidata=wikidata,
        geonames=geonames,
        capital=capital,
        currency=currency,
        aliases=split_cell(aliases),
        demonyms=split_cell(demonyms),
    )


def _read_city(row: list[str]) -> City:
    name, country, region, wikidata, geonames, inhabitants, capital_of, aliases = row
    return City(
        name=name,
        country=country,
        region=region,
        wikidata=wikidata,
        geonames=geonames,
        inhabitants=int(inhabitants),
        capital_of=capital_of,
        aliases=split_cell(aliases),
    )


def _read_region(row: list[str]) -> Region:
    name, country, code, wikidata, geonames, aliases = row
    return Region(
        name=name,
        country=country,
        code=code,
        wikidata=wikidata,
        geonames=geonames,
        aliases=split_cell(aliases),
    )
