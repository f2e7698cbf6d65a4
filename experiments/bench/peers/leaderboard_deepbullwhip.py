"""Paths of deepbullwhip: python leaderboard_deepbullwhip.py FILE, in an environment that has it.

Reads cases as JSON from standard input, plays its benchmark as its runner does, path by path with the same seeds, and
keeps demand, orders and net stock.
"""

import json
import sys
from typing import Any

import numpy as np
from deepbullwhip.benchmark import BenchmarkRunner
from deepbullwhip.registry import get


def played(case: dict[str, Any]) -> tuple[np.ndarray, ...]:
    """Demand (paths, periods), orders and net stock (paths, stages, periods) of a case."""
    runner = BenchmarkRunner(case["chain"], case["demand"], T=case["periods"], N=case["paths"], seed=case["seed"])
    chain = runner._build_chain(case["policy"])
    forecaster = get("forecaster", case["forecaster"])
    generator = np.random.default_rng(case["seed"])
    demands, orders, stocks = [], [], []
    for _ in range(case["paths"]):
        demand = runner.demand_gen.generate(T=case["periods"], seed=int(generator.integers(0, 2**31)))
        for echelon in chain.echelons if case["fresh"] else ():
            echelon.policy.reset()
        result = chain.simulate(demand, *forecaster.generate_forecasts(demand))
        demands.append(demand)
        orders.append([stage.orders for stage in result.echelon_results])
        stocks.append([stage.inventory_levels for stage in result.echelon_results])
    return np.array(demands), np.array(orders), np.array(stocks)


def main() -> None:
    """Play all cases and write the arrays."""
    kept = {}
    for number, case in enumerate(json.load(sys.stdin)):
        for name, array in zip(("demand", "orders", "stock"), played(case), strict=True):
            kept[f"{name}_{number}"] = array
    np.savez(sys.argv[1], **kept)


if __name__ == "__main__":
    main()
