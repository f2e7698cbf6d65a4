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


class PresetName(StrEnum):
    """Sizes of a search."""

    QUICK = "quick"
    DEFAULT = "default"
    LARGE = "large"


class StartName(StrEnum):
    """What a search begins with."""

    PLAN = "plan"
    TEXTBOOK = "textbook"


class SelectionName(StrEnum):
    """How to select among the last few plans."""

    KN = "kn"
    OCBA = "ocba"


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
    budget: Annotated[
        int | None,
        typer.Option(min=1, help="Replications that the search may spend, in place of generations.", show_default=""),
    ] = None,
    start: Annotated[
        StartName,
        typer.Option(
            help="What to begin with beside the algorithm's own designs: nothing more than the plan, or levels of "
            "textbook models (newsvendor, Clark-Scarf, (s, S)) for the nodes that they fit."
        ),
    ] = StartName.PLAN,
    held_out: Annotated[
        int, typer.Option(min=1, help="Replications on new random numbers that judge what was found.")
    ] = 320,
    crossover: Annotated[float, typer.Option(min=0, max=1, help="Chance that two designs are crossed.")] = 0.9,
    mutation: Annotated[float, typer.Option(min=0, max=1, help="Chance that a design mutates.")] = 0.9,
    select: Annotated[
        SelectionName | None,
        typer.Option(help="Select among the last few plans of one objective: kn (guarantee), ocba (estimate)."),
    ] = None,
    delta: Annotated[
        float | None,
        typer.Option(help="Least difference that matters to --select.", show_default="a hundredth of the value"),
    ] = None,
    confidence: Annotated[float, typer.Option(help="Probability of a correct selection that --select wants.")] = 0.95,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed.", show_default="the scenario's")] = None,
    algorithm: Annotated[
        str | None,
        typer.Option(
            help="Of one objective: warm, ga, cma-es; of several: warm-nsga2, nsga2; of both: mixed; or a package's.",
            show_default="warm, warm-nsga2, with choices mixed",
        ),
    ] = None,
    set_: SetOption = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Threads.", show_default="all processors")] = None,
    dask: DaskOption = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for tables, figure and plan.", show_default="print only")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the search of that folder.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier search of that folder.")] = False,
    allow_code: Annotated[
        bool, typer.Option("--allow-code", help="Run the Python files that the scenario names (order policies).")
    ] = False,
) -> None:
    """Search for the best plan, or for plans that no other beats.

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
    around = read_plan(plan) if plan is not None else None
    checked = search_scenario(scenario, set_ or (), around, seed=seed, allow_code=allow_code)
    tell_unread(checked)
    one = checked.optimize is not None and len(checked.optimize.objectives) == 1
    words = ("replications" if one or budget else "generations", "best" if one else "hypervolume")
    with told_when_interrupted(out, "search"), search_progress(*words) as show:
        front = search(
            checked,
            plan=around,
            algorithm=algorithm,
            start=start.value,
            preset=preset.value,
            population=population,
            generations=generations,
            replications=replications,
            budget=budget,
            select=None if select is None else select.value,
            delta=delta,
            confidence=confidence,
            seed=seed,
            held_out=held_out,
            crossover=crossover,
            mutation=mutation,
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
    from esc_sim.optimize.writing import plan_file

    print_front(front, console)
    tell_notices(front.notices, front.scenario)
    if out is not None:
        what = "designs" if front.has_one else "front"
        if front.compromise is None:
            say(f"\n{what} and figure, no plan: {out}/")
            return
        say(f"\n{what}, figure and plan: {out}/")
        say(f"  esc-sim run {scenario} --plan {out / plan_file(front)}")
