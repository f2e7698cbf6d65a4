"""A front on the terminal: base plan, compromise and the ends of the front on the held-out draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from esc_sim.optimize.front import Front
from esc_sim.optimize.measures import MEASURES, label_of
from esc_sim.optimize.writing import bounds_text, simulated_periods

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_PLAIN_WIDTH = 160


def print_front(front: Front, console: Console) -> None:
    """Print the table, the bounds that it holds for, hypervolume and provenance."""
    from rich.console import Console as NewConsole
    from rich.text import Text

    terminal = console.is_terminal
    out = console if terminal else NewConsole(file=console.file, width=_PLAIN_WIDTH, color_system=None)
    table = front_rows(front)
    if not terminal:
        table.box = None
    out.print(table)
    out.print()
    for line in _lines(front):
        out.print(Text(line), soft_wrap=True)


def front_rows(front: Front) -> Table:
    """One row a plan, one column a measure, with its change against the base plan."""
    from rich import box
    from rich.table import Table

    title = f"{front.scenario.title or front.scenario.name}: {len(front.designs)} plans on the front"
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("held out")
    for name in front.measures:
        table.add_column(label_of(name, front.scenario), justify="right")
    table.add_row("base plan", *(_number(value) for value in front.base_held_out))
    rows = [("compromise (min-max)", front.pick())]
    for column, name in enumerate(front.objectives):
        values = front.judged[:, column]
        rows.append((f"best {name}", int(values.argmax() if MEASURES[name].maximize else values.argmin())))
    for label, row in rows:
        cells = [
            f"{_number(value)} ({_change(value, base)})"
            for value, base in zip(front.held_out[row], front.base_held_out, strict=True)
        ]
        table.add_row(label, *cells)
    return table


def _lines(front: Front) -> list[str]:
    settings, data = front.settings, front.scenario.data
    point = ", ".join(f"{name} {_number(v)}" for name, v in zip(front.objectives, front.reference, strict=True))
    return [
        f"Bounds: {bounds_text(front)}. Changes against the base plan hold for these bounds.",
        f"Hypervolume {front.held_out_volume:.4g} held out, {front.history[-1, 0]:.4g} in training; "
        f"reference point: {point}.",
        f"{settings.algorithm}: {settings.population} designs, {len(front.history)} generations, "
        f"{settings.replications} replications of {front.scenario.run.periods} periods, seed {settings.seed}: "
        f"{simulated_periods(front):,} periods; held out: {settings.held_out} replications of another seed.",
        f"Data: {data.status}" + (f" ({data.note})" if data.note else ""),
    ]


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:,.4g}"


def _change(value: float, base: float) -> str:
    if not base or not np.isfinite(base):
        return "-"
    return f"{100 * (value / base - 1) * (1 if base > 0 else -1):+.1f} %"
