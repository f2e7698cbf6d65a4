"""Units as people write them: in headings, in cells, in a column of their own; years that are missing."""

from __future__ import annotations

from typing import Any

import pytest

import esc_sim as esc
from esc_sim.importing import import_source
from esc_sim.importing.words import words_of
from tests.importing.test_import import DEMAND, LANES, MAKING, Rows, arcs, book, refused


def lanes_with(heading: str, cell: Any, *more: Any) -> Rows:
    """The lanes of the small network, the first with this lead time and whatever stands beside it."""
    first, *rest = LANES[1:]
    return [
        [*LANES[0][:2], heading, *more[:1]],
        [*first[:2], cell, *more[1:]],
        *[[*row[:2], 1, *[None] * (len(more) > 0)] for row in rest],
    ]


@pytest.mark.parametrize(
    ("heading", "cell", "days"),
    [
        ("Lead time (working days)", 10, 14.0),
        ("Lead time business days", 5, 7.0),
        ("Lead time", "5 working days", 7.0),
        ("Lead time [w]", 2, 14.0),
        ("Lead time", "2 w", 14.0),
        ("Transit time h", 36, 1.5),
        ("LT (wks)", 2, 14.0),
    ],
)
def test_units_of_time_in_headings_and_cells(heading: str, cell: Any, days: float) -> None:
    imported = import_source(book(Lanes=lanes_with(heading, cell)), step="day")
    assert arcs(imported)["mill", "depot_north"].lead_time == pytest.approx(days)
    said = any("a working day counts as 7/5 of a day" in text for text in imported.found.assumed)
    assert said == (days in (7.0, 14.0) and "days" in f"{heading} {cell}")


@pytest.mark.parametrize("heading", ["Unit", "UoM", "Lead time unit", "Unit of measure"])
def test_a_column_of_units_beside_the_lead_time(heading: str) -> None:
    imported = import_source(book(Lanes=lanes_with("Lead time", 2, heading, "weeks")), step="day")
    assert arcs(imported)["mill", "depot_north"].lead_time == 14.0
    assert "table Lanes:1:D: 'sprints' is no unit of time" in refused(
        book(Lanes=lanes_with("Lead time", 2, heading, "sprints"))
    )
    text = refused(book(Lanes=lanes_with("Lead time (days)", 2, heading, "weeks")))
    assert "table Lanes:1:D: 'weeks' contradicts the heading 'Lead time (days)'" in text


def test_units_that_are_not_understood_are_refused_or_said() -> None:
    assert "table Lanes:1:C: '2 sprints' is in no unit of time" in refused(
        book(Lanes=lanes_with("Lead time", "2 sprints"))
    )
    for table, rows in (
        ("Lanes", lanes_with("Lead time (sprints)", 2)),
        ("Demand", [["Store", "Weekly demand (furlongs)"], ["Corner shop", 70], ["Market hall", 35]]),
        ("Demand", [["Store", "Weekly demand"], ["Corner shop", "70 furlongs"], ["Market hall", 35]]),
    ):
        assumed = "\n".join(import_source(book(**{table: rows})).found.assumed)
        assert "sprint" in assumed or "furlong" in assumed


@pytest.mark.parametrize(
    ("heading", "cell", "more"),
    [
        ("Weekly demand ('000)", 7, ()),
        ("Weekly demand (thousands)", 7, ()),
        ("Weekly demand (k pcs)", 7, ()),
        ("Weekly demand in thousands", 7, ()),
        ("Weekly demand", "7k", ()),
        ("Weekly demand", 7, ("Unit", "'000")),
        ("Weekly demand", 7000, ("Unit", "pcs")),
    ],
)
def test_thousands(heading: str, cell: Any, more: tuple[str, ...]) -> None:
    rows = [["Store", heading, *more[:1]], *[[store, cell, *more[1:]] for store in ("Corner shop", "Market hall")]]
    means = import_source(book(Demand=rows), step="day").content.history.means
    assert means["corner_shop", "goods"] == (1000.0, None)


def test_prices_in_thousands_and_for_several_units() -> None:
    for heading, value in (("Price (kEUR)", 0.0095), ("Price per 1000 (EUR)", 9500), ("Price (EUR/100 pcs)", 950)):
        products: Rows = [["SKU", "Description", heading], ["T1", "Tea box", value]]
        scenario = import_source(book(**MAKING | {"Products": products})).scenario
        assert [line.demand.price for line in scenario.stocks if line.demand is not None] == pytest.approx([9.5, 9.5])


def test_the_standard_deviation_of_demand_is_read() -> None:
    for heading in ("Std dev", "Standard deviation", "StDev"):
        rows: Rows = [["Store", "Daily demand", heading], ["Corner shop", 70, 8], ["Market hall", 35, 4]]
        scenario = import_source(book(Demand=rows), step="day").scenario
        demand = {line.node: line.demand for line in scenario.stocks if line.demand is not None}
        assert (demand["corner_shop"].mean, demand["corner_shop"].sd) == (70.0, 8.0)


