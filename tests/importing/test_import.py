"""Workbooks, folders, edge lists and data frames as scenarios: numbers, flows, money, periods, mapping, refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import esc_sim as esc
from esc_sim.cli import main
from esc_sim.importing import Imported, import_source, write_imported
from esc_sim.importing.mapping import MAPPING_FILE, read_mapping, text_of
from esc_sim.scenario.reader import load_scenario

Rows = list[list[Any]]

SITES: Rows = [
    ["Site", "Type", "Lat", "Long"],
    ["Mill", "Plant", 49.2, 16.6],
    ["Depot North", "Warehouse", 48.3, 14.3],
    ["Corner shop", "Store", 48.2, 16.4],
    ["Market hall", "Store", 47.0, 15.4],
]
LANES: Rows = [
    ["From", "To", "Lead time (days)", "Cost"],
    ["Mill", "Depot North", 3, 2.5],
    ["Depot North", "Corner shop", 1, 0.5],
    ["Depot North", "Market hall", 2, 0.75],
]
DEMAND: Rows = [
    ["Store", "2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26"],
    ["Corner shop", 70, 84, 63, 77],
    ["Market hall", 35, 28, 42, 35],
]


def frame(rows: Rows) -> pd.DataFrame:
    """A data frame of rows, the first of which names the columns."""
    return pd.DataFrame(rows[1:], columns=rows[0])


def book(**tables: Rows) -> dict[str, pd.DataFrame]:
    """The small network, with other tables in place of some of its own, or beside them."""
    return {name: frame(rows) for name, rows in ({"Sites": SITES, "Lanes": LANES, "Demand": DEMAND} | tables).items()}


def arcs(imported: Imported) -> dict[tuple[str, str], esc.Arc]:
    """Arcs by supplier and buyer."""
    return {(arc.supplier, arc.buyer): arc for arc in imported.scenario.arcs}


def refused(source: Any, **options: Any) -> str:
    """What is said of a source that is refused."""
    with pytest.raises(esc.InputError) as caught:
        import_source(source, **options)
    return "\n".join(caught.value.problems)


def test_a_small_network_from_data_frames() -> None:
    imported = import_source(book(), name="small")
    scenario = imported.scenario
    assert [(node.id, node.name, node.role) for node in scenario.nodes] == [
        ("mill", "Mill", "plant"),
        ("depot_north", "Depot North", "depot"),
        ("corner_shop", "Corner shop", "shop"),
        ("market_hall", "Market hall", "shop"),
    ]
    assert (scenario.nodes[0].latitude, scenario.nodes[0].longitude) == (49.2, 16.6)
    assert arcs(imported)["depot_north", "market_hall"].lead_time == 2.0
    assert arcs(imported)["depot_north", "market_hall"].other_cost == 0.75
    # Half of the lead times are shorter than two days, so that a week is split into days.
    assert (scenario.units.period, scenario.run.start) == ("day", "2026-02-02")
    assert imported.content.history.series["corner_shop", "goods"] == [70, 84, 63, 77]
    demand = {line.node: line.demand for line in scenario.stocks if line.demand is not None}
    assert set(demand) == {"corner_shop", "market_hall"}


def test_every_stocking_point_orders_and_holds_stock_at_first() -> None:
    scenario = import_source(book()).scenario
    bought = {(arc.buyer, arc.product) for arc in scenario.arcs}
    lines = {(line.node, line.product): line for line in scenario.stocks}
    assert all(lines[item].order is not None and lines[item].initial_stock > 0 for item in bought)
    made = [line for item, line in lines.items() if item not in bought]
    assert [(line.node, line.production is not None) for line in made] == [("mill", True)]


def test_the_first_run_meets_most_of_the_demand() -> None:
    changes = {"run.periods": 120, "run.warm_up": 20}
    result = esc.simulate(import_source(book()).scenario, overrides=changes, replications=4, engine="agents")
    assert result.summary["kpis"]["undisrupted"]["fill_rate"]["mean"] > 0.85


def test_three_lead_times_are_a_law_and_modes_are_arcs_of_their_own() -> None:
    lanes: Rows = [
        ["Origin", "Destination", "Mode", "LT min (d)", "LT usual (d)", "LT max (d)"],
        ["Mill", "Depot North", "Sea", 14, 21, 35],
        ["Mill", "Depot North", "Air", 2, 2, 2],
        ["Depot North", "Corner shop", "Road", None, 1, None],
        ["Depot North", "Market hall", "Road", 1, None, 3],
    ]
    scenario = import_source(book(Lanes=lanes), step="day").scenario
    found = {(arc.supplier, arc.buyer, arc.mode): arc.lead_time for arc in scenario.arcs}
    assert found["mill", "depot_north", "sea"] == esc.Triangular(low=14, most_likely=21, high=35)
    assert found["mill", "depot_north", "air"] == 2.0
    assert found["depot_north", "corner_shop", "road"] == 1.0
    assert found["depot_north", "market_hall", "road"] == esc.Uniform(low=1, high=3)


@pytest.mark.parametrize(
    ("heading", "cell", "days"),
    [
        ("Lead time", "2 weeks", 14.0),
        ("Lead time (weeks)", 2, 14.0),
        ("Lead time", 2, 2.0),
        ("Transit hours", 36, 1.5),
        ("Transit time (weeks)", "3 days", 3.0),
    ],
)
def test_units_of_time(heading: str, cell: Any, days: float) -> None:
    lanes = [[*LANES[0][:2], heading], ["Mill", "Depot North", cell], *[[*row[:2], 1] for row in LANES[2:]]]
    assert arcs(import_source(book(Lanes=lanes), step="day"))["mill", "depot_north"].lead_time == days


def test_a_range_in_a_cell_is_a_law() -> None:
    lanes = [*LANES[:1], ["Mill", "Depot North", "3-5 days", 2.5], *LANES[2:]]
    found = arcs(import_source(book(Lanes=lanes), step="day"))
    assert found["mill", "depot_north"].lead_time == esc.Uniform(low=3, high=5)


def test_a_capacity_that_lanes_share_and_one_of_a_lane_alone() -> None:
    lanes: Rows = [
        ["From", "To", "Via", "Capacity per week"],
        ["Mill", "Depot North", "Kanal 4", None],
        ["Depot North", "Corner shop", "Kanal 4", None],
        ["Depot North", "Market hall", None, 700],
    ]
    ports: Rows = [["Port", "Capacity per week"], ["Kanal 4", 1400]]
    imported = import_source(book(Lanes=lanes, Ports=ports), step="day")
    assert [(lane.id, lane.name, lane.capacity) for lane in imported.scenario.lanes] == [("kanal_4", "Kanal 4", 200.0)]
    assert arcs(imported)["mill", "depot_north"].lane == "kanal_4"
    assert arcs(imported)["depot_north", "market_hall"].cap == 100.0


def test_lanes_without_lead_times_go_by_the_distance_between_their_ends() -> None:
    lanes = [
        ["From", "To", "Mode"],
        *[[row[0], row[1], mode] for row, mode in zip(LANES[1:], ("air", "air", "van"), strict=True)],
    ]
    scenario = import_source(book(Lanes=lanes), step="day").scenario
    assert scenario.distances == esc.Distances(speed=600, modes={"air": esc.Travel(speed=4000)})
    found = {(arc.supplier, arc.buyer): arc.lead_time for arc in scenario.arcs}
    assert found["depot_north", "market_hall"] == pytest.approx(167.6 / 600, abs=0.01)
    assert found["depot_north", "corner_shop"] == pytest.approx(156.0 / 4000, abs=0.01)


LONG: Rows = [
    ["Date", "Store", "SKU", "Qty"],
    *[[f"2026-01-{day:02d}", "Corner shop", "tea", 10] for day in range(1, 29)],
    *[[f"2026-01-{day:02d}", "Market hall", "tea", 4] for day in range(1, 29, 2)],
]


def test_long_histories_by_day_are_added_up_and_filled() -> None:
    extra = [["2026-01-03", "Corner shop", "tea", 5]]
    imported = import_source(book(Demand=[*LONG, *extra]))
    history = imported.content.history
    assert (history.step, len(history.dates)) == ("day", 28)
    assert history.series["corner_shop", "tea"][:4] == [10, 10, 15, 10]
    assert history.series["market_hall", "tea"][:4] == [4, 0, 4, 0]
    assert any("14 days" in text for text in imported.found.assumed)


def test_columns_named_after_sites_or_products_and_a_year_beside_the_month() -> None:
    across: Rows = [["Month", "Corner shop", "Market hall", "Total"], ["2025-11", 5, 6, 11], ["2025-12", 7, 8, 15]]
    history = import_source(book(Demand=across)).content.history
    assert history.series == {("corner_shop", "goods"): [5, 7], ("market_hall", "goods"): [6, 8]}
    apart: Rows = [
        ["Year", "Month", "Store", "tea", "milk"],
        [2025, 11, "Corner shop", 1, 2],
        [2025, 12, "Corner shop", 3, 4],
    ]
    products: Rows = [["SKU", "Name"], ["tea", "Tea"], ["milk", "Milk"]]
    history = import_source(book(Demand=apart, Products=products)).content.history
    assert (history.step, history.series["corner_shop", "milk"]) == ("month", [2, 4])


def test_demand_may_be_a_mean() -> None:
    means = import_source(book(Demand=[["Store", "Weekly demand"], ["Corner shop", 70], ["Market hall", 35]])).scenario
    demand = {line.node: line.demand for line in means.stocks if line.demand is not None}
    assert {node: (one.mean, one.sd) for node, one in demand.items()} == {
        "corner_shop": (10.0, 3.0),
        "market_hall": (5.0, 1.5),
    }
    sites = [[*row, mean] for row, mean in zip(SITES, ("Avg demand per day", None, None, 10, 5), strict=True)]
    tables = {key: rows for key, rows in book(Sites=sites).items() if key != "Demand"}
    found = {line.node: line.demand for line in import_source(tables).scenario.stocks if line.demand is not None}
    assert found == demand


MAKING: dict[str, Rows] = {
    "Products": [["SKU", "Description", "Price"], ["T1", "Tea box", 9.5]],
    "Suppliers": [
        ["Supplier", "Material", "Unit price (USD)", "Capacity per week"],
        ["Leaf Ltd", "Leaves", 2.0, 2100],
        ["Card & Co", "Box", 0.5, None],
    ],
    "BOM": [["Product", "Component", "Qty"], ["T1", "Leaves", 0.25], ["T1", "Box", 1]],
    "Rates": [["Currency", "EUR per unit"], ["USD", 0.9], ["EUR", 1]],
    "Lanes": [*LANES, ["Leaf Ltd", "Mill", 10, 1.0]],
    "Demand": [[*DEMAND[0][:1], "SKU", *DEMAND[0][1:]], *[[row[0], "T1", *row[1:]] for row in DEMAND[1:]]],
}


def test_goods_are_followed_through_a_bill_of_materials() -> None:
    imported = import_source(book(**MAKING), step="day")
    scenario = imported.scenario
    assert [(recipe.node, recipe.inputs, recipe.outputs) for recipe in scenario.recipes] == [
        ("mill", {"leaves": 0.25, "box": 1.0}, {"tea_box": 1.0})
    ]
    found = {(arc.supplier, arc.buyer, arc.product): arc for arc in scenario.arcs}
    assert (found["leaf_ltd", "mill", "leaves"].price, found["leaf_ltd", "mill", "leaves"].other_cost) == (0.0, 2.8)
    # No lane leaves Card & Co: it delivers to whoever makes something of its boxes.
    assert found["card_co", "mill", "box"].other_cost == pytest.approx(0.45)
    assert any("Card & Co" in text for text in imported.found.assumed)
    # Made goods change hands at what their components cost.
    assert found["mill", "depot_north", "tea_box"].price == pytest.approx(0.25 * 1.8 + 0.45)
    production = {line.node: line.production.mean for line in scenario.stocks if line.production is not None}
    assert production["leaf_ltd"] == 300.0
    assert scenario.units.money == "EUR"
    assert [line.demand.price for line in scenario.stocks if line.demand is not None] == [9.5, 9.5]


@pytest.mark.parametrize(
    ("heading", "rate", "price"),
    [("EUR per unit", 0.9, 1.8), ("Units per EUR", 1.25, 1.6), ("EUR", 0.9, 1.8), ("1 EUR =", 1.25, 1.6)],
)
def test_both_ways_in_which_rates_are_given(heading: str, rate: float, price: float) -> None:
    rates: Rows = [["Currency", heading], ["USD", rate], ["EUR", 1]]
    imported = import_source(book(**MAKING | {"Rates": rates}))
    assert arcs(imported)["leaf_ltd", "mill"].other_cost == pytest.approx(price + 1.0)


def test_a_rate_that_may_be_either_way_is_refused() -> None:
    rates: Rows = [["Currency", "Rate"], ["USD", 0.9], ["EUR", 1]]
    text = refused(book(**MAKING | {"Rates": rates}))
    assert "table Rates" in text
    assert "'EUR per unit' or 'Units per EUR'" in text


def test_a_currency_without_a_rate_is_refused_until_one_is_given() -> None:
    tables = MAKING | {"Products": [["SKU", "Description", "Price (EUR)"], ["T1", "Tea box", 9.5]]}
    source = book(**{key: rows for key, rows in tables.items() if key != "Rates"})
    assert "no rate to EUR" in refused(source, currency="EUR")
    imported = import_source(source, currency="EUR", rates={"USD": 0.5})
    assert arcs(imported)["leaf_ltd", "mill"].other_cost == 2.0


def test_stocks_and_policies_that_sheets_give_are_kept() -> None:
    stocks: Rows = [
        ["Location", "On hand", "Safety stock", "Reorder point", "Order up to"],
        ["Depot North", 120, 20, 60, 150],
        ["Corner shop", 33, None, None, 44],
    ]
    scenario = import_source(book(Inventory=stocks)).scenario
    lines = {line.node: line for line in scenario.stocks}
    assert (lines["depot_north"].initial_stock, lines["depot_north"].safety_stock) == (120, 0)
    assert lines["depot_north"].order == esc.ReorderUpToOrder(reorder_point=60, order_up_to=150)
    assert lines["corner_shop"].order == esc.BaseStockOrder(order_up_to=44)


def test_a_heading_of_a_group_is_the_name_of_the_lines_below_it() -> None:
    rows: Rows = [
        ["Store", "SKU", "2026-01", "2026-02"],
        ["Corner shop", None, None, None],
        [None, "tea", 5, 6],
        [None, "milk", 1, 2],
        ["Market hall", None, None, None],
        [None, "tea", 7, 8],
    ]
    history = import_source(book(Demand=rows)).content.history
    assert history.series["corner_shop", "milk"] == [1, 2]
    assert history.series["market_hall", "tea"] == [7, 8]


def test_an_edge_list_alone(tmp_path: Path) -> None:
    path = tmp_path / "edges.csv"
    path.write_text("source;target;days\nMühle;Laden A;1,5\nMühle;Laden B;2\n", encoding="utf-8")
    imported = import_source(path)
    assert [(node.id, node.role) for node in imported.scenario.nodes] == [
        ("muhle", "supplier"),
        ("laden_a", "customer"),
        ("laden_b", "customer"),
    ]
    assert arcs(imported)["muhle", "laden_a"].lead_time == 1.5
    assert any("what is asked for" in text for text in imported.found.assumed)


def files(folder: Path) -> dict[str, bytes]:
    """What stands in the files of a folder, by their names."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_folder_of_csv_or_parquet_gives_the_same_network(tmp_path: Path) -> None:
    expected = import_source(book(), name="x").scenario
    for ending in ("csv", "parquet"):
        folder = tmp_path / ending
        folder.mkdir()
        for name, table in book().items():
            if ending == "csv":
                table.to_csv(folder / f"{name}.csv", index=False)
            else:
                table.to_parquet(folder / f"{name}.parquet")
        found = import_source(folder, name="x").scenario
        assert found.model_copy(update={"data": expected.data}) == expected


