"""The distribution of the network's cost per period, as figures 9 to 11 show it."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from esc_sim.plans.files import read_plan
from esc_sim.results.run import RunResult, column
from esc_sim.risk.measures import conditional_value_at_risk, value_at_risk
from esc_sim.simulation import simulate
from esc_sim.views.style import BLACK, ORANGE, finish_with, legend_of, new_figure, percent_axis, styled, thousands
from experiments.energy_supply_chain import case

Floats = NDArray[np.float64]

REPLICATIONS: Final = 40
LEVEL: Final = 0.95
QUANTILES: Final = (0.0, 0.005, 0.05, 0.25, 0.5, 0.75, 0.95, 0.995, 1.0)
EDGES: Final = np.arange(54_000.0, 94_001.0, 250.0)
"""The same bins in all three figures [EUR/day]."""


def run(planned: bool) -> RunResult:
    """The chain with its undisrupted twin under the base plan or the compromise of figure 8."""
    plan = read_plan(case.PLAN) if planned else None
    return simulate(case.oil_gas(), replications=REPLICATIONS, seed=case.SEED, plan=plan)


def costs_of(result: RunResult, *, disrupted: bool) -> Floats:
    """Cost of every period of every replication [EUR/day]."""
    values = result.values if disrupted else result.twin
    assert values is not None
    return column(values, "cost").ravel()


def described(name: str, costs: Floats, net: Floats, printed: dict[str, float]) -> None:
    """Write tables/NAME.csv: quantiles, VaR, CVaR, and CVaR net of transfers, beside the paper's numbers."""
    rows: list[case.Row] = [
        {"what": f"quantile {q:g}", "ours": float(np.quantile(costs, q)), "paper": None} for q in QUANTILES
    ]
    rows += [
        {"what": "VaR 95 %", "ours": value_at_risk(costs, LEVEL), "paper": printed.get("tail")},
        {"what": "CVaR 95 %", "ours": conditional_value_at_risk(costs, LEVEL), "paper": printed.get("tail")},
        {"what": "CVaR 95 % net of transfers", "ours": conditional_value_at_risk(net, LEVEL), "paper": None},
    ]
    for end in ("low", "high"):
        if end in printed:
            place = 1 if end == "low" else 7
            rows[place] = {**rows[place], "paper": printed[end]}
    case.write(name, rows)


def net_of_transfers(result: RunResult, *, disrupted: bool) -> Floats:
    """Cost of every period net of what members pay one another [EUR/day]."""
    values = result.values if disrupted else result.twin
    assert values is not None
    return (column(values, "cost") - column(values, "internal_income")).ravel()


def table_and_figure(
    name: str,
    result: RunResult,
    title: str,
    colour: str,
    printed: dict[str, float],
    *,
    disrupted: bool = True,
    note: str = "",
) -> None:
    """Write tables/NAME.csv and draw the figure NAME of a run, or of its undisrupted twin."""
    costs = costs_of(result, disrupted=disrupted)
    described(name, costs, net_of_transfers(result, disrupted=disrupted), printed)
    case.draw(name, histogram(costs, title, colour, printed, note))


@styled
def histogram(costs: Floats, title: str, colour: str, printed: dict[str, float], note: str) -> Figure:
    """Share of days by cost, with VaR and CVaR, and the numbers that the paper prints in orange."""
    figure = new_figure(height=3.3)
    axis = figure.subplots()
    shares = np.full(costs.size, 1.0 / costs.size)
    axis.hist(costs, bins=list(EDGES), weights=shares, color=colour, edgecolor="white", linewidth=0.2)
    axis.set_yscale("log")
    axis.set_ylim(0.5 / costs.size, 1.0)
    percent_axis(axis)
    for label, value, dash in (
        ("VaR 95 %", value_at_risk(costs, LEVEL), (0, (4, 2))),
        ("CVaR 95 %", conditional_value_at_risk(costs, LEVEL), "solid"),
    ):
        axis.axvline(value, color=BLACK, linestyle=dash, linewidth=1.1, label=f"{label} = {value:,.0f}")
    for number, (what, value) in enumerate(printed.items()):
        label = "paper: " + ", ".join(f"{v:,.0f}" for v in printed.values()) if number == 0 else "_nolegend_"
        axis.plot([value], [0.5], marker="v" if what == "tail" else "|", color=ORANGE, markersize=9,
                  markeredgewidth=2.0, linestyle="none", label=label)  # fmt: skip
    axis.set_xlabel("network cost per day [EUR]")
    axis.set_ylabel("share of days, logarithmic")
    axis.set_xlim(EDGES[0], EDGES[-1])
    axis.grid(axis="y")
    thousands(axis)
    footer = f"{REPLICATIONS} replications of 365 days, seed {case.SEED}  |  {case.DATA}" + (
        f"\n{note}" if note else ""
    )
    return finish_with(figure, title, footer, legend_of(axis))
