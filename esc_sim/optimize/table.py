"""A front on the terminal: base plan, compromise and the ends of the front on the held-out draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from esc_sim.counted import counted
from esc_sim.optimize.algorithms.registry import algorithm_of
from esc_sim.optimize.front import Front
from esc_sim.optimize.measures import is_maximized, label_of
from esc_sim.optimize.writing import bounds_text, simulated_periods
from esc_sim.results.printing import data_line, print_tables
from esc_sim.scenario.own import searched_by
from esc_sim.written import NONE, number, percent, points, promised_and_simulated

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

CHANCE_OF: Final = "Chance that "
"""How the words of a chance begin."""


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
        rows = [("best plan" if front.has_one else "compromise (min-max)", front.chosen)]
        kept = np.flatnonzero(front.kept)
        for column, name in enumerate(() if front.has_one else front.objectives):
            values = front.judged[kept, column]
            rows.append(
                (f"best {name}", int(kept[values.argmax() if is_maximized(name, front.scenario) else values.argmin()]))
            )
    for label, row in rows:
        cells = [
            f"{_with_interval(front, row, column)} ({_change(value, base, searched_by(name, front.scenario).is_share)})"
            for column, (name, value, base) in enumerate(
                zip(front.measures, front.held_out[row], front.base_held_out, strict=True)
            )
        ]
        table.add_row(label, *cells)
    return table


def _found(front: Front) -> str:
    count, kept = len(front.designs), int(front.kept.sum())
    if front.has_one:
        return "no plan found is likely to keep the constraints" if front.chosen is None else "the best plan found"
    if kept == count:
        return f"{counted(count, 'plan')} on the front"
    keep = "keeps" if kept == 1 else "keep"
    return f"{counted(count, 'design')} found, {kept or 'none'} of which {keep} the constraints held out"


def _with_interval(front: Front, row: int, column: int) -> str:
    """A held-out value with the ends of its interval, where it has one."""
    value, low, high = (float(values[row, column]) for values in (front.held_out, front.low, front.high))
    return number(value) if np.isnan(low) or np.isnan(high) else f"{number(value)} [{number(low)}, {number(high)}]"


def _lines(front: Front) -> list[str]:
    settings, data = front.settings, front.scenario.data
    found = (
        _gain(front)
        if front.has_one
        else f"Hypervolume {front.verdict.held_out:.4g} held out, {front.verdict.training:.4g} in training; "
        f"reference point: {_point(front)}."
    )
    designs = (
        ""
        if algorithm_of(settings.algorithm).by_budget
        else (
            f"{settings.population} designs, {counted(len(front.history), 'generation')}, "
            f"{counted(settings.replications, 'replication')} of {front.scenario.run.periods} periods, "
        )
    )
    return [
        *_limit_lines(front),
        f"Bounds: {bounds_text(front)}. Changes against the base plan hold for these bounds.",
        found,
        *([] if front.selection is None else [front.selection.words]),
        f"{settings.algorithm}: {designs}seed {settings.seed}: {counted(int(front.spent[-1]), 'replication')}, "
        f"{simulated_periods(front):,} periods; held out: {counted(settings.held_out, 'replication')} of another seed.",
        data_line(data.status, data.note),
    ]


def _gain(front: Front) -> str:
    """How much better the best plan is than the base plan, with the interval of paired differences."""
    gain = front.verdict
    if np.isnan(gain.held_out):
        return "No gain on the base plan: no plan found is likely to keep the constraints."
    ends = "" if np.isnan(gain.low) else f" [{number(gain.low)}, {number(gain.high)}]"
    training = "" if np.isnan(gain.training) else f", {number(gain.training)} in training"
    return f"Gain on the base plan {number(gain.held_out)}{ends} held out{training}."


def _point(front: Front) -> str:
    return ", ".join(f"{name} {number(v)}" for name, v in zip(front.objectives, front.reference, strict=True))


def _limit_lines(front: Front) -> list[str]:
    """Whether the plan to take, or the nearest one, keeps each limit held out."""
    row = front.nearest if front.chosen is None else front.chosen
    lines = []
    for entry in front.limits_kept(row):
        limit, came = promised_and_simulated(entry)
        of, within, words = str(entry["label"]).partition(CHANCE_OF)
        if within:  # the limit of a chance is a share of replications
            of, limit = f"{words[:1].upper()}{words[1:]}", f"in {limit} of replications"
        lines.append(f"{of}, {limit}: {came} held out: {entry['verdict']}.")
    return lines


def _change(value: float, base: float, is_share: bool) -> str:
    if is_share:
        return points(value - base)
    if not base or not np.isfinite(base):
        return NONE
    return percent((value / base - 1) * (1 if base > 0 else -1), sign=True, digits=2)
