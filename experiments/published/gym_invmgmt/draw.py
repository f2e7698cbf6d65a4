"""The figure of gaps by scenario, ours beside the published ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from esc_sim.views.style import BLACK, BLUE, GREEN, VERMILION, finish_with, legend_of, new_figure, styled
from experiments.published.gym_invmgmt.study import OURS, THEIRS
from experiments.published.gym_invmgmt.table import SHOWN

_OURS = {"levels": (BLUE, "o"), "rolling": (VERMILION, "D")}
_THEIRS = {"MSSP_I": (BLACK, "|"), "PPO_Transformer": (GREEN, "x"), "sS_I": (BLACK, "+")}


@styled
def gaps_figure(table: Sequence[Mapping[str, Any]]) -> Figure:
    """Gap of each policy to the oracle by scenario.

    Args:
        table: rows of :func:`experiments.published.gym_invmgmt.table.rows`.
    """
    figure = new_figure(height=5.6)
    axis = figure.subplots()
    places = np.arange(len(table))[::-1]
    for who in SHOWN:
        colour, marker = _THEIRS[who]
        gaps = [float(row[f"{who}_gap"]) for row in table]
        size, order = (11, 4) if marker == "|" else (6, 2)
        axis.plot(gaps, places, marker, color=colour, label=f"{THEIRS[who]}, published", markersize=size, zorder=order)
    for name, (colour, marker) in _OURS.items():
        gaps, margins = ([float(row[f"{name}_{what}"]) for row in table] for what in ("gap", "margin"))
        axis.errorbar(gaps, places, xerr=margins, fmt=marker, color=colour, label=OURS[name], markersize=4, linewidth=1)
    axis.set_yticks(places, [str(row["scenario"]) for row in table])
    axis.set(xlabel="gap to the oracle's profit [%]", ylim=(-0.7, len(table) - 0.3))
    axis.axvline(0.0, color=BLACK, linewidth=0.8)
    axis.grid(axis="x")
    source = "parameters and published rows: gym-invmgmt"
    footer = f"{source}  |  ten paths, 95 % intervals  |  with goodwill the oracle is no bound"
    return finish_with(figure, "Searched levels and rolling plans on gym-invmgmt's scenarios", footer, legend_of(axis))
