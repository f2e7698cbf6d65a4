"""Amounts of goods and the grid they live on: what is too large to be kept exactly, and what would vanish in rounding.

Goods are multiples of 2^-n units (``rules.goods_quantum`` n), and stay below 2^(51 - n).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from esc_sim.policies.mean import MeanOrder
from esc_sim.policies.policy import Order
from esc_sim.policies.registry import policy_of
from esc_sim.scenario.demand import Demand, Production
from esc_sim.scenario.empirical import Empirical
from esc_sim.scenario.items import have_same, items_of
from esc_sim.scenario.laws import (
    Constant,
    Discrete,
    Exponential,
    Gamma,
    Geometric,
    Intermittent,
    Law,
    Lognormal,
    NegativeBinomial,
    Normal,
    Poisson,
    TruncatedNormal,
    Uniform,
)
from esc_sim.scenario.messages import Path, Problem
from esc_sim.scenario.schema import Scenario, StockData
from esc_sim.scenario.three_points import Pert, Triangular

TOLERANCE = 1e-3
"""Relative error with which an amount must be held on the grid."""
LARGEST_QUANTUM = 30
"""Most that rules.goods_quantum may be."""
RECIPE_TOLERANCE = 1e-2
"""The same for what a recipe uses or makes in a period: runs differ from period to period, and so does the error."""
_SPREAD = 8.0
"""Standard deviations of this many quanta or more: rounding moves a law's mean by less than the tolerance."""
_HELD = ("initial_stock", "safety_stock", "target_stock", "capacity", "room")
_ORDERED = ("minimum", "order_multiple", "buffer")


class Amount(NamedTuple):
    """An amount of goods that a scenario gives.

    Attributes:
        path: where it stands.
        value: the amount; of a law, its mean.
        sd: standard deviation of an amount that is drawn.
        what: said before it, where the place alone does not tell which number is meant.
        tolerance: relative error with which it must be held.
    """

    path: Path
    value: float
    sd: float = 0.0
    what: str = ""
    tolerance: float = TOLERANCE


Items = Sequence[tuple[Path, StockData]]
"""Some items of a scenario, each with the path of its data."""


def size_problems(scenario: Scenario, like: Scenario | None = None) -> Iterator[Problem]:
    """Amounts too large to be kept exactly on the grid of goods, and amounts that the grid cannot hold.

    Args:
        scenario: the scenario.
        like: one that has no such problems: items that both have are not looked at, if nothing else counts for them.
    """
    items: Items = [*items_of(scenario).values()]
    if like is not None and have_same(scenario, like, "rules", "series", "run"):
        known = set(map(id, (*like.nodes, *like.stocks)))
        items = [(path, item) for path, item in items if id(item) not in known]
    yield from _too_large(scenario, items)
    found = list(amounts_of(scenario, items))
    largest = max((amount.value for amount in found), default=0.0)
    seen: set[Path] = set()
    for amount in found:
        if amount.path not in seen and not _held(amount, scenario.rules.goods_quantum):
            seen.add(amount.path)
            yield Problem(amount.path, _too_small(amount, scenario.rules.goods_quantum, largest))


def limit_of(scenario: Scenario) -> float:
    """Amounts of goods must stay below this, units."""
    return float(2.0 ** (51 - scenario.rules.goods_quantum))


def _held(amount: Amount, bits: int) -> bool:
    """Whether an amount, or the mean of one that is drawn, is held on the grid with the tolerance."""
    quantum, value = 2.0**-bits, abs(amount.value)
    if amount.sd >= _SPREAD * quantum or value >= 2.0**52:
        return True
    if value == 0.0:
        return amount.sd == 0.0 or amount.sd >= quantum
    return abs(round(value / quantum) * quantum - value) <= amount.tolerance * value


def _too_small(amount: Amount, bits: int, largest: float) -> str:
    quantum, value = 2.0**-bits, amount.value or amount.sd
    held = round(abs(value) / quantum) * quantum
    named = f"{amount.what}{'' if amount.value else 'sd '}{value:g}"
    grid = f"the grid of goods, whose step is 2^-{bits} = {quantum:g} units"
    text = f"{named} cannot be held on {grid} (it would be {held:g})"
    finer = next((n for n in range(bits + 1, LARGEST_QUANTUM + 1) if _held(amount, n)), None)
    if finer is not None and largest < 2.0 ** (51 - finer):
        return f"{text}: choose a smaller unit of goods, or rules.goods_quantum {finer}"
    return f"{text}: choose a smaller unit of goods"


def amounts_of(scenario: Scenario, items: Items) -> Iterator[Amount]:
    """Every amount of goods that a scenario gives, but for those that are shares of others, and many that are 0."""
    for path, item in items:
        for name in _HELD:
            if amount := getattr(item, name):
                yield Amount((*path, name), amount)
        if item.demand is not None:
            yield from _demanded(scenario, item.demand, (*path, "demand"))
        if item.production is not None:
            yield from _drawn(item.production, (*path, "production"))
        if item.order is not None:
            if isinstance(item.order, MeanOrder):
                yield from _drawn(item.order, (*path, "order"))
            for name in _ordered(type(item.order), policy_of(item.order).parameters):
                if amount := getattr(item.order, name):
                    yield Amount((*path, "order", name), amount)
    for number, node in enumerate(scenario.nodes):
        if node.energy:
            yield Amount(("nodes", number, "energy"), node.energy)
    for number, arc in enumerate(scenario.arcs):
        if arc.cap:
            yield Amount(("arcs", number, "cap"), arc.cap)
    for number, taker in enumerate(scenario.takers):
        yield Amount(("takers", number, "capacity"), taker.capacity or 0.0)
    yield from _made(scenario)


