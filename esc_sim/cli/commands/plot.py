"""`esc-sim plot`: figures of a run that has been written to a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esc_sim.cli.output import say
from esc_sim.views import FIGURES, FORMATS

FolderArgument = Annotated[
    Path, typer.Argument(metavar="DIR", help="Folder that `esc-sim run --out` wrote.", show_default=False)
]
FigureOption = Annotated[
    list[str] | None,
    typer.Option(
        "--figure",
        "-f",
        metavar="NAME",
        help=f"One of {', '.join(FIGURES)}. Repeatable; by default all that the run has.",
        show_default=False,
    ),
]
FormatOption = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help=f"One of {', '.join(FORMATS)}. Repeatable; by default png.",
        show_default=False,
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Folder for the figures; by default the run's.", show_default=False),
]


def plot(
    dir_: FolderArgument, figure: FigureOption = None, format_: FormatOption = None, out: OutOption = None
) -> None:
    """Draw the figures of a run again: for print, for slides, in another format.

    \b
    Examples:
      esc-sim plot results/oil_gas
      esc-sim plot results/oil_gas --figure cost_histogram --format pdf --out paper/figures
    """
    from esc_sim.results.reading import read_run
    from esc_sim.views import draw_all

    for path in draw_all(read_run(dir_), out or dir_, format_ or ["png"], figure):
        say(f"wrote {path}")
