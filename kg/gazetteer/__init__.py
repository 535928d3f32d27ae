"""Tables of countries, cities, regions, organizations and currencies, found by name.

    names          the keys under which a surface form is found; legal forms
    tables         the files, read once and only when something asks for them
    records        what a row says
    places         countries, cities, regions, and all that share a name, best first
    organizations  well-known organizations and listed companies
    currencies     ISO 4217, by code, sign and name

Every function answers from the bundled tables alone; SOURCES.md says where their facts
come from. A name written all in small letters is no name: `find_country("turkey")` finds
nothing.
"""

from __future__ import annotations

from kg.gazetteer.currencies import find_currency, list_currencies
from kg.gazetteer.names import strip_legal_form
from kg.gazetteer.organizations import (
    find_listed_company,
    find_organization,
    find_organizations,
    list_organizations,
)
from kg.gazetteer.places import (
    find_city,
    find_country,
    find_country_by_code,
    find_places,
    find_region,
    list_cities,
    list_countries,
    list_regions,
)
from kg.gazetteer.records import City, Country, Currency, Organization, Place, Region

__all__ = [
    "City",
    "Country",
    "Currency",
    "Organization",
    "Place",
    "Region",
    "find_city",
    "find_country",
    "find_country_by_code",
    "find_currency",
    "find_listed_company",
    "find_organization",
    "find_organizations",
    "find_places",
    "find_region",
    "list_cities",
    "list_countries",
    "list_currencies",
    "list_organizations",
    "list_regions",
    "strip_legal_form",
]
