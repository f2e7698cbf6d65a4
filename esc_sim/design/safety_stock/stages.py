"""Stages of the guaranteed-service model, and what a placement of safety stock means at each.

S. Graves, S. Willems (2000), "Optimizing strategic safety stock placement in supply chains", M&SOM 2(1): 68-83. A stage
quotes a service time S to those it supplies, and always keeps it as long as demand stays within its bound. Inputs are
all there SI after an order of its own, processing takes T more, so its stock has to cover SI + T - S periods of demand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Stages:
    """N stages, each listed after those that supply it.

    Attributes:
        names: of the nodes.
        links: (supplier, buyer, periods on the way that are no part of the buyer's processing time).
        processing: int64[N] T, periods.
        entry: int64[N] SI at the least: what sources outside the model need, periods.
        longest: int64[N] most that a stage may quote, periods.
        mean, sd: float64[N] of the demand that reaches a stage, units per period.
        holding: float64[N] money per unit and period.
        factor: z of the bound of demand.
    """

    names: Sequence[str]
    links: Sequence[tuple[int, int, int]]
    processing: Ints
    entry: Ints
    longest: Ints
    mean: Floats
    sd: Floats
    holding: Floats
    factor: float

    @property
    def count(self) -> int:
        """Number of stages N."""
        return len(self.names)

    @cached_property
    def latest(self) -> Ints:
        """Longest SI that can come about, int64[N]: nobody on the way holds stock."""
        found = self.entry.copy()
        for buyer in range(self.count):
            for supplier, to, way in self.links:
                if to == buyer:
                    found[buyer] = max(found[buyer], self.quotable(supplier, found) + way)
        return found

    def quotable(self, stage: int, latest: Ints) -> int:
        """Longest service time that a stage can quote without waiting for nothing."""
        return int(min(latest[stage] + self.processing[stage], self.longest[stage]))

    @property
    def is_forest(self) -> bool:
        """Whether there is at most one way between any two stages, directions left aside."""
        root = list(range(self.count))

        def top(stage: int) -> int:
            while root[stage] != stage:
                root[stage] = root[root[stage]]
                stage = root[stage]
            return stage

        for supplier, buyer, _ in self.links:
            one, other = top(supplier), top(buyer)
            if one == other:
                return False
            root[one] = other
        return True

    def safety(self, stage: int, periods: Floats) -> Floats:
        """Safety stock of a stage that covers so many periods, units."""
        found: Floats = self.factor * self.sd[stage] * np.sqrt(periods)
        return found


@dataclass(frozen=True)
class Placement:
    """Service times of all stages, whole periods, and what follows from them.

    Attributes:
        stages: what they are of.
        inbound, quoted: int64[N] SI and S.
        proven: relative gap that is proven.
        method: "tree" or "program".
        status: how the search ended.
    """

    stages: Stages
    inbound: Ints
    quoted: Ints
    method: str
    proven: float = 0.0
    status: str = "optimal"

    @property
    def covered(self) -> Ints:
        """Net replenishment time of each stage, int64[N] periods."""
        found: Ints = self.inbound + self.stages.processing - self.quoted
        return found

    @property
    def safety_stock(self) -> Floats:
        """float64[N] units."""
        return self.stages.factor * self.stages.sd * np.sqrt(self.covered)

    @property
    def base_stock(self) -> Floats:
        """Bound of the demand of the periods that a stage covers, float64[N] units."""
        return self.stages.mean * self.covered + self.safety_stock

    @property
    def cost(self) -> Floats:
        """Holding cost of safety stock, float64[N] money per period."""
        return self.stages.holding * self.safety_stock


def placement(stages: Stages, covered: Sequence[int], method: str) -> Placement:
    """The placement in which each stage covers so many periods, with the shortest service times.

    Args:
        stages: what is placed.
        covered: net replenishment times, periods; what is more than a stage can use is left away.
        method: that found them.
    """
    inbound, quoted = stages.entry.copy(), np.zeros(stages.count, np.int64)
    for stage in range(stages.count):
        for supplier, buyer, way in stages.links:
            if buyer == stage:
                inbound[stage] = max(inbound[stage], quoted[supplier] + way)
        quoted[stage] = max(0, inbound[stage] + stages.processing[stage] - covered[stage])
    return Placement(stages, inbound, quoted, method)
