"""Four stages in a row in deepbullwhip: python serial_deepbullwhip.py PERIODS PATHS (in an environment that has it)."""

import math
import sys
import time

import numpy as np
from deepbullwhip.chain.config import EchelonConfig
from deepbullwhip.chain.vectorized import VectorizedSupplyChain
from report import LEVEL, STAGES, report

_QUANTILE = 1.6448536269514722
"""Of the service level, 95 %: the level is twice the forecast and so many standard deviations of two periods."""


def chain() -> VectorizedSupplyChain:
    """Its engine for many paths; each stage orders up to a level that follows what was ordered from it."""
    costs = [(4.0, 40.0), (3.0, 0.0), (2.0, 0.0), (1.0, 0.0)]
    return VectorizedSupplyChain(
        [EchelonConfig(f"stage {k + 1}", 1, *costs[k], initial_inventory=float(LEVEL)) for k in range(STAGES)]
    )


def played(periods: int, paths: int) -> float:
    """Play all paths; units sold."""
    demand = np.maximum(np.random.default_rng(1).normal(100.0, 10.0, (paths, periods)), 0.0)
    spread = (LEVEL - 200.0) / (_QUANTILE * math.sqrt(2.0))
    found = chain().simulate(demand, np.full(demand.shape, 100.0), np.full(demand.shape, spread))
    return float(demand.sum() + np.minimum(found.inventory[:, 0, -1], 0.0).sum())


def main() -> None:
    """Simulate and print what it took."""
    periods, paths = int(sys.argv[1]), int(sys.argv[2])
    played(2, paths)
    start = time.process_time()
    sold = played(periods, paths)
    used = time.process_time() - start
    report(used, STAGES * periods * paths, sold / (periods * paths))


if __name__ == "__main__":
    main()
