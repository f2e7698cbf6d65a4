"""The space of decisions: which numbers of an instance a search may change, within which bounds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.instance.parameters import parameter_value, with_stocks
from esc_sim.network.model import network_of
from esc_sim.plans.decisions import DecisionsPlan, OrderDecision, PriceDecision, StockDecision, with_decisions
from esc_sim.plans.plan import Origin, Plan
from esc_sim.policies.registry import decidable
from esc_sim.scenario.decisions import Decision, bounds, decisions_of
from esc_sim.scenario.items import items_of

if TYPE_CHECKING:
    from esc_sim.instance.model import Instance
    from esc_sim.network.model import Network
    from esc_sim.scenario.schema import Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DecisionSpace:
    """D decision variables; a design is a vector float64[D] of their values: orders, prices, stocks.

    Attributes:
        names: "order/retailer_1", "order.order_up_to/shop", "price/retailer_1/terminal_1" and so on.
        base: float64[D], the values of the plan that is changed, or the scenario's own.
        lower, upper: float64[D], bounds.
        items: int64, item of each order.
        parameters: which number of its policy each is; "mean" for mean orders.
        arcs: int64, arc (scenario order) of each price.
        stocks, levels: int64, item of each stock, and which of its levels each is.
        changed: the plan that is changed; None: the scenario's own numbers are.
    """

    names: tuple[str, ...]
    base: Floats
    lower: Floats
    upper: Floats
    items: NDArray[np.int64]
    parameters: tuple[str, ...]
    arcs: NDArray[np.int64]
    stocks: NDArray[np.int64]
    levels: tuple[str, ...]
    changed: Plan | None

    def __len__(self) -> int:
        """Number of variables D."""
        return len(self.names)

    def decided(self, instance: Instance, design: Floats) -> Instance:
        """The instance with a design carried out."""
        orders, prices, stocks = self._parts(design)
        if len(stocks):
            instance = with_stocks(instance, self.stocks, self.levels, stocks)
        return with_decisions(instance, self.items, orders, self.arcs, prices, self.parameters)

    def _parts(self, design: Floats) -> tuple[Floats, Floats, Floats]:
        """Orders, prices and stocks of a design."""
        first, last = len(self.items), len(self.items) + len(self.arcs)
        return design[:first], design[first:last], design[last:]

    def plan(self, design: Floats, network: Network, name: str, origin: Origin) -> DecisionsPlan:
        """A design as a plan that ``esc-sim run`` takes.

        Args:
            design: float64[D].
            network: nodes, arcs and products.
            name: name of the plan.
            origin: where it comes from.
        """
        (orders, prices, stocks), several = self._parts(design), len(network.products) > 1

        def product(item: int) -> str | None:
            return network.products[network.item_product[item]] if several else None

        def node(item: int) -> str:
            return network.node_ids[network.item_node[item]]

        buyers, suppliers = network.arc_buyer[self.arcs], network.arc_supplier[self.arcs]
        return DecisionsPlan(
            version=1,
            name=name,
            structure_hash=network.structure_hash,
            origin=origin,
            orders=[
                OrderDecision(node=node(i), product=product(i), mean=float(x))
                if name == "mean"
                else OrderDecision(node=node(i), product=product(i), parameter=name, value=float(x))
                for i, name, x in zip(self.items, self.parameters, orders, strict=True)
            ],
            prices=[
                PriceDecision(buyer=node(b), supplier=node(s), product=product(b), mode=network.mode(a), price=float(x))
                for a, b, s, x in zip(self.arcs.tolist(), buyers, suppliers, prices, strict=True)
            ],
            stocks=[
                StockDecision.model_validate(
                    {"node": node(i), "product": product(i), "parameter": name, "value": float(x)}
                )
                for i, name, x in zip(self.stocks, self.levels, stocks, strict=True)
            ],
            base=self.changed,
        )


def decision_space(
    scenario: Scenario, network: Network | None = None, plan: Plan | None = None, planned: Instance | None = None
) -> DecisionSpace:
    """The space that the scenario's section ``optimize`` opens, around its own numbers or around a plan.

    Args:
        scenario: with a section ``optimize``.
        network: nodes, arcs and products, where they are known already.
        plan: a plan to start from: its numbers are what relative bounds are relative to. What it closes, and what
            bounds leave no room for, is not decided.
        planned: the instance with this plan carried out.

    Raises:
        InputError: there is no such section, bounds leave no room, or a plan leaves nothing to decide.
    """
    check_section(scenario)
    network = network_of(scenario) if network is None else network
    decisions = sorted(decisions_of(scenario), key=lambda decision: decision.kind)  # orders first; stable
    if planned is not None:
        around = [_around(decision, scenario, planned) for decision in decisions]
        decisions = [d for d in around if d.low < d.high and _is_open(d, planned)]
        if not decisions:
            raise InputError("optimize: the plan leaves nothing to decide: bounds are relative to 0, or all is closed")
    flat = [d for d in decisions if not d.low < d.high]
    if flat:
        place = ".".join(map(str, flat[0].path))
        raise InputError(
            f"{place}: {flat[0].name} is {flat[0].value:g}, so relative bounds leave no room: give absolute ones, "
            "or a plan to search around (--plan)"
        )
    orders, stocks = ([d for d in decisions if d.kind == kind] for kind in ("order", "stock"))
    return DecisionSpace(
        names=tuple(d.name for d in decisions),
        base=np.array([d.value for d in decisions]),
        lower=np.array([d.low for d in decisions]),
        upper=np.array([d.high for d in decisions]),
        items=np.array([_item(d, network) for d in orders], np.int64),
        parameters=tuple(d.parameter for d in orders),
        arcs=np.array([d.arc for d in decisions if d.kind == "price"], np.int64),
        stocks=np.array([_item(d, network) for d in stocks], np.int64),
        levels=tuple(d.parameter for d in stocks),
        changed=plan,
    )


def check_section(scenario: Scenario) -> None:
    """Refuse a scenario that does not say what may be decided.

    Raises:
        InputError: there is no section ``optimize``.
    """
    if scenario.optimize is None:
        raise InputError(
            f"scenario '{scenario.name}' has no section 'optimize': say in scenario.yaml what may be decided, such as "
            f"optimize: {{variables: [{_example(scenario)}], objectives: [profit, cvar]}}"
        )


def _example(scenario: Scenario) -> str:
    """A variable that this scenario has: orders, else stocks, else prices."""
    for _, data in items_of(scenario).values():
        for parameter in decidable(data.order):
            which = "" if parameter == "mean" else f", parameter: {parameter}"
            return f"{{kind: order{which}, relative: [-0.1, 0.1]}}"
    if any(data.initial_stock for _, data in items_of(scenario).values()):
        return "{kind: stock, parameter: initial_stock, relative: [-0.5, 0.5]}"
    return "{kind: price, relative: [-0.1, 0.1]}"


def _item(decision: Decision, network: Network) -> int:
    """Item of an order or a stock."""
    return network.item_index[network.node_index[decision.target[0]], network.products.index(decision.target[1])]


def _around(decision: Decision, scenario: Scenario, planned: Instance) -> Decision:
    """A decision with the value that a plan gives it, and bounds around that."""
    assert scenario.optimize is not None
    if decision.kind == "price":
        value = float(planned.arcs.price[decision.arc])
    elif decision.kind == "stock":
        value = float(getattr(planned.items, decision.parameter)[_item(decision, planned.network)])
    else:
        value = parameter_value(planned, _item(decision, planned.network), decision.parameter)
    low, high = bounds(scenario.optimize.variables[int(decision.path[-1])], value)
    return replace(decision, value=value, low=low, high=high)


def _is_open(decision: Decision, planned: Instance) -> bool:
    """Whether a plan leaves anything for a decision to move: an arc that carries goods, a node that hands on goods."""
    if decision.kind == "price":
        return bool(planned.arcs.cap[decision.arc] > 0.0)
    item = _item(decision, planned.network)
    if decision.kind == "stock":
        return bool(planned.items.capacity[item] > 0.0)
    return bool((planned.arcs.cap[planned.network.arc_buyer == item] > 0.0).any())
