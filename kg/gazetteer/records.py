"""What the tables say about a thing; ids that are not known are empty strings."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["City", "Country", "Currency", "Organization", "Place", "Region"]


@dataclass(frozen=True, slots=True)
class Country:
    """A country, a dependent territory, a part of the United Kingdom, or a former state.

    `code` is ISO 3166-1 alpha-2 as a rule, ISO 3166-2 for parts of the United Kingdom
    (`GB-SCT`), ISO 3166-3 for states that are no more (`SUHH`). `aliases` are other
    names, `demonyms` adjectives and words for the people, `capital` the name of a city.
    """

    code: str
    name: str
    iso3: str = ""
    wikidata: str = ""
    geonames: str = ""
    capital: str = ""
    currency: str = ""
    aliases: tuple[str, ...] = ()
    demonyms: tuple[str, ...] = ()

    @property
    def iso_code(self) -> str:
        """The code where ISO 3166 has one, else nothing."""
        return "" if self.code.startswith("X-") else self.code

    @property
    def is_former(self) -> bool:
        """Whether the state is no more."""
        return len(self.code) > 2 and not self.code.startswith("GB-")


@dataclass(frozen=True, slots=True)
class City:
    """A city of at least 15,000 people, or a capital.

    `country` is the code of its country, `region` the name of the state or province in
    it, `capital_of` the code of the country that it is the capital of.
    """

    name: str
    country: str
    region: str = ""
    wikidata: str = ""
    geonames: str = ""
    inhabitants: int = 0
    capital_of: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Region:
    """A state or province, or a region of several countries, which names no country.

    `code` is ISO 3166-2, known for some countries only; `aliases` hold adjectives too.
    """

    name: str
    country: str
    code: str = ""
    wikidata: str = ""
    geonames: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Organization:
    """A well-known organization, or a company whose shares are listed.

    `type` is `Company` or `Organization`, `country` the code of the country that it is
    from, `tickers` the symbols it is listed under (`SIE.DE`).
    """

    name: str
    type: str
    country: str = ""
    wikidata: str = ""
    tickers: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency in use; `digits` are the places behind the point of its minor unit."""

    code: str
    name: str
    number: str
    digits: int
    signs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()


Place = Country | City | Region
