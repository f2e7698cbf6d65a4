"""Fields and amendments that cannot mean anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from esc_sim.scenario.farming import Amendment, CropField, Farming
from esc_sim.scenario.messages import Problem
from esc_sim.scenario.recipes import items_made
from esc_sim.scenario.schema import Product, Scenario, StockData

Items = Mapping[tuple[str, str], tuple[tuple[str | int, ...], StockData]]
TOLERANCE = 1e-6
"""By how much the shares of a harvest may miss 1."""


def farming_problems(scenario: Scenario, items: Items) -> Iterator[Problem]:
    """Problems of the sections farming, fields and amendments, and of orders for fields."""
    using = {(field.node, field.fertiliser) for field in scenario.fields}
    for (node, product), (path, item) in items.items():
        if item.order is not None and item.order.policy == "fields" and (node, product) not in using:
            yield Problem((*path, "order"), f"no field of '{node}' is given '{product}', so 'fields' orders nothing")
    farming = scenario.farming
    if farming is None:
        for key, entries in (("fields", scenario.fields), ("amendments", scenario.amendments)):
            if entries:
                yield Problem((key,), f"{key} need the section 'farming': add it (farming: {{year: 52}})", "part")
        return
    products = {product.id: product for product in scenario.products}
    default = scenario.products[0].id
    bought = {(arc.buyer, arc.product or default) for arc in scenario.arcs}
    for number, field in enumerate(scenario.fields):
        path = ("fields", number)
        yield from _calendar_problems(farming, field, path)
        yield from _nitrogen_problems(farming, field, products, path)
        yield from _nutrient_problems(farming, products[field.fertiliser], (*path, "fertiliser"))
        if (field.node, field.fertiliser) not in bought:
            text = f"no arc brings '{field.fertiliser}' to '{field.node}': add one, its price is what nitrogen costs"
            yield Problem((*path, "fertiliser"), text)
    held = set(items) | items_made(scenario) | {(arc.supplier, arc.product or default) for arc in scenario.arcs}
    farms = {field.node for field in scenario.fields}
    for number, amendment in enumerate(scenario.amendments):
        yield from _amendment_problems(farming, amendment, products, held, farms, ("amendments", number))


def _calendar_problems(farming: Farming, field: CropField, path: tuple[str | int, ...]) -> Iterator[Problem]:
    year = farming.year
    for key in field.harvest:
        if not key.isdecimal() or int(key) >= year:
            text = f"a period of the year belongs here, from 0 to {year - 1} (farming.year {year}), not '{key}'"
            yield Problem((*path, "harvest"), text)
            return
    total = sum(field.harvest.values())
    if abs(total - 1.0) > TOLERANCE:
        yield Problem((*path, "harvest"), f"the shares of '{field.id}' add up to {total:.9g}, not to 1")
    first = min(field.shares, default=0)
    if field.apply >= first:
        text = f"fertiliser must be applied before the harvest, which begins in period {first} of the year"
        yield Problem((*path, "apply"), text)
    elif field.apply + field.window > first:
        yield Problem((*path, "window"), f"must end before the harvest begins in period {first} of the year")
    if field.ahead > field.apply:
        text = f"the order would be placed in the year before: at most {field.apply} periods ahead"
        yield Problem((*path, "ahead"), text)


def _nitrogen_problems(
    farming: Farming, field: CropField, products: Mapping[str, Product], path: tuple[str | int, ...]
) -> Iterator[Problem]:
    """Crops that carry off more nitrogen than they take up."""
    held = products[field.crop].contents.get(farming.nitrogen, 0.0)
    what = f"a unit of '{field.crop}' holds {held:g} kg of nitrogen"
    if field.residue is not None:
        straw = products[field.residue.product].contents.get(farming.nitrogen, 0.0)
        with_it = field.residue.ratio * field.residue.collected * straw
        held += with_it
        what += f" and the '{field.residue.product}' collected with it {with_it:g} kg" if with_it else ""
    if held > field.uptake * (1.0 + 1e-9):
        yield Problem((*path, "uptake"), f"{what}, but it takes up {field.uptake:g} kg only")


def _nutrient_problems(farming: Farming, product: Product, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if product.nutrient is None:
        text = f"product '{product.id}' has no 'nutrient': say what it gives (nutrient: {{available: 0.1}})"
        yield Problem(path, text)
    elif product.nutrient.available * product.contents.get(farming.nitrogen, 0.0) <= 0.0:
        text = (
            f"product '{product.id}' gives no nitrogen: it needs contents with '{farming.nitrogen}', and available > 0"
        )
        yield Problem(path, text)


def _amendment_problems(
    farming: Farming,
    amendment: Amendment,
    products: Mapping[str, Product],
    held: set[tuple[str, str]],
    farms: set[str],
    path: tuple[str | int, ...],
) -> Iterator[Problem]:
    yield from _nutrient_problems(farming, products[amendment.product], (*path, "product"))
    if (amendment.seller, amendment.product) not in held:
        yield Problem((*path, "seller"), f"'{amendment.seller}' neither holds nor makes '{amendment.product}'")
    if amendment.farm not in farms:
        yield Problem((*path, "farm"), f"'{amendment.farm}' has no field")
