"""`esc-sim sweep`: run a scenario again and again while some of its values change."""

from __future__ import annotations

from collections.abc import Hashable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from esc_sim.cli.options import DaskOption, PlanOption, ScenarioArgument, SetOption
from esc_sim.cli.outcome import command_line, folder_to_resume, tell_files, told_when_interrupted
from esc_sim.cli.output import say
from esc_sim.counted import counted

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from esc_sim.sweep.sweep import Sweep

_MOST_PRINTED = 20


class DesignName(StrEnum):
    """Which points are visited."""

    GRID = "grid"
    LATIN = "latin"
    SOBOL = "sobol"
    INDICES = "indices"
    MORRIS = "morris"


def sweep(
    scenario: ScenarioArgument,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH=VALUES",
            help="A value to vary, named as for --set: PATH=A,B,C (values), PATH=few: A, many: B "
            "(values with labels), PATH=LOW:HIGH (a range), PATH=LOW:HIGH:COUNT (levels of a grid). Repeatable.",
            show_default=False,
        ),
    ] = None,
    design: Annotated[
        DesignName,
        typer.Option(
            help="All combinations (grid), a Latin hypercube (latin), a Sobol sequence (sobol), Saltelli's points "
            "for Sobol indices (indices, needs SALib), or trajectories for elementary effects (morris, needs SALib)."
        ),
    ] = DesignName.GRID,
    points: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Points; for indices the base, of base x (parameters + 2) points; for morris trajectories of "
            "parameters + 1 points.",
            show_default="64, morris 16",
        ),
    ] = None,
    replications: Annotated[
        int | None, typer.Option(min=1, help="Replications of each point.", show_default="the scenario's")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed, the same at every point.", show_default="the scenario's")
    ] = None,
    kpi: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Key figure to draw. Repeatable.",
            show_default="profit, fill rate, CVaR of cost, of profit lost and of demand lost",
        ),
    ] = None,
    discover: Annotated[
        str | None,
        typer.Option(
            metavar="CONDITION",
            help='Tell in boxes and a tree where a condition holds, such as "fill_rate < 0.9".',
            show_default=False,
        ),
    ] = None,
    pawn: Annotated[
        bool,
        typer.Option("--pawn", help="Also say by PAWN how much each parameter moves the distributions."),
    ] = False,
    set_: SetOption = None,
    plan: PlanOption = None,
    stratified: Annotated[
        bool, typer.Option("--stratified", help="Draw disruptions as a Latin hypercube across 16 replications.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Points run side by side.", show_default="all processors")
    ] = None,
    dask: DaskOption = None,
    out: Annotated[Path | None, typer.Option(help="Folder for table and figures.", show_default="print only")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the interrupted sweep of that folder.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier sweep of that folder.")] = False,
    allow_code: Annotated[bool, typer.Option("--allow-code", help="Run Python files that the scenario names.")] = False,
) -> None:
    """Run a scenario at many values of its parameters.

    All points have the same random numbers.

    \b
    Examples:
      esc-sim sweep scenarios/oil_gas --vary disruptions.refinery_3_outage.probability=0:0.3:7 --out results/sweep
      esc-sim sweep scenarios/oil_gas --design sobol --points 64 --vary nodes.retailer_1.demand.mean=90.0:110 \\
          --vary disruptions.refinery_3_outage.probability=0.05:0.2
    """
    from rich.console import Console

    from esc_sim.cli.progress import progress_bar
    from esc_sim.sweep.parameters import parameter_of
    from esc_sim.sweep.sweep import sweep as run_sweep

    if resume:
        folder_to_resume(out, "sweep")
    with told_when_interrupted(out, "sweep"), progress_bar("points") as show:
        found = run_sweep(
            scenario,
            [parameter_of(text) for text in vary or ()],
            design=design.value,
            points=points,
            replications=replications,
            seed=seed,
            overrides=set_ or (),
            plan=plan,
            stratified=stratified,
            workers=workers,
            dask=dask,
            out=out,
            resume=resume,
            force=force,
            progress=show,
            command=command_line(),
            allow_code=allow_code,
            kpis=kpi,
            discover=discover,
            pawn=pawn,
        )
    _report(found, out, Console(markup=False))


