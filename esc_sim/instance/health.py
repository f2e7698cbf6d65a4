"""Health of every channel at every review of a block of periods, as a timetable gives it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from esc_sim.behaviours import disrupt
from esc_sim.instance.knowledge import news_of
from esc_sim.instance.model import Instance
from esc_sim.sampling.timetable import Timetable


def fill_healths(instance: Instance, tables: Sequence[Timetable], first: int, blocks: NDArray[np.float64]) -> None:
    """Write the level of each channel at each review of a block into ``blocks`` (float64[R, T, C], filled with 1).

    Args:
        instance: what is run.
        tables: one timetable for each of the R replications.
        first: first period of the block.
        blocks: where to write.
    """
    _fill(instance, tables, [table.channel for table in tables], instance.courses[3], first, blocks)


def fill_known(instance: Instance, tables: Sequence[Timetable], first: int, blocks: NDArray[np.float64]) -> None:
    """The same of what buyers know, float64[R, T, K], of the channels ``instance.learnt`` alone.

    Args:
        instance: what is run; K channels that buyers may learn of.
        tables: timetables of R replications.
        first: the first period of the block.
        blocks: float64[R, T, K]; written.
    """
    if not len(instance.learnt):
        return
    news = [news_of(instance, table) for table in tables]
    no_factors = np.zeros(len(instance.learnt), np.bool_)
    _fill(instance, [table for _, table in news], [place for place, _ in news], no_factors, first, blocks)


def _fill(
    instance: Instance,
    tables: Sequence[Timetable],
    places: Sequence[NDArray[np.int64]],
    is_factor: NDArray[np.bool_],
    first: int,
    blocks: NDArray[np.float64],
) -> None:
    """Write levels of the entries of some timetables.

    Args:
        instance: what is run.
        tables: one timetable for each replication.
        places: where each entry's level is written, in the last axis of ``blocks``.
        is_factor: whether the levels written at each place multiply; of others the least holds.
        first: first period of the block.
        blocks: where to write, filled with 1.
    """
    lengths = [len(table) for table in tables]
    if not any(lengths):
        return
    entries = [np.concatenate([getattr(t, name) for t in tables]) for name in ("effect", "start", "end")]
    replication, ticks = np.repeat(np.arange(len(tables)), lengths), instance.clock.ticks
    write_levels(replication, np.concatenate(places), *entries, *instance.courses[:3], is_factor, ticks, first, blocks)


def fill_health(instance: Instance, table: Timetable, first: int, rows: NDArray[np.float64]) -> None:
    """The same of one replication, ``rows`` float64[T, C].

    Args:
        instance: what is run; C channels.
        table: timetable of the replication.
        first: the first period of the block.
        rows: float64[T, C]; written.
    """
    fill_healths(instance, [table], first, rows[np.newaxis])


def ship_health(instance: Instance, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of capacity that each node can ship, float64[..., T, N], from channel levels float64[..., T, C]."""
    health = np.ones((*rows.shape[:-1], instance.network.node_count))
    channels = np.flatnonzero(instance.channels.are("ship"))
    health[..., instance.channels.target[channels]] = rows[..., channels]
    return health


def levels_loop(key: int) -> Callable[..., None]:
    """What writes levels of entries of timetables, valid Python as it stands; to be compiled for speed.

    Args:
        key: hash of all sources.
    """

    def write(
        replication: NDArray,
        channel: NDArray,
        effect: NDArray,
        start: NDArray,
        end: NDArray,
        low: NDArray,
        recovery: NDArray,
        shape: NDArray,
        is_factor: NDArray,
        ticks: int,
        first: int,
        blocks: NDArray,
    ) -> None:
        key  # noqa: B018 - makes the hash of all sources part of the cache's index
        for e in range(channel.shape[0]):
            rows, c, kind = blocks[replication[e]], channel[e], effect[e]
            begin = max(disrupt.review_at(start[e], ticks), first)
            until = min(disrupt.review_at(end[e] + recovery[kind], ticks), first + rows.shape[0])
            for time in range(begin, until):
                level = disrupt.level_at(float(time * ticks), start[e], end[e], recovery[kind], shape[kind], low[kind])
                if is_factor[c]:
                    rows[time - first, c] *= level
                else:
                    rows[time - first, c] = min(rows[time - first, c], level)

    return write


write_levels: Callable[..., None] = levels_loop(0)
"""What does so; compiled code, which has the same bits, takes its place where it is at hand (``instance.compiled``)."""
