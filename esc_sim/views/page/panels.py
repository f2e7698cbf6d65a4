"""Small charts over time in rows: one ECharts option with a panel a quantity."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import wrap
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.views.page.key_figures import shown

BAND: Final = "rgba(230, 159, 0, 0.16)"
DASHES: Final = ("solid", "dashed")
"""Dashes of the runs."""
RUN_NAMES: Final = ("my changes", "baseline")
"""Names of the runs, where there are two."""
_START_UP: Final = 0.05
"""Share of the run so far that may be a start-up."""
_LETTERS: Final = 84
"""Letters of titles side by side, about; longer ones take two lines."""
_HEAD: Final = 12
"""Share of a panel's height that a line of its title takes, percent."""
_OUTSIZE: Final = 2.5
"""A start-up is cut off where it makes the range of a panel so many times as large."""


def empty_option() -> dict[str, Any]:
    """An option without panels; pointing at one panel points at all."""
    return {
        "animation": False, "title": [], "grid": [], "xAxis": [], "yAxis": [], "series": [],
        "tooltip": {"trigger": "axis", "renderMode": "richText", "confine": True},
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
    }  # fmt: skip


def add_panel(option: dict[str, Any], title: str, count: int, columns: int, first: int, last: int) -> int:
    """Add the next of ``count`` panels, ``columns`` in a row, over the periods ``first`` to ``last``; its number.

    Args:
        option: option of the chart; written.
        title: title of the panel.
        count: number of panels in all.
        columns: panels in a row.
        first, last: range of periods.
    """
    number, rows = len(option["grid"]), -(-count // columns)
    row, column = divmod(number, columns)
    left, top = 100.0 * column / columns, 100.0 * row / rows
    lines = wrap(title, _LETTERS // columns)
    head = _HEAD * len(lines)
    option["title"].append(
        {
            "text": "\n".join(lines), "left": f"{left + 1:.1f}%", "top": f"{top:.1f}%",
            "textStyle": {"fontSize": 12, "fontWeight": 600, "lineHeight": 15},
        }
    )  # fmt: skip
    option["grid"].append(
        {
            "left": f"{left + 1:.1f}%", "top": f"{top + (8 + head) / rows:.1f}%", "width": f"{100 / columns - 3:.1f}%",
            "height": f"{(82 - head) / rows:.1f}%", "containLabel": True,
        }
    )  # fmt: skip
    option["xAxis"].append(
        {
            "type": "value", "gridIndex": number, "min": first, "max": max(first + 20, last), "minInterval": 1,
            "splitLine": {"show": False}, "axisLabel": {"fontSize": 10},
        }
    )  # fmt: skip
    option["yAxis"].append(
        {"type": "value", "gridIndex": number, "scale": True, "splitNumber": 3, "axisLabel": {"fontSize": 10}}
    )
    return number


def add_line(
    option: dict[str, Any], panel: int, name: str, data: list[Any], colour: str, dash: str, **more: Any
) -> dict[str, Any]:
    """Add a line to a panel; the series, to be added to.

    Args:
        option: option of the chart; written.
        panel: number of the panel.
        name: name of the line.
        data: its points, (period, value).
        colour: its colour.
        dash: its dashes, as ECharts names them.
        more: further entries of the series.
    """
    line = {
        "type": "line", "name": name, "xAxisIndex": panel, "yAxisIndex": panel, "showSymbol": False, "data": data,
        "itemStyle": {"color": colour}, "lineStyle": {"width": 1.8, "type": dash},
    } | more  # fmt: skip
    option["series"].append(line)
    return line


def shade(line: dict[str, Any], spells: list[Any]) -> None:
    """Shade spells in a line's panel."""
    if spells:
        line["markArea"] = {"silent": True, "itemStyle": {"color": BAND}, "data": spells}


def spells_of(active: Sequence[bool], first: int = 0) -> list[Any]:
    """Spells of disruption from period ``first`` on, as ECharts areas."""
    flags = np.diff(np.concatenate(([0], np.array(active[first:], np.int8), [0])))
    starts, ends = np.flatnonzero(flags == 1), np.flatnonzero(flags == -1)
    return [
        [{"xAxis": first + int(a) - 0.5}, {"xAxis": first + int(b) - 0.5}] for a, b in zip(starts, ends, strict=True)
    ]


def start_up_of(active: Sequence[bool], warm_up: int) -> int:
    """Number of first periods that may be a start-up: the warm-up, or a twentieth of the run so far; 0 where disrupted.

    Args:
        active: whether anything was disrupted, by period.
        warm_up: periods that key figures leave out.
    """
    start = max(warm_up, math.ceil(_START_UP * len(active)))
    return start if len(active) >= 2 * start + 20 and not any(active[:start]) else 0


def cut_start_up(option: dict[str, Any], panel: int, lines: Sequence[NDArray[np.float64]], start: int) -> None:
    """Limit a panel to the values after the start-up where those before would flatten them, and say so in its title.

    Args:
        option: option of the chart; written.
        panel: number of the panel.
        lines: values of its lines, from the first period on.
        start: periods of the start-up.
    """
    whole = np.concatenate(lines) if lines else np.empty(0)
    rest = np.concatenate([line[start:] for line in lines]) if lines else np.empty(0)
    whole, rest = whole[np.isfinite(whole)], rest[np.isfinite(rest)]
    if not start or not len(rest):
        return
    low, high = float(rest.min()), float(rest.max())
    if high <= low or float(whole.max() - whole.min()) <= _OUTSIZE * (high - low):
        return
    step = 10.0 ** math.floor(math.log10(high - low)) / 2.0
    axis = option["yAxis"][panel]
    axis["min"], axis["max"] = step * (math.floor(low / step) - 1), step * (math.ceil(high / step) + 1)
    most, least = float(whole.max()), float(whole.min())
    if most > axis["max"]:
        option["title"][panel]["text"] += f" \N{BLACK UP-POINTING TRIANGLE} {shown(most)}"
    if least < axis["min"]:
        option["title"][panel]["text"] += f" \N{BLACK DOWN-POINTING TRIANGLE} {shown(least)}"
