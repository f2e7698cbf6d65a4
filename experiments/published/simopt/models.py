"""Four models of SimOpt's library as scenarios; what no key can say stands in ``members`` and in the measures here.

A day there is a period here. All four let orders that come at once, or a day later, be placed after the demand of the
period before, with a lead time of one period (docs/background/sequence-of-events.md). Parameters are the defaults of
simoptlib 1.2.4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

import esc_sim
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.scenario.given import given_scenario
from experiments.published.simopt.members import Substituted

Periods = Mapping[str, NDArray[np.float64]]
"""Columns of a run after the warm-up, float64[R, T] each."""
ENDLESS = 1.0e9
DAYS = 500
"""Days of a run of the newsvendors, each of which is a replication of SimOpt's."""
DATA = {"status": "printed", "note": "Parameters are the defaults of simoptlib 1.2.4, see PROVENANCE.md."}


@dataclass(frozen=True)
class Model:
    """A model of SimOpt as it is simulated here.

    Attributes:
        name: SimOpt's.
        scenario: makes the scenario of a point, from the numbers that decide it.
        measures: responses of SimOpt by name, each a function of a run's columns, one number per replication.
        members: classes of members that no key can say.
        policies: order policies that no key can say.
    """

    name: str
    scenario: Callable[[Sequence[float]], esc_sim.Scenario]
    measures: Mapping[str, Callable[[Periods], NDArray[np.float64]]]
    members: Mapping[str, type[esc_sim.SupplyAgent]] = field(default_factory=dict)
    policies: Mapping[str, Callable[[float], float]] = field(default_factory=dict)

    def measured(self, point: Sequence[float], replications: int, seed: int) -> dict[str, NDArray[np.float64]]:
        """SimOpt's responses at a point, each float64[replications].

        Args:
            point: the numbers that decide the scenario.
            replications: how many.
            seed: seed of all random numbers.
        """
        scenario = self.scenario(point)
        run = esc_sim.simulate(
            scenario,
            replications=replications,
            seed=seed,
            members=self.members or None,
            policies=self.policies or None,
            engine="agents" if self.members else "compiled",
        )
        counted = {name: run.column(name)[:, scenario.run.warm_up :] for name in PERIOD_COLUMNS}
        return {name: of(counted) for name, of in self.measures.items()}


def sscont(point: Sequence[float], start: float | None = None) -> esc_sim.Scenario:
    """(s, S) with exponential demand and Poisson lead times, 100 days after a warm-up of 20.

    Args:
        point: s and S.
        start: stock before the first day; SimOpt begins with s.
    """
    reorder_point, order_up_to = point
    shop = {
        "id": "shop",
        "initial_stock": reorder_point if start is None else start,
        "holding_cost": 1.0,
        "demand": {"law": {"law": "exponential", "mean": 100.0}},
        "order": {
            "policy": "code",
            "code": "python:given",
            "fixed_cost": 36.0,
            "parameters": {"reorder_point": reorder_point, "more": order_up_to - reorder_point},
        },
    }
    # An order is there after 1 + Poisson(6) days; shipments may overtake one another.
    arc = {"buyer": "shop", "supplier": "source", "price": 2.0, "crossing": True, "lead_time": shifted_poisson(6.0)}
    bounds = [
        {"kind": "order", "parameter": "reorder_point", "absolute": [0.0, 1600.0]},
        {"kind": "order", "parameter": "more", "absolute": [0.0, 1600.0]},
    ]
    return _scenario("sscont", [shop], [arc], run={"periods": 120, "warm_up": 20}, variables=bounds)


def reorder(position: float, reorder_point: float = 600.0, more: float = 600.0) -> float:
    """(s, S) with S as so much more than s, which is how SSCONT-1 has it searched: an order policy."""
    if position > reorder_point:
        return 0.0
    return reorder_point + more - position


