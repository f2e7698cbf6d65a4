"""Textbook inventory models as scenarios, each with its exact answer.

A textbook's order that arrives before the demand of the same period is here one placed after the demand of the period
before, with a lead time of one period (docs/background/sequence-of-events.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.compiled.runner import run_replications
from esc_sim.instance.build import instance_of
from esc_sim.results.columns import PERIOD_COLUMNS, TALLY_COLUMNS
from esc_sim.scenario.meaning import check_scenario
from esc_sim.scenario.schema import Scenario
from experiments.textbook import exact

ENDLESS = 1.0e6
_AT = {name: i for i, name in enumerate(PERIOD_COLUMNS)}
_TALLY = {name: i for i, name in enumerate(TALLY_COLUMNS)}


@dataclass(frozen=True)
class Case:
    """One answer.

    Attributes:
        name: what it is about.
        answer: the exact value.
        printed: the value as literature and specification give it, or None.
        simulate: gives one value per replication from a number of replications and a seed.
        replications: as many as make the 99.9 % interval narrower than 0.25 %.
        deterministic: chance plays no part: one replication gives the answer.
    """

    name: str
    answer: float
    printed: float | None
    simulate: Callable[[int, int], NDArray[np.float64]]
    replications: int = 60
    deterministic: bool = False


def scenario_of(content: dict[str, Any]) -> Scenario:
    """A checked scenario from plain values."""
    made = Scenario.model_validate({"version": 1, "name": "textbook", **content}, strict=True)
    problems = check_scenario(made)
    if problems:
        raise ValueError("; ".join(problems))
    return made


def chain(
    stages: Sequence[dict[str, Any]],
    leads: Sequence[float],
    *,
    rules: dict[str, Any] | None = None,
    lead: dict[str, Any] | None = None,
    **parts: Any,
) -> Scenario:
    """Stages from the customer up, the last supplied without limit; costs at the end of periods, all is backordered.

    ``lead`` is a law that takes the place of all lead times.
    """
    nodes = [{"id": f"stage_{k + 1}", "layer": k + 1, **stage} for k, stage in enumerate(stages)]
    nodes.append(
        {"id": "source", "layer": len(stages) + 1, "initial_stock": ENDLESS, "target_stock": ENDLESS,
         "production": {"mean": ENDLESS}}
    )  # fmt: skip
    arcs = [
        {"buyer": nodes[k]["id"], "supplier": nodes[k + 1]["id"], "lead_time": lead or float(fixed), "crossing": True}
        for k, fixed in enumerate(leads)
    ]
    given = {"holding_cost_timing": "end", "unmet": "backorder", "unmet_orders": "backorder", **(rules or {})}
    run = {"periods": 20_500, "warm_up": 500, **parts.pop("run", {})}
    return scenario_of({"nodes": nodes, "arcs": arcs, "rules": given, "run": run, **parts})


def mean_cost(scenario: Scenario, column: str = "cost") -> Callable[[int, int], NDArray[np.float64]]:
    """Mean of a column over the periods after the warm-up, one value per replication; runs keep only that."""
    instance = instance_of(scenario)

    def run(replications: int, seed: int) -> NDArray[np.float64]:
        values = [
            run_replications(instance, seed, [r]).periods[0, instance.warm_up :, _AT[column]].mean()
            for r in range(replications)
        ]
        return np.array(values)

    return run


def fill_rate(scenario: Scenario) -> Callable[[int, int], NDArray[np.float64]]:
    """Share of final demand met at once at the first stage, one value per replication."""
    instance = instance_of(scenario)

    def run(replications: int, seed: int) -> NDArray[np.float64]:
        tallies = [run_replications(instance, seed, [r]).tally[0, 0] for r in range(replications)]
        return np.array([tally[_TALLY["filled"]] / tally[_TALLY["demand"]] for tally in tallies])

    return run


def bullwhip(scenario: Scenario, stage: int) -> Callable[[int, int], NDArray[np.float64]]:
    """Variance of a stage's orders over that of final demand, one value per replication."""
    instance = instance_of(scenario)
    counted = instance.periods - instance.warm_up

    def variance(row: NDArray[np.float64], name: str) -> float:
        mean = row[_TALLY[name]] / counted
        return float(row[_TALLY[f"{name}_squared"]] / counted - mean * mean)

    def run(replications: int, seed: int) -> NDArray[np.float64]:
        tallies = [run_replications(instance, seed, [r]).tally[0] for r in range(replications)]
        return np.array([variance(t[stage], "ordered") / variance(t[0], "demand") for t in tallies])

    return run


