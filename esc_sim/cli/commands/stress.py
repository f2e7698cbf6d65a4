"""`esc-sim stress`: which outage hurts most, how long the network survives it, how long it takes to recover."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from esc_sim.cli.options import DaskOption, PlanOption, ScenarioArgument, SetOption
from esc_sim.cli.outcome import command_line, folder_to_resume, tell_files, told_when_interrupted
from esc_sim.cli.output import say
from esc_sim.cli.paths import one_of
from esc_sim.counted import counted
from esc_sim.written import index_words, number

if TYPE_CHECKING:
    from rich.table import Table

    from esc_sim.stress.run import StressTest

_MOST_PRINTED = 15


def stress(
    scenario: ScenarioArgument,
    duration: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Periods that an outage lasts, or '2 weeks'.",
            show_default="time_to_recover of the tables",
        ),
    ] = None,
    what: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND",
            help="What is put out: nodes, arcs, products (of one supplier), modes, lanes, regions, roles, "
            "pairs (of the worst). Repeatable.",
            show_default="nodes, arcs",
            autocompletion=one_of("nodes", "arcs", "products", "modes", "lanes", "regions", "roles", "pairs"),
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Put out this alone: a node, BUYER/SUPPLIER, SUPPLIER/PRODUCT, a region. Repeatable.",
            show_default="all",
        ),
    ] = None,
    starts: Annotated[
        str, typer.Option(metavar="N|DATES", help="Number of start dates, or periods such as 30,120, or dates.")
    ] = "4",
    health: Annotated[float, typer.Option(help="Share of capacity that is left.")] = 0.0,
    stops: Annotated[
        list[str] | None,
        typer.Option(
            help="What a node that is out cannot do. Repeatable.",
            show_default="all: ship, receive, ...",
            autocompletion=one_of("ship", "receive", "produce", "retail", "order"),
        ),
    ] = None,
    replications: Annotated[
        int | None, typer.Option(min=1, help="Replications of each outage.", show_default="the scenario's")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed, the same for every outage.", show_default="the scenario's")
    ] = None,
    knowledge: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KNOWN",
            help="When buyers learn of an outage: scenario (as its rules say: the ranking), and beside it at once and "
            "never, which take as long again each. Repeatable.",
            show_default="all three",
            autocompletion=one_of("scenario", "at once", "never"),
        ),
    ] = None,
    worst: Annotated[int, typer.Option(min=1, help="How many of the worst are paired, drawn, tried with levers.")] = 5,
    reverse: Annotated[
        str | None,
        typer.Option(
            metavar="FIGURE<LIMIT",
            help="Also find the fewest sites whose joint outage takes a key figure there: fill_rate<0.9.",
            show_default=False,
        ),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            metavar="SITE=WEIGHT,...|chances",
            help="With --reverse: find the lightest set, not the fewest sites. chances: minus the logarithm of "
            "outage_chance.",
            show_default="all 1",
        ),
    ] = None,
    deviations: Annotated[
        str | None,
        typer.Option(
            metavar="KINDS",
            help="Also find the least deviation that gets there. What moves, and the change that counts as 1: "
            "demand=0.2, lead_time/region, capacity/role=0.1, price/product.",
            show_default=False,
        ),
    ] = None,
    levers: Annotated[
        bool, typer.Option("--levers", help="Also try what the scenario's tables and its levers.yaml offer to do.")
    ] = False,
    levers_from: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Levers of another file.", show_default=False)
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(help="Money a year for levers: the best portfolio is chosen and tried.", show_default=False),
    ] = None,
    set_: SetOption = None,
    plan: PlanOption = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Outages run side by side.", show_default="all processors")
    ] = None,
    dask: DaskOption = None,
    out: Annotated[Path | None, typer.Option(help="Folder for tables and figures.", show_default="print only")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the interrupted test of that folder.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier stress test of that folder.")] = False,
    allow_code: Annotated[bool, typer.Option("--allow-code", help="Run Python files that the scenario names.")] = False,
) -> None:
    """Put out every site and arc in turn, and rank what that does.

    \b
    Examples:
      esc-sim stress scenarios/quickstart --duration 14 --out results/stress
      esc-sim stress scenarios/oil_gas --duration 7 --what nodes --what pairs --starts 8
      esc-sim stress scenarios/beer_game --duration 4 --levers --budget 500
    """
    from rich.console import Console

    from esc_sim.cli.progress import progress_bar
    from esc_sim.disruptions.health import ACTIVITIES
    from esc_sim.results.printing import print_tables
    from esc_sim.stress.lever_printing import lever_table
    from esc_sim.stress.lever_writing import portfolio_words
    from esc_sim.stress.run import stress as run_stress
    from esc_sim.stress.starts import starts_from
    from esc_sim.stress.stressors import DEFAULT_WHAT
    from esc_sim.stress.tasks import KNOWLEDGE
    from esc_sim.views.report.study_sentences import knowledge_words

    if resume:
        folder_to_resume(out, "stress test")
    with told_when_interrupted(out, "stress test"), progress_bar("parts") as show:
        test = run_stress(
            scenario,
            duration=duration,
            what=what or DEFAULT_WHAT,
            only=only or (),
            starts=starts_from(starts),
            health=health,
            stops=stops or ACTIVITIES,
            replications=replications,
            seed=seed,
            overrides=set_ or (),
            plan=plan,
            knowledge=knowledge or tuple(KNOWLEDGE),
            worst=worst,
            reverse=reverse,
            weights=weights,
            deviations=deviations,
            levers=levers if levers_from is None else levers_from,
            budget=budget,
            workers=workers,
            dask=dask,
            out=out,
            resume=resume,
            force=force,
            progress=show,
            command=command_line(),
            allow_code=allow_code,
        )
    more = len(test.table) - _MOST_PRINTED
    print_tables([_table(test)], [f"... and {more:,} outages more"] if more > 0 else [], Console(markup=False), 200)
    known: list[dict[str, Any]] = test.knowledge.to_dict("records")  # type: ignore[assignment]
    told = knowledge_words(known, test.scenario.units.money)
    if test.levers is not None:
        print_tables([lever_table(test.levers)], [], Console(markup=False), 200)
        for line in [] if test.levers.chosen is None else portfolio_words(test.levers, test.scenario.units.money):
            say(line)
    if test.breaking is not None:
        say(f"reverse: {test.breaking}")
    if test.deviation is not None:
        say(f"reverse: {test.deviation}")
    if test.scenario.data.status != "measured":
        say(f"data: {test.scenario.data.status}")
    for notice in [*([told] if told else []), *test.notices]:
        say(f"note: {notice}")
    if out is not None:
        tell_files(out, "tables and figures")


def _table(test: StressTest) -> Table:
    from rich import box
    from rich.table import Table

    from esc_sim.disruptions.health import ACTIVITIES, hindered
    from esc_sim.results.knowledge import lasting_words

    units, plan = test.scenario.units, test.plan
    stopped = plan.health > 0.0 or set(plan.stops) < set(ACTIVITIES)
    partly = f" ({hindered(plan.stops, False, plan.health)})" if stopped else ""
    carried = "" if test.carried is None else f", plan {test.carried[0]}"
    title = (
        f"{test.scenario.title or test.scenario.name}{carried}: "
        f"outages of {lasting_words(test.lasting, units.period)}{partly}, "
        f"{counted(len(plan.starts), 'start date')}, {counted(len(plan.twin.replications), 'replication')}"
    )
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("Out")
    for label in (
        f"Impact [{units.money}]",
        "95 % interval",
        "CVaR",
        f"Lost [{units.goods}]",
        f"Late [{units.goods} x {units.period}]",
        f"Survives [{units.period}]",
        f"Recovers [{units.period}]",
        "Index",
        "Least loss (LP)",
    ):
        table.add_column(label, justify="right")
    for row in test.table.head(_MOST_PRINTED).to_dict("records"):
        interval = f"{_cell(row['impact_low'])} to {_cell(row['impact_high'])}"
        cells = [row[name] for name in ("lost_demand", "late_demand", "time_to_survive", "time_to_recover")]
        table.add_row(
            row["stressor"],
            _cell(row["impact"]),
            interval if row["impact_low"] == row["impact_low"] else "-",
            _cell(row["impact_cvar"]),
            *map(_cell, cells),
            index_words(row["exposure_index"]),
            _cell(row["lp_loss"]),
        )
    return table


def _cell(value: float) -> str:
    return "always" if value == float("inf") else number(value, digits=3)
