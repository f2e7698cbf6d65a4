"""Runs blocks of replications and periods through the kernel, with the undisrupted twin beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.block import Block, Twin
from esc_sim.engine.compiled.chance import Fate, SharedChance, chance_of, drawn_columns, fate_of, levels_of
from esc_sim.engine.compiled.lean_run import run_lean, takes
from esc_sim.engine.compiled.states import can_depart, equal_states
from esc_sim.engine.compiled.walk import Walk
from esc_sim.errors import InputError
from esc_sim.instance.model import Instance

_FIRST_LOOK: Final = 4
"""Periods after which a twin that has departed is first looked at; twice as many after each look in vain."""
_LEVELS: Final = 2_000_000
"""Levels of channels that are looked at together (16 MB)."""


def run_replications(
    instance: Instance,
    seed: int,
    replications: Sequence[int],
    *,
    disrupted: bool = True,
    stratified: bool = False,
    stock: bool = False,
    trace: bool = False,
    shared: SharedChance | None = None,
) -> Block:
    """Run replications of an instance, one after the other, in this thread; releases the GIL.

    Args:
        instance: what to run.
        seed: seed of the run.
        replications: their numbers.
        disrupted: play the disruptions; without them the same random numbers give the undisrupted twin.
        stratified: draw disruptions as a Latin hypercube across batches of 16 replications.
        stock: sum the stock of every item and period.
        trace: keep every item and node.
        shared: draws made before for these replications (see ``share_chance``); seed and ``stratified`` are then
            not looked at.

    Raises:
        InputError: the instance needs the agent engine.
    """
    _check(instance)
    if not trace and takes(instance, replications):
        return run_lean(instance, seed, replications, stock=stock, shared=shared)
    fate = fate_of(instance, seed, replications, disrupted, stratified, shared)
    walk = Walk(instance, replications, fate, stock=stock, trace=trace)
    step = walk.step(0 if shared is not None else drawn_columns(instance))
    for first in range(0, instance.periods, step):
        rows = slice(first, min(first + step, instance.periods))
        walk.play(chance_of(instance, fate, seed, replications, rows, shared), rows)
    walk.settle()
    return walk.block()


def run_with_twin(
    instance: Instance,
    seed: int,
    replications: Sequence[int],
    *,
    stratified: bool = False,
    trace: bool = False,
    meeting: bool = False,
) -> tuple[Block, Twin]:
    """Run replications, and beside them the undisrupted twin on the same tape, drawn once.

    A twin that is looked at for meeting its run is walked only while the two differ: it departs from the run's state
    when something goes wrong, and is followed until its whole state equals the run's, bit for bit, and nothing is
    wrong any more. What the two have in common is the run's, to the last bit.

    Args:
        instance: what to run.
        seed: seed of the run.
        replications: their numbers.
        stratified: draw disruptions as a Latin hypercube across batches of 16 replications.
        trace: keep every item and node of the run.
        meeting: walk the twin only where it differs. That costs a look now and then, and pays where a period is long
            work. The replications are then walked together, so it is best done one by one.

    Raises:
        InputError: the instance needs the agent engine.
    """
    _check(instance)
    total = instance.periods
    fate = fate_of(instance, seed, replications, True, stratified)
    calm = replace(fate_of(instance, seed, replications, False), slots=fate.slots, losing=fate.losing)
    run = Walk(instance, replications, fate, stock=True, trace=trace)
    beside = instance if meeting or _needs_tally(instance) else replace(instance, tally=False)  # nobody reads it
    twin = Walk(beside, replications, calm, stock=True, trace=False)
    alike = not instance.columns.spreads
    """Whether the twin meets the same draws."""
    wrong = _wrong(instance, fate) if meeting and alike and can_depart(instance) else np.ones(total, np.bool_)
    changes = [*(np.flatnonzero(np.diff(wrong)) + 1).tolist(), total]
    step, first, apart, look = run.step(drawn_columns(instance)), 0, bool(wrong[0]), _FIRST_LOOK
    while first < total:
        if wrong[first] and not apart:
            twin.depart_from(run)
            apart = True
        if wrong[first] or not apart:
            end, look = next(change for change in changes if change > first), _FIRST_LOOK
        else:
            end, look = first + look, 2 * look
        end = min(end, first + step, total)
        rows = slice(first, end)
        chance = chance_of(instance, fate, seed, replications, rows)
        run.play(chance, rows)
        if apart:
            twin.play(chance_of(instance, calm, seed, replications, rows, draws=chance.draws if alike else None), rows)
        else:
            twin.take_over(run, rows)
        if apart and end < total and not wrong[end] and equal_states(run.state, twin.state, end, instance).all():
            twin.join(run)
            apart = False
        first = end
    if not apart:
        twin.depart_from(run)
    run.settle()
    twin.settle()
    return run.block(), Twin(twin.periods, twin.arc_shipped, twin.stock, twin.service)


def _needs_tally(instance: Instance) -> bool:
    """Whether orders follow from what items were asked for."""
    return instance.orders.has_terms or instance.switches.owing or instance.live is not None


def _check(instance: Instance) -> None:
    if instance.agent_features:
        raise InputError(f"the compiled engine cannot run this: {'; '.join(instance.agent_features)}")


def _wrong(instance: Instance, fate: Fate) -> NDArray[np.bool_]:
    """In which periods anything is wrong, or known to be, in any of some replications, bool[T].

    The way of a shipment is worked out when it leaves, so that an arc is wrong as soon as a shipment may leave that
    would meet its outage.
    """
    wrong = np.zeros(instance.periods, np.bool_)
    step = max(1, _LEVELS // max(1, len(fate.timetables) * drawn_columns(instance)))
    for first in range(0, instance.periods, step):
        rows = slice(first, min(first + step, instance.periods))
        for levels in levels_of(instance, fate.timetables, rows):
            wrong[rows] |= (levels != 1.0).any(axis=(0, 2))
    ticks = instance.clock.ticks
    for outages in fate.outages:
        for begin, end in zip(outages.begins, outages.ends, strict=True):
            wrong[max(0, int(begin // ticks) - fate.slots) : int(end // ticks) + 2] = True
    return wrong
