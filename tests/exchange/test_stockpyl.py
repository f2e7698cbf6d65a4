"""stockpyl's JSON: its simulation and ours agree on networks that stockpyl_networks.py, beside this file, makes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import esc_sim
from esc_sim.errors import InputError
from esc_sim.exchange.stockpyl import is_stockpyl, read_stockpyl
from esc_sim.scenario.checked import changed

FILE = Path(__file__).with_name("stockpyl_networks.json")
PERIODS, RUNS = 300, 8
# Mean cost of a period and half of its 95 % interval, printed by `python stockpyl_networks.py 300 60` (stockpyl 1.0.2).
STOCKPYL = {
    "chain": (53.940092, 1.067144),
    "tree": (58.214544, 0.294632),
    "echelon": (53.413185, 0.925577),
    "listed": (73.69, 0.0),
    "orders pause": (191.818, 0.0),
    "shipments pause": (150.868, 0.0),
    "receipts pause": (129.943, 0.0),
}


@pytest.mark.parametrize("name", STOCKPYL)
def test_costs_are_those_of_its_own_simulation(name: str) -> None:
    scenario = changed(read_stockpyl(FILE, name).scenario, {"run.periods": PERIODS})
    theirs, half = STOCKPYL[name]
    runs = RUNS if half else 1  # without chance, one run is exact
    ours = esc_sim.simulate(scenario, replications=runs, seed=1, engine="agents").kpis.loc["cost_per_period"]
    our_half = (ours["ci_high"] - ours["ci_low"]) / 2 if half else 0.0
    assert ours["mean"] == pytest.approx(theirs, abs=1e-9 + (half**2 + our_half**2) ** 0.5)


def test_what_stands_in_the_file_is_read() -> None:
    read = read_stockpyl(FILE, "tree")
    scenario = read.scenario
    nodes = {node.id: node for node in scenario.nodes}
    assert set(nodes) == {"shop", "depot", "plant", "kiosk", "external supplier"}
    layers = {"shop": 1, "kiosk": 1, "depot": 2, "plant": 3, "external supplier": 4}
    assert {node.id: node.layer for node in scenario.nodes} == layers
    shop = nodes["shop"]
    assert (shop.holding_cost, shop.in_transit_holding_cost, shop.initial_stock) == (3, 1.5, 9)
    assert nodes["depot"].in_transit_holding_cost == 0.4  # the plant's own rate of goods on their way
    assert [(arc.buyer, arc.supplier, arc.lead_time, arc.priority) for arc in scenario.arcs] == [
        ("shop", "depot", 1, 0),
        ("depot", "plant", 2, 0),
        ("plant", "external supplier", 2, 0),
        ("kiosk", "depot", 2, 1),
    ]
    rules = scenario.rules
    assert (rules.unmet, rules.unmet_orders, rules.allocation) == ("backorder", "backorder", "priority")
    assert (read.left_out, read.assumed) == ((), ())


def edited(tmp_path: Path, **changes: Any) -> Path:
    """The network 'chain' alone, with attributes of its shop changed."""
    content = json.loads(FILE.read_text(encoding="utf-8"))
    content["instances"] = [one for one in content["instances"] if one["name"] == "chain"]
    shop = next(node for node in content["instances"][0]["data"]["_nodes"] if node["name"] == "shop")
    shop.update(changes)
    path = tmp_path / "one.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def source(kind: str, **values: Any) -> dict[str, Any]:
    return {"type": kind, "dict_type": "singleton_attribute", **values}


@pytest.mark.parametrize(
    ("given", "mean"),
    [
        (source("N", mean=3, standard_deviation=1, round_to_int=True), 3.0),
        (source("NB", n=4, p=0.4), 6.0),
        (source("UC", lo=2, hi=5), 3.5),
        (source("CD", demand_list=[0, 10, 0], probabilities=[0.25, 0.5, 0.25]), 5.0),
        (source("D", demand_list=7), 7.0),
    ],
)
def test_demand_sources(given: dict[str, Any], mean: float, tmp_path: Path) -> None:
    scenario = read_stockpyl(edited(tmp_path, demand_source=given)).scenario
    demand = scenario.nodes[0].demand
    assert demand is not None
    if demand.law is None:
        assert demand.mean == mean
    elif demand.law.law == "discrete":
        values = zip(demand.law.values, demand.law.probabilities, strict=True)
        assert sum(value * chance for value, chance in values) == pytest.approx(mean, abs=0.02)
    else:
        short = changed(scenario, {"run.periods": 150})
        drawn = esc_sim.simulate(short, replications=4, seed=3, engine="agents").periods["demand"].mean()
        assert drawn == pytest.approx(mean, rel=0.1)


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    path = edited(tmp_path, initial_orders=4, order_lead_time=1, supply_type=None, _inventory_policy={"type": "BEBS"})
    read = read_stockpyl(path)
    assert [str(note) for note in read.left_out] == [
        "policies without their levels (1): nothing is ordered",
        "nodes with initial_orders (1): nothing is on its way at the start",
    ]
    assert [note.what for note in read.assumed] == ["lead times of orders"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"supply_type": "U"}, "assembles the goods of 2 suppliers, which is not read"),
        ({"_product_indices": [5, 6]}, "holds several products, which is not read"),
    ],
)
def test_networks_that_are_not_read(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_stockpyl(edited(tmp_path, **changes))
    assert caught.value.problems == [f"one.json: instance 'chain': node 1: {message}"]


def test_which_file_and_which_network(tmp_path: Path) -> None:
    assert is_stockpyl(FILE)
    for text in ("{", '{"instances": 3}', "[]", '{"type": "FeatureCollection"}'):
        (tmp_path / "other.json").write_text(text, encoding="utf-8")
        assert not is_stockpyl(tmp_path / "other.json")
    with pytest.raises(InputError, match="name one of its networks: chain, listed, tree, echelon, orders pause"):
        read_stockpyl(FILE)
    with pytest.raises(InputError, match="there is no network 'ring'"):
        read_stockpyl(FILE, "ring")
    (tmp_path / "other.json").write_text('{"instances": [{"type": "dict", "data": {}}]}', encoding="utf-8")
    with pytest.raises(InputError, match="no network"):
        read_stockpyl(tmp_path / "other.json")


@pytest.mark.parametrize(
    "changes",
    [{"_predecessor_indices": [77]}, {"demand_source": 5}, {"demand_source": source("N")}],
)
def test_a_network_that_is_not_whole(changes: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"one\.json: instance 'chain': is not as stockpyl saves networks"):
        read_stockpyl(edited(tmp_path, **changes))
