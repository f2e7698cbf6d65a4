"""Stages of a scenario: nodes that order, with the arcs and recipes between them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from esc_sim.design.safety_stock.stages import Floats, Stages
from esc_sim.errors import InputError
from esc_sim.network.model import network_of
from esc_sim.scenario.demand import Demand
from esc_sim.scenario.design_safety_stock import SafetyStockSection
from esc_sim.scenario.items import items_of
from esc_sim.scenario.laws import Poisson, mean_of
from esc_sim.scenario.recipes import Recipe
from esc_sim.scenario.schema import Arc, Scenario, StockData

UNLIMITED = 1_000_000
"""Service time of a stage that may quote any, periods."""
Value = TypeVar("Value", int, int | None)


@dataclass(frozen=True)
class Chain:
    """A scenario's stages and how they hang together.

    Attributes:
        stages: what the model needs.
        product: what each stage hands on.
        bought: products that each stage orders.
        customers: stages with final demand, and the service time that each promises.
        echelon: whether a stage orders on the stock of its whole echelon.
    """

    stages: Stages
    product: tuple[str, ...]
    bought: tuple[tuple[str, ...], ...]
    customers: Mapping[int, int]
    echelon: tuple[bool, ...]

    def order_up_to(self, base_stock: Floats) -> Floats:
        """What each stage orders up to, float64[N] units: its base stock, or the sum of those of its echelon."""
        below = np.eye(self.stages.count, dtype=np.bool_)  # [n, m]: m is n, or gets its goods from it
        for supplier, buyer, _ in sorted(self.stages.links, key=lambda link: -link[0]):
            below[supplier] |= below[buyer]
        return np.where(self.echelon, below @ base_stock, base_stock)


def chain_of(scenario: Scenario, section: SafetyStockSection) -> Chain:
    """The guaranteed-service model of a scenario.

    A node that orders is a stage; all others are sources, which deliver at once. A stage hands on one product: the one
    that it buys, or the one that its recipe makes of all that it buys. Its processing time is the shortest lead time
    of the arcs to it, plus what the section says.

    Raises:
        InputError: what the model does not know, all of it at once.
    """
    net = _Net(scenario)
    problems = [*net.problems()]
    names, cycle = net.sorted_stages()
    if cycle:
        problems.append(f"'{cycle}' supplies itself in a circle, and guaranteed service needs a network without cycles")
    if problems:
        raise InputError("\n".join(f"design safety_stock: {problem}" for problem in problems))
    at = {name: i for i, name in enumerate(names)}
    ways = [{arc.supplier: 0 for arc in net.arcs[name]} for name in names]
    for number, name in enumerate(names):
        for arc in net.arcs[name]:
            ways[number][arc.supplier] = max(ways[number][arc.supplier], lead_of(arc))
    shortest = [min(way.values()) for way in ways]
    customers = {at[name]: _of(section.promised, name, 0) for name in names if net.item(name).demand is not None}
    longest = np.array([_most(section, name, customers.get(at[name])) for name in names], np.int64)
    share = np.zeros((len(names), len(names)))  # units of a stage's product in a unit that a customer buys
    for number in reversed(range(len(names))):
        share[number, number] += net.item(names[number]).demand is not None
        for arc in net.arcs[names[number]]:
            if arc.supplier in at:
                share[at[arc.supplier]] += net.units(arc) * share[number]
    means, sds = np.zeros(len(names)), np.zeros(len(names))
    for number in customers:
        means[number], sds[number] = moments_of(net.item(names[number]).demand)
    spread = share * sds
    together = section.customers == "together"
    return Chain(
        stages=Stages(
            names=tuple(names),
            links=tuple(
                (at[supplier], number, way - shortest[number])
                for number, by in enumerate(ways)
                for supplier, way in by.items()
                if supplier in at
            ),
            processing=np.array(
                [shortest[i] + section.processing_time.get(name, 0) for i, name in enumerate(names)], np.int64
            ),
            entry=np.array(
                [
                    max((way - shortest[i] for supplier, way in by.items() if supplier not in at), default=0)
                    for i, by in enumerate(ways)
                ],
                np.int64,
            ),
            longest=longest,
            mean=share @ means,
            sd=spread.sum(axis=1) if together else np.sqrt((spread * spread).sum(axis=1)),
            holding=np.array([net.item(name).holding_cost for name in names]),
            factor=section.factor,
        ),
        product=tuple(net.product[name] for name in names),
        bought=tuple(tuple(dict.fromkeys(net.bought(arc) for arc in net.arcs[name])) for name in names),
        customers=customers,
        echelon=tuple(all(net.on_echelon(arc) for arc in net.arcs[name]) for name in names),
    )


class _Net:
    """Arcs, products and recipes of a scenario by node."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.default = scenario.products[0].id
        self.items = items_of(scenario)
        self.product = {node.id: node.product or self.default for node in scenario.nodes}
        self.arcs: dict[str, list[Arc]] = {}
        for arc in scenario.arcs:
            if not arc.option:
                self.arcs.setdefault(arc.buyer, []).append(arc)
        self.market = dict(zip(map(id, scenario.arcs), network_of(scenario).arc_market.tolist(), strict=True))
        self.recipes = {(recipe.node, made): recipe for recipe in scenario.recipes for made in recipe.outputs}

    def bought(self, arc: Arc) -> str:
        return arc.product or self.default

    def item(self, node: str, product: str | None = None) -> StockData:
        key = node, product or self.product[node]
        return self.items[key][1] if key in self.items else StockData()

    def on_echelon(self, arc: Arc) -> bool:
        """Whether the buyer's policy looks at all stock down to the customer."""
        return bool(getattr(self.item(arc.buyer, self.bought(arc)).order, "echelon", False))

    def units(self, arc: Arc) -> float:
        """Units bought on an arc for a unit that the buyer hands on."""
        product, own = self.bought(arc), self.product[arc.buyer]
        rivals = [other.share or 0.0 for other in self.arcs[arc.buyer] if self.bought(other) == product]
        part = 1.0 if len(rivals) == 1 else (arc.share or 0.0) / sum(rivals)
        if product == own:
            return part
        recipe = self.recipes[arc.buyer, own]
        return part * recipe.inputs[product] / recipe.outputs[own]

    def sorted_stages(self) -> tuple[list[str], str | None]:
        """Stages, each after those that supply it; and one that supplies itself, if any does."""
        waiting = {name: {arc.supplier for arc in arcs} & set(self.arcs) for name, arcs in self.arcs.items()}
        found: list[str] = []
        while ready := [name for name, needs in waiting.items() if needs <= set(found)]:
            found += ready
            for name in ready:
                del waiting[name]
        return found, next(iter(waiting), None)

    def problems(self) -> Iterator[str]:
        if not self.arcs:
            yield "no node orders anything: there are no stages to place stock at"
        if self.scenario.rules.sequence != "order_after_demand":
            yield "stages order in the period of the demand: take rules.sequence order_after_demand"
        if self.scenario.rules.unmet != "backorder" or self.scenario.rules.unmet_orders != "backorder":
            yield "service times are about orders that wait: take rules.unmet and rules.unmet_orders backorder"
        for (node, product), (_, item) in self.items.items():
            if item.demand is None:
                continue
            if node not in self.arcs:
                yield f"'{node}' has final demand and orders nothing, so it is no stage"
            elif product != self.product[node]:
                yield f"'{node}' has final demand for '{product}', but hands on '{self.product[node]}'"
            elif (why := why_no_moments(item.demand)) is not None:
                yield f"demand of '{node}': {why}"
        for name in self.arcs:
            yield from self._stage_problems(name)

    def _stage_problems(self, name: str) -> Iterator[str]:
        own, arcs = self.product[name], self.arcs[name]
        makes = [recipe for recipe in self.scenario.recipes if recipe.node == name and own in recipe.outputs]
        for product in dict.fromkeys(self.bought(arc) for arc in arcs):
            yield from self._order_problems(name, product, makes)
        if len(makes) > 1:
            yield f"'{name}' makes '{own}' by several recipes; guaranteed service needs one"
        for recipe in makes:
            if recipe.lag:
                yield f"recipe '{recipe.id}' has a lag: put the time on the arcs to '{name}' as lead time"
        sold = [arc for others in self.arcs.values() for arc in others if arc.supplier == name]
        for product in sorted({self.bought(arc) for arc in sold} - {own}):
            yield f"'{name}' hands on '{product}' as well as '{own}': give each product a node of its own"
        if self.item(name).safety_stock > 0:
            yield f"'{name}' keeps back {self.item(name).safety_stock:g} units from sale: leave safety_stock at 0"
        asked = max((self.market[id(arc)] for arc in sold), default=-1)
        for arc in arcs:
            if not math.isfinite(_longest(arc)):
                yield f"the lead time from '{arc.supplier}' to '{name}' has no largest value: give max_lead_time"
            if self.market[id(arc)] <= asked and not self.on_echelon(arc):
                yield (
                    f"'{name}' orders before its buyers do, and so learns of demand a period late: give every node its "
                    "layer, or this order echelon: true"
                )

    def _order_problems(self, name: str, product: str, makes: list[Recipe]) -> Iterator[str]:
        """What is wrong with how a stage orders a product."""
        own = self.product[name]
        rivals = [arc for arc in self.arcs[name] if self.bought(arc) == product]
        order = self.item(name, product).order
        alone = len(rivals) == 1
        if not alone and (len({arc.supplier for arc in rivals}) < len(rivals) or not all(arc.share for arc in rivals)):
            yield f"'{name}' buys '{product}' on several arcs: give each supplier one arc with a share"
        if order is None or order.policy != "base_stock":
            yield f"'{name}' does not order '{product}' by base_stock, which the plan needs: give it that policy"
        if product == own:
            return
        if not any(product in recipe.inputs for recipe in makes):
            yield f"'{name}' buys '{product}', and makes no '{own}' of it: give it a recipe that does"
        elif not self.on_echelon(rivals[0]):
            yield f"'{name}' orders '{product}' for a recipe: give this order echelon: true, so that demand reaches it"
        elif any(recipe.inputs[product] != recipe.outputs[own] or len(recipe.outputs) > 1 for recipe in makes):
            yield f"the recipe of '{name}' must make one unit of '{own}' of one of '{product}', so that echelons add up"