def test_min_and_max_in_brackets_tell_lead_times_apart() -> None:
    lanes = [["From", "To", "Lead time (min)", "Lead time (max)"], *[[*row[:2], 2, 4] for row in LANES[1:]]]
    found = arcs(import_source(book(Lanes=lanes), step="day"))
    assert found["mill", "depot_north"].lead_time == esc.Uniform(low=2, high=4)
    assert words_of("Price per unit").words == {"price"}


def test_a_currency_that_only_amounts_name() -> None:
    prices = {
        "Products": [["SKU", "Description", "Price"], ["T1", "Tea box", "9,50 \N{EURO SIGN}"]],
        "Suppliers": [
            ["Supplier", "Material", "Unit price"],
            ["Leaf Ltd", "Leaves", "EUR 2.5"],
            ["Card & Co", "Box", 1],
        ],
    }
    source = book(**{key: rows for key, rows in (MAKING | prices).items() if key != "Rates"})
    imported = import_source(source)
    # The price, and 1 for the way.
    assert (imported.scenario.units.money, arcs(imported)["leaf_ltd", "mill"].other_cost) == ("EUR", 3.5)


def test_codes_that_differ_in_case_alone_are_one() -> None:
    sites: Rows = [
        ["Name", "Code", "Type"],
        ["Mill", "M1", "Plant"],
        ["Depot North", "D1", "Warehouse"],
        ["Corner shop", "C3", "Store"],
        ["Market hall", "C4", "Store"],
        ["Corner shop", "c3", "Store"],
    ]
    demand = [[{"Corner shop": "C3"}.get(row[0], row[0]), *row[1:]] for row in DEMAND]
    imported = import_source(book(Sites=sites, Demand=demand))
    assert len(imported.scenario.nodes) == 4
    assert any("stands here again; merged" in text for text in imported.found.left_out)
    sites[4][1] = "c3"
    assert "table Sites:4:A: the code 'c3' is that of 'Corner shop', too" in refused(book(Sites=sites))


def test_a_column_of_who_serves_a_shop_is_not_its_code() -> None:
    tables = book(Lanes=LANES) | book(
        Shops=[["Shop", "Warehouse"], ["Corner shop", "Depot North"], ["Market hall", "x"]]
    )
    assert len(import_source(tables).scenario.nodes) == 4
    sites: Rows = [["Name", "Type", "Depot"], ["Mill", "Plant", None], ["Depot North", "Warehouse", None]]
    sites += [["Corner shop", "Store", "Depot North"], ["Market hall", "Store", "Depot North"]]
    imported = import_source(book(Sites=sites))
    assert any("'Depot' (C)" in text for text in imported.found.left_out)


MONTHS: Rows = [["Store", "Jan", "Feb", "Mar", "Apr"], *DEMAND[1:]]


@pytest.mark.parametrize(
    ("headings", "first"),
    [(["Jan", "Feb", "Mar", "Apr"], "2025-01-01"), (["KW 1", "KW 2", "KW 3", "KW 4"], "2024-12-30")],
)
def test_months_and_weeks_without_a_year(headings: list[str], first: str) -> None:
    rows: Rows = [["Store", *headings], *DEMAND[1:]]
    assert f"'{headings[0]}': the year is missing" in refused(book(Demand=rows))
    tables = {key: table for key, table in book().items() if key != "Demand"} | {
        "Sales 2025": book(Demand=rows)["Demand"]
    }
    imported = import_source(tables)
    assert imported.content.history.dates[0].isoformat() == first
    assert any("without a year are of 2025" in text for text in imported.found.assumed)


def test_months_down_a_column_without_a_year() -> None:
    rows: Rows = [["Store", "Month", "Qty"], *[["Corner shop", month, 5] for month in ("Jan", "Feb", "Mar")]]
    assert "table Demand:1:B: 'Jan' has no year" in refused(book(Demand=rows))
    tables = {key: table for key, table in book().items() if key != "Demand"} | {
        "Sales 2025": book(Demand=rows)["Demand"]
    }
    assert [date.month for date in import_source(tables).content.history.dates] == [1, 2, 3]


def test_quarters_among_months_are_sums_and_months_do_not_go_back() -> None:
    rows: Rows = [["Store", "Jan 2025", "Feb 2025", "Mar 2025", "Q1 2025"], ["Corner shop", 1, 2, 3, 6]]
    assert import_source(book(Demand=rows)).content.history.series["corner_shop", "goods"] == [1, 2, 3]
    rows = [["Store", "Nov", "Dec", "Jan", "Feb"], *DEMAND[1:]]
    tables = {key: table for key, table in book().items() if key != "Demand"} | {
        "Sales 2025": book(Demand=rows)["Demand"]
    }
    assert "'Jan': does not come after the heading before it" in refused(tables)
