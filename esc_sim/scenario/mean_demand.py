"""Mean demand of every stock: what is asked of it in a period, by customers, by its buyers, by recipes.

Buyers pass on what they are asked for, less what they make by themselves: to the suppliers by their shares, otherwise
all to the supplier that they ask first (lowest preference, then lowest cost). Yields count; disruptions, goods that
perish, short suppliers and stocks that run up or down do not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from esc_sim.scenario.decisions import items_of
from esc_sim.scenario.demand import Demand, Production
from esc_sim.scenario.laws import Law, mean_of
from esc_sim.scenario.schema import Arc, Scenario
from esc_sim.scenario.series_ends import following_law

Stock = tuple[str, str]
"""Node and product."""
_MOST_TIERS: Final = 10_000


def mean_demands(scenario: Scenario) -> dict[Stock, float]:
    """Mean demand of every stock, units per period, averaged over the run.

    Args:
        scenario: need not be checked: names that nothing stands for are passed over.

    Raises:
        ValueError: goods go round in a loop of buyers, so that no stock's demand has an end.
    """
    items = {stock: item for stock, (_, item) in items_of(scenario).items()}
    place = {stock: number for number, stock in enumerate(items)}
    own = np.array([_final(scenario, item.demand) for item in items.values()])
    made = np.array([_made(item.production) for item in items.values()])
    yields = {stock: item.yield_ for stock, item in items.items()}
    rows = [row for row in _passed_on(scenario, yields) if row[0] in place and row[1] in place]
    start = np.array([place[asker] for asker, _, _ in rows], dtype=np.int64)
    end = np.array([place[asked] for _, asked, _ in rows], dtype=np.int64)
    share = np.array([units for _, _, units in rows])
    found = own
    for _ in range(min(len(items) + 1, _MOST_TIERS)):
        needed = np.maximum(found - made, 0.0)
        nxt = own + np.bincount(end, needed[start] * share, len(items))
        if np.array_equal(nxt, found):
            return dict(zip(items, found.tolist(), strict=True))
        found = nxt
    raise ValueError("goods go round in a loop of buyers, so that mean demands cannot be worked out")


def _passed_on(scenario: Scenario, yields: Mapping[Stock, float]) -> Iterable[tuple[Stock, Stock, float]]:
    """Who asks whom for how many units, for a unit that it is asked for itself."""
    outputs: set[Stock] = set()
    for recipe in scenario.recipes:
        for product, amount in recipe.outputs.items():
            made = (recipe.node, product)
            if made not in outputs:  # what two recipes make is made by the first
                outputs.add(made)
                yield from ((made, (recipe.node, used), units / amount) for used, units in recipe.inputs.items())
    first = scenario.products[0].id
    bought: dict[Stock, list[Arc]] = {}
    for arc in scenario.arcs:
        stock = (arc.buyer, arc.product or first)
        if stock not in outputs:
            bought.setdefault(stock, []).append(arc)
    for stock, arcs in bought.items():
        gained = yields.get(stock) or 1.0
        yield from ((stock, (arc.supplier, stock[1]), part / gained) for arc, part in _parts(arcs))


def _parts(arcs: list[Arc]) -> list[tuple[Arc, float]]:
    """The arcs of a stock that are used, and their parts of what it orders."""
    total = math.fsum(arc.share or 0.0 for arc in arcs)
    if total > 0.0:
        return [(arc, arc.share / total) for arc in arcs if arc.share]
    return [(min(arcs, key=lambda arc: (arc.preference, arc.price + arc.other_cost, arc.supplier)), 1.0)]


def _final(scenario: Scenario, demand: Demand | None) -> float:
    """Mean final demand in a period, averaged over the run."""
    if demand is None:
        return 0.0
    if demand.arrivals:
        return math.fsum(_mean(source.size) / _mean(source.between) for source in demand.arrivals)
    level = _mean(demand.law) if demand.law is not None else demand.mean or 0.0
    periods = scenario.run.periods
    if demand.series is not None:
        level = _level(scenario.series.get(demand.series, [0.0]), demand, periods)
    level = max(level + demand.trend * (periods - 1) / 2.0, 0.0)
    return level * (math.fsum(demand.season) / len(demand.season) if demand.season else 1.0)


def _level(series: list[float], demand: Demand, periods: int) -> float:
    """Mean of a series over the run, and of what follows it."""
    seen = series[:periods]
    total, left = math.fsum(seen), periods - len(seen)
    if left > 0 and demand.then is not None:
        law = following_law(demand.then, series)
        if law is not None:
            total += left * mean_of(law)
        elif demand.then == "hold":
            total += left * series[-1]
        elif demand.then == "repeat":
            total += (left // len(series)) * math.fsum(series) + math.fsum(series[: left % len(series)])
    return total / periods


def _made(production: Production | None) -> float:
    if production is None:
        return 0.0
    return _mean(production.law) if production.law is not None else production.mean or 0.0


def _mean(value: float | Law) -> float:
    return float(value) if isinstance(value, int | float) else mean_of(value)
