"""Generated farms: the engines agree bit for bit, and neither nitrogen nor goods are lost or made."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from esc_sim.engine.block import Block
from esc_sim.instance.build import instance_of
from esc_sim.results.columns import FIELD_COLUMNS, FLOW_COLUMNS
from esc_sim.results.observed import in_words
from esc_sim.results.products import COMING_IN
from esc_sim.scenario.schema import Scenario
from tests.engine.test_conservation import assert_goods_conserved, assert_on_grid
from tests.helpers.farms import farms
from tests.helpers.runs import agents, compiled, differences, item, period


def assert_nitrogen_balances(scenario: Scenario, block: Block) -> None:
    """Of every field and year: what came in is in the crop, in the soil or lost; and no limit is exceeded."""
    farming = instance_of(scenario).farming
    years = block.observed.shape[1] // farming.year
    count = len(farming.names)
    whole = block.observed[:, : years * farming.year].reshape(-1, years, farming.year, count, len(FIELD_COLUMNS))
    kind = {name: whole[..., k] for k, name in enumerate(FIELD_COLUMNS)}
    assert (block.observed >= 0).all()
    at_end = kind["organic_nitrogen"][:, :, -1]
    before = np.concatenate([np.zeros((len(whole), 1, count)), at_end[:, :-1]], axis=1)
    fields = farming.fields
    came = kind["synthetic_nitrogen_applied"].sum(axis=2) + kind["organic_nitrogen_applied"].sum(axis=2)
    came = came + fields.area * fields.background + before
    went = kind["harvest"].sum(axis=2) * fields.uptake + kind["nitrogen_lost"].sum(axis=2) + at_end
    np.testing.assert_allclose(went, came, rtol=1e-9)
    organic = kind["organic_nitrogen_applied"].sum(axis=2)
    assert (organic <= fields.area * farming.soil.organic_limit * (1 + 1e-12)).all()
    week = np.arange(farming.year)[:, None]
    outside = (week < fields.apply) | (week >= fields.first_harvest)
    assert not kind["synthetic_nitrogen_applied"][:, :, outside].any()
    assert not kind["organic_nitrogen_applied"][:, :, week != fields.apply].any()


def assert_money_leaves_for_a_reason(scenario: Scenario, block: Block) -> None:
    """What buyers pay and no seller gets is the arcs' other cost, and haul and spreading of organic fertilisers."""
    instance = instance_of(scenario)
    paid = sum(a.other_cost * shipped for a, shipped in zip(scenario.arcs, block.arc_shipped, strict=True))
    links = instance.farming.links
    cost = dict(zip(links.taker.tolist(), links.cost.tolist(), strict=True))
    paid += sum(cost[i] * item(block, "consumed")[..., i].sum() for i in cost)
    left = period(block, "procurement").sum() - period(block, "internal_income").sum()
    assert abs(left - paid) <= 1e-9 * (1.0 + period(block, "procurement").sum())


def test_both_engines_agree_and_everything_balances() -> None:
    seen: set[str] = set()

    @settings(max_examples=60)
    @given(farms())
    def holds(scenario: Scenario) -> None:
        runs = [run(scenario, range(2)) for run in (agents, compiled)]
        assert differences(*runs) == []
        block = runs[1]
        assert_goods_conserved(scenario, block)
        assert_on_grid(scenario, block)
        assert_nitrogen_balances(scenario, block)
        assert_money_leaves_for_a_reason(scenario, block)
        signs = np.array([1.0 if name in COMING_IN else -1.0 for name in FLOW_COLUMNS])
        end = instance_of(scenario).items.initial_stock + (block.flows * signs).sum(axis=2)
        np.testing.assert_array_equal(item(block, "stock")[:, -1], end)
        np.testing.assert_array_equal(item(block, "given").sum(axis=2), item(block, "taken").sum(axis=2))
        seen.update(features(scenario, block))

    holds()
    wanted = {f"{in_words(kind)} moves" for kind in FIELD_COLUMNS} | {
        "nitrogen is short",
        "an offer is sold out",
        "limit reached",
    }
    assert wanted - seen == set()


def features(scenario: Scenario, block: Block) -> set[str]:
    """What a run shows of what fields can do."""
    instance = instance_of(scenario)
    fields, places = instance.farming.fields, np.arange(len(instance.observed))
    found = {o.kind + " moves" for x, o in enumerate(instance.observed) if np.ptp(block.observed[:, :, x]) > 0}
    harvest = block.observed[:, :12, places % len(FIELD_COLUMNS) == FIELD_COLUMNS.index("harvest")]
    if (harvest.sum(axis=1) < 0.5 * fields.area * fields.potential).any():
        found.add("nitrogen is short")
    organic = block.observed[..., places % len(FIELD_COLUMNS) == FIELD_COLUMNS.index("organic_nitrogen_applied")]
    if (organic.max(axis=(0, 1)) > 0.999 * fields.area * instance.farming.soil.organic_limit).any():
        found.add("limit reached")
    sold = instance.farming.offers["item"]
    if ((item(block, "given")[..., sold] > 0) & (item(block, "stock")[..., sold] == 0)).any():
        found.add("an offer is sold out")
    return found
