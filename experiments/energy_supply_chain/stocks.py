"""Stock that a plan runs down, and profit once that is over: ``python -m experiments.energy_supply_chain.stocks``.

Base plan and compromise on the same stratified draws: goods of all members, on hand and on their way, after the first
and after the last day; profit over the year, over its first 60 days, and from day 61 on.
"""

from __future__ import annotations

from typing import Any, Final

from esc_sim.plans.files import read_plan
from esc_sim.results.period_table import column
from esc_sim.simulation import simulate
from experiments.energy_supply_chain import case

REPLICATIONS: Final = 96
DAYS: Final = 60
"""Days in which stocks settle."""


def make() -> None:
    """Table stocks."""
    rows = [_row(name, planned) for name, planned in (("base", False), ("compromise", True))]
    base, better = rows
    numbers = [name for name in base if name != "plan"]
    change = {name: 100.0 * (better[name] / base[name] - 1.0) for name in numbers}
    case.write("stocks", [*rows, {"plan": "change, percent"} | change])


def _row(name: str, planned: bool) -> dict[str, Any]:
    plan = read_plan(case.PLAN) if planned else None
    run = simulate(case.oil_gas(), replications=REPLICATIONS, seed=case.SEED, plan=plan, stratified=True)
    stock, on_the_way, profit = (column(run.values, key).mean(axis=0) for key in ("stock", "in_transit", "profit"))
    goods = stock + on_the_way  # what is sold arrives at the next review
    values = {
        "goods_after_day_1": goods[0],
        f"goods_after_day_{DAYS}": goods[DAYS - 1],
        "goods_after_last_day": goods[-1],
        "profit": profit.sum(),
        f"profit_to_day_{DAYS}": profit[:DAYS].sum(),
        f"profit_from_day_{DAYS + 1}": profit[DAYS:].sum(),
    }
    return {"plan": name} | {key: float(value) for key, value in values.items()}


if __name__ == "__main__":
    make()
