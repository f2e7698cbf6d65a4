"""Figure 8: the Pareto front of profit against CVaR with the best compromise; and what the compromise is worth.

``python -m experiments.energy_supply_chain.figure08``. The search is that of `esc-sim optimize scenarios/oil_gas --seed
1`. Writes tables/figure08_front.csv, tables/compromise.csv, the plan compromise.yaml and figures/figure08.png.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from esc_sim.optimize.drawing import FrontPoints, pareto_front
from esc_sim.optimize.front import Front
from esc_sim.optimize.search import optimize
from esc_sim.optimize.writing import front_points, front_table
from esc_sim.plans.files import write_plan
from esc_sim.plans.plan import Plan
from esc_sim.results.run import RunResult
from esc_sim.results.summary import build_summary
from esc_sim.simulation import simulate
from experiments.energy_supply_chain import case

HELD_OUT: Final = 320
COMMAND: Final = "esc-sim optimize scenarios/oil_gas --seed 1"
COMPARED: Final = ("profit_total", "cvar", "cvar_net", "var", "cost_per_period", "net_cost_per_period", "fill_rate")
PRINTED: Final = {"profit_total": (None, case.PAPER["profit"]), "cvar": (case.PAPER["cvar_before"], case.PAPER["cvar"])}


def make() -> None:
    """Search, write tables and plan, draw."""
    front = optimize(case.oil_gas(), seed=case.SEED, held_out=HELD_OUT, command=COMMAND)
    table = front_table(front)
    kept = [name for name in table.columns if not name.startswith(("order/", "price/"))]
    case.write("figure08_front", [{str(name): row[name] for name in row} for row in table[kept].to_dict("records")])
    plan = front.plan(front.pick(), "compromise")
    write_plan(case.PLAN, plan)
    case.write("compromise", compared(front, plan))
    case.draw("figure08", pareto_front(_points(front)))


def compared(front: Front, plan: Plan) -> list[case.Row]:
    """Key figures of base plan and compromise on the held-out draws, with 95 % intervals, beside the paper's."""
    base, better = (_held_out(front, decided) for decided in (None, plan))
    rows: list[case.Row] = []
    for name in COMPARED:
        before, after = (build_summary(run)["kpis"][run.label][name] for run in (base, better))
        printed_before, printed_after = PRINTED.get(name, (None, None))
        rows.append(
            {
                "measure": name,
                "unit": before["unit"],
                "base": before["mean"],
                "base_low": before["ci_low"],
                "base_high": before["ci_high"],
                "compromise": after["mean"],
                "compromise_low": after["ci_low"],
                "compromise_high": after["ci_high"],
                "change_percent": 100 * (after["mean"] / before["mean"] - 1),
                "paper_base": printed_before,
                "paper_compromise": printed_after,
                "paper_change_percent": 100 * (printed_after / printed_before - 1)
                if printed_before and printed_after
                else None,
                "bounds": case.BOUNDS,
            }
        )
    return rows


def _held_out(front: Front, plan: Plan | None) -> RunResult:
    seed = front.settings.held_out_seed
    return simulate(front.scenario, replications=HELD_OUT, seed=seed, plan=plan, stratified=True)


def _points(front: Front) -> FrontPoints:
    paper = np.array([case.PAPER["profit"], case.PAPER["cvar"]])
    return replace(front_points(front), printed=front.pick("printed"), other=("compromise of the paper", paper))


if __name__ == "__main__":
    make()
