"""Four stages in a row in bare NumPy, all paths at once: python serial_numpy.py PERIODS PATHS.

Nothing but stocks, backlogs and costs, for one network: what a careful user writes in twenty lines.
"""

import sys
import time

import numpy as np
from report import LEVEL, STAGES, report

HOLDING = np.array([4.0, 3.0, 2.0, 1.0])[:STAGES, np.newaxis]


def played(periods: int, paths: int) -> float:
    """Play all paths; units sold."""
    rng = np.random.default_rng(1)
    stock, backlog, transit = (
        np.full((STAGES, paths), float(LEVEL)),
        np.zeros((STAGES, paths)),
        np.zeros((STAGES, paths)),
    )
    sold, cost = np.zeros(paths), np.zeros(paths)
    for _ in range(periods):
        stock += transit
        demand = np.maximum(rng.normal(100.0, 10.0, paths), 0.0)
        for stage in range(STAGES):  # with a base stock each stage orders what was ordered from it
            wanted = demand + backlog[stage]
            sent = np.minimum(stock[stage], wanted)
            stock[stage] -= sent
            backlog[stage] = wanted - sent
            if stage > 0:
                transit[stage - 1] = sent
            else:
                sold += sent
        transit[STAGES - 1] = demand
        cost += (HOLDING * stock).sum(axis=0) + 40.0 * backlog[0]
    return float(sold.sum())


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
