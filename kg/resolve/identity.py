"""Finds what a cluster means in the gazetteer: a country, a city, a known organization."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kg.gazetteer import (
    City,
    Country,
    Organization,
    Place,
    Region,
    find_country,
    find_country_by_code,
    find_organizations,
    find_places,
)
from kg.model import Cluster, Link
from kg.resolve.forms import PERSON, PLACE, differs_by_optional_words, is_office, make_key
from kg.vocab import GEONAMES, WIKIDATA

__all__ = ["Identity", "Setting", "identify", "read_setting"]

_COUNTRY, _CITY, _COMPANY = "Country", "City", "Company"
# A city is linked without a word about its country where it has this many people, or where
# it is this many times as large as the next of its name.
_LARGE = 300_000
_CLEAR = 5
# Where the article names its country, a city is meant although another of its name is up to
# this many times as large: more for a well-known city than for one without an id.
_FAR_LARGER, _LARGER = 10, 2


@dataclass(frozen=True, slots=True)
class Identity:
    """A thing of the gazetteer, with the name and the class that it has there.

    `key` tells it from all others; `score` says how sure the rule is of it. Ids that are
    not known are empty, and so is `iso_code` of all but countries.
    """

    key: str
    name: str
    type: str
    wikidata: str
    geonames: str
    rule: str
    score: float
    iso_code: str = ""

    @property
    def links(self) -> tuple[Link, ...]:
        """Its nodes in Wikidata and GeoNames, sorted."""
        ids = ((WIKIDATA, self.wikidata, ""), (GEONAMES, self.geonames, "/"))
        made = (Link(f"{base}{i}{end}", self.rule, self.score) for base, i, end in ids if i)
        return tuple(sorted(made))


@dataclass(frozen=True, slots=True)
class Setting:
    """Where an article takes place: codes of its countries, countries and names of its regions.

    `home` is the name of the country it names by far most often, if there is one.
    """

    countries: frozenset[str] = frozenset()
    regions: frozenset[tuple[str, str]] = frozenset()
    home: str = ""


def read_setting(clusters: Iterable[Cluster]) -> Setting:
    """Return the setting that countries and regions make: of an article, or around a place."""
    counted: Counter[str] = Counter()
    regions: set[tuple[str, str]] = set()
    for cluster in clusters:
        if cluster.type == _COUNTRY and (country := _find_country(cluster)):
            # What lies in England or Scotland has the code of the United Kingdom.
            counted[country.code[:2]] += len(cluster.mentions)
        elif cluster.type == PLACE:
            found = (p for alias in cluster.aliases for p in find_places(alias))
            regions |= {(p.country, p.name) for p in found if isinstance(p, Region) and p.country}
    (best, most), (_, second) = [*counted.most_common(2), ("", 0), ("", 0)][:2]
    home = find_country_by_code(best) if most >= 2 * second else None
    return Setting(frozenset(counted), frozenset(regions), home.name if home else "")


def identify(
    cluster: Cluster, family: str, setting: Setting, *, around: Setting | None = None
) -> Identity | None:
    """Return what the gazetteer knows of a cluster, in the setting of its article.

    `around` is where the article says that a place lies.
    """
    if family == PLACE:
        return _identify_place(cluster, setting, around or Setting())
    if family != PERSON and cluster.type in ("Organization", _COMPANY):
        return _identify_organization(cluster, setting)
    return None


def _find_country(cluster: Cluster) -> Country | None:
    """Return the country that most mentions name; of equals the first."""
    counted: Counter[str] = Counter()
    for mention in cluster.mentions:
        if mention.named and (country := find_country(mention.text)):
            counted[country.code] += 1
    return find_country_by_code(counted.most_common(1)[0][0]) if counted else None


def _identify_place(cluster: Cluster, setting: Setting, around: Setting) -> Identity | None:
    if cluster.type == _COUNTRY and (country := _find_country(cluster)):
        return _of_place(country, "name of a country", 1.0)
    wanted = City if cluster.type == _CITY else Region
    for name in dict.fromkeys((cluster.name, *cluster.aliases)):
        found = [place for place in find_places(name) if _suits(place, wanted)]
        if found and (chosen := _choose(found, setting, around)):
            return chosen
    return None


def _suits(place: Place, wanted: type[City | Region]) -> bool:
    """Say whether a mention of a class may mean a place: what is called a city is no region."""
    return wanted is Region or isinstance(place, City | Country)


def _choose(places: Sequence[Place], setting: Setting, around: Setting) -> Identity | None:
    """Return the place that the article speaks of, the one usually meant, or none."""
    smaller = sorted((p for p in places if not isinstance(p, Country)), key=_rank)
    own = {(place.country, place.name) for place in smaller if isinstance(place, Region)}
    setting = replace(setting, regions=setting.regions - own)
    for place in smaller:
        if _lies_in(place, around):
            return _of_place(place, "name of a place, and where it lies", 0.99)
    if around.regions:
        return None
    for place in smaller:
        if not place.country:  # a region of several countries is as near everywhere
            break
        if _lies_in(place, setting) and _is_likely(place, smaller[0], setting):
            return _of_place(place, "name of a place, its country named too", 0.98)
    if len(smaller) < len(places) and not any(isinstance(p, Region) for p in smaller):
        country = next(place for place in places if isinstance(place, Country))
        return _of_place(country, "name of a country", 0.95)
    first = smaller[0]
    if first.wikidata or (isinstance(first, City) and _stands_out(first, smaller)):
        return _of_place(first, "name of a well-known place", 0.9)
    return None


def _rank(place: City | Region) -> int:
    """Return a key that sorts well-known places first.

    States and provinces come before cities of their name, which are called cities; other
    regions have the name of their city.
    """
    if not place.wikidata:
        return 2
    return 0 if isinstance(place, Region) else 1


def _lies_in(place: City | Region, setting: Setting) -> bool:
    """Say whether a setting has the region or the country of a place."""
    if isinstance(place, City) and (place.country, place.region) in setting.regions:
        return True
    return place.country in setting.countries


def _is_likely(place: City | Region, first: City | Region, setting: Setting) -> bool:
    """Say whether a place may be meant instead of the one usually meant.

    London is not the one in Ontario because the article names Canada, and no little-known
    town is meant that lies in another state than those that the article names.
    """
    if isinstance(place, Region):
        return True
    if not place.wikidata:
        named = {name for country, name in setting.regions if country == place.country}
        if named and place.region not in named:
            return False
    if place is first or isinstance(first, Region):
        return True
    factor = _FAR_LARGER if place.wikidata or not first.wikidata else _LARGER
    return place.inhabitants * factor >= first.inhabitants


def _stands_out(city: City, places: Sequence[Place]) -> bool:
    others = [p.inhabitants for p in places if isinstance(p, City) and p != city]
    return city.inhabitants >= _LARGE and city.inhabitants >= _CLEAR * max(others, default=0)


def _of_place(place: Place, rule: str, score: float) -> Identity:
    type_ = {Country: _COUNTRY, City: _CITY, Region: PLACE}[type(place)]
    within = "" if isinstance(place, Country) else place.country
    key = place.wikidata or place.geonames or f"{within} {place.name}"
    return Identity(
        key=key,
        name=place.name,
        type=type_,
        wikidata=place.wikidata,
        geonames=place.geonames,
        rule=rule,
        score=score,
        iso_code=place.iso_code if isinstance(place, Country) else "",
    )


def _identify_organization(cluster: Cluster, setting: Setting) -> Identity | None:
    """Return the well-known organization that the fullest name means.

    A shorter form counts only where it is no part of the fullest name: the Apple of an
    Apple Records is another company.
    """
    key = make_key(cluster.name, "")
    others = (
        alias
        for alias in cluster.aliases
        if alias not in cluster.name or differs_by_optional_words(make_key(alias, ""), key)
    )
    found: dict[str, Identity] = {}
    for name in dict.fromkeys((cluster.name, *others)):
        for organization in find_organizations(name):
            if organization.wikidata and _may_mean(name, organization, setting):
                found.setdefault(organization.wikidata, _of_organization(organization))
                break
    return next(iter(found.values())) if len(found) == 1 else None


def _may_mean(name: str, organization: Organization, setting: Setting) -> bool:
    """Say whether a name means an organization.

    A party needs its country in the article, and so does an office that every state has:
    the country that the article is about.
    """
    if is_office(name) and " " not in name:
        home = find_country(setting.home)
        return home is not None and home.code == organization.country
    if is_office(name):
        return organization.country in setting.countries
    return "party" not in name.casefold().split() or organization.country in setting.countries


def _of_organization(organization: Organization) -> Identity:
    return Identity(
        key=organization.wikidata,
        name=organization.name,
        type=organization.type,
        wikidata=organization.wikidata,
        geonames="",
        rule="name of a well-known organization",
        score=0.95,
    )
