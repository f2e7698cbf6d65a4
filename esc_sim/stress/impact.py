"""What an outage does, against the twin: the same run without it, on the same random numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Final

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

if TYPE_CHECKING:
    from esc_sim.engine.compiled.departures import Course

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
        met: float64[R], periods until the whole state was the twin's again, and the run was ended; nan where it went to
            the end of the horizon, or nobody looked.
    """

    start: int
    impact: Floats
    lost: Floats
    late: Floats
    survive: Floats
    recover: Floats
    in_vain: Floats
    met: Floats


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
        course: states from which outages depart; None: they are run from the first period to the last.
    """

    instance: Instance
    engine: str
    seed: int
    replications: range
    blocks: Sequence[Block]
    costs: Floats
    course: Course | None = None

    @property
    def stock(self) -> Floats:
        """Mean stock of each item at the end of each period, float64[T, I]."""
        return np.mean([block.stock for block in self.blocks], axis=0)


def twin_of(
    instance: Instance, engine: str, seed: int, replications: range, starts: Sequence[int] = (), *, whole: bool = False
) -> Twin:
    """Run the twin.

    Args:
        instance: the network with its own disruptions, if it has any; it keeps the service of customers.
        engine: "compiled" or "agents".
        seed: of all random numbers.
        replications: their numbers.
        starts: periods in which outages begin.
        whole: run outages to the end of the horizon, even where they could be ended when they are back at the twin.
    """
    run = runner_of(engine)
    blocks = [run(instance, seed, [number], stock=True) for number in replications]
    course = None
    if engine == "compiled" and starts and not whole:
        from esc_sim.engine.compiled.departures import course_of
        from esc_sim.engine.compiled.states import can_depart

        course = course_of(instance, seed, replications, starts) if can_depart(instance) else None
    return Twin(instance, engine, seed, replications, blocks, unit_costs(instance), course)


def runner_of(engine: str) -> Callable[..., Block]:
    """What runs replications in an engine."""
    if engine == "compiled":
        from esc_sim.engine.compiled.runner import run_replications
    else:
        from esc_sim.engine.agents.runner import run_replications  # type: ignore[assignment]
    return run_replications


def impact_of(twin: Twin, outage: Outage, tolerance: float = TOLERANCE, also: Sequence[Outage] = ()) -> Impact:
    """Run an outage in every replication and compare it with the twin.

    Args:
        twin: the runs without it.
        outage: what is out, and when.
        tolerance: see :data:`TOLERANCE`.
        also: what is out beside it, from the same start on and not for longer.
    """
    hit, start = reduce(struck, (outage, *also), twin.instance), int(outage.start)
    count = len(twin.replications)
    if twin.course is not None:
        from esc_sim.engine.compiled.departures import departure_of

        run = departure_of(twin.course, hit, start)
        periods, service, held = run.periods, run.service, run.held
        met = np.where(run.met < hit.periods, run.met - float(start), math.nan)
    else:
        block = runner_of(twin.engine)(hit, twin.seed, twin.replications)
        periods, met = block.periods, np.full(count, math.nan)
        service = block.service - np.concatenate([base.service for base in twin.blocks])
        held = block.held - np.concatenate([base.held for base in twin.blocks])
    parts = [_compared(twin, outage, (periods[r], twin.blocks[r].periods[0]), held[r], tolerance) for r in range(count)]
    impact, survive, recover, in_vain = (np.array([part[i] for part in parts]) for i in range(4))
    return Impact(start, impact, service[:, :, _LOST], service[:, :, _LATE], survive, recover, in_vain, met)


def _compared(
    twin: Twin, outage: Outage, courses: tuple[Floats, Floats], held: Floats, tolerance: float
) -> tuple[float, float, float, float]:
    """Impact, time to survive, time to recover and what was contracted in vain, of one replication.

    Args:
        twin: the runs without the outage.
        outage: when it begins, and for how long.
        courses: the periods of the run and of its twin.
        held: units held at the end, less the twin's.
        tolerance: see :data:`TOLERANCE`.
    """
    start, (own, without) = int(outage.start), courses
    gone = column(without, "profit")[start:] - column(own, "profit")[start:]
    in_vain = column(own, "contracted_from_closed")[start:] - column(without, "contracted_from_closed")[start:]
    return (
        math.fsum([*gone.tolist(), *(-held * twin.costs).tolist()]),
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
