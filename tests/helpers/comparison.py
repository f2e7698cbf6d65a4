"""Comparing what an engine gives with what was worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.block import Block
from esc_sim.results.columns import ITEM_COLUMNS, NODE_COLUMNS, PERIOD_COLUMNS
from tests.helpers.by_hand import ByHand, Period


def assert_same(hand: ByHand, block: Block, k: int = 0, money: float = 1e-12) -> None:
    """Goods of every item and period exactly, money of every node and period to a relative tolerance.

    Args:
        hand: worked out by hand.
        block: an engine's result with traces.
        k: which of the block's replications.
        money: relative tolerance, on the scale of the largest sum of the same column.
    """
    assert block.items[k].shape[0] == len(hand.periods)
    for c, column in enumerate(ITEM_COLUMNS):
        expected = [[float(getattr(p, column).get(i, 0)) for i in hand.items] for p in hand.periods]
        assert_equal(np.array(expected), block.items[k][:, :, c], f"{column} of item")
    for c, column in enumerate(NODE_COLUMNS):
        assert_close(np.array(_node_values(hand, column)), block.nodes[k][:, :, c], f"{column} of node", money)
    for c, column in enumerate(PERIOD_COLUMNS):
        values = np.array(_period_values(hand, column))
        assert_close(values, block.periods[k][:, c], column, money)
    if len(block.periods) == 1:
        np.testing.assert_array_equal([float(total) for total in hand.arc_total], block.arc_shipped)


def _node_values(hand: ByHand, column: str) -> list[list[float]]:
    if column == "cost":
        return [[float(p.cost(n)) for n in hand.nodes] for p in hand.periods]
    if column == "profit":
        return [[float(p.income[n] - p.cost(n)) for n in hand.nodes] for p in hand.periods]
    return [[float(getattr(p, column)[n]) for n in hand.nodes] for p in hand.periods]


def _period_values(hand: ByHand, column: str) -> list[float]:
    retail = [
        sum(p.served[i] * Fraction(d.demand.price) for i, d in hand.items.items() if d.demand is not None)
        for p in hand.periods
    ]
    incomes = [sum(p.income.values()) for p in hand.periods]
    costs = [sum(p.cost(n) for n in hand.nodes) for p in hand.periods]
    match column:
        case "cost":
            return [float(c) for c in costs]
        case "profit":
            return [float(i - c) for i, c in zip(incomes, costs, strict=True)]
        case "retail_income":
            return [float(r) for r in retail]
        case "internal_income":
            return [float(i - r) for i, r in zip(incomes, retail, strict=True)]
        case "shortage_cost":
            return [float(sum(p.shortage.values())) for p in hand.periods]
        case "demand":
            return [float(sum(p.demanded.values())) for p in hand.periods]
        case "fixed_cost":
            return [float(sum(p.fixed.values())) for p in hand.periods]
        case "disposal_cost":
            return [float(sum(p.disposal.values())) for p in hand.periods]
        case "recipe_cost":
            return [float(sum(p.running.values())) for p in hand.periods]
        case "met" | "ready":
            return [_share_of_customers(hand, p, column) for p in hand.periods]
        case "lost" | "emissions" | "energy" | "contracted_from_closed":
            return [float(getattr(p, column)) for p in hand.periods]
    return [float(sum(getattr(p, column).values())) for p in hand.periods]


def _share_of_customers(hand: ByHand, period: Period, column: str) -> float:
    """Share of the items with final demand whose whole demand was met at once, or for whom nothing is lost or waits."""
    laws = {i: d.demand for i, d in hand.items.items() if d.demand is not None}
    items = [i for i, demand in laws.items() if demand.law is not None or demand.series or demand.mean or demand.sd]
    good = [
        period.filled[i] == period.demanded[i] if column == "met" else period.lost_demand[i] + period.backlog[i] == 0
        for i in items
    ]
    return sum(good) / len(items) if items else 0.0


def assert_equal(expected: NDArray[np.float64], found: NDArray[np.float64], what: str) -> None:
    """Every number exactly; the message names the first period and place that differ."""
    if not (expected == found).all():
        place = tuple(int(n) for n in np.argwhere(expected != found)[0])
        raise AssertionError(f"{what}, at {place}: {found[place]!r}, by hand {expected[place]!r}")


def assert_close(expected: NDArray[np.float64], found: NDArray[np.float64], what: str, relative: float) -> None:
    """Every number within ``relative`` of the column's largest."""
    near = relative * max(1.0, float(np.abs(expected).max(initial=0.0)))
    if not (np.abs(expected - found) <= near).all():
        place = tuple(int(n) for n in np.argwhere(np.abs(expected - found) > near)[0])
        raise AssertionError(f"{what}, at {place}: {found[place]!r}, by hand {expected[place]!r}")
