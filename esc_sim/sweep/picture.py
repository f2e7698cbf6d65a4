"""What the figures of a sweep are drawn from."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from esc_sim.counted import counted
from esc_sim.findings.drawings import Drawing
from esc_sim.findings.plots import Figures, worth_drawing
from esc_sim.results.knowledge import known_after_words
from esc_sim.sweep.kpis import has_value, label_of, unit_of
from esc_sim.sweep.parameters import Parameter

if TYPE_CHECKING:
    from esc_sim.sweep.discovery import Discovery
    from esc_sim.sweep.sweep import Sweep

SENSITIVITY: Final = {"indices": "index_bars", "morris": "morris_plane", "pawn": "pawn_bars"}
"""Table of how much each parameter matters -> what draws it."""


@dataclass(frozen=True)
class SweepPicture:
    """A sweep as its figures draw it.

    Attributes:
        title: of the scenario.
        parameters: what was varied.
        table: one row a point: the parameters, and of each key figure drawn name.mean, name.ci_low, name.ci_high.
        indices: what the figure shows of how much each parameter matters to each key figure, or None.
        labels, units: of the key figures drawn, by name.
        footer: where the numbers come from.
    """

    title: str
    parameters: tuple[Parameter, ...]
    table: pd.DataFrame
    indices: pd.DataFrame | None
    labels: Mapping[str, str]
    units: Mapping[str, str]
    footer: str

    @property
    def kpis(self) -> list[str]:
        """The key figures drawn."""
        return list(self.labels)


def sweep_figures(sweep: Sweep, kpis: Sequence[str]) -> Figures:
    """Figures of a sweep by name: effects; map (a grid of two number parameters); indices, morris, pawn, boxes.

    Args:
        sweep: the sweep.
        kpis: key figures to draw; those that have no value at any point are left out, and so are those that are 0 at
            every point, which the footer says.
    """
    shown = [name for name in kpis if has_value(sweep.table, name)]
    names = {"effects": "drawing:effects", "map": "drawing:value_map"}
    names |= {name: f"sensitivity_drawing:{function}" for name, function in SENSITIVITY.items()}
    if not shown:
        return worth_drawing({}, dict.fromkeys(names, "none of the key figures has a value at any point"))
    zero = [name for name in shown if not sweep.table[f"{name}.mean"].fillna(0.0).any()]
    if len(zero) == len(shown):
        return worth_drawing({}, dict.fromkeys(names, "all key figures are 0 at every point"))
    picture = _picture(sweep, [name for name in shown if name not in zero], zero)
    why: dict[str, str] = {}
    if sweep.design != "grid" or len(sweep.parameters) != 2 or not all(p.is_number for p in sweep.parameters):
        why["map"] = "it is drawn of a grid over two parameters that are numbers"
    pictures = dict.fromkeys(names, picture)
    for name, option in (("indices", "--design indices"), ("morris", "--design morris"), ("pawn", "--pawn")):
        table = sweep.sensitivity.get(name)
        if table is None:
            why[name] = f"it is drawn of a sweep with {option}"
        elif table.iloc[:, 2:].isna().all(axis=None):
            why[name] = "no key figure varies between the points"
        else:
            pictures[name] = replace(picture, indices=table[table["kpi"].isin(picture.kpis)])
    drawings = {name: Drawing(f"esc_sim.sweep.{function}", (pictures[name],)) for name, function in names.items()}
    if sweep.discovery is None:
        why["boxes"] = "it is drawn of a sweep with --discover"
    elif sweep.discovery.boxes.empty:
        why["boxes"] = "no box was found"
    else:
        kpi = sweep.discovery.kpi
        words = sweep.scenario.title or sweep.scenario.name, picture.footer
        named = label_of(kpi, sweep.scenario), unit_of(kpi, sweep.scenario)
        drawings["boxes"] = box_drawing(sweep.discovery, sweep.parameters, sweep.table, words, named)
    return worth_drawing(drawings, why)


def box_drawing(
    found: Discovery,
    parameters: tuple[Parameter, ...],
    table: pd.DataFrame,
    words: tuple[str, str],
    named: tuple[str, str],
) -> Drawing:
    """The figure of where a condition holds.

    Args:
        found: what was discovered.
        parameters: what was varied.
        table: of the sweep.
        words: title of the scenario, and the footer.
        named: label and unit of the key figure.
    """
    from esc_sim.sweep.boxes_drawing import BoxPicture

    label, unit = named
    picture = BoxPicture(
        title=words[0],
        condition=f"{label[:1].lower()}{label[1:]} {found.condition.removeprefix(found.kpi).strip()}",
        parameters=parameters,
        table=table[[p.path for p in parameters]].assign(value=table[f"{found.kpi}.mean"]),
        label=label if unit == "share" else f"{label} [{unit}]",
        hits=found.hits.astype(np.int64),
        boxes=found.boxes,
        trade_off=found.trade_off,
        footer=words[1],
    )
    return Drawing("esc_sim.sweep.boxes_drawing:box_figure", (picture,))


def _picture(sweep: Sweep, shown: Sequence[str], zero: Sequence[str]) -> SweepPicture:
    """What is drawn of the key figures shown; of those that are zero the footer says so."""
    scenario = sweep.scenario
    paths = [parameter.path for parameter in sweep.parameters]
    columns = [f"{name}.{part}" for name in shown for part in ("mean", "ci_low", "ci_high")]
    return SweepPicture(
        title=scenario.title or scenario.name,
        parameters=sweep.parameters,
        table=sweep.table[[*paths, *columns]],
        indices=None,
        labels={name: label_of(name, scenario) for name in shown},
        units={name: unit_of(name, scenario) for name in shown},
        footer=_footer(sweep, zero),
    )


def _footer(sweep: Sweep, zero: Sequence[str]) -> str:
    from esc_sim.views.palette import data_status

    words = {"grid": "grid", "latin": "Latin hypercube", "sobol": "Sobol sequence", "indices": "Saltelli design"}
    words["morris"] = "trajectories"
    parts = [
        f"{words[sweep.design]}, {counted(len(sweep.table), 'point')}",
        f"{counted(sweep.replications, 'replication')} each, seed {sweep.seed}",
        f"plan {sweep.plan}" if sweep.plan else "",
        _knowledge(sweep),
        data_status(sweep.scenario.data.status),
        f"0 at every point: {', '.join(label_of(name, sweep.scenario) for name in zero)}" if zero else "",
    ]
    return textwrap.fill("  |  ".join(part for part in parts if part), 118)


def _knowledge(sweep: Sweep) -> str:
    """When buyers learn of outages, where no variation changes it."""
    varied = any("known_after" in parameter.path for parameter in sweep.parameters)
    return "" if varied else known_after_words(sweep.scenario)