def shop(
    order: dict[str, Any], demand: dict[str, Any], start: float, holding: float, shortage: float
) -> dict[str, Any]:
    """The one stage of the models with a single stage."""
    return {
        "initial_stock": float(start),
        "holding_cost": holding,
        "demand": {**demand, "shortage_cost": shortage},
        "order": order,
    }


def poisson(mean: float) -> dict[str, Any]:
    """Poisson demand."""
    return {"law": {"law": "poisson", "mean": mean}}


def base_stock(level: float, **more: Any) -> dict[str, Any]:
    """A base-stock order."""
    return {"policy": "base_stock", "order_up_to": float(level), **more}


def single_stage_cases() -> list[Case]:
    """Models of one stage under chance."""
    level, normal = 56.6040, {"mean": 50.0, "sd": 8.0}
    newsvendor = chain([shop(base_stock(level), normal, level, 0.18, 0.70)], [1])
    lost = chain([shop(base_stock(level), normal, level, 0.18, 0.70)], [1], rules={"unmet": "lost"})
    discrete = chain([shop(base_stock(8), poisson(6), 8, 1.0, 4.0)], [1])
    order = {"policy": "s_S", "reorder_point": 4.0, "order_up_to": 10.0, "fixed_cost": 5.0}
    two_bin = chain([shop(order, poisson(6), 10, 1.0, 4.0)], [1])
    lots = {"policy": "r_Q", "reorder_point": 11.0, "order_quantity": 10.0, "fixed_cost": 20.0}
    reorder = chain([shop(lots, poisson(4), 15, 1.0, 9.0)], [3])
    review = {"policy": "periodic", "every": 4, "order_up_to": 30.0}
    periodic = chain([shop(review, poisson(4), 30, 1.0, 9.0)], [2])
    covered = chain([shop(base_stock(16), poisson(4), 16, 1.0, 9.0)], [3])
    outage = {
        "name": "outage",
        "nodes": ["source"],
        "time_between_failures": {"law": "geometric", "probability": 0.04},
        "time_to_repair": {"law": "geometric", "probability": 0.8},
        "known_after": 1000,  # the exact answer orders through outages
    }
    hit = chain([shop(base_stock(10), poisson(5), 10, 1.0, 9.0)], [1], disruptions=[outage])
    return [
        Case("newsvendor, normal demand", exact.newsvendor_normal(level, 50, 8, 0.18, 0.70), 1.99761,
             mean_cost(newsvendor), 90),
        Case("newsvendor, lost sales", exact.newsvendor_normal(level, 50, 8, 0.18, 0.70), None, mean_cost(lost), 90),
        Case("newsvendor, Poisson demand", exact.poisson_cost(8, 6, 1, 4), 3.57011, mean_cost(discrete), 90),
        Case("(s, S), Poisson demand", exact.reorder_up_to_poisson(4, 10, 6, 1, 4, 5), 8.034112, mean_cost(two_bin)),
        Case("(r, Q), Poisson demand", exact.r_q_poisson(11, 10, 4, 3, 1, 9, 20), None, mean_cost(reorder), 130),
        Case("periodic review (T, S)", exact.periodic_poisson(30, 4, 4, 2, 1, 9), None, mean_cost(periodic), 90),
        Case("base stock, lead time 3", exact.poisson_cost(16, 12, 1, 9), None, mean_cost(covered), 270),
        Case("fill rate of base stock", exact.fill_rate_poisson(16, 4, 3), None, fill_rate(covered), 30),
        Case("supplier that fails", exact.disrupted_poisson(10, 5, 0.04, 0.8, 1, 9), None, mean_cost(hit), 320),
    ]  # fmt: skip


def serial_cases() -> list[Case]:
    """The serial system of Clark and Scarf, by local and by echelon base stocks."""
    levels, leads, holding = (12.76, 10.73, 22.78), (1, 1, 2), (8.0, 4.0, 1.0)
    answer = exact.serial_normal(levels, leads, holding, 40.0, 10.0, 2.0)
    cases = []
    for name, echelon in (("local", False), ("echelon", True)):
        held = np.cumsum(levels) if echelon else levels
        stages: list[dict[str, Any]] = [
            {
                "initial_stock": float(levels[k]),
                "holding_cost": holding[k],
                "in_transit_holding_cost": holding[k + 1] if k < 2 else 0.0,
                "order": base_stock(held[k], echelon=echelon),
            }
            for k in range(3)
        ]
        stages[0]["demand"] = {"mean": 10.0, "sd": 2.0, "shortage_cost": 40.0}
        case = Case(f"serial system, {name} base stocks", answer, 86.025, mean_cost(chain(stages, leads)), 40)
        cases.append(case)
    return cases


