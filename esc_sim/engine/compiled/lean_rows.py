"""What an item, an arc or a node does, for a row of paths; compiled, but valid Python as it stands.

Each loop goes over paths, whose numbers stand side by side, so that the processor works on several at once. No two rows
that a function is handed are the same, which the compiler is told. The arithmetic is in ``esc_sim.rules``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from numpy.typing import NDArray

from esc_sim.policies.policy import Rule
from esc_sim.policies.registry import RULES
from esc_sim.rules.ledger import charged_stock, node_cost
from esc_sim.rules.order import bid_quantity, drawn_amount, planned_order
from esc_sim.rules.produce import stock_after_production
from esc_sim.rules.replenish import filled_at_once, inventory_position, order_size
from esc_sim.rules.sell import accepted_amount, limit_for_new, sellable, served_demand
from esc_sim.rules.service import met_at_once, overdue_demand, ready_at_end, share_of
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


def offer(safety: float, capacity: float, stock: Row, limit: Row, asked: Row, filled: Row, n: int) -> None:
    """What an item can sell; nobody has asked for anything yet."""
    for r in range(n):
        limit[r] = sellable(stock[r], safety, capacity)
        asked[r] = 0.0
        filled[r] = 0.0


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


Plan = Callable[[int, Floats, Row, Row, int], None]


def _or_else(number: int, rule: Rule, others: Plan) -> Plan:
    def plan(asked: int, parameters: Floats, position: Row, wanted: Row, n: int) -> None:
        if asked == number:
            for r in range(n):
                wanted[r] = rule(position[r], parameters)
        else:
            others(asked, parameters, position, wanted, n)

    return plan


def _want_nothing(asked: int, parameters: Floats, position: Row, wanted: Row, n: int) -> None:
    for r in range(n):
        wanted[r] = 0.0


def _chain() -> tuple[Plan, ...]:
    chain: list[Plan] = [_want_nothing]
    for number, rule in enumerate(RULES):
        chain.append(_or_else(number, rule, chain[-1]))
    return tuple(chain)


PLANS: Final[tuple[Any, ...]] = _chain()
"""A chain of functions, each of which asks its rule, path by path, or the function before it."""
plan_by_rule: Final[Plan] = PLANS[-1]
"""What the rule of a number wants at a row of positions."""


def size(minimum: float, multiple: float, wanted: Row, n: int) -> None:
    """Orders in multiples, of at least a minimum."""
    for r in range(n):
        wanted[r] = order_size(wanted[r], minimum, multiple)


def order(minimum: float, fixed_cost: float, wanted: Row, ordered: Row, money: Row, total: Row, n: int) -> None:
    """Order what is wanted, at least a minimum."""
    for r in range(n):
        quantity = order_size(wanted[r], minimum, 0.0)
        wanted[r] = quantity
        ordered[r] = quantity
        total[r] += quantity
        money[r] += fixed_cost if quantity > 0.0 else 0.0


def serve(
    loc: float, scale: float, offset: float, price: float, shortage_cost: float, partial: int, draws: Row, asked: Row,
    filled: Row, backlog: Row, limit: Row, stock: Row, retail: Row, shortage: Row, demand: Row, served: Row, met: Row,
    short: Row, n: int,
) -> None:  # fmt: skip
    """Customers ask for goods and are served; ``short``: what they did not get."""
    for r in range(n):
        drawn = drawn_amount(loc, scale, draws[r], offset)
        wanted = drawn + backlog[r]
        amount = served_demand(wanted, limit[r], partial != 0)
        at_once = filled_at_once(amount, backlog[r])
        asked[r] = drawn
        filled[r] = at_once
        short[r] = wanted - amount
        limit[r] -= amount
        stock[r] -= amount
        retail[r] += price * amount
        shortage[r] += shortage_cost * (wanted - amount)
        demand[r] += drawn
        served[r] += amount
        met[r] += met_at_once(drawn, at_once)


def wait(short: Row, filled: Row, backlog: Row, at_once: Row, ready: Row, waits: Row, n: int) -> None:
    """Customers wait for what they did not get."""
    for r in range(n):
        backlog[r] = short[r]
        at_once[r] += filled[r]
        ready[r] += ready_at_end(0.0, short[r])
        waits[r] += short[r]


def keep_service(
    backorder: int, asked: Row, filled: Row, backlog: Row, demand: Row, full: Row, gone: Row, waits: Row, met: Row,
    ready: Row, overdue: Row, all_overdue: Row, n: int,
) -> None:  # fmt: skip
    """Sums of how a customer was served since the warm-up."""
    for r in range(n):
        lost = asked[r] - filled[r] if backorder == 0 else 0.0
        demand[r] += asked[r]
        full[r] += filled[r]
        gone[r] += lost
        waits[r] += backlog[r]
        met[r] += met_at_once(asked[r], filled[r])
        ready[r] += ready_at_end(lost, backlog[r])
        overdue[r] = overdue_demand(backlog[r], demand[r], full[r], gone[r])
        all_overdue[r] += overdue[r] if backorder != 0 else 0.0


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


def keep_for_one(cap: float, owed: Row, limit: Row, kept: Row, n: int) -> None:
    """The same of a supplier with one buyer."""
    for r in range(n):
        wanted = bid_quantity(owed[r], cap)
        amount = accepted_amount(wanted, limit[r], True)
        kept[r] = amount
        limit[r] = limit_for_new(limit[r], amount, 0.0 if amount < wanted else limit[r] - amount)


def promise(
    price: float, unit_cost: float, emissions: float, kept: Row, owed: Row, owes: Row, awaits: Row, stock: Row,
    transit: Row, ring: Row, shipped: Row, income: Row, paid: Row, emitted: Row, total: Row, n: int,
) -> None:  # fmt: skip
    """What was kept leaves."""
    for r in range(n):
        goods = kept[r]
        owed[r] -= goods
        owes[r] -= goods
        awaits[r] -= goods
        ring[r] += goods
        stock[r] -= goods
        transit[r] += goods
        shipped[r] += goods
        income[r] += price * goods
        paid[r] += unit_cost * goods
        emitted[r] += emissions * goods
        total[r] += goods


def bid(
    cap: float, price: float, unit_cost: float, emissions: float, kept: Row, residual: Row, limit: Row, asked: Row,
    filled: Row, stock: Row, transit: Row, ring: Row, shipped: Row, income: Row, paid: Row, emitted: Row, total: Row,
    n: int,
) -> None:  # fmt: skip
    """A buyer bids for what it wants; its supplier accepts what it has, and sends it."""
    for r in range(n):
        goods = accepted_amount(bid_quantity(residual[r], cap - kept[r]), limit[r], True)
        residual[r] -= goods
        limit[r] -= goods
        asked[r] += goods
        filled[r] += goods
        ring[r] += goods
        stock[r] -= goods
        transit[r] += goods
        shipped[r] += goods
        income[r] += price * goods
        paid[r] += unit_cost * goods
        emitted[r] += emissions * goods
        total[r] += goods


def owe(residual: Row, asked: Row, owed: Row, owes: Row, awaits: Row, n: int) -> None:
    """A supplier was asked for what it did not accept, and owes it."""
    for r in range(n):
        left = residual[r]
        asked[r] += left
        owed[r] += left
        owes[r] += left
        awaits[r] += left
        residual[r] = 0.0


def count_goods(stock: Row, transit: Row, all_stock: Row, all_transit: Row, n: int) -> None:
    """Add what an item has, and what is on its way."""
    for r in range(n):
        all_stock[r] += stock[r]
        all_transit[r] += transit[r]


def keep_tally(
    asked: Row, filled: Row, ordered: Row, stock: Row, demand: Row, demand_squared: Row, met: Row, all_ordered: Row,
    ordered_squared: Row, orders: Row, level: Row, short: Row, n: int,
) -> None:  # fmt: skip
    """Sums of what an item was asked for since the warm-up."""
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
    retail: Row, internal: Row, paid: Row, storage: Row, shortage: Row, fixed: Row, cost: Row, profit: Row,
    all_retail: Row, all_internal: Row, all_paid: Row, all_storage: Row, all_shortage: Row, all_fixed: Row, n: int,
) -> None:  # fmt: skip
    """Add a node's money of the period to the totals, and clear it for the next one."""
    for r in range(n):
        spent = node_cost(paid[r], storage[r], 0.0, shortage[r], fixed[r], 0.0, 0.0)
        cost[r] += spent
        profit[r] += retail[r] + internal[r] - spent
        all_retail[r] += retail[r]
        all_internal[r] += internal[r]
        all_paid[r] += paid[r]
        all_storage[r] += storage[r]
        all_shortage[r] += shortage[r]
        all_fixed[r] += fixed[r]
        retail[r] = internal[r] = paid[r] = storage[r] = shortage[r] = fixed[r] = 0.0


def close_demand(
    backorder: int, customers: int, demand: Row, served: Row, filled: Row, lost: Row, met: Row, ready: Row, n: int
) -> None:
    """Shares of customers. Where demand is lost, what was served was met at once, and who got all lost nothing."""
    for r in range(n):
        if backorder == 0:
            filled[r] = served[r]
            lost[r] = demand[r] - served[r]
            ready[r] = met[r]
        met[r] = share_of(met[r], customers)
        ready[r] = share_of(ready[r], customers)
