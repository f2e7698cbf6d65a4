"""Charts of the run so far as one ECharts option: a small panel a quantity, one line a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.scenario.schema import Units
from esc_sim.views.page.panels import (
    DASHES,
    RUN_NAMES,
    add_line,
    add_panel,
    cut_start_up,
    empty_option,
    shade,
    spells_of,
    start_up_of,
)
from esc_sim.views.page.show import ShownRun
from esc_sim.views.palette import BLUE, VERMILION

MOST_POINTS: Final = 400
"""Latest periods that a chart shows."""
_INDEX = {name: i for i, name in enumerate(PERIOD_COLUMNS)}
_COLOURS = (BLUE, VERMILION)


@dataclass(frozen=True)
class Panel:
    """A quantity over time.

    Attributes:
        title: title of the panel.
        unit: its unit, with {money}, {goods}, {period}.
        column: the period column that it shows.
        over: the column of which it is a share, in percent.
    """

    title: str
    unit: str
    column: str
    over: str = ""

    def values(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64[t]; nan where there is nothing to be a share of."""
        found: NDArray[np.float64] = table[:, _INDEX[self.column]]
        if not self.over:
            return found
        whole = table[:, _INDEX[self.over]]
        return np.divide(100.0 * found, whole, out=np.full(len(found), np.nan), where=whole > 0.0)


PANELS: Final = (
    Panel("Profit", "{money}/{period}", "profit"),
    Panel("Cost", "{money}/{period}", "cost"),
    Panel("Fill rate", "%", "filled", over="demand"),
    Panel("Served", "{goods}/{period}", "served"),
    Panel("Stock in the network", "{goods}", "stock"),
    Panel("Goods under way", "{goods}", "in_transit"),
    Panel("Shipped", "{goods}/{period}", "shipped"),
    Panel("Owed to customers", "{goods}", "backlog"),
    Panel("Demand lost", "{goods}/{period}", "lost_demand"),
)


def folded(runs: Sequence[ShownRun]) -> list[Panel]:
    """Panels in which there is nothing but zeros, once anything has been played."""
    if not runs[0].active:
        return []
    return [panel for panel in PANELS if not any(np.nan_to_num(panel.values(run.periods)).any() for run in runs)]


def charts_option(
    runs: Sequence[ShownRun], units: Units, columns: int = 3, *, unfolded: bool = False, start_up: bool = False
) -> dict[str, Any]:
    """All panels, ``columns`` in a row; periods in which anything was disrupted are shaded (of the first run).

    Args:
        runs: the runs that are shown.
        units: names of the units.
        columns: panels in a row.
        unfolded: show panels that are all zero, too.
        start_up: show the start-up whole where it flattens the rest.
    """
    count = len(runs[0].active)
    first = max(0, count - MOST_POINTS)
    tables = [run.periods[first:] for run in runs]
    option, spells = empty_option(), spells_of(runs[0].active, first)
    words = {"money": units.money, "goods": units.goods, "period": units.period}
    hidden = [] if unfolded else folded(runs)
    panels = [panel for panel in PANELS if panel not in hidden]
    start = 0 if start_up or first else start_up_of(runs[0].active, runs[0].scenario.run.warm_up)
    for panel in panels:
        title = f"{panel.title} [{panel.unit.format(**words)}]"
        number = add_panel(option, title, len(panels), columns, first, count - 1)
        if panel.over:
            option["yAxis"][number]["max"] = 100
        lines = [panel.values(table) for table in tables]
        for place, values in enumerate(lines):
            data, above = points(values, first), {"z": 3 - place}
            line = add_line(option, number, RUN_NAMES[place], data, _COLOURS[place], DASHES[place], **above)
            if place == 0:
                shade(line, spells)
        cut_start_up(option, number, lines, start)
    return option


def points(values: NDArray[np.float64], first: int) -> list[list[Any]]:
    """(period, value) of a line; None where there is no value."""
    return [[first + t, None if np.isnan(v) else float(f"{v:.6g}")] for t, v in enumerate(values)]
