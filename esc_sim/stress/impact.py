"""What an outage does, against the twin: the same run without it, on the same random numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.block import Block
from esc_sim.instance.model import Instance
from esc_sim.instance.struck import Outage, struck
from esc_sim.results.columns import SERVICE_COLUMNS
from esc_sim.results.run import column
from esc_sim.results.summary import RECOVERY_THRESHOLD
from esc_sim.risk.resilience import measure_resilience, performance
from esc_sim.stress.values import unit_costs

Floats = NDArray[np.float64]

TOLERANCE: Final = 0.005
"""Part of what the twin serves in a period on average, by which a run may fall short and still survive."""
_LOST, _LATE = SERVICE_COLUMNS.index("lost"), SERVICE_COLUMNS.index("backlog")


@dataclass(frozen=True)
class Impact:
    """What an outage does in each of R replications.

    Attributes:
        start: period in which it begins.
        impact: float64[R], profit lost from then on; stock at the end counts at cost.
        lost: float64[R, C], final demand lost, units, by item with final demand.
        late: float64[R, C], unit-periods that customers wait longer.
        survive: float64[R], periods until less demand is met at once than by the twin; infinite where it never is.
        recover: float64[R], periods until what is served is back at that of the twin; nan where the run ends before.
        in_vain: float64[R], units contracted from sites that could not ship, more than by the twin.
    """

    start: int
    impact: Floats
    lost: Floats
    late: Floats
    survive: Floats
    recover: Floats
    in_vain: Floats


@dataclass(frozen=True)
class Twin:
    """The runs without the outage.

    Attributes:
        instance: what is run.
        engine: "compiled" or "agents".
        seed: of all random numbers.
        replications: their numbers.
        blocks: one for each replication.
        costs: float64[I], what a unit has cost the network where it is.
    """

    instance: Instance
    engine: str
    seed: int
    replications: range
    blocks: Sequence[Block]
    costs: Floats

    @property
    def stock(self) -> Floats:
        """Mean stock of each item at the end of each period, float64[T, I]."""
        return sum((block.stock for block in self.blocks), np.float64(0.0)) / len(self.blocks)


def twin_of(instance: Instance, engine: str, seed: int, replications: range) -> Twin:
    """Run the twin.

    Args:
        instance: the network with its own disruptions, if it has any; it keeps the service of customers.
        engine: "compiled" or "agents".
        seed: of all random numbers.
        replications: their numbers.
    """
    run = runner_of(engine)
    blocks = [run(instance, seed, [number], stock=True) for number in replications]
    return Twin(instance, engine, seed, replications, blocks, unit_costs(instance))


def runner_of(engine: str) -> Callable[..., Block]:
    """What runs replications in an engine."""
    if engine == "compiled":
        from esc_sim.engine.compiled.runner import run_replications
    else:
        from esc_sim.engine.agents.runner import run_replications  # type: ignore[assignment]
    return run_replications


def impact_of(twin: Twin, outage: Outage, tolerance: float = TOLERANCE) -> Impact:
    """Run an outage in every replication and compare it with the twin.

    Args:
        twin: the runs without it.
        outage: what is out, and when.
        tolerance: see :data:`TOLERANCE`.
    """
    hit = struck(twin.instance, outage)
    block = runner_of(twin.engine)(hit, twin.seed, twin.replications)
    parts = [_compared(twin, block, place, outage, tolerance) for place in range(len(twin.replications))]
    return Impact(int(outage.start), *(np.array([part[i] for part in parts]) for i in range(6)))


def _compared(twin: Twin, block: Block, place: int, outage: Outage, tolerance: float) -> tuple[Any, ...]:
    """Numbers of one replication, in the order of :class:`Impact`."""
    start, own, base = int(outage.start), block.periods[place], twin.blocks[place]
    without = base.periods[0]
    gone = column(without, "profit")[start:] - column(own, "profit")[start:]
    stock = (base.held[0] - block.held[place]) * twin.costs
    service = block.service[place] - base.service[0]
    in_vain = column(own, "contracted_from_closed")[start:] - column(without, "contracted_from_closed")[start:]
    return (
        math.fsum([*gone.tolist(), *stock.tolist()]),
        service[:, _LOST],
        service[:, _LATE],
        survived(own, without, start, twin.instance.warm_up, tolerance),
        recovered(own, without, start, outage.duration),
        math.fsum(in_vain.tolist()),
    )


def survived(run: Floats, twin: Floats, start: int, warm_up: int, tolerance: float) -> float:
    """Periods from the start until the demand met at once falls short of the twin's; infinite where it never does.

    Args:
        run, twin: float64[T, K] columns of periods.
        start: period in which the outage begins.
        warm_up: periods that do not count for the mean.
        tolerance: part of the twin's mean served a period by which it may fall short.
    """
    allowed = tolerance * float(column(twin, "served")[warm_up:].mean())
    short = column(twin, "filled")[start:] - column(run, "filled")[start:] > allowed
    return float(np.flatnonzero(short)[0]) if short.any() else math.inf


def recovered(run: Floats, twin: Floats, start: int, duration: float) -> float:
    """Periods from the start until what is served is at 95 % of the twin's and stays there; nan where it is not seen.

    Args:
        run, twin: float64[T, K] columns of periods.
        start: period in which the outage begins.
        duration: periods that it lasts.
    """
    curve = performance(column(run, "served")[np.newaxis], column(twin, "served")[np.newaxis])
    active = np.zeros(curve.shape, np.bool_)
    active[0, start : start + max(1, math.ceil(duration))] = True
    return float(measure_resilience(curve, active, RECOVERY_THRESHOLD).time_to_recover[0])
