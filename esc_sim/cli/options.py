"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esc_sim.cli.paths import result_paths, scenario_paths

ScenarioArgument = Annotated[
    Path,
    typer.Argument(
        help="Folder with scenario.yaml in it, or a .yaml file.", show_default=False, autocompletion=scenario_paths
    ),
]
FolderArgument = Annotated[
    Path,
    typer.Argument(
        metavar="DIR", help="Folder that a command with --out wrote.", show_default=False, autocompletion=result_paths
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Change a value: run.periods=100, nodes.retailer_1.demand.mean=120, nodes.*.demand.mean=+20%, "
        "stocks.*.order.order_up_to=+5d. Repeatable.",
        show_default=False,
    ),
]
PlanOption = Annotated[
    Path | None, typer.Option("--plan", metavar="FILE", help="Carry this plan out.", show_default="the scenario's own")
]
NodesOption = Annotated[
    Path | None,
    typer.Option(
        "--nodes",
        metavar="FILE",
        help="Table of ids and roles of an edge list.",
        show_default="roles by the direction of flow",
    ),
]
CompetitorsOption = Annotated[
    Path | None,
    typer.Option(
        "--competitors",
        metavar="FILE",
        help="Table of pairs that compete, of an edge list or other network.",
        show_default="who shares partners",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
DaskOption = Annotated[
    str | None,
    typer.Option(
        "--dask",
        metavar="ADDRESS",
        help="Use the workers of this Dask scheduler (trusted); local:N starts N processes here.",
        show_default=False,
    ),
]
