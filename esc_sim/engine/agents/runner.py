"""Runs replications with agents, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.engine.block import Block
from esc_sim.instance.model import Instance
from esc_sim.results.links import LinkAmounts, add_links
from esc_sim.results.lots import LotAmounts, add_amounts
from esc_sim.sampling.streams import STRATA


def run_replications(
    instance: Instance,
    seed: int,
    replications: Sequence[int],
    *,
    disrupted: bool = True,
    stratified: bool = False,
    strata: int = STRATA,
    stock: bool = False,
    trace: bool = False,
    lots: bool = False,
) -> Block:
    """Run replications of an instance; arguments and result as of the compiled engine's function of this name.

    With ``lots``, goods are followed by their origin.

    Args:
        instance: what is run.
        seed: seed of all random numbers.
        replications: numbers of the replications.
        disrupted: False: nothing goes wrong, on the same other random numbers.
        stratified: draw disruptions as a Latin hypercube across batches of replications.
        strata: replications of a batch.
        stock: add up the stock of every item in every period.
        trace: keep every item and node of every period.
        lots: follow goods by their origin.
    """
    shipped = np.zeros(instance.network.arc_count)
    stock_sum = np.zeros((instance.periods if stock else 0, instance.network.item_count))
    periods, items, nodes, tallies, service, flows, tables, observed = [], [], [], [], [], [], [], []
    held = []
    amounts: LotAmounts = {}
    links: LinkAmounts = {}
    for replication in replications:
        model = SupplyChainModel(
            instance,
            seed=seed,
            replication=replication,
            disrupted=disrupted,
            stratified=stratified,
            strata=strata,
            trace=trace,
            keep_stock=stock,
            lots=lots,
        )
        model.run()
        recorder = model.recorder
        periods.append(recorder.periods)
        tallies.append(recorder.tally)
        service.append(recorder.service)
        flows.append(recorder.flows)
        observed.append(recorder.observed)
        tables.append(model.hazards.played)
        books = model.books
        held.append(np.array([item.stock + item.in_transit + item.in_process for item in books.items]))
        shipped[instance.lines.arc_order] += model.books.arc_total[: len(shipped)]
        add_links(links, model.links.amounts())
        if stock:
            stock_sum += recorder.stock
        if model.lots is not None:
            add_amounts(amounts, model.lots.amounts())
        if trace:
            items.append(recorder.items)
            nodes.append(recorder.nodes)
    empty = np.empty((0, instance.periods, 0, 0))
    return Block(
        np.stack(periods),
        shipped,
        stock_sum,
        np.stack(items) if trace else empty,
        np.stack(nodes) if trace else empty,
        np.stack(tallies),
        np.stack(service),
        np.stack(flows),
        tuple(tables),
        np.stack(held),
        np.stack(observed),
        links,
        amounts if lots else None,
    )
