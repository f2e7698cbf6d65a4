"""`esc-sim geojson`: a network, or what was found of it, as GeoJSON for programs that draw maps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esc_sim.cli.output import say
from esc_sim.cli.paths import scenario_paths


def geojson(
    source: Annotated[
        str,
        typer.Argument(
            help="Scenario, or the folder of a run or a stress test.",
            metavar="<path>",
            show_default=False,
            autocompletion=scenario_paths,
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The file.", show_default="print it")
    ] = None,
) -> None:
    """Write a network as GeoJSON: nodes are points, arcs are lines; results are their properties.

    \b
    Examples:
      esc-sim geojson my_network --out network.geojson
      esc-sim geojson results/stress --out exposure.geojson
    """
    import json

    from esc_sim.geojson import network_geojson
    from esc_sim.storage.files import write_text

    text = json.dumps(network_geojson(source), indent=1, ensure_ascii=False, allow_nan=False)
    if out is None:
        say(text)
        return
    write_text(out, text + "\n")
    say(f"wrote {out}")
