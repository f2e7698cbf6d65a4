"""`esc-sim run`: simulate a scenario and its undisrupted twin, print the key figures, write results and figures."""

from __future__ import annotations

from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from esc_sim.cli.options import CompetitorsOption, DaskOption, NodesOption, PlanOption, ScenarioArgument, SetOption
from esc_sim.cli.outcome import (
    command_line,
    folder_to_resume,
    place_for,
    shown_then_saved,
    tell_files,
    tell_interrupted,
    tell_notices,
    tell_unread,
)
from esc_sim.cli.output import say

if TYPE_CHECKING:
    from esc_sim.plans.plan import Plan
    from esc_sim.results.run import RunResult
    from esc_sim.scenario.schema import Scenario
    from esc_sim.storage.place import Place


MOST_REPLICATIONS = 10_000
"""Upper limit of a run that stops at a wanted precision."""


class EngineName(StrEnum):
    """The engines; they give the same numbers."""

    AUTO = "auto"
    COMPILED = "compiled"
    AGENTS = "agents"


def run(
    scenario: ScenarioArgument,
    replications: Annotated[
        int | None, typer.Option(min=1, help="Number of replications.", show_default="the scenario's")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed.", show_default="the scenario's")] = None,
    engine: Annotated[
        EngineName,
        typer.Option(
            help="Compiled for many replications, agents to look inside; auto takes what is ready. Same numbers."
        ),
    ] = EngineName.AUTO,
    set_: SetOption = None,
    plan: PlanOption = None,
    nodes: NodesOption = None,
    competitors: CompetitorsOption = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Threads (compiled) or processes (agents).", show_default="all processors")
    ] = None,
    dask: DaskOption = None,
    shared: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="Folder that all workers reach (a path, s3://...), where they write rows for this program to take in.",
            show_default=False,
        ),
    ] = None,
    stratified: Annotated[
        bool, typer.Option("--stratified", help="Draw disruptions as a Latin hypercube across 16 replications.")
    ] = False,
    precision: Annotated[
        str | None,
        typer.Option(
            metavar="SHARE",
            help="Stop when profit and CVaR are known to this relative half width, such as 1%; "
            "--replications is then the most that are run (default 10000).",
            show_default=False,
        ),
    ] = None,
    warm_up: Annotated[
        str | None,
        typer.Option(
            "--warm-up",
            metavar="N|auto",
            help="Periods at the start that no key figure counts; auto finds them in a pilot run (MSER-5).",
            show_default="the scenario's",
        ),
    ] = None,
    trace: Annotated[bool, typer.Option("--trace", help="Keep every node in every period (nodes.parquet).")] = False,
    lots: Annotated[
        bool, typer.Option("--lots", help="Follow goods by their origin (lots.csv); runs the agent engine.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for tables and figures.", show_default="print key figures only")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier run in that folder.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the interrupted run in that folder.")] = False,
    allow_code: Annotated[
        bool, typer.Option("--allow-code", help="Run the Python files that the scenario names (order policies).")
    ] = False,
) -> None:
    """Simulate a scenario, and its undisrupted twin beside it.

    Both have the same random numbers.

    \b
    Examples:
      esc-sim run scenarios/oil_gas --replications 20 --seed 1 --out results/oil_gas
      esc-sim run scenarios/oil_gas --set disruptions.refinery_3_outage.probability=0.2
      esc-sim run scenarios/oil_gas --plan results/front/compromise.yaml
    """
    from esc_sim.cli.progress import progress_bar
    from esc_sim.errors import InputError
    from esc_sim.network.imported import TABLES_ALONE, Beside, is_network, network_read_by
    from esc_sim.plans.files import read_plan
    from esc_sim.plans.reads import run_reads
    from esc_sim.plans.recovery import RecoveryPlan
    from esc_sim.plans.settings import settled
    from esc_sim.results.run import RUN_FORMAT
    from esc_sim.scenario.unread import scenario_read_by
    from esc_sim.settling import is_to_be_found, with_warm_up
    from esc_sim.simulation import continued, simulate, with_plan, with_reference
    from esc_sim.views import figure_files

    decided = read_plan(plan) if plan is not None else None
    changes, is_sought = with_warm_up(set_ or (), warm_up)
    options = {"seed": seed, "replications": replications if precision is None else precision}
    given = [name for name, value in options.items() if value is not None]
    reads = run_reads(decided, given=given, allow_code=allow_code)
    if is_network(scenario):
        failed = (decided.failed or ()) if isinstance(decided, RecoveryPlan) else ()
        checked = network_read_by("run", scenario, Beside(nodes, competitors), changes, reads, failed)
    elif nodes is not None or competitors is not None:
        raise InputError(TABLES_ALONE)
    else:
        checked = scenario_read_by("run", scenario, changes, reads, later=decided.changes if decided else ())
    tell_unread(checked)
    share = _share(precision)
    usual = checked.run.replications if share is None else MOST_REPLICATIONS
    wanted = usual if replications is None else replications
    number = checked.run.seed if seed is None else seed
    if share is not None and resume:
        raise InputError("--precision decides by itself how many replications to run: leave out --resume")
    if (is_sought or is_to_be_found(checked.run)) and resume:
        raise InputError("--warm-up auto: leave out --resume, or give the number that was found, printed as Warm-up")
    earlier = _earlier(out, settled(checked, decided), number, stratified, trace or lots, decided) if resume else None
    first = earlier.replications if earlier is not None else 0
    if earlier is not None and first >= wanted:
        say(f"{out} holds {first} replications already; ask for more with --replications")
        return
    from esc_sim.crews.local import default_workers

    with place_for(out, kind=RUN_FORMAT, force=force or resume, drawn=figure_files()) as place:
        with progress_bar("replications") as show:
            result = simulate(
                checked,
                replications=wanted - first,
                seed=number,
                engine=engine.value,
                plan=decided,
                workers=workers if workers or dask else default_workers(),
                dask=dask,
                shared=shared,
                trace=trace,
                lots=lots,
                stratified=stratified,
                first=first,
                precision=share,
                warm_up="auto" if is_sought else None,
                progress=lambda done, _: show(first + done, wanted),
                command=command_line(),
                allow_code=allow_code,
            )
        if share is not None:
            wanted = result.replications
        if earlier is not None:
            result = with_reference(continued(earlier, result), engine=engine.value, stratified=stratified)
            result = result if decided is None else with_plan(result, decided)
        _finish(result, place, wanted)


