"""What switches of the rules change: order feedback, what is known of outages, acceptance, negotiation, books, CVaR.

``python -m experiments.energy_supply_chain.switches``. Base plan and the compromise of figure 8 (found under the
default switches) under all six combinations of `feedback` and `known_after`, and with one other switch at a time:
`partial: false` is the acceptance as printed. All on the same stratified draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from matplotlib.figure import Figure

from esc_sim.plans.files import read_plan
from esc_sim.results.summary import build_summary
from esc_sim.scenario.reader import load_scenario
from esc_sim.simulation import simulate
from esc_sim.views.style import BLUE, VERMILION, finish_with, legend_of, new_figure, percent_axis, styled, thousands
from experiments.energy_supply_chain import case

REPLICATIONS: Final = 96
FEEDBACK: Final = ("surplus", "none", "two_sided")
KNOWN: Final = (1, 0)
"""Values of `known_after`: an outage of a day is over before the next review, so with 1 nobody ever knows of it."""
OTHERS: Final = {
    "rules.partial": (False,),
    "rules.holding_cost_timing": ("end",),
    "rules.negotiation": ("most_reliable", "contract_net"),
    "risk.pooling": ("per_replication", "horizon"),
    "risk.estimator": ("rockafellar_uryasev",),
}
"""Switches that are turned one at a time, under the default of all others."""
SETTINGS: Final[tuple[dict[str, Any], ...]] = (
    *({"rules.feedback": feedback, "rules.known_after": known} for feedback in FEEDBACK for known in KNOWN),
    *({path: value} for path, values in OTHERS.items() for value in values),
)
"""Settings that are run, as changes of the scenario."""
KPIS: Final = {
    "profit_total": "profit over the horizon [EUR]",
    "cvar": "CVaR 95 % [EUR/day]",
    "cvar_net": "CVaR 95 % net [EUR/day]",
    "fill_rate": "fill rate",
}
LOOKS: Final = {"base": (BLUE, "o", -0.12), "compromise": (VERMILION, "s", 0.12)}


def make() -> None:
    """Table and figure."""
    rows: list[case.Row] = []
    for changes in SETTINGS:
        scenario = load_scenario(case.SCENARIO, changes)
        for name in LOOKS:
            plan = read_plan(case.PLAN) if name == "compromise" else None
            result = simulate(scenario, replications=REPLICATIONS, seed=case.SEED, plan=plan, stratified=True)
            kpis = build_summary(result)["kpis"][result.label]
            row: dict[str, object] = {"setting": _words(changes), "plan": name}
            for kpi in (*KPIS, "penalty_per_period", "storage_per_period"):
                row |= {kpi: kpis[kpi]["mean"], f"{kpi}_low": kpis[kpi]["ci_low"], f"{kpi}_high": kpis[kpi]["ci_high"]}
            rows.append(row)
    case.write("switches", rows)
    case.draw("switches", figure(rows))


@styled
def figure(rows: list[case.Row]) -> Figure:
    """One panel a key figure, one line a setting; 95 % intervals are drawn, and mostly smaller than the marks."""
    drawn = new_figure(height=6.0)
    axes = drawn.subplots(2, 2, sharey=True)
    # costs of a horizon have another size than those of a day
    settings = [name for name in dict.fromkeys(row["setting"] for row in rows) if "horizon" not in name]
    for axis, (kpi, label) in zip(axes.flat, KPIS.items(), strict=True):
        for plan, (colour, marker, offset) in LOOKS.items():
            mine = {row["setting"]: row for row in rows if row["plan"] == plan}
            means = [mine[setting][kpi] for setting in settings]
            reach = [[mine[s][kpi] - mine[s][f"{kpi}_low"] for s in settings],
                     [mine[s][f"{kpi}_high"] - mine[s][kpi] for s in settings]]  # fmt: skip
            axis.errorbar(means, [place + offset for place in range(len(settings))], xerr=reach, color=colour,
                          marker=marker, markersize=4.5, linestyle="none", capsize=2.5,
                          label=f"{plan} plan")  # fmt: skip
        axis.set_xlabel(label)
        axis.locator_params(axis="x", nbins=5)
        axis.margins(x=0.08)
        axis.grid()
        if kpi == "fill_rate":
            percent_axis(axis, "x")
        else:
            thousands(axis)
    for axis in axes[:, 0]:
        axis.set_yticks(range(len(settings)), settings)
    axes[0, 0].invert_yaxis()
    footer = (
        f"{REPLICATIONS} stratified replications, seed {case.SEED}; 95 % intervals; other switches at their defaults\n"
        f"compromise found under the first setting; {case.BOUNDS}; {case.DATA}"
    )
    return finish_with(drawn, "Switches of the rules: oil and gas", footer, legend_of(axes[0, 0]))


def _words(changes: Mapping[str, object]) -> str:
    """A setting as the scenario has it: `feedback: none, known_after: 0`."""
    return ", ".join(f"{path.partition('.')[2]}: {str(value).lower()}" for path, value in changes.items())


if __name__ == "__main__":
    make()
