"""Figures of a run. Importing this package draws in nothing heavy; a figure's module loads when it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from esc_sim.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from esc_sim.results.reading import StoredRun

FigureFunction = Callable[["StoredRun"], "Figure"]

FORMATS: Final = ("png", "pdf", "svg")
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


def figures_of(run: StoredRun) -> list[str]:
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


def draw_all(
    run: StoredRun, folder: Path, formats: Iterable[str] = ("png",), names: Iterable[str] | None = None
) -> list[Path]:
    """Draw figures of a run into a folder.

    Args:
        run: the run.
        folder: where to; made if it does not exist.
        formats: of "png", "pdf", "svg".
        names: of FIGURES; default all that the run has.

    Returns:
        The files written.

    Raises:
        InputError: an unknown figure or format, a figure asked for by name that the run does not have, or a folder
            that cannot be written to.
    """
    from esc_sim.storage.files import make_folder
    from esc_sim.views.style import save

    kinds = checked_names(formats, FORMATS, "format")
    if names is None:
        wanted = figures_of(run)
    else:
        wanted = checked_names(names, FIGURES, "figure")
    figures = {name: FIGURES[name](run) for name in wanted}
    make_folder(folder)
    return [save(figure, folder / f"{name}.{kind}") for name, figure in figures.items() for kind in kinds]


def checked_names(names: Iterable[str], known: Iterable[str], what: str) -> list[str]:
    """The names, each once.

    Args:
        names: what was asked for.
        known: what there is.
        what: what they name, for the message: "figure".

    Raises:
        InputError: a name that is unknown; the message gives the nearest.
    """
    choices = list(known)
    found = list(dict.fromkeys(names))
    for name in found:
        if name not in choices:
            near = get_close_matches(name, choices, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"take one of {', '.join(choices)}"
            raise InputError(f"unknown {what} '{name}'; {hint}")
    return found
