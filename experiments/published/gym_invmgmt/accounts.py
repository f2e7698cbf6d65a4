"""A run of ours, period by period, and its profit as the benchmark counts it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import esc_sim
from esc_sim.instance.model import Instance
from experiments.published.gym_invmgmt.cases import PERIODS, Case, FloatArray
from experiments.published.gym_invmgmt.members import Asking, Ordering, Planned, customers_of
from experiments.published.gym_invmgmt.scenario import by_period, scenario


@dataclass(frozen=True)
class Accounts:
    """A run in the benchmark's periods.

    Attributes:
        profits: of each period, [PERIODS]: income, holding and shortage of a review, orders of the one before.
        late: what they charge too much in sum, for goods that never arrive.
        demand: of each period, [PERIODS].
        flows: units that left by (supplier, buyer) and period of order, [PERIODS].
        stocks: on hand by site at the end of each period, before the next one's orders leave, [PERIODS].
    """

    profits: FloatArray
    late: float
    demand: FloatArray
    flows: dict[tuple[str, str], FloatArray]
    stocks: dict[str, FloatArray]

    @property
    def profit(self) -> float:
        """Of all periods."""
        return math.fsum(self.profits) + self.late


def run(case: Case, document: esc_sim.Scenario | Instance, seed_number: int, **options: Any) -> Accounts:
    """Simulate a case on the path of one of the benchmark's seeds, and keep its books.

    Args:
        case: of the benchmark.
        document: it with the mean demand, as a scenario or an instance.
        seed_number: number of the seed, from 0.
        options: of :class:`esc_sim.SupplyChainModel`; by default only the retailer's demand is the benchmark's.
    """
    options = {"members": {"retailer": customers_of(case)}} | options
    model = esc_sim.SupplyChainModel(document, replication=seed_number, **options)
    ids, books = model.instance.network.node_ids, model.books
    links = [(ids[s], ids[b]) for s, b in zip(books.of_arcs("supplier_node"), books.of_arcs("buyer_node"), strict=True)]
    sites = [ids[node] for node in model.instance.network.item_node]
    sent, stocks, before = [], [], np.zeros(len(links))
    for _ in range(PERIODS + 1):
        model.run(1)
        total = np.array(model.books.arc_total)
        sent.append(total - before)
        before = total
        stocks.append(np.array(model.books.of_items("stock")) + np.array(model.books.of_items("shipped")))
    flows = {link: np.array([row[k] for row in sent]) for k, link in enumerate(links)}
    books = model.datacollector.get_model_vars_dataframe()
    earned = np.array(books["retail_income"] - books["storage"] - books["shortage_cost"])[1:]
    paid = np.array(books["procurement"] - books["internal_income"])[:PERIODS]
    retailer = next(agent for agent in model.agents if agent.role == "retailer")
    held = {site: np.array([row[k] for row in stocks[1:]]) for k, site in enumerate(sites)}
    flows = {link: sent[:PERIODS] for link, sent in flows.items()}
    return Accounts(earned - paid, late_charges(case, flows), np.array(retailer.demanded), flows, held)


def late_charges(case: Case, flows: Mapping[tuple[str, str], FloatArray]) -> float:
    """What our scenario charges, when goods leave, for time on their way after the benchmark's end."""
    left = PERIODS - np.arange(PERIODS)
    return math.fsum(
        (link.holding - by_period(case.plan, link.buyer))
        * float(flows[link.supplier, link.buyer] @ np.maximum(link.lead_time - left, 0))
        for link in case.plan.links
    )


def follow(case: Case, planned: Planned, seed_number: int) -> Accounts:
    """Run orders that are fixed, link by link."""
    sites = [site.id for site in case.plan.members]
    document = scenario(case, case.mean, {site: {"policy": "base_stock", "order_up_to": 0.0} for site in sites})
    policies = {site: Ordering(planned, site) for site in sites}
    return run(case, document, seed_number, policies=policies, negotiation=Asking(planned))
