"""Demand by customer and product: hand-worked runs, both engines, the twin beside it, folders, comparisons."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import esc_sim as esc
from esc_sim.compared import worst_by_variant
from esc_sim.engine.compiled import runner
from esc_sim.instance.build import instance_of
from esc_sim.measures.service import CUSTOMER_DEMAND
from esc_sim.results.customer_demand import CustomerDemand, customer_demand
from esc_sim.results.spool import Spool
from esc_sim.risk.intervals import column_intervals, mean_interval

AMOUNTS = ("demanded", "served_on_time", "late_or_lost", "served_late", "lost", "still_waiting")


def shops(unmet: str = "lost", **values: Any) -> dict[str, Any]:
    """Two shops that sell milk, one of them curd as well; the dairy ships nothing from period 3 to 5 of 10."""
    return {
        "name": "shops",
        "units": {"goods": "crate", "money": "EUR", "period": "day"},
        "run": {"periods": 10, "replications": 2},
        "products": [{"id": "milk"}, {"id": "curd"}],
        "nodes": [
            {"id": "north", "initial_stock": 20, "demand": {"mean": 10, "price": 5}, "order": _base(30)},
            {"id": "south", "initial_stock": 90, "demand": {"mean": 5, "price": 5}, "order": _base(90)},
            {"id": "dairy", "initial_stock": 500},
        ],
        "stocks": [
            {"node": "north", "product": "curd", "initial_stock": 4, "demand": {"mean": 2}, "order": _base(6)},
            {"node": "dairy", "product": "curd", "initial_stock": 500},
        ],
        "arcs": [
            {"buyer": shop, "supplier": "dairy", "product": product, "price": 1, "lead_time": 1}
            for shop, product in (("north", "milk"), ("south", "milk"), ("north", "curd"))
        ],
        "rules": {"unmet": unmet},
        "disruptions": [{"name": "strike", "nodes": ["dairy"], "dates": [{"start": 3, "duration": 3}], "health": 0}],
        **values,
    }  # fmt: skip


def _base(level: float) -> dict[str, Any]:
    return {"policy": "base_stock", "order_up_to": level}


@pytest.mark.parametrize("engine", ["agents", "compiled"])
def test_lost_demand_of_each_customer_and_product_beside_the_twin(engine: Any) -> None:
    result = esc.simulate(shops(), engine=engine, seed=1)
    table = result.demand_by_customer
    assert list(table.index) == [("north", "milk"), ("north", "curd"), ("south", "milk")]  # the worst first
    # What was not shipped in periods 3 to 5 is missing from period 4 on: the stocks of north last two days more, so
    # that nothing is sold in periods 6 and 7. South has stock for longer than that.
    expected = {("north", "milk"): (100, 80, 20), ("north", "curd"): (20, 16, 4), ("south", "milk"): (50, 50, 0)}
    for customer, (demanded, served, lost) in expected.items():
        row = table.loc[customer]
        assert (row["demanded"], row["served_on_time"], row["lost"], row["late_or_lost"]) == (
            demanded, served, lost, lost,
        )  # fmt: skip
        assert (row["demanded_twin"], row["lost_twin"], row["lost_difference"]) == (demanded, 0.0, lost)
        assert row["fill_rate"] == served / demanded
        assert (row["served_late"], row["still_waiting"], row["fill_rate_twin"]) == (0.0, 0.0, 1.0)
    assert table["lost"].sum() == result.column("lost_demand").sum(axis=1).mean()


def test_late_demand_where_customers_wait() -> None:
    table = esc.simulate(shops("backorder"), engine="agents", seed=1).demand_by_customer
    north = table.loc[("north", "milk")]
    assert [north[name] for name in AMOUNTS] == [100.0, 80.0, 20.0, 20.0, 0.0, 0.0]
    assert [north[f"{name}_twin"] for name in AMOUNTS] == [100.0, 100.0, 0.0, 0.0, 0.0, 0.0]
    short = esc.simulate(shops("backorder", run={"periods": 7, "replications": 1}), engine="agents").demand_by_customer
    north = short.loc[("north", "milk")]  # the run ends while they wait
    assert [north[name] for name in AMOUNTS] == [70.0, 60.0, 10.0, 0.0, 0.0, 10.0]


def test_both_engines_and_a_twin_that_is_only_walked_while_it_differs_agree() -> None:
    scenario = esc.load_scenario(
        "scenarios/quickstart", {"run.periods": 90, "rules.unmet": "backorder", "run.warm_up": 5}
    )
    compiled = esc.simulate(scenario, replications=3, engine="compiled")
    agents = esc.simulate(scenario, replications=3, engine="agents")
    assert compiled.twin_service is not None
    assert np.array_equal(compiled.service, agents.service)
    assert np.array_equal(compiled.twin_service, agents.twin_service)
    instance = replace(instance_of(scenario), service=True, tally=True)
    _, twin = runner.run_with_twin(instance, scenario.run.seed, [1], meeting=True)
    assert np.array_equal(twin.service[0], compiled.twin_service[1])


def test_the_folder_holds_the_table_and_gives_it_back(tmp_path: Path) -> None:
    result = esc.simulate(shops(), engine="agents", seed=1)
    again = esc.load_result(result.save(tmp_path / "run"))
    assert again.demand_by_customer.equals(result.demand_by_customer)
    with (tmp_path / "run" / "demand_by_customer.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["customer"], row["product"]) for row in rows] == list(result.demand_by_customer.index)
    assert float(rows[0]["lost_difference"]) == result.demand_by_customer["lost_difference"].iloc[0]
    block = result.summary["demand"]
    assert (block["periods"], block["customers"], len(block["worst"])) == (10, 3, 2)


def test_a_scenario_without_customers_has_no_table(tmp_path: Path) -> None:
    silent = shops(disruptions=[])
    for part in (*silent["nodes"], *silent["stocks"]):
        part.pop("demand", None)
    result = esc.simulate(silent, engine="agents")
    assert len(result.demand_by_customer) == 0
    result.save(tmp_path / "run")
    assert not (tmp_path / "run" / "demand_by_customer.csv").exists()


def test_a_scenario_without_disruptions_has_no_twin_in_the_table() -> None:
    table = esc.simulate(shops(disruptions=[]), engine="agents").demand_by_customer
    assert not [name for name in table if "twin" in name or "difference" in name]
    assert list(table)[::3] == [measure.name for measure in CUSTOMER_DEMAND]


def test_runs_that_are_compared_are_paired_by_customer(tmp_path: Path) -> None:
    found = esc.compare(
        shops(),
        {"as it is": {}, "more": {"nodes.north.initial_stock": "+30", "nodes.north.order.order_up_to": "+3d"}},
        engine="agents",
        overrides={"run.seed": 3},
        out=tmp_path / "compared",
    )
    (first, *_) = found.summary["demand"]
    assert (first["node"], first["product"]) == ("north", "milk")
    runs = [found.runs[name].demand_by_customer.loc[("north", "milk"), "late_or_lost"] for name in ("as it is", "more")]
    more = first["variants"]["more"]
    assert [first["variants"]["as it is"]["value"]["mean"], more["value"]["mean"]] == runs
    assert more["difference"]["mean"] == runs[1] - runs[0] < 0.0
    assert found.summary["changes"] == ["run.seed=3"]
    assert all(run.seed == 3 for run in found.runs.values())
    with (tmp_path / "compared" / "demand_by_customer.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["variant"] for row in rows] == ["as it is"] * 3 + ["more"] * 3
    assert not [name for name in rows[0] if "twin" in name]


def test_intervals_of_many_columns_are_those_of_each() -> None:
    values = np.random.default_rng(1).normal(size=(21, 4))
    values[3, 2] = np.nan
    for batch in (1, 4):
        mean, low, high = column_intervals(values, batch=batch)
        for place in range(4):
            one = mean_interval(values[:, place], batch=batch)
            assert (mean[place], low[place], high[place]) == pytest.approx((one.mean, one.low, one.high))
    assert np.isnan(column_intervals(values[:1])[1]).all()


def test_sums_that_lie_in_a_file_give_the_same_table() -> None:
    result = esc.simulate(shops(), engine="agents", seed=1, replications=5)
    assert result.service is not None
    spools = [Spool(result.service.shape[1:], 5, limit=0) for _ in range(2)]
    for spool, rows in zip(spools, (result.service, result.twin_service), strict=True):
        spool.add(rows)
    filed = replace(result, service=spools[0].rows(), twin_service=spools[1].rows())
    assert customer_demand(filed).frame().equals(customer_demand(result).frame())


def test_customers_of_a_comparison_are_those_that_change_most_either_way() -> None:
    def demand(late: list[float], more: list[float]) -> CustomerDemand:
        names = [("a", "milk"), ("b", "milk"), ("c", "milk")]
        columns = {"late_or_lost": late, "late_or_lost_difference": more}
        return CustomerDemand(names, {name: np.array(values) for name, values in columns.items()})

    found = {"one": demand([90.0, 5.0, 0.0], [0.0] * 3), "two": demand([80.0, 45.0, 0.0], [-10.0, 40.0, 0.0])}
    assert [entry["node"] for entry in worst_by_variant(found, "crate")] == ["b", "a"]
