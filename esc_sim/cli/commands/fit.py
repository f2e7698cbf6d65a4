"""`esc-sim fit`: laws for histories of demand or lead times, and starting policies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esc_sim.cli.options import SetOption
from esc_sim.cli.outcome import command_line, place_for, shown_then_saved, tell_files
from esc_sim.cli.output import say
from esc_sim.cli.paths import scenario_paths


def fit(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="HISTORY|SCENARIO",
            help="Table of histories (.csv, .xlsx, .parquet; a column each, dates beside them), or a scenario.",
            show_default=False,
            autocompletion=scenario_paths,
        ),
    ],
    lead_times: Annotated[
        bool, typer.Option("--lead-times", help="The columns are observed lead times, not demand by period.")
    ] = False,
    season: Annotated[
        int | None,
        typer.Option(min=0, help="Periods of a season; 0: none.", show_default="by the step of the dates"),
    ] = None,
    count: Annotated[bool, typer.Option("--count", help="Goods come in whole numbers.")] = False,
    policies: Annotated[
        bool, typer.Option("--policies", help="Give stocking points that state no order a starting policy.")
    ] = False,
    fill_rate: Annotated[float, typer.Option(help="Fill rate that starting policies are computed for.")] = 0.95,
    set_: SetOption = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for tables, figures and the demand section.", show_default="print only")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier result in that folder.")] = False,
) -> None:
    """Propose laws for histories of demand or lead times.

    Laws are fitted by maximum likelihood, and chosen by an information criterion among those that pass a test of fit.

    \b
    Examples:
      esc-sim fit history.csv --out results/fit
      esc-sim fit my_network --policies --fill-rate 0.95 --out results/fitted
      esc-sim run results/fitted/scenario
    """
    from rich.console import Console

    from esc_sim.fitting.study import FIT_FORMAT
    from esc_sim.fitting.study import fit as propose
    from esc_sim.fitting.writing import SCENARIO, print_fits

    with place_for(out, kind=FIT_FORMAT, force=force) as place:
        found = propose(
            source,
            lead_times=lead_times,
            season_length=season,
            count=count,
            policies=policies,
            fill_rate=fill_rate,
            overrides=set_ or (),
            command=command_line(),
        )

        shown_then_saved(
            place, lambda: print_fits(found, Console(markup=False)), lambda place: place.save(found.folder_files())
        )
    if out is not None:
        tell_files(out, "tables, figures and proposals")
        if found.scenario is not None:
            say(f"  esc-sim run {out / SCENARIO}")
