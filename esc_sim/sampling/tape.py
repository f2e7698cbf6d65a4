"""The tape: every draw that one replication reads, whatever is decided in it.

A column is a stream: standard normal draws for amounts given by mean and standard deviation (which may be decision
variables: the tape does not hold them), or finished values of another law. Row t belongs to review period t. Any
block of rows can be computed alone, so that memory does not grow with the horizon.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from esc_sim.sampling import inverse
from esc_sim.sampling.clock import USUAL, Clock
from esc_sim.sampling.demand import Course, Group, Spread
from esc_sim.sampling.inverse import blocks_of, values_of
from esc_sim.sampling.streams import stream_hashes, uniforms_of
from esc_sim.sampling.timetable import cases_drawn
from esc_sim.scenario.empirical import Empirical
from esc_sim.scenario.laws import Law


@dataclass(frozen=True)
class TapeColumns:
    """Names and laws of the tape's S columns.

    Columns of a group move together; those of a course hold finished demands.

    Attributes:
        names: of the columns, after what they are for.
        laws: law of each; None: standard normal.
        times: columns that hold ticks.
        groups: columns that move together.
        courses: columns that hold finished demands.
        clock: ticks of a review period.
        spreads: columns of demands that lie closer to their means in some cases of a joint disruption, or farther.
    """

    names: tuple[str, ...]
    laws: tuple[Law | None, ...]
    times: tuple[int, ...] = ()
    groups: tuple[Group, ...] = ()
    courses: tuple[Course, ...] = ()
    clock: Clock = USUAL
    spreads: tuple[Spread, ...] = ()

    @cached_property
    def hashes(self) -> NDArray[np.uint64]:
        """uint64[S] stream hashes."""
        return stream_hashes(self.names)

    @cached_property
    def end(self) -> float:
        """Periods that can be played: until a series of demand ends that nothing follows; else infinite."""
        return min((course.end for course in self.courses), default=float("inf"))

    @cached_property
    def normal(self) -> NDArray[np.int64]:
        """Columns that hold standard normal draws."""
        return np.array([i for i, law in enumerate(self.laws) if law is None], np.int64)

    @cached_property
    def others(self) -> Sequence[tuple[int, Law]]:
        """Columns that hold finished values, with their laws."""
        return [(i, law) for i, law in enumerate(self.laws) if law is not None]

    def lead(self, first: int) -> int:
        """Periods before ``first`` in which a block of periods that reaches into it has begun, at most."""
        return max((first % law.block for _, law in self.others if isinstance(law, Empirical)), default=0)


def tape_blocks(
    columns: TapeColumns, seed: int, replications: Sequence[int], first: int, count: int, batch: int | None = 1
) -> NDArray[np.float64]:
    """Rows ``first`` to ``first + count`` of the tapes of some replications, drawn in one go.

    Args:
        columns: names and laws of the S columns.
        seed: seed of all random numbers.
        replications: numbers of R replications.
        first: the first period.
        count: number of periods.
        batch: replications that form a Latin hypercube of disruptions together; None: nothing goes wrong.

    Returns:
        float64[R, count, S].
    """
    lead = columns.lead(first)
    first, count = first - lead, count + lead
    blocks = uniforms_of(seed, columns.hashes, replications, first, count)
    if len(columns.normal) == blocks.shape[2]:
        inverse.make_normal(blocks)
    elif len(columns.normal):
        drawn = np.ascontiguousarray(blocks[:, :, columns.normal])
        inverse.make_normal(drawn)
        blocks[:, :, columns.normal] = drawn
    for group in columns.groups:
        for block in blocks:
            group.mix(block)
    for column, law in columns.others:
        drawn = blocks[:, :, column]
        in_blocks = law if isinstance(law, Empirical) and law.block > 1 else None
        blocks[:, :, column] = values_of(law, drawn) if in_blocks is None else blocks_of(in_blocks, drawn, first)
    for spread in columns.spreads if batch is not None else ():
        for block, replication in zip(blocks, replications, strict=True):
            spread.fill(block, cases_drawn(spread.law, seed, replication, first + count, batch or 1)[first:])
    for column in columns.times:
        blocks[:, :, column] = columns.clock.of_all(blocks[:, :, column])
    for course in columns.courses:
        for block in blocks:
            course.fill(block, first)
    return blocks[:, lead:].copy() if lead else blocks


def tape_block(
    columns: TapeColumns, seed: int, replication: int, first: int, count: int, batch: int | None = 1
) -> NDArray[np.float64]:
    """Rows ``first`` to ``first + count`` of one replication's tape, float64[count, S].

    Args:
        columns: names and laws of the S columns.
        seed: seed of all random numbers.
        replication: number of the replication.
        first: the first period.
        count: number of periods.
        batch: see :func:`tape_blocks`.
    """
    return tape_blocks(columns, seed, [replication], first, count, batch)[0]
