"""Makes scenarios/cascade_1000 and scenarios/cascade_37: ``python -m experiments.make_cascade_scenarios [FOLDER]``.

The two networks of Li, Zhao, Wang, Mi (APEM 2024) have roles and arcs, and no numbers of trade. This script invents
those, so that goods flow and a cascade of failures can be watched in the transaction model. Who supplies whom is
kept: that of cascade_1000 is read from its own tables (a selected draw), that of cascade_37 is drawn here. The same
call gives the same files; a test compares them with the committed ones.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.fields.parts import stated
from esc_sim.network.generators.structure import MAP_SIZE, Structure
from esc_sim.network.generators.trade import trading_scenario
from esc_sim.network.scale_free import TIERS, role_typed_scale_free
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.writing import write_scenario

SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"
SMALL_COUNTS = {"supplier": 11, "manufacturer": 3, "wholesaler": 5, "retailer": 18}
NOTE = "Counts of nodes printed, parameters of the cascade {parameters}; arcs and all numbers of trade made up."
COMMENT = """\
Nodes and supply relations stand in nodes.csv and arcs.csv. Made by `python -m experiments.make_cascade_scenarios`.
All numbers of trade (demand, orders, production, stock, prices, lead times) are SYNTHETIC; see PROVENANCE.md.
Parameters of the cascade that are not listed are the defaults: tau 0.6, alpha 1.05, beta 0.86, P_t 0.5."""


def large() -> Scenario:
    """1,000 nodes; 120 of them fail."""
    folder = SCENARIOS / "cascade_1000"
    with (folder / "nodes.csv").open(encoding="utf-8") as file:
        roles = [row["role"] for row in csv.DictReader(file)]
    with (folder / "arcs.csv").open(encoding="utf-8") as file:
        arcs = np.array([(int(row["supplier"]), int(row["buyer"])) for row in csv.DictReader(file)])
    failed = json.loads((folder / "removed_120.json").read_text(encoding="utf-8"))
    return _scenario(
        "cascade_1000",
        _structure(roles, arcs[np.lexsort((arcs[:, 1], arcs[:, 0]))], seed=1000),
        {"load_scale": 8.027318153342},
        [_failure(failed, start=30, duration=60)],
        periods=120,
    )


def small() -> Scenario:
    """37 nodes; seven fail at a given time, and manufacturers break down by chance."""
    roles, arcs = role_typed_scale_free(SMALL_COUNTS, m=3, a=6.0, seed=3)
    failed = np.random.default_rng(1).permutation(len(roles))[:7].tolist()
    breakdown = {
        "name": "breakdown",
        "roles": ["manufacturer"],
        "together": False,
        "probability": 0.01,
        "duration": {"law": "geometric", "probability": 0.1},
        "cascade": True,
    }
    disruptions = [_failure(failed, start=60, duration=40), breakdown]
    return _scenario("cascade_37", _structure(roles, arcs, seed=37), {"beta": 0.7}, disruptions, periods=200)


def _failure(nodes: list[int], start: float, duration: float) -> dict[str, Any]:
    dates = [{"start": start, "duration": duration}]
    return {"name": "failure", "nodes": [str(k) for k in sorted(nodes)], "dates": dates, "cascade": True}


def _structure(roles: list[str], arcs: NDArray[np.int64], seed: int) -> Structure:
    rng = np.random.default_rng([seed, 1])
    x, y = np.round(rng.uniform(0.0, MAP_SIZE, (2, len(roles))), 1)
    order = {role: k for k, role in enumerate(reversed(TIERS))}
    return Structure(
        ids=tuple(str(k) for k in range(len(roles))),
        roles=tuple(roles),
        tier=np.array([order[role] for role in roles]),
        x=x,
        y=y,
        arcs=arcs,
        layered=False,
    )


def _scenario(
    name: str, structure: Structure, cascade: dict[str, Any], disruptions: list[dict[str, Any]], periods: int
) -> Scenario:
    made = trading_scenario(structure, name=name, seed=1, periods=periods)
    content = stated(made) | {
        "title": f"Network of {len(structure.ids)} nodes in which failures spread",
        "description": "Underload cascade of Li, Zhao, Wang, Mi (APEM 2024) on a network that trades.",
        "data": {
            "status": "synthetic",
            "note": NOTE.format(parameters="chosen" if "beta" in cascade else "calibrated"),
        },
        "disruptions": disruptions,
        "cascade": cascade,
    }
    return Scenario.model_validate(content)


def main() -> None:
    """Write both."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else SCENARIOS
    for scenario in (large(), small()):
        for path in write_scenario(scenario, target / scenario.name, COMMENT):
            print(path)


if __name__ == "__main__":
    main()
