"""A run of ours, period by period, and its profit as the benchmark counts it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import esc_sim
from esc_sim.results.columns import PERIOD_COLUMNS
from experiments.published.gym_invmgmt.cases import PERIODS, Case, FloatArray
from experiments.published.gym_invmgmt.members import Asking, Ordering, Planned, customers_of
from experiments.published.gym_invmgmt.scenario import by_period, opening_cost, scenario


@dataclass(frozen=True)
class Accounts:
    """A run in the benchmark's periods.

    Attributes:
        profit: in sum.
        demand: of each period, [PERIODS].
        flows: units that left by (supplier, buyer) and period of order, [PERIODS].
        stocks: on hand by site at the end of each period, before the next one's orders leave, [PERIODS].
    """

    profit: float
    demand: FloatArray
    flows: dict[tuple[str, str], FloatArray]
    stocks: dict[str, FloatArray]


def run(case: Case, document: esc_sim.Scenario, seed_number: int, **options: Any) -> Accounts:
    """Simulate a case on the path of one of the benchmark's seeds, and keep its books.

    Args:
        case: of the benchmark.
        document: it as a scenario, with the mean demand.
        seed_number: number of the seed, from 0.
        options: of :class:`esc_sim.SupplyChainModel`.
    """
    model = esc_sim.SupplyChainModel(
        document, replication=seed_number, members={"retailer": customers_of(case)}, **options
    )
    ids, numbers = model.instance.network.node_ids, model.numbers
    links = [(ids[s], ids[b]) for s, b in zip(numbers.supplier_node, numbers.buyer_node, strict=True)]
    sites = [ids[node] for node in model.instance.network.item_node]
    sent, stocks, before = [], [], np.zeros(len(links))
    for _ in range(PERIODS + 1):
        model.run(1)
        total = np.array(model.books.arc_total)
        sent.append(total - before)
        before = total
        stocks.append(np.array(model.books.stock) + np.array(model.books.shipped))
    flows = {link: np.array([row[k] for row in sent]) for k, link in enumerate(links)}
    profit = math.fsum(model.datacollector.get_model_vars_dataframe()["profit"])
    profit += opening_cost(case.plan) + late_charges(case, flows)
    retailer = next(agent for agent in model.agents if agent.role == "retailer")
    held = {site: np.array([row[k] for row in stocks[1:]]) for k, site in enumerate(sites)}
    return Accounts(profit, np.array(retailer.demanded), {k: v[:PERIODS] for k, v in flows.items()}, held)


def late_charges(case: Case, flows: Mapping[tuple[str, str], FloatArray]) -> float:
    """What our scenario charges for goods sent too late to arrive, and the benchmark does not: of time after its end."""
    network, found = case.plan, 0.0
    for link in network.links:
        seller, flow = network.site(link.supplier), flows[link.supplier, link.buyer]
        more = link.holding - by_period(network, link.buyer)
        for period in range(PERIODS):
            found += float(flow[period]) * more * max(0, period + link.lead_time - PERIODS)
        outlay = seller.operating + more * link.lead_time + (link.price if seller.role == "supplier" else 0.0)
        found += float(flow[PERIODS]) * outlay  # the benchmark ends before this order
    return found


def follow(case: Case, planned: Planned, seed_number: int) -> Accounts:
    """Run orders that are fixed, link by link."""
    sites = [site.id for site in case.plan.members]
    document = scenario(case, case.mean, {site: {"policy": "base_stock", "order_up_to": 0.0} for site in sites})
    policies = {site: Ordering(planned, site) for site in sites}
    return run(case, document, seed_number, policies=policies, negotiation=Asking(planned))


__all__ = ["PERIOD_COLUMNS", "Accounts", "follow", "late_charges", "run"]
