"""Nothing is lost on the way: goods exactly, on their grid, and money, in every period of generated networks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray

from esc_sim.behaviours.grid import grid_offset
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.engine.block import Block
from esc_sim.fields.rows import NO_ROW
from esc_sim.instance.build import instance_of
from esc_sim.results.columns import FLOW_COLUMNS, PERIOD_COLUMNS
from esc_sim.results.products import COMING_IN
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from tests.helpers.networks import scenarios
from tests.helpers.runs import SCENARIOS, agents, compiled, item, node, period

Floats = NDArray[np.float64]


def before(values: Floats, start: Floats) -> Floats:
    """Values at the end of the period before; [R, T, I]."""
    first = np.broadcast_to(start, (values.shape[0], 1, values.shape[2]))
    return np.concatenate([first, values[:, :-1]], axis=1)


def waste_of(scenario: Scenario, block: Block) -> Floats:
    """What came into stock at the end of a period because other goods of the node expired; [R, T, I]."""
    making, expired = instance_of(scenario).making, item(block, "expired")
    waste = np.zeros_like(expired)
    for i, became in zip(making.perishables["item"], making.perishables["waste"], strict=True):
        if became != NO_ROW:
            waste[..., became] += expired[..., i]
    return waste


def leftovers_of(scenario: Scenario, block: Block) -> Floats:
    """What customers left of what they bought; [R, T, I]."""
    instance = instance_of(scenario)
    back, served = instance.making.leftovers, item(block, "served")
    offset = grid_offset(instance.switches.goods_bits)
    left = np.zeros_like(served)
    for bought, i, share in zip(back["bought"], back["item"], back["share"], strict=True):
        left[..., i] += (share * served[..., bought] + offset) - offset
    return left


def stock_at_review(scenario: Scenario, block: Block) -> Floats:
    """Stock from which was sold: after arrivals, production and recipes, before anything that ends the period."""
    left = item(block, "stock") - waste_of(scenario, block) - item(block, "taken") - leftovers_of(scenario, block)
    return left + sum(item(block, name) for name in ("shipped", "served", "expired", "given", "disposed"))


def assert_goods_conserved(scenario: Scenario, block: Block) -> None:
    """Stock, goods in transit and backlog change by what the period's flows say, to the last bit."""
    instance = instance_of(scenario)
    offset = grid_offset(instance.switches.goods_bits)
    gained = (instance.items.yield_factor * item(block, "received") + offset) - offset
    change = item(block, "produced") + gained - item(block, "shipped") - item(block, "served")
    change += item(block, "taken")
    for name in ("consumed", "expired", "given", "disposed"):
        change -= item(block, name)
    stock = item(block, "stock")
    np.testing.assert_array_equal(stock, before(stock, instance.items.initial_stock) + change)
    transit = item(block, "in_transit").sum(axis=2)
    earlier = np.concatenate([np.zeros((len(transit), 1)), transit[:, :-1]], axis=1)
    np.testing.assert_array_equal(
        transit, earlier + period(block, "shipped") - period(block, "received") - period(block, "lost")
    )
    owed = period(block, "backlog")
    owed_before = np.concatenate([np.zeros((len(owed), 1)), owed[:, :-1]], axis=1)
    unmet = owed_before + period(block, "demand") - period(block, "served")
    if scenario.rules.unmet == "backorder":
        np.testing.assert_array_equal(owed, unmet)
    else:
        assert (unmet >= 0).all()
        assert not owed.any()


def assert_on_grid(scenario: Scenario, block: Block) -> None:
    """Every amount is a multiple of the goods quantum."""
    size = 2.0**scenario.rules.goods_quantum
    assert (block.items * size == np.round(block.items * size)).all()


def assert_limits_kept(scenario: Scenario, block: Block) -> None:
    """No stock is negative; sales and final demand stay within U = max(0, S - S*); nothing unsold is shipped."""
    instance = instance_of(scenario)
    assert (block.items >= 0).all()
    limit = np.maximum(0.0, stock_at_review(scenario, block) - instance.items.safety_stock)
    assert (item(block, "contracted") + item(block, "served") <= limit).all()
    assert (item(block, "shipped") <= item(block, "contracted")).all()
    made = item(block, "produced") - waste_of(scenario, block) - leftovers_of(scenario, block) > 0
    made[..., instance.making.outputs["item"]] = False  # no target, or a lag
    made[..., instance.making.environment] = False
    target = np.broadcast_to(instance.items.target_stock, made.shape)
    assert (stock_at_review(scenario, block)[made] <= target[made]).all()


