"""Rows of all items, nodes and so on that behaviours are handed: lists of agents, records of compiled code."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from esc_sim.fields.farm import Link, Offer
    from esc_sim.fields.item import Goods, Item
    from esc_sim.fields.law import Customers
    from esc_sim.fields.making import Perishable
    from esc_sim.fields.node import Money, Node
    from esc_sim.fields.sequences import Rows
    from esc_sim.fields.written import Service

AllGoods: TypeAlias = "Rows[Goods]"
"""Goods of all items, by their numbers; the others likewise."""
Items: TypeAlias = "Rows[Item]"
AllCustomers: TypeAlias = "Rows[Customers]"
AllMoney: TypeAlias = "Rows[Money]"
Nodes: TypeAlias = "Rows[Node]"
Services: TypeAlias = "Rows[Service]"
Perishables: TypeAlias = "Rows[Perishable]"
Links: TypeAlias = "Rows[Link]"
Offers: TypeAlias = "Rows[Offer]"
"""Of the nutrient market."""
