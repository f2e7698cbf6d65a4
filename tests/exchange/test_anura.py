"""Anura both ways: the schema of its package, runs that come back to the bit, models as other people write them."""

from __future__ import annotations

import csv
import math
import shutil
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import esc_sim
from esc_sim.errors import InputError
from esc_sim.exchange.anura import is_anura, read_anura, write_anura
from esc_sim.exchange.anura_schema import TABLES
from esc_sim.exchange.carried import Ledger
from esc_sim.scenario.checked import changed
from esc_sim.scenario.items import items_of
from esc_sim.scenario.schema import Scenario
from tests.exchange import anura_schema

ROOT = Path(__file__).resolve().parent.parent.parent
MODEL = Path(__file__).with_name("anura_model")
NETWORK: dict[str, Any] = {
    "version": 1,
    "name": "two products",
    "run": {"periods": 60, "start": "2026-03-02", "step": "1 week", "warm_up": 5, "seed": 4},
    "rules": {"holding_cost_timing": "end", "unmet": "backorder", "unmet_orders": "backorder"},
    "products": [{"id": "cake", "name": "Cake"}, {"id": "tea"}, {"id": "flour"}],
    "nodes": [
        {
            "id": "café north",
            "role": "shop",
            "layer": 1,
            "initial_stock": 30,
            "holding_cost": 0.3,
            "region": "north",
            "latitude": 53.5,
            "longitude": -2.25,
        },
        {"id": "café south", "role": "shop", "layer": 1, "initial_stock": 22, "shelf_life": 3, "disposal_cost": 0.1},
        {"id": "bakery", "role": "maker", "layer": 2, "initial_stock": 40, "target_stock": 60},
        {"id": "mill", "role": "supplier", "layer": 3, "product": "flour", "capacity": 90, "initial_stock": 70},
        {"id": "garden", "role": "supplier", "layer": 3, "product": "tea", "initial_stock": 500, "target_stock": 500},
        {"id": "wholesaler", "role": "supplier", "layer": 3, "product": "tea", "initial_stock": 900},
    ],
    "stocks": [
        {"node": "café north", "product": "tea", "initial_stock": 20},
        {"node": "café south", "product": "tea", "initial_stock": 15, "holding_cost": 0.07},
        {"node": "bakery", "product": "flour", "initial_stock": 50, "holding_cost": 0.01},
    ],
    "arcs": [
        {"buyer": "café north", "supplier": "bakery", "price": 4, "other_cost": 0.25, "lead_time": 1, "emissions": 0.2},
        {"buyer": "café south", "supplier": "bakery", "price": 4.1, "lead_time": 2, "cap": 25},
        {"buyer": "café north", "supplier": "garden", "product": "tea", "price": 2, "share": 0.7},
        {"buyer": "café north", "supplier": "wholesaler", "product": "tea", "price": 3, "share": 0.3},
        {"buyer": "café south", "supplier": "garden", "product": "tea", "price": 2, "preference": 1},
        {
            "buyer": "café south",
            "supplier": "wholesaler",
            "product": "tea",
            "price": 9,
            "lead_time": {"law": "uniform", "low": 1, "high": 3},
        },
        {
            "buyer": "bakery",
            "supplier": "mill",
            "product": "flour",
            "price": 1,
            "lead_time": 2,
            "mode": "barge",
            "cap": 9,
        },
        {"buyer": "bakery", "supplier": "mill", "product": "flour", "price": 1, "other_cost": 2, "mode": "road"},
    ],
    "recipes": [
        {
            "node": "bakery",
            "id": "baking",
            "inputs": {"flour": 0.6},
            "outputs": {"cake": 1.3},
            "capacity": 47,
            "cost": 0.7,
        }
    ],
}
PARTS: dict[str, dict[str, Any]] = {
    "café north": {"demand": {"mean": 12, "sd": 3, "price": 9, "shortage_cost": 1.5}},
    "café south": {"demand": {"mean": 9, "season": [1, 1, 0.5, 2], "price": 8}},
    "mill": {"production": {"law": {"law": "uniform", "low": 20, "high": 60}}},
    "garden": {"production": {"mean": 15, "sd": 4}},
}
ORDERS: dict[tuple[str, str], dict[str, Any]] = {
    ("café north", "cake"): {"policy": "s_S", "reorder_point": 15, "order_up_to": 34, "minimum": 5},
    ("café south", "cake"): {"policy": "base_stock", "order_up_to": 28},
    ("café north", "tea"): {"policy": "periodic", "every": 2, "first": 1, "order_up_to": 25},
    ("café south", "tea"): {"policy": "r_Q", "reorder_point": 8, "order_quantity": 10, "order_multiple": 5},
    ("bakery", "flour"): {"policy": "mean", "mean": 14, "sd": 2},
}
TEA = {
    "café north": {"law": {"law": "poisson", "mean": 7}, "price": 3},
    "café south": {"series": "sold", "then": "hold"},
}


