"""Reading retail tables: what is read, and what bad input says."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from retail_cases import WUHAN, small, without_links

from esc_sim.design.retail import Coverage, RetailInstance, RetailOptions, design_retail
from esc_sim.design.retail.command import with_options
from esc_sim.design.retail.describe import described, main_lines
from esc_sim.design.retail.generate import random_instance
from esc_sim.design.retail.read import read_instance
from esc_sim.errors import InputError
from esc_sim.scenario.design_retail import RetailSection


def edit(folder: Path, table: str, line: int, column: str, value: str) -> None:
    """Write a cell; line 1 is the header."""
    path = folder / table
    rows = table_rows(path)
    rows[line - 1][rows[0].index(column)] = value
    write(path, rows)


def table_rows(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text(encoding="utf-8").splitlines()))


def write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def tiny_tables(folder: Path, instance: RetailInstance) -> Path:
    """The tables of an instance, with listed links."""
    roles = ("supplier", "dc", "store", "area")
    write(
        folder / "nodes.csv",
        [["id", "role", "x_km", "y_km", "storage"]]
        + [
            [n, r, str(x), str(y), str(instance.storage[k]) if r == "dc" else ""]
            for r in roles
            for k, (n, x, y) in enumerate(zip(*(getattr(instance.role(r), a) for a in ("ids", "x", "y")), strict=True))
        ],
    )
    levels, states = [["node", "level", "fixed_cost"]], [["node", "level", "scenario", "capacity", "destruction_cost"]]
    for role in roles[:3]:
        f = instance.facilities(role)
        for n, name in enumerate(f.ids):
            for x, level in enumerate(instance.levels):
                levels.append([name, level, repr(float(f.fixed_cost[n, x]))])
                for s, scenario in enumerate(instance.scenarios):
                    values = (f.capacity[n, x, s], f.destruction_cost[n, x, s])
                    states.append([name, level, scenario, *(repr(float(v)) for v in values)])
    write(folder / "levels.csv", levels)
    write(folder / "disruption.csv", states)
    one = [instance.supplier_price, instance.stock_price, instance.holding, instance.handling, instance.salvage]
    names = ["supplier_price", "stock_price", "holding_cost", "handling_cost", "salvage_value"]
    values = [float(v[0]) for v in (*one, instance.transshipment_price, instance.shortage_penalty)]
    names += ["transshipment_price", "shortage_penalty", "supply_share", "inflow_share", "transshipment_share"]
    values += [instance.supply_share, instance.inflow_share, instance.transshipment_share]
    write(folder / "parameters.csv", [["name", "value"], *([n, repr(v)] for n, v in zip(names, values, strict=True))])
    rows = zip(instance.scenarios, instance.probability, instance.sales, strict=True)
    scenarios = [[s, repr(float(p)), repr(float(q))] for s, p, q in rows]
    write(folder / "scenarios.csv", [["scenario", "probability", "sales"], *scenarios])
    demand = [["area", "scenario", "demand", "deviation"]]
    for f_, area in enumerate(instance.areas.ids):
        for s, scenario in enumerate(instance.scenarios):
            demand.append([area, scenario, repr(float(instance.demand[f_, s])), repr(float(instance.deviation[f_, s]))])
    write(folder / "demand.csv", demand)
    arcs = [["from", "to", "link_cost", "transport_cost"]]
    for kind, links in instance.links.items():
        for k in range(len(links)):
            tail, head = instance.link_name(kind, k).split(">")
            arcs.append([tail, head, repr(float(links.link_cost[k])), repr(float(links.unit_cost[k]))])
    write(folder / "arcs.csv", arcs)
    return folder


@pytest.fixture
def wuhan(tmp_path: Path) -> Path:
    folder = tmp_path / "case"
    folder.mkdir()
    for path in WUHAN.glob("*.csv"):
        shutil.copy(path, folder)
    return folder


def test_tables_of_any_size_come_back_as_the_instance(tmp_path: Path) -> None:
    instance = small(2)
    read = read_instance(tiny_tables(tmp_path, instance))
    for role in ("supplier", "dc", "store"):
        for name in ("fixed_cost", "capacity", "destruction_cost", "x", "y"):
            assert np.array_equal(getattr(read.facilities(role), name), getattr(instance.facilities(role), name))
    for name in ("probability", "sales", "demand", "deviation", "supplier_price", "stock_price", "storage", "holding"):
        assert np.array_equal(getattr(read, name), getattr(instance, name)), name
    for name in ("handling", "salvage", "transshipment_price", "shortage_penalty", "inflow_share"):
        assert np.array_equal(getattr(read, name), getattr(instance, name)), name
    for kind, links in instance.links.items():
        for name in ("tail", "head", "link_cost", "unit_cost"):
            assert np.array_equal(getattr(read.links[kind], name), getattr(links, name))
    assert design_retail(read).cost == design_retail(instance).cost


def test_rows_of_a_role_hold_for_nodes_without_their_own(wuhan: Path) -> None:
    read = read_instance(wuhan, notice="synthetic")
    assert read.notice == "synthetic"
    assert len(read.stores) == 128
    assert (read.stores.fixed_cost == read.stores.fixed_cost[0]).all()
    assert read.suppliers.fixed_cost[:, 0].tolist() == [1273000.0, 1317400.0, 1984300.0, 1417200.0]
    path = wuhan / "levels.csv"
    path.write_text(path.read_text() + "".join(f"store_5,{x},7{x}\n" for x in "1234"))
    changed = read_instance(wuhan).stores.fixed_cost
    assert changed[4].tolist() == [71.0, 72.0, 73.0, 74.0]
    assert changed[3].tolist() == read.stores.fixed_cost[3].tolist()


@pytest.mark.parametrize(
    ("table", "line", "column", "value", "message"),
    [
        ("scenarios.csv", 2, "probability", "0.6", r"probabilities sum to 0.9; they must sum to 1"),
        ("scenarios.csv", 2, "probability", "1.7", r"scenarios.csv:2: probability: 1.7 is out of range"),
        ("nodes.csv", 6, "role", "depot", r"nodes.csv:6: role: there is no role 'depot'"),
        ("nodes.csv", 6, "id", "dc_2", r"nodes.csv:7: id: 'dc_2' stands in line 6 already"),
        ("nodes.csv", 6, "id", "store", r"'store' is the name of a role"),
        ("nodes.csv", 9, "x_km", "", r"nodes.csv:9: x_km: the cell is empty"),
        ("levels.csv", 3, "node", "suplier_1", r"levels.csv:3: node: there is no node 'suplier_1'; did you mean"),
        ("levels.csv", 3, "level", "1", r"levels.csv:3: supplier_1, 1 stands in line 2 already"),
        ("levels.csv", 3, "fixed_cost", "-4", r"levels.csv:3: fixed_cost: -4 is out of range; it must be at least 0"),
        ("disruption.csv", 5, "scenario", "3", r"disruption.csv:5: scenario: there is no scenario '3'"),
        ("disruption.csv", 2, "node", "supplier_2", r"disruption.csv:\d+: supplier_2, 1, 1 stands in line 2"),
        ("disruption.csv", 7, "capacity", "much", r"disruption.csv:7: capacity: 'much' is not a number"),
        ("demand.csv", 4, "area", "area_9", r"demand.csv:4: area: there is no area 'area_9'"),
        ("demand.csv", 4, "deviation", "nan", r"demand.csv:4: deviation: 'nan' is not a finite number"),
        (
            "parameters.csv",
            2,
            "name",
            "supplier_prise",
            r"no parameter 'supplier_prise'; did you mean 'supplier_price'",
        ),
    ],
)
def test_bad_cells_are_named(wuhan: Path, table: str, line: int, column: str, value: str, message: str) -> None:
    edit(wuhan, table, line, column, value)
    with pytest.raises(InputError, match=message):
        read_instance(wuhan)


def test_missing_rows_and_files_are_named(wuhan: Path) -> None:
    rows = table_rows(wuhan / "demand.csv")
    write(wuhan / "demand.csv", rows[:-2])
    with pytest.raises(InputError, match=r"demand.csv: no row for area area_6 in scenario 1; 2 such rows are missing"):
        read_instance(wuhan)
    write(wuhan / "demand.csv", rows)
    rows = table_rows(wuhan / "levels.csv")
    write(wuhan / "levels.csv", rows[:-1])
    with pytest.raises(InputError, match=r"no row for store_1 \(or 'store'\) with 4; 128 such rows are missing"):
        read_instance(wuhan)
    write(wuhan / "levels.csv", rows)
    rows = table_rows(wuhan / "parameters.csv")
    write(wuhan / "parameters.csv", [r for r in rows if r[0] != "storage"])
    with pytest.raises(InputError, match=r"parameters.csv: the row 'storage' is missing"):
        read_instance(wuhan)
    (wuhan / "disruption.csv").unlink()
    with pytest.raises(InputError, match=r"disruption.csv: cannot be read"):
        read_instance(wuhan)


def test_bad_links_are_named(tmp_path: Path) -> None:
    folder = tiny_tables(tmp_path, small(2))
    edit(folder, "arcs.csv", 3, "to", "supplier_2")
    with pytest.raises(InputError, match=r"arcs.csv:3: from, to: a link from a supplier to a supplier is not possible"):
        read_instance(folder)
    edit(folder, "arcs.csv", 3, "to", "dc_1")
    with pytest.raises(InputError, match=r"arcs.csv:3: supplier_1, dc_1 stands in line 2 already"):
        read_instance(folder)


def refused(instance: RetailInstance, message: str, coverage: Coverage | None = None) -> None:
    with pytest.raises(InputError, match=message):
        design_retail(instance, RetailOptions(coverage=coverage or Coverage()))


def test_what_cannot_have_a_plan_is_refused_before_the_search() -> None:
    instance = small()
    refused(
        without_links(instance, "store_area", instance.links["store_area"].head != 1), "area area_2 cannot be reached"
    )
    refused(instance, "every area needs links from 7 stores, but there are only 6", Coverage(2, 2, 7))
    refused(instance, "every dc needs links from 4 suppliers, but there are only 3", Coverage(4, 2, 2))
    refused(instance, "every store needs links from 3 dcs, but there are only 2", Coverage(2, 3, 2))
    refused(instance, "coverage: area is -1; it must be a whole number of at least 0", Coverage(2, 2, -1))
    one = instance.links["dc_store"]
    refused(
        without_links(instance, "dc_store", (one.head != 4) | (one.tail != 0)),
        "store store_5 needs links from 2 dcs; only 1 can be linked to it",
    )
    weak = replace(instance.stores, capacity=0.1 * instance.stores.capacity)
    refused(replace(instance, stores=weak), "capacity below demand in scenario 1: all stores hold at most")
    weak = replace(instance.suppliers, capacity=0.1 * instance.suppliers.capacity)
    refused(replace(instance, suppliers=weak), "capacity below demand in scenario 2: all suppliers hold at most")
    far = instance.links["store_area"]
    poor = without_links(instance, "store_area", (far.head != 2) | (far.tail < 2))
    poor = replace(poor, storage=np.full(2, 10.0), demand=np.array([[1e3, 1e3], [1e3, 1e3], [1e3, 3.2e4]]))
    refused(poor, "the stores that can serve area area_3 hold")
    bare = replace(instance, storage=np.full(2, 10.0), demand=2.0 * instance.demand)
    refused(bare, "all sales and purchases from the colleague chain are at most")
    refused(replace(instance, salvage=instance.stock_price + 1.0), "dc_1 sells unused stock for more than its price")
    refused(replace(instance, probability=np.array([0.5, 0.4])), "the scenario probabilities sum to 0.9")
    refused(replace(instance, probability=np.array([1.0])), "2 scenarios need as many probabilities, not 1")
    refused(replace(instance, deviation=-instance.deviation), "deviation .* must be a number of at least 0")
    with pytest.raises(InputError, match=r"probability of scenario 1 is 1\.5"):
        instance.with_probability([1.5, -0.5])


def test_all_problems_are_listed_at_once() -> None:
    instance = small()
    broken = replace(instance, probability=np.array([0.5, 0.4]), sales=-instance.sales)
    with pytest.raises(InputError) as caught:
        design_retail(broken)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (RetailOptions("box-ball", eps=0.0), "eps: 0 is not a probability"),
        (RetailOptions(gap=1.5), "gap: 1.5 is not a relative gap"),
        (RetailOptions(time_limit=0.0), "time limit: 0 s is not positive"),
    ],
)
def test_bad_options_are_refused(options: RetailOptions, message: str) -> None:
    with pytest.raises(InputError, match=message):
        design_retail(small(), options)


def test_limits_that_bind_together_are_explained_by_the_solver() -> None:
    """Every area can be served alone, but two share their stores."""
    instance = small(3)
    links = instance.links["store_area"]
    keep = np.where(links.head < 2, links.tail < 2, True)
    crowded = replace(without_links(instance, "store_area", keep), storage=np.full(2, 100.0))
    with pytest.raises(InputError, match=r"no plan meets every limit(.|\n)*demand to be covered"):
        design_retail(replace(crowded, demand=np.array([[8e3, 20e3], [8e3, 20e3], [1e3, 1e3]])))


@pytest.mark.parametrize(("line", "cells"), [(2, 4), (3, 2)])
def test_a_row_has_as_many_cells_as_the_header(line: int, cells: int, wuhan: Path) -> None:
    path = wuhan / "levels.csv"
    rows = table_rows(path)
    rows[line - 1] = (rows[line - 1] + ["1"])[:cells]
    write(path, rows)
    with pytest.raises(InputError, match=rf"levels.csv:{line}: {cells} cells where the header has 3"):
        read_instance(wuhan)


def test_a_drawn_instance_has_the_sizes_it_is_described_with() -> None:
    """Levels cost 10 % more each; what an event destroys of them, and the ranges of places and costs, by hand."""
    drawn = random_instance(suppliers=40, dcs=30, stores=50, areas=20, scenarios=3, seed=5)
    for role, cost, radius in (("supplier", 1.4e6, 70.0), ("dc", 3.0e6, 40.0), ("store", 1.5e6, 12.0)):
        made = drawn.facilities(role)
        assert made.fixed_cost / made.fixed_cost[:, :1] == pytest.approx(
            np.broadcast_to(1.1 ** np.arange(4), made.fixed_cost.shape)
        )
        assert 0.85 * cost <= made.fixed_cost[:, 0].min() < 0.95 * cost
        assert 1.2 * cost < made.fixed_cost[:, 0].max() <= 1.3 * cost
        lost = made.destruction_cost / made.fixed_cost[:, :1, None]
        assert lost == pytest.approx(np.broadcast_to(np.array([0.3, 0.2, 0.1, 0.0])[:, None], lost.shape))
        assert 0.85 * radius < np.hypot(made.x, made.y).max() <= radius
        assert made.x.min() < 0.0 < made.x.max()
        assert made.y.min() < 0.0 < made.y.max()
    sales = 50 * np.array([4000.0, 6250.0, 8500.0])
    assert drawn.sales == pytest.approx(sales)
    assert drawn.suppliers.capacity[7] == pytest.approx(
        np.outer([0.6, 0.8, 0.9, 1.0], 2.2 * sales[2] / 40 * np.array([1.0, 0.8, 0.6]))
    )
    assert drawn.dcs.capacity[3] == pytest.approx(
        np.outer([0.3, 0.6, 0.8, 1.0], 2.0 * sales[2] / 30 * np.array([1.0, 0.9, 0.8]))
    )
    assert drawn.stores.capacity[0, 1] == pytest.approx([7500.0, 6250.0, 5000.0])
    assert drawn.storage == pytest.approx(np.full(30, 4.0 * sales[2] / 30))
    assert drawn.demand.sum(axis=0) == pytest.approx(0.592 * sales)
    assert 1.0 < drawn.demand.max() / drawn.demand.min() / (sales[2] / sales[0]) <= 3.0
    assert drawn.deviation == pytest.approx(0.1 * drawn.demand)
    assert drawn.probability.sum() == pytest.approx(1.0)
    links = drawn.links["dc_store"]
    km = np.hypot(
        drawn.dcs.x[links.tail] - drawn.stores.x[links.head], drawn.dcs.y[links.tail] - drawn.stores.y[links.head]
    )
    assert links.link_cost == pytest.approx(4.85 * 1.3 * km)
    assert links.unit_cost == pytest.approx(2.698 * 1.3 * km)
    values = (drawn.supplier_price[0], drawn.stock_price[0], drawn.holding[0], drawn.handling[0], drawn.salvage[0])
    assert values == (5.56, 6.31, 0.1, 1.0, 4.0)
    assert (drawn.transshipment_price[0], drawn.shortage_penalty[0]) == (17.0, 50.0)
    assert (drawn.supply_share, drawn.inflow_share, drawn.transshipment_share) == (0.5, 0.5, 0.9)
    single = random_instance(suppliers=2, dcs=2, stores=4, areas=3, scenarios=1)
    assert (single.sales.tolist(), single.probability.tolist()) == ([16000.0], [1.0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"eps": 1.0}, "--eps: 1 is out of range"),
        ({"eps": 0.0}, "--eps: 0 is out of range"),
        ({"gap": 1.0}, "--gap: 1 is out of range"),
        ({"gap": -0.1}, "--gap: -0.1 is out of range"),
        ({"time_limit": 0.0}, "--time-limit: 0 is out of range"),
        ({"time_limit": float("inf")}, "--time-limit: inf is out of range"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=f"^{message}$"):
        with_options(RetailSection(), options)


def test_options_within_range_are_taken() -> None:
    options = {"eps": 0.99, "gap": 0.0, "time_limit": 5, "coverage": "1, 2,3"}
    section = with_options(RetailSection(), options)
    assert (section.eps, section.gap, section.time_limit, list(section.coverage)) == (0.99, 0.0, 5.0, [1, 2, 3])


@pytest.mark.parametrize(
    ("options", "eps", "reading", "asked"),
    [
        (RetailOptions(gap=1e-2), None, None, "stochastic, coverage"),
        (
            RetailOptions("box-ball", eps=0.2, reading="own", gap=1e-2),
            0.2,
            "own",
            "box-ball, eps 0.2, own reading, coverage",
        ),
    ],
)
def test_a_summary_names_the_robustness_that_was_asked_for(
    options: RetailOptions, eps: float | None, reading: str | None, asked: str
) -> None:
    plan = design_retail(small(1), options)
    content = described(plan, plan)
    assert (content["eps"], content["reading"], content["radius"]) == (eps, reading, None)
    assert asked in main_lines(plan, plan, [])[0]
