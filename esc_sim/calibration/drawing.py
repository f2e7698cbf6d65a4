"""Figures of a calibration: the profile of each parameter, and moments observed beside simulated."""

from __future__ import annotations

import textwrap
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from esc_sim.calibration.estimate import NORMAL_95
from esc_sim.calibration.profile import CHI_95
from esc_sim.views.style import BLACK, BLUE, GREY, LIGHT_GREY, ORANGE, VERMILION, WIDTH, finish_with, new_figure, styled

_COLUMNS: Final = 3
_TOP: Final = 4.0
"""Height of a profile's panel, in quantiles of the chi-square law."""


@styled
def profile_figure(title: str, estimates: pd.DataFrame, profiles: pd.DataFrame, footer: str) -> Figure:
    """How much worse the moments agree when a parameter is held at a value and all others are estimated anew.

    Args:
        title: of the scenario.
        estimates: one row a parameter, as of :class:`esc_sim.calibration.study.Calibration`.
        profiles: parameter, value, distance.
        footer: where the numbers come from.
    """
    columns = min(_COLUMNS, len(estimates))
    rows = -(-len(estimates) // columns)
    figure = new_figure(WIDTH, 0.9 + 2.2 * rows)
    axes = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    for axis, one in zip(axes, estimates.to_dict("records"), strict=False):
        _profile(axis, one, profiles[profiles["parameter"] == one["parameter"]])
    for axis in axes[len(estimates) :]:
        axis.set_visible(False)
    for axis in axes[::columns]:
        axis.set_ylabel("distance above the least")
    legend: dict[str, Artist] = {
        "profile": Line2D([], [], color=BLUE, marker="o", markersize=2.5),
        "by standard error": Line2D([], [], color=ORANGE, linestyle=(0, (4, 2))),
        "95 % quantile": Line2D([], [], color=GREY, linestyle=(0, (1, 1.5))),
        "estimate": Line2D([], [], color=BLACK, marker="|", linestyle="none", markersize=8),
        "95 % interval": Patch(color=LIGHT_GREY),
    }
    return finish_with(figure, f"Profiles of the parameters: {title}", footer, legend)


def _profile(axis: Axes, one: Any, profile: pd.DataFrame) -> None:
    """A panel: the profile, the parabola of the standard error, the 95 % quantile."""
    values, away = profile["value"].to_numpy(), profile["distance"].to_numpy()
    low, high = one["low"], one["high"]
    if one["identified"]:
        reach = 4.0 * one["standard_error"]
        low, high = max(low, one["value"] - reach), min(high, one["value"] + reach)
        across = np.linspace(low, high, 200)
        axis.axvspan(max(one["ci_low"], one["low"]), min(one["ci_high"], one["high"]), color=LIGHT_GREY, linewidth=0)
        axis.plot(across, ((across - one["value"]) / one["standard_error"]) ** 2, color=ORANGE, linestyle=(0, (4, 2)))
    axis.plot(values, away, color=BLUE, marker="o", markersize=2.5)
    axis.axhline(CHI_95, color=GREY, linestyle=(0, (1, 1.5)))
    axis.plot([one["value"]], [0.0], color=BLACK, marker="|", markersize=12)
    axis.set_ylim(-0.3, _TOP * CHI_95)
    axis.set_xlim(low, high)
    axis.set_xlabel(textwrap.fill(one["words"] + ("" if one["identified"] else " (not identified)"), 30))


@styled
def moment_figure(title: str, compared: pd.DataFrame, footer: str) -> Figure:
    """Observed less simulated moments at the estimate, in standard errors of the difference.

    Args:
        title: of the scenario.
        compared: name, observed, simulated, standard_error, errors_apart.
        footer: where the numbers come from.
    """
    figure = new_figure(WIDTH, 1.2 + 0.24 * len(compared))
    axis = figure.subplots()
    places, away = np.arange(len(compared)), compared["errors_apart"].to_numpy(float)
    far = np.abs(away) > NORMAL_95
    axis.axvspan(-NORMAL_95, NORMAL_95, color=LIGHT_GREY, linewidth=0)
    axis.axvline(0.0, color=GREY, linewidth=0.7)
    axis.plot(away[~far], places[~far], linestyle="none", marker="o", color=BLUE, markersize=5)
    axis.plot(away[far], places[far], linestyle="none", marker="X", color=VERMILION, markersize=6)
    axis.set_yticks(places, compared["name"].tolist())
    axis.set_ylim(len(compared) - 0.5, -0.5)
    reach = 1.1 * max(3.0, float(np.nanmax(np.abs(away))) if np.isfinite(away).any() else 0.0)
    axis.set_xlim(-reach, reach)
    axis.set_xlabel("observed less simulated, in standard errors of the difference")
    legend: dict[str, Artist] = {
        "95 % of differences lie here if the scenario is right": Patch(color=LIGHT_GREY),
        "moment": Line2D([], [], color=BLUE, marker="o", linestyle="none", markersize=5),
    }
    if far.any():
        legend["outside"] = Line2D([], [], color=VERMILION, marker="X", linestyle="none", markersize=6)
    return finish_with(figure, f"Moments at the estimate: {title}", footer, legend)