@cache
def _ordered(order: type[Order], parameters: tuple[str, ...]) -> tuple[str, ...]:
    """Keys of an order policy that are amounts of goods, beside a mean."""
    return tuple(name for name in (*_ORDERED, *parameters) if name in order.model_fields)


def _drawn(part: Demand | Production | MeanOrder, path: Path) -> Iterator[Amount]:
    law = None if isinstance(part, MeanOrder) else part.law
    if law is not None:
        yield from _of_law(law, (*path, "law"))
    elif part.mean is not None:
        yield Amount((*path, "mean"), part.mean, part.sd)


def _demanded(scenario: Scenario, demand: Demand, path: Path) -> Iterator[Amount]:
    if demand.series is not None:
        for row, value in enumerate(scenario.series.get(demand.series, ())):
            yield Amount((*path, "series"), value, demand.sd, f"value {row + 1} of series '{demand.series}', ")
        if demand.then is not None and not isinstance(demand.then, str):
            yield from _of_law(demand.then, (*path, "then"))
    elif demand.arrivals:
        for number, source in enumerate(demand.arrivals):
            place = (*path, "arrivals", number, "size")
            if isinstance(source.size, float):
                yield Amount(place, source.size)
            else:
                yield from _of_law(source.size, place)
    else:
        yield from _drawn(demand, path)


def _made(scenario: Scenario) -> Iterator[Amount]:
    """What recipes use and make in a period in which they run as often as they can, and what fields bear in a year."""
    for number, recipe in enumerate(scenario.recipes):
        if not recipe.capacity:
            continue
        for key in ("inputs", "outputs", "byproducts"):
            for product, amount in getattr(recipe, key).items():
                what = f"{recipe.capacity:g} runs a period of {amount:g} '{product}', "
                yield Amount(("recipes", number, key), recipe.capacity * amount, 0.0, what, RECIPE_TOLERANCE)
    for number, field in enumerate(scenario.fields):
        yield Amount(("fields", number, "area"), field.area * field.potential, 0.0, "the harvest of ")


def _of_law(law: Law, path: Path) -> Iterator[Amount]:
    match law:
        case Constant():
            yield Amount(path, law.value)
        case Discrete():
            yield from (Amount(path, value) for value, p in zip(law.values, law.probabilities, strict=True) if p > 0.0)
        case Uniform():
            yield Amount(path, 0.5 * (law.low + law.high), (law.high - law.low) / math.sqrt(12.0))
        case Exponential():
            yield Amount(path, law.mean, law.mean)
        case Normal() | TruncatedNormal() | Gamma() | Lognormal():
            yield Amount(path, law.mean, law.sd)
        case Triangular() | Pert():
            yield Amount(path, law.mean, (law.high - law.low) / 6.0)
        case Empirical():
            yield from (Amount(path, value) for value in set(law.values))
        case Intermittent():
            yield from _of_law(law.size, (*path, "size"))
        case Poisson() | Geometric() | NegativeBinomial():
            return  # whole numbers are on every grid


def _too_large(scenario: Scenario, items: Items) -> Iterator[Problem]:
    limit = limit_of(scenario)
    for path, item in items:
        for name, amount in _largest_amounts(scenario, item).items():
            if amount >= limit:
                text = f"amounts of goods must stay below {limit:g} with rules.goods_quantum"
                text += f" {scenario.rules.goods_quantum}: choose a larger unit, or a smaller goods_quantum"
                yield Problem((*path, name), text, "part")
    for number, field in enumerate(scenario.fields):
        if field.area * field.potential >= limit:
            text = f"harvests must stay below {limit:g} units: choose a larger unit of the crop"
            yield Problem(("fields", number, "area"), text)


def _largest_amounts(scenario: Scenario, item: StockData) -> dict[str, float]:
    """About the largest amounts that can come up at an item, by the key they stand under."""
    found = {"initial_stock": item.initial_stock}
    for name, part in (("demand", item.demand), ("order", item.order), ("production", item.production)):
        if part is not None:
            found[name] = _largest_amount(scenario, part)
    return found


def _largest_amount(scenario: Scenario, part: Demand | Production | Order) -> float:
    if isinstance(part, Demand) and part.arrivals:
        sizes = [source.size for source in part.arrivals]
        return max(size if isinstance(size, float) else _largest_of_law(size) for size in sizes)
    if isinstance(part, Demand):
        return _largest_demand(scenario, part)
    if isinstance(part, Production) and part.law is not None:
        return _largest_of_law(part.law)
    if isinstance(part, Production | MeanOrder):
        return (part.mean or 0.0) + 40 * part.sd
    return max((value for value in part.model_dump().values() if isinstance(value, float)), default=0.0)


def _largest_demand(scenario: Scenario, demand: Demand) -> float:
    factor = max(demand.season, default=1.0)
    if demand.law is not None:
        return factor * _largest_of_law(demand.law)
    level = demand.mean or 0.0
    if demand.series is not None:
        level = max(scenario.series.get(demand.series, ()), default=0.0)
        if demand.then is not None and not isinstance(demand.then, str):
            level = max(level, _largest_of_law(demand.then))
    return factor * (level + max(demand.trend, 0.0) * scenario.run.periods) + 40 * demand.sd


def _largest_of_law(law: Law) -> float:
    return getattr(law, "mean", 0.0) if math.isinf(law.upper) else law.upper