def test_the_mapping_repeats_the_import_byte_for_byte(tmp_path: Path) -> None:
    first = import_source(book(**MAKING), name="x")
    write_imported(first, tmp_path / "first", "x")
    assert load_scenario(tmp_path / "first") == first.scenario
    again = import_source(book(**MAKING), name="x", mapping=tmp_path / "first" / MAPPING_FILE)
    write_imported(again, tmp_path / "again", "x")
    assert files(tmp_path / "again") == files(tmp_path / "first")


def test_an_edited_mapping_says_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    text = text_of(import_source(book(), name="x").mapping)
    path.write_text(text.replace("is: other_cost", "is: null").replace("unit: day", "unit: week"), encoding="utf-8")
    found = arcs(import_source(book(), mapping=path))
    assert found["mill", "depot_north"].lead_time == 21.0
    assert found["mill", "depot_north"].other_cost == 0.0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("is: other_cost", "is: weight", "have no 'weight'"),
        ("table: lanes", "table: roads", "no table is called 'roads'"),
        ("sheet: Lanes", "sheet: Ways", "there is none of that name"),
        ("fill_rate: 0.95", "fill_rate: 95", "fill_rate"),
        ("step: day", "step: fortnight", "step"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "mapping.yaml"
    text = text_of(import_source(book(), name="x").mapping)
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert message in refused(book(), mapping=path)


@pytest.mark.parametrize(
    ("table", "rows", "message"),
    [
        ("Lanes", [*LANES, ["Mill", "Depot Nort", 1, 1]], "Lanes:4:B: there is no site 'Depot Nort'; did you mean"),
        ("Lanes", [*LANES, ["MILL", "Depot  north", 5, 1]], "stands here again (table Lanes:1:A): keep one row"),
        ("Lanes", [*LANES, ["Mill", "Mill", 1, 1]], "leads from 'Mill' to itself"),
        ("Lanes", [*LANES, ["Mill", None, 1, 1]], "the lane has no 'to'"),
        ("Lanes", [*LANES, ["Mill", "Corner shop", -1, 1]], "must be at least 0"),
        ("Lanes", [["From", "Days"], ["Mill", 1]], "no column says the to"),
        ("Sites", [*SITES, ["Mill", "Store", 49.2, 16.6]], "'Mill' stands here again with another role"),
        ("Sites", [*SITES, ["Attic", "Store", 149.2, 16.6]], "is no latitude"),
        ("Demand", [*DEMAND, ["Corner shop", 1, 2, 3, 4]], "stands here again"),
        ("Demand", [*DEMAND[:2], ["Market hall", 1, "many", 3, 4]], "'many' is no number"),
        ("Demand", [["Store", "SKU", "2026-01"], ["Mill", "tea", 1]], None),
        ("Demand", [["Date", "Store", "Qty"], ["03/04/2026", "Corner shop", 1]], "may be day first or month first"),
        ("Demand", [["Date", "Store", "Qty"], ["soon", "Corner shop", 1]], "is no date"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_its_cell(table: str, rows: Rows, message: str | None) -> None:
    if message is None:
        assert import_source(book(**{table: rows})).scenario.nodes
    else:
        assert message in refused(book(**{table: rows}))


def test_goods_that_no_lane_brings_are_refused() -> None:
    lanes = LANES[:3]
    assert "'goods' is asked for at 'Market hall', and no lane brings it" in refused(book(Lanes=lanes))


def test_all_problems_are_listed_at_once() -> None:
    lanes = [*LANES, ["Mill", "Nowhere", "x", "y"]]
    demand = [*DEMAND, ["Nobody", 1, 2, 3, 4]]
    text = refused(book(Lanes=lanes, Demand=demand))
    assert all(word in text for word in ("'Nowhere'", "'x' is no number", "'y' is no number", "'Nobody'"))


def test_from_tables_reads_a_book_too() -> None:
    scenario = esc.Scenario.from_tables(book(), name="small")
    assert (scenario.name, len(scenario.nodes)) == ("small", 4)
    with pytest.raises(esc.InputError, match="leave nodes out"):
        esc.Scenario.from_tables(book(), nodes=frame(SITES))
    with pytest.raises(esc.InputError, match="give nodes, or a book"):
        esc.Scenario.from_tables()


def test_the_command_writes_a_folder_that_passes_its_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "book"
    folder.mkdir()
    for name, table in book().items():
        table.to_csv(folder / f"{name}.csv", index=False)
    words = ["import", str(folder), "--out", str(tmp_path / "made")]
    assert main(words) == 0
    assert "esc-sim check" in capsys.readouterr().out
    assert {"scenario.yaml", "mapping.yaml", "understood.md", "history.csv"} <= files(tmp_path / "made").keys()
    page = (tmp_path / "made" / "understood.md").read_text(encoding="utf-8")
    assert all(f"## {title}" in page for title in ("Understood", "Assumed", "Left out"))
    assert read_mapping(tmp_path / "made" / MAPPING_FILE).settings.step == "day"
    assert main(["check", str(tmp_path / "made")]) == 0
    assert main(words) == 2
    assert "not empty; name a new one, or replace it with --force" in capsys.readouterr().err
    before = files(tmp_path / "made")
    (tmp_path / "made" / "nodes.csv").write_text("changed", encoding="utf-8")
    assert main([*words, "--force"]) == 0
    assert files(tmp_path / "made") == before
    # What is no folder of an import, or holds more, stays.
    (tmp_path / "made" / "mine.txt").write_text("mine", encoding="utf-8")
    assert main([*words, "--force"]) == 2
    assert "files that esc_sim did not write (mine.txt)" in capsys.readouterr().err
    assert main(["import", str(folder), "--out", str(folder), "--force"]) == 2
    assert files(tmp_path / "made") == before | {"mine.txt": b"mine"}


def test_files_of_other_programs_are_recognised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    anura = tmp_path / "anura"
    assert main(["export", "scenarios/three_tier", "--to", "anura", "--out", str(anura)]) == 0
    assert main(["import", str(anura), "--out", str(tmp_path / "made")]) == 0
    assert "Anura" in capsys.readouterr().out
    assert load_scenario(tmp_path / "made") == esc.Scenario.from_tables(anura)


def test_a_refused_book_leaves_nothing_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "lanes.csv"
    path.write_text("From,To,Days\nA,A,1\n", encoding="utf-8")
    assert main(["import", str(path), "--out", str(tmp_path / "made")]) == 2
    assert not (tmp_path / "made").exists()
    assert "lanes.csv:2:B" in capsys.readouterr().err
