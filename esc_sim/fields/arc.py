"""An arc: who sells to whom, and at what terms."""

from __future__ import annotations

from esc_sim.fields.rows import fixed, key, row


@row
class Arc:
    """A buyer and a supplier of a product.

    Arcs have two orders: that of the lines, in which buyers try them, and that of their places among the bids of
    suppliers.
    """

    supplier: int = key("number of the item that is sold")
    buyer: int = key("number of the item that is bought")
    supplier_node: int = key("number of the node that sells")
    buyer_node: int = key("number of the node that buys")
    line_arc: int = key("its number in the order of lines")
    delay: int = key("reviews from shipping to arrival, where the lead time is fixed and nothing holds the goods up")
    cap: float = fixed("most that can be contracted in a period", "units")
    price: float = fixed("price (p), also the buyer's bid", "money per unit")
    unit_cost: float = fixed("what a unit costs the buyer (p + o)", "money per unit")
    emissions: float = fixed("what transport emits", "emissions per unit")