def network() -> Scenario:
    """Two products and what they are made of, with all that Anura has a place for."""
    data: dict[str, Any] = {**NETWORK, "series": {"sold": [5.0, 7.0, 6.5, 4.0]}}
    data["nodes"] = [{**node, **PARTS.get(node["id"], {})} for node in NETWORK["nodes"]]
    data["stocks"] = [dict(line) for line in NETWORK["stocks"]]
    for part in (*data["nodes"], *data["stocks"]):
        key = (part.get("node", part.get("id")), part.get("product", "cake"))
        if key in ORDERS:
            part["order"] = ORDERS[key]
        if key[1] == "tea" and key[0] in TEA:
            part["demand"] = TEA[key[0]]
    return Scenario(**data)


def written(scenario: Scenario, folder: Path) -> Ledger:
    """Write a model; returns what was counted."""
    ledger = Ledger()
    write_anura(scenario, folder, ledger)
    return ledger


def same_run(first: Scenario, second: Scenario, periods: int = 40) -> None:
    """Every period, node and arc of the two runs is the same, to the bit."""
    short = {"run.periods": periods, "run.warm_up": 0}
    runs = [esc_sim.simulate(changed(one, short), replications=2, seed=4, engine="agents") for one in (first, second)]
    for table in ("periods", "nodes", "arcs", "products"):
        frames = [getattr(run, table) for run in runs]
        columns = [column for column in frames[0] if column != "date"]
        assert frames[0][columns].equals(frames[1][columns]), table


def rows_of(folder: Path) -> dict[str, list[dict[str, str]]]:
    """Tables of a folder."""
    found = {}
    for file in folder.glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as stream:
            found[file.stem] = list(csv.DictReader(stream))
    return found


def test_a_network_comes_back_and_runs_to_the_bit(tmp_path: Path) -> None:
    mine = network()
    ledger = written(mine, tmp_path / "anura")
    assert is_anura(tmp_path / "anura")
    read = read_anura(tmp_path / "anura")
    assert [str(note) for note in (*ledger.left_out, *ledger.assumed, *read.left_out, *read.assumed)] == []
    assert read.scenario.run == mine.run
    assert [node.name for node in read.scenario.nodes] == [node.name for node in mine.nodes]
    same_run(mine, read.scenario)


@pytest.mark.parametrize("name", ["quickstart", "three_tier"])
def test_shipped_scenarios_come_back_without_their_disruptions(name: str, tmp_path: Path) -> None:
    whole = esc_sim.load_scenario(ROOT / "scenarios" / name)
    mine = whole.model_copy(update={"disruptions": [], "joint_disruptions": []})
    counts = {note.what: note.count for note in written(whole, tmp_path / "anura").left_out}
    assert counts.get("disruptions", 0) == len(whole.disruptions)
    same_run(mine, read_anura(tmp_path / "anura").scenario, 15)


