"""Money of a node in a period (Chen, Wang, Zio, eqs 8-13)."""

from __future__ import annotations


def node_cost(
    procurement: float, storage: float, penalty: float, shortage: float, fixed: float, running: float, disposal: float
) -> float:
    """E = B + C + D, and where a scenario has them the costs of unmet demand, orders, running recipes, disposal.

    Args:
        procurement: B, what was paid for goods, money.
        storage: C.
        penalty: D, for goods contracted and not shipped.
        shortage: for demand not met, and for what is owed.
        fixed: of orders.
        running: of recipes.
        disposal: of goods thrown away.
    """
    return procurement + storage + penalty + shortage + fixed + running + disposal


def charged_stock(cost: float, stock: float) -> float:
    """Storage cost of a product on hand for one period; ``cost`` is money per unit and period."""
    return cost * stock
