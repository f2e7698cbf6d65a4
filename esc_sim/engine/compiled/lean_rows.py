"""Behaviours of one item, arc or node, for a row of paths each; compiled, but valid Python as it stands.

Each loop goes over paths, whose numbers stand side by side, so that the processor works on several at once. No two rows
that a function is handed are the same, which the compiler is told. The arithmetic is in ``esc_sim.rules``.
"""

from __future__ import annotations

from numpy.typing import NDArray

from esc_sim.policies.registry import RULES
from esc_sim.rules.ledger import charged_stock, node_cost
from esc_sim.rules.order import bid_quantity, drawn_amount, planned_order
from esc_sim.rules.produce import stock_after_production
from esc_sim.rules.replenish import filled_at_once, inventory_position, order_size
from esc_sim.rules.sell import accepted_amount, limit_for_new, sellable, served_demand
from esc_sim.rules.service import met_at_once, overdue_demand, ready_at_end
from esc_sim.rules.types import Floats

Row = NDArray


def clear(row: Row, n: int) -> None:
    """Nothing, for n paths."""
    for r in range(n):
        row[r] = 0.0


def add(total: Row, row: Row, n: int) -> None:
    """Add a row to another."""
    for r in range(n):
        total[r] += row[r]


def charge(money: Row, cost: float, row: Row, n: int) -> None:
    """Charge for what a row holds."""
    for r in range(n):
        money[r] += charged_stock(cost, row[r])


def receive(ring: Row, transit: Row, stock: Row, total: Row, n: int) -> None:
    """What arrives comes in."""
    for r in range(n):
        taken = ring[r]
        ring[r] = 0.0
        transit[r] -= taken
        stock[r] += taken
        total[r] += taken


def produce(
    loc: float, scale: float, target: float, emissions: float, offset: float, draws: Row, stock: Row, total: Row,
    emitted: Row, n: int,
) -> None:  # fmt: skip
    """A source makes goods."""
    for r in range(n):
        before = stock[r]
        after = stock_after_production(before, target, drawn_amount(loc, scale, draws[r], offset))
        stock[r] = after
        total[r] += after - before
        emitted[r] += emissions * (after - before)


def offer(safety: float, capacity: float, stock: Row, limit: Row, n: int) -> None:
    """What can be sold."""
    for r in range(n):
        limit[r] = sellable(stock[r], safety, capacity)


def plan_drawn(
    loc: float, scale: float, target: float, feedback: int, offset: float, draws: Row, stock: Row, wanted: Row, n: int
) -> None:
    """Orders that are drawn."""
    for r in range(n):
        wanted[r] = planned_order(drawn_amount(loc, scale, draws[r], offset), stock[r], target, feedback)


def look(safety: float, stock: Row, transit: Row, awaits: Row, backlog: Row, owes: Row, position: Row, n: int) -> None:
    """Inventory position."""
    for r in range(n):
        position[r] = inventory_position(stock[r], safety, transit[r] + awaits[r], backlog[r] + owes[r])


def _nothing(asked: int, parameters: Floats, position: Row, wanted: Row, n: int) -> None:
    clear(wanted, n)


def _or_else(number, rule, others):  # type: ignore[no-untyped-def]
    def plan(asked: int, parameters: Floats, position: Row, wanted: Row, n: int) -> None:
        if asked == number:
            for r in range(n):
                wanted[r] = rule(position[r], parameters)
        else:
            others(asked, parameters, position, wanted, n)

    return plan


def _chain():  # type: ignore[no-untyped-def]
    chain = [_nothing]
    for number, rule in enumerate(RULES):
        chain.append(_or_else(number, rule, chain[-1]))
    return tuple(chain)


PLANS = _chain()
"""A chain of functions, each of which asks its rule, path by path, or the function before it."""
plan_by_rule = PLANS[-1]
"""What the rule of a number wants at a row of positions."""


