"""Plays orders that esc_sim's runs wrote in gym-invmgmt itself: python in_package.py ORDERS.json

Run it in an environment that has gym-invmgmt 0.2.1; it imports nothing of esc_sim. ``python -m
experiments.published.gym_invmgmt --orders ORDERS.json`` writes the file.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from gym_invmgmt import CoreEnv  # type: ignore[import-not-found]

EFFECTS: dict[str, list[str]] = {"stationary": [], "trend+seasonal": ["trend", "seasonal"],
           "trend+seasonal+shock": ["trend", "seasonal", "shock"]}  # fmt: skip


def played(run: dict[str, Any]) -> CoreEnv:
    """The environment after an episode with the orders of a run."""
    if run["demand_kind"] in EFFECTS:
        demand = {"effects": EFFECTS[run["demand_kind"]], "base_mu": 20, "use_goodwill": run["goodwill"]}
    else:
        demand = {"base_mu": 20, "external_series": run["mean"], "noise_scale": 0.0}
    network = "network" if run["network"] == "base" else "serial"
    env = CoreEnv(scenario=network, num_periods=len(run["mean"]), backlog=run["backlog"], demand_config=demand)
    env.reset(seed=run["seed"])
    links = [f"n{supplier}>n{buyer}" for supplier, buyer in env.network.reorder_links]
    for period in range(len(run["mean"])):
        env.step(np.array([run["flows"][link][period] for link in links]))
    return env


def differences(run: dict[str, Any]) -> dict[str, float]:
    """Largest differences between the run and the environment."""
    env = played(run)
    stocks = {node: env.X[1:, env.network.node_map[node]] for node in env.network.main_nodes}
    return {
        "profit": abs(float(env.P.sum()) - run["profit"]),
        "demand": float(np.abs(env.D[:, 0] - run["demand"]).max()),
        "stock": max(float(np.abs(held - run["stocks"][f"n{node}"]).max()) for node, held in stocks.items()),
    }


def main() -> None:
    """Print the largest differences of all runs."""
    found = [differences(run) for run in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))]
    print(len(found), {name: max(one[name] for one in found) for name in found[0]})


if __name__ == "__main__":
    main()
