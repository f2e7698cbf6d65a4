"""Perfect foresight: the linear program of the whole horizon on a demand that is known."""

from __future__ import annotations

import math

import numpy as np

from esc_sim.lp import BlockModel
from experiments.published.gym_invmgmt.accounts import Accounts, follow
from experiments.published.gym_invmgmt.cases import PERIODS, PRICE, RISE, SEEDS, UNMET_COST, Case, FloatArray
from experiments.published.gym_invmgmt.members import Planned

ROUNDS = 10
"""Most programs that are solved from one guess of a demand that follows service."""
CLOSE = 1.0
"""Units in sum by which demand may differ from the guess."""


def foresight(case: Case, demand: FloatArray) -> tuple[float, Planned]:
    """Largest profit where demand is known, and the orders that give it.

    Args:
        case: of the benchmark.
        demand: of each period, [PERIODS].
    """
    network = case.plan
    links, sites = network.links, network.members
    costs = np.zeros((len(links), PERIODS))
    for k, link in enumerate(links):
        seller, left = network.site(link.supplier), PERIODS - np.arange(PERIODS)
        costs[k] = link.holding * np.minimum(left, link.lead_time) + seller.operating
        costs[k] += link.price if seller.role == "supplier" else 0.0
    model = BlockModel("foresight")
    model.index("link", [f"{link.supplier}>{link.buyer}" for link in links])
    model.index("site", [site.id for site in sites])
    model.index("period", PERIODS)
    flow = model.variables("flow", "link period", cost=costs)
    stock = model.variables("stock", "site period", cost=np.array([[site.holding] for site in sites]))
    sale = model.variables("sale", "period", cost=-PRICE)
    unmet = model.variables("unmet", "period", cost=UNMET_COST)
    balance, ready = np.zeros((len(sites), PERIODS)), np.zeros((len(sites), PERIODS))
    balance[:, 0] = [site.initial_stock for site in sites]
    ready[:, 0] = balance[:, 0]
    held = model.rows("held", "site period", lower=balance, upper=balance)
    sent = model.rows("sent", "site period", upper=ready)
    most = model.rows("most", "site period", upper=np.array([[site.capacity] for site in sites]))
    held.add(stock)
    held.add_entries(held.positions[:, 1:], stock.positions[:, :-1], -1.0)
    sent.add_entries(sent.positions[:, 1:], stock.positions[:, :-1], -1.0)
    places = {site.id: k for k, site in enumerate(sites)}
    for k, link in enumerate(links):
        lead, buyer = link.lead_time, held.positions[places[link.buyer]]
        held.add_entries(buyer[lead:], flow.positions[k, : PERIODS - lead], -1.0)
        if link.supplier in places:
            for rows in (held, sent, most):
                rows.add_entries(rows.positions[places[link.supplier]], flow.positions[k], 1.0)
    (retailer,) = (k for k, site in enumerate(sites) if site.role == "retailer")
    held.add_entries(held.positions[retailer], sale.positions, 1.0)
    met = model.rows("met", "period", lower=demand, upper=demand).add(sale).add(unmet)
    if case.backlog:
        met.add_entries(met.positions[1:], unmet.positions[:-1], -1.0)
    solution = model.solve()
    return -solution.objective, {
        (link.supplier, link.buyer): np.maximum(solution["flow"][k], 0.0) for k, link in enumerate(links)
    }


def oracle(case: Case, seed_number: int) -> tuple[float, Accounts]:
    """Profit that foresight promises on a seed's path, and the run of its orders.

    Where demand follows service it cannot be known before the orders are. As in the paper, programs are solved on a
    guess, and again on the demand that their orders bring about, from the two guesses that nothing is ever met and that
    all is; the best run counts. It is no bound then.
    """
    if not case.goodwill:
        promised, orders = foresight(case, case.path(SEEDS[seed_number]))
        return promised, follow(case, orders, seed_number)
    nothing = {(link.supplier, link.buyer): np.zeros(PERIODS) for link in case.plan.links}
    draws = np.random.default_rng(SEEDS[seed_number])
    adored = np.array([float(draws.poisson(mean)) for mean in case.mean * RISE ** np.arange(PERIODS)])
    best: tuple[float, Accounts] | None = None
    for guess in (follow(case, nothing, seed_number).demand, adored):
        for _ in range(ROUNDS):
            promised, orders = foresight(case, guess)
            found = follow(case, orders, seed_number)
            if best is None or found.profit > best[1].profit:
                best = promised, found
            if math.fsum(np.abs(found.demand - guess)) <= CLOSE:
                break
            guess = found.demand
    assert best is not None
    return best
