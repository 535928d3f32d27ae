"""What a name alone tells about the class of the thing it names."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kg.train.datasets.files import read_lines, read_records
from kg.train.datasets.scheme import load_mapping
from kg.vocab import fold

__all__ = ["Names", "is_name"]

_PLACES = frozenset({"Place", "Country", "City"})
_ORGANIZATIONS = frozenset({"Organization", "Company"})
_THINGS = frozenset({"Product", "Event"})
_NUMBERS = frozenset({"Count", "Money", "Percent"})
_SIGNS = {"Percent": ("%", "percent", "per cent"), "Money": ("$", "£", "€", "dollar", "euro")}


@dataclass(frozen=True, slots=True)
class Names:
    """Names of countries, cities and regions, folded; refines coarse types by them.

    `cities` are names of one city only, or of a capital; `towns` are all names of cities.
    """

    countries: frozenset[str]
    cities: frozenset[str]
    towns: frozenset[str]
    regions: frozenset[str]

    @staticmethod
    @cache
    def load(shared: Path) -> Names:
        """Return the names in the gazetteers below `shared` and in the mappings."""
        folder, known = shared / "data" / "gazetteer", load_mapping("names")
        countries = {*known["countries"], *known["demonyms"]}
        capitals: set[str] = set()
        for row in read_records(folder / "countries.jsonl.gz"):
            capitals.add(fold(row.get("capital") or ""))
            aliases = (*row.get("names", ()), *row.get("aliases_wikidata_en", ()), row["name"])
            countries |= {fold(alias) for alias in aliases if len(alias) > 2}
        rows = list(csv.DictReader(read_lines(folder / "world_cities_geonames.csv.gz")))
        towns = Counter(fold(row["name"]) for row in rows)
        return Names(
            frozenset(countries) - {*known["ambiguous"], ""},
            frozenset(name for name, count in towns.items() if count == 1 or name in capitals),
            frozenset(towns),
            frozenset(fold(row["subcountry"]) for row in rows if row["subcountry"]),
        )

    def refine(self, names: Sequence[str], types: frozenset[str]) -> frozenset[str]:
        """Return the types that one thing with these names may have, out of `types`."""
        folded = [fold(name) for name in names]
        if types >= _PLACES:
            types = (types - _PLACES) | self._place(folded)
        if types >= _ORGANIZATIONS:
            types = (types - _ORGANIZATIONS) | _organization(folded)
        if types >= _THINGS:
            types = (types - _THINGS) | self._thing(folded)
        if types >= _NUMBERS:
            types = (types - _NUMBERS) | _number(" ".join(names).casefold())
        return types

    def _place(self, names: list[str]) -> frozenset[str]:
        if any(name in self.countries for name in names):
            return frozenset({"Country"})
        if any(name.split()[-1:] and name.split()[-1] in _words("places") for name in names):
            return frozenset({"Place"})
        cities = any(name in self.cities for name in names)
        regions = any(name in self.regions for name in names)
        if cities and not regions:
            return frozenset({"City"})
        if regions and not any(name in self.towns for name in names):
            return frozenset({"Place"})
        return frozenset({"City", "Place"})

    def _thing(self, names: list[str]) -> frozenset[str]:
        if names and all(name in self.countries for name in names):
            return frozenset({"Country"})
        words = {word for name in names for word in name.split()}
        return frozenset({"Event"}) if words & _words("events") else _THINGS


def is_name(surface: str) -> bool:
    """Tell a name from a pronoun and from a phrase such as "the company"."""
    words = surface.split()
    if surface.casefold() in _words("pronouns"):
        return False
    determined = words[0].casefold() in _words("determiners")
    return not determined or any(word[:1].isupper() for word in words[1:])


def _organization(names: list[str]) -> frozenset[str]:
    words = {word for name in names for word in name.split()}
    if words & _words("organizations"):
        return frozenset({"Organization"})
    return frozenset({"Company"}) if words & _words("companies") else _ORGANIZATIONS


def _number(text: str) -> frozenset[str]:
    kinds = [kind for kind, signs in _SIGNS.items() if any(sign in text for sign in signs)]
    return frozenset(kinds[:1] or {"Count"})


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(load_mapping("names")[kind])
