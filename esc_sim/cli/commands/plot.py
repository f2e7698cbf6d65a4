"""`esc-sim plot`: figures of results that have been written to a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esc_sim.cli.options import FolderArgument
from esc_sim.cli.output import say
from esc_sim.cli.paths import one_of
from esc_sim.findings.plots import FORMATS, Figures


def plot(
    dir_: FolderArgument,
    figure: Annotated[
        list[str] | None,
        typer.Option(
            "--figure",
            "-f",
            metavar="NAME",
            help="Name of a figure, as its file in the folder. Repeatable; by default all that there are.",
            show_default=False,
        ),
    ] = None,
    format_: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help=f"One of {', '.join(FORMATS)}. Repeatable; by default png.",
            show_default=False,
            autocompletion=one_of(*FORMATS),
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder for the figures; by default DIR.", show_default=False),
    ] = None,
    no_title: Annotated[bool, typer.Option("--no-title", help="Leave out titles, for a caption of your own.")] = False,
    no_footer: Annotated[
        bool, typer.Option("--no-footer", help="Leave out the line that says where the numbers come from.")
    ] = False,
) -> None:
    """Draw the figures of a result folder again.

    For print, for slides, in another format. Figures that would be empty are not drawn; a line says which, and why.

    \b
    Examples:
      esc-sim plot results/oil_gas
      esc-sim plot results/oil_gas --figure cost_histogram --format pdf --out paper/figures
      esc-sim plot results/stress --figure exposure --format svg --no-title --no-footer
    """
    from esc_sim.loading import load_result

    title, footer = (False if left_out else None for left_out in (no_title, no_footer))
    result = load_result(dir_)
    for path in result.draw(out or dir_, format_ or ["png"], figure, title=title, footer=footer):
        say(f"wrote {path}")
    figures = result.figures_by_name()
    if figure is None and isinstance(figures, Figures):
        for reason in figures.left_out().values():
            say(f"not drawn: {reason}")
