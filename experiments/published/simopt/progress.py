"""Terminal gap, area under the progress curve, and when our search reaches what the solvers end with."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from esc_sim.risk.intervals import mean_interval
from experiments.published.simopt.search import (
    BUDGET,
    COLUMNS,
    FIRST_SEED,
    OURS,
    START,
    THEIR_CURVES,
    AllCourses,
    Course,
    Judge,
    read_courses,
    rows_of,
    searched,
)

Floats = NDArray[np.float64]
SEARCHES = 20
"""Searches of a problem; so many macroreplications of simoptlib's solvers are in curves.csv."""
GRID = np.arange(0, BUDGET + 1, 10)
"""Replications at which curves are read."""
HALF = int(np.searchsorted(GRID, BUDGET // 2))


def run_searches(macroreplications: int, file: Path | None = None) -> AllCourses:
    """Search both problems with seeds from ``FIRST_SEED`` on.

    Args:
        macroreplications: searches of a problem.
        file: where to write the courses, or None.
    """
    seeds = range(FIRST_SEED, FIRST_SEED + macroreplications)
    found = {problem: {OURS: [searched(problem, seed) for seed in seeds]} for problem in START}
    if file is not None:
        with file.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(COLUMNS)
            for problem, solvers in found.items():
                writer.writerows(rows_of(problem, OURS, solvers[OURS]))
    return found


def print_progress(mine: AllCourses, share: float = 1.0, figure: Path | None = None) -> None:
    """Judge all courses, print a table and a verdict a problem, and draw the curves.

    Args:
        mine: courses of our search.
        share: part of the usual replications that judge a design.
        figure: where to, or None.
    """
    theirs = read_courses(THEIR_CURVES)
    curves = {}
    for problem in START:
        curves[problem] = judged(problem, {**theirs[problem], **mine[problem]}, share)
        _print_problem(problem, curves[problem])
    if figure is not None:
        draw(curves, figure)


def judged(problem: str, courses: Mapping[str, Sequence[Course]], share: float) -> dict[str, Floats]:
    """Cost of what is recommended, by solver float64[macroreplications, len(GRID)]; nan after a search's end."""
    judge = Judge(problem, share)
    return {
        solver: np.stack([judge.values(course, GRID.tolist()) for course in found]) for solver, found in courses.items()
    }


def _print_problem(problem: str, curves: dict[str, Floats]) -> None:
    start = float(next(iter(curves.values()))[0, 0])
    best = min(float(np.nanmin(values)) for values in curves.values())
    ends = {solver: values[~np.isnan(values[:, -1])] for solver, values in curves.items()}
    print(f"\n{problem}: {BUDGET} replications, start {start:,.2f}, best of all designs {best:,.2f}")
    print(f"{'solver':8} {'searches':>8} {'to the end':>10} {'median at half':>15} {'median at end':>14} "
          f"{'gap at end':>11} {'area under the curve':>21}")  # fmt: skip
    areas = {}
    for solver, values in sorted(ends.items(), key=lambda pair: _median(pair[1][:, -1])):
        gaps = (values - best) / (start - best)
        area = areas[solver] = mean_interval(gaps.mean(axis=1))
        print(f"{solver:8} {len(curves[solver]):8} {len(values):10} {_median(curves[solver][:, HALF]):15,.2f} "
              f"{_median(values[:, -1]):14,.2f} {_median(gaps[:, -1]):11.2%} "
              f"{area.mean:13.3f} ± {area.half_width:.3f}")  # fmt: skip
    theirs = {solver: values[:, -1] for solver, values in ends.items() if solver != OURS}
    name = min(theirs, key=lambda solver: _median(theirs[solver]))
    _print_reached(f"{name}, median at the end", _median(theirs[name]), curves[OURS])
    count = min(len(values) for values in theirs.values())
    each = np.min([values[:count] for values in theirs.values()], axis=0)
    _print_reached("the best of all solvers in each macroreplication, median", _median(each), curves[OURS])
    rival = min((solver for solver in areas if solver != OURS), key=lambda solver: areas[solver].mean)
    apart = areas[rival].mean - areas[OURS].mean - areas[rival].half_width - areas[OURS].half_width
    print(f"area smaller than that of {rival}, the smallest of theirs: {'holds' if apart > 0.0 else 'not shown'}")


def _print_reached(words: str, target: float, ours: Floats) -> None:
    """Say when our median reaches what the solvers end with, and whether it is there at half the replications."""
    course = np.nanmedian(ours, axis=0)
    reached = np.flatnonzero(course <= target)
    when = f"reached after {GRID[reached[0]]} replications" if len(reached) else "not reached"
    verdict = "holds" if course[HALF] <= target else f"fails by {course[HALF] - target:,.2f}"
    print(f"{words}: {target:,.2f}; our median {course[HALF]:,.2f} at half, {when}: {verdict}")


def _median(values: Floats) -> float:
    return float(np.median(values))


def draw(curves: dict[str, dict[str, Floats]], file: Path) -> None:
    """Median gap by replications, with the middle half of the searches of the best ones."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(curves), figsize=(11, 4.2), layout="constrained")
    for axis, (problem, found) in zip(np.atleast_1d(axes), curves.items(), strict=True):
        start = float(next(iter(found.values()))[0, 0])
        best = min(float(np.nanmin(values)) for values in found.values())
        order: Sequence[str] = sorted(found, key=lambda solver: float(np.nanmedian(found[solver][:, -1])))
        for place, solver in enumerate(sorted(order, key=lambda solver: solver != OURS)):
            gaps = np.maximum((found[solver] - best) / (start - best), 1e-4)
            low, middle, high = np.nanquantile(gaps, (0.25, 0.5, 0.75), axis=0)
            line = {"color": "black", "linewidth": 2.2} if solver == OURS else {"color": f"C{place - 1}"}
            axis.step(GRID, middle, where="post", label=f"{solver} (ours)" if solver == OURS else solver, **line)
            if solver in (OURS, order[0], order[1]):
                axis.fill_between(GRID, low, high, step="post", alpha=0.12, color=line["color"], linewidth=0)
        axis.set(title=problem, xlabel="replications", yscale="log", ylim=(8e-5, 1.3), xlim=(0, BUDGET))
        axis.set_ylabel("optimality gap, share of that of the start")
        axis.legend(fontsize=8, loc="lower left")
    figure.savefig(file, dpi=120)
    plt.close(figure)
