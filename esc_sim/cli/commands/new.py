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
            "(40 members with hubs, in tables), blank (the least that runs), or a case of the project: appliances, "
            "oil_gas, agro_food, electrolyte, retail_wuhan, cascade_37 and so on.",
            autocompletion=template_names,
        ),
    ] = "quickstart",
) -> None:
    """Write a starter scenario, or a case of the project.

    \b
    Examples:
      esc-sim new my_chain
      esc-sim new my_network --template layered
      esc-sim new scenarios/oil_gas --template oil_gas
    """
    from esc_sim.scenario.starter import new_scenario

    files = new_scenario(folder, template)
    name, results = shlex.quote(str(folder)), shlex.quote(f"{folder}-results")
    say(f"wrote {', '.join(files)} into {folder}")
    say(f"Next:\n  esc-sim check {name}\n  esc-sim run {name} --out {results}")
