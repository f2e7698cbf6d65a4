"""Charts of the run so far as one ECharts option: a small panel a quantity, one line a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.scenario.schema import Units
from esc_sim.views.page.show import ShownRun
from esc_sim.views.palette import BLUE, VERMILION

MOST_POINTS: Final = 400
"""Latest periods that a chart shows."""
_INDEX = {name: i for i, name in enumerate(PERIOD_COLUMNS)}
_COLOURS = (BLUE, VERMILION)
_DASHES = ("solid", "dashed")
_BAND = "rgba(230, 159, 0, 0.16)"


@dataclass(frozen=True)
class Panel:
    """A quantity over time: title, unit with {money}, {goods}, {period}, and the period column it shows."""

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
    """All panels, ``columns`` in a row; periods in which anything was disrupted are shaded (of the first run)."""
    count = len(runs[0].active)
    first = max(0, count - MOST_POINTS)
    tables = [run.periods[first:] for run in runs]
    option: dict[str, Any] = {
        "animation": False, "title": [], "grid": [], "xAxis": [], "yAxis": [], "series": [],
        "tooltip": {"trigger": "axis", "renderMode": "richText", "confine": True},
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
    }  # fmt: skip
    rows = -(-len(PANELS) // columns)
    shade = _bands(runs[0].active, first)
    words = {"money": units.money, "goods": units.goods, "period": units.period}
    for number, panel in enumerate(PANELS):
        row, column = divmod(number, columns)
        left, top = 100.0 * column / columns, 100.0 * row / rows
        option["title"].append(
            {
                "text": f"{panel.title} [{panel.unit.format(**words)}]",
                "left": f"{left + 1:.1f}%", "top": f"{top:.1f}%", "textStyle": {"fontSize": 12, "fontWeight": 600},
            }
        )  # fmt: skip
        option["grid"].append(
            {
                "left": f"{left + 1:.1f}%", "top": f"{top + 20 / rows:.1f}%", "width": f"{100 / columns - 3:.1f}%",
                "height": f"{70 / rows:.1f}%", "containLabel": True,
            }
        )  # fmt: skip
        option["xAxis"].append(
            {
                "type": "value", "gridIndex": number, "min": first, "max": max(first + 20, count - 1),
                "minInterval": 1, "splitLine": {"show": False}, "axisLabel": {"fontSize": 10},
            }
        )  # fmt: skip
        option["yAxis"].append(
            {"type": "value", "gridIndex": number, "scale": True, "splitNumber": 3, "axisLabel": {"fontSize": 10}}
        )
        for place, (run, table) in enumerate(zip(runs, tables, strict=True)):
            option["series"].append(
                _line(place, number, table[:, _INDEX[panel.column]], first, run.variant.name, shade)
            )
    return option


def _line(
    place: int, panel: int, values: NDArray[np.float64], first: int, name: str, shade: list[Any]
) -> dict[str, Any]:
    line: dict[str, Any] = {
        "type": "line", "name": name, "xAxisIndex": panel, "yAxisIndex": panel, "showSymbol": False,
        "data": [[first + t, round(float(v), 2)] for t, v in enumerate(values)],
        "itemStyle": {"color": _COLOURS[place]},
        "lineStyle": {"width": 1.8, "type": _DASHES[place]},
    }  # fmt: skip
    if place == 0 and shade:
        line["markArea"] = {"silent": True, "itemStyle": {"color": _BAND}, "data": shade}
    return line


def _bands(active: Sequence[bool], first: int) -> list[Any]:
    """Spells of disruption as ECharts areas."""
    flags = np.diff(np.concatenate(([0], np.array(active[first:], np.int8), [0])))
    starts, ends = np.flatnonzero(flags == 1), np.flatnonzero(flags == -1)
    return [
        [{"xAxis": first + int(a) - 0.5}, {"xAxis": first + int(b) - 0.5}] for a, b in zip(starts, ends, strict=True)
    ]


def stock_option(values: Sequence[NDArray[np.float64]], names: Sequence[str], goods: str) -> dict[str, Any]:
    """Stock of one node over time, one line a run."""
    first = max(0, len(values[0]) - MOST_POINTS)
    lines = []
    for place, (stock, name) in enumerate(zip(values, names, strict=True)):
        line = _line(place, 0, stock[first:], first, name, [])
        lines.append(line | {"areaStyle": {"opacity": 0.12}} if place == 0 else line)
    return {
        "animation": False,
        "grid": {"left": 46, "right": 12, "top": 26, "bottom": 24},
        "title": {"text": f"Stock [{goods}]", "textStyle": {"fontSize": 12, "fontWeight": 600}},
        "tooltip": {"trigger": "axis", "renderMode": "richText", "confine": True},
        "xAxis": {"type": "value", "min": first, "max": max(first + 20, len(values[0]) - 1), "minInterval": 1,
                  "splitLine": {"show": False}, "axisLabel": {"fontSize": 10}},
        "yAxis": {"type": "value", "min": 0, "splitNumber": 3, "axisLabel": {"fontSize": 10}},
        "series": lines,
    }  # fmt: skip
