"""Where the reduction of CVaR comes from: searches over part of the decisions, with a floor, for another objective.

``python -m experiments.energy_supply_chain.variants``. Searches of 100 plans, 80 generations, 4 replications. All
compromises are judged on the same held-out draws.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from esc_sim.optimize.draws import held_out_draws
from esc_sim.optimize.judge import Judge
from esc_sim.optimize.search import optimize
from experiments.energy_supply_chain import case

ORDERS: Final = {"kind": "order", "relative": [-0.09, 0.09]}
PRICES: Final = {"kind": "price", "relative": [-0.045, 0.045]}
FLOOR: Final = [{"measure": "fill_rate", "at_least": 0.993}]
VARIANTS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "paper": ("mean orders -9 % to +9 %, prices -4.5 % to +4.5 %", {}),
    "orders only": ("mean orders -9 % to +9 %", {"optimize__variables": [ORDERS]}),
    "prices only": ("prices -4.5 % to +4.5 %", {"optimize__variables": [PRICES]}),
    "fill rate at least 99.3 %": (
        "mean orders -9 % to +9 %, prices -4.5 % to +4.5 %, fill rate at least 0.993", {"optimize__constraints": FLOOR},
    ),
    "CVaR net of transfers": (
        "mean orders -9 % to +9 %, prices -4.5 % to +4.5 %", {"optimize__objectives": ["profit", "cvar_net"]},
    ),
}  # fmt: skip
MEASURES: Final = ("profit", "cvar", "cvar_net", "fill_rate")
GENERATIONS: Final = 80
HELD_OUT: Final = 160


def make() -> None:
    """Table variants."""
    scenario = case.oil_gas()
    judge = Judge(scenario, MEASURES)
    rows: list[case.Row] = []
    for name, (bounds, changes) in VARIANTS.items():
        front = optimize(case.oil_gas(**changes), seed=case.SEED, generations=GENERATIONS, held_out=HELD_OUT)
        places = [judge.space.names.index(variable) for variable in front.space.names]
        design = judge.space.base.copy()
        design[places] = front.designs[front.pick()]
        draws = held_out_draws(front.settings, 2)
        base, mine = judge(np.stack([judge.space.base, design]), draws)
        row: dict[str, object] = {"variant": name, "bounds": bounds}
        for k, measure in enumerate(MEASURES):
            row |= {measure: float(mine[k]), f"{measure}_change_percent": float(100 * (mine[k] / base[k] - 1))}
        rows.append(row)
        print(name, flush=True)
    case.write("variants", rows)


if __name__ == "__main__":
    make()
