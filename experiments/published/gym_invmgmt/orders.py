"""Runs of ours as a file that in_package.py plays in gym-invmgmt itself."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import esc_sim
from esc_sim.plans.apply import planned_instance
from esc_sim.storage.files import write_text
from experiments.published.gym_invmgmt.accounts import Accounts, run
from experiments.published.gym_invmgmt.cases import SEEDS, Case, cases
from experiments.published.gym_invmgmt.levels import searched
from experiments.published.gym_invmgmt.members import stock_keepers
from experiments.published.gym_invmgmt.rolling import rolled


def _plain(case: Case, path: int, found: Accounts) -> dict[str, Any]:
    return {
        "network": case.network, "demand_kind": case.demand, "goodwill": case.goodwill, "backlog": case.backlog,
        "seed": SEEDS[path], "mean": case.mean.tolist(), "profit": found.profit, "demand": found.demand.tolist(),
        "flows": {f"{supplier}>{buyer}": flow.tolist() for (supplier, buyer), flow in found.flows.items()},
        "stocks": {site: held.tolist() for site, held in found.stocks.items()},
    }  # fmt: skip


def write_orders(file: Path) -> int:
    """Write a run of each case on each path, of levels that nobody searched and of rolling plans; returns how many."""
    runs = []
    for case in cases():
        with tempfile.TemporaryDirectory() as folder:
            place = searched(case, Path(folder) / "scenario")
            levels = planned_instance(esc_sim.load_scenario(place, {"nodes.n1.demand.sd": 0.0}), None, allow_code=True)
            for path in range(len(SEEDS)):
                runs.append(_plain(case, path, run(case, levels, path, members=stock_keepers(case))))
                runs.append(_plain(case, path, rolled(case, path, None)))
    write_text(file, json.dumps(runs))
    return len(runs)
