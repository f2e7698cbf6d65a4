"""A stress test in the form that figures and the browser page need, fresh or read back from its folder.

Nothing here can execute what it reads: JSON and CSV only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.findings.study import Kind
from esc_sim.measures.terms import Terms
from esc_sim.network.model import Network
from esc_sim.results.knowledge import known_after_words
from esc_sim.results.manifest import scenario_hash
from esc_sim.results.reading import checked_network, manifest_of
from esc_sim.results.sampled import terms_of
from esc_sim.scenario.schema import DataStatus, Units
from esc_sim.stress.least_deviation import Deviation, FrontPoint
from esc_sim.stress.lever_drawing import LeverPicture, lever_picture
from esc_sim.stress.stressors import Stressor
from esc_sim.views.report.common import csv_rows, json_content, json_file

if TYPE_CHECKING:
    from esc_sim.stress.run import StressTest

Floats = NDArray[np.float64]
Cells = dict[str, list[str]]

STRESS_FORMAT: Final = "esc_sim stress"
KIND: Final = Kind(
    STRESS_FORMAT,
    "Stress test",
    {
        "ranking": ("stressor", "kind"),
        "lost_demand": ("stressor", "customer", "product"),
        "knowledge": ("stressor", "kind"),
        "curves": ("stressor", "time"),
        "deviations": (),
        "levers": ("exposure", "exposure_kind", "lever", "lever_kind"),
        "portfolio": ("lever", "lever_kind"),
        "budgets": (),
    },
    {},
)
SHOWN: Final = ("duration", "impact", "impact_low", "impact_high", "impact_cvar", "lost_demand", "late_demand",
                "time_to_survive", "time_to_recover", "exposure_index")  # fmt: skip
"""Columns of the ranking that are displayed."""
_TEXTS: Final = ("stressor", "kind")


@dataclass(frozen=True)
class StoredStress:
    """A stress test as figures and the page need it.

    Attributes:
        title: of the scenario.
        scenario_hash: of its content.
        command: how the test was started.
        units, data, terms: of the scenario.
        known: when buyers learn of outages, in words.
        network: nodes and arcs.
        table: the ranking, columns of ranking.csv.
        stressors: what was put out, in the order of the ranking.
        curves: performance around the start of the outage, of the worst, by name.
        starts: start dates.
        replications, seed: of the simulation.
        deviation: the least deviation that breaks the limit of a reverse test, if one was asked for.
        levers: what levers do, if that was asked for.
    """

    title: str
    scenario_hash: str
    command: str
    units: Units
    data: DataStatus
    terms: Terms
    known: str
    network: Network
    table: pd.DataFrame
    stressors: tuple[Stressor, ...]
    curves: Mapping[str, Floats]
    starts: tuple[int, ...]
    replications: int
    seed: int
    deviation: Deviation | None
    levers: LeverPicture | None

    @property
    def lasting(self) -> tuple[float, float]:
        """Periods that the shortest outage lasts, and the longest."""
        return float(self.table["duration"].min()), float(self.table["duration"].max())


def stored_stress(test: StressTest) -> StoredStress:
    """The form for figures, without a detour over files."""
    scenario, plan = test.scenario, test.plan
    return StoredStress(
        title=scenario.title or scenario.name,
        scenario_hash=scenario_hash(scenario),
        command=test.command,
        units=scenario.units,
        data=scenario.data,
        terms=terms_of(scenario),
        known=known_after_words(scenario),
        network=plan.twin.instance.network,
        table=test.table,
        stressors=tuple(test.stressors[key] for key in zip(test.table["kind"], test.table["stressor"], strict=True)),
        curves=test.curves,
        starts=plan.starts,
        replications=len(plan.twin.replications),
        seed=plan.twin.seed,
        deviation=test.deviation,
        levers=None if test.levers is None else lever_picture(test.levers),
    )


def network_content(test: StoredStress) -> dict[str, Any]:
    """Content of network.json: structure, what was put out, and words that figures need of the scenario."""
    return {
        "title": test.title,
        "units": test.units.model_dump(),
        "data": test.data.model_dump(),
        "terms": asdict(test.terms),
        "known": test.known,
        "network": test.network.to_dict(),
        "stressors": [[list(one.nodes), list(one.arcs)] for one in test.stressors],
    }


def read_stress(folder: Path) -> StoredStress:
    """Read a folder that ``esc-sim stress --out`` wrote.

    Raises:
        InputError: no such folder, no stress test, a file missing, damaged, or not as esc_sim writes it.
    """
    manifest = manifest_of(folder, STRESS_FORMAT, "stress test", "esc-sim stress")
    try:
        return _read(folder, manifest)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise InputError(
            f"{folder}: cannot be read, its files are not as esc_sim writes them ({str(error) or type(error).__name__})"
        ) from None


def read_replays(folder: Path) -> dict[tuple[str, str], tuple[int, str]]:
    """Start date and change that replays it, of each stressor by (kind, name).

    Raises:
        InputError: as :func:`read_stress`.
    """
    path = folder / "replay.json"
    try:
        found = json_content(path)
        return {(str(one["kind"]), str(one["stressor"])): (int(one["start"]), str(one["set"])) for one in found}
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: is not what esc_sim writes ({error}); run again") from None


def _read(folder: Path, manifest: dict[str, Any]) -> StoredStress:
    content, summary = json_file(folder / "network.json"), json_file(folder / "summary.json")
    network = checked_network(Network.from_dict(content["network"]))
    ranked = _columns(folder / "ranking.csv")
    table = pd.DataFrame({name: cells if name in _TEXTS else _numbers(cells) for name, cells in ranked.items()})
    stressors = tuple(
        Stressor(name, kind, tuple(nodes), tuple(arcs))
        for name, kind, (nodes, arcs) in zip(ranked["stressor"], ranked["kind"], content["stressors"], strict=True)
    )
    for found, count in (("nodes", network.node_count), ("arcs", network.arc_count)):
        if not all(0 <= i < count for one in stressors for i in getattr(one, found)):
            raise ValueError(f"there are no such {found}")
    terms, levers = Terms(**content["terms"]), summary["levers"]
    return StoredStress(
        title=str(content["title"]),
        scenario_hash=str(manifest["scenario_hash"]),
        command=str(manifest["command"]),
        units=Units.model_validate(content["units"]),
        data=DataStatus.model_validate(content["data"]),
        terms=terms,
        known=str(content["known"]),
        network=network,
        table=table,
        stressors=stressors,
        curves=_curves(folder / "curves.csv"),
        starts=tuple(int(start) for start in manifest["starts"]),
        replications=int(manifest["replications"]),
        seed=int(manifest["seed"]),
        deviation=None if summary["deviation"] is None else _deviation(folder, summary["deviation"]),
        levers=None if levers is None else _levers(folder, levers),
    )


def _curves(path: Path) -> dict[str, Floats]:
    found: dict[str, list[float]] = {}
    seen = _columns(path)
    for name, share in zip(seen["stressor"], _numbers(seen["served"]), strict=True):
        found.setdefault(name, []).append(share)
    return {name: np.array(curve) for name, curve in found.items()}


def _deviation(folder: Path, told: dict[str, Any]) -> Deviation:
    """The least deviation of summary.json, with the front of deviations.csv."""
    (distance, value, breaks, start, *factors) = _columns(folder / "deviations.csv").values()
    rows = zip(_numbers(distance), _numbers(value), breaks, start, *map(_numbers, factors), strict=True)
    front = tuple(FrontPoint(d, v, b == "True", int(s), tuple(f)) for d, v, b, s, *f in rows)
    known = {name: told[name] for name in Deviation.__dataclass_fields__ if name != "front"}
    for name in ("undisturbed", "distance", "distance_low", "distance_high", "value", "value_low", "value_high"):
        known[name] = _number(known[name])
    known["alone"] = {name: _number(factor) for name, factor in known["alone"].items()}
    return Deviation(**known, front=front)


def _levers(folder: Path, told: dict[str, Any]) -> LeverPicture:
    """What levers do, of portfolio.csv, budgets.csv and summary.json."""
    levers, budgets, chosen = _columns(folder / "portfolio.csv"), _columns(folder / "budgets.csv"), told["portfolio"]
    names = ("budget", "yearly_cost", "sum_of_single_effects", "joint_effect")
    return LeverPicture(
        tuple(levers["lever"]),
        tuple(_numbers(levers["yearly_cost"])),
        tuple(_numbers(levers["avoided"])),
        tuple(cell == "True" for cell in levers["chosen"]),
        tuple(zip(_numbers(budgets["yearly_cost"]), _numbers(budgets["avoided"]), strict=True)),
        str(told["impact_is_added_up"]),
        DataStatus.model_validate(told["data"]).status,
        *(() if chosen is None else (float(chosen[name]) for name in names)),
    )


def _columns(path: Path) -> Cells:
    """Columns of a CSV file by name."""
    with csv_rows(path) as rows:
        header = next(rows, [])
        table = list(rows)
    return {name: [row[place] for row in table] for place, name in enumerate(header)}


def _numbers(cells: list[str]) -> list[float]:
    return [float(cell) if cell else math.nan for cell in cells]


def _number(value: Any) -> float:
    """A number of JSON: infinity stands there as a word, nan as nothing."""
    return math.nan if value is None else float(value)
