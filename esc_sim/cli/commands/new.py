"""`esc-sim new`: a starter scenario, or a case of the project, in a new folder."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from esc_sim.cli.output import say
from esc_sim.cli.paths import template_names


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make.", show_default=False)],
    template: Annotated[
        str,
        typer.Option(
            "--template",
            "-t",
            metavar="NAME",
            help="Start from quickstart (five members, all in one file), layered (ten members, in tables), scale-free "
            "(40 members with hubs, in tables), blank (the least that runs), a starter of a design (sourcing, retail, "
            "microgrid) or of a recovery (cascade), or a case of the project: appliances, oil_gas, agro_food, "
            "electrolyte, retail_wuhan, cascade_37 and so on.",
            autocompletion=template_names,
        ),
    ] = "quickstart",
    table: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[TABLE=]FILE",
            help="A table of your own (.csv) that takes the place of the template's of that name. Repeatable.",
            show_default=False,
        ),
    ] = None,
    money: Annotated[str | None, typer.Option(help="Currency, for labels.", show_default="the template's")] = None,
    goods: Annotated[
        str | None, typer.Option(help="Unit of the goods, for labels.", show_default="the template's")
    ] = None,
) -> None:
    """Write a starter scenario, or a case of the project.

    \b
    Examples:
      esc-sim new my_chain
      esc-sim new my_network --template layered
      esc-sim new scenarios/oil_gas --template oil_gas
      esc-sim new my_sourcing --template sourcing --table suppliers.csv --table demand_history.csv=orders.csv
    """
    from esc_sim.scenario.starter import new_scenario

    units = {name: word for name, word in (("money", money), ("goods", goods)) if word}
    files = new_scenario(folder, template, tables=_tables(table or []), units=units)
    say(f"wrote {', '.join(files)} into {folder}")
    say("Next:\n" + "\n".join(f"  {line}" for line in _next(folder, template)))


def _tables(given: list[str]) -> dict[str, Path]:
    """Files by the names of the tables whose place they take."""
    parted = [(text.partition("=") if "=" in text else ("", "", text)) for text in given]
    return {name or Path(file).name: Path(file) for name, _, file in parted}


def _next(folder: Path, template: str) -> list[str]:
    """Commands that follow."""
    name, results, plan = shlex.quote(str(folder)), shlex.quote(f"{folder}-results"), shlex.quote(f"{folder}-plan")
    planned = f"esc-sim run {name} --plan {plan}/plan.yaml --out {results}"
    if template in ("sourcing", "retail", "microgrid", "electrolyte", "retail_wuhan"):
        return [f"esc-sim design {name} --out {plan}", planned]
    if template == "cascade":
        return [f"esc-sim recover {name} --budget 2 --out {plan}", planned]
    return [f"esc-sim check {name}", f"esc-sim run {name} --out {results}"]
