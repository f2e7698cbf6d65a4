"""The space of decisions: what of a scenario a search may change, within which bounds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.instance.parameters import parameter_value
from esc_sim.network.model import network_of
from esc_sim.optimize.places import Places, item_of, places_of
from esc_sim.plans.decisions import DecisionsPlan, OrderDecision, PriceDecision, SettingDecision, StockDecision
from esc_sim.plans.plan import Origin, Plan
from esc_sim.plans.settings import settled
from esc_sim.policies.registry import decidable
from esc_sim.scenario.decisions import Decision, bounds, decisions_of, start_of
from esc_sim.scenario.dotted import path_of
from esc_sim.scenario.items import items_of
from esc_sim.scenario.overrides import as_texts
from esc_sim.scenario.settings import Settled, is_number, is_switch

if TYPE_CHECKING:
    from esc_sim.instance.model import Instance
    from esc_sim.network.model import Network
    from esc_sim.scenario.schema import Scenario

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class DecisionSpace:
    """D decision variables; a design is a vector float64[D] of their numbers.

    A whole number is a whole float; what is chosen, a category, is the number of its choice, from 0.

    Attributes:
        decisions: what is decided: orders, prices, settings, then stocks.
        base: float64[D], the numbers of the plan that is changed, or the scenario's own.
        lower, upper: float64[D], bounds.
        steps: float64[D], 1 for whole numbers and categories, 0 for real numbers.
        is_category: bool[D], what is chosen.
        places: where orders, prices and stocks stand in an instance of the scenario as it is.
        scenario: whose settings are changed, those of the plan carried out; with a section ``optimize``.
        changed: the plan that is changed; None: the scenario's own numbers are.
    """

    decisions: tuple[Decision, ...]
    base: Floats
    lower: Floats
    upper: Floats
    steps: Floats
    is_category: Booleans
    places: Places
    scenario: Scenario
    changed: Plan | None

    def __len__(self) -> int:
        """Number of variables D."""
        return len(self.decisions)

    @property
    def names(self) -> tuple[str, ...]:
        """'order/retailer_1', 'order.order_up_to/shop', 'price/retailer_1/terminal_1', the path of a setting."""
        return tuple(decision.name for decision in self.decisions)

    @cached_property
    def has_settings(self) -> bool:
        """Whether a design changes more of the scenario than orders, prices and stocks."""
        return any(decision.kind == "setting" for decision in self.decisions)

    @property
    def notices(self) -> list[str]:
        """What of the section ``optimize`` is not decided."""
        section = self.scenario.optimize
        paths = [] if section is None or self.changed is None else [v.path for v in section.variables if v.path]
        names = ", ".join(path for path in paths if is_switch(path))
        return [f"{names}: as the plan says: it was made for one network, so no switch is decided"] if names else []

    def snapped(self, designs: Floats) -> Floats:
        """Designs float64[..., D] with whole numbers where nothing else is one, within their bounds."""
        whole = self.steps > 0.0
        return np.where(whole, np.clip(np.round(designs), self.lower, self.upper), designs)

    def shown(self, column: int, numbers: Floats) -> list[Any]:
        """Numbers of one variable as tables have them: whole ones as such, categories by their words."""
        return [self.decisions[column].shown(float(number)) for number in numbers]

    def settings(self, design: Floats) -> tuple[str, ...]:
        """What a design sets, as 'path=value' texts, what is no number first; those of a group are shares."""
        sums: dict[str, list[float]] = {}
        for decision, number in zip(self.decisions, design.tolist(), strict=True):
            if decision.group is not None:
                sums.setdefault(decision.group, []).append(number)
        texts = as_texts(
            {
                decision.parameter: decision.decided(number)
                if decision.group is None
                else _share(number, sums[decision.group])
                for decision, number in zip(self.decisions, design.tolist(), strict=True)
                if decision.kind == "setting"
            }
        )
        return tuple(sorted(texts, key=is_number))

    def scenario_of(self, settings: Sequence[str]) -> tuple[Scenario, tuple[str, ...]]:
        """The scenario with what a design sets, and what of that could be set.

        What stands in a part that another setting leaves out, such as a depot that is closed, is left out as well.

        Args:
            settings: see :meth:`settings`.

        Raises:
            InputError: a setting cannot be used.
        """
        return self._settled.changed(settings)

    @cached_property
    def _settled(self) -> Settled:
        return Settled(self.scenario)

    def decided(self, instance: Instance, design: Floats, places: Places | None = None) -> Instance:
        """An instance with the orders, prices and stocks of a design.

        Args:
            instance: what is changed.
            design: float64[D].
            places: where they stand in it; default: it is one of the scenario as it is.
        """
        return (self.places if places is None else places).decided(instance, design)

    def plan(self, design: Floats, network: Network, name: str, origin: Origin) -> DecisionsPlan:
        """A design as a plan that ``esc-sim run`` takes.

        Args:
            design: float64[D].
            network: nodes, arcs and products of the scenario as it is.
            name: name of the plan.
            origin: where it comes from.
        """
        settings: tuple[str, ...] = ()
        columns = self.places.columns
        if self.has_settings:
            scenario, settings = self.scenario_of(self.settings(design))
            network = network_of(scenario)
            columns = places_of(self.decisions, scenario, network).columns
        several = len(network.products) > 1
        orders: list[OrderDecision] = []
        prices: list[PriceDecision] = []
        stocks: list[StockDecision] = []
        for column in columns:
            decision = self.decisions[column]
            if decision.kind == "setting":
                continue
            value = float(decision.decided(float(design[column])))
            product = decision.target[-1] if several else None
            if decision.kind == "price":
                buyer, supplier, _ = decision.target
                prices.append(
                    PriceDecision(buyer=buyer, supplier=supplier, product=product, mode=decision.mode, price=value)
                )
            elif decision.kind == "stock":
                content = {"node": decision.target[0], "product": product, "parameter": decision.parameter}
                stocks.append(StockDecision.model_validate({**content, "value": value}))
            elif decision.parameter == "mean":
                orders.append(OrderDecision(node=decision.target[0], product=product, mean=value))
            else:
                what = decision.parameter
                orders.append(OrderDecision(node=decision.target[0], product=product, parameter=what, value=value))
        return DecisionsPlan(
            version=1,
            name=name,
            structure_hash=network.structure_hash,
            origin=origin,
            settings=[SettingDecision.of(text) for text in settings],
            orders=orders,
            prices=prices,
            stocks=stocks,
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
    scenario = settled(scenario, plan)
    network = network_of(scenario) if network is None else network
    decisions = sorted(decisions_of(scenario), key=lambda decision: decision.kind)  # orders first; stable
    if planned is not None:
        around = [_around(decision, scenario, planned, plan) for decision in decisions]
        decisions = [d for d in around if d.low < d.high and _is_open(d, planned)]
        if not decisions:
            raise InputError("optimize: the plan leaves nothing to decide: bounds are relative to 0, or all is closed")
    _check_room(decisions)
    return DecisionSpace(
        decisions=tuple(decisions),
        base=_as_shares(decisions, np.array([d.value for d in decisions])),
        lower=np.array([d.low for d in decisions]),
        upper=np.array([d.high for d in decisions]),
        steps=np.array([1.0 if d.whole or d.choices else 0.0 for d in decisions]),
        is_category=np.array([bool(d.choices) for d in decisions], np.bool_),
        places=places_of(decisions, scenario, network),
        scenario=scenario,
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


def check_settings(space: DecisionSpace) -> None:
    """Refuse settings that the scenario cannot take, each by itself: at both bounds, with every choice.

    Raises:
        InputError: with every one of them.
    """
    problems: list[str] = []
    for column, decision in enumerate(space.decisions):
        ends = range(len(decision.choices)) if decision.choices else (decision.low, decision.high)
        for number in ends if decision.kind == "setting" and decision.group is None else ():
            design = space.base.copy()
            design[column] = number
            try:
                space.scenario_of(space.settings(design))
            except InputError as error:
                place = ".".join(map(str, decision.path))
                said = (problem.removeprefix("--set ") for problem in error.problems)
                problems += [f"{place}: with {decision.name} = {decision.shown(number)}: {text}" for text in said]
    if problems:
        raise InputError(problems)


def _example(scenario: Scenario) -> str:
    """A variable that this scenario has: orders, else stocks, else prices."""
    for _, data in items_of(scenario).values():
        for parameter in decidable(data.order):
            which = "" if parameter == "mean" else f", parameter: {parameter}"
            return f"{{kind: order{which}, relative: [-0.1, 0.1]}}"
    if any(data.initial_stock for _, data in items_of(scenario).values()):
        return "{kind: stock, parameter: initial_stock, relative: [-0.5, 0.5]}"
    return "{kind: price, relative: [-0.1, 0.1]}"


def _check_room(decisions: Sequence[Decision]) -> None:
    """Refuse decisions whose bounds leave no room, or that have nowhere to start.

    Raises:
        InputError: there is one.
    """
    for decision in decisions:
        place = ".".join(map(str, decision.path))
        if math.isnan(decision.value):
            what = f"what stands at {decision.name} in the scenario, or the plan to search around,"
            raise InputError(f"{place}: {what} is not among the choices: add it, since a search starts from it")
        if not decision.low < decision.high:
            room = "no two whole numbers" if decision.whole else "no room"
            raise InputError(
                f"{place}: {decision.name} is {decision.value:g}, so relative bounds leave {room}: give absolute ones, "
                "or a plan to search around (--plan)"
            )


def _share(number: float, group: Sequence[float]) -> float:
    """A number as its share of the sum of its group; equal shares where all are 0."""
    total = sum(group)
    return number / total if total > 0.0 else 1.0 / len(group)


def _as_shares(decisions: Sequence[Decision], values: Floats) -> Floats:
    """Numbers of a design, those of groups as shares."""
    found = values.copy()
    for group in {d.group for d in decisions if d.group is not None}:
        mine = [k for k, d in enumerate(decisions) if d.group == group]
        found[mine] = [_share(float(value), values[mine].tolist()) for value in values[mine]]
    return found


def _around(decision: Decision, scenario: Scenario, planned: Instance, plan: Plan | None) -> Decision:
    """A decision with the value that a plan gives it, and bounds around that."""
    assert scenario.optimize is not None
    if decision.kind == "setting":  # numbers within what was chosen may have changed since, so the plan says what was
        said = [] if plan is None else [text for text in plan.changes if path_of(text) == decision.parameter]
        chosen = [as_texts({decision.parameter: choice}) for choice in decision.choices]
        return replace(decision, value=float(chosen.index(said[-1:]))) if said[-1:] in chosen else decision
    if decision.kind == "price":
        value = float(planned.arcs.price[decision.arc])
    elif decision.kind == "stock":
        value = float(getattr(planned.items, decision.parameter)[item_of(decision, planned.network)])
    else:
        value = parameter_value(planned, item_of(decision, planned.network), decision.parameter)
    variable = scenario.optimize.variables[int(decision.path[-1])]
    start = start_of(variable, value)
    low, high = bounds(variable, start)
    return replace(decision, value=start, low=low, high=high)


def _is_open(decision: Decision, planned: Instance) -> bool:
    """Whether a plan leaves anything for a decision to move: an arc that carries goods, a node that hands on goods."""
    if decision.kind == "setting":  # a plan is made for one network
        return not is_switch(decision.parameter)
    if decision.kind == "price":
        return bool(planned.arcs.cap[decision.arc] > 0.0)
    item = item_of(decision, planned.network)
    if decision.kind == "stock":
        return bool(planned.items.capacity[item] > 0.0)
    return bool((planned.arcs.cap[planned.network.arc_buyer == item] > 0.0).any())
