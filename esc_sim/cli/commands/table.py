"""`esc-sim table`: a table of results that have been written to a folder, for a paper or another program."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from esc_sim.cli.options import FolderArgument
from esc_sim.cli.output import say


class TableFormat(StrEnum):
    """How a table is written."""

    CSV = "csv"
    MD = "md"
    LATEX = "latex"


def table(
    dir_: FolderArgument,
    name: Annotated[
        str | None,
        typer.Option(
            "--table",
            "-t",
            metavar="NAME",
            help="Name of a table: of a run kpis, periods, nodes, arcs, products or demand_by_customer; of others as "
            "its CSV file.",
            show_default="the main one",
        ),
    ] = None,
    format_: Annotated[
        TableFormat,
        typer.Option("--format", help="All numbers in full (csv), or for reading (md, latex with booktabs)."),
    ] = TableFormat.MD,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The file.", show_default="print it")
    ] = None,
) -> None:
    """Write a table of results as CSV, Markdown or LaTeX.

    \b
    Examples:
      esc-sim table results/oil_gas
      esc-sim table results/oil_gas --format latex --out paper/kpis.tex
      esc-sim table results/stress --table lost_demand --format csv
    """
    from esc_sim.loading import load_result
    from esc_sim.storage.files import write_text

    found = load_result(dir_)
    write = {TableFormat.CSV: found.to_csv, TableFormat.MD: found.to_markdown, TableFormat.LATEX: found.to_latex}
    text = write[format_](name)
    if out is None:
        say(text.rstrip("\n"))
    else:
        write_text(out, text)
        say(f"wrote {out}")
