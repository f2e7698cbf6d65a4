"""Words, numbers and dates of cells, as people write them."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from esc_sim.importing.names import BY_KEY, TABLES, concepts_called, role_called, sheet_called, split
from esc_sim.importing.words import currency_beside, identifier_of, same_name, time_beside, words_of
from esc_sim.scenario.amounts import amount_in, ends_of, mark_shown, value_of
from esc_sim.scenario.usual_dates import orders_of, periods_between, read_date, step_between


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("1.234,5", "comma", 1234.5),
        ("1,234.5", "point", 1234.5),
        ("1.234.567", "comma", 1234567.0),
        ("0,125", "comma", 0.125),
        ("12,50", "comma", 12.5),
        ("\N{EURO SIGN} 389.50", "point", 389.5),
        ("USD -3.5", "point", -3.5),
        ("(45)", None, -45.0),
        ("1 240", None, 1240.0),
        ("1\N{NO-BREAK SPACE}240,5", "comma", 1240.5),
        ("1'240", None, 1240.0),
        ("'48.2082", "point", 48.2082),
        ("12 days", None, 12.0),
        ("1e3", None, 1000.0),
        ("1.234", None, 1.234),
    ],
)
def test_texts_of_numbers(text: str, mark: str | None, value: float) -> None:
    amount = amount_in(text)
    assert amount is not None
    assert mark_shown(amount.digits) == mark
    assert value_of(amount.digits, mark) == value  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["many", "#N/A", "3 of 5", "2026-01-31", "1,23,4.5.6", ""])
def test_what_is_no_number(text: str) -> None:
    amount = amount_in(text)
    assert amount is None or value_of(amount.digits, "point") is None


def test_what_stands_beside_a_number() -> None:
    for text, time, currency in (("2 wks", "week", None), ("$ 4", None, "USD"), ("4 EUR/pc", None, "EUR")):
        amount = amount_in(text)
        assert amount is not None
        assert (time_beside(amount.unit), currency_beside(amount.unit)) == (time, currency)
    assert ends_of("3-5 days") == ("3 days", "5 days")
    assert ends_of("3 to 5") == ("3 ", "5 ")
    assert ends_of("-3") is None


@pytest.mark.parametrize(
    ("text", "date", "step"),
    [
        ("2026-03-04", (2026, 3, 4), None),
        ("2026-03", (2026, 3, 1), "month"),
        ("Mar 2026", (2026, 3, 1), "month"),
        ("2026 March", (2026, 3, 1), "month"),
        ("Mar-26", (2026, 3, 1), "month"),
        ("03/2026", (2026, 3, 1), "month"),
        ("31.03.2026", (2026, 3, 31), None),
        ("31/03/26", (2026, 3, 31), None),
        ("4 March 2026", (2026, 3, 4), None),
        ("2026-W10", (2026, 3, 2), "week"),
        ("KW 10 2026", (2026, 3, 2), "week"),
        ("Q2 2026", (2026, 4, 1), "quarter"),
    ],
)
def test_dates(text: str, date: tuple[int, int, int], step: str | None) -> None:
    found = read_date(text)
    assert found is not None
    assert (found.date, found.step) == (datetime.date(*date), step)


@pytest.mark.parametrize("value", ["03/04/2026", "2026", "Brno", "32.01.2026", "2026-W60", 7, None])
def test_what_is_no_date_by_itself(value: Any) -> None:
    assert read_date(value) is None


def test_the_order_of_day_and_month() -> None:
    assert orders_of("03/04/2026") == {"day first", "month first"}
    assert orders_of("31/01/2026") == {"day first"}
    assert orders_of("03.04.2026") == {"day first"}
    found = read_date("03/04/2026", "month first")
    assert found is not None
    assert found.date == datetime.date(2026, 3, 4)


def test_steps_between_dates() -> None:
    def step(*days: str) -> str:
        return step_between([datetime.date.fromisoformat(day) for day in days], set())

    assert step("2026-01-01", "2026-02-01") == "month"
    assert step("2026-01-31", "2026-02-28", "2026-03-31") == "month"
    assert step("2026-01-01", "2026-04-01", "2026-07-01") == "quarter"
    assert step("2026-01-05", "2026-01-12", "2026-01-26") == "week"
    assert step("2026-01-05", "2026-01-06", "2026-01-09") == "day"
    months = periods_between(datetime.date(2025, 11, 1), datetime.date(2026, 2, 1), "month")
    assert [date.month for date in months] == [11, 12, 1, 2]


def test_words_of_headings() -> None:
    lead = words_of("Lead times\n[days]")
    assert (lead.words, lead.time) == ({"lead", "time"}, "day")
    assert words_of("UNIT_PRICE (USD/pc)").words == {"price"}
    assert words_of("Price per unit in EUR").currency == "EUR"
    assert words_of("LeadTime").words == lead.words
    assert identifier_of("São Paulo / Werk 2") == "sao_paulo_werk_2"
    assert same_name("Graz Süd ") == same_name("GRAZ-SUD")


@pytest.mark.parametrize(
    ("name", "table", "role"),
    [
        ("Facilities", "sites", ""),
        ("Plants", "sites", "plant"),
        ("DCs", "sites", "depot"),
        ("Retail_Stores", "sites", "shop"),
        ("Vendors", "sites", "supplier"),
        ("Transport Lanes", "lanes", ""),
        ("SKU list", "products", ""),
        ("Bill of Materials", "bom", ""),
        ("Sales history", "demand", ""),
        ("2025 Sales history (units)", "demand", ""),
        ("Inventory", "stocks", ""),
        ("FX rates", "rates", ""),
        ("Shared capacities", "capacities", ""),
        ("Purchase prices", "offers", ""),
    ],
)
def test_names_of_sheets(name: str, table: str, role: str) -> None:
    found = sheet_called(name)
    assert found is not None
    assert found[:2] == (table, role)


def test_a_sheet_of_another_name_is_none() -> None:
    assert sheet_called("Read me") is None
    assert role_called("Distribution Centres") == "depot"
    assert role_called("Office") is None


@pytest.mark.parametrize(
    ("table", "heading", "key"),
    [
        ("sites", "Site Name", "name"),
        ("sites", "Lat.", "latitude"),
        ("lanes", "Ship from", "from"),
        ("lanes", "transit_time_max (d)", "lead_time_high"),
        ("lanes", "Most likely lead time", "lead_time"),
        ("lanes", "Freight cost per unit [EUR]", "other_cost"),
        ("demand", "Units sold", "quantity"),
        ("demand", "Week commencing", "date"),
        ("bom", "Qty per", "quantity"),
        ("stocks", "On hand", "initial_stock"),
    ],
)
def test_headings(table: str, heading: str, key: str) -> None:
    assert concepts_called(table, heading)[0][1] == key


def test_every_usual_name_is_recognised_as_what_it_stands_for() -> None:
    for table in TABLES:
        for names in table.sheets.values():
            for name in split(names):
                found = sheet_called(name)
                assert found is not None
                assert found[0] == table.key, f"{name}: {found}"
        for concept in BY_KEY[table.key].concepts:
            for name in split(concept.names):
                assert concept.key in {key for _, key in concepts_called(table.key, name)}, (table.key, name)