def test_what_is_written_is_what_the_schema_says(tmp_path: Path) -> None:
    written(network(), tmp_path)
    schema, tables = anura_schema.stored(), rows_of(tmp_path)
    assert len(tables) > 14
    for name, rows in tables.items():
        columns = schema[name]
        keys = [column for column, one in columns.items() if one["key"]]
        assert len({tuple(row.get(key, "") for key in keys) for row in rows}) == len(rows) or not keys, name
        for column, one in columns.items():
            cells = [row.get(column, "") for row in rows]
            assert all(cells) or not one["required"], (name, column)
            if isinstance(one["type"], list):
                assert set(cells) <= {*one["type"], ""}, (name, column)
            elif one["type"] in ("DataType.DOUBLE", "DataType.COST_TIME_EXPRESSION"):
                least = -180 if column == "Longitude" else 0
                assert all(float(cell or 0) >= least for cell in cells), (name, column)
            for table in one["tables"]:
                assert table.lower() not in ("facilities", "products", "customers") or _known(tables, one, cells), (
                    column
                )


def _known(tables: Mapping[str, list[dict[str, str]]], column: dict[str, Any], cells: list[str]) -> bool:
    """Whether all cells name a row of one of the tables that the column refers to."""
    names = {"facilities": "FacilityName", "customers": "CustomerName", "products": "ProductName"}
    found = {row[key] for table, rows in tables.items() if (key := names.get(table.lower())) for row in rows}
    return set(cells) <= {*found, ""} and bool(column["tables"])


def test_the_stored_schema_is_that_of_the_package() -> None:
    pytest.importorskip("ol_anura")
    assert anura_schema.of_package() == anura_schema.stored()
    assert set(anura_schema.stored()) == set(TABLES)


def test_a_model_of_other_people() -> None:
    read = read_anura(MODEL)
    scenario = read.scenario
    items = {item: part for item, (_, part) in items_of(scenario).items()}
    assert [(node.latitude, node.longitude) for node in scenario.nodes if node.id == "Plant"] == [(50, 8)]
    layers = {"North": 1, "South": 1, "DC": 2, "Plant": 3, "Ore Ltd": 4}
    assert {node.id: node.layer for node in scenario.nodes} == layers
    assert (scenario.run.periods, scenario.run.start, scenario.run.step) == (59, "2026-01-01", "1 day")
    assert (scenario.rules.unmet, scenario.rules.unmet_orders) == ("lost", "backorder")
    depot, mine = items["DC", "A-1"], items["Ore Ltd", "ore"]
    assert depot.initial_stock == 60
    assert depot.holding_cost == pytest.approx(73 * 0.1 / 365)
    assert depot.order is not None
    assert depot.order.minimum == 10
    assert mine.production is not None
    assert mine.production.mean == 2000  # 59,000 in two periods of 59 days in all
    ways = {(arc.buyer, arc.supplier, arc.product): arc for arc in scenario.arcs}
    assert len(ways) == 5
    assert len(scenario.arcs) == 6
    assert ways["North", "DC", "A-1"].lead_time == 1.5
    assert ways["North", "DC", "A-1"].other_cost == 3.218688  # 0.01 a unit and kilometre, over 200 miles
    assert ways["North", "DC", "A-1"].price == 2
    assert ways["DC", "Plant", "B"].other_cost == 0.08  # 0.02 a pound, four pounds each
    # as the crow flies from (50, 8) to (52, 5), 17 % more by road, at 55 miles an hour
    angles = [math.radians(angle) for angle in (50, 52, 3)]
    part = math.sin(angles[0]) * math.sin(angles[1]) + math.cos(angles[0]) * math.cos(angles[1]) * math.cos(angles[2])
    hours = 6371.0088 * math.acos(part) * 1.17 / (55 * 1.609344)
    assert ways["DC", "Plant", "B"].lead_time == pytest.approx(hours / 24, rel=1e-4)
    assert (ways["Plant", "Ore Ltd", "ore"].lead_time, ways["Plant", "Ore Ltd", "ore"].price) == (7, 1.5)
    roads = {arc.mode: arc for arc in scenario.arcs if (arc.buyer, arc.product) == ("South", "B")}
    assert {mode: (arc.preference, arc.other_cost, arc.cap) for mode, arc in roads.items()} == {
        "Rail": (1, 1, 12),  # seven dozens a week
        "Truck": (2, 3, None),
    }
    degree = 6371.0088 * math.pi / 180 * 1.17  # the depot lies one degree north of South
    assert (roads["Truck"].lead_time, roads["Rail"].lead_time) == (1, pytest.approx(degree / 20 / 24))
    series = scenario.series["North A-1"]
    assert (series[0], series[31], sum(series)) == (10, 5, 450)
    north, south = items["North", "A-1"], items["South", "B"]
    assert north.demand is not None
    assert (north.demand.price, north.demand.shortage_cost) == (120, 7)
    assert north.order is not None
    assert north.order.order_up_to == 20  # type: ignore[union-attr]
    assert south.demand is not None
    assert (south.demand.mean, south.demand.price) == (2, 50)
    recipe = scenario.recipes[0]
    assert (recipe.inputs, recipe.outputs, recipe.capacity, recipe.cost) == ({"ore": 2}, {"A-1": 1}, 240, 3)
    told = {note.what: note.count for note in (*read.left_out, *read.assumed)}
    assert told["rows of the table workcenters"] == 2
    assert told["lanes of products that their customer does not ask for"] == 2
    assert told["stocks of customers"] == 2