def why_no_moments(demand: Demand) -> str | None:
    """Why mean and standard deviation of a period's demand are not known, or None."""
    if demand.arrivals or demand.has_course:
        return "it changes with time, or comes one by one; mean and sd of a period are needed"
    if demand.law is not None and not isinstance(demand.law, Poisson) and not hasattr(demand.law, "sd"):
        return "of this law no standard deviation is known: give mean and sd"
    return None


def moments_of(demand: Demand | None) -> tuple[float, float]:
    """Mean and standard deviation of a period's demand; what is cut off below 0 is left aside."""
    assert demand is not None
    if demand.law is None:
        return demand.mean or 0.0, demand.sd
    mean = mean_of(demand.law)
    return mean, math.sqrt(mean) if isinstance(demand.law, Poisson) else float(getattr(demand.law, "sd", 0.0))


def _longest(arc: Arc) -> float:
    if isinstance(arc.lead_time, float):
        return arc.lead_time
    return min(arc.lead_time.upper, math.inf if arc.max_lead_time is None else arc.max_lead_time)


def lead_of(arc: Arc) -> int:
    """Longest lead time of an arc as the simulation has it: whole periods, at least one."""
    return max(1, math.ceil(_longest(arc)))


def _of(given: int | dict[str, int] | None, name: str, default: Value) -> int | Value:
    if isinstance(given, dict):
        return given.get(name, default)
    return default if given is None else given


def _most(section: SafetyStockSection, name: str, promised: int | None) -> int:
    limits = [_of(section.longest_service_time, name, None), promised]
    return min((limit for limit in limits if limit is not None), default=UNLIMITED)
