"""`esc-sim export`: a scenario, or what was found of it, as files that other programs read."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from esc_sim.cli.options import SetOption
from esc_sim.cli.output import say
from esc_sim.cli.paths import scenario_paths
from esc_sim.errors import InputError


class Form(StrEnum):
    """Formats that are written."""

    ANURA = "anura"
    GEOJSON = "geojson"


def export(
    source: Annotated[
        Path,
        typer.Argument(
            help="Folder with scenario.yaml in it, or a .yaml file; for GeoJSON also that of a run or stress test.",
            metavar="scenario",
            show_default=False,
            autocompletion=scenario_paths,
        ),
    ],
    to: Annotated[
        Form,
        typer.Option(
            "--to",
            help="Tables of Anura as CSV files (anura), or a map of points and lines, with the results where there are "
            "some (geojson).",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="PATH", help="Folder (anura) or file (geojson) to make.", show_default=False),
    ],
    set_: SetOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier export of that name.")] = False,
) -> None:
    """Write a scenario for other programs.

    What they have no place for is listed.

    \b
    Examples:
      esc-sim export scenarios/three_tier --to anura --out three_tier_anura
      esc-sim export results/stress --to geojson --out exposure.geojson
    """
    from esc_sim.exchange.carried import listed
    from esc_sim.exchange.foreign import write_foreign
    from esc_sim.scenario.reader import load_scenario

    if to is Form.GEOJSON:
        _write_map(source, out, set_, force)
        return
    files, left_out, assumed = write_foreign(load_scenario(source, set_ or ()), to.value, out, force)
    say(f"wrote {', '.join(files)} into {out}")
    say(listed(left_out, assumed))


def _write_map(source: Path, out: Path, changes: list[str] | None, force: bool) -> None:
    import json

    from esc_sim.geojson import network_geojson
    from esc_sim.scenario.reader import load_scenario
    from esc_sim.storage.files import write_text

    if out.is_dir():
        raise InputError(f"{out}: is a folder; name a file, such as {out / 'network.geojson'}")
    if out.exists() and not force:
        raise InputError(f"{out}: is there already; name another file, or replace it with --force")
    found = network_geojson(load_scenario(source, changes) if changes else source)
    write_text(out, json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    say(f"wrote {out}")