def size(minimum: float, multiple: float, wanted: Row, n: int) -> None:
    """Orders of at least a minimum, in multiples."""
    if multiple > 0.0:
        for r in range(n):
            wanted[r] = order_size(wanted[r], minimum, multiple)
    else:
        for r in range(n):
            wanted[r] = order_size(wanted[r], minimum, 0.0)


def order(fixed_cost: float, wanted: Row, ordered: Row, money: Row, total: Row, n: int) -> None:
    """Place what is wanted."""
    for r in range(n):
        quantity = wanted[r]
        ordered[r] = quantity
        total[r] += quantity
        money[r] += fixed_cost if quantity > 0.0 else 0.0


def ask(
    loc: float, scale: float, offset: float, draws: Row, asked: Row, total: Row, n: int
) -> None:
    """Customers ask for goods."""
    for r in range(n):
        drawn = drawn_amount(loc, scale, draws[r], offset)
        asked[r] = drawn
        total[r] += drawn


def serve(
    price: float, shortage_cost: float, partial: int, backorder: int, asked: Row, backlog: Row, limit: Row, stock: Row,
    served: Row, filled: Row, retail: Row, shortage: Row, n: int,
) -> None:  # fmt: skip
    """Customers are served."""
    for r in range(n):
        owed = backlog[r]
        wanted = asked[r] + owed
        amount = served_demand(wanted, limit[r], partial != 0)
        filled[r] = filled_at_once(amount, owed)
        served[r] = amount
        limit[r] -= amount
        stock[r] -= amount
        retail[r] += price * amount
        shortage[r] += shortage_cost * (wanted - amount)
        backlog[r] = wanted - amount if backorder != 0 else owed


def count_served(
    backorder: int, asked: Row, filled: Row, backlog: Row, served: Row, met: Row, ready: Row, at_once: Row,
    all_served: Row, n: int,
) -> None:  # fmt: skip
    """Totals of how customers were served."""
    for r in range(n):
        met[r] += met_at_once(asked[r], filled[r])
        ready[r] += ready_at_end(0.0, backlog[r]) if backorder != 0 else 0.0
        at_once[r] += filled[r]
        all_served[r] += served[r]


def keep_service(backorder: int, asked: Row, filled: Row, backlog: Row, sums: NDArray, n: int) -> None:
    """Sums of how a customer was served since the warm-up."""
    demand, full, gone, waits, met, ready, overdue = sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6]
    _sum_service(backorder, asked, filled, backlog, demand, full, gone, waits, met, ready, overdue, n)


def _sum_service(
    backorder: int, asked: Row, filled: Row, backlog: Row, demand: Row, full: Row, gone: Row, waits: Row, met: Row,
    ready: Row, overdue: Row, n: int,
) -> None:  # fmt: skip
    for r in range(n):
        lost = asked[r] - filled[r] if backorder == 0 else 0.0
        demand[r] += asked[r]
        full[r] += filled[r]
        gone[r] += lost
        waits[r] += backlog[r]
        met[r] += met_at_once(asked[r], filled[r])
        ready[r] += ready_at_end(lost, backlog[r])
        overdue[r] = overdue_demand(backlog[r], demand[r], full[r], gone[r])


def begin_keeping(limit: Row, rest: Row, kept: Row, n: int) -> None:
    """A supplier looks at what it can sell before it keeps goods for orders that it owes."""
    for r in range(n):
        rest[r] = limit[r]
        kept[r] = 0.0


def keep_for(cap: float, owed: Row, rest: Row, kept: Row, all_kept: Row, n: int) -> None:
    """It keeps what it owes a buyer, as far as it goes."""
    for r in range(n):
        wanted = bid_quantity(owed[r], cap)
        amount = accepted_amount(wanted, rest[r], True)
        kept[r] = amount
        all_kept[r] += amount
        rest[r] = 0.0 if amount < wanted else rest[r] - amount


