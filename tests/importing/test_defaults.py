"""What an import makes of a book where a cell says nothing: profit, gaps, scarce goods, buffers, and what it tells."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

import esc_sim as esc
from esc_sim.importing import Imported, import_source
from esc_sim.importing.page import page_of

Rows = list[list[Any]]
MONTHS = [f"2025-{month:02d}" for month in range(1, 13)]
STEADY = [3044, 3011, 3050, 3020, 3099, 3000, 3044, 3060, 3055, 3080, 3010, 3033]
SITES: Rows = [["Site", "Type"], ["Plant X", "Plant"], ["Shop Y", "Shop"]]
TWO: Rows = [["From", "To", "Lead time (days)", "Freight"], ["Plant X", "Shop Y", 2, 0.5]]


def imported(**tables: Rows) -> Imported:
    """The import of tables, the first row of each its headings."""
    return import_source({name: pd.DataFrame(rows[1:], columns=rows[0]) for name, rows in tables.items()}, step="day")


def of_demand(*rows: list[Any], **more: Rows) -> Imported:
    """The plant and the shop, with histories by month."""
    demand: Rows = [["Site", "SKU", *MONTHS], *(["Shop Y", *row] for row in rows)]
    return imported(**{"Sites": SITES, "Lanes": TWO, "Demand": demand} | more)


def law_of(found: Imported, product: str) -> Any:
    """The law of the demand for a product."""
    demand = next(line.demand for line in found.scenario.stocks if line.demand and line.product == product)
    return demand.law


def levels_of(found: Imported) -> dict[str, float]:
    """Order-up-to levels by product."""
    orders = {line.product: line.order for line in found.scenario.stocks}
    return {product: order.order_up_to for product, order in orders.items() if isinstance(order, esc.BaseStockOrder)}


def test_profit_is_sales_less_purchases_and_freight() -> None:
    bought = of_demand(
        ["K", *STEADY],
        Sites=[*SITES, ["Vendor V", "Supplier"]],
        Suppliers=[["Supplier", "Part", "Price"], ["Vendor V", "P", 8]],
        BOM=[["Product", "Component", "Qty"], ["K", "P", 1]],
        SKUs=[["SKU", "Selling price", "Standard cost"], ["K", 10, 9]],
        Lanes=[TWO[0], ["Vendor V", "Plant X", 3, 0.25], ["Plant X", "Shop Y", 2, 0.5]],
    )
    arcs = {arc.supplier: (arc.price, arc.other_cost) for arc in bought.scenario.arcs}
    assert arcs == {"vendor_v": (0.0, 8.25), "plant_x": (9.0, 0.5)}
    result = esc.simulate(
        bought.scenario, overrides={"run.warm_up": 30, "run.periods": 120}, replications=1, seed=1, engine="agents"
    )
    sold = result.summary["kpis"]["undisrupted"]["profit_per_period"]["mean"] / (10 - 8 - 0.25 - 0.5)
    assert sold == pytest.approx(sum(STEADY) / 365.25, rel=0.03)


def test_goods_that_begin_at_an_own_site_cost_what_their_sheet_says() -> None:
    skus: Rows = [["SKU", "Selling price", "Standard cost"], ["K", 10, 6]]
    lanes: Rows = [[*TWO[0], "Price"], ["Plant X", "Shop Y", 2, 0.5, 7]]
    (arc,) = of_demand(["K", *STEADY], SKUs=skus, Lanes=lanes).scenario.arcs
    assert (arc.price, arc.other_cost) == (1.0, 6.5)  # the plant earns what its buyer pays above the cost


def test_an_empty_month_is_no_zero_and_a_written_zero_is_one() -> None:
    gap = [*STEADY[:5], None, *STEADY[6:]]
    found = of_demand(["K", *gap], ["J", *STEADY], ["Z", *STEADY[:5], 0, *STEADY[6:]])
    levels = levels_of(found)
    assert levels["k"] == pytest.approx(levels["j"], rel=0.05)
    series = found.content.history.series
    assert math.isnan(series["shop_y", "k"][5])
    assert series["shop_y", "z"][5] == 0.0
    assert any("1 month of all series within" in text for text in found.found.assumed)


def test_what_begins_late_or_is_not_yet_recorded_has_a_law_of_what_there_is() -> None:
    found = of_demand(["K", *STEADY[:11], "-"], ["N", *[None] * 8, *STEADY[8:]], ["J", *STEADY])
    means = {item[1]: mean for item, mean in found.content.history.series.items()}
    assert sum(map(math.isnan, means["k"])) == 1
    assert sum(map(math.isnan, means["n"])) == 8
    levels = levels_of(found).values()
    assert max(levels) < 1.1 * min(levels)
    told = " ".join(found.found.assumed)
    assert "8 months of all series before a series begins" in told
    assert "1 month of all series at the end" in told


def test_a_month_without_demand_leaves_no_lump_on_a_day() -> None:
    found = of_demand(["K", *[3000, 0] * 6])
    law = law_of(found, "k")
    assert (law.law, law.block) == ("empirical", 30)
    assert max(law.values) < 101
    assert sum(law.values) == pytest.approx(18000)
    # Two days of a month with demand ask for 200, and days of a month hang together.
    assert 200 < levels_of(found)["k"] < 400
    few = law_of(of_demand(["K", 1, 0, 0, 2, 0, 0, 1, 0, 0, 0, 3, 0]), "k")
    assert few.law in ("negative_binomial", "poisson")
    assert few.mean == pytest.approx(7 / 365.25, rel=1e-3)


def test_a_safety_stock_is_part_of_the_level_and_none_is_kept_from_sale() -> None:
    stock: Rows = [["Site", "SKU", "Safety stock"], ["Shop Y", "K", 20]]
    found = of_demand(["K", *[3000] * 12], Stock=stock)
    assert not any(line.safety_stock for line in found.scenario.stocks)
    assert levels_of(found)["k"] == pytest.approx(2 * 36000 / 365.25 + 20)


def test_every_default_that_decides_numbers_is_told_with_its_count() -> None:
    found = of_demand(
        ["K", *STEADY],
        ["J", *STEADY],
        Sites=[["Site", "Type", "Capacity"], ["Plant X", "Plant", 9000], ["Shop Y", "Shop", None]],
        Lanes=[["From", "To", "Mode", "Lead time"], ["Plant X", "Shop Y", "road", 2], ["Plant X", "Shop Y", "rail", 4]],
    )
    assert found.scenario.rules.allocation == "proportional"
    page = page_of(found, "book")
    for text in (
        "2 lead times of which no cell or heading names the unit: taken as days",
        "sale price of 2 of 2 products of which no sheet gives it: 1 a unit",
        "1 cell with a capacity of which no cell or heading names the time: units a month",
        "the capacity of 1 site that make several products is shared out",
        "2 items with several suppliers or modes and no shares",
        "holding cost of 4 of 4 items",
        "4 first stocks (of 4 items) and 2 of 2 order-up-to levels",
        "in proportion to what they ask for",
        "Cost net of transfers",
    ):
        assert text in page
    means = imported(Sites=SITES, Lanes=TWO, Demand=[["Site", "SKU", "Demand per week"], ["Shop Y", "K", 70]])
    assert "demand of 1 item without a history: a standard deviation of 0.3 times" in page_of(means, "book")
