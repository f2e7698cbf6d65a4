"""The command `compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from esc_sim.cli.outcome import command_line, place_for, saved_then_shown
from esc_sim.cli.output import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from esc_sim.comparison import Compared
    from esc_sim.scenario.schema import Scenario


def compare(
    scenarios: Annotated[list[Path], typer.Argument(help="One scenario with variants, or several scenarios.")],
    variant: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME: PATH=VALUE; ...", help="A variant of the scenario. Repeatable.", show_default=False
        ),
    ] = None,
    replications: Annotated[
        int | None, typer.Option(min=2, help="Number of replications.", show_default="the first scenario's")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed.", show_default="the first scenario's")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for table, figure and manifest.", show_default="print only")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier comparison in that folder.")] = False,
    allow_code: Annotated[bool, typer.Option("--allow-code", help="Run Python files that scenarios name.")] = False,
) -> None:
    """Compare variants on the same random numbers, with paired confidence intervals.

    \b
    Example:
      esc-sim compare scenarios/quickstart --variant "as it is" \\
          --variant "more stock: nodes.warehouse.order.mean=72; nodes.warehouse.target_stock=500"
    """
    from rich.console import Console

    from esc_sim.comparison import (
        COMPARE_FORMAT,
        Comparison,
        Wanted,
        check_variants,
        compare_runs,
        comparison_notices,
        scenario_name,
        variant_of,
    )
    from esc_sim.errors import InputError
    from esc_sim.plans.reads import run_reads
    from esc_sim.results.printing import print_tables
    from esc_sim.scenario.unread import scenario_read_by
    from esc_sim.simulation import simulate
    from esc_sim.twins import Twins

    if variant and len(scenarios) > 1:
        raise InputError("give either one scenario with variants, or several scenarios")
    wanted = [Wanted(name, scenarios[0], changes) for name, changes in map(variant_of, variant or ())]
    wanted = wanted or [Wanted(scenario_name(path), path, []) for path in scenarios]
    names = [one.name for one in wanted]
    if len(wanted) < 2 or len(set(names)) < len(names):
        raise InputError("compare needs at least two variants or scenarios, each with a name of its own")
    # Replications and seed are those of the first variant, unless they are given.
    own = [name for name, value in (("replications", replications), ("seed", seed)) if value is None]
    checked: dict[str, Scenario] = {}
    for one in wanted:
        given = {"replications", "seed"} - set(() if checked else own)
        reads = run_reads(given=given, allow_code=allow_code)
        checked[one.name] = scenario_read_by("compare", one.path, one.changes, reads)
    check_variants(wanted, checked)
    first = next(iter(checked.values()))
    count = replications or first.run.replications
    number = first.run.seed if seed is None else seed
    with place_for(out, kind=COMPARE_FORMAT, force=force) as place:
        runs, twins = {}, Twins()
        for name, made in checked.items():
            runs[name] = simulate(made, replications=count, seed=number, allow_code=allow_code, twins=twins)
            if runs[name].replications < count:  # interrupted: variants must have the same random numbers
                raise KeyboardInterrupt
        found = Comparison(compare_runs(runs), wanted, runs, command_line())

        def show() -> None:
            print_tables([_table(found.rows, names, first)], [], Console(markup=False), 200)
            for notice in comparison_notices(found.rows, runs):
                say(f"note: {notice}")

        saved_then_shown(place, lambda place: place.save(found.folder_files()), show)
    if out is not None:
        say(f"table and figure: {out}/\n  esc-sim report {out}")


def _table(rows: Sequence[Compared], names: Sequence[str], first: Scenario) -> Table:
    from rich.table import Table

    from esc_sim.results.table import format_interval

    table = Table(title=f"{first.title or first.name}: difference from '{names[0]}'", title_justify="left")
    table.add_column("")
    for name in names:
        table.add_column(name, justify="right")
    for kpi in dict.fromkeys(row.kpi for row in rows):
        mine = [row for row in rows if row.kpi == kpi]
        cells = [format_interval(mine[0].value.entry(mine[0].unit))]
        cells += [format_interval(row.difference.entry(row.unit), sign=True) for row in mine[1:]]
        table.add_row(mine[0].label, *cells)
    return table
