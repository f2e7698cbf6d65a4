"""Chains of deepbullwhip as scenarios: stages in a row, each with an order policy that sees what is ordered of it.

In deepbullwhip (0.4.1) a stage always ships what is ordered, however little it has; its stock falls below zero, and
the goods are with the buyer in time all the same. Here goods exist or do not, so each stage starts with ``LOAN`` units
more than it has, which neither its policy nor its costs count. Without the loan stages wait for one another.

Order of events, in both: goods arrive that were ordered a lead time ago; the stage orders; then it is asked for goods.
A policy here is asked after demand, so it adds what was asked for in the period to its inventory position.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import esc_sim
from esc_sim.results.columns import ITEM_COLUMNS
from esc_sim.results.run import RunResult

Floats = NDArray[np.float64]

LOAN: Final = 20_000.0
"""Units that a stage ships though it does not have them."""
_PLENTY: Final = 1e6
_FADE: Final = 1.0 - 0.85 ** (1.0 / 13.0)
"""Value that a semiconductor loses in a week, at 15 % a quarter."""
_RECENT: Final = 8
"""Orders that an upstream stage forecasts from."""


@dataclass(frozen=True)
class Stage:
    """A stage: weeks until an order is there; cost of a unit and week in stock, and missing."""

    lead_time: int
    holding: float
    missing: float


@dataclass(frozen=True)
class Path:
    """What happened in a run, float64[K, T] each: orders, and stock less what is owed, at the end of each period."""

    orders: Floats
    net_stock: Floats


CHAINS: Final[Mapping[str, tuple[Stage, ...]]] = {
    "semiconductor_4tier": (
        Stage(2, 0.15 + _FADE, 0.60),
        Stage(4, 0.12 + 0.8 * _FADE, 0.50),
        Stage(12, 0.08 + 0.5 * _FADE, 0.40),
        Stage(8, 0.05 + 0.3 * _FADE, 0.30),
    ),
    "beer_game": (Stage(2, 0.5, 1.0),) * 4,
    "consumer_2tier": (Stage(1, 0.2, 0.8), Stage(4, 0.1, 0.4)),
}
"""Its chains, customers first; parameters of the package."""
INITIAL: Final = 50.0
_LEVEL: Final = statistics.NormalDist().inv_cdf(0.95)

Forecast = tuple[float, float]


def naive(seen: Sequence[float]) -> Forecast:
    """Mean and standard deviation of all that was seen."""
    return float(np.mean(seen)), float(np.std(seen))


def moving_average(seen: Sequence[float]) -> Forecast:
    """The same of the latest ten."""
    return naive(seen[-10:])


def exponential_smoothing(seen: Sequence[float]) -> Forecast:
    """Level with weight 0.3, and the standard deviation of the errors so far."""
    level, errors = seen[0], []
    for value in seen[1:]:
        errors.append(value - level)
        level = 0.3 * value + 0.7 * level
    return level, float(np.std(errors)) if len(errors) > 1 else 0.0


FORECASTS: Final[Mapping[str, Callable[[Sequence[float]], Forecast]]] = {
    "naive": naive,
    "moving_average": moving_average,
    "exponential_smoothing": exponential_smoothing,
}


class Ordering:
    """The policies of deepbullwhip; each run works on a copy of its own.

    Args:
        kind: order_up_to, proportional_out, smoothing_out or constant_order.
        lead_time: of the stage.
        forecast: of what is seen; a customer-facing stage sees all demand, the others the latest orders.
        first: what upstream stages forecast in the first period, when they do not look at orders; None downstream.
        loan: units of the stock that are not there.
        previous: the last order before the run, for smoothing.
    """

    def __init__(
        self,
        kind: str,
        lead_time: int,
        forecast: Callable[[Sequence[float]], Forecast],
        first: float | None,
        loan: float,
        previous: float,
    ) -> None:
        self.kind, self.lead_time, self.forecast, self.first = kind, lead_time, forecast, first
        self.loan, self.previous = loan, previous
        self.seen: list[float] = []

    def order(self, view: Any) -> float:
        """Units ordered."""
        if self.kind == "constant_order":
            return 12.5
        self.seen.append(view.demand)
        short = self._level() - (view.position + view.demand - self.loan)
        if self.kind == "proportional_out":
            short *= 0.5
        elif self.kind == "smoothing_out":
            short = 0.3 * short + 0.7 * self.previous
        self.previous = max(0.0, short)
        return self.previous

    def _level(self) -> float:
        if self.first is None:
            mean, spread = self.forecast(self.seen)
        elif len(self.seen) == 1:
            mean, spread = self.first, 0.0
        else:
            mean, spread = naive(self.seen[-_RECENT:])
        return (self.lead_time + 1) * mean + _LEVEL * spread * math.sqrt(self.lead_time + 1)


def scenario(stages: Sequence[Stage], demands: Floats, loan: float = LOAN) -> dict[str, Any]:
    """Chains side by side as one scenario: node 3_e1 faces the customers of chain 3, "source" is never short.

    Args:
        stages: customers first.
        demands: float64[N, T], of the customers of each chain.
        loan: units that each stage has beyond its stock.
    """
    nodes: list[dict[str, Any]] = []
    arcs: list[dict[str, Any]] = []
    for n in range(len(demands)):
        above = [*(name_of(n, k) for k in range(1, len(stages))), "source"]
        for k, (stage, supplier) in enumerate(zip(stages, above, strict=True)):
            costs = {"holding_cost": stage.holding, "backorder_cost": stage.missing}
            stock = {"initial_stock": INITIAL + loan, "order": {"mean": 0}}
            nodes.append({"id": name_of(n, k), "layer": k + 1, **stock, **costs})
            arcs.append({"buyer": name_of(n, k), "supplier": supplier, "lead_time": stage.lead_time})
        nodes[-len(stages)]["demand"] = {"series": f"customers_{n}", "shortage_cost": stages[0].missing}
    plenty = {"initial_stock": _PLENTY, "target_stock": _PLENTY, "production": {"mean": _PLENTY}}
    return {
        "version": 1,
        "name": "chains",
        "run": {"periods": demands.shape[1], "replications": 1},
        "rules": {
            "unmet": "backorder",
            "unmet_orders": "backorder",
            "holding_cost_timing": "end",
            "goods_quantum": 26,
        },
        "series": {f"customers_{n}": row.tolist() for n, row in enumerate(demands)},
        "nodes": [*nodes, {"id": "source", "layer": len(stages) + 1, **plenty}],
        "arcs": arcs,
    }


def name_of(chain: int, stage: int) -> str:
    """Name of a node; stages are counted from the customers, from 0."""
    return f"{chain}_e{stage + 1}"


def played(
    chain: str, policy: str, forecaster: str, demands: Floats, previous: Floats, loan: float = LOAN
) -> tuple[list[Path], RunResult]:
    """Paths of a chain on given demands, in one run by the agents.

    Args:
        chain, policy, forecaster: names, see ``CHAINS``, :class:`Ordering`, ``FORECASTS``.
        demands: float64[N, T], of the customers.
        previous: float64[N, K], each stage's last order before the run.
        loan: 0 where stages are to wait for one another.
    """
    stages, forecast = CHAINS[chain], FORECASTS[forecaster]
    policies = {
        name_of(n, k): Ordering(policy, stage.lead_time, forecast, None if k == 0 else demand[0], loan, previous[n, k])
        for n, demand in enumerate(demands.tolist())
        for k, stage in enumerate(stages)
    }
    run = esc_sim.simulate(scenario(stages, demands, loan), policies=policies, engine="agents", trace=True)
    assert run.traces is not None
    count, periods = demands.shape
    items = run.traces.items[0, :, : count * len(stages)].reshape(periods, count, len(stages), -1)
    column = {name: items[..., ITEM_COLUMNS.index(name)].transpose(1, 2, 0)
              for name in ("ordered", "stock", "shipped", "served")}  # fmt: skip
    asked = np.concatenate([demands[:, None], column["ordered"][:, :-1]], axis=1)
    owed = (asked - column["shipped"] - column["served"]).cumsum(axis=2)
    net = column["stock"] - owed - loan
    return [Path(orders, stock) for orders, stock in zip(column["ordered"], net, strict=True)], run
