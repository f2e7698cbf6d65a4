"""The book of a node: what it holds, ordered, was asked and answered, and its money in the current period."""

from __future__ import annotations

from dataclasses import dataclass

from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.views.page.show import ShownRun

_DUST = 1e-9


@dataclass(frozen=True)
class Line:
    """A named number of the book.

    Attributes:
        label: its name.
        value: the number.
        unit: its unit.
    """

    label: str
    value: float
    unit: str


@dataclass(frozen=True)
class BidLine:
    """A bid and its answer.

    Attributes:
        partner: the other side's name, and the mode of the route, if it has one.
        product: what was asked for.
        wanted, accepted: units.
        price: money per unit, the bid.
        shipped: units that left on this arc in the period.
    """

    partner: str
    product: str
    wanted: float
    accepted: float
    price: float
    shipped: float

    @property
    def answer(self) -> str:
        """accepted, in part, refused."""
        if self.accepted <= 0.0:
            return "refused"
        return "accepted" if self.accepted >= self.wanted - _DUST else "in part"


@dataclass(frozen=True)
class Book:
    """Book of a node after the last review.

    Attributes:
        stock, orders, money: lines, products one after the other.
        recipes: runs and energy of each recipe, what it used and made.
        given: what went to others and came from others without an order.
        states: what features show of themselves at this node.
        bids_made: as a buyer, in the order in which suppliers were asked.
        bids_received: as a supplier, in the order in which they were answered.
    """

    stock: list[Line]
    orders: list[Line]
    money: list[Line]
    recipes: list[Line]
    given: list[Line]
    states: list[Line]
    bids_made: list[BidLine]
    bids_received: list[BidLine]


def book_of(run: ShownRun, name: str, goods: str, money: str) -> Book:
    """The book of a node; empty where the run has no such node.

    Args:
        run: a run; its model is watched.
        name: id of the node.
        goods, money: names of the units.
    """
    model, node = run.model, run.node(name)
    if node is None:
        return Book([], [], [], [], [], [], [], [])
    made, received = _bids(model, node)
    return Book(
        stock=_stock(model, node, goods),
        orders=_orders(model, node, goods),
        money=_money(model, node, money),
        recipes=_recipes(model, node, goods),
        given=_given(run, node, goods),
        states=_states(model, node),
        bids_made=made,
        bids_received=received,
    )


def _prefix(model: SupplyChainModel, item: int) -> str:
    """The product's name, where the network trades several."""
    network = model.instance.network
    return f"{network.products[network.item_product[item]]}: " if len(network.products) > 1 else ""


def _stock(model: SupplyChainModel, node: int, goods: str) -> list[Line]:
    books, lines = model.books, []
    for item in model.items_of_node[node]:
        before = _prefix(model, item)
        lines.append(Line(f"{before}on hand", books.items[item].stock, goods))
        lines.append(Line(f"{before}kept back (safety stock)", books.items[item].safety_stock, goods))
        if books.items[item].target_stock < float("inf"):
            lines.append(Line(f"{before}target", books.items[item].target_stock, goods))
        if model.buys[item]:
            lines.append(Line(f"{before}under way to here", books.items[item].in_transit, goods))
        if books.items[item].expired > 0:
            lines.append(Line(f"{before}outlived its shelf life", books.items[item].expired, goods))
        if books.items[item].backlog > 0:
            lines.append(Line(f"{before}owed to customers", books.items[item].backlog, goods))
    return lines


def _orders(model: SupplyChainModel, node: int, goods: str) -> list[Line]:
    books, lines = model.books, []
    bought = [0.0] * books.item_count
    sold = [0.0] * books.item_count
    for arc, amount in zip(books.contracts, books.contracted, strict=True):
        bought[books.arcs[arc].buyer] += amount
        sold[books.arcs[arc].supplier] += amount
    for item in model.items_of_node[node]:
        before = _prefix(model, item)
        if model.buys[item]:
            lines.append(Line(f"{before}wanted to order", books.items[item].ordered, goods))
            lines.append(Line(f"{before}contracted from suppliers", bought[item], goods))
            lines.append(Line(f"{before}received", books.items[item].received, goods))
        if model.makes[item] or books.items[item].produced > 0:
            lines.append(Line(f"{before}produced", books.items[item].produced, goods))
        if sold[item] > 0 or books.items[item].shipped > 0 or not model.retails[item]:
            lines.append(Line(f"{before}sold by contract", sold[item], goods))
            lines.append(Line(f"{before}shipped", books.items[item].shipped, goods))
        if model.retails[item]:
            lines.append(Line(f"{before}demanded by customers", books.demanded(item), goods))
            lines.append(Line(f"{before}served to customers", books.items[item].served, goods))
        moved = {
            "used by recipes": books.items[item].consumed,
            "given to takers": books.items[item].given,
            "taken from others": books.items[item].taken,
            "disposed of": books.items[item].disposed,
        }
        lines += [Line(f"{before}{what}", amount, goods) for what, amount in moved.items() if amount > 0]
    return lines


