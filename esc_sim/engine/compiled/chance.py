"""What chance brings to a block of replications and periods: tape, health of channels, outages of arcs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from esc_sim.behaviours.disrupt import arrival_review, stretched
from esc_sim.engine.compiled.arrays import Chance
from esc_sim.engine.compiled.microgrid_arrays import Plans, plan_arrays
from esc_sim.instance import compiled as levels
from esc_sim.instance.energy_plans import DayPlans
from esc_sim.instance.health import fill_healths, fill_known
from esc_sim.instance.model import Instance
from esc_sim.instance.outages import Outages, arc_outages
from esc_sim.instance.settlement import NO_CASE
from esc_sim.instance.slowing import can_slow, greatest_factor
from esc_sim.instance.spreading import timetables_of
from esc_sim.sampling.compiled import take_up
from esc_sim.sampling.streams import STRATA
from esc_sim.sampling.tape import tape_blocks
from esc_sim.sampling.timetable import EMPTY_TIMETABLE, Timetable


def _no_cases() -> NDArray[np.int64]:
    return np.empty(0, np.int64)


@dataclass(frozen=True)
class Fate:
    """The timetables of some replications, and what follows from them for the shape of state.

    Attributes:
        timetables: one per replication.
        outages: per replication, where arcs can fail; else empty.
        slots: length of the ring of arrivals, in review periods.
        losing: whether goods can be lost in transit.
        energy, plans: energy plans where there are microgrids, and these as the kernel reads them.
        cases: int64[R] number of the case that a settlement looks at; empty without one.
        batch: replications whose disruptions are drawn together; None: nothing goes wrong.
    """

    timetables: tuple[Timetable, ...]
    outages: tuple[Outages, ...]
    slots: int
    losing: bool
    energy: DayPlans | None
    plans: Plans
    cases: NDArray[np.int64] = field(default_factory=_no_cases)
    batch: int | None = 1


@dataclass(frozen=True)
class SharedChance:
    """What instances that differ only in decisions have in common: timetables, tape and health of replications.

    Memory: 8 bytes for each replication, period and column of the tape or channel (see :func:`shared_bytes`).

    Attributes:
        replications: their numbers.
        timetables: one per replication.
        draws: float64[R, T, S] tape.
        health: float64[R, T, C] level of each channel.
        known: float64[R, T, K] the level that buyers know of, of the channels ``instance.learnt``.
        cases: as of :class:`Fate`.
    """

    replications: tuple[int, ...]
    timetables: tuple[Timetable, ...]
    draws: NDArray[np.float64]
    health: NDArray[np.float64]
    known: NDArray[np.float64]
    cases: NDArray[np.int64] = field(default_factory=_no_cases)


def share_chance(
    instance: Instance,
    seed: int,
    replications: Sequence[int],
    disrupted: bool = True,
    stratified: bool = False,
    strata: int = STRATA,
) -> SharedChance:
    """Draw once what any instance of the same network, laws and disruptions can be run on.

    Args:
        instance: one of the instances.
        seed: seed of the run.
        replications: their numbers.
        disrupted: play the disruptions.
        stratified: draw disruptions as a Latin hypercube across batches of ``strata`` replications.
        strata: replications of a batch.
    """
    tables = _tables(instance, seed, replications, disrupted, stratified, strata)
    batch = (strata if stratified else 1) if disrupted else None
    draws = tape_blocks(instance.columns, seed, replications, 0, instance.periods, batch)
    levels = levels_of(instance, tables, slice(0, instance.periods))
    cases = _cases(instance, seed, replications, disrupted, strata if stratified else 1)
    return SharedChance(tuple(replications), tables, draws, *levels, cases)


def shared_bytes(instance: Instance, replications: int) -> int:
    """Memory that :func:`share_chance` takes for so many replications."""
    return 8 * replications * instance.periods * drawn_columns(instance)


def fate_of(
    instance: Instance,
    seed: int,
    replications: Sequence[int],
    disrupted: bool,
    stratified: bool = False,
    shared: SharedChance | None = None,
) -> Fate:
    """Draw the timetables of some replications, or take those that are shared.

    Args:
        instance: what is run.
        seed: seed of all random numbers.
        replications: their numbers.
        disrupted: False: nothing goes wrong.
        stratified: draw disruptions as a Latin hypercube across batches of replications.
        shared: what instances that differ only in decisions have in common; None: it is drawn.
    """
    if shared is not None:
        tables, cases = shared.timetables, shared.cases
    else:
        tables = _tables(instance, seed, replications, disrupted, stratified, STRATA)
        cases = _cases(instance, seed, replications, disrupted, STRATA if stratified else 1)
    arcs_fail = disrupted and bool(instance.channels.are("arc").any())
    outages = tuple(arc_outages(instance, table) for table in tables) if arcs_fail else ()
    delay = max((float(o.hold_time + o.longest_detour) for o in outages), default=0.0)
    slower = max((greatest_factor(instance, table) for table in tables), default=1.0) if can_slow(instance) else 1.0
    longest = stretched(float(instance.arcs.max_lead.max(initial=0.0)), slower) + delay
    slots = min(arrival_review(0, longest, instance.clock.ticks), max(instance.periods, 1)) + 1
    energy = None if instance.energy_plans is None else instance.energy_plans.plans_of(instance, tables)
    batch = (STRATA if stratified else 1) if disrupted else None
    return Fate(tables, outages, slots, any(o.loses for o in outages), energy, plan_arrays(energy), cases, batch)


def _tables(
    instance: Instance, seed: int, replications: Sequence[int], disrupted: bool, stratified: bool, strata: int
) -> tuple[Timetable, ...]:
    take_up()
    if not disrupted:
        return (EMPTY_TIMETABLE,) * len(replications)
    return timetables_of(instance, seed, replications, stratified, strata)


def _cases(
    instance: Instance, seed: int, replications: Sequence[int], disrupted: bool, batch: int
) -> NDArray[np.int64]:
    if instance.settlement is None:
        return _no_cases()
    if not disrupted:
        return np.full(len(replications), NO_CASE, np.int64)
    return instance.settlement.cases(seed, list(replications), batch)


def drawn_columns(instance: Instance) -> int:
    """Numbers that are drawn for a replication and period."""
    return len(instance.columns.names) + len(instance.channels) + len(instance.learnt)


def levels_of(
    instance: Instance, tables: Sequence[Timetable], rows: slice
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Level of each channel, float64[R, T, C], and what is known of it, float64[R, T, K].

    Args:
        instance: what is run; C channels, of K of which buyers learn.
        tables: timetables of R replications.
        rows: the T periods.
    """
    levels.take_up()
    periods = rows.stop - rows.start
    health = np.ones((len(tables), periods, len(instance.channels)))
    known = np.ones((len(tables), periods, len(instance.learnt)))
    fill_healths(instance, tables, rows.start, health)
    fill_known(instance, tables, rows.start, known)
    return health, known