def dualsourcing(point: Sequence[float]) -> esc_sim.Scenario:
    """A regular and an expedited supplier, 1,000 days; period 0 has no demand, and its orders are those of day 0.

    Expedited orders lift what is there in the morning to a level, regular ones all that is there and on its way to a
    higher one. That is a base stock of the higher level whose regular supplier has the difference of the two in goods,
    and gets back what it ships two days later: the regular supplier then runs out just when stock in the morning would
    fall below the lower level, and the buyer asks the dearer one for the rest.

    Args:
        point: levels of expedited and of regular orders.
    """
    expedited, regular = point
    shop = {
        "id": "shop",
        "layer": 1,
        "initial_stock": 40.0,
        "holding_cost": 5.0,
        "demand": {"series": "before", "then": rounded_normal(30.0, 10.0), "shortage_cost": 495.0},
        "order": {"policy": "base_stock", "order_up_to": regular},
    }
    supplier = {"id": "regular", "layer": 2, "initial_stock": regular - expedited}
    endless = [
        {"id": name, "layer": layer, "initial_stock": ENDLESS} for name, layer in (("expedited", 2), ("source", 3))
    ]
    arcs = [
        {"buyer": "shop", "supplier": "regular", "price": 100.0, "lead_time": 3},
        {"buyer": "shop", "supplier": "expedited", "price": 110.0, "lead_time": 1},
        {"buyer": "regular", "supplier": "source", "lead_time": 2},
    ]
    bounds = [
        {"kind": "order", "parameter": "order_up_to", "nodes": ["shop"], "absolute": [0.0, 200.0]},
        {"kind": "stock", "parameter": "initial_stock", "nodes": ["regular"], "absolute": [0.0, 150.0]},
    ]
    return _scenario(
        "dualsourcing",
        [shop, supplier, *endless],
        arcs,
        run={"periods": 1001},
        variables=bounds,
        series={"before": [0.0]},
    )


def what_left(demand: float) -> float:
    """Orders what was asked for in this period, whatever is in stock: an order policy."""
    return demand


def dynamnews(point: Sequence[float]) -> esc_sim.Scenario:
    """Ten products of which 30 customers a day take what they like best of what is left; each day is a replication.

    Args:
        point: units of each product in the morning.
    """
    names = [f"product_{j}" for j in range(1, len(point) + 1)]
    stall = [
        {
            "node": "stall",
            "product": name,
            "initial_stock": level,
            "shelf_life": 1,
            "demand": {"mean": 3.0, "price": 9.0},  # Substituted says who takes what
            "order": {"mean": level},
        }
        for name, level in zip(names, point, strict=True)
    ]
    source = [{"node": "source", "product": name, "initial_stock": ENDLESS} for name in names]
    arcs = [
        {"buyer": "stall", "supplier": "source", "product": name, "other_cost": 5.0, "lead_time": 1} for name in names
    ]
    return _scenario(
        "dynamnews",
        [{"id": "stall"}],
        arcs,
        unmet="lost",
        run={"periods": DAYS + 1, "warm_up": 1},
        products=[{"id": name} for name in names],
        stocks=stall + source,
    )


def cntnews(point: Sequence[float], steps: int = 10_000) -> esc_sim.Scenario:
    """A newsvendor whose demand has a Burr law of type XII; each day is a replication.

    Args:
        point: the order quantity.
        steps: values of equal chance that stand for the law.
    """
    (quantity,) = point
    shop = {
        "id": "shop",
        "initial_stock": quantity,
        "shelf_life": 1,
        "demand": {"law": {"law": "empirical", "series": "burr"}, "price": 9.0},
        "order": {"mean": quantity},
    }
    arc = {"buyer": "shop", "supplier": "source", "other_cost": 5.0, "lead_time": 1}
    burr = burr_quantiles((np.arange(steps) + 0.5) / steps).tolist()
    run = {"periods": DAYS + 1, "warm_up": 1}
    return _scenario("cntnews", [shop], [arc], unmet="lost", run=run, series={"burr": burr})


def burr_quantiles(chances: NDArray[np.float64], c: float = 2.0, k: float = 20.0) -> NDArray[np.float64]:
    """Quantiles of the Burr law of type XII, F(x) = 1 - (1 + x^c)^-k.

    Args:
        chances: float64[n], between 0 and 1.
        c, k: its shape.
    """
    return ((1.0 - chances) ** (-1.0 / k) - 1.0) ** (1.0 / c)


def shifted_poisson(mean: float, most: int = 40) -> dict[str, Any]:
    """One period more than a Poisson law, which has no chance to speak of above ``most``."""
    from scipy.stats import poisson

    values = np.arange(most + 1)
    return _discrete(values + 1.0, poisson.pmf(values, mean))


def rounded_normal(mean: float, sd: float) -> dict[str, Any]:
    """A normal law rounded to whole numbers, with what lies below 0 counted as 0."""
    from scipy.stats import norm

    values = np.arange(int(mean + 8.0 * sd) + 1)
    upper = norm.cdf(values + 0.5, mean, sd)
    return _discrete(values, np.diff(upper, prepend=0.0))


