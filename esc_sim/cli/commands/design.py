"""`esc-sim design`: which suppliers, reserves or sites to choose, as a plan that the agents can carry out."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from esc_sim.cli.options import DaskOption, ScenarioArgument, SetOption
from esc_sim.cli.outcome import command_line, place_for, shown_then_saved, tell_unread
from esc_sim.cli.output import say


def design(
    scenario: ScenarioArgument,
    kind: Annotated[
        str | None,
        typer.Option(
            help="Kind of design (sourcing, retail, safety-stock or dispatch), where the scenario holds several.",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="Sourcing: deterministic, ddro, bro, box, box-ball, cvar. Retail: stochastic, box-ball, budget.",
            show_default="the scenario's",
        ),
    ] = None,
    reading: Annotated[
        str | None,
        typer.Option(
            help="Reading of the set: marginal or joint (sourcing); joint or own (retail).",
            show_default="the scenario's",
        ),
    ] = None,
    eps: Annotated[
        float | None,
        typer.Option(help="Violation probability of a demand row (retail).", show_default="the scenario's"),
    ] = None,
    coverage: Annotated[
        str | None,
        typer.Option(
            metavar="DC,STORE,AREA",
            help="Least numbers of open links into a DC, a store, an area: 2,2,2 (retail).",
            show_default="the scenario's",
        ),
    ] = None,
    front: Annotated[
        bool, typer.Option("--front", help="Also the front of cost against risk (retail: against eps).")
    ] = False,
    switches: Annotated[
        bool, typer.Option("--switches", help="Also the price of each option (retail: of coverage).")
    ] = False,
    gap: Annotated[
        float | None, typer.Option(help="Relative gap at which a search may stop.", show_default="the scenario's")
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(help="Seconds for a search.", show_default="the scenario's")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Threads for solves beside one another.", show_default="all processors"),
    ] = None,
    dask: DaskOption = None,
    set_: SetOption = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for plan, tables and figures.", show_default="print only")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier design in that folder.")] = False,
) -> None:
    """Choose what to build or sign, at least cost within limits.

    The scenario's section 'design' says what. The plan is checked against every constraint of the original model
    before it is shown.

    \b
    Examples:
      esc-sim design scenarios/electrolyte --out results/sourcing
      esc-sim run scenarios/electrolyte --plan results/sourcing/plan.yaml --replications 1000
      esc-sim design scenarios/retail_wuhan --model box-ball --eps 0.05 --reading own --coverage 2,2,2
      esc-sim design scenarios/bulldozer --kind safety-stock --out results/bulldozer
      esc-sim design my_microgrids --kind dispatch --out results/dispatch
    """
    from esc_sim.cli.progress import status
    from esc_sim.design.folder import DESIGN_FORMAT, PLAN_FILE
    from esc_sim.design.kinds import run_design
    from esc_sim.design.reads import design_reads
    from esc_sim.scenario.unread import scenario_read_by

    checked = scenario_read_by("design", scenario, set_ or (), design_reads(kind))
    tell_unread(checked)
    options = {
        "model": model,
        "reading": reading,
        "eps": eps,
        "coverage": coverage,
        "front": front,
        "switches": switches,
        "gap": gap,
        "time_limit": time_limit,
    }
    with place_for(out, kind=DESIGN_FORMAT, force=force) as place:
        with status("design") as show:
            result = run_design(
                checked,
                kind=kind,
                options=options,
                report=show,
                command=command_line(),
                workers=workers,
                dask=dask,
            )
        shown_then_saved(
            place,
            lambda: say("\n".join(result.lines)),
            lambda place: place.save(result.folder_files()),
        )
    if out is None:
        return
    say(f"\nplan, tables and figures: {out}/")
    if result.plan is not None:
        changed = "".join(f" --set {quote(change)}" for change in set_ or ())
        say(f"  esc-sim run {scenario}{changed} --plan {out / PLAN_FILE}")