def _report(found: Sweep, out: Path | None, console: Console) -> None:
    from esc_sim.results.printing import print_tables
    from esc_sim.sweep.discovery import discovery_lines
    from esc_sim.sweep.kpis import has_value

    scenario, names = found.scenario, [name for name in found.shown if has_value(found.table, name)]
    more = len(found.table) - _MOST_PRINTED
    points = [] if "indices" in found.sensitivity or "morris" in found.sensitivity else [_points(found, names)]
    if points:
        print_tables(points, [f"... and {more:,} points more"] if more > 0 else [], console, 200)
    print_tables([_sensitivity(found, names, which) for which in found.sensitivity], [], console, 200)
    for line in [] if found.discovery is None else discovery_lines(found.discovery):
        say(line)
    if scenario.data.status != "measured":
        say(f"data: {scenario.data.status}")
    for notice in found.notices:
        say(f"note: {notice}")
    if out is not None:
        tell_files(out, "table and figures")


def _points(found: Sweep, names: list[str]) -> Table:
    from rich import box
    from rich.table import Table

    from esc_sim.scenario.path_words import path_words
    from esc_sim.sweep.kpis import label_of, unit_of
    from esc_sim.written import format_interval, number

    scenario = found.scenario
    title = f"{scenario.title or scenario.name}: {counted(len(found.table), 'point')}, "
    title += f"{counted(found.replications, 'replication')} each"
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for parameter in found.parameters:
        table.add_column(path_words(parameter.path))
    for name in names:
        unit = unit_of(name, scenario)
        table.add_column(label_of(name, scenario) + ("" if unit == "share" else f" [{unit}]"), justify="right")
    for _, row in found.table.head(_MOST_PRINTED).iterrows():
        values = [row[parameter.path] for parameter in found.parameters]
        cells = [number(value) if isinstance(value, float) else str(value) for value in values]
        for name in names:
            parts = {part: _or_none(row[f"{name}.{part}"]) for part in ("mean", "ci_low", "ci_high")}
            cells.append(format_interval({**parts, "unit": unit_of(name, scenario)}))
        table.add_row(*cells)
    return table


_TITLES = {
    "indices": "Sobol indices, alone / with others (95 % intervals)",
    "morris": "Elementary effects over the whole range: mean size / standard deviation (95 % intervals)",
    "pawn": "PAWN, median distance / what chance gives",
}


def _sensitivity(found: Sweep, names: list[str], which: str) -> Table:
    """How much each parameter matters to each key figure."""
    from rich import box
    from rich.table import Table

    from esc_sim.scenario.path_words import path_words
    from esc_sim.sweep.kpis import label_of, unit_of

    table = Table(title=_TITLES[which], title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("")
    for name in names:
        unit = unit_of(name, found.scenario) if which == "morris" else "share"
        table.add_column(label_of(name, found.scenario) + ("" if unit == "share" else f" [{unit}]"), justify="right")
    for parameter in found.parameters:
        rows = found.sensitivity[which]
        mine = rows[rows["parameter"] == parameter.path].set_index("kpi").to_dict("index")
        cells = [_sensitivity_cell(mine[name], which, unit_of(name, found.scenario)) for name in names]
        table.add_row(path_words(parameter.path), *cells)
    return table


def _sensitivity_cell(row: dict[Hashable, float], which: str, unit: str) -> str:
    from esc_sim.written import format_interval

    if which == "pawn":
        return "-" if row["median"] != row["median"] else f"{row['median']:.2f} / {row['noise']:.2f}"
    if which == "indices":
        return " / ".join(_index(row[part], row[f"{part}_half_width"]) for part in ("first", "total"))
    ends = [
        {"mean": row[part], "ci_low": row[part] - half, "ci_high": row[part] + half, "unit": unit}
        for part, half in ((part, row[f"{part}_half_width"]) for part in ("mu_star", "sigma"))
    ]
    return "-" if row["mu_star"] != row["mu_star"] else " / ".join(map(format_interval, ends))


def _index(value: float, half_width: float) -> str:
    return "-" if value != value else f"{value:.2f} ± {half_width:.2f}"


def _or_none(value: float) -> float | None:
    return None if value != value else float(value)
