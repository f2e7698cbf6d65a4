"""Charts of the run so far as one ECharts option: a small panel a quantity, one line a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.scenario.schema import Units
from esc_sim.views.page.panels import DASHES, add_line, add_panel, empty_option, shade, spells_of
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
    """

    title: str
    unit: str
    column: str


PANELS: Final = (
    Panel("Profit", "{money}/{period}", "profit"),
    Panel("Cost", "{money}/{period}", "cost"),
    Panel("Served", "{goods}/{period}", "served"),
    Panel("Stock in the network", "{goods}", "stock"),
    Panel("Goods under way", "{goods}", "in_transit"),
    Panel("Shipped", "{goods}/{period}", "shipped"),
)


def charts_option(runs: Sequence[ShownRun], units: Units, columns: int = 3) -> dict[str, Any]:
    """All panels, ``columns`` in a row; periods in which anything was disrupted are shaded (of the first run).

    Args:
        runs: the runs that are shown.
        units: names of the units.
        columns: panels in a row.
    """
    count = len(runs[0].active)
    first = max(0, count - MOST_POINTS)
    tables = [run.periods[first:] for run in runs]
    option, spells = empty_option(), spells_of(runs[0].active, first)
    words = {"money": units.money, "goods": units.goods, "period": units.period}
    for panel in PANELS:
        title = f"{panel.title} [{panel.unit.format(**words)}]"
        number = add_panel(option, title, len(PANELS), columns, first, count - 1)
        for place, (run, table) in enumerate(zip(runs, tables, strict=True)):
            data = _points(table[:, _INDEX[panel.column]], first)
            line = add_line(option, number, run.variant.name, data, _COLOURS[place], DASHES[place])
            if place == 0:
                shade(line, spells)
    return option


def _points(values: NDArray[np.float64], first: int) -> list[list[float]]:
    return [[first + t, round(float(v), 2)] for t, v in enumerate(values)]


def stock_option(values: Sequence[NDArray[np.float64] | None], names: Sequence[str], goods: str) -> dict[str, Any]:
    """Stock of one node over time, one line a run; None for a run that has no such node.

    Args:
        values: float64[T] for each run; None for a run without such a node.
        names: names of the runs.
        goods: unit of goods.
    """
    count = max(len(stock) for stock in values if stock is not None)
    first = max(0, count - MOST_POINTS)
    option: dict[str, Any] = {"series": []}
    for place, (stock, name) in enumerate(zip(values, names, strict=True)):
        if stock is None:
            continue
        area = {"areaStyle": {"opacity": 0.12}} if place == 0 else {}
        add_line(option, 0, name, _points(stock[first:], first), _COLOURS[place], DASHES[place], **area)
    return option | {
        "animation": False,
        "grid": {"left": 46, "right": 12, "top": 26, "bottom": 24},
        "title": {"text": f"Stock [{goods}]", "textStyle": {"fontSize": 12, "fontWeight": 600}},
        "tooltip": {"trigger": "axis", "renderMode": "richText", "confine": True},
        "xAxis": {"type": "value", "min": first, "max": max(first + 20, count - 1), "minInterval": 1,
                  "splitLine": {"show": False}, "axisLabel": {"fontSize": 10}},
        "yAxis": {"type": "value", "min": 0, "splitNumber": 3, "axisLabel": {"fontSize": 10}},
    }  # fmt: skip
