"""`esc-sim optimize`: search for plans that trade objectives against one another, such as profit against CVaR."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from esc_sim.cli.options import DaskOption, ScenarioArgument, SetOption
from esc_sim.cli.outcome import command_line, folder_to_resume, tell_notices, tell_unread, told_when_interrupted
from esc_sim.cli.output import say

if TYPE_CHECKING:
    from rich.console import Console

    from esc_sim.optimize.front import Front


class AlgorithmName(StrEnum):
    """How to search."""

    WARM_NSGA2 = "warm-nsga2"
    NSGA2 = "nsga2"


class PresetName(StrEnum):
    """Sizes of a search."""

    QUICK = "quick"
    DEFAULT = "default"
    LARGE = "large"


def optimize(
    scenario: ScenarioArgument,
    plan: Annotated[
        Path | None, typer.Option(help="Plan to search around, such as plan.yaml of a design.", metavar="FILE")
    ] = None,
    preset: Annotated[
        PresetName, typer.Option(help="Sizes: quick (a look), default, large (200 replications a design).")
    ] = PresetName.DEFAULT,
    population: Annotated[
        int | None, typer.Option(min=4, help="Designs in a generation.", show_default="the preset's")
    ] = None,
    generations: Annotated[
        int | None, typer.Option(min=1, help="Number of generations.", show_default="the preset's")
    ] = None,
    replications: Annotated[
        int | None, typer.Option(min=1, help="Replications that judge a design.", show_default="the preset's")
    ] = None,
    held_out: Annotated[
        int, typer.Option(min=1, help="Replications on new random numbers that judge the final front.")
    ] = 320,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed.", show_default="the scenario's")] = None,
    algorithm: Annotated[
        AlgorithmName,
        typer.Option(
            help="Search with a warm start on common random numbers, or from a random start on independent draws."
        ),
    ] = AlgorithmName.WARM_NSGA2,
    set_: SetOption = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Threads.", show_default="all processors")] = None,
    dask: DaskOption = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for front, figure and plan.", show_default="print only")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the search of that folder.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier search of that folder.")] = False,
    allow_code: Annotated[
        bool, typer.Option("--allow-code", help="Run the Python files that the scenario names (order policies).")
    ] = False,
) -> None:
    """Search for plans that no other plan beats in all objectives.

    The scenario's section 'optimize' says what for.

    \b
    Examples:
      esc-sim optimize scenarios/oil_gas --preset quick --seed 1 --out results/front
      esc-sim run scenarios/oil_gas --plan results/front/compromise.yaml
      esc-sim optimize scenarios/retail_wuhan --plan results/retail/plan_adaptive.yaml --preset quick
    """
    from rich.console import Console

    from esc_sim.cli.progress import search_progress
    from esc_sim.optimize.search import optimize as search
    from esc_sim.optimize.search import search_scenario
    from esc_sim.plans.files import read_plan

    if resume:
        folder_to_resume(out, "search")
    start = read_plan(plan) if plan is not None else None
    checked = search_scenario(scenario, set_ or (), start, seed=seed, allow_code=allow_code)
    tell_unread(checked)
    with told_when_interrupted(out, "search"), search_progress() as show:
        front = search(
            checked,
            plan=start,
            algorithm=algorithm.value,
            preset=preset.value,
            population=population,
            generations=generations,
            replications=replications,
            seed=seed,
            held_out=held_out,
            workers=workers,
            dask=dask,
            out=out,
            resume=resume,
            force=force,
            progress=show,
            allow_code=allow_code,
            command=command_line(),
        )
    _report(front, scenario, out, Console(markup=False))


def _report(front: Front, scenario: Path, out: Path | None, console: Console) -> None:
    from esc_sim.optimize.table import print_front
    from esc_sim.optimize.writing import PLAN

    print_front(front, console)
    tell_notices(front.notices, front.scenario)
    if out is not None:
        if front.compromise is None:
            say(f"\nfront and figure, no plan: {out}/")
            return
        say(f"\nfront, figure and plan: {out}/")
        say(f"  esc-sim run {scenario} --plan {out / PLAN}")
