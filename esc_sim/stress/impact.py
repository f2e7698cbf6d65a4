"""What an outage does, against the twin: the same run without it, on the same random numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.crews.crew import Crew, alone
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
_ROUNDING: Final = 1e-9
"""Part of the twin's profit, gains and losses alike, up to which a loss is rounding."""
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
class StruckRun:
    """R runs beside their twins.

    Attributes:
        periods: float64[R, T, K] their course.
        service: float64[R, C, len(SERVICE_COLUMNS)] sums, less the twin's.
        held: float64[R, I] units held at the end, less the twin's.
        met: float64[R], as of :class:`Impact`.
    """

    periods: Floats
    service: Floats
    held: Floats
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
    instance: Instance,
    engine: str,
    seed: int,
    replications: range,
    starts: Sequence[int] = (),
    usual: Collection[float] = (),
    *,
    whole: bool = False,
    crew: Crew = alone,
) -> Twin:
    """Run the twin.

    Args:
        instance: the network with its own disruptions, if it has any; it keeps the service of customers.
        engine: "compiled" or "agents".
        seed: of all random numbers.
        replications: their numbers.
        starts: periods in which outages begin.
        usual: for how many periods they mostly last.
        whole: run outages to the end of the horizon, even where they could be ended when they are back at the twin.
        crew: runs the replications.
    """
    run = runner_of(engine)
    blocks = list(crew(lambda number: run(instance, seed, [number], stock=True), replications))
    course = None
    if engine == "compiled" and starts and not whole:
        from esc_sim.engine.compiled.departures import course_of
        from esc_sim.engine.compiled.states import can_depart

        course = course_of(instance, seed, replications, starts, usual) if can_depart(instance) else None
    return Twin(instance, engine, seed, replications, blocks, unit_costs(instance), course)


def runner_of(engine: str) -> Callable[..., Block]:
    """What runs replications in an engine."""
    if engine == "compiled":
        from esc_sim.engine.compiled.runner import run_replications
    else:
        from esc_sim.engine.agents.runner import run_replications  # type: ignore[assignment]
    return run_replications


def struck_run(twin: Twin, outages: Sequence[Outage]) -> StruckRun:
    """Run every replication with something more that goes wrong.

    Args:
        twin: the runs without it.
        outages: what is out, all from the same start on.
    """
    hit, start = reduce(struck, outages, twin.instance), int(outages[0].start)
    if twin.course is not None:
        from esc_sim.engine.compiled.departures import departure_of

        run = departure_of(twin.course, hit, start)
        met = np.where(run.met < hit.periods, run.met - float(start), math.nan)
        return StruckRun(run.periods, run.service, run.held, met)
    block = runner_of(twin.engine)(hit, twin.seed, twin.replications)
    return StruckRun(
        block.periods,
        block.service - np.concatenate([base.service for base in twin.blocks]),
        block.held - np.concatenate([base.held for base in twin.blocks]),
        np.full(len(twin.replications), math.nan),
    )


def impact_of(twin: Twin, outage: Outage, tolerance: float = TOLERANCE, also: Sequence[Outage] = ()) -> Impact:
    """Run an outage in every replication and compare it with the twin.

    Args:
        twin: the runs without it.
        outage: what is out, and when.
        tolerance: see :data:`TOLERANCE`.
        also: what is out beside it, from the same start on and not for longer.
    """
    start, run = int(outage.start), struck_run(twin, (outage, *also))
    periods, held, count = run.periods, run.held, len(twin.replications)
    without = np.concatenate([block.periods for block in twin.blocks])
    gone = column(without, "profit")[:, start:] - column(periods, "profit")[:, start:]
    in_vain = (
        column(periods, "contracted_from_closed")[:, start:] - column(without, "contracted_from_closed")[:, start:]
    )
    return Impact(
        start,
        np.array([_lost(column(without, "profit")[r, start:], gone[r], -held[r] * twin.costs) for r in range(count)]),
        run.service[:, :, _LOST],
        run.service[:, :, _LATE],
        survived(periods, without, start, twin.instance.warm_up, tolerance),
        recovered(periods, without, start, outage.duration),
        np.array([_sum(in_vain[r]) for r in range(count)]),
        run.met,
    )


def _lost(base: Floats, *parts: Floats) -> float:
    """The sum of what is lost; nothing where it is but the rounding of the numbers that it is the difference of."""
    lost = _sum(*parts)
    return lost if abs(lost) > _ROUNDING * _sum(np.abs(base)) else 0.0


def _sum(*parts: Floats) -> float:
    """The exact sum, rounded once."""
    return math.fsum(value for part in parts for value in part[part != 0.0].tolist())


def survived(run: Floats, twin: Floats, start: int, warm_up: int, tolerance: float) -> Floats:
    """Periods from the start until the demand met at once falls short of the twin's; infinite where it never does.

    Args:
        run, twin: float64[R, T, K] columns of periods.
        start: period in which the outage begins.
        warm_up: periods that do not count for the mean.
        tolerance: part of the twin's mean served a period by which it may fall short.

    Returns:
        float64[R].
    """
    allowed = tolerance * column(twin, "served")[:, warm_up:].mean(axis=1)
    short = column(twin, "filled")[:, start:] - column(run, "filled")[:, start:] > allowed[:, np.newaxis]
    return np.where(short.any(axis=1), short.argmax(axis=1), math.inf)


def recovered(run: Floats, twin: Floats, start: int, duration: float) -> Floats:
    """Periods from the start until what is served is at 95 % of the twin's and stays there; nan where it is not seen.

    Args:
        run, twin: float64[R, T, K] columns of periods.
        start: period in which the outage begins.
        duration: periods that it lasts.

    Returns:
        float64[R].
    """
    curve = performance(column(run, "served"), column(twin, "served"))
    active = np.zeros(curve.shape, np.bool_)
    active[:, start : start + max(1, math.ceil(duration))] = True
    return measure_resilience(curve, active, RECOVERY_THRESHOLD).time_to_recover
