"""A front on the terminal: base plan, compromise and the ends of the front on the held-out draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from esc_sim.optimize.front import Front
from esc_sim.optimize.measures import is_maximized, label_of
from esc_sim.optimize.writing import bounds_text, simulated_periods
from esc_sim.results.printing import data_line, print_tables
from esc_sim.written import NONE, number, percent

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def print_front(front: Front, console: Console) -> None:
    """Print the table, the bounds that it holds for, hypervolume and provenance."""
    print_tables([front_rows(front)], _lines(front), console)


def front_rows(front: Front) -> Table:
    """One row a plan, one column a measure, with its change against the base plan.

    Only plans that keep all constraints are called the best of anything; where none does, the nearest one is shown.
    """
    from rich import box
    from rich.table import Table

    title = f"{front.scenario.title or front.scenario.name}: {_found(front)}"
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("held out")
    for name in front.measures:
        table.add_column(label_of(name, front.scenario), justify="right")
    table.add_row("base plan", *(number(value) for value in front.base_held_out))
    if front.chosen is None:
        rows = [("nearest to the limits", front.nearest)]
    else:
        rows = [("compromise (min-max)", front.chosen)]
        kept = np.flatnonzero(front.kept)
        for column, name in enumerate(front.objectives):
            values = front.judged[kept, column]
            rows.append(
                (f"best {name}", int(kept[values.argmax() if is_maximized(name, front.scenario) else values.argmin()]))
            )
    for label, row in rows:
        cells = [
            f"{number(value)} ({_change(value, base)})"
            for value, base in zip(front.held_out[row], front.base_held_out, strict=True)
        ]
        table.add_row(label, *cells)
    return table


def _found(front: Front) -> str:
    count, kept = len(front.designs), int(front.kept.sum())
    if kept == count:
        return f"{count} plans on the front"
    return f"{count} designs found, {kept or 'none'} of which keep{'s' if kept == 1 else ''} the constraints held out"


def _lines(front: Front) -> list[str]:
    settings, data = front.settings, front.scenario.data
    point = ", ".join(f"{name} {number(v)}" for name, v in zip(front.objectives, front.reference, strict=True))
    return [
        f"Bounds: {bounds_text(front)}. Changes against the base plan hold for these bounds.",
        f"Hypervolume {front.verdict.held_out:.4g} held out, {front.verdict.training:.4g} in training; "
        f"reference point: {point}.",
        f"{settings.algorithm}: {settings.population} designs, {len(front.history)} generations, "
        f"{settings.replications} replications of {front.scenario.run.periods} periods, seed {settings.seed}: "
        f"{simulated_periods(front):,} periods; held out: {settings.held_out} replications of another seed.",
        data_line(data.status, data.note),
    ]


def _change(value: float, base: float) -> str:
    if not base or not np.isfinite(base):
        return NONE
    return percent((value / base - 1) * (1 if base > 0 else -1), sign=True, digits=2)
