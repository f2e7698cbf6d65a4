"""Four stages in a row as an environment for learning: python envs_esc_sim.py PERIODS agents|compiled [REPLICATIONS].

With REPLICATIONS so many are played side by side, and PERIODS are those of each.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from report import LEVEL, STAGES, report

from esc_sim.envs import SupplyEnv, SupplyVectorEnv

SCENARIO = Path(__file__).with_name("serial.yaml")


def played(env: SupplyEnv | SupplyVectorEnv, steps: int) -> float:
    """Play base-stock orders for so many steps; returns the sum of rewards."""
    seen, _ = env.reset(seed=1)
    total = 0.0
    for _ in range(steps):
        on_hand, on_order, owed = seen[..., :STAGES], seen[..., STAGES : 2 * STAGES], seen[..., 2 * STAGES : 3 * STAGES]
        found: Any = env.step(np.maximum(LEVEL - (on_hand + on_order - owed), 0.0))
        seen, rewards = found[:2]
        total += rewards if isinstance(rewards, float) else float(rewards.sum())
    return total


def main() -> None:
    """Play one episode and print what it took; importing, building and compiling are not counted."""
    periods, engine = int(sys.argv[1]), sys.argv[2]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    given: dict[str, Any] = {"reward": "served", "overrides": [f"run.periods={periods}"]}
    env: SupplyEnv | SupplyVectorEnv
    if count:
        env = SupplyVectorEnv(SCENARIO, num_envs=count, **given)
    else:
        env = SupplyEnv(SCENARIO, engine=engine, **given)  # type: ignore[arg-type]
    played(env, 2)
    start = time.process_time()
    served = played(env, periods)
    used = time.process_time() - start
    steps = periods * max(count, 1)
    report(used, STAGES * steps, served / steps)


if __name__ == "__main__":
    main()
