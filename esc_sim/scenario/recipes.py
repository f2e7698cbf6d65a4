"""What nodes make out of what: recipes with contents that must balance, and takers of what nobody ordered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field

from esc_sim.fields.making import Recipe as RecipeRow
from esc_sim.fields.making import Taker as TakerRow
from esc_sim.fields.parts import Amount, Identifier, Number, Part
from esc_sim.fields.rows import described
from esc_sim.scenario.messages import Problem

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario, StockData

AMOUNTS = ("inputs", "outputs", "byproducts", "contents", "leftovers", "harvest")
"""Keys that hold amounts by name, which a table's cell has as text."""
TOLERANCE = 1e-9
"""By how much a content may differ between what goes into a run and what comes out of it."""

_TERM = re.compile(r"\s*(?P<amount>[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s+(?P<name>\S.*?)\s*$")


def read_amounts(value: Any) -> Any:
    """'0.6 flour + 0.01 yeast', as a table's cell has it, as a mapping of names to numbers; all else as it is."""
    if not isinstance(value, str):
        return value
    found: dict[str, float] = {}
    for term in value.split(" + "):
        match = _TERM.match(term)
        try:
            amount = float(match["amount"]) if match else None
        except ValueError:
            amount = None
        if match is None or amount is None:
            raise ValueError(f"write amounts such as '0.6 flour + 0.01 yeast', not '{value[:60]}'")
        if match["name"] in found:
            raise ValueError(f"'{match['name']}' stands twice in '{value[:60]}'")
        found[match["name"]] = amount
    return found


PositiveAmount = Annotated[Number, Field(gt=0)]
Amounts = Annotated[dict[Identifier, PositiveAmount], BeforeValidator(read_amounts)]
Contents = Annotated[dict[Identifier, Amount], BeforeValidator(read_amounts)]


class Recipe(Part):
    """What a node makes out of what. A node runs its recipes in the order in which they are listed.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Recipe(node="bakery", id="bread", inputs={"flour": 0.6}, outputs={"bread": 1}).inputs
        {'flour': 0.6}
    """

    node: Identifier = Field(description="node that runs it")
    id: Identifier = Field(description="name of the recipe, unlike any other")
    inputs: Amounts = Field(default={}, description="units used in a run, by product: '0.6 flour + 0.01 yeast'")
    outputs: Amounts = Field(
        default={}, description="units made in a run, by product; their target_stock limits the runs"
    )
    byproducts: Amounts = Field(default={}, description="units that arise in a run besides; they limit nothing")
    capacity: Amount | None = Field(default=None, description=described(RecipeRow.capacity))
    cost: Amount = Field(default=0.0, description=described(RecipeRow.cost))
    energy: Amount = Field(default=0.0, description=described(RecipeRow.energy))
    emissions: Amount = Field(default=0.0, description=described(RecipeRow.emissions))
    lag: Annotated[int, Field(ge=0, le=10_000)] = Field(default=0, description=described(RecipeRow.lag))


class Taker(Part):
    """Whom a node may give what nobody ordered and its store has no room for, at the end of a period."""

    giver: Identifier = Field(description="node that gives")
    taker: Identifier = Field(description="node that takes")
    product: Identifier = Field(description="what is given")
    gate_fee: Number = Field(default=0.0, description=described(TakerRow.gate_fee))
    haul: Amount = Field(default=0.0, description=described(TakerRow.haul))
    capacity: Amount | None = Field(default=None, description=described(TakerRow.capacity))
    emissions: Amount = Field(default=0.0, description=described(TakerRow.emissions))


Items = Mapping[tuple[str, str], "tuple[tuple[str | int, ...], StockData]"]


def making_problems(scenario: Scenario, items: Items) -> Iterator[Problem]:
    """Recipes, takers and waste that cannot mean anything."""
    contents = {product.id: product.contents for product in scenario.products}
    environment = {product.id for product in scenario.products if product.environment}
    energy = {node.id: node.energy for node in scenario.nodes}
    for number, recipe in enumerate(scenario.recipes):
        path = ("recipes", number)
        if not recipe.outputs and not recipe.byproducts:
            yield Problem((*path, "outputs"), f"recipe '{recipe.id}' makes nothing: give outputs", "part")
        for product in recipe.outputs:
            if product in recipe.byproducts or product in recipe.inputs:
                yield Problem((*path, "outputs"), f"'{product}' may stand only once in recipe '{recipe.id}'")
        for product in recipe.byproducts:
            if product in recipe.inputs:
                yield Problem((*path, "byproducts"), f"'{product}' may stand only once in recipe '{recipe.id}'")
        yield from _content_problems(recipe, contents, path)
        limited = recipe.capacity is not None or bool(set(recipe.inputs) - environment)
        limited = limited or (recipe.energy > 0 and energy.get(recipe.node) is not None)
        targets = [items.get((recipe.node, product)) for product in recipe.outputs]
        if not limited and all(item is None or item[1].target_stock is None for item in targets):
            yield Problem((*path, "capacity"), f"nothing limits the runs of '{recipe.id}': give a capacity", "part")
    for (_, product), (where, item) in items.items():
        if item.demand is not None and item.demand.leftovers:
            yield from _leftover_problems(product, item.demand.leftovers, contents, where)
        if item.waste is not None and item.shelf_life is not None:
            yield from _waste_problems(product, item.waste, contents, where)


