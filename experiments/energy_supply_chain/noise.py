"""How noisy a judgement of a plan is: replications, common random numbers, stratification.

``python -m experiments.energy_supply_chain.noise``. Each judgement is repeated on fresh draws; tables say how far the
repetitions scatter. A pair of plans is judged on the same draws (common random numbers) or each on its own.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from esc_sim.optimize.judge import Draws, Judge
from esc_sim.optimize.space import DecisionSpace
from esc_sim.plans.decisions import DecisionsPlan
from esc_sim.plans.files import read_plan
from esc_sim.views.style import BLUE, ORANGE, finish_with, legend_of, new_figure, styled
from experiments.energy_supply_chain import case

Floats = NDArray[np.float64]

MEASURES: Final = ("profit", "cvar")
UNITS: Final = {"profit": "EUR", "cvar": "EUR/day"}
REPETITIONS: Final = 60
REPLICATIONS: Final = (1, 2, 4, 10, 16, 40, 100)
PAIRED: Final = (4, 10)
NEAR: Final = 0.01
"""A neighbour of the compromise: each decision moved at random by up to this share."""
TICKS: Final = {"profit": (1000, 3000, 10_000, 30_000, 100_000), "cvar": (10, 30, 100)}
LOOKS: Final = {True: (BLUE, "o", "stratified"), False: (ORANGE, "s", "independent")}


def make() -> None:
    """Tables noise_replications and noise_pairs, and the figure."""
    judge = Judge(case.oil_gas(), MEASURES)
    rows = scatter(judge)
    case.write("noise_replications", rows)
    case.write("noise_pairs", pairs(judge))
    case.draw("noise", figure(rows))


def compromise(space: DecisionSpace) -> Floats:
    """The plan of figure 8 as a design."""
    plan = read_plan(case.PLAN)
    assert isinstance(plan, DecisionsPlan)
    values = {f"order/{order.node}": order.mean for order in plan.orders}
    values |= {f"price/{price.buyer}/{price.supplier}": price.price for price in plan.prices}
    return np.array([values[name] for name in space.names])


def repeated(judge: Judge, design: Floats, replications: int, stratified: bool, seed: int) -> Floats:
    """A design judged again and again on fresh draws, float64[repetitions, measures]."""
    strata = replications if stratified else 1
    draws = [Draws(seed, k * replications, replications, strata) for k in range(REPETITIONS)]
    return judge(np.repeat(design[None], REPETITIONS, axis=0), draws)


def scatter(judge: Judge) -> list[case.Row]:
    """Standard deviation of a judgement of the base plan against the number of replications."""
    rows: list[case.Row] = []
    for replications in REPLICATIONS:
        for stratified in LOOKS:
            if stratified and replications == 1:
                continue
            values = repeated(judge, judge.space.base, replications, stratified, 11)
            row = {"replications": replications, "stratified": stratified, "repetitions": REPETITIONS}
            rows.append(row | {f"{name}_sd": float(values[:, k].std(ddof=1)) for k, name in enumerate(MEASURES)})
    return rows


def pairs(judge: Judge) -> list[case.Row]:
    """Standard deviation of the difference of two plans, and how often it has the wrong sign."""
    best = compromise(judge.space)
    shift = 1.0 + NEAR * np.random.default_rng(3).uniform(-1.0, 1.0, len(best))
    near = np.clip(best * shift, judge.space.lower, judge.space.upper)
    rows: list[case.Row] = []
    for label, one, other in (("compromise and base plan", best, judge.space.base),
                              (f"compromise and a plan within {100 * NEAR:g} % of it", best, near)):  # fmt: skip
        truth = np.diff(judge(np.stack([other, one]), [Draws(99, 0, 1600, 16)] * 2), axis=0)[0]
        for replications in PAIRED:
            for common in (False, True):
                for stratified in (False, True):
                    first = repeated(judge, one, replications, stratified, 21)
                    second = repeated(judge, other, replications, stratified, 21 if common else 22)
                    change = first - second
                    row: dict[str, object] = {"pair": label, "replications": replications, "common": common,
                                              "stratified": stratified}  # fmt: skip
                    for k, name in enumerate(MEASURES):
                        row[f"{name}_difference"] = float(truth[k])
                        row[f"{name}_sd"] = float(change[:, k].std(ddof=1))
                        row[f"{name}_wrong_sign"] = float((np.sign(change[:, k]) != np.sign(truth[k])).mean())
                    rows.append(row)
    return rows


@styled
def figure(rows: list[case.Row]) -> Figure:
    """Scatter of a judgement against replications, on logarithmic axes."""
    drawn = new_figure(height=3.2)
    axes = drawn.subplots(1, 2)
    for axis, name in zip(axes, MEASURES, strict=True):
        for stratified, (colour, marker, label) in LOOKS.items():
            mine = [row for row in rows if row["stratified"] == stratified]
            axis.plot([row["replications"] for row in mine], [row[f"{name}_sd"] for row in mine], color=colour,
                      marker=marker, markersize=4.5, linestyle="-" if stratified else "--", label=label)  # fmt: skip
        axis.set_xscale("log")
        axis.set_yscale("log")
        axis.set_xticks([n for n in REPLICATIONS if n != 16], [str(n) for n in REPLICATIONS if n != 16])
        axis.set_yticks(TICKS[name], [f"{tick:,}" for tick in TICKS[name]])
        axis.minorticks_off()
        axis.set_xlabel("replications")
        axis.set_ylabel(f"standard deviation [{UNITS[name]}]")
        axis.set_title({"profit": "mean profit", "cvar": "CVaR 95 % of cost"}[name])
        axis.grid()
    footer = f"base plan of the oil and gas case, {REPETITIONS} repetitions of each judgement  |  {case.DATA}"
    return finish_with(drawn, "Noise of a judgement: disruptions drawn independently or stratified", footer,
                       legend_of(axes[0]))  # fmt: skip


if __name__ == "__main__":
    make()
