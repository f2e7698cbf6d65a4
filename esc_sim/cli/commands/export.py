"""`esc-sim export`: a scenario as files that other programs read."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from esc_sim.cli.options import ScenarioArgument, SetOption
from esc_sim.cli.output import say


class Program(StrEnum):
    """Formats that are written."""

    ANURA = "anura"


def export(
    scenario: ScenarioArgument,
    to: Annotated[Program, typer.Option("--to", help="The format: tables of Anura (anura).", show_default=False)],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to make.", show_default=False)],
    set_: SetOption = None,
) -> None:
    """Write a scenario for other programs, and say what they have no place for.

    \b
    Examples:
      esc-sim export scenarios/three_tier --to anura --out three_tier_anura
    """
    from esc_sim.exchange.carried import listed
    from esc_sim.exchange.foreign import write_foreign
    from esc_sim.scenario.reader import load_scenario

    files, left_out, assumed = write_foreign(load_scenario(scenario, set_ or ()), to.value, out)
    say(f"wrote {', '.join(files)} into {out}")
    say(listed(left_out, assumed))