def _content_problems(recipe: Recipe, contents: Mapping[str, Mapping[str, float]], path: Any) -> Iterator[Problem]:
    """Contents of which more goes into a run than comes out of it, or less."""

    def total(amounts: Mapping[str, float], content: str) -> float:
        return sum(amount * contents[product].get(content, 0.0) for product, amount in amounts.items())

    named = {name for part in (recipe.inputs, recipe.outputs, recipe.byproducts) for p in part for name in contents[p]}
    for content in sorted(named):
        into = total(recipe.inputs, content)
        out = total(recipe.outputs, content) + total(recipe.byproducts, content)
        if abs(out - into) > TOLERANCE:
            yield Problem(
                path,
                f"recipe '{recipe.id}' does not balance {content}: {into:.12g} goes into a run and {out:.12g} comes "
                f"out (gap {out - into:+.3g}); list all outputs, losses to 'air' or 'water' too",
                "part",
            )


def _leftover_problems(
    product: str,
    leftovers: Mapping[str, float],
    contents: Mapping[str, Mapping[str, float]],
    path: tuple[str | int, ...],
) -> Iterator[Problem]:
    """Leftovers that hold more of a content than what was bought."""
    for content in sorted({name for left in leftovers for name in contents[left]}):
        had = contents[product].get(content, 0.0)
        back = sum(amount * contents[left].get(content, 0.0) for left, amount in leftovers.items())
        if back > had + TOLERANCE:
            yield Problem(
                (*path, "demand", "leftovers"),
                f"more {content} comes back than was sold: {back:g} of the {had:g} in a unit of '{product}'",
            )


def _waste_problems(
    product: str, waste: str, contents: Mapping[str, Mapping[str, float]], path: tuple[str | int, ...]
) -> Iterator[Problem]:
    for content in sorted({*contents[product], *contents[waste]}):
        before, after = contents[product].get(content, 0.0), contents[waste].get(content, 0.0)
        if abs(after - before) > TOLERANCE:
            yield Problem(
                (*path, "waste"),
                f"a unit of '{product}' holds {before:g} {content}, one of '{waste}' {after:g}: it must be the same",
            )


def making_references(data: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """(path, 'node' or 'product', name) of every reference in recipes and takers, which may be ill-formed."""
    for number, recipe in _parts(data, "recipes"):
        if isinstance(recipe.get("node"), str):
            yield ("recipes", number, "node"), "node", recipe["node"]
        for key in AMOUNTS[:3]:
            for product in _names_of(recipe.get(key)):
                path = ("recipes", number, key, product)
                yield path if isinstance(recipe.get(key), dict) else path[:-1], "product", product
    for key in ("nodes", "stocks"):
        for number, entry in _parts(data, key):
            demand = entry.get("demand")
            left = demand.get("leftovers") if isinstance(demand, dict) else None
            for product in _names_of(left):
                yield (key, number, "demand", "leftovers"), "product", product
    for number, taker in _parts(data, "takers"):
        for key, what in (("giver", "node"), ("taker", "node"), ("product", "product")):
            if isinstance(taker.get(key), str):
                yield ("takers", number, key), what, taker[key]


def _names_of(amounts: Any) -> list[str]:
    """Names in amounts that may be ill-formed."""
    try:
        found = read_amounts(amounts)
    except ValueError:
        return []
    return [name for name in found if isinstance(name, str)] if isinstance(found, dict) else []


def _parts(data: Mapping[str, Any], key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    entries = data.get(key)
    for number, entry in enumerate(entries if isinstance(entries, (list, tuple)) else ()):
        if isinstance(entry, dict):
            yield number, entry


def taker_problems(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Takers that give to themselves, or that stand twice."""
    seen: dict[tuple[Any, ...], int] = {}
    for number, taker in _parts(data, "takers"):
        key = tuple(taker.get(name) for name in ("giver", "taker", "product"))
        if not all(isinstance(name, str) for name in key):
            continue
        if key[0] == key[1]:
            yield Problem(("takers", number, "taker"), f"'{key[0]}' gives to itself")
        if key in seen:
            yield Problem(("takers", number), f"'{key[1]}' takes '{key[2]}' of '{key[0]}' twice (takers.{seen[key]})")
        seen.setdefault(key, number)


def items_made(scenario: Scenario) -> set[tuple[str, str]]:
    """(node, product) of everything that arises somewhere in another way than by buying or production."""
    found = {(r.node, product) for r in scenario.recipes for product in (*r.outputs, *r.byproducts)}
    found |= {(taker.taker, taker.product) for taker in scenario.takers}
    found |= {(field.node, field.crop) for field in scenario.fields}
    found |= {(field.node, field.residue.product) for field in scenario.fields if field.residue is not None}
    found |= {(node.id, node.waste) for node in scenario.nodes if node.waste is not None}
    found |= {(node.id, product) for node in scenario.nodes if node.demand for product in node.demand.leftovers}
    found |= {(line.node, product) for line in scenario.stocks if line.demand for product in line.demand.leftovers}
    return found | {(line.node, line.waste) for line in scenario.stocks if line.waste is not None}


def items_used(scenario: Scenario) -> set[tuple[str, str]]:
    """(node, product) of what goes somewhere in another way than by sale."""
    found = {(recipe.node, product) for recipe in scenario.recipes for product in recipe.inputs}
    found |= {(field.node, field.fertiliser) for field in scenario.fields}
    for amendment in scenario.amendments:
        found |= {(amendment.seller, amendment.product), (amendment.farm, amendment.product)}
    return found | {(taker.giver, taker.product) for taker in scenario.takers}
