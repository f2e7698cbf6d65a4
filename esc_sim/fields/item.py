"""An item: a product held at a node, with what is given of it, what it carries along, and what it does in a period."""

from __future__ import annotations

from esc_sim.fields.rows import fixed, key, of_period, row, state


@row
class Goods:
    """What trade reads and writes of an item.

    The compiled engine keeps it apart from the rest of the item, so that a processor fetches it at once; to an agent
    an item is both. What can still be sold of each item (U) stands in a list by itself, since buyers look through it.
    """

    index: int = key("its number")
    node: int = key("number of its node")
    stock: float = state("on hand")
    residual: float = of_period("what its orders still ask for (y less what was accepted)")
    in_transit: float = state("on the way, or on the dock")
    contracted: float = of_period("promised to buyers (x)")
    shipped: float = of_period("sent to buyers")
    dock: float = state("arrived, and not yet taken in")
    received: float = of_period("taken in from the dock")
    produced: float = of_period("made, by sources and recipes, and what expired goods became")
    ordered: float = of_period("ordered from suppliers (y)")
    served: float = of_period("sold to final customers")
    backlog: float = state("owed to final customers")
    safety_stock: float = fixed("stock kept back from sale (S*)", "units")
    target_stock: float = fixed("stock aimed at (S_tgt): caps production; reference of the order feedback", "units")
    capacity: float = fixed("most that is shipped or sold; health scales it", "units per period")
    holding_cost: float = fixed("cost of stock on hand", "money per unit and period")
    yield_factor: float = fixed("stock gained per unit received (k, eq. 5)", "", default=1.0)
    emissions: float = fixed("what production emits", "emissions per unit")


@row
class Item(Goods):
    """A product held at a node: all that is known of it.

    Examples:
        >>> import esc_sim as esc
        >>> model = esc.SupplyChainModel("scenarios/quickstart", seed=7)
        >>> model.step()
        >>> item = model.agent_of("warehouse").items[0]
        >>> item.target_stock, item.shipped > 0
        (400.0, True)
    """

    requested: float = of_period("new demand of customers and buyers")
    filled: float = of_period("of new demand, met at once")
    owes: float = state("owed to buyers")
    awaits: float = state("owed by suppliers")
    forecast: float = state("smoothed forecast of demand", "units per period")
    fixed_cost: float = fixed("cost of an order placed (K)", "money")
    minimum: float = fixed("least quantity of an order", "units")
    order_multiple: float = fixed("orders are whole multiples of this; 0: any amount", "units")
    penalty: float = fixed("penalty for what was sold by contract but not shipped (alpha)", "money per unit")
    in_transit_holding_cost: float = fixed("cost of goods on their way here", "money per unit and period")
    backorder_cost: float = fixed("cost of what is owed to buyers (orders backordered)", "money per unit and period")
    disposal_cost: float = fixed("cost of what is thrown away", "money per unit")
    room: float = fixed(
        "most that is kept after sales; what exceeds it is offered to takers, then disposed of; with takers default 0",
        "units",
    )
    perishable: int = key("its number among perishable goods, if it is one")
    in_process: float = state("what recipes are making")
    consumed: float = of_period("used by recipes")
    expired: float = of_period("past its shelf life")
    given: float = of_period("given away as a by-product")
    taken: float = of_period("taken in as a by-product")
    disposed: float = of_period("thrown away")
