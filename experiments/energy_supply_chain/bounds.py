"""What the bounds of the decisions decide: half, as shipped, double; and orders that are accepted whole or not at all.

``python -m experiments.energy_supply_chain.bounds``. Searches of the preset quick, seed 1; compromises and base plan on
the same 48 held-out replications. The paper has bounds (eqs 16 and 17) and prints none. As printed, an order is
accepted whole or refused (``rules.partial: false``); by default it is accepted in part.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from esc_sim.optimize.draws import held_out_draws
from esc_sim.optimize.judge import Judge
from esc_sim.optimize.search import optimize
from esc_sim.optimize.settings import checked_settings
from esc_sim.optimize.space import decision_space
from esc_sim.scenario.schema import Scenario
from experiments.energy_supply_chain import case, noise

HELD_OUT: Final = 48
MEASURES: Final = ("profit", "cvar", "cvar_net", "fill_rate")
TIMES: Final = {"half": 0.5, "as shipped": 1.0, "double": 2.0}


def make() -> None:
    """Table bounds."""
    rows: list[case.Row] = []
    for name, times in TIMES.items():
        rows.append(searched(name, bounded(times), times))
        print(name, flush=True)
    whole = bounded(1.0, rules__partial=False)
    rows.append(searched("as shipped, orders accepted whole", whole, 1.0))
    carried = noise.compromise(decision_space(whole))
    rows.append(_row("compromise of figure 8, orders accepted whole", 1.0, carried, whole))
    case.write("bounds", rows)


def bounded(times: float, **changes: Any) -> Scenario:
    """The scenario with bounds as many times as wide.

    Args:
        times: 1 as shipped.
        changes: keys with "__" for ".".
    """
    orders, prices = 0.09 * times, 0.045 * times
    variables = [{"kind": "order", "relative": [-orders, orders]}, {"kind": "price", "relative": [-prices, prices]}]
    return case.oil_gas(optimize__variables=variables, **changes)


def searched(name: str, scenario: Scenario, times: float) -> case.Row:
    """The compromise of a quick search against the base plan under the same rules."""
    front = optimize(scenario, seed=case.SEED, preset="quick", held_out=HELD_OUT)
    return _row(name, times, front.designs[front.pick()], scenario)


def judged(scenario: Scenario, design: noise.Floats) -> noise.Floats:
    """Base plan and a design on the held-out draws, float64[2, measures]."""
    judge = Judge(scenario, MEASURES)
    settings = checked_settings(preset="quick", seed=case.SEED, held_out=HELD_OUT)
    return judge(np.stack([judge.space.base, design]), held_out_draws(settings, 2))


def _row(name: str, times: float, design: noise.Floats, scenario: Scenario) -> case.Row:
    base, mine = judged(scenario, design)
    row: dict[str, object] = {
        "search": name,
        "orders_percent": 9.0 * times,
        "prices_percent": 4.5 * times,
        "partial": scenario.rules.partial,
    }
    for k, measure in enumerate(MEASURES):
        row |= {f"base_{measure}": float(base[k]), measure: float(mine[k])}
        row[f"{measure}_change_percent"] = float(100 * (mine[k] / base[k] - 1))
    return row


if __name__ == "__main__":
    make()
