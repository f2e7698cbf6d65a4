"""What each figure of a run says: its words, its lines and bars against the run's numbers, the ends of its axes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.results.promise import Promise
from esc_sim.results.reading import StoredRun, stored_run
from esc_sim.results.run import RunResult
from esc_sim.views import FIGURES
from esc_sim.views.network_map import network_map
from esc_sim.views.palette import BLUE, DISRUPTED_COLOUR, NORMAL_COLOUR, VERMILION
from tests.helpers.synthetic_runs import DATED_OUTAGE, layered_scenario, observed, synthetic_result

REPLICATIONS, PERIODS = 24, 30
OUTAGE = [DATED_OUTAGE[0] | {"dates": [{"start": 8, "duration": 6}], "recovery": {"duration": 4}}]


@cache
def run_of(**changes: Any) -> StoredRun:
    """A small run with an outage of refinery_3 in periods 8 to 13 of all replications, recovered in period 18."""
    return stored_run(result_of(**changes))


def result_of(**changes: Any) -> RunResult:
    scenario = layered_scenario(disruptions=OUTAGE)
    result = synthetic_result(scenario, replications=REPLICATIONS, periods=PERIODS)
    promises = [
        Promise("cost", "cost of a period", "EUR/day", 4.6e6, np.linspace(4e6, 5e6, REPLICATIONS)),
        Promise("epf", "Cost above the budget", "share", 0.25, np.arange(REPLICATIONS) < 6.0),
        Promise("amount", "Short at the end", "t", None, np.full(REPLICATIONS, 12000.0)),
    ]
    return replace(result, **({"promises": promises, **observed(REPLICATIONS, PERIODS)} | changes))


def with_column(result: RunResult, name: str, of: Callable[[np.ndarray], Any], which: str = "values") -> RunResult:
    """The result with a column of its periods changed."""
    values = getattr(result, which).copy()
    place = PERIOD_COLUMNS.index(name)
    values[:, :, place] = of(values[:, :, place])
    return replace(result, **{which: values})


def panels(figure: Figure) -> list[Any]:
    return [axis for axis in figure.axes if axis.get_label() != "<colorbar>"]


def legend(figure: Figure) -> dict[str, Any]:
    """Artists of the figure's legend by their words."""
    found: dict[str, Any] = {}
    for part in figure.legends:
        found |= dict(zip([t.get_text() for t in part.get_texts()], part.legend_handles, strict=True))
    return found


def ticks(axis: Any) -> list[str]:
    return [label.get_text() for label in axis.get_yticklabels()]


def lines_of(axis: Any) -> dict[str, Line2D]:
    return {str(line.get_label()): line for line in axis.lines}


WORDS = {
    "cost_histogram": ("Cost distribution", "network cost per day [EUR]", "share of days, logarithmic", []),
    "losses": ("Lost to disruptions", "demand lost [t per year]", "share of replications", []),
    "resilience_curve": (
        "Resilience", "time [day]", "performance, share of the undisrupted twin's",
        ["mean", "90 % of replications", "disruption in force", "recovered (95 %)"],
    ),
    "network_map": (
        "Network", "", None,
        ["never disrupted", "disrupted at times", "flow as normal", "flow less (> 5 %)", "flow more (> 5 %)",
         "stock up to ", "flow up to "],
    ),
    "stock_heatmap": ("Stock by node", "time [day]", None, ["disrupted at times", "mean health at most 50 %"]),
    "states": ("States, mean and 90 % of 24 replications", "time [day]", None, []),
    "promises": (
        "Promised and simulated", "Short at the end [thousand t]", None,
        ["simulated, with 95 % confidence interval", "promised at most"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(FIGURES))
def test_words_of_each_figure(name: str) -> None:
    run = run_of()
    title, across, up, entries = WORDS[name]
    figure = FIGURES[name](run)
    assert figure._suptitle.get_text().strip() == f"{title}: Made-up oil and gas network"  # type: ignore[attr-defined]
    assert panels(figure)[-1].get_xlabel() == across
    if up is not None:
        assert figure._supylabel.get_text() == up  # type: ignore[attr-defined]
    found = list(legend(figure))
    assert len(found) == len(entries)
    assert all(any(word.startswith(entry) for word in found) for entry in entries), found
    footer = figure._supxlabel.get_text()  # type: ignore[attr-defined]
    assert footer.startswith("24 replications of 30 days, seed 1")
    assert "synthetic data (drawn for tests)" in " ".join(footer.split())
