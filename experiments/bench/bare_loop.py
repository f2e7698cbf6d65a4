"""The oil-and-gas model as one plain Python function: the baseline without agents, events, rules or arrays.

Written the way a careful programmer would write this one model in a script: lists, loops, no layers. It knows one
product, lead times of at most one period, and disruptions that stop shipments, and nothing else, and gives the same
cost to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from esc_sim.errors import InputError
from esc_sim.instance.health import fill_health, ship_health
from esc_sim.instance.model import Instance
from esc_sim.instance.spreading import timetable_of
from esc_sim.sampling.tape import tape_block

Market = list[tuple[int, list[tuple[float, int, float]]]]
"""The buyers of a market, each with its (unit cost, supplier, bid), cheapest first."""
Contract = tuple[int, float, int, float, float]
"""(supplier, minus bid, buyer, unit cost, amount)."""


@dataclass(frozen=True)
class Member:
    """A member of the chain; amounts are (mean, sd, column of the tape), column -1 reads the 0 at a row's end."""

    start: float
    safety: float
    target: float
    holding_cost: float
    penalty: float
    retail_price: float
    demand: tuple[float, float, int]
    order: tuple[float, float, int]
    production: tuple[float, float, int]


@dataclass(frozen=True)
class Chain:
    """A chain: members, markets, and the number that rounds goods to the grid when added and taken away."""

    members: list[Member]
    markets: list[Market]
    grid: float


def chain_of(instance: Instance) -> Chain:
    """The chain of an instance.

    Raises:
        InputError: the instance has something that the plain loop does not know.
    """
    items, lines, network = instance.items, instance.lines, instance.network
    plain = (
        network.item_count == network.node_count
        and (instance.arcs.max_lead <= 1.0).all()
        and np.isinf(instance.arcs.cap).all()
        and (items.yield_factor == 1.0).all()
        and (items.shortage_cost == 0.0).all()
        and instance.switches.partial
        and not instance.switches.backorder
        and not len(instance.learnt)
        and (instance.switches.feedback, instance.switches.holding_cost_timing) == (1, 0)
    )
    if not plain:
        raise InputError("the plain loop knows the oil-and-gas model only")

    def amounts(what: str) -> list[tuple[float, float, int]]:
        parts = (getattr(items, f"{what}_{part}").tolist() for part in ("loc", "scale", "column"))
        return list(zip(*parts, strict=True))

    members = [
        Member(*numbers)
        for numbers in zip(
            items.initial_stock.tolist(),
            items.safety_stock.tolist(),
            items.target_stock.tolist(),
            items.holding_cost.tolist(),
            items.penalty.tolist(),
            items.retail_price.tolist(),
            amounts("demand"),
            amounts("order"),
            amounts("production"),
            strict=True,
        )
    ]
    markets: list[Market] = []
    for first, last in zip(lines.market_start[:-1].tolist(), lines.market_start[1:].tolist(), strict=True):
        market: Market = []
        for line in range(first, last):
            arcs = range(lines.line_start[line], lines.line_start[line + 1])
            offers = [(float(lines.unit_cost[a]), int(lines.supplier[a]), float(lines.price[a])) for a in arcs]
            market.append((int(lines.line_item[line]), offers))
        markets.append(market)
    return Chain(members, markets, 1.5 * 2.0 ** (52 - instance.switches.goods_bits))


def tape_and_health(instance: Instance, seed: int, replication: int) -> tuple[list[list[float]], list[list[float]]]:
    """The random numbers and what each member can ship, row by row, as lists; a 0 ends each row of numbers."""
    tape = tape_block(instance.columns, seed, replication, 0, instance.periods)
    rows = np.ones((instance.periods, len(instance.channels)))
    fill_health(instance, timetable_of(instance, seed, replication), 0, rows)
    return np.c_[tape, np.zeros(len(tape))].tolist(), ship_health(instance, rows).tolist()


class Day:
    """What one period needs of every member."""

    def __init__(self, count: int) -> None:
        self.income, self.spent = [0.0] * count, [0.0] * count
        self.storage, self.penalty = [0.0] * count, [0.0] * count
        self.limit, self.wanted = [0.0] * count, [0.0] * count


