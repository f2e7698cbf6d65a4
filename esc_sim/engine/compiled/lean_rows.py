"""What an item, an arc or a node does, for a row of paths; compiled, but valid Python as it stands.

Each loop goes over paths, whose numbers stand side by side, so that the processor works on several at once. No two rows
that a function is handed are the same, which the compiler is told. The arithmetic is in ``esc_sim.behaviours``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from numpy.typing import NDArray

from esc_sim.behaviours.order import drawn_amount, planned_order
from esc_sim.behaviours.produce import stock_after_production
from esc_sim.behaviours.replenish import inventory_position, order_size
from esc_sim.behaviours.sell import sellable
from esc_sim.behaviours.serve import filled_at_once, served_demand
from esc_sim.behaviours.service import met_at_once, overdue_demand, ready_at_end, share_of
from esc_sim.fields.sequences import Floats
from esc_sim.policies.policy import Rule
from esc_sim.policies.registry import RULES

Row = NDArray


def clear(row: Row, n: int) -> None:
    """Nothing, for n paths.

    Args:
        n: number of paths.
    """
    for r in range(n):
        row[r] = 0.0


def add(total: Row, row: Row, n: int) -> None:
    """Add a row to another.

    Args:
        n: number of paths.
    """
    for r in range(n):
        total[r] += row[r]


def charge(money: Row, cost: float, row: Row, n: int) -> None:
    """Charge for what a row holds.

    Args:
        cost: money per unit.
        n: number of paths.
    """
    for r in range(n):
        money[r] += cost * row[r]


def receive(ring: Row, transit: Row, stock: Row, total: Row, n: int) -> None:
    """What arrives comes in.

    Args:
        n: number of paths.
    """
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
    """A source makes goods.

    Args:
        loc, scale: of the law that is drawn from.
        target: of the item, units.
        emissions: of a unit of goods.
        offset: of the grid of goods.
        n: number of paths.
    """
    for r in range(n):
        before = stock[r]
        after = stock_after_production(before, target, drawn_amount(loc, scale, draws[r], offset))
        stock[r] = after
        total[r] += after - before
        emitted[r] += emissions * (after - before)


def offer(safety: float, capacity: float, stock: Row, limit: Row, asked: Row, filled: Row, n: int) -> None:
    """What an item can sell; nobody has asked for anything yet.

    Args:
        safety, capacity: of the item, units.
        n: number of paths.
    """
    for r in range(n):
        limit[r] = sellable(stock[r], safety, capacity)
        asked[r] = 0.0
        filled[r] = 0.0


def plan_drawn(
    loc: float, scale: float, target: float, feedback: int, offset: float, draws: Row, stock: Row, wanted: Row, n: int
) -> None:
    """Orders that are drawn.

    Args:
        loc, scale: of the law that is drawn from.
        target: of the item, units.
        feedback: of the switches of a scenario.
        offset: of the grid of goods.
        n: number of paths.
    """
    for r in range(n):
        wanted[r] = planned_order(drawn_amount(loc, scale, draws[r], offset), stock[r], target, feedback)


def look(safety: float, stock: Row, transit: Row, awaits: Row, backlog: Row, owes: Row, position: Row, n: int) -> None:
    """Inventory position.

    Args:
        safety: of the item, units.
        n: number of paths.
    """
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
    """Orders in multiples, of at least a minimum.

    Args:
        minimum, multiple: of an order, units.
        n: number of paths.
    """
    for r in range(n):
        wanted[r] = order_size(wanted[r], minimum, multiple)


def order(minimum: float, fixed_cost: float, wanted: Row, ordered: Row, money: Row, total: Row, n: int) -> None:
    """Order what is wanted, at least a minimum.

    Args:
        minimum: of an order, units.
        fixed_cost: money per order.
        n: number of paths.
    """
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
    """Customers ask for goods and are served; ``short``: what they did not get.

    Args:
        loc, scale: of the law that is drawn from.
        offset: of the grid of goods.
        price, shortage_cost: of a unit of goods.
        partial: of the switches of a scenario.
        n: number of paths.
    """
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
    """Customers wait for what they did not get.

    Args:
        n: number of paths.
    """
    for r in range(n):
        backlog[r] = short[r]
        at_once[r] += filled[r]
        ready[r] += ready_at_end(0.0, short[r])
        waits[r] += short[r]


def keep_service(
    backorder: int, asked: Row, filled: Row, backlog: Row, demand: Row, full: Row, gone: Row, waits: Row, met: Row,
    ready: Row, overdue: Row, all_overdue: Row, n: int,
) -> None:  # fmt: skip
    """Sums of how a customer was served since the warm-up.

    Args:
        backorder: of the switches of a scenario.
        n: number of paths.
    """
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


def count_goods(stock: Row, transit: Row, all_stock: Row, all_transit: Row, n: int) -> None:
    """Add what an item has, and what is on its way.

    Args:
        n: number of paths.
    """
    for r in range(n):
        all_stock[r] += stock[r]
        all_transit[r] += transit[r]


def keep_tally(
    asked: Row, filled: Row, ordered: Row, stock: Row, demand: Row, demand_squared: Row, met: Row, all_ordered: Row,
    ordered_squared: Row, orders: Row, level: Row, short: Row, n: int,
) -> None:  # fmt: skip
    """Sums of what an item was asked for since the warm-up.

    Args:
        n: number of paths.
    """
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
    """Add a node's money of the period to the totals, and clear it for the next one.

    Args:
        n: number of paths.
    """
    for r in range(n):
        spent = (
            paid[r] + storage[r] + shortage[r] + fixed[r]
        )  # as ``behaviours.settle.cost_of``: there are no penalties
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
    """Shares of customers. Where demand is lost, what was served was met at once, and who got all lost nothing.

    Args:
        backorder: of the switches of a scenario.
        customers: number of items with final demand.
        n: number of paths.
    """
    for r in range(n):
        if backorder == 0:
            filled[r] = served[r]
            lost[r] = demand[r] - served[r]
            ready[r] = met[r]
        met[r] = share_of(met[r], customers)
        ready[r] = share_of(ready[r], customers)
