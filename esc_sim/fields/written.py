"""What a run writes: rows of a period, and sums over periods.

A new column is a line here and the line of ``behaviours.written`` that computes it. A column that is not computed is an
error of the first run (``engine.outputs``).
"""

from __future__ import annotations

from esc_sim.fields.rows import row, total

MONEY = "money"


@row
class Period:
    """The network in a review period; demand, and what is served, is that of final customers."""

    cost: float = total("all that members spend, prices among members included", MONEY)
    profit: float = total("income less cost", MONEY)
    retail_income: float = total("from final customers", MONEY)
    internal_income: float = total("of members from members", MONEY)
    procurement: float = total("paid for goods", MONEY)
    storage: float = total("cost of stock", MONEY)
    penalty: float = total("for goods contracted and not shipped", MONEY)
    shortage_cost: float = total("of demand that is not met, and of what is owed", MONEY)
    fixed_cost: float = total("of orders", MONEY)
    demand: float = total("asked for")
    served: float = total("sold")
    filled: float = total("of the period's demand, met at once")
    lost_demand: float = total("of the period's demand, lost")
    backlog: float = total("that customers wait for at the end of the period")
    overdue: float = total("of the backlog, asked for after the warm-up")
    met: float = total("items with final demand whose whole demand was met at once", "share")
    ready: float = total("items with final demand of which nothing was lost, and nothing waits at the end", "share")
    ordered: float = total("ordered from suppliers")
    contracted: float = total("accepted by suppliers")
    shipped: float = total("sent to buyers")
    produced: float = total("made")
    received: float = total("taken in from docks")
    lost: float = total("lost on the way")
    stock: float = total("on hand at the end of the period")
    in_transit: float = total("on the way at the end of the period")
    emissions: float = total("of production, transport and recipes", "")
    disposal_cost: float = total("of goods thrown away", MONEY)
    recipe_cost: float = total("of running recipes", MONEY)
    expired: float = total("past their shelf life")
    consumed: float = total("used by recipes")
    given: float = total("given away as by-products")
    disposed: float = total("thrown away")
    energy: float = total("used by recipes", "energy")
    contracted_from_closed: float = total("contracted with suppliers, or on arcs, that could handle nothing")


@row
class ItemPeriod:
    """An item in a review period."""

    stock: float = total("on hand at the end")
    in_transit: float = total("on the way at the end")
    ordered: float = total("ordered from suppliers")
    contracted: float = total("promised to buyers")
    shipped: float = total("sent to buyers")
    received: float = total("taken in from the dock")
    produced: float = total("made, by sources and recipes, and what expired goods became")
    served: float = total("sold to final customers")
    backlog: float = total("owed to final customers")
    in_process: float = total("what recipes are making")
    consumed: float = total("used by recipes")
    expired: float = total("past its shelf life")
    given: float = total("given away as a by-product")
    taken: float = total("taken in as a by-product")
    disposed: float = total("thrown away")


@row
class NodePeriod:
    """A node in a review period."""

    health: float = total("what it can ship", "share")
    income: float = total("from customers and buyers", MONEY)
    procurement: float = total("paid for goods", MONEY)
    storage: float = total("cost of stock", MONEY)
    penalty: float = total("for goods contracted and not shipped", MONEY)
    cost: float = total("all that it spends", MONEY)
    profit: float = total("income less cost", MONEY)


@row
class FieldPeriod:
    """A field in a review period, enough for the balance of its nitrogen."""

    soil_carbon: float = total("in the soil at the end", "t/ha")
    organic_nitrogen: float = total("in the soil at the end, what the soil measure keeps included", "kg")
    synthetic_nitrogen_applied: float = total("of the field's own fertiliser", "kg")
    organic_nitrogen_applied: float = total("of organic fertilisers", "kg")
    harvest: float = total("brought in")
    nitrogen_lost: float = total("that no crop took up, and nothing keeps", "kg")


@row
class Flow:
    """Sums over all periods, of an item: the first three come into stock, the others leave it."""

    gained: float = total("received, times the yield factor")
    produced: float = total("made")
    taken: float = total("taken in as a by-product")
    served: float = total("sold to final customers")
    shipped: float = total("sent to buyers")
    consumed: float = total("used by recipes")
    expired: float = total("past its shelf life")
    given: float = total("given away as a by-product")
    disposed: float = total("thrown away")


@row
class Tally:
    """Sums over the periods after the warm-up, of an item."""

    demand: float = total("that customers and buyers asked for")
    demand_squared: float = total("its square", "units squared")
    filled: float = total("of it, met at once")
    ordered: float = total("ordered by the item itself")
    ordered_squared: float = total("its square", "units squared")
    orders: float = total("orders placed", "orders")
    stock: float = total("on hand", "units times periods")
    short: float = total("in which not all that was asked for was met at once", "periods")


@row
class Service:
    """Sums over the periods after the warm-up, of an item with final demand."""

    demand: float = total("that customers asked for")
    filled: float = total("of it, met at once")
    lost: float = total("of it, lost")
    backlog: float = total("that customers waited for at the ends of periods", "units times periods")
    met: float = total("in which all was met at once", "periods")
    ready: float = total("at whose end nothing was lost or waited for", "periods")
    overdue: float = total("of the demand, that waited at the end of the run")
