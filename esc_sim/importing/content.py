"""What the sheets of a workbook hold together: sites, products, lanes, offers, bills of materials, stocks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from esc_sim.importing.found import Found
from esc_sim.importing.history import DAYS, History, Item
from esc_sim.importing.members import Members, read_product, read_site
from esc_sim.importing.money import Money
from esc_sim.importing.reading import Row, Sheet
from esc_sim.importing.words import identifier_of

Rate = tuple[float, str | None]
"""Units in a time, and the unit of that time; None: no cell names it."""
Times = tuple[float | None, float | None, float | None]
"""Shortest, usual and longest time, in days."""
LEAD_TIMES = ("lead_time_low", "lead_time", "lead_time_high")
STOCKS = ("initial_stock", "safety_stock", "target_stock", "reorder_point", "order_up_to")


@dataclass(frozen=True)
class LaneRow:
    """A lane as its row has it.

    Attributes:
        supplier, buyer: its ends.
        product: what it carries; None: whatever is needed.
        place: the cell in which it stands.
        mode: of transport.
        corridor: what it shares with other lanes: a port, a pass, a fleet.
        times: lead times.
        cost, price, emissions: of a unit.
        capacity: most that goes over it.
        share: part of each order.
    """

    supplier: str
    buyer: str
    product: str | None
    place: str
    mode: str | None = None
    corridor: str | None = None
    times: Times = (None, None, None)
    cost: float | None = None
    price: float | None = None
    capacity: Rate | None = None
    share: float | None = None
    emissions: float | None = None


@dataclass(frozen=True)
class Offer:
    """What a supplier sells.

    Attributes:
        supplier, product: who sells what.
        place: the cell in which it stands.
        buyer: to whom, as it is written; None: to whoever has a lane to it.
        price: money per unit.
        capacity: most that it can sell.
        times: lead times.
    """

    supplier: str
    product: str
    place: str
    buyer: str | None = None
    price: float | None = None
    capacity: Rate | None = None
    times: Times = (None, None, None)


@dataclass
class Content:
    """All that a workbook says.

    Attributes:
        sites, products: the members.
        money: turns amounts into one currency.
        found: takes notes.
        time_unit: unit of times whose sheet names none.
        lanes: in the order of their rows.
        lane_places: where each first stands, by ends, product and mode.
        offers: what suppliers sell.
        capacities: of sites.
        history: past demand.
        components: amounts of components in a unit, by product and by the site that makes it ('': any).
        stocks: levels and costs, by site and product; product '': whatever is held there.
        makes: products that their own sheets say a site makes.
        corridors: names and capacities of what several lanes share.
        without_unit: how many lead times (``time``) and capacities (``rate``) name no time.
    """

    sites: Members
    products: Members
    money: Money
    found: Found
    time_unit: str
    lanes: list[LaneRow] = field(default_factory=list)
    lane_places: dict[tuple[str | None, ...], str] = field(default_factory=dict)
    offers: list[Offer] = field(default_factory=list)
    components: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict)
    stocks: dict[Item, dict[str, float]] = field(default_factory=dict)
    makes: dict[str, list[str]] = field(default_factory=dict)
    capacities: dict[str, Rate] = field(default_factory=dict)
    corridors: dict[str, tuple[str, Rate | None]] = field(default_factory=dict)
    history: History = field(default_factory=History)
    without_unit: Counter[str] = field(default_factory=Counter)


def read_content(sheets: list[Sheet], content: Content) -> None:
    """Read all sheets but those of demand and rates; what lists names first, then what refers to them."""
    by_table: dict[str, list[Sheet]] = {}
    for sheet in sheets:
        by_table.setdefault(sheet.table, []).append(sheet)
    for sheet in by_table.get("products", ()):
        for row in sheet.rows:
            _product_row(row, content)
    listed = by_table.get("products")
    for sheet in by_table.get("sites", ()):
        for row in sheet.rows:
            _site_row(row, content)
    for table, read in (("bom", _bom_row), ("offers", _offer_row)):
        for sheet in by_table.get(table, ()):
            for row in sheet.rows:
                read(row, content)
    if listed:
        content.products.where = f"sheet {listed[0].grid.name}"
    if "sites" in by_table:
        content.sites.where = f"sheet {by_table['sites'][0].grid.name}"
    for table, read in (("capacities", _capacity_row), ("lanes", _lane_row), ("stocks", _stock_row)):
        for sheet in by_table.get(table, ()):
            for row in sheet.rows:
                read(row, content)


def _product_row(row: Row, content: Content) -> None:
    product = read_product(row, content.products)
    if product is None:
        return
    for key in ("sale_price", "cost", "shortage_cost", "holding_cost"):
        if row.sheet.has(key):
            product.say(key, _cost(row, key, content), row.place(key), content.found)
    if row.text("made_at"):
        product.say("made_at", row.text("made_at"), row.place("made_at"), content.found)


def _site_row(row: Row, content: Content) -> None:
    site = read_site(row, content.sites)
    if site is None:
        return
    product = _known_product(row, "product", content)
    capacity = _rate(row, "capacity", content)
    if product is None and capacity is not None:
        content.capacities[site.id] = capacity
    if product is not None:
        _offer(row, site.id, product, capacity, content)
    else:
        if row.sheet.has("price") and row.number("price") is not None:
            site.say("price", content.money.amount(row, "price"), row.place("price"), content.found)
        times = _times(row, content)
        if any(time is not None for time in times):
            site.say("times", times, row.place("name"), content.found)
    if row.sheet.has("demand") and (amount := row.number("demand")) is not None:
        sd = row.number("demand_sd")
        length = DAYS[row.unit("demand") or "day"]
        site.said["demand"] = (amount / length, None if sd is None else sd / length**0.5)
    _levels(row, (site.id, product or ""), content)


def _offer(row: Row, site: str, product: str, capacity: Rate | None, content: Content) -> None:
    """What a site of a list of sites sells or makes."""
    price = content.money.amount(row, "price")
    buyer = row.text("to")
    if content.sites.by_id[site].role == "supplier" or price is not None or buyer:
        # Sites may stand below this row: whom it delivers to is looked up when all are read.
        content.offers.append(
            Offer(site, product, row.place("product"), buyer or None, price, capacity, _times(row, content))
        )
    else:
        content.makes.setdefault(site, []).append(product)


def _offer_row(row: Row, content: Content) -> None:
    supplier = content.sites.add(row.text("from"), row.place("from")).id if row.text("from") else None
    product = _known_product(row, "product", content)
    if supplier is None or product is None:
        content.found.problems.append(f"{row.place('from')}: an offer names a supplier and a product")
        return
    content.sites.by_id[supplier].kind = content.sites.by_id[supplier].kind or "supplier"
    price = content.money.amount(row, "price")
    content.offers.append(
        Offer(
            supplier,
            product,
            row.place("from"),
            row.text("to") or None,
            price,
            _rate(row, "capacity", content),
            _times(row, content),
        )
    )


def _known_product(row: Row, key: str, content: Content) -> str | None:
    """The product of a sheet that may name further ones: components are seldom in the list of products."""
    text = row.text(key)
    return content.products.add_or_find(text, row.place(key)) if text else None


def _bom_row(row: Row, content: Content) -> None:
    product, component = (_known_product(row, key, content) for key in ("product", "component"))
    if product is None or component is None:
        content.found.problems.append(
            f"{row.place('product')}: a line of a bill of materials names product and component"
        )
        return
    amount = row.number("quantity") if row.sheet.has("quantity") else 1.0
    if not amount:
        content.found.problems.append(f"{row.place('quantity')}: how much of '{row.text('component')}' is missing")
        return
    site = content.sites.find(row.text("site"), row.place("site")) if row.text("site") else ""
    of = content.components.setdefault((product, site or ""), {})
    if component in of:
        content.found.problems.append(
            f"{row.place('component')}: '{row.text('component')}' stands twice among the components of "
            f"'{row.text('product')}'"
        )
    of[component] = amount


def _capacity_row(row: Row, content: Content) -> None:
    name = row.text("lane")
    if name:
        content.corridors[_corridor(name, content)] = (name, _rate(row, "capacity", content))


def _corridor(name: str, content: Content) -> str:
    one = identifier_of(name)
    content.corridors.setdefault(one, (name, None))
    return one


def _lane_row(row: Row, content: Content) -> None:
    ends = {key: row.text(key) for key in ("from", "to")}
    missing = [key for key, text in ends.items() if not text]
    if missing:
        content.found.problems.append(f"{row.place(missing[0])}: the lane has no '{missing[0]}'")
        return
    supplier, buyer = (content.sites.find(ends[key], row.place(key)) for key in ("from", "to"))
    product = content.products.find(row.text("product"), row.place("product")) if row.text("product") else None
    money = content.money
    lane = LaneRow(
        supplier or "",
        buyer or "",
        product,
        row.place("from"),
        mode=identifier_of(row.text("mode")) if row.text("mode") else None,
        corridor=_corridor(row.text("lane"), content) if row.text("lane") else None,
        times=_times(row, content),
        cost=money.amount(row, "other_cost"),
        price=money.amount(row, "price"),
        capacity=_rate(row, "capacity", content),
        share=row.number("share"),
        emissions=row.number("emissions"),
    )
    if supplier is not None and supplier == buyer:
        content.found.problems.append(f"{row.place('to')}: the lane leads from '{ends['from']}' to itself")
    elif supplier is not None and buyer is not None:
        content.lanes.append(lane)
        first = content.lane_places.setdefault((supplier, buyer, product, lane.mode), lane.place)
        if first != lane.place:
            text = "stands here again" if lane.mode is None else f"stands here again with the mode '{row.text('mode')}'"
            content.found.problems.append(
                f"{lane.place}: the lane from '{ends['from']}' to '{ends['to']}' {text} ({first}): keep one row"
            )


def _stock_row(row: Row, content: Content) -> None:
    site = content.sites.find(row.text("site"), row.place("site")) if row.text("site") else None
    product = content.products.find(row.text("product"), row.place("product")) if row.text("product") else ""
    if site is None or product is None:
        return
    if row.sheet.has("product") and not product:
        content.found.problems.append(f"{row.place('product')}: the product is missing")
        return
    again = row.sheet.table == "stocks" and "initial_stock" in content.stocks.get((site, product), {})
    if again and row.number("initial_stock") is not None:
        content.found.problems.append(
            f"{row.place('site')}: '{row.text('product')}' at '{row.text('site')}' stands here again: keep one row"
        )
        return
    _levels(row, (site, product), content)


def _levels(row: Row, item: Item, content: Content) -> None:
    for key in STOCKS:
        value = row.number(key)
        if value is not None:
            content.stocks.setdefault(item, {})[key] = value
    if row.sheet.has("holding_cost"):
        cost = _cost(row, "holding_cost", content)
        if cost is not None:
            content.stocks.setdefault(item, {})["holding_cost"] = cost


def _cost(row: Row, key: str, content: Content) -> float | None:
    """Money per unit; that of holding it, for a day."""
    cost = content.money.amount(row, key)
    return cost if cost is None or key != "holding_cost" else cost / DAYS[row.unit(key) or "day"]


def _rate(row: Row, key: str, content: Content) -> Rate | None:
    value = row.number(key)
    if value is None:
        return None
    content.without_unit["rate"] += row.unit(key) is None
    return value, row.unit(key)


def _times(row: Row, content: Content) -> Times:
    """The lead times of a row, in days."""
    found: list[Any] = []
    for key in LEAD_TIMES:
        ends = row.ends(key) if row.sheet.has(key) and key == "lead_time" else None
        value = None if ends else row.number(key)
        length = DAYS[row.unit(key) or _other_unit(row) or content.time_unit] if row.sheet.has(key) else 0.0
        if key == "lead_time" and (ends or value) and not (row.unit(key) or _other_unit(row)):
            content.without_unit["time"] += 1
        if ends:
            return ends[0] * length, None, ends[1] * length
        found.append(None if value is None else value * length)
    low, usual, high = found
    given = [time for time in (low, usual, high) if time is not None]
    if given != sorted(given):
        key = next(key for key in LEAD_TIMES if row.sheet.has(key))
        content.found.problems.append(
            f"{row.place(key)}: lead times must not fall from shortest to usual to longest: "
            + ", ".join(f"{time:g}" for time in given)
        )
        return None, None, None
    return low, usual, high


def _other_unit(row: Row) -> str | None:
    """The unit that the heading of another lead time names."""
    return next((c.unit for key in LEAD_TIMES if row.sheet.has(key) and (c := row.sheet.columns[key][1]).unit), None)
