"""`esc-sim report`: a result folder as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esc_sim.cli.options import FolderArgument
from esc_sim.cli.output import say


def report(
    dir_: FolderArgument,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The file.", show_default="report.html in the folder")
    ] = None,
) -> None:
    """Turn a result folder into one HTML file.

    It says what was asked, and shows key figures, figures and provenance.
    The file needs nothing beside it and runs no script: send it, open it in any browser, print it.

    \b
    Examples:
      esc-sim report results/oil_gas
      esc-sim report results/oil_gas --out oil_gas.html
    """
    from esc_sim.views.report import write_report

    say(f"wrote {write_report(dir_, out)}")
