"""Names lead to countries, cities, organizations and currencies, and to nothing else."""

from __future__ import annotations

import importlib.resources
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kg.gazetteer
from kg.gazetteer import (
    City,
    Country,
    Region,
    find_city,
    find_country,
    find_country_by_code,
    find_currency,
    find_listed_company,
    find_organization,
    find_organizations,
    find_places,
    find_region,
    list_cities,
    list_countries,
    list_currencies,
    list_organizations,
    list_regions,
    strip_legal_form,
)
from kg.gazetteer.tables import FOLDER

COUNTRIES = list_countries()
CITIES = list_cities()
REGIONS = list_regions()
ORGANIZATIONS = list_organizations()

# ISO 3166-1 alpha-2 as of 2024, all 249.
ISO_3166 = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
""".split()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("China", "CN"),
        ("Chinese", "CN"),
        ("CHINA", "CN"),
        ("PRC", "CN"),
        ("U.S.", "US"),
        ("US", "US"),
        ("the U.S.", "US"),
        ("U.S.A.", "US"),
        ("The United States", "US"),
        ("America's", "US"),
        ("Britain", "GB"),
        ("British", "GB"),
        ("UK", "GB"),
        ("Scottish", "GB-SCT"),
        ("Ivory Coast", "CI"),
        ("Cote d'Ivoire", "CI"),
        ("CÔTE D\u2019IVOIRE", "CI"),
        ("The Bahamas", "BS"),
        ("Türkiye", "TR"),
        ("Soviet", "SUHH"),
        ("Dutch", "NL"),
    ],
)
def test_a_country_is_found_by_name_adjective_and_abbreviation(name: str, code: str):
    country = find_country(name)
    assert country is not None
    assert country.code == code


@pytest.mark.parametrize(
    "name", ["us", "turkey", "chad", "Us", "", "  ", "Apple", "Atlantis", "no"]
)
def test_other_words_are_no_country(name: str):
    assert find_country(name) is None


def test_every_country_of_iso_3166_is_there():
    codes = {country.code for country in COUNTRIES}
    assert len(ISO_3166) == 249
    assert set(ISO_3166) <= codes
    for code in ISO_3166:
        country = find_country_by_code(code)
        assert country is not None
        assert country.iso_code == code
        assert not country.is_former
        assert re.fullmatch(r"Q[1-9]\d*", country.wikidata), code
        assert re.fullmatch(r"[1-9]\d*", country.geonames), code
        assert find_country_by_code(country.iso3) == country


@pytest.mark.parametrize("attribute", ["code", "name", "iso3", "wikidata", "geonames"])
def test_ids_of_countries_are_unique(attribute: str):
    values = [getattr(country, attribute) for country in COUNTRIES]
    known = [value for value in values if value]
    assert len(known) == len(set(known))


def test_ids_of_cities_regions_and_organizations_are_unique():
    for ids in (
        [city.geonames for city in CITIES],
        [city.wikidata for city in CITIES if city.wikidata],
        [region.code for region in REGIONS if region.code],
        [region.wikidata for region in REGIONS if region.wikidata],
        [o.wikidata for o in ORGANIZATIONS if o.wikidata],
    ):
        assert len(ids) == len(set(ids))


@given(st.sampled_from(COUNTRIES))
def test_every_name_of_a_country_finds_it(country: Country):
    for name in (country.name, *country.aliases, *country.demonyms):
        assert country in find_places(name), name
        assert find_country(name) is not None
    for name in (country.name, *country.aliases):
        assert find_country(name) == country, name


@given(st.sampled_from(CITIES))
def test_every_name_of_a_city_finds_it(city: City):
    for name in (city.name, *city.aliases):
        if name != name.lower():
            assert city in find_places(name), name
            assert find_city(name, city.country) is not None


@given(st.sampled_from(REGIONS))
def test_every_name_of_a_region_finds_it(region: Region):
    for name in (region.name, *region.aliases):
        assert region in find_places(name), name


@given(st.sampled_from(ORGANIZATIONS))
def test_every_name_of_an_organization_finds_it(organization: kg.gazetteer.Organization):
    for name in (organization.name, *organization.aliases):
        if name != name.lower():
            assert organization in find_organizations(name), name


@given(st.text())
def test_any_text_may_be_asked_for(text: str):
    found = find_places(text)
    assert found == tuple(dict.fromkeys(found))
    find_organization(text)
    find_currency(text)
    assert text.startswith(strip_legal_form(text).split(" ", 1)[0])


@pytest.mark.parametrize(
    ("name", "first", "others"),
    [
        ("Georgia", (Country, "GE"), (Region, "US-GA")),
        ("Washington", (City, "4140963"), (Region, "US-WA")),
        ("Paris", (City, "2988507"), (City, "4717560")),
        ("New York", (City, "5128581"), (Region, "US-NY")),
        ("Victoria", (Region, "AU-VIC"), (City, "6174041")),
        ("Singapore", (Country, "SG"), (City, "1880252")),
    ],
)
def test_a_shared_name_gives_all_places_best_first(
    name: str, first: tuple[type, str], others: tuple[type, str]
):
    found = [(type(p), p.geonames if isinstance(p, City) else p.code) for p in find_places(name)]
    assert found[0] == first
    assert others in found[1:]


@pytest.mark.parametrize("name", ["Jordan", "Turkey", "Chad"])
def test_a_country_comes_before_towns_of_its_name(name: str):
    assert isinstance(find_places(name)[0], Country)


def test_a_capital_knows_its_country():
    beijing = find_city("Beijing")
    assert beijing is not None
    assert find_country_by_code(beijing.capital_of) == find_country("China")
    capitals = {city.capital_of for city in CITIES}
    assert len(capitals) > 230


def test_a_place_after_the_comma_narrows_down():
    for name, region in (("Paris, Texas", "Texas"), ("Springfield, Ill.", "Illinois")):
        city = find_city(name)
        assert city is not None
        assert city.region == region
    assert find_places("Paris, Japan") == ()


def test_a_country_narrows_down():
    for country in ("CA", "CAN", "Canada", "Canadian"):
        london = find_city("London", country)
        assert london is not None
        assert london.region == "Ontario"
    assert find_city("London", "Japan") is None
    assert find_region("Victoria", "Australia") is not None
    assert find_region("Victoria", "Nowhere") is None


def test_legal_forms_come_and_go():
    for name in ("Siemens", "Siemens AG", "SIEMENS AG", "Siemens Aktiengesellschaft"):
        company = find_organization(name)
        assert company is not None
        assert company.wikidata == "Q81230"
    assert strip_legal_form("Acme Pty. Ltd.") == "Acme"
    assert strip_legal_form("Acme, Inc.") == "Acme"
    assert strip_legal_form("Acme S.p.A.") == "Acme"
    assert strip_legal_form("The Company") == "The Company"
    assert strip_legal_form("Limited") == "Limited"
    assert strip_legal_form("Costco") == "Costco"


def test_short_acronyms_count_as_written():
    assert find_organization("WHO") == find_organization("World Health Organization")
    assert find_organization("W.H.O.") == find_organization("WHO")
    assert find_organization("Who") is None
    assert find_organization("who") is None


def test_listed_companies_are_found_by_ticker():
    company = find_listed_company("SIE.DE")
    assert company is not None
    assert company == find_organization("Siemens")
    assert find_listed_company("no such ticker") is None


def test_currencies_are_found_by_code_sign_and_name():
    for name, code in (
        ("$", "USD"),
        ("US$", "USD"),
        ("€", "EUR"),
        ("Euros", "EUR"),
        ("yen", "JPY"),
    ):
        currency = find_currency(name)
        assert currency is not None
        assert currency.code == code
    assert find_currency("usd") is None
    for currency in list_currencies():
        assert find_currency(currency.code) == currency
        assert re.fullmatch(r"[A-Z]{3}", currency.code)
        assert 0 <= currency.digits <= 4


def test_countries_name_currencies_that_exist():
    for country in COUNTRIES:
        if country.currency:
            assert find_currency(country.currency), country.code


def test_sources_list_every_file_and_its_rows():
    listed = dict(
        re.findall(r"^\| `((?:tables|sources)/[^`]+)` \| ([\d,]+) \|", _read_sources(), re.M)
    )
    files = {
        p.relative_to(FOLDER).as_posix()
        for d in ("tables", "sources")
        for p in (FOLDER / d).iterdir()
    }
    assert set(listed) == files
    for name, rows in (
        ("countries.tsv", COUNTRIES),
        ("cities.tsv.gz", CITIES),
        ("regions.tsv", REGIONS),
        ("currencies.tsv", list_currencies()),
    ):
        assert int(listed[f"tables/{name}"].replace(",", "")) == len(rows)
    tables = ("tables/organizations.tsv", "tables/companies.tsv.gz")
    assert sum(int(listed[name].replace(",", "")) for name in tables) == len(ORGANIZATIONS)
    for path in (FOLDER / "sources").iterdir():
        lines = [x for x in path.read_text(encoding="utf-8").splitlines() if x and x[0] != "#"]
        assert int(listed[f"sources/{path.name}"].replace(",", "")) == len(lines), path.name


def test_the_tables_stay_small():
    assert sum(p.stat().st_size for p in FOLDER.rglob("*") if p.is_file()) < 3_000_000


def test_the_data_lies_inside_the_package():
    assert Path(kg.gazetteer.__file__).parent == FOLDER
    inside = importlib.resources.files("kg.gazetteer")
    for name in ("SOURCES.md", "tables/countries.tsv", "tables/cities.tsv.gz"):
        assert inside.joinpath(name).is_file()


def test_the_tables_are_compiled_from_the_sources():
    told = {(c.code, c.name) for c in COUNTRIES} | {(r.code, r.name) for r in REGIONS}
    told |= {(c.country, c.name) for c in CITIES} | {(o.wikidata, o.name) for o in ORGANIZATIONS}
    for name, place in (("countries", 1), ("regions", 1), ("cities", 1), ("organizations", 2)):
        for line in (FOLDER / "sources" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            cells = [cell.strip() for cell in line.split(";")]
            if not line.startswith("#"):
                assert (cells[0], cells[place]) in told, f"{line}: run kg.train.gazetteer"


def _read_sources() -> str:
    return (FOLDER / "SOURCES.md").read_text(encoding="utf-8")
