"""The sorted strategies: restore by load or degree until the budget ends (Li, Zhao, Wang, Mi, section 4)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.recovery.problem import BoolArray, RecoveryProblem

STRATEGY_WORDS: Final = {
    "memetic": "memetic search",
    "paper-memetic": "memetic search as published",
    "ga": "genetic algorithm",
    "exact": "all sets tried",
    "load-asc": "smallest load first",
    "load-desc": "largest load first",
    "degree-asc": "fewest partners first",
    "degree-desc": "most partners first",
    "none": "nothing restored",
}
"""Strategies in words, for figures."""


def strategy_label(strategy: str) -> str:
    """A strategy as tables show it: as it is asked for, and in words."""
    return f"{strategy} ({STRATEGY_WORDS[strategy]})"


SORTED = {"load-asc": 1, "load-desc": -1, "degree-asc": 1, "degree-desc": -1}


def sorted_set(problem: RecoveryProblem, strategy: str) -> BoolArray:
    """The removed nodes in ascending or descending order of load or degree (customers plus suppliers), ties by
    ascending id, up to the first that does not fit the budget.

    Args:
        strategy: one of `SORTED`.

    Returns:
        (R,) bool.
    """
    measure: NDArray[np.float64] = (
        problem.load
        if strategy.startswith("load")
        else problem.cascade.network.degree[problem.nodes].astype(np.float64)
    )
    order = np.argsort(SORTED[strategy] * measure, kind="stable")
    chosen = np.zeros(problem.size, dtype=bool)
    used = 0.0
    for at in order.tolist():
        used += problem.load[at]
        if used > problem.budget:
            break
        chosen[at] = True
    return chosen
