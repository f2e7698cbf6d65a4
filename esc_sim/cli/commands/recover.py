"""`esc-sim recover`: which failed nodes to restore first with a limited budget."""

from __future__ import annotations

import shlex
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from esc_sim.cli.options import CompetitorsOption, DaskOption, NodesOption, SetOption
from esc_sim.cli.outcome import INTERRUPTED, command_line, place_for, shown_then_saved, tell_files
from esc_sim.cli.output import say
from esc_sim.cli.paths import one_of, scenario_paths

NAMES: Final = (
    "memetic", "paper-memetic", "ga", "exact", "load-asc", "load-desc", "degree-asc", "degree-desc", "suppliers-first",
    "retailers-first", "none", "compare",
)  # fmt: skip
"""Strategies of the house; a test compares them with those that there are."""


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
    budget: Annotated[
        float | None, typer.Option(help="Largest sum of the loads of the restored nodes.", show_default=False)
    ] = None,
    count: Annotated[
        int | None,
        typer.Option(metavar="N", help="Largest number of restored nodes, in place of --budget.", show_default=False),
    ] = None,
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
        str | None,
        typer.Option(
            metavar="NAME",
            help=f"How to choose what to restore: {', '.join(NAMES)}, or a policy of an installed package; compare "
            "tries the usual ones.",
            show_default="memetic, or none beside --restore",
            autocompletion=one_of(*NAMES),
        ),
    ] = None,
    restore: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Score a set of your own: a JSON list of ids, or one id a line; it becomes the plan.",
            show_default=False,
        ),
    ] = None,
    evaluations: Annotated[int, typer.Option(min=1, help="Cascades that a search may run.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the search, and of --how random.")] = 1,
    seeds: Annotated[int, typer.Option(min=1, help="Cascade seeds to search over at once.")] = 1,
    population: Annotated[
        int | None, typer.Option(min=2, help="Sets in a population.", show_default="15 (memetic), 30 (published)")
    ] = None,
    crossover: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Chance of a crossover.", show_default="0.5 (memetic), 0.8 (published)"),
    ] = None,
    mutation: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Chance of a mutation in the published searches.", show_default="0.2"),
    ] = None,
    local_steps: Annotated[
        int | None,
        typer.Option(min=0, help="Local steps in a generation of paper-memetic.", show_default="30"),
    ] = None,
    local_first: Annotated[
        bool, typer.Option("--local-first", help="Let paper-memetic take them in the first generation, too.")
    ] = False,
    nodes: NodesOption = None,
    competitors: CompetitorsOption = None,
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
      esc-sim recover edges.csv --count 5 --remove 20 --out results/recovery
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
                count=count,
                strategy=strategy,
                restore=restore,
                population=population,
                crossover=crossover,
                mutation=mutation,
                local_steps=local_steps,
                local_first=local_first,
                evaluations=evaluations,
                seed=seed,
                cascade_seeds=seeds,
                workers=workers,
                dask=dask,
                overrides=set_ or (),
                nodes=nodes,
                competitors=competitors,
                progress=show,
                command=command_line(),
            )
        shown_then_saved(
            place,
            lambda: print_strategies(found, Console(markup=False)),
            lambda place: place.save(found.folder_files()),
        )
    if out is not None:
        tell_files(out, "table, plan and figures")
        if any(d.cascade for d in found.scenario.disruptions):
            given = (("--nodes", nodes), ("--competitors", competitors))
            tables = [word for name, file in given if file is not None for word in (name, str(file))]
            changes = [word for change in set_ or () for word in ("--set", change)]
            say(f"  {shlex.join(['esc-sim', 'run', str(scenario), *tables, *changes, '--plan', str(out / PLAN)])}")
    if found.interrupted:
        raise typer.Exit(INTERRUPTED)
