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


class _Figures(Mapping[str, FigureFunction]):
    """Name -> function that draws it; the module of the same name is imported on first use."""

    _names = (
        "cost_histogram",
        "losses",
        "resilience_curve",
        "network_map",
        "stock_heatmap",
        "states",
        "promises",
        "warm_up",
        "rolling_plans",
    )

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
    """Names of the figures that a run has something to show in; beside each stands what that takes (``why_empty``)."""
    return [name for name in FIGURES if not import_module(f"esc_sim.views.{name}").why_empty(run)]


def run_figures(run: Result) -> Figures:
    """What draws the figures of a run; those that it has nothing to show in say why."""
    there = {name: partial(FIGURES[name], run) for name in figures_of(run)}
    return Figures(there, {name: partial(FIGURES[name], run) for name in FIGURES if name not in there})