def _discrete(values: NDArray[Any], chances: NDArray[np.float64]) -> dict[str, Any]:
    return {
        "law": "discrete",
        "values": values.astype(float).tolist(),
        "probabilities": (chances / chances.sum()).tolist(),
    }


def _scenario(
    name: str,
    nodes: list[dict[str, Any]],
    arcs: list[dict[str, Any]],
    *,
    unmet: str = "backorder",
    variables: list[dict[str, Any]] | None = None,
    **parts: Any,
) -> esc_sim.Scenario:
    """A scenario with endless sources, costs at the ends of periods, and what a search may decide."""
    known = {node["id"] for node in nodes}
    for supplier in dict.fromkeys(arc["supplier"] for arc in arcs):
        if supplier not in known:
            own = {} if "stocks" in parts else {"initial_stock": ENDLESS}
            nodes = [*nodes, {"id": supplier, **own}]
    content = {
        "version": 1, "name": name, "data": DATA, "units": {"period": "day"}, "nodes": nodes, "arcs": arcs,
        "rules": {"holding_cost_timing": "end", "unmet": unmet, "feedback": "none"}, **parts,
    }  # fmt: skip
    if variables:
        content["optimize"] = {"variables": variables, "objectives": ["cost", "fill_rate"]}
    return given_scenario(content)


def _backorder_costs(periods: Periods) -> NDArray[np.float64]:
    """Four for each unit that is not handed over on its day; what waits longer costs no more."""
    return 4.0 * (periods["demand"] - periods["filled"]).mean(axis=1)


def _order_costs(periods: Periods) -> NDArray[np.float64]:
    return (periods["procurement"] + periods["fixed_cost"]).mean(axis=1)


def _holding_costs(periods: Periods) -> NDArray[np.float64]:
    return periods["storage"].mean(axis=1)


def sscont_cost(periods: Periods) -> NDArray[np.float64]:
    """What SSCONT-1 minimises: cost of backorders, orders and holding a day."""
    return _backorder_costs(periods) + _order_costs(periods) + _holding_costs(periods)


def _ordering(periods: Periods) -> NDArray[np.float64]:
    """Orders of days 0 to n - 1, which are placed in periods 0 to n - 1."""
    return periods["procurement"][:, :-1].mean(axis=1)


def _penalty(periods: Periods) -> NDArray[np.float64]:
    """Backlogs at the ends of days 0 to n - 1, which are periods 1 to n."""
    return periods["shortage_cost"][:, 1:].mean(axis=1)


def _holding(periods: Periods) -> NDArray[np.float64]:
    return periods["storage"][:, 1:].mean(axis=1)


def dualsourcing_cost(periods: Periods) -> NDArray[np.float64]:
    """What DUALSOURCING-1 minimises: cost of orders, backlogs and holding a day."""
    return _ordering(periods) + _penalty(periods) + _holding(periods)


def _profit(salvage: float) -> Callable[[Periods], NDArray[np.float64]]:
    """Profit a day where what is left in the evening brings so much a unit."""

    def profit(periods: Periods) -> NDArray[np.float64]:
        return (periods["retail_income"] - periods["procurement"] + salvage * periods["expired"]).mean(axis=1)

    return profit


def _unmet(periods: Periods) -> NDArray[np.float64]:
    return (periods["demand"] - periods["filled"]).mean(axis=1)


MODELS = {
    "SSCONT": Model(
        "SSCONT",
        sscont,
        {
            "avg_backorder_costs": _backorder_costs,
            "avg_order_costs": _order_costs,
            "avg_holding_costs": _holding_costs,
            "total": sscont_cost,
        },
        policies={"shop": reorder},
    ),
    "DUALSOURCING": Model(
        "DUALSOURCING",
        dualsourcing,
        {
            "average_ordering_cost": _ordering,
            "average_penalty_cost": _penalty,
            "average_holding_cost": _holding,
            "total": dualsourcing_cost,
        },
        policies={"regular": what_left},
    ),
    "DYNAMNEWS": Model(
        "DYNAMNEWS", dynamnews, {"profit": _profit(0.0), "n_missed_orders": _unmet}, {"stall": Substituted}
    ),
    "CNTNEWS": Model(
        "CNTNEWS",
        cntnews,
        {"profit": _profit(1.0), "stockout_qty": _unmet, "stockout": lambda p: 1.0 - p["met"].mean(axis=1)},
    ),
}
