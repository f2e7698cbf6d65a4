"""Figures of a run. Importing this package draws in nothing heavy; a figure's module loads when it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Final

from esc_sim.findings.plots import FORMATS, Figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from esc_sim.results.run import Result

FigureFunction = Callable[..., "Figure"]

NEEDS_TWIN: Final = frozenset({"resilience_curve"})
"""Figures that compare a run with its undisrupted twin and do not exist without one."""
NEEDS_LOSSES: Final = frozenset({"losses"})
"""Figures of what replications lost; only runs with a twin and enough replications that differ have them."""
NEEDS_PROMISES: Final = frozenset({"promises"})
"""Figures of what a plan promised; only runs of such a plan have them."""

NEEDS_STATES: Final = frozenset({"states"})
"""Figures of what features show of themselves, such as the soil of fields; only runs with such features have them."""


class _Figures(Mapping[str, FigureFunction]):
    """Name -> function that draws it; the module of the same name is imported on first use."""

    _names = ("cost_histogram", "losses", "resilience_curve", "network_map", "stock_heatmap", "states", "promises")

    def __getitem__(self, name: str) -> FigureFunction:
        if name not in self._names:
            raise KeyError(name)
        function: FigureFunction = getattr(import_module(f"esc_sim.views.{name}"), name)
        return function

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


FIGURES: Final[Mapping[str, FigureFunction]] = _Figures()
"""All figures of a run by name."""


def figure_files() -> set[str]:
    """Names of all files that figures of a run may have."""
    return {f"{name}.{ending}" for name in FIGURES for ending in FORMATS}


def figures_of(run: Result) -> list[str]:
    """Names of the figures that a run has."""
    from esc_sim.views.losses import losses_drawn

    without: set[str] = set()
    if not losses_drawn(run):
        without |= NEEDS_LOSSES
    if run.twin is None:
        without |= NEEDS_TWIN
    if not run.summary.get("promises"):
        without |= NEEDS_PROMISES
    if not run.observed:
        without |= NEEDS_STATES
    return [name for name in FIGURES if name not in without]


def run_figures(run: Result) -> Figures:
    """What draws the figures of a run; those that it has nothing to show in say why."""
    there = {name: partial(FIGURES[name], run) for name in figures_of(run)}
    return Figures(there, {name: partial(FIGURES[name], run) for name in FIGURES if name not in there})
