"""Starting policies: what they are by hand, and the fill rate of a first run with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

import esc_sim as esc
from esc_sim.fitting.flows import mean_demands, points_of
from esc_sim.fitting.moments import moments
from esc_sim.fitting.starting import gamma_loss, starting_policies
from esc_sim.network.generators.trade import layered_scenario
from esc_sim.sampling.inverse import values_of
from esc_sim.scenario.items import items_of
from esc_sim.scenario.schema import Scenario


def network(shop: dict[str, Any], arc: dict[str, Any] | None = None, **parts: Any) -> Scenario:
    nodes = [
        {"id": "shop", **shop},
        {"id": "maker", "initial_stock": 1e6, "production": {"mean": 1000.0}, "target_stock": 1e6},
    ]
    arcs = [{"buyer": "shop", "supplier": "maker", **(arc or {})}]
    return esc.Scenario(name="two", nodes=nodes, arcs=arcs, run={"periods": 600}, **parts)


def without_policies(scenario: Scenario) -> Scenario:
    """A scenario as somebody writes it who knows no policies, and nothing goes wrong."""
    none: dict[str, Any] = {"order": None, "initial_stock": 0.0}
    nodes = [
        node.model_copy(update={**none, "target_stock": None if node.production is None else node.target_stock})
        for node in scenario.nodes
    ]
    stocks = [line.model_copy(update=none) for line in scenario.stocks]
    gone: dict[str, Any] = {"disruptions": [], "joint_disruptions": [], "optimize": None, "run": esc.Run(periods=400)}
    return scenario.model_copy(update={"nodes": nodes, "stocks": stocks, **gone})


def fill_rate(scenario: Scenario) -> float:
    kpis = esc.simulate(scenario, replications=2, engine="agents").summary["kpis"]
    return float(kpis["undisrupted"]["fill_rate"]["mean"])


def test_the_loss_of_a_gamma_demand() -> None:
    law = stats.gamma(4.0, scale=5.0)
    for level in (0.5, 15.0, 60.0):
        exact, _ = integrate.quad(lambda x, level=level: (x - level) * law.pdf(x), level, 400.0)
        assert gamma_loss(20.0, 100.0, level) == pytest.approx(exact, rel=1e-6)
    assert (gamma_loss(20.0, 0.0, 15.0), gamma_loss(20.0, 0.0, 25.0), gamma_loss(20.0, 9.0, -1.0)) == (5.0, 0.0, 21.0)


def test_a_demand_without_chance_is_covered_to_the_share() -> None:
    made = starting_policies(network({"demand": {"mean": 40.0}}, {"lead_time": 3.0}), 0.9)
    assert made.nodes[0].order == esc.BaseStockOrder(order_up_to=116.0)  # 120 less a tenth of a period
    assert made.nodes[0].initial_stock == 116.0
    early = network({"demand": {"mean": 40.0}}, {"lead_time": 3.0}, rules={"sequence": "order_before_demand"})
    assert starting_policies(early, 0.9).nodes[0].order == esc.BaseStockOrder(order_up_to=156.0)


def test_a_fixed_cost_gives_two_levels() -> None:
    shop = {"demand": {"mean": 40.0, "sd": 8.0}, "holding_cost": 0.5, "order": {"fixed_cost": 1000.0}}
    made = starting_policies(network(shop, {"lead_time": 2.0}), 0.95)
    order = made.nodes[0].order
    assert isinstance(order, esc.ReorderUpToOrder)
    assert order.fixed_cost == 1000.0
    lot = (2 * 1000.0 * 40.0 / 0.5) ** 0.5
    assert order.order_up_to - order.reorder_point == pytest.approx(lot - (1600 + 64) / 80, abs=0.1)
    assert fill_rate(made) == pytest.approx(0.95, abs=0.02)


def test_what_is_stated_stays() -> None:
    shop = {"demand": {"mean": 40.0}, "order": {"policy": "base_stock", "order_up_to": 7.0}, "initial_stock": 3.0}
    scenario = network(shop)
    assert starting_policies(scenario) == scenario


def test_demand_goes_up_through_shares_recipes_and_caps() -> None:
    scenario = esc.Scenario(
        name="made",
        products=[{"id": "car"}, {"id": "wheel"}],
        nodes=[
            {"id": "shop", "demand": {"mean": 10.0, "sd": 3.0}},
            {"id": "plant"},
            *({"id": name, "product": "wheel", "production": {"mean": 90.0}} for name in ("near", "far", "third")),
        ],
        stocks=[{"node": "plant", "product": "wheel"}],
        recipes=[{"node": "plant", "id": "assembly", "inputs": {"wheel": 4.0}, "outputs": {"car": 1.0}, "lag": 2}],
        arcs=[
            {"buyer": "shop", "supplier": "plant"},
            {"buyer": "plant", "supplier": "far", "product": "wheel", "price": 9.0},
            {"buyer": "plant", "supplier": "near", "product": "wheel", "price": 5.0, "cap": 30.0},
            {"buyer": "plant", "supplier": "third", "product": "wheel", "price": 10.0},
        ],
    )
    asked = {item: (point.asked.mean, point.asked.variance) for item, point in points_of(scenario).items()}
    assert asked["plant", "wheel"] == (pytest.approx(40.0, rel=1e-3), pytest.approx(16 * 9.0, rel=0.02))
    over, _ = integrate.quad(stats.gamma(1600 / 144, scale=144 / 40.0).sf, 30.0, 400.0)  # orders that are above the cap
    assert asked["near", "wheel"][0] == pytest.approx(40.0 - over, rel=1e-3)
    assert asked["far", "wheel"][0] == pytest.approx(over, rel=1e-2)
    assert asked["third", "wheel"] == (0.0, 0.0)
    made = starting_policies(scenario)
    plant, wheels = (items_of(made)["plant", product][1] for product in ("car", "wheel"))
    assert plant.target_stock == plant.initial_stock
    assert plant.target_stock is not None
    assert plant.target_stock > 30.0  # three periods of ten
    assert plant.order is None
    assert wheels.order is not None
    assert fill_rate(made) == pytest.approx(0.95, abs=0.03)


def test_routes_and_lanes_are_asked_as_a_run_asks_them() -> None:
    arcs = [
        {"buyer": "shop", "supplier": "maker", "mode": "sea", "price": 5.0, "lead_time": 6.0, "lane": "port"},
        {"buyer": "shop", "supplier": "maker", "mode": "air", "price": 9.0, "lead_time": 1.0},
    ]
    nodes = [{"id": "shop", "demand": {"mean": 40.0}}, {"id": "maker", "production": {"mean": 90.0}}]
    lanes = [{"id": "port", "capacity": 30.0}]

    def ways(**parts: Any) -> list[tuple[float, float]]:
        point = points_of(esc.Scenario(name="two", nodes=nodes, arcs=arcs, **parts))["shop", "goods"]
        return [(way.periods, way.share) for way in point.ways]

    assert ways() == [(6.0, 1.0)]
    assert ways(lanes=lanes) == [(6.0, 0.75), (1.0, 0.25)]
    assert ways(rules={"sourcing": "quickest"}) == [(1.0, 1.0)]


SPLIT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "cap": ({"cap": 8.0}, {}),
    "lane": ({"lane": "port"}, {}),
    "share": ({"share": 0.75}, {"share": 0.25}),
}


@pytest.mark.parametrize("split", SPLIT)
@pytest.mark.parametrize("wanted", [0.8, 0.95])
def test_orders_that_two_modes_split_are_met_to_the_share(split: str, wanted: float) -> None:
    sea, air = SPLIT[split]
    scenario = esc.Scenario(
        name="two",
        nodes=[{"id": "shop", "demand": {"mean": 10.0, "sd": 4.0}}, {"id": "maker", "initial_stock": 1e6}],
        arcs=[
            {"buyer": "shop", "supplier": "maker", "mode": "sea", "lead_time": 8.0, **sea},
            {"buyer": "shop", "supplier": "maker", "mode": "air", "lead_time": 2.0, "other_cost": 5.0, **air},
        ],
        lanes=[{"id": "port", "capacity": 8.0}],
        rules={"unmet": "backorder", "unmet_orders": "backorder"},
        run={"periods": 1000, "warm_up": 50},
    )
    assert fill_rate(starting_policies(scenario, wanted)) == pytest.approx(wanted, abs=0.02)


def test_who_bids_most_comes_first_over_a_lane_and_the_other_gets_what_is_left() -> None:
    arcs = [
        {"buyer": shop, "supplier": "maker", "mode": mode, "price": price, **more}
        for shop, price in (("near", 5.0), ("far", 6.0))
        for mode, more in (
            ("sea", {"lead_time": 8.0, "lane": "port"}),
            ("air", {"lead_time": 2.0, "other_cost": 5.0}),
        )
    ]
    shops = [{"id": shop, "demand": {"mean": 10.0, "sd": 4.0}} for shop in ("near", "far")]
    scenario = esc.Scenario(
        name="two",
        nodes=[*shops, {"id": "maker", "initial_stock": 1e6}],
        arcs=arcs,
        lanes=[{"id": "port", "capacity": 16.0}],
        rules={"unmet": "backorder", "unmet_orders": "backorder"},
        run={"periods": 1000, "warm_up": 50},
    )
    points = points_of(scenario)
    near, far = (points[shop, "goods"].ways[0].share for shop in ("near", "far"))
    first, second = stats.gamma(6.25, scale=1.6).rvs((2, 400_000), random_state=1)
    assert far == pytest.approx(float(np.minimum(first, 16.0).mean()) / 10.0, abs=0.01)
    left = np.maximum(16.0 - first, 0.0)
    assert near == pytest.approx(float(np.minimum(second, left).mean()) / 10.0, abs=0.01)
    assert fill_rate(starting_policies(scenario)) == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize("block", [1, 4])
def test_what_hangs_together_in_blocks_counts(block: int) -> None:
    history = [3.0, 9.0, 1.0, 30.0, 12.0, 7.0, 2.0, 15.0, 22.0, 5.0, 8.0, 40.0]
    law = {"law": "empirical", "series": "asked", "block": block}
    rules = {"unmet": "backorder", "unmet_orders": "backorder"}
    scenario = network({"demand": {"law": law}}, {"lead_time": 6.0}, rules=rules, series={"asked": history})
    mean, variance = points_of(scenario)["shop", "goods"].asked.over(6.0)
    held = scenario.nodes[0].demand.law.covariances()  # type: ignore[union-attr]
    pairs = sum((6 - k) * held[k] for k in range(1, block))
    assert (mean, variance) == (pytest.approx(6 * 154 / 12), pytest.approx(6 * np.var(history) + 2 * pairs))
    assert fill_rate(starting_policies(scenario)) == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize(
    "law",
    [
        esc.Normal(mean=3, sd=4),
        esc.Lognormal(mean=10, sd=9),
        esc.Geometric(probability=0.2),
        esc.NegativeBinomial(mean=4, sd=5),
        esc.Discrete(values=[1, 7, 3], probabilities=[0.5, 0.2, 0.3]),
        esc.Intermittent(probability=0.3, size=esc.Gamma(mean=30, sd=10)),
    ],
)
def test_moments_of_laws_are_those_of_their_values(law: Any) -> None:
    drawn = values_of(law, (np.arange(2_000_000) + 0.5) / 2_000_000)
    assert moments(law) == (pytest.approx(float(drawn.mean()), rel=1e-4), pytest.approx(float(drawn.var()), rel=5e-3))


def test_the_mean_demand_is_that_of_the_formula() -> None:
    for law in ({"law": "lognormal", "mean": 10.0, "sd": 9.0}, {"law": "poisson", "mean": 10.0}):
        assert mean_demands(network({"demand": {"law": law}}))["shop", "goods"] == 10.0


def test_orders_are_made_for_products_without_a_row() -> None:
    products = [{"id": "tea"}, {"id": "milk"}]
    arcs = [{"buyer": "shop", "supplier": "depot", "product": "milk"}, {"buyer": "depot", "supplier": "farm",
            "product": "milk"}]  # fmt: skip
    nodes = [{"id": "shop", "product": "milk", "demand": {"mean": 5.0}}, {"id": "depot"}, {"id": "farm",
             "product": "milk", "production": {"mean": 9.0}}]  # fmt: skip
    made = starting_policies(esc.Scenario(name="dairy", products=products, nodes=nodes, arcs=arcs))
    line = made.stocks[0]
    assert (line.node, line.product) == ("depot", "milk")
    assert line.order is not None


def test_a_season_counts_as_variance() -> None:
    demand = {"mean": 40.0, "season": [0.5, 0.5, 0.5, 1.5, 1.5, 1.5]}
    scenario = network({"demand": demand}, {"lead_time": 3.0})
    mean, variance = points_of(scenario)["shop", "goods"].asked.over(3.0)
    sums = np.convolve(np.resize([20.0] * 3 + [60.0] * 3, 600), np.ones(3), "valid")
    assert (mean, variance) == (pytest.approx(120.0), pytest.approx(float(sums.var())))
    assert fill_rate(starting_policies(scenario)) == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize("name", ["layers, owed", "layers, lost", "quickstart", "bakery", "oil_gas"])
def test_the_first_run_has_about_the_wanted_fill_rate(name: str) -> None:
    if name.startswith("layers"):
        scenario = layered_scenario((8, 5, 3), links=2, seed=7)
        if name == "layers, owed":
            rules = esc.Rules(unmet="backorder", unmet_orders="backorder")
            scenario = scenario.model_copy(update={"rules": rules})
    else:
        scenario = esc.load_scenario(f"scenarios/{name}")
    bare = without_policies(scenario)
    assert all(data.order is None for _, data in items_of(bare).values())
    assert fill_rate(starting_policies(bare)) == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize("share", [0.0, 1.0, 95.0])
def test_a_fill_rate_is_a_share(share: float) -> None:
    with pytest.raises(esc.InputError, match="fill_rate: must lie between 0 and 1"):
        starting_policies(network({"demand": {"mean": 40.0}}), share)
