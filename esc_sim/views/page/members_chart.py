"""Orders, stock, backlog and fill rate of some members over time, as one ECharts option."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from esc_sim.engine.agents.model import SupplyChainModel
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
from esc_sim.views.page.state_charts import LOOKS, marked
from esc_sim.views.page.time_charts import MOST_POINTS, points

MOST_MEMBERS: Final = 6
"""Most members that are shown at once."""
_PANELS: Final = (
    ("Orders", "{goods}/{period}", "ordered", 1.0),
    ("Stock", "{goods}", "stock", 1.0),
    ("Owed to buyers and customers", "{goods}", "backlog", 1.0),
    ("Fill rate", "%", "fill_rate", 100.0),
)
"""Title, unit, quantity of the log, and what it is multiplied by."""


def first_members(model: SupplyChainModel) -> tuple[str, ...]:
    """Members that are shown at the beginning: all that order, where they are few; else the first of each role."""
    network, buyers = model.instance.network, set(model.books.of_arcs("buyer_node"))
    ordering = [node for node in range(network.node_count) if node in buyers]
    if len(ordering) > MOST_MEMBERS:
        ordering = list({network.roles[node]: node for node in reversed(ordering)}.values())[::-1]
    return tuple(network.node_ids[node] for node in ordering[:MOST_MEMBERS])


def members_option(
    runs: Sequence[ShownRun], names: Sequence[str], units: Units, columns: int = 2, *, start_up: bool = False
) -> tuple[dict[str, Any], list[str]]:
    """A panel a quantity, with a line for each member and run; those that are all zero are left out.

    Args:
        runs: one run, or two, which differ in dash.
        names: ids of the members; one that a run does not have has no line there.
        units: names of the units.
        columns: panels in a row.
        start_up: show the start-up whole where it flattens the rest.

    Returns:
        The option, and the titles of what is left out.
    """
    count = len(runs[0].active)
    first = max(0, count - MOST_POINTS)
    start = 0 if start_up or first else start_up_of(runs[0].active, runs[0].scenario.run.warm_up)
    found, zero = [], []
    for title, unit, quantity, factor in _PANELS:
        lines = [
            (number, name, place, factor * run.members.of(node, quantity)[first:])
            for number, name in enumerate(names)
            for place, run in enumerate(runs)
            if (node := run.node(name)) is not None
        ]
        if count and not any(np.nan_to_num(values).any() for *_, values in lines):
            zero.append(title)
        else:
            found.append((f"{title} [{unit.format(goods=units.goods, period=units.period)}]", lines))
    option, spells = empty_option(), spells_of(runs[0].active, first)
    for title, lines in found:
        panel = add_panel(option, title, len(found), columns, first, count - 1)
        if title.endswith("[%]"):
            option["yAxis"][panel]["max"] = 100
        for number, name, place, values in lines:
            look = LOOKS[number]
            words = f"{name}, {RUN_NAMES[place]}" if len(runs) > 1 else name
            data = marked(points(values, first), number, look)
            own = {"showSymbol": True, "symbol": "none", "lineStyle": {"width": 1.8, "type": DASHES[place]}}
            line = add_line(option, panel, words, data, look.colour, DASHES[place], **own)
            if number == place == 0:
                shade(line, spells)
        cut_start_up(option, panel, [values for *_, values in lines], start)
    return option, zero


def members_key(names: Sequence[str]) -> list[dict[str, str]]:
    """Names, colours and markers of the members, for the legend."""
    return [{"name": n, "colour": look.colour, "path": look.path} for n, look in zip(names, LOOKS, strict=False)]
