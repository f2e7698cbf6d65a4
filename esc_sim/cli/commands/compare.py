"""The command `compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from esc_sim.cli.options import DaskOption
from esc_sim.cli.outcome import command_line, place_for, saved_then_shown
from esc_sim.cli.output import say
from esc_sim.cli.paths import scenario_paths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from esc_sim.comparison import Compared
    from esc_sim.scenario.schema import Scenario


def compare(
    scenarios: Annotated[
        list[Path],
        typer.Argument(help="One scenario with variants, or several scenarios.", autocompletion=scenario_paths),
    ],
    variant: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME: PATH=VALUE; ...", help="A variant of the scenario. Repeatable.", show_default=False
        ),
    ] = None,
    variants_file: Annotated[
        Path | None,
        typer.Option(
            "--variants", metavar="FILE", help="Variants in a file, as the browser page saves them.", show_default=False
        ),
    ] = None,
    replications: Annotated[
        int | None, typer.Option(min=2, help="Number of replications.", show_default="the first scenario's")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed.", show_default="the first scenario's")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Threads (compiled) or processes (agents).", show_default="all processors")
    ] = None,
    dask: DaskOption = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for table, figure and manifest.", show_default="print only")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier comparison in that folder.")] = False,
    allow_code: Annotated[bool, typer.Option("--allow-code", help="Run Python files that scenarios name.")] = False,
) -> None:
    """Compare variants or scenarios on the same random numbers.

    Differences are paired, and so are their confidence intervals.

    \b
    Example:
      esc-sim compare scenarios/quickstart --variant "as it is" \\
          --variant "more stock: nodes.warehouse.order.mean=72; nodes.warehouse.target_stock=500"
    """
    from rich.console import Console

    from esc_sim.comparing import compare as compared
    from esc_sim.comparison import COMPARE_FORMAT, comparison_notices, variant_of
    from esc_sim.errors import InputError
    from esc_sim.results.printing import print_tables
    from esc_sim.scenario.variant_files import read_variants

    if (variant or variants_file) and len(scenarios) > 1:
        raise InputError("give either one scenario with variants, or several scenarios")
    variants = [variant_of(text) for text in variant or ()]
    if variants_file is not None:
        variants += read_variants(variants_file).items()
    names = [name for name, _ in variants]
    if len(set(names)) < len(names):
        raise InputError("compare needs at least two variants or scenarios, each with a name of its own")
    with place_for(out, kind=COMPARE_FORMAT, force=force) as place:
        found = compared(
            scenarios[0] if variants else scenarios,
            dict(variants),
            replications=replications,
            seed=seed,
            workers=workers,
            dask=dask,
            allow_code=allow_code,
            command=command_line(),
        )

        def show() -> None:
            first = next(iter(found.runs.values())).scenario
            names = [one.name for one in found.wanted]
            print_tables([_table(found.rows, names, first)], [], Console(markup=False), 200)
            for notice in comparison_notices(found.rows, found.runs):
                say(f"note: {notice}")

        saved_then_shown(place, lambda place: place.save(found.folder_files()), show)
    if out is not None:
        say(f"table and figure: {out}/\n  esc-sim report {out}")


def _table(rows: Sequence[Compared], names: Sequence[str], first: Scenario) -> Table:
    from rich.table import Table

    from esc_sim.results.table import OPTIONAL
    from esc_sim.written import format_interval

    table = Table(title=f"{first.title or first.name}: difference from '{names[0]}'", title_justify="left")
    table.add_column("")
    for name in names:
        table.add_column(name, justify="right")
    table.add_column("unit")
    for kpi in dict.fromkeys(row.kpi for row in rows):
        mine = [row for row in rows if row.kpi == kpi]
        if kpi in OPTIONAL and not any(row.value.mean for row in mine):
            continue
        cells = [format_interval(mine[0].value.entry(mine[0].unit))]
        cells += [format_interval(row.difference.entry(row.unit), sign=True) for row in mine[1:]]
        table.add_row(mine[0].label, *cells, "" if mine[0].unit == "share" else mine[0].unit)
    return table
