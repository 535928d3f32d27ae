"""Dates, money, percentages and counts."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.nlp.values import find_values

FRIDAY = date(2020, 8, 14)


def read(text: str, published: date | None = FRIDAY) -> list[tuple[str, str, str]]:
    return [
        (v.literal.value, v.literal.datatype, v.literal.currency)
        for v in find_values(text, published=published)
    ]


@pytest.mark.parametrize(
    ("text", "value", "datatype"),
    [
        ("on August 23, 2020", "2020-08-23", "date"),
        ("on 23 August 2020", "2020-08-23", "date"),
        ("on the 23rd of August, 2020", "2020-08-23", "date"),
        ("on Aug. 23", "2020-08-23".replace("2020", "2019"), "date"),
        ("on 2 August", "2020-08-02", "date"),
        ("on 2020-08-23", "2020-08-23", "date"),
        ("in August 2018", "2018-08", "gYearMonth"),
        ("in June", "2020-06", "gYearMonth"),
        ("in December", "2019-12", "gYearMonth"),
        ("founded in 1997", "1997", "gYear"),
        ("last year", "2019", "gYear"),
        ("this year", "2020", "gYear"),
        ("last month", "2020-07", "gYearMonth"),
        ("on Wednesday", "2020-08-12", "date"),
        ("on Friday", "2020-08-14", "date"),
        ("yesterday", "2020-08-13", "date"),
    ],
)
def test_dates(text: str, value: str, datatype: str) -> None:
    assert read(text) == [(value, datatype, "")]


def test_dates_without_a_publication_date_need_a_year() -> None:
    assert read("in June, on Wednesday, on May 3, in May 2019", None) == [
        ("3", "integer", ""),
        ("2019-05", "gYearMonth", ""),
    ]


def test_no_calendar_has_the_date() -> None:
    assert ("2020-02-31", "date", "") not in read("on February 31, 2020")


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("$11 billion", "11000000000", "USD"),
        ("US$ 52 billion", "52000000000", "USD"),
        ("€140 million", "140000000", "EUR"),
        ("STG£37.9m", "37900000", "GBP"),
        ("£8.8bn", "8800000000", "GBP"),
        ("CAN$1.2-billion", "1200000000", "CAD"),
        ("$100,000,000", "100000000", "USD"),
        ("225.4 million euros", "225400000", "EUR"),
        ("two billion dollars", "2000000000", "USD"),
        ("40 crore rupees", "400000000", "INR"),
        ("HK$3.50", "3.5", "HKD"),
        ("500 yen", "500", "JPY"),
    ],
)
def test_money(text: str, amount: str, currency: str) -> None:
    assert read(f"It paid {text} for it.") == [(amount, "money", currency)]


@pytest.mark.parametrize(
    ("text", "value", "datatype"),
    [
        ("22 percent", "22", "decimal"),
        ("5.5%", "5.5", "decimal"),
        ("300 million users", "300000000", "integer"),
        ("1,500 people", "1500", "integer"),
        ("two million readers", "2000000", "integer"),
        ("14 shops", "14", "integer"),
    ],
)
def test_amounts(text: str, value: str, datatype: str) -> None:
    assert read(text) == [(value, datatype, "")]


@given(st.text(alphabet="$€1290 ,.-%MmayJune2020billion", max_size=60))
def test_values_are_sorted_spans_of_the_text(text: str) -> None:
    end = 0
    for value in find_values(text, published=FRIDAY):
        assert end <= value.span.start < value.span.end <= len(text)
        assert value.literal.text == text[value.span.start : value.span.end]
        end = value.span.end
