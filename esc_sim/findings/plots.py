"""The figures of a result as methods, and as files."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import esc_sim
from esc_sim.errors import InputError
from esc_sim.findings.words import Word, worded
from esc_sim.storage.files import make_folder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS: Final = ("png", "pdf", "svg")


Draw = Callable[..., "Figure"]
"""Draws a figure; keyword arguments are the figure's own."""


class Figures(Mapping[str, Draw]):
    """What draws figures: those that there are, and others that exist but have nothing to show.

    Args:
        there: by name; these are gone through.
        others: raise an InputError that says why there is nothing to show.
    """

    def __init__(self, there: Mapping[str, Draw], others: Mapping[str, Draw]) -> None:
        self._there, self._all = there, {**others, **there}

    def __getitem__(self, name: str) -> Draw:
        return self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._there)

    def __len__(self) -> int:
        return len(self._there)

    def left_out(self) -> dict[str, str]:
        """Why there is nothing to show in each of the others."""
        reasons = {}
        for name, draw in self._all.items():
            if name not in self._there:
                try:
                    draw()
                except InputError as error:
                    reasons[name] = str(error)
        return reasons


def worth_drawing(there: Mapping[str, Draw], why_not: Mapping[str, str]) -> Figures:
    """Figures, of which some are left out.

    Args:
        there: all that could be drawn, by name.
        why_not: the reason, for those that are left out; others than in ``there`` may be among them.
    """
    drawn = {name: draw for name, draw in there.items() if name not in why_not}
    return Figures(drawn, {name: partial(_refuse, name, reason) for name, reason in why_not.items()})


def _refuse(name: str, reason: str, **options: Any) -> Figure:
    head = f"figure '{name}': "
    raise InputError(f"{head}{reason.removeprefix(head)}")  # a folder keeps reasons as they were told


class Plots:
    """The figures that there is something to show in, a method each.

    Args:
        figures: what draws them, by name.
    """

    def __init__(self, figures: Mapping[str, Draw]) -> None:
        self._figures = figures

    def __dir__(self) -> list[str]:
        return sorted(self._figures)

    def __getattr__(self, name: str) -> Draw:
        if name.startswith("_") or name not in self._figures:
            raise AttributeError(_unknown("figure", name, self._figures))
        draw = self._figures[name]

        def figure(
            *,
            title: Word = None,
            footer: Word = None,
            save: str | os.PathLike[str] | None = None,
            **options: Any,
        ) -> Figure:
            with worded(title, footer):
                drawn = draw(**options)
            if save is not None:
                save_figure(drawn, Path(save))
            return drawn

        figure.__name__, figure.__doc__ = name, getattr(draw, "func", draw).__doc__
        return figure

    def __repr__(self) -> str:
        return f"figures: {', '.join(self._figures) or 'none'}"


def save_figure(figure: Figure, path: Path) -> Path:
    """Write a figure in the format of the path's ending.

    Raises:
        InputError: another format than PNG, PDF and SVG, or the file cannot be written.
    """
    if path.suffix.lower().lstrip(".") not in FORMATS:
        raise InputError(f"{path}: figures are written as .png, .pdf or .svg; give the name one of these endings")
    written: Path = esc_sim.from_above("save_figure")(figure, path)
    return written


_BREAK: ContextVar[tuple[Callable[[], bool], list[str]] | None] = ContextVar("break", default=None)


@contextmanager
def broken_off_when(asked: Callable[[], bool]) -> Iterator[list[str]]:
    """Within the block no figure is begun any more once ``asked`` says so.

    Yields:
        Names of the figures that are missing for that reason.
    """
    missing: list[str] = []
    before = _BREAK.set((asked, missing))
    try:
        yield missing
    finally:
        _BREAK.reset(before)


def until_broken_off(names: Iterable[str]) -> Iterator[str]:
    """Names of figures, as long as drawing is not to be broken off, see :func:`broken_off_when`."""
    given = _BREAK.get()
    for name in names:
        if given is not None and given[0]():
            given[1].append(name)
        else:
            yield name


def draw_figures(
    figures: Mapping[str, Draw],
    folder: Path,
    formats: Iterable[str] = ("png",),
    names: Iterable[str] | None = None,
    *,
    title: Word = None,
    footer: Word = None,
) -> list[Path]:
    """Draw figures into a folder, a file for each figure and format.

    Args:
        figures: what draws them, by name.
        folder: where to; made if it does not exist.
        formats: of FORMATS.
        names: of the figures; default all.
        title, footer: see :mod:`esc_sim.findings.words`.

    Returns:
        The files written.

    Raises:
        InputError: an unknown figure or format, or a folder that cannot be written to.
    """
    kinds = checked_names(formats, FORMATS, "format")
    wanted = list(figures) if names is None else checked_names(names, figures, "figure")
    with worded(title, footer):
        drawn = {name: figures[name]() for name in until_broken_off(wanted)}
    make_folder(folder)
    return [save_figure(drawn[name], folder / f"{name}.{kind}") for name in until_broken_off(drawn) for kind in kinds]


def checked_names(names: Iterable[str], known: Iterable[str], what: str) -> list[str]:
    """The names, each once.

    Args:
        names: what was asked for.
        known: what there is.
        what: what they name, for the message: "figure".

    Raises:
        InputError: a name that is unknown; the message gives the nearest.
    """
    inside = known if isinstance(known, Container) else list(known)
    found = list(dict.fromkeys(names))
    for name in found:
        if name not in inside:
            raise InputError(_unknown(what, name, known))
    return found


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    choices = list(known)
    near = get_close_matches(name, choices, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"take one of {', '.join(choices)}"
    return f"unknown {what} '{name}'; {hint}"
