"""`esc-sim recover`: which failed nodes to restore first with a limited budget."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from esc_sim.cli.options import DaskOption, SetOption
from esc_sim.cli.outcome import INTERRUPTED, command_line, place_for, saved_then_shown, tell_files
from esc_sim.cli.output import say
from esc_sim.cli.paths import scenario_paths


class StrategyName(StrEnum):
    """How to choose the nodes."""

    MEMETIC = "memetic"
    PAPER_MEMETIC = "paper-memetic"
    GA = "ga"
    EXACT = "exact"
    LOAD_ASC = "load-asc"
    LOAD_DESC = "load-desc"
    DEGREE_ASC = "degree-asc"
    DEGREE_DESC = "degree-desc"
    NONE = "none"
    COMPARE = "compare"


class RemovalName(StrEnum):
    """How to choose the nodes that fail."""

    RANDOM = "random"
    DEGREE = "degree"
    LOAD = "load"


def recover(
    scenario: Annotated[
        Path,
        typer.Argument(
            help="Scenario, or an edge list (.csv), GraphML, GEXF or GeoJSON file.",
            show_default=False,
            autocompletion=scenario_paths,
        ),
    ],
    budget: Annotated[float, typer.Option(help="Largest sum of the loads of the restored nodes.", show_default=False)],
    removed: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The failed nodes: a JSON list of ids, or one id a line.",
            show_default="those of the first disruption that spreads",
        ),
    ] = None,
    remove: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="N nodes fail, chosen by --how, or the first N of --removed.", show_default=False
        ),
    ] = None,
    how: Annotated[RemovalName, typer.Option(help="Which nodes --remove takes.")] = RemovalName.RANDOM,
    disruption: Annotated[
        str | None, typer.Option(metavar="NAME", help="Let the nodes of this disruption fail.", show_default=False)
    ] = None,
    strategy: Annotated[
        StrategyName, typer.Option(help="How to choose what to restore; compare tries all but exact.")
    ] = StrategyName.MEMETIC,
    evaluations: Annotated[int, typer.Option(min=1, help="Cascades that a search may run.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the search, and of --how random.")] = 1,
    seeds: Annotated[int, typer.Option(min=1, help="Cascade seeds to search over at once.")] = 1,
    nodes: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Table of ids and roles of an edge list.", show_default=False)
    ] = None,
    set_: SetOption = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Threads.", show_default="all processors")] = None,
    dask: DaskOption = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for table, plan and figures.", show_default="print only")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier result in that folder.")] = False,
) -> None:
    """Choose which failed nodes to restore when failures spread.

    The network is to keep as large a functional part as the budget allows.

    \b
    Examples:
      esc-sim recover scenarios/cascade_1000 --budget 200 --out results/recovery
      esc-sim run scenarios/cascade_1000 --plan results/recovery/plan.yaml
      esc-sim recover scenarios/cascade_37 --budget 3 --remove 8 --how degree --strategy compare
    """
    from rich.console import Console

    from esc_sim.cli.progress import recovery_progress
    from esc_sim.recovery.run import recover as search
    from esc_sim.recovery.table import print_strategies
    from esc_sim.recovery.writing import PLAN, RECOVER_FORMAT

    with place_for(out, kind=RECOVER_FORMAT, force=force) as place:
        with recovery_progress() as show:
            found = search(
                scenario,
                budget,
                removed=removed,
                remove=remove,
                how=how.value,
                disruption=disruption,
                strategy=strategy.value,
                evaluations=evaluations,
                seed=seed,
                cascade_seeds=seeds,
                workers=workers,
                dask=dask,
                overrides=set_ or (),
                nodes=nodes,
                progress=show,
                command=command_line(),
            )
        saved_then_shown(
            place,
            lambda place: place.save(found.folder_files()),
            lambda: print_strategies(found, Console(markup=False)),
        )
    if out is not None:
        tell_files(out, "table, plan and figures")
        if any(d.cascade for d in found.scenario.disruptions):
            say(f"  esc-sim run {scenario} --plan {out / PLAN}")
    if found.interrupted:
        raise typer.Exit(INTERRUPTED)
