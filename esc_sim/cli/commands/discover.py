"""`esc-sim discover`: where a condition holds among the points of a finished sweep."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esc_sim.cli.options import FolderArgument
from esc_sim.cli.outcome import command_line, tell_files
from esc_sim.cli.output import say


def discover(
    dir_: FolderArgument,
    where: Annotated[
        str,
        typer.Option(
            metavar="CONDITION", help='A key figure and a limit, such as "fill_rate < 0.9".', show_default=False
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the sweep with boxes and tree.", show_default="print only")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier sweep of that folder.")] = False,
) -> None:
    """Tell at which points of a finished sweep a condition holds.

    In boxes and a tree, as `sweep --discover` does; nothing is simulated, so any number of conditions can be tried.

    \b
    Examples:
      esc-sim discover results/sobol --where "fill_rate < 95%"
      esc-sim discover results/sobol --where "cvar > 2000" --out results/costly
    """
    from esc_sim.sweep.discovery import discovery_lines
    from esc_sim.sweep.finished import discover as run_discover

    found = run_discover(dir_, where, out=out, force=force, command=command_line())
    for line in discovery_lines(found.discovery):
        say(line)
    for notice in found.notices:
        say(f"note: {notice}")
    if out is not None:
        tell_files(out, "table and figures")
