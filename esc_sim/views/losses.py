"""Distribution of what replications lost against their undisrupted twins: profit and demand, with VaR and CVaR."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from esc_sim.measures.losses import MEASURES as LOSSES
from esc_sim.measures.measure import by_parts
from esc_sim.results.run import Floats, PeriodTable, Result
from esc_sim.results.table import risk_labels
from esc_sim.views.style import (
    BLACK,
    DISRUPTED_COLOUR,
    compact,
    finish,
    new_figure,
    percent_axis,
    refuse_empty,
    styled,
    thousands,
)

LEAST_REPLICATIONS: Final = 20
"""Replications below which a distribution says nothing."""
_MOST_BINS: Final = 40
_SAME: Final = 1e-6
"""Part of the largest loss up to which losses are the same."""


def losses_drawn(run: Result) -> list[str]:
    """Quantities whose losses differ among enough replications to be worth a picture."""
    if run.twin is None or run.replications < LEAST_REPLICATIONS:
        return []
    missing = run.summary["risk"]["losses"]["not_estimated"]
    quantities = dict.fromkeys(figure.quantity for figure in LOSSES)
    return [name for name in quantities if f"{name}_lost" not in missing and _differ(_sample(run, name))]


def _differ(sample: Floats) -> bool:
    return bool(np.ptp(sample) > _SAME * np.abs(sample).max())


def why_empty(run: Result) -> str:
    """Why there is nothing to draw; empty where there is."""
    if losses_drawn(run):
        return ""
    return (
        f"it needs a run with disruptions and at least {LEAST_REPLICATIONS} replications that do not all lose the same"
    )


@styled
def losses(run: Result) -> Figure:
    """Share of replications by what each lost, a panel for profit and one for demand.

    Raises:
        InputError: the run has no twin, too few replications, or all lost the same.
    """
    refuse_empty("losses", why_empty(run))
    shown = losses_drawn(run)
    figure = new_figure(height=1.2 + 1.75 * len(shown))
    axes = figure.subplots(len(shown), 1, sharey=True, squeeze=False)[:, 0]
    for axis, quantity in zip(axes, shown, strict=True):
        _panel(axis, run, quantity)
    figure.supylabel("share of replications", fontsize=8.5)
    return finish(figure, run, "Lost to disruptions")


def _sample(run: Result, quantity: str) -> Floats:
    """Loss of each replication, scaled as in summary.json."""
    assert run.twin is not None
    block, first = run.summary["risk"]["losses"], run.summary["warm_up"]
    year = block["periods_a_year"]
    scale = 1.0 if year is None else year / block["periods"]
    lost = next(figure.of for figure in LOSSES if figure.quantity == quantity)
    return scale * by_parts(lost, PeriodTable(run.values[:, first:]), PeriodTable(run.twin[:, first:]))


def _panel(axis: Axes, run: Result, quantity: str) -> None:
    sample = _sample(run, quantity)
    bins = min(_MOST_BINS, max(10, round(np.sqrt(sample.size))))
    weights = np.full(sample.size, 1.0 / sample.size)
    axis.hist(sample, bins=bins, weights=weights, color=DISRUPTED_COLOUR, edgecolor="white", linewidth=0.3)
    kpis: dict[str, Any] = run.summary["kpis"][run.label]
    names = risk_labels(run.summary["risk"])
    for statistic, dash in (("var", (0, (4, 2))), ("cvar", "solid")):
        entry = kpis[f"{quantity}_lost_{statistic}"]
        words = names[f"{quantity}_lost_{statistic}"].split(" of ")[0]
        label = f"{words} = {compact(entry['mean'])}"
        axis.axvline(entry["mean"], color=BLACK, linestyle=dash, linewidth=1.1, label=label)
    axis.set_xlabel(f"{quantity} lost [{kpis[f'{quantity}_lost']['unit']}]")
    percent_axis(axis)
    thousands(axis)
    axis.grid(axis="y")
    axis.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, handlelength=2.4, borderaxespad=0.2)
