"""Amounts that are drawn for each period: planned orders, production, final demand."""

from __future__ import annotations

from esc_sim.fields.rows import fixed, key, of_period, row


@row
class Law:
    """An amount of an item that is drawn: max(0, loc + scale times the draw)."""

    item: int = key("number of the item")
    column: int = key("column of the tape that it is drawn from")
    loc: float = fixed("the amount, where its draw is 0", "units")
    scale: float = fixed("the amount by unit of its draw", "units")


@row
class Customers(Law):
    """Final customers of an item: the law of their demand, what they pay, and what they get."""

    retail_price: float = fixed("retail price", "money per unit")
    shortage_cost: float = fixed("cost of demand that is lost, or backordered for a period", "money per unit")
    demanded: float = of_period("asked for")
    met: float = of_period("of what was asked for in this period, sold in it")