def _share(text: str | None) -> float | None:
    """A share given as "1%" or "0.01"."""
    from esc_sim.errors import InputError

    if text is None:
        return None
    try:
        return float(text.removesuffix("%")) / (100.0 if text.endswith("%") else 1.0)
    except ValueError:
        raise InputError(f"--precision {text}: give a share such as 1% or 0.01") from None


def _finish(result: RunResult, place: Place | None, wanted: int) -> None:
    """Print the key figures, write the folder, say how an interrupted run goes on."""
    from rich.console import Console

    from esc_sim.results.table import print_kpis

    def show() -> None:
        print_kpis(result.summary, Console(markup=False))
        # What interrupted it is told below, with how to go on.
        tell_notices((n for n in result.notices if not n.startswith("interrupted")), result.scenario)

    def save(place: Place) -> None:
        place.save(result.folder_files())

    shown_then_saved(place, show, save)
    if place is not None:
        tell_files(place.out, "tables and figures")
    if result.replications < wanted:
        done = f"{result.replications} of {wanted} replications finished"
        raise tell_interrupted(None if place is None else place.out, "run", done)


def _earlier(
    out: Path | None, scenario: Scenario, seed: int, stratified: bool, kept: bool, plan: Plan | None
) -> RunResult | None:
    """The interrupted run that is to go on, None where the folder does not exist yet.

    Raises:
        InputError: the folder holds something else, or a run of another scenario, plan, seed or kind.
    """
    from esc_sim.errors import InputError
    from esc_sim.results.links import LINKS
    from esc_sim.results.lots import LOTS
    from esc_sim.results.manifest import scenario_hash
    from esc_sim.results.reading import read_run
    from esc_sim.results.run import Result, RunResult
    from esc_sim.storage.manifest import read_manifest

    out = folder_to_resume(out, "run")
    if kept or (out / LOTS).exists() or (out / LINKS).exists():
        what = f"{'links of cascades' if (out / LINKS).exists() else 'traces and lots'} of the finished replications"
        raise InputError(f"--resume: {what} are not read back; run again without --resume")
    if not out.exists():
        return None
    stored = read_run(out)
    manifest = read_manifest(out) or {}
    same = {"scenario_hash": scenario_hash(scenario), "plan_hash": plan.content_hash if plan else None}
    for what, mine in {**same, "seed": seed, "stratified": stratified}.items():
        if manifest.get(what) != mine:
            raise InputError(f"--resume: {out} was run with another {what.replace('_hash', '')}; choose another folder")
    of_run = {field.name: getattr(stored, field.name) for field in fields(Result)}
    return RunResult(**of_run, scenario=scenario)
