"""`esc-sim import`: a scenario from a company's own workbook."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from esc_sim.cli.output import say
from esc_sim.cli.paths import one_of
from esc_sim.errors import InputError


class StepName(StrEnum):
    """Lengths of a period."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


def import_(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="WORKBOOK",
            help="An .xlsx workbook, a folder of .csv or .parquet files, or one such file; a model of Anura (such a "
            "workbook or folder, or an SQLite file), or a .json file of stockpyl.",
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to make for the scenario.", show_default=False)],
    mapping: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Take sheets and columns for what this file says.", show_default="by their names"
        ),
    ] = None,
    currency: Annotated[
        str | None,
        typer.Option(
            metavar="CODE",
            help="Turn all money into this currency.",
            show_default="that of the rates, or the most frequent one",
            autocompletion=one_of("EUR", "USD", "GBP", "CHF", "JPY", "CNY"),
        ),
    ] = None,
    rate: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE=WORTH", help="Worth of a unit of another currency: USD=0.92. Repeatable.", show_default=False
        ),
    ] = None,
    step: Annotated[
        StepName | None,
        typer.Option(help="Length of a period.", show_default="that of the history, or shorter where lead times are"),
    ] = None,
    case: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The network, where a .json file of stockpyl holds several.",
            show_default="the only one",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier import in that folder.")] = False,
) -> None:
    """Make a scenario of a workbook, or of another program's files.

    Sheets and columns are recognised by their usual names. The new folder holds the scenario, mapping.yaml (what was
    taken for what) and understood.md (what was understood, assumed and left out). Models of Anura and networks of
    stockpyl are recognised by what is in them.

    \b
    Examples:
      esc-sim import our_network.xlsx --out my_network
      esc-sim import model.sqlite --out my_network
      esc-sim import our_network.xlsx --mapping my_network/mapping.yaml --currency EUR --rate USD=0.92 --out again
    """
    from esc_sim.exchange.folder import short_of_carried, write_carried
    from esc_sim.importing import import_source, write_imported
    from esc_sim.importing.folder import files_of_import
    from esc_sim.importing.foreign import ready_foreign
    from esc_sim.importing.page import short_of
    from esc_sim.storage.place import claimed

    with claimed(out, kind="", force=force, drawn=files_of_import(out), room=0) as place:
        foreign = ready_foreign(source, case) if mapping is None else None
        if foreign is not None:
            _refuse(foreign.program, {"--currency": currency, "--rate": rate, "--step": step})
            place.put(lambda folder: write_carried(foreign, folder, source.name))
            said = short_of_carried(foreign, source.name)
        else:
            _refuse("a workbook", {"--case": case})
            imported = import_source(
                source,
                mapping=mapping,
                currency=currency,
                rates=_rates(rate or []),
                step=step.value if step else None,
            )
            place.put(lambda folder: write_imported(imported, folder, source.name))
            said = short_of(imported)
    say(said)
    name = shlex.quote(str(out))
    say(f"Next:\n  esc-sim check {name}\n  esc-sim run {name} --out {shlex.quote(f'{out}-results')}")


def _refuse(kind: str, given: Mapping[str, object]) -> None:
    """Refuse options that mean nothing for what is imported.

    Raises:
        InputError: one of them is given.
    """
    for option, value in given.items():
        if value:
            raise InputError(f"{option}: means nothing for {kind}; leave it out")


def _rates(given: list[str]) -> dict[str, float]:
    """Worths of currencies by their codes.

    Raises:
        InputError: one is not written as USD=0.92.
    """
    found: dict[str, float] = {}
    for text in given:
        code, _, worth = text.partition("=")
        try:
            found[code.strip().upper()] = float(worth)
        except ValueError:
            raise InputError(f"--rate {text}: write CODE=WORTH, such as USD=0.92") from None
    wrong = [code for code, worth in found.items() if not worth > 0.0]
    if wrong:
        raise InputError(f"--rate {wrong[0]}: must be above 0")
    return found