def _money(model: SupplyChainModel, node: int, money: str) -> list[Line]:
    books = model.books
    income = books.nodes[node].retail_income + books.nodes[node].internal_income
    parts = {
        "procurement": books.nodes[node].procurement,
        "storage": books.nodes[node].storage,
        "penalty": books.nodes[node].penalty,
        "shortage": books.nodes[node].shortage_cost,
        "fixed cost of orders": books.nodes[node].fixed_cost,
        "running recipes": books.nodes[node].recipe_cost,
        "disposal": books.nodes[node].disposal_cost,
    }
    lines = [Line("income", income, money)]
    lines += [Line(name, -value, money) for name, value in parts.items() if value > 0]
    lines.append(Line("profit", income - sum(parts.values()), money))
    return lines


def _recipes(model: SupplyChainModel, node: int, goods: str) -> list[Line]:
    """Runs of each recipe, its energy where it needs any, and what it used and made, in the last period."""
    watch, network, member, lines = model.watch, model.instance.network, model.members[node], []
    assert watch is not None
    for recipe in member.recipes:
        name, runs = model.instance.making.names[recipe.index], watch.runs[recipe.index]
        lines.append(Line(f"{name}: runs", runs, ""))
        if recipe.energy > 0.0:
            lines.append(Line(f"{name}: energy", watch.energy[recipe.index], ""))
        for what, parts in (("uses", member.inputs_of(recipe)), ("makes", member.outputs_of(recipe))):
            for part in parts:
                product = network.products[network.item_product[part.item]]
                lines.append(Line(f"{name}: {what} {product}", part.amount * runs, goods))
    return lines


def _given(run: ShownRun, node: int, goods: str) -> list[Line]:
    """What a node gave to each of its takers and took from each giver in the last period."""
    network, links, lines = run.model.instance.network, run.side_links, []
    for giver, taker, product, amount in zip(
        links.giver.tolist(), links.taker.tolist(), links.product.tolist(), run.given.tolist(), strict=True
    ):
        if giver == node:
            lines.append(Line(f"{network.products[product]} to {network.node_ids[taker]}", amount, goods))
        elif taker == node:
            lines.append(Line(f"{network.products[product]} from {network.node_ids[giver]}", amount, goods))
    return lines


def _states(model: SupplyChainModel, node: int) -> list[Line]:
    """What features show of the node's own parts, after the last period; nothing before the first."""
    if not model.recorder.count:
        return []
    name = model.instance.network.node_ids[node]
    return [
        Line(f"{number.entity}: {number.kind}", value, number.unit)
        for number, value in zip(model.instance.observed, model.books.observed, strict=True)
        if name in number.nodes
    ]


def _bids(model: SupplyChainModel, node: int) -> tuple[list[BidLine], list[BidLine]]:
    watch, books, network = model.watch, model.books, model.instance.network
    assert watch is not None
    made: list[BidLine] = []
    received: list[BidLine] = []
    for arc, wanted, accepted in watch.bids:
        buyer, supplier = books.arcs[arc].buyer_node, books.arcs[arc].supplier_node
        if node in (buyer, supplier):
            product = network.products[network.item_product[books.arcs[arc].buyer]]
            mode = network.mode(books.scenario_arc[arc])
            partner = network.node_ids[supplier if node == buyer else buyer] + (f" by {mode}" if mode else "")
            line = BidLine(partner, product, wanted, accepted, books.arcs[arc].price, watch.shipped[arc])
            (made if node == buyer else received).append(line)
    return made, received
