"""Four stages in a row in gym-invmgmt: python serial_gym_invmgmt.py PERIODS [network] (in an environment that has it).

With ``network`` it is the package's own nine-node environment instead.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import yaml
from gym_invmgmt import CoreEnv, make_custom_env
from report import LEVEL, STAGES, report

UPSTREAM_LEVEL = 310
"""Here goods received can be sold on one period later than elsewhere, which takes a period's demand more stock."""


def serial(periods: int) -> CoreEnv:
    """The serial network; stage 4 is a factory of ample capacity, as the package asks for one."""
    nodes = [{"id": 0}, {"id": 5}]
    nodes += [{"id": stage, "I0": UPSTREAM_LEVEL if stage > 1 else LEVEL, "h": 5 - stage} for stage in range(1, STAGES)]
    nodes += [{"id": STAGES, "I0": UPSTREAM_LEVEL, "h": 1, "C": 100 * LEVEL, "o": 0, "v": 1.0}]
    sale = {"p": 100, "b": 40, "demand_dist": "normal", "dist_param": {"loc": 100, "scale": 10}}
    edges = [{"from": 1, "to": 0, **sale}]
    edges += [{"from": stage + 1, "to": stage, "L": 1, "p": 10 * (5 - stage), "g": 0.0} for stage in range(1, 5)]
    demand = {"type": "stationary", "base_mu": 100, "use_goodwill": False}
    # All demand is drawn beforehand: drawing from scipy's laws one by one would take most of the time.
    numbers = np.maximum(np.random.default_rng(1).normal(100, 10, periods), 0.0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "serial.yaml"
        path.write_text(yaml.safe_dump({"name": "serial", "nodes": nodes, "edges": edges}))
        return make_custom_env(path, num_periods=periods, demand_config=demand, user_D={(1, 0): numbers})


def main() -> None:
    """Play one episode with base-stock orders and print what it took."""
    periods, whole = int(sys.argv[1]), sys.argv[2:] == ["network"]
    env = CoreEnv(scenario="network", num_periods=periods) if whole else serial(periods)
    network = env.network
    buyers = [network.node_map[buyer] for _, buyer in network.reorder_links]
    retail = np.array([float(buyer in network.retail) for _, buyer in network.reorder_links])
    level = np.where(retail > 0.0, LEVEL, UPSTREAM_LEVEL)
    env.reset(seed=1)
    start = time.process_time()
    done = False
    while not done:
        t = env.period
        owed = env.U[t - 1, 0] if t else 0.0
        orders = np.maximum(level - env.X[t, buyers] - env.Y[t] + owed * retail, 0.0)
        _, _, _, done, _ = env.step(orders)
    used = time.process_time() - start
    sold = env.S[:, [network.network_map[link] for link in network.retail_links]].sum() / periods
    report(used, len(network.main_nodes) * periods, sold)


if __name__ == "__main__":
    main()
