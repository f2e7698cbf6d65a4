"""What decides numbers though no cell of a workbook says it, with counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from esc_sim.counted import counted
from esc_sim.importing.content import Content
from esc_sim.importing.mapping import Settings
from esc_sim.scenario.schema import Scenario


def assumed_of_all(scenario: Scenario, settings: Settings, content: Content) -> Iterator[str]:
    """What holds for all of the network, a sentence each.

    Args:
        scenario: that was made.
        settings: of the import.
        content: of the workbook.
    """
    yield from _of_time(scenario, settings, content)
    yield from _of_demand(settings, content)
    yield from _of_stocks(scenario, settings, content)
    yield from _of_capacities(scenario, settings, content)
    yield from _of_money(scenario, settings, content)


def _of_time(scenario: Scenario, settings: Settings, content: Content) -> Iterator[str]:
    history = content.history
    if history.step and history.step != settings.step:
        yield (
            f"a period is a {settings.step}, since most lead times are shorter than a {history.step}: demand of a "
            f"{history.step} is spread evenly over its {settings.step}s"
        )
    if settings.start is not None:
        yield f"the run begins on {settings.start}, after the history"
    if content.without_unit["time"]:
        number = counted(content.without_unit["time"], "lead time")
        yield f"{number} of which no cell or heading names the unit: taken as {settings.time_unit}s (`time_unit`)"
    if any(node.latitude is not None for node in scenario.nodes):
        yield "latitude and longitude are degrees, north and east positive"


def _of_demand(settings: Settings, content: Content) -> Iterator[str]:
    bare = sum(sd is None for _, sd in content.history.means.values())
    if bare and settings.demand_cv:
        yield (
            f"demand of {counted(bare, 'item')} without a history: a standard deviation of {settings.demand_cv:g} "
            "times the mean (`demand_cv`)"
        )
    yield "demand that is not met at once is lost"
    sold = {product for _, product in (*content.history.series, *content.history.means)}
    free = sum("sale_price" not in content.products.by_id[product].said for product in sold)
    if free:
        number = f"{free} of {counted(len(sold), 'product')}"
        yield f"sale price of {number} of which no sheet gives it: {settings.price:g} a unit (`price`)"


def _of_stocks(scenario: Scenario, settings: Settings, content: Content) -> Iterator[str]:
    given = Counter(
        key
        for line in scenario.stocks
        for key in content.stocks.get((line.node, line.product)) or content.stocks.get((line.node, ""), {})
    )
    items = counted(len(scenario.stocks), "item")
    orders = sum(line.order is not None for line in scenario.stocks)
    yield (
        f"{len(scenario.stocks) - given['initial_stock']} first stocks (of {items}) and "
        f"{max(orders - given['order_up_to'], 0)} of {counted(orders, 'order-up-to level')} are given by no sheet: "
        f"they aim at meeting {100 * settings.fill_rate:g} % of demand at once (`fill_rate`)"
    )
    costless = sum(not line.holding_cost for line in scenario.stocks)
    if costless:
        yield f"holding cost of {costless} of {items} of which no sheet gives it: 0"


def _of_capacities(scenario: Scenario, settings: Settings, content: Content) -> Iterator[str]:
    if content.without_unit["rate"]:
        per = settings.amounts_per or settings.step
        number = counted(content.without_unit["rate"], "cell")
        yield f"{number} with a capacity of which no cell or heading names the time: units a {per} (`amounts_per`)"
    making = Counter(line.node for line in scenario.stocks if line.production is not None)
    making.update(recipe.node for recipe in scenario.recipes)
    several = sum(making[site] > 1 for site in content.capacities)
    if several:
        number = counted(several, "site")
        yield f"the capacity of {number} that make several products is shared out by what is asked for of each"
    offered = {(offer.supplier, offer.product) for offer in content.offers if offer.capacity is not None}
    made = [(line.node, line.product) for line in scenario.stocks if line.production is not None]
    made += [(recipe.node, product) for recipe in scenario.recipes for product in recipe.outputs]
    free = sum(item not in offered and item[0] not in content.capacities for item in made)
    if free:
        yield (
            f"{free} of {counted(len(made), 'item')} that are made or come from outside have no capacity in any sheet: "
            f"{settings.headroom:g} times what is asked for on average (`headroom`)"
        )
    yield (
        "what is scarce is shared among buyers in proportion to what they ask for (`rules.allocation` of the scenario)"
    )
    ways = Counter((arc.buyer, arc.product) for arc in scenario.arcs if arc.share is None)
    choices = sum(number > 1 for number in ways.values())
    if choices:
        number = counted(choices, "item")
        yield f"{number} with several suppliers or modes and no shares: the cheapest way with freight is asked first"


def _of_money(scenario: Scenario, settings: Settings, content: Content) -> Iterator[str]:
    worked = 0
    parts = {product: used for (product, _), used in content.components.items()}
    for product, used in parts.items():
        stated = content.products.by_id[product].said.get("cost")
        priced = {o.product: o.price for o in content.offers if o.price is not None}
        known = [priced.get(part, content.products.by_id[part].said.get("cost")) for part in used]
        if stated is not None and all(price is not None for price in known):
            worked += stated > sum((price or 0.0) * n for price, n in zip(known, used.values(), strict=True))
    if worked:
        yield (
            f"the cost of {counted(worked, 'product')} above that of the components (work, overhead) is taken as paid "
            "whether the product is made or not: it is no part of the profit"
        )
    yield (
        "`Cost` of a run adds up what all members pay, one another too; `Cost net of transfers` and `Profit` are those "
        "of the company"
    )