def bullwhip_cases() -> list[Case]:
    """Variance of orders: none is added by base stock, a known one by a forecast from a moving average."""
    demand = {"mean": 100.0, "sd": 10.0}
    forecast = {"policy": "forecast", "window": 8, "cover": 4.0, "initial": 100.0}
    steady = chain([shop(base_stock(300), demand, 300, 1.0, 1.0), {"order": base_stock(300)}], [2, 2])
    nervous = chain([shop(forecast, demand, 400, 1.0, 1.0)], [3])
    return [
        Case("bullwhip of base stock, 2nd stage", 1.0, None, bullwhip(steady, 1), 4),
        Case("bullwhip of a moving average", exact.bullwhip(4.0, 8), None, bullwhip(nervous, 0), 45),
    ]


def deterministic_cases() -> list[Case]:
    """Models without chance, whose runs give the answer itself."""
    return [_eoq(), _eoq_backorders(), *_distributor()]


def _distributor() -> list[Case]:
    """Demands of 120 and 80 every second day, together 200, with (s, S) = (200, 500) above a safety stock of 100."""
    order = {"policy": "s_S", "reorder_point": 200.0, "order_up_to": 500.0}
    demand = {"series": "days", "then": "repeat"}
    stage = {"initial_stock": 500.0, "safety_stock": 100.0, "demand": demand, "order": order}
    made = chain(
        [stage], [1], rules={"unmet": "lost"}, series={"days": [200.0, 0.0]}, run={"periods": 59, "warm_up": 0}
    )
    instance = instance_of(made)

    def measured(pick: Callable[[Any], float]) -> Callable[[int, int], NDArray[np.float64]]:
        return lambda replications, seed: np.array([pick(run_replications(instance, seed, [0], trace=True))])

    def total(name: str) -> Callable[[Any], float]:
        return lambda block: float(block.tally[0, 0, _TALLY[name]])

    return [
        Case("distributor: stock at the end", 400.0, 400.0, measured(lambda b: float(b.items[0, -1, 0, 0])), 1, True),
        Case("distributor: demand met", 6000.0, 6000.0, measured(total("filled")), 1, True),
        Case("distributor: number of orders", 15.0, 15.0, measured(total("orders")), 1, True),
        Case("distributor: units ordered", 5900.0, 5900.0, measured(total("ordered")), 1, True),
    ]


def _cycles(quantity: float, steps: int, reorder: float, fixed: float, holding: float, shortage: float, rate: float,
            timing: str) -> float:  # fmt: skip
    """Cost per unit of time of whole cycles of ``steps`` reviews each, under (r, Q) and constant demand."""
    step = quantity / steps / rate
    order = {"policy": "r_Q", "reorder_point": reorder, "order_quantity": quantity, "fixed_cost": fixed}
    stage = shop(order, {"mean": quantity / steps}, quantity, holding * step, shortage * step)
    run = {"periods": 12 * steps, "warm_up": 2 * steps}
    return float(mean_cost(chain([stage], [1], rules={"holding_cost_timing": timing}, run=run))(1, 1)[0]) / step


def _eoq() -> Case:
    quantity, cost = exact.eoq(8.0, 0.225, 1300.0)
    quantity = 100 * round(quantity / 100 * 2**20) / 2**20

    def run(replications: int, seed: int) -> NDArray[np.float64]:
        # Stock falls in a straight line: the mean of its values before and after demand is its mean over time.
        both = [_cycles(quantity, 100, 0.0, 8.0, 0.225, 0.0, 1300.0, timing) for timing in ("review", "end")]
        return np.array([sum(both) / 2.0])

    return Case("EOQ", cost, 68.4105, run, 1, True)


def _eoq_backorders() -> Case:
    quantity, _, cost = exact.eoq_backorders(8.0, 0.225, 0.9, 1300.0)
    quantity = 100 * round(quantity / 100 * 2**20) / 2**20

    def run(replications: int, seed: int) -> NDArray[np.float64]:
        # Costs of reviews come nearer to those of continuous time in proportion to 1 / steps: extrapolate.
        coarse, fine = (
            _cycles(quantity, steps, -quantity / 5.0, 8.0, 0.225, 0.9, 1300.0, "end") for steps in (50, 100)
        )
        return np.array([2.0 * fine - coarse])

    return Case("EOQ with backorders", cost, None, run, 1, True)


def all_cases() -> list[Case]:
    """Every case."""
    from experiments.textbook.at_any_time import continuous_cases, distributor_cases

    periodic = [*single_stage_cases(), *serial_cases(), *bullwhip_cases(), *deterministic_cases()]
    return [*periodic, *continuous_cases(), *distributor_cases()]
