"""Runs blocks of replications and periods through the kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.block import Block
from esc_sim.engine.compiled.arrays import Floats
from esc_sim.engine.compiled.build import lengthened, net_of, states_of, work_for
from esc_sim.engine.compiled.chance import SharedChance, chance_of, fate_of
from esc_sim.engine.compiled.kernel import kernel_for
from esc_sim.engine.compiled.plugins import failed_view
from esc_sim.engine.compiled.records import ITEM_OUT, NODE_OUT, PERIOD_OUT
from esc_sim.engine.outputs import UNWRITTEN, blank_rows, blank_table, summed_numbers, written_numbers, written_table
from esc_sim.errors import InputError
from esc_sim.instance.model import Instance

_BLOCK_VALUES = 2_000_000
"""Values of the tape, or of parts that are owed, that a block of periods may have (16 MB)."""


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
    if instance.agent_features:
        raise InputError(f"the compiled engine cannot run this: {'; '.join(instance.agent_features)}")
    network, total, count = instance.network, instance.periods, len(replications)
    fate = fate_of(instance, seed, replications, disrupted, stratified, shared)
    net, work = net_of(instance), work_for(instance)
    state = states_of(instance, count, fate.slots, fate.losing)
    periods = blank_rows((count, total), PERIOD_OUT)
    stock_sum = np.zeros((total if stock else 0, network.item_count))
    items = blank_rows((count if trace else 0, total, network.item_count), ITEM_OUT)
    nodes = blank_rows((count if trace else 0, total, network.node_count), NODE_OUT)
    observed = blank_table((count, total, len(instance.observed)))
    work.observed[...] = UNWRITTEN  # each replication overwrites what the one before has shown
    columns = len(instance.columns.names) + len(instance.channels) + len(instance.learnt)
    width = count * columns if shared is None else 0
    width = max(1, width, count * state.since.shape[1])
    step = max(1, min(total, _BLOCK_VALUES // width))
    for first in range(0, total, step):
        rows = slice(first, min(first + step, total))
        chance = chance_of(instance, fate, seed, replications, first, rows.stop - first, shared)
        out, own_items, own_nodes, shown = (_block_of(whole, rows) for whole in (periods, items, nodes, observed))
        own_stock = stock_sum[rows]
        state = lengthened(state, first, rows.stop)
        arguments = (net, state, chance, work, first, out, own_stock, own_items, own_nodes, shown)
        kernel_for(*arguments)(*arguments)
        if work.failure[0] != 0.0:
            refuse(instance, work.failure)
        for whole, part in ((periods, out), (items, own_items), (nodes, own_nodes), (observed, shown)):
            if part is not whole:
                whole[:, rows] = part
    shipped = np.empty(network.arc_count)
    shipped[instance.lines.arc_order[instance.lines.by_pos]] = state.arc_total.sum(axis=0)
    return Block(
        written_numbers(periods, "periods"),
        shipped,
        stock_sum,
        written_numbers(items, "items"),
        written_numbers(nodes, "nodes"),
        summed_numbers(state.tally, "the tally"),
        summed_numbers(state.service, "the service of customers"),
        summed_numbers(state.flows, "flows"),
        fate.timetables,
        state.items["stock"] + state.items["in_transit"] + state.in_process,
        written_table(observed, [number.name for number in instance.observed], "what features show"),
    )


def _block_of(whole: NDArray[Any], rows: slice) -> NDArray[Any]:
    """Where the kernel writes a block of periods: the result itself, or an array to be copied into it.

    The kernel takes contiguous arrays only; a run that fits one block spares the copy and its memory.
    """
    if rows == slice(0, whole.shape[1]):
        return whole
    shape = (whole.shape[0], rows.stop - rows.start, *whole.shape[2:])
    return np.empty(shape) if whole.dtype.names is None else blank_rows(shape, whole.dtype)


def refuse(instance: Instance, failure: Floats) -> NoReturn:
    """Ask a user's function once more, as plain Python, whose failure names its file and line."""
    item = int(failure[1])
    plugin, network = instance.plugins[item], instance.network
    view = failed_view(failure, network.node_ids[network.item_node[item]], network.products[network.item_product[item]])
    plugin.ask(plugin.make(), view)
    raise InputError(f"'{plugin.name}' gave no quantity for '{view.node}'")
