"""The command `compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from esc_sim.cli.options import DaskOption, SetOption
from esc_sim.cli.outcome import command_line, place_for, shown_then_saved
from esc_sim.cli.output import say
from esc_sim.cli.paths import scenario_paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.table import Table

    from esc_sim.comparison import Comparison


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
    plan: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME: FILE",
            help="A plan to carry out in the variant of that name, or in one of its own. Repeatable.",
            show_default=False,
        ),
    ] = None,
    set_: SetOption = None,
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
    Examples:
      esc-sim compare scenarios/oil_gas --plan "found: results/front/compromise.yaml"
      esc-sim compare scenarios/quickstart --variant "as it is" \\
          --variant "more stock: nodes.warehouse.order.mean=72; nodes.warehouse.target_stock=500" \\
          --set run.periods=120
    """
    from rich.console import Console

    from esc_sim.comparing import compare as compared
    from esc_sim.comparison import COMPARE_FORMAT, comparison_notices, variant_of
    from esc_sim.errors import InputError
    from esc_sim.results.printing import print_tables
    from esc_sim.scenario.variant_files import read_variants

    if (variant or variants_file or plan) and len(scenarios) > 1:
        raise InputError("give either one scenario with variants, or several scenarios")
    variants = [variant_of(text) for text in variant or ()]
    if variants_file is not None:
        variants += read_variants(variants_file).items()
    names = [name for name, _ in variants]
    if len(set(names)) < len(names):
        raise InputError("compare needs at least two variants or scenarios, each with a name of its own")
    plans = dict(_plan_of(text) for text in plan or ())
    with place_for(out, kind=COMPARE_FORMAT, force=force) as place:
        found = compared(
            scenarios[0] if variants or plans else scenarios,
            dict(variants),
            plans=plans,
            overrides=set_ or (),
            replications=replications,
            seed=seed,
            workers=workers,
            dask=dask,
            allow_code=allow_code,
            command=command_line(),
        )

        def show() -> None:
            print_tables(_tables(found.summary), _lines(found), Console(markup=False), 200)
            for notice in comparison_notices(found.rows, found.runs):
                say(f"note: {notice}")

        shown_then_saved(place, show, lambda place: place.save(found.folder_files()))
    if out is not None:
        say(f"table and figure: {out}/\n  esc-sim report {out}")


def _plan_of(text: str) -> tuple[str, str]:
    """Name of a variant and path of a plan, of ``NAME: FILE``.

    Raises:
        InputError: one of them is missing.
    """
    from esc_sim.errors import InputError
    from esc_sim.scenario.dotted import partition_outside, unquoted

    name, _, file = partition_outside(text, ":")
    if not name.strip() or not file.strip():
        raise InputError(f"--plan {text}: write 'NAME: FILE', such as 'found: results/front/compromise.yaml'")
    return unquoted(name.strip()), file.strip()


def _tables(summary: Mapping[str, Any]) -> list[Table]:
    """Key figures, and customers whose demand is late or lost, each with differences from the first variant."""
    from rich.table import Table

    from esc_sim.results.compared_texts import comparison_texts, late_texts, late_title

    names = list(summary["variants"])
    titles = (
        f"{summary['title']}: difference from '{names[0]}'",
        late_title(summary),
    )
    found = []
    for title, texts in zip(titles, (comparison_texts(summary), late_texts(summary)), strict=True):
        if texts is None:
            continue
        table = Table(title=title, title_justify="left")
        for number, heading in enumerate(["", *names, *texts.columns[len(names) + 1 :]]):
            table.add_column(heading, justify="right" if 0 < number <= len(names) else "left")
        for row in texts.itertuples(index=False):
            table.add_row(*row)
        found.append(table)
    return found


def _lines(found: Comparison) -> list[str]:
    """What a reader of the tables must know, as below those of a run."""
    from esc_sim.counted import counted
    from esc_sim.measures.recovery import MEASURES
    from esc_sim.results.compared_texts import says_nothing
    from esc_sim.results.losses import losses_line
    from esc_sim.results.printing import data_line
    from esc_sim.results.summary import RECOVERY_THRESHOLD
    from esc_sim.written import percent

    summary, first = found.summary, next(iter(found.runs.values()))
    losses = [kpi for name, kpi in summary["kpis"].items() if name.startswith(("profit_lost", "demand_lost"))]
    is_shown = not losses or not all(map(says_nothing, losses))
    lines = [losses_line(summary)] if is_shown else []
    if MEASURES[0].name in summary["kpis"]:
        back = percent(RECOVERY_THRESHOLD)
        lines.append(f"Resilience: each variant against its own undisrupted twin (recovered: {back} and more).")
    lines.append(
        f"{counted(first.replications, 'replication')} each, seed {first.seed}, the same random numbers; "
        "± half width of the 95 % confidence interval, of differences paired by replication."
    )
    return [*lines, data_line(first.scenario.data.status, first.scenario.data.note)]
