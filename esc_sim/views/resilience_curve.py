"""Performance against the undisrupted twin over time: how deep it falls and how long it takes to recover."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from esc_sim.counted import lasting
from esc_sim.errors import InputError
from esc_sim.results.run import Booleans, Floats, Result
from esc_sim.results.summary import resilience_curves
from esc_sim.risk.resilience import align, episodes_of, event_starts
from esc_sim.views.style import (
    BLACK,
    GREY,
    LIGHT_GREY,
    VERMILION,
    finish,
    legend_of,
    new_figure,
    panel_letters,
    percent_axis,
    refuse_empty,
    styled,
    time_axis,
)
from esc_sim.written import number, percent

_LABELS = {"served": "final demand served", "shipped": "goods shipped", "profit": "profit"}
_BAND = (5.0, 95.0)
_BEFORE = 3

MOST_DRAWN = 10_000
"""Replications that curves and bands are taken of: more would change no line that one can see."""
_LEAST_PERIODS = 5
"""Periods below which a fall and a recovery cannot be told apart."""

IntArray = NDArray[np.int64]


def why_empty(run: Result) -> str:
    """Why there is nothing to draw; empty where there is."""
    if run.twin is None:
        return "the run has no disruption, so there is nothing to recover from"
    if run.period_count < _LEAST_PERIODS:
        return f"a fall and a recovery need at least {_LEAST_PERIODS} periods"
    curves = resilience_curves(run.values[:MOST_DRAWN], run.twin[:MOST_DRAWN]).values()
    return "" if any(float(curve.min()) < 1.0 for curve in curves) else "no measure ever falls below the twin's"


@styled
def resilience_curve(run: Result, measures: Sequence[str] | None = None) -> Figure:
    """Mean performance with a band that holds 90 % of the replications, one panel a measure.

    Of long runs the first 10,000 replications are drawn. Where every replication is disrupted at the same times, the
    axis is the calendar and the disruption is shaded.
    Where disruptions come at random, performance is aligned at the start of every episode, each shown until the next
    one begins, and the band is over episodes.

    Args:
        run: a run with an undisrupted twin.
        measures: of "served", "shipped", "profit"; default all that the run has.

    Raises:
        InputError: nothing falls, or there is no such measure.
    """
    refuse_empty("resilience_curve", why_empty(run))
    assert run.twin is not None
    found = resilience_curves(run.values[:MOST_DRAWN], run.twin[:MOST_DRAWN])
    active = run.activity()
    active = None if active is None else active[:MOST_DRAWN]
    wanted = list(measures or found)
    unknown = [name for name in wanted if name not in found]
    if unknown or not wanted:
        raise InputError(f"resilience_curve: the run has no measure {', '.join(unknown) or 'at all'}")
    threshold = float(run.summary["resilience"]["threshold"])
    shared = _shared_activity(active)
    figure = new_figure(height=1.3 + 1.45 * len(wanted))
    axes = figure.subplots(len(wanted), 1, sharex=True, squeeze=False)[:, 0]
    after = _window([found[name] for name in wanted], active, threshold)
    for axis, name in zip(axes, wanted, strict=True):
        if shared is None:
            rows = align(found[name], active, threshold, before=_BEFORE, after=after)
            _panel(axis, np.arange(-_BEFORE, after), rows, threshold)
        else:
            _panel(axis, np.arange(run.period_count), found[name], threshold, shared)
        axis.set_title(_LABELS.get(name, name))
        _note(axis, run.summary["resilience"]["measures"][name], run.units.period)
    panel_letters(list(axes))
    aligned = f"{run.units.period}s since the disruption began (each episode up to the next disruption)"
    if shared is None:
        axes[-1].set_xlabel(aligned)
    else:
        time_axis(axes[-1], run)
    figure.supylabel("performance, share of the undisrupted twin's", fontsize=8.5)
    return finish(figure, run, "Resilience", legend_of(axes[0], ("mean", "90 %", "disruption", "recovered")))


def _window(curves: Sequence[Floats], active: Booleans | None, threshold: float) -> int:
    """Periods to show after a start: enough for most recoveries, from 10 to 60."""
    times = [
        episode.time_to_recover
        for table in curves
        for r, curve in enumerate(table)
        for episode in episodes_of(curve, None if active is None else active[r], threshold)
        if episode.recovered is not None
    ]
    return int(np.clip(1.5 * np.percentile(times, 95), 10, 60)) if times else 60


def _shared_activity(active: Booleans | None) -> Booleans | None:
    """When a disruption is in force, bool[T], if that is the same in every replication; else None."""
    if active is None or not active.any() or (active != active[0]).any():
        return None
    row: Booleans = active[0]
    return row


def _panel(axis: Axes, times: IntArray, rows: Floats, threshold: float, shared: Booleans | None = None) -> None:
    """One measure; rows are replications when ``shared`` says when all are disrupted, else aligned episodes."""
    axis.axhline(
        threshold, color=BLACK, linewidth=0.8, linestyle=(0, (4, 2)), label=f"recovered ({100 * threshold:g} %)"
    )
    if shared is None:
        axis.axvline(0.0, color=GREY, linewidth=0.9, linestyle=":", label="disruption begins")
    else:
        for k, start in enumerate(np.flatnonzero(event_starts(shared)).tolist()):
            end = start + int(np.argmin(np.append(shared[start:], False)))
            label = "disruption in force" if k == 0 else None
            axis.axvspan(start, end, color=LIGHT_GREY, alpha=0.6, linewidth=0, zorder=0, label=label)
    seen = ~np.isnan(rows).all(axis=0)
    if seen.any():
        _draw_band(axis, times[seen], rows[:, seen], "episodes" if shared is None else "replications")
    low = min(axis.get_ylim()[0], threshold - 0.05)
    axis.set_ylim(low, 1.0 + 0.04 * (1.0 - low))
    axis.grid(axis="y")
    axis.set_xlim(times[0], times[-1])
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    percent_axis(axis)


def _draw_band(axis: Axes, times: IntArray, rows: Floats, what: str) -> None:
    low, high = np.nanpercentile(rows, _BAND, axis=0)
    axis.fill_between(times, low, high, color=VERMILION, alpha=0.25, linewidth=0, label=f"90 % of {what}")
    marker = "o" if len(times) <= 70 else None
    axis.plot(times, np.nanmean(rows, axis=0), color=VERMILION, marker=marker, markersize=2.6, label="mean")


def _note(axis: Axes, entries: dict[str, Any], period: str) -> None:
    """Key figures at the panel's upper right."""
    parts = [
        f"depth {percent(entries['depth']['mean'], digits=3)}",
        f"loss area {number(entries['loss_area']['mean'], digits=3)} {period}s",
    ]
    if entries["time_to_recover"]["mean"] is not None:
        parts.append(f"recovery {lasting(entries['time_to_recover']['mean'], period)}")
    share = entries["share_recovered"]["mean"]
    if share is not None and share < 1:
        parts.append(f"recovered {percent(share, digits=3)}")
    axis.set_title(", ".join(parts), loc="right", fontsize=7.0, fontweight="normal", color=GREY)
