"""What a solve gives back: values and duals by block name, objective, bound, gap, status, time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

DUST = 1e-9
"""Share of the largest quantities below which a quantity is rounding dust of the solver."""

EXACT = 1e-9
"""Relative gap that is rounding alone."""

Status = Literal["optimal", "gap reached", "gap not reached", "time limit", "stopped"]


@dataclass(frozen=True)
class Progress:
    """State of a running search, in the user's units.

    Attributes:
        time: seconds since the start of the solve.
        objective: cost of the best plan so far (inf while there is none).
        bound: proven lower bound of the cost.
        gap: (objective - bound) / |objective|, inf while there is no plan.
        nodes: nodes of the branch-and-bound tree so far.
    """

    time: float
    objective: float
    bound: float
    gap: float
    nodes: int


@dataclass(frozen=True)
class Solution:
    """Result of one solve, in the user's units.

    Attributes:
        status: "optimal" (gap below 1e-9), "gap reached" (the wanted gap), "gap not reached" (the solver's tolerances
            ended the search before), "time limit" or "stopped" (another limit).
        objective: cost of the returned point; inf when no point was found in time.
        bound: proven lower bound of the cost.
        gap: (objective - bound) / |objective|; 0 for linear programs.
        time: seconds in the solver.
        nodes: nodes of the branch-and-bound tree.
        values: block name -> array with the shape of the block; empty when no point was found.
        duals: row block name -> dual values in cost units per unit of the row. For a mixed-integer program they are
            those of the linear program with its integer variables fixed at the returned values.
        reduced_costs: block name -> reduced costs, with the same meaning.
    """

    status: Status
    objective: float
    bound: float
    gap: float
    time: float
    nodes: int = 0
    values: Mapping[str, FloatArray] = field(default_factory=dict)
    duals: Mapping[str, FloatArray] = field(default_factory=dict)
    reduced_costs: Mapping[str, FloatArray] = field(default_factory=dict)

    @property
    def found(self) -> bool:
        """Whether there is a point at all (a time limit may end a search without one)."""
        return bool(self.values)

    def __getitem__(self, block: str) -> FloatArray:
        """Values of a block of variables, in its shape."""
        return self.values[block]


def without_dust(values: FloatArray, size: float) -> FloatArray:
    """Values with those set to zero that are the solver's rounding, or below zero.

    Args:
        values: quantities of a solved program, none of which may be negative.
        size: of the largest quantities; what is below a billionth of it is rounding.
    """
    return np.where(values > DUST * size, values, 0.0)


def relative_gap(objective: float, bound: float) -> float:
    """Gap between the cost of a point and a proven lower bound, relative to the cost; inf without a point."""
    if not np.isfinite(objective) or not np.isfinite(bound):
        return float("inf")
    if objective <= bound:
        return 0.0
    return (objective - bound) / max(abs(objective), 1e-12)


def ended(status: Status, gap: float, wanted: float) -> Status:
    """How a search ended, which may stop by itself above the wanted gap: its tolerances are absolute.

    Args:
        status: what the solver says.
        gap: proven relative gap.
        wanted: the gap that was asked for.
    """
    if status in ("time limit", "stopped"):
        return status
    if gap <= EXACT:
        return "optimal"
    return "gap reached" if gap <= wanted + EXACT else "gap not reached"


def power_of_ten(size: float) -> float:
    """The power of ten at or below a size, as a unit of the solver; 1 for a size of 0."""
    return float(10.0 ** math.floor(math.log10(size) + 1e-9)) if size > 0.0 else 1.0
