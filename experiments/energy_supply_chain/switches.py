"""What stock says to orders, what information is worth, orders accepted whole: `feedback`, `known_after`, `partial`.

``python -m experiments.energy_supply_chain.switches``. Base plan and the compromise of figure 8 (found under the
default switches) under all six combinations of the first two, and with `partial: false`, the acceptance as printed, on
the same stratified draws.
"""

from __future__ import annotations

from typing import Final

from matplotlib.figure import Figure

from esc_sim.plans.files import read_plan
from esc_sim.results.summary import build_summary
from esc_sim.simulation import simulate
from esc_sim.views.style import BLUE, VERMILION, finish_with, legend_of, new_figure, percent_axis, styled, thousands
from experiments.energy_supply_chain import case

REPLICATIONS: Final = 96
FEEDBACK: Final = ("surplus", "none", "two_sided")
KNOWN: Final = (1, 0)
"""Values of `known_after`: an outage of a day is over before the next review, so with 1 nobody ever knows of it."""
SETTINGS: Final = (*((feedback, known, True) for feedback in FEEDBACK for known in KNOWN), ("surplus", 1, False))
"""Settings that are run: feedback, known_after, partial."""
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
    for feedback, known, partial in SETTINGS:
        scenario = case.oil_gas(rules__feedback=feedback, rules__known_after=known, rules__partial=partial)
        for name in LOOKS:
            plan = read_plan(case.PLAN) if name == "compromise" else None
            result = simulate(scenario, replications=REPLICATIONS, seed=case.SEED, plan=plan, stratified=True)
            kpis = build_summary(result)["kpis"][result.label]
            row: dict[str, object] = {"feedback": feedback, "known_after": known, "partial": partial, "plan": name}
            for kpi in (*KPIS, "penalty_per_period", "storage_per_period"):
                row |= {kpi: kpis[kpi]["mean"], f"{kpi}_low": kpis[kpi]["ci_low"], f"{kpi}_high": kpis[kpi]["ci_high"]}
            rows.append(row)
    case.write("switches", rows)
    case.draw("switches", figure(rows))


@styled
def figure(rows: list[case.Row]) -> Figure:
    """One panel a key figure, one line a combination; 95 % intervals are drawn, and mostly smaller than the marks."""
    drawn = new_figure(height=4.8)
    axes = drawn.subplots(2, 2, sharey=True)
    settings = sorted(SETTINGS, key=lambda setting: (not setting[2], -setting[1]))
    for axis, (kpi, label) in zip(axes.flat, KPIS.items(), strict=True):
        for plan, (colour, marker, offset) in LOOKS.items():
            mine = {(row["feedback"], row["known_after"], row["partial"]): row for row in rows if row["plan"] == plan}
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
        axis.set_yticks(range(len(settings)), [_words(*setting) for setting in settings])
    axes[0, 0].invert_yaxis()
    footer = (
        f"{REPLICATIONS} stratified replications, seed {case.SEED}; 95 % intervals; known after 1 day or 0 days\n"
        f"compromise found under the first setting; {case.BOUNDS}; {case.DATA}"
    )
    return finish_with(drawn, "Order feedback and information: oil and gas", footer, legend_of(axes[0, 0]))


def _words(feedback: str, known: int, partial: bool) -> str:
    return f"{feedback}, known after {known}" if partial else f"{feedback}, orders accepted whole"


if __name__ == "__main__":
    make()
