"""An instance as rows (``fields``): the tables that the compiled engine reads, and of which agents hold objects."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.behaviours import terms
from esc_sim.behaviours.disrupt import arrival_review
from esc_sim.behaviours.grid import grid_offset
from esc_sim.behaviours.terms import Terms
from esc_sim.disruptions.registry import CHANNELS
from esc_sim.fields import arc, farm, item, lane, law, making, network, node, policy, rows, written
from esc_sim.fields.arc import Arc
from esc_sim.fields.item import Goods, Item
from esc_sim.fields.lane import Lane
from esc_sim.fields.law import Customers, Law
from esc_sim.fields.network import NetworkSums
from esc_sim.fields.node import Money, Node
from esc_sim.fields.policy import OrderPolicy
from esc_sim.fields.rows import NO_ROW, Records, names, row_type, table
from esc_sim.instance.model import Instance, IntArray
from esc_sim.instance.slowing import can_slow

SOURCES: Final = (arc, farm, item, lane, law, making, network, node, policy, rows, terms, written, __file__)
"""What the layout of rows depends on, for the keys of compiled kernels."""

GOODS, ITEM, ARC = row_type(Goods), row_type(Item, without=Goods), row_type(Arc)
"""Types of the tables; those of items have the rest of what is known of them."""
MONEY, NODE, SUMS, LANE = row_type(Money), row_type(Node, without=Money), row_type(NetworkSums), row_type(Lane)
LAW, CUSTOMERS, POLICY = row_type(Law), row_type(Customers), row_type(OrderPolicy)
_OF_GOODS = names(Goods, "given")
_OF_ORDERS = ("fixed_cost", "minimum", "order_multiple", "in_transit_holding_cost", "backorder_cost")
_OF_POLICIES = ("way", "rule", "window", "weight", "cover", "buffer", "initial")


def terms_of(instance: Instance) -> Terms:
    """What all behaviours of a run have in common."""
    switches, channels, arcs = instance.switches, instance.channels, instance.arcs
    slows = can_slow(instance)
    of_arcs = any(CHANNELS[number].of == "arc" for number in np.unique(channels.kind).tolist())
    return Terms(
        offset=grid_offset(switches.goods_bits),
        feedback=switches.feedback,
        holding_cost_timing=switches.holding_cost_timing,
        backorder=int(switches.backorder),
        partial=int(switches.partial),
        learns=int(len(instance.learnt) > 0),
        owing=int(switches.owing),
        tally=int(instance.tally),
        partial_demand=int(switches.partial_demand),
        allocation=switches.allocation,
        by_age=int(switches.by_age),
        order_terms=int(instance.orders.has_terms),
        transit_charged=int(instance.orders.in_transit_holding_cost.any()),
        makes=int(instance.makes),
        powered=int(instance.power is not None),
        prices_move=int(channels.are("price_factor").any()),
        farms=int(instance.farming.used),
        warm_up=instance.warm_up,
        horizon=instance.periods,
        ticks=instance.clock.ticks,
        splits=int(arcs.has_shares),
        yields=int((instance.items.yield_factor != 1.0).any()),
        leads_vary=int((arcs.lead_column >= 0).any() or of_arcs or slows),
        slows=int(slows),
        lanes=int(instance.lanes is not None),
    )


def goods_rows(instance: Instance) -> Records:
    """[I] what trade reads and writes of the items, at the start of a run."""
    count = instance.network.item_count
    beside = {"index": np.arange(count), "node": instance.network.item_node, "stock": instance.items.initial_stock}
    given = {name: getattr(instance.items, name) for name in _OF_GOODS if name not in beside}
    return table(count, GOODS, **beside, **given)


def item_rows(instance: Instance) -> Records:
    """[I] the rest of the items, at the start of a run."""
    orders, making, count = instance.orders, instance.making, instance.network.item_count
    perishable = np.full(count, NO_ROW, np.uint32)
    perishable[making.perishables["item"]] = np.arange(len(making.perishables))
    return table(
        count,
        ITEM,
        forecast=orders.initial,
        penalty=instance.items.penalty,
        disposal_cost=making.disposal_cost,
        room=making.room,
        perishable=perishable,
        **{name: getattr(orders, name) for name in _OF_ORDERS},
    )


def source_rows(instance: Instance) -> Records:
    """Laws of production, of items that are produced."""
    items = instance.items
    return table(
        **_law(instance, "production", np.flatnonzero((items.production_loc != 0) | (items.production_scale != 0)))
    )


def order_rows(instance: Instance) -> Records:
    """Laws of orders, of items whose orders are drawn."""
    return table(**_law(instance, "order", instance.orders.drawn_items))


def customer_rows(instance: Instance) -> Records:
    """Customers of items with final demand."""
    items, sold = instance.items, instance.customers
    paid = {"retail_price": items.retail_price[sold], "shortage_cost": items.shortage_cost[sold]}
    return table(**_law(instance, "demand", sold) | {"kind": CUSTOMERS} | paid)


def _law(instance: Instance, amount: str, where: IntArray) -> dict[str, Any]:
    """A table of laws of an amount ("production", "order", "demand") of some items, to be made."""
    column, loc, scale = (getattr(instance.items, f"{amount}_{part}")[where] for part in ("column", "loc", "scale"))
    return {"length": len(where), "kind": LAW, "item": where, "column": _unsigned(column), "loc": loc, "scale": scale}


def policy_rows(instance: Instance) -> Records:
    """[I] rows of the items' order policies."""
    orders = instance.orders
    return table(
        instance.network.item_count,
        POLICY,
        review_every=orders.every,
        first_review=orders.first,
        history_start=orders.history_start[:-1],
        **{name: _unsigned(getattr(orders, name)) for name in _OF_POLICIES},
    )


def arc_rows(instance: Instance, arcs: NDArray[Any]) -> Records:
    """Rows of arcs.

    Args:
        instance: of the run.
        arcs: their numbers in the order of lines, in the order in which their rows are wanted.
    """
    lines, numbers, item_node = instance.lines, instance.arcs, instance.network.item_node
    place = lines.arc_order[arcs]
    supplier, buyer = lines.supplier[arcs], lines.buyer[arcs]
    leads, kind = np.unique(numbers.lead_time[place], return_inverse=True)
    return table(
        len(place),
        ARC,
        supplier=supplier,
        buyer=buyer,
        supplier_node=item_node[supplier],
        buyer_node=item_node[buyer],
        line_arc=arcs,
        delay=np.array([arrival_review(0, lead, instance.clock.ticks) for lead in leads.tolist()], np.int64)[kind],
        cap=numbers.cap[place],
        price=lines.price[arcs],
        unit_cost=lines.unit_cost[arcs],
        emissions=numbers.emissions[place],
    )


def _unsigned(values: np.ndarray) -> np.ndarray:
    """Values as a row keeps them: -1, which stands for none, becomes the largest number."""
    return values.astype(np.uint32) if values.dtype.kind == "i" else values


def perishable_rows(instance: Instance) -> Records:
    """[K] perishable goods, at the start of a run."""
    rows = instance.making.perishables.copy()
    rows["late"] = instance.items.initial_stock[rows["item"]]
    return rows
