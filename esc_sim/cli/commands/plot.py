"""`esc-sim plot`: figures of a run, or of a stress test, that has been written to a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esc_sim.cli.output import say
from esc_sim.stress.figure_names import STRESS_FIGURES
from esc_sim.views import FIGURES, FORMATS

FolderArgument = Annotated[
    Path,
    typer.Argument(
        metavar="DIR", help="Folder that `esc-sim run --out`, or `stress --out`, wrote.", show_default=False
    ),
]
FigureOption = Annotated[
    list[str] | None,
    typer.Option(
        "--figure",
        "-f",
        metavar="NAME",
        help=f"Of a run, one of {', '.join(FIGURES)}; of a stress test, one of {', '.join(STRESS_FIGURES)}. "
        "Repeatable; by default all that there are.",
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
    typer.Option("--out", metavar="DIR", help="Folder for the figures; by default DIR.", show_default=False),
]


def plot(
    dir_: FolderArgument, figure: FigureOption = None, format_: FormatOption = None, out: OutOption = None
) -> None:
    """Draw the figures of a run or of a stress test again: for print, for slides, in another format.

    \b
    Examples:
      esc-sim plot results/oil_gas
      esc-sim plot results/oil_gas --figure cost_histogram --format pdf --out paper/figures
      esc-sim plot results/stress --figure exposure --format svg
    """
    from esc_sim.storage.manifest import read_manifest
    from esc_sim.stress.stored import STRESS_FORMAT

    to, formats = out or dir_, format_ or ["png"]
    if (read_manifest(dir_) or {}).get("format") == STRESS_FORMAT:
        from esc_sim.stress.drawing import draw_stress
        from esc_sim.stress.stored import read_stress

        drawn = draw_stress(read_stress(dir_), to, formats, figure)
    else:
        from esc_sim.results.reading import read_run
        from esc_sim.views import draw_all

        drawn = draw_all(read_run(dir_), to, formats, figure)
    for path in drawn:
        say(f"wrote {path}")
