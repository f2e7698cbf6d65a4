"""The command `compare`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from esc_sim.risk.intervals import Interval


def compare(
    scenarios: Annotated[list[Path], typer.Argument(help="One scenario with variants, or several scenarios.")],
    variant: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME: PATH=VALUE; ...", help="A variant of the scenario. Repeatable.", show_default=False
        ),
    ] = None,
    replications: Annotated[int | None, typer.Option(min=2, show_default="the first scenario's")] = None,
    seed: Annotated[int | None, typer.Option(min=0, show_default="the first scenario's")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for compare.csv and compare.png.", show_default=False)
    ] = None,
    allow_code: Annotated[bool, typer.Option("--allow-code", help="Run Python files that scenarios name.")] = False,
) -> None:
    """Compare variants on the same random numbers, with paired confidence intervals.

    \b
    Example:
      esc-sim compare scenarios/quickstart --variant "as it is" \\
          --variant "more stock: nodes.warehouse.order.mean=72; nodes.warehouse.target_stock=500"
    """
    from rich.console import Console
    from rich.table import Table

    from esc_sim.comparison import compare_runs, comparison_csv, comparison_figure, scenario_name, variant_of
    from esc_sim.errors import InputError
    from esc_sim.files import write_text
    from esc_sim.results.kpis import KPIS
    from esc_sim.results.table import format_interval
    from esc_sim.scenario.reader import load_scenario
    from esc_sim.simulation import simulate
    from esc_sim.views.style import data_status, save

    if variant and len(scenarios) > 1:
        raise InputError("give either one scenario with variants, or several scenarios")
    wanted = [(scenarios[0], *variant_of(text)) for text in variant or ()]
    wanted = wanted or [(path, scenario_name(path), []) for path in scenarios]
    names = [name for _, name, _ in wanted]
    if len(wanted) < 2 or len(set(names)) < len(names):
        raise InputError("compare needs at least two variants or scenarios, each with a name of its own")
    checked = {name: load_scenario(path, changes) for path, name, changes in wanted}
    first = next(iter(checked.values()))
    count = replications or first.run.replications
    number = first.run.seed if seed is None else seed
    runs = {
        name: simulate(made, replications=count, seed=number, allow_code=allow_code) for name, made in checked.items()
    }
    rows = compare_runs(runs)

    table = Table(title=f"{first.title or first.name}: difference from '{names[0]}'", title_justify="left")
    table.add_column("")
    for name in names:
        table.add_column(name, justify="right")
    for kpi in KPIS:
        mine = [row for row in rows if row.kpi.name == kpi.name]
        cells = [format_interval(_entry(mine[0].value, mine[0].unit))]
        cells += [format_interval(_entry(row.difference, row.unit), sign=True) for row in mine[1:]]
        table.add_row(kpi.label, *cells)
    Console().print(table)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        write_text(out / "compare.csv", comparison_csv(rows))
        footer = f"{count} replications, seed {number}, same random numbers; 95 % intervals of paired differences. "
        footer += data_status(first.data.status)
        save(comparison_figure(rows, f"Difference from '{names[0]}'", footer), out / "compare.png")
        typer.echo(f"{out / 'compare.csv'}\n{out / 'compare.png'}")


def _entry(interval: Interval, unit: str) -> dict[str, Any]:
    """An interval as tables want it: None for what could not be estimated."""
    numbers = {"mean": interval.mean, "ci_low": interval.low, "ci_high": interval.high}
    return {key: value if math.isfinite(value) else None for key, value in numbers.items()} | {"unit": unit}
