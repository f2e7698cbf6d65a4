"""`esc-sim calibrate`: parameters of a scenario estimated from what was observed."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from esc_sim.cli.options import DaskOption, ScenarioArgument, SetOption
from esc_sim.cli.outcome import command_line, folder_to_resume, tell_files, told_when_interrupted
from esc_sim.cli.output import say


def calibrate(
    scenario: ScenarioArgument,
    free: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH=LOW:HIGH",
            help="A number to estimate, named as for --set, with its bounds; PATH=*LOW:*HIGH: a factor of what stands "
            "there. Repeatable.",
            show_default=False,
        ),
    ] = None,
    observed: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Table (.csv, .xlsx) of series: period or date, node, product, and demand, sales, stock, orders, "
            "shipments, receipts, production, backlog; or of targets: measure, value, standard_error, node. "
            "Repeatable.",
            show_default=False,
        ),
    ] = None,
    moments: Annotated[
        str,
        typer.Option(
            metavar="NAMES", help="What is taken of series: mean, sd, autocorrelation, zeros, fill_rate, bullwhip."
        ),
    ] = "mean,sd,autocorrelation",
    replications: Annotated[
        int | None, typer.Option(min=2, help="Replications of each point.", show_default="the scenario's")
    ] = None,
    budget: Annotated[
        int | None,
        typer.Option(min=1, help="Replications in all, at most.", show_default="until the estimate has settled"),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed, the same at every point.", show_default="the scenario's")
    ] = None,
    set_: SetOption = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Points run side by side.", show_default="all processors")
    ] = None,
    dask: DaskOption = None,
    out: Annotated[Path | None, typer.Option(help="Folder for tables and figures.", show_default="print only")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the interrupted calibration of that folder.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier calibration of that folder.")] = False,
    allow_code: Annotated[bool, typer.Option("--allow-code", help="Run Python files that the scenario names.")] = False,
) -> None:
    """Estimate parameters of a scenario from what was observed.

    Simulated moments are brought as close to the observed ones as they come, on the same random numbers at every point.

    \b
    Examples:
      esc-sim calibrate my_network --free nodes.shop.demand.sd=1:20 --free nodes.shop.order.order_up_to=40:120 \\
          --observed observed.csv --out results/calibrated
      esc-sim compare my_network --variant as_it_is --variants results/calibrated/calibrated.yaml
    """  # fmt: skip
    from rich.console import Console

    from esc_sim.calibration.free import free_of
    from esc_sim.calibration.study import calibrate as estimate
    from esc_sim.calibration.writing import print_calibration
    from esc_sim.cli.progress import progress_bar

    if resume:
        folder_to_resume(out, "calibration")
    with told_when_interrupted(out, "calibration"), progress_bar("replications") as show:
        found = estimate(
            scenario,
            [free_of(text) for text in free or ()],
            list(observed or ()),
            moments=[name.strip() for name in moments.split(",") if name.strip()],
            replications=replications,
            budget=budget,
            seed=seed,
            overrides=set_ or (),
            workers=workers,
            dask=dask,
            out=out,
            resume=resume,
            force=force,
            progress=show,
            command=command_line(),
            allow_code=allow_code,
        )
    print_calibration(found, Console(markup=False))
    for notice in found.notices:
        say(f"note: {notice}")
    if out is not None:
        tell_files(out, "tables, figures and changes")
    if not found.known:
        return
    settings = shlex.join(word for change in [*(set_ or ()), *found.known] for word in ("--set", change))
    say(f"  esc-sim run {shlex.quote(str(scenario))} {settings}")