def chance_of(
    instance: Instance,
    fate: Fate,
    seed: int,
    replications: Sequence[int],
    rows: slice,
    shared: SharedChance | None = None,
    draws: NDArray[np.float64] | None = None,
) -> Chance:
    """Tape, health, what is known of it and outages of a block of periods.

    Args:
        instance: what is run.
        fate: timetables of the replications.
        seed: seed of all random numbers.
        replications: their numbers.
        rows: the periods.
        shared: what instances that differ only in decisions have in common; None: it is drawn.
        draws: the tape of these periods where it has been drawn already.
    """
    first, count = rows.start, rows.stop - rows.start
    if shared is not None:
        parts = (shared.draws, shared.health, shared.known)
        draws, health, known = (np.ascontiguousarray(part[:, rows]) for part in parts)
    else:
        if draws is None:
            draws = tape_blocks(instance.columns, seed, replications, first, count, fate.batch)
        health, known = levels_of(instance, fate.timetables, rows)
    width = max((len(o.begins) for o in fate.outages), default=0)
    arcs = instance.network.arc_count + 1 if fate.outages else 0
    start = np.zeros((len(replications), arcs), np.int64)
    begins, ends, detours = (np.zeros((len(replications), width)) for _ in range(3))
    modes = np.zeros((len(replications), width), np.int64)
    for k, o in enumerate(fate.outages):
        used = len(o.begins)
        start[k], begins[k, :used], ends[k, :used] = o.start, o.begins, o.ends
        modes[k, :used], detours[k, :used] = o.modes, o.detours
    followed = np.zeros((len(replications), count, 0), np.int64)
    if fate.energy is not None and instance.power is not None:
        days = instance.power.days
        part = fate.energy.plan[:, first * days : (first + count) * days]
        followed = np.ascontiguousarray(part.reshape(len(replications), count, days))
    return Chance(draws, health, known, start, begins, ends, modes, detours, followed, fate.plans)
