"""The space of decisions: which numbers of an instance a search may change, within which bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.network.model import network_of
from esc_sim.plans.decisions import DecisionsPlan, OrderDecision, PriceDecision, with_decisions
from esc_sim.plans.plan import Origin
from esc_sim.scenario.decisions import decisions_of

if TYPE_CHECKING:
    from esc_sim.instance.model import Instance
    from esc_sim.network.model import Network
    from esc_sim.scenario.schema import Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DecisionSpace:
    """D decision variables; a design is a vector float64[D] of their values, orders first, then prices.

    Attributes:
        names: "order/retailer_1", "order.order_up_to/shop", "price/retailer_1/terminal_1" and so on.
        base: float64[D], the scenario's own values.
        lower, upper: float64[D], bounds.
        items: int64, item of each order.
        parameters: which number of its policy each is; "mean" for mean orders.
        arcs: int64, arc (scenario order) of each price.
    """

    names: tuple[str, ...]
    base: Floats
    lower: Floats
    upper: Floats
    items: NDArray[np.int64]
    parameters: tuple[str, ...]
    arcs: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of variables D."""
        return len(self.names)

    def decided(self, instance: Instance, design: Floats) -> Instance:
        """The instance with a design carried out."""
        orders = len(self.items)
        return with_decisions(instance, self.items, design[:orders], self.arcs, design[orders:], self.parameters)

    def plan(self, design: Floats, network: Network, name: str, origin: Origin) -> DecisionsPlan:
        """A design as a plan that ``esc-sim run`` takes.

        Args:
            design: float64[D].
            network: nodes, arcs and products.
            name: name of the plan.
            origin: where it comes from.
        """
        orders, several = len(self.items), len(network.products) > 1

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
                for i, name, x in zip(self.items, self.parameters, design[:orders], strict=True)
            ],
            prices=[
                PriceDecision(buyer=node(b), supplier=node(s), product=product(b), mode=network.mode(a), price=float(x))
                for a, b, s, x in zip(self.arcs.tolist(), buyers, suppliers, design[orders:], strict=True)
            ],
        )


def decision_space(scenario: Scenario, network: Network | None = None) -> DecisionSpace:
    """The space that the scenario's section ``optimize`` opens.

    Raises:
        InputError: there is no such section, or bounds leave no room.
    """
    if scenario.optimize is None:
        raise InputError(
            f"scenario '{scenario.name}' has no section 'optimize': say in scenario.yaml what may be decided, such as "
            "optimize: {variables: [{kind: order, relative: [-0.1, 0.1]}], objectives: [profit, cvar]}"
        )
    network = network_of(scenario) if network is None else network
    decisions = sorted(decisions_of(scenario), key=lambda decision: decision.kind)  # orders first; stable
    flat = [d for d in decisions if not d.low < d.high]
    if flat:
        place = ".".join(map(str, flat[0].path))
        raise InputError(
            f"{place}: {flat[0].name} is {flat[0].value:g}, so relative bounds leave no room: give absolute ones"
        )
    orders = [d for d in decisions if d.kind == "order"]
    product = {name: i for i, name in enumerate(network.products)}
    items = [network.item_index[network.node_index[d.target[0]], product[d.target[1]]] for d in orders]
    return DecisionSpace(
        names=tuple(d.name for d in decisions),
        base=np.array([d.value for d in decisions]),
        lower=np.array([d.low for d in decisions]),
        upper=np.array([d.high for d in decisions]),
        items=np.array(items, np.int64),
        parameters=tuple(d.parameter for d in orders),
        arcs=np.array([d.arc for d in decisions if d.kind == "price"], np.int64),
    )