def assert_money_conserved(scenario: Scenario, block: Block) -> None:
    """E = B + C + D, and P = retail income - other costs - storage - penalties (- what a scenario adds)."""
    tolerance = 1e-12 * (1.0 + np.abs(block.periods[..., :9]).sum())
    parts = ("procurement", "storage", "penalty", "shortage_cost", "fixed_cost", "recipe_cost", "disposal_cost")
    cost = sum(period(block, name) for name in parts)
    np.testing.assert_allclose(period(block, "cost"), cost, atol=tolerance, rtol=0)
    other = period(block, "procurement") - period(block, "internal_income")
    profit = period(block, "retail_income") - other - sum(period(block, name) for name in parts[1:])
    np.testing.assert_allclose(period(block, "profit"), profit, atol=tolerance, rtol=0)
    for name in ("procurement", "storage", "penalty", "cost", "profit"):
        np.testing.assert_allclose(node(block, name).sum(axis=2), period(block, name), atol=tolerance, rtol=0)
    np.testing.assert_allclose(
        node(block, "income").sum(axis=2),
        period(block, "retail_income") + period(block, "internal_income"),
        atol=tolerance,
        rtol=0,
    )
    # What is paid beside the price goes to nobody in the network: other cost times what each arc carried.
    paid = sum(a.other_cost * shipped for a, shipped in zip(scenario.arcs, block.arc_shipped, strict=True))
    hauls, given = [taker.haul for taker in scenario.takers] or [0.0], period(block, "given").sum()
    assert min(hauls) * given - tolerance <= other.sum() - paid <= max(hauls) * given + tolerance


@given(scenarios() | scenarios(making=True))
def test_of_generated_networks(scenario: Scenario) -> None:
    for disrupted in (True, False):
        block = compiled(scenario, range(2), disrupted=disrupted)
        assert_goods_conserved(scenario, block)
        assert_on_grid(scenario, block)
        assert_limits_kept(scenario, block)
        assert_money_conserved(scenario, block)
        if not disrupted:
            assert not period(block, "penalty").any()
            assert not period(block, "lost").any()


@pytest.mark.parametrize("run", [agents, compiled])
def test_nothing_vanishes_of_any_product(run: Callable[..., Block]) -> None:
    """Every product of every node in every period, with recipes, perishable goods, by-products; and over the run."""

    @settings(max_examples=60)
    @given(scenarios(making=True))
    def balanced(scenario: Scenario) -> None:
        instance = instance_of(scenario)
        block = run(scenario)
        assert_goods_conserved(scenario, block)
        signs = np.array([1.0 if name in COMING_IN else -1.0 for name in FLOW_COLUMNS])
        end = instance.items.initial_stock + (block.flows[0] * signs).sum(axis=1)
        np.testing.assert_array_equal(item(block, "stock")[0, -1], end)
        np.testing.assert_array_equal(item(block, "given").sum(axis=2), item(block, "taken").sum(axis=2))
        kept = np.isfinite(instance.making.room)
        if not instance.switches.owing:  # nobody keeps more than its room, unless an order waits for it
            assert (item(block, "stock")[..., kept] <= instance.making.room[kept]).all()

    balanced()


@pytest.mark.parametrize("name", ["oil_gas", "quickstart", "bakery"])
def test_of_shipped_scenarios(name: str) -> None:
    scenario = load_scenario(SCENARIOS / name)
    block = compiled(scenario, range(3))
    assert_goods_conserved(scenario, block)
    assert_on_grid(scenario, block)
    assert_limits_kept(scenario, block)
    assert_money_conserved(scenario, block)


def test_money_of_every_single_period_of_oil_gas() -> None:
    """What arcs carried in a period times other cost is all that leaves the network beside storage and penalty."""
    scenario = load_scenario(SCENARIOS / "oil_gas", {"run.periods": 60})
    model = SupplyChainModel(scenario, seed=2)
    order = model.instance.lines.arc_order
    other_cost = np.array([a.other_cost for a in scenario.arcs])[order]
    carried = np.zeros(len(order))
    for _ in range(60):
        model.step()
        total = np.array(model.books.arc_total)
        row = dict(zip(PERIOD_COLUMNS, model.recorder.periods[-1], strict=True))
        spent = other_cost @ (total - carried) + row["storage"] + row["penalty"]
        assert row["profit"] == pytest.approx(row["retail_income"] - spent, rel=1e-12)
        carried = total
    assert model.recorder.periods[:, PERIOD_COLUMNS.index("penalty")].any()


@given(scenarios(disrupted=False))
def test_without_disruptions_what_is_sold_is_shipped(scenario: Scenario) -> None:
    block = compiled(scenario)
    np.testing.assert_array_equal(item(block, "shipped"), item(block, "contracted"))
    assert not period(block, "penalty").any()
