"""A node: its money in a period, and the energy of its recipes."""

from __future__ import annotations

from math import inf

from esc_sim.fields.rows import fixed, of_period, row


@row
class Money:
    """What a node earns and spends in the current period.

    The compiled engine keeps it apart from the rest of the node; to an agent a node is both.
    """

    retail_income: float = of_period("from final customers", "money")
    internal_income: float = of_period("from buyers", "money")
    procurement: float = of_period("paid for goods (B)", "money")
    storage: float = of_period("cost of stock (C)", "money")
    penalty: float = of_period("for goods contracted and not shipped (D)", "money")
    shortage_cost: float = of_period("of demand that is not met, and of what is owed", "money")
    fixed_cost: float = of_period("of orders", "money")


@row
class Node(Money):
    """A node in the current period."""

    recipe_cost: float = of_period("of running recipes", "money")
    disposal_cost: float = of_period("of goods thrown away", "money")
    energy: float = of_period("left for recipes", "energy")
    energy_limit: float = fixed("most that its recipes use in a period", "energy", default=inf)