def run_chain(chain: Chain, tape: list[list[float]], health: list[list[float]]) -> tuple[list[float], list[float]]:
    """Cost and profit of the chain in every period."""
    count = len(chain.members)
    stock = [m.start for m in chain.members]
    arriving = [0.0] * count
    costs, profits = [], []
    for draws, well in zip(tape, health, strict=True):
        day = Day(count)
        _open(chain, day, stock, arriving, draws)
        held: list[Contract] = []
        for market in chain.markets:
            _trade(market, day, stock, arriving, well, held)
        if held:
            _ship_held(chain, day, stock, arriving, well, held)
        cost = profit = 0.0
        for i in range(count):
            own = day.spent[i] + day.storage[i] + day.penalty[i]
            cost += own
            profit += day.income[i] - own
        costs.append(cost)
        profits.append(profit)
    return costs, profits


def _open(chain: Chain, day: Day, stock: list[float], arriving: list[float], draws: list[float]) -> None:
    """Goods arrive, sources produce, orders are planned, final demand is served."""
    grid = chain.grid
    for i, m in enumerate(chain.members):
        stock[i] += arriving[i]
        arriving[i] = 0.0
        mean, sd, column = m.production
        if mean:
            made = (max(0.0, mean + sd * draws[column]) + grid) - grid
            stock[i] = max(stock[i], min(m.target, stock[i] + made))
        day.storage[i] = m.holding_cost * stock[i]
        day.limit[i] = max(0.0, stock[i] - m.safety)
        mean, sd, column = m.order
        if mean:
            planned = (max(0.0, mean + sd * draws[column]) + grid) - grid
            day.wanted[i] = max(0.0, planned - max(0.0, stock[i] - m.target))
        mean, sd, column = m.demand
        if mean:
            served = min((max(0.0, mean + sd * draws[column]) + grid) - grid, day.limit[i])
            day.limit[i] -= served
            stock[i] -= served
            day.income[i] += m.retail_price * served


def _trade(
    market: Market, day: Day, stock: list[float], arriving: list[float], well: list[float], held: list[Contract]
) -> None:
    """Rounds of bids and answers; what a disrupted supplier sells is held back."""
    wanted, limit = day.wanted, day.limit
    waiting = [(buyer, offers, 0) for buyer, offers in market if wanted[buyer] > 0.0]
    while waiting:
        bids: dict[int, list[tuple[float, int, float]]] = {}
        asked = []
        for buyer, offers, tried in waiting:
            while tried < len(offers) and limit[offers[tried][1]] <= 0.0:
                tried += 1
            if tried < len(offers):
                unit_cost, supplier, bid = offers[tried]
                bids.setdefault(supplier, []).append((-bid, buyer, unit_cost))
                asked.append((buyer, offers, tried + 1))
        for supplier in sorted(bids):
            for bid, buyer, unit_cost in sorted(bids[supplier]):
                amount = min(wanted[buyer], limit[supplier])
                if amount <= 0.0:
                    continue
                wanted[buyer] -= amount
                limit[supplier] -= amount
                if well[supplier] < 1.0:
                    held.append((supplier, bid, buyer, unit_cost, amount))
                    continue
                stock[supplier] -= amount
                arriving[buyer] += amount
                day.income[supplier] -= bid * amount
                day.spent[buyer] += unit_cost * amount
        waiting = [entry for entry in asked if wanted[entry[0]] > 0.0]


def _ship_held(
    chain: Chain, day: Day, stock: list[float], arriving: list[float], well: list[float], held: list[Contract]
) -> None:
    """Disrupted suppliers ship what they can, the highest bids first, and pay for the rest."""
    able: dict[int, float] = {}
    for supplier, _, _, _, amount in held:
        able[supplier] = able.get(supplier, 0.0) + amount
    for supplier, total in able.items():
        able[supplier] = min((well[supplier] * total + chain.grid) - chain.grid, stock[supplier])
    for supplier, bid, buyer, unit_cost, promised in sorted(held):
        amount = min(promised, able[supplier])
        able[supplier] -= amount
        day.penalty[supplier] += chain.members[supplier].penalty * (promised - amount)
        stock[supplier] -= amount
        arriving[buyer] += amount
        day.income[supplier] -= bid * amount
        day.spent[buyer] += unit_cost * amount