def end_keeping(limit: Row, rest: Row, kept: Row, n: int) -> None:
    """What is left for new orders."""
    for r in range(n):
        limit[r] = limit_for_new(limit[r], kept[r], rest[r])


def settle_owed(amount: Row, owed: Row, owes: Row, awaits: Row, n: int) -> None:
    """What was kept leaves."""
    for r in range(n):
        owed[r] -= amount[r]
        owes[r] -= amount[r]
        awaits[r] -= amount[r]


def bid(cap: float, kept: Row, residual: Row, limit: Row, amount: Row, asked: Row, filled: Row, n: int) -> None:
    """A buyer bids for what it wants, and its supplier accepts what it has."""
    for r in range(n):
        accepted = accepted_amount(bid_quantity(residual[r], cap - kept[r]), limit[r], True)
        amount[r] = accepted
        residual[r] -= accepted
        limit[r] -= accepted
        asked[r] += accepted
        filled[r] += accepted


def sell(
    price: float, unit_cost: float, emissions: float, amount: Row, stock: Row, transit: Row, shipped: Row,
    income: Row, paid: Row, emitted: Row, total: Row, n: int,
) -> None:  # fmt: skip
    """Goods leave, and money changes hands."""
    for r in range(n):
        goods = amount[r]
        stock[r] -= goods
        transit[r] += goods
        shipped[r] += goods
        income[r] += price * goods
        paid[r] += unit_cost * goods
        emitted[r] += emissions * goods
        total[r] += goods


def close_market(residual: Row, asked: Row, n: int) -> None:
    """What no supplier accepted counts as asked of the buyer's own."""
    for r in range(n):
        asked[r] += residual[r]


def owe(residual: Row, owed: Row, owes: Row, awaits: Row, n: int) -> None:
    """A supplier owes what it did not accept."""
    for r in range(n):
        left = residual[r]
        owed[r] += left
        owes[r] += left
        awaits[r] += left
        residual[r] = 0.0


def keep_tally(asked: Row, filled: Row, ordered: Row, stock: Row, sums: NDArray, n: int) -> None:
    """Sums of what an item was asked for since the warm-up."""
    _sum_tally(
        asked, filled, ordered, stock, sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7], n
    )


def _sum_tally(
    asked: Row, filled: Row, ordered: Row, stock: Row, demand: Row, demand_squared: Row, met: Row, all_ordered: Row,
    ordered_squared: Row, orders: Row, level: Row, short: Row, n: int,
) -> None:  # fmt: skip
    for r in range(n):
        demand[r] += asked[r]
        demand_squared[r] += asked[r] * asked[r]
        met[r] += filled[r]
        all_ordered[r] += ordered[r]
        ordered_squared[r] += ordered[r] * ordered[r]
        orders[r] += 1.0 if ordered[r] > 0.0 else 0.0
        level[r] += stock[r]
        short[r] += 1.0 if filled[r] < asked[r] else 0.0


def close_node(
    retail: Row, internal: Row, paid: Row, storage: Row, shortage: Row, fixed: Row, cost: Row, profit: Row, n: int
) -> None:
    """A node's cost and profit of the period."""
    for r in range(n):
        spent = node_cost(paid[r], storage[r], 0.0, shortage[r], fixed[r], 0.0, 0.0)
        cost[r] += spent
        profit[r] += retail[r] + internal[r] - spent


def close_demand(demand: Row, served: Row, filled: Row, lost: Row, met: Row, ready: Row, n: int) -> None:
    """Where demand is lost, what was served was met at once, and who was served in full is who lost nothing."""
    for r in range(n):
        filled[r] = served[r]
        lost[r] = demand[r] - served[r]
        ready[r] = met[r]


def share(row: Row, customers: int, n: int) -> None:
    """A count of customers as a share of them."""
    for r in range(n):
        row[r] = row[r] / customers if customers > 0 else 0.0