def test_the_same_model_from_a_workbook_and_a_database(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    first = read_anura(MODEL)
    book = openpyxl.Workbook()
    base = sqlite3.connect(tmp_path / f"{MODEL.name}.sqlite")
    for file in MODEL.glob("*.csv"):
        name, (header, *rows) = file.stem, list(csv.reader(file.read_text(encoding="utf-8").splitlines()))
        sheet = book.create_sheet(name.title()[:31])
        base.execute(f"CREATE TABLE {name} ({', '.join(header)})")
        for row in (header, *rows):
            sheet.append(
                [None if cell == "" else float(cell) if cell.replace(".", "").isdigit() else cell for cell in row]
            )
        base.executemany(f"INSERT INTO {name} VALUES ({','.join('?' * len(header))})", rows)
    base.commit()
    base.close()
    book.save(tmp_path / f"{MODEL.name}.xlsx")
    for ending in ("xlsx", "sqlite"):
        assert is_anura(tmp_path / f"{MODEL.name}.{ending}")
        read = read_anura(tmp_path / f"{MODEL.name}.{ending}")
        assert (read.left_out, read.assumed) == (first.left_out, first.assumed)
        assert read.scenario.model_copy(update={"data": first.scenario.data}) == first.scenario


def test_all_that_is_wrong_is_told_with_its_cell(tmp_path: Path) -> None:
    shutil.copytree(MODEL, tmp_path / "model")
    for name, right, wrong in (
        ("inventorypolicies", "20,90", "many,90"),
        ("inventorypolicies", "Plant,ore", "Plant,oer"),
        ("customerdemand", "M2", "M3"),
        ("productionpolicies", "make B", "make C"),
    ):
        file = tmp_path / "model" / f"{name}.csv"
        file.write_text(file.read_text(encoding="utf-8").replace(right, wrong), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_anura(tmp_path / "model")
    assert sorted(caught.value.problems) == [
        "customerdemand.csv:3: column 'PeriodName': there is no 'M3' in the table Periods",
        "inventorypolicies.csv:2: column 'SimulationPolicyValue1': a number belongs here, not 'many'",
        "inventorypolicies.csv:4: column 'ProductName': there is no 'oer' in its table",
        "productionpolicies.csv:3: column 'BOMName': there is no 'make C' in BillsOfMaterials",
    ]


def test_what_is_no_model_is_not_taken_for_one(tmp_path: Path) -> None:
    assert not is_anura(ROOT / "scenarios" / "oil_gas")
    assert not is_anura(tmp_path / "nowhere")
    (tmp_path / "broken.xlsx").write_bytes(b"no workbook")
    (tmp_path / "broken.db").write_bytes(b"no database" * 100)
    assert not is_anura(tmp_path / "broken.xlsx")
    assert not is_anura(tmp_path / "broken.db")
    with pytest.raises(InputError, match="cannot be read as an SQLite file"):
        read_anura(tmp_path / "broken.db")
    with pytest.raises(InputError, match="a folder of CSV files, a workbook"):
        read_anura(tmp_path / "nothing.json")
