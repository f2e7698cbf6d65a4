"""Sliders, switches and choices made from the scenario's own parameters, and the scenario with other values of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from esc_sim.errors import InputError
from esc_sim.fields.parts import arc_path
from esc_sim.policies.code import CodeOrder
from esc_sim.policies.policy import PositionOrder
from esc_sim.policies.registry import decidable, words_of
from esc_sim.scenario.checked import checked
from esc_sim.scenario.disruptions import Disruption
from esc_sim.scenario.dotted import quoted
from esc_sim.scenario.fields import WHEN, choices_of
from esc_sim.scenario.items import item_path, items_of
from esc_sim.scenario.laws import Intermittent, NegativeBinomial
from esc_sim.scenario.messages import problems_of
from esc_sim.scenario.rules import Rules
from esc_sim.scenario.schema import Scenario

Kind = Literal["slider", "switch", "choice"]
Value = float | bool | str
Path = tuple[str | int, ...]

_PERCENT = (0.0, 200.0, 5.0)
_SCALED_STOCK = {
    "demand": ("Final demand", ("demand",)),
    "production": ("Production", ("production",)),
    "target_stock": ("Target stock", ("target_stock",)),
    "safety_stock": ("Safety stock", ("safety_stock",)),
}
_ECHELON = "Orders count all stock down to the customer (echelon)"
_MOST_TRIED = 100
"""Members up to which it is tried whether that is allowed: the whole scenario is checked once more."""
_KNOWN = "Outages are known after"
_RULE_WORDS = {
    "feedback": "Stock feeds back on orders",
    "holding_cost_timing": "Stock is counted for its cost at",
    "unmet": "Unmet demand is",
    "partial": "Suppliers accept orders in part",
    "known_after": _KNOWN,
}


@dataclass(frozen=True)
class Target:
    """One value of the scenario that a parameter sets.

    Attributes:
        path: keys and numbers that lead to it.
        name: its name for ``--set``.
        value: its own value.
    """

    path: Path
    name: str
    value: float


@dataclass(frozen=True)
class Parameter:
    """Something that can be changed on the page.

    Attributes:
        key: name, unique within a scenario.
        group: heading under which it stands.
        label: words for it.
        kind: a slider (number), a switch (bool) or a choice (one of ``choices``).
        value: the scenario's own value; 100 for sliders in percent.
        low, high, step: range of a slider.
        unit: of a slider's value; "share" is a number up to 1, "%" scales each target's own value.
        choices: of a choice.
        targets: what it sets.
    """

    key: str
    group: str
    label: str
    kind: Kind
    value: Value
    targets: tuple[Target, ...]
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    unit: str = ""
    choices: tuple[str, ...] = ()


def parameters_of(scenario: Scenario) -> list[Parameter]:
    """Everything the page lets the user change, group by group: disruptions, roles, routes, rules."""
    return [
        *(p for number, d in enumerate(scenario.disruptions) for p in _of_disruption(scenario, number, d)),
        *(
            _happens(f"Disruption {d.name}", ("joint_disruptions", number), f"joint_disruptions.{d.name}")
            for number, d in enumerate(scenario.joint_disruptions)
        ),
        *_of_roles(scenario),
        *_of_arcs(scenario),
        *_of_rules(scenario),
        *_of_echelons(scenario),
    ]


def changes(parameters: Iterable[Parameter], values: Mapping[str, Value]) -> list[tuple[Target, Any]]:
    """What differs from the scenario: each target with its new value, in the order of the parameters."""
    parameters = list(parameters)
    off = {p.group for p in parameters if _is_disruption_switch(p) and values.get(p.key) is False}
    found: list[tuple[Target, Any]] = []
    for parameter in parameters:
        value = values.get(parameter.key, parameter.value)
        if value == parameter.value or (parameter.group in off and not _is_disruption_switch(parameter)):
            continue
        for target in parameter.targets:
            if parameter.unit == "%":
                found.append((target, target.value * float(value) / 100.0))
            else:
                found.append((target, value))
    return found


def changed_scenario(scenario: Scenario, parameters: Iterable[Parameter], values: Mapping[str, Value]) -> Scenario:
    """The scenario with other values of its parameters, checked again; disruptions switched off are left out.

    Args:
        scenario: the scenario.
        parameters: what can be changed.
        values: of parameters, by key; the others keep the scenario's.

    Raises:
        InputError: the values contradict each other, such as a reorder point above the level that is ordered up to.
    """
    parameters = list(parameters)
    found = changes(parameters, values)
    if not found:
        return scenario
    data = scenario.model_dump(by_alias=True)
    off = {target.path for target, _ in found if target.path[-1] == WHEN}
    for target, value in found:
        if target.path in off:
            continue
        part: Any = data
        for step in target.path[:-1]:
            part = part[step]
        part[target.path[-1]] = value
    for section in ("disruptions", "joint_disruptions"):
        data[section] = [d for number, d in enumerate(data[section]) if (section, number, WHEN) not in off]
    try:
        made = Scenario.model_validate(data)
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, p.path))}: {p.text}" for p in problems_of(error, Scenario, data)]
        raise InputError("these values do not go together:\n" + "\n".join(wrong)) from None
    # A copy of the first, so that what is not part of the text, such as its folder, stays.
    return checked(scenario.model_copy(update={name: getattr(made, name) for name in Scenario.model_fields}))


def written(value: Any) -> str:
    """A value as ``--set`` reads it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _is_disruption_switch(parameter: Parameter) -> bool:
    return parameter.kind == "switch" and parameter.group.startswith("Disruption")


def _slider(
    group: str, label: str, path: Path, name: str, value: float, high: float, step: float, *, low: float = 0.0,
    unit: str = "",
) -> Parameter:  # fmt: skip
    target = Target(path, name, value)
    return Parameter(
        name, group, label, "slider", value, (target,), low=low, high=max(high, value), step=step, unit=unit
    )


def _of_disruption(scenario: Scenario, number: int, disruption: Disruption) -> Iterator[Parameter]:
    group, where = f"Disruption {disruption.name}", ("disruptions", number)
    name = f"disruptions.{quoted(disruption.name)}"
    period, horizon = f"{scenario.units.period}s", float(scenario.run.periods)
    yield _happens(group, where, name)
    if disruption.probability is not None:
        high = min(1.0, _nice(4.0 * disruption.probability, 0.1))
        yield _slider(
            group, f"Chance per {scenario.units.period}", (*where, "probability"), f"{name}.probability",
            disruption.probability, high, high / 100.0, unit="share",
        )  # fmt: skip
        if isinstance(disruption.duration, float):
            yield _length(group, "Duration", (*where, "duration"), f"{name}.duration", disruption.duration, period)
    if disruption.time_between_failures is not None:
        for key, label in (("time_between_failures", "Time between failures"), ("time_to_repair", "Time to repair")):
            mean = getattr(getattr(disruption, key), "mean", None)
            if mean is not None:
                yield _length(group, label, (*where, key, "mean"), f"{name}.{key}.mean", mean, period)
    if disruption.dates is not None and len(disruption.dates) == 1:
        date = disruption.dates[0]
        path: Path = (*where, "dates", 0)
        yield _slider(group, "Begins", (*path, "start"), f"{name}.dates.0.start", date.start, horizon, 1.0, unit=period)
        yield _length(group, "Lasts", (*path, "duration"), f"{name}.dates.0.duration", date.duration, period)
    yield from _level(group, where, name, disruption)
    if disruption.recovery.duration > 0:
        path, length = (*where, "recovery", "duration"), disruption.recovery.duration
        yield _length(group, "Recovery takes", path, f"{name}.recovery.duration", length, period, least=0.0)
    if isinstance(disruption.known_after, float):
        path = (*where, "known_after")
        yield _length(group, _KNOWN, path, f"{name}.known_after", disruption.known_after, period, least=0.0)


def _level(group: str, where: Path, name: str, disruption: Disruption) -> Iterator[Parameter]:
    """A slider for how hard it hits, unless all that it hits fails whole."""
    kind = disruption.kind
    if kind.is_whole(disruption):
        return
    value, label = getattr(disruption, kind.key), type(disruption).model_fields[kind.key].title or kind.key
    high, unit = (1.0, "share") if kind.is_share else (_nice(2.0 * value, 2.0), "")
    yield _slider(group, label, (*where, kind.key), f"{name}.{kind.key}", value, high, 0.05, unit=unit)


def _happens(group: str, where: Path, name: str) -> Parameter:
    """A switch that leaves a disruption out."""
    return Parameter(f"{name}.on", group, "Happens", "switch", True, (Target((*where, WHEN), f"{name}.{WHEN}", 1.0),))


def _length(
    group: str, label: str, path: Path, name: str, value: float, period: str, least: float | None = None
) -> Parameter:
    """A slider for a duration: in whole periods where the scenario has whole periods."""
    step = 1.0 if value == int(value) else 0.1
    high = _nice(4.0 * value, 10.0 * step)
    return _slider(group, label, path, name, value, high, step, low=step if least is None else least, unit=period)


def _nice(value: float, least: float) -> float:
    """The next of 1, 2, 5 times a power of ten, at least ``least``."""
    value = max(value, least)
    power = 10.0 ** math.floor(math.log10(value))
    return float(next(f * power for f in (1.0, 2.0, 5.0, 10.0) if f * power >= value * (1.0 - 1e-9)))


def _percent(key: str, group: str, label: str, targets: list[Target]) -> Iterator[Parameter]:
    targets = [target for target in targets if target.value > 0 and math.isfinite(target.value)]
    if targets:
        low, high, step = _PERCENT
        if any(target.path[-1] == "mean" for target in targets):
            label = f"Mean {label[:1].lower()}{label[1:]}"  # the spread of a law stays
        yield Parameter(key, group, label, "slider", 100.0, tuple(targets), low=low, high=high, step=step, unit="%")


def _of_roles(scenario: Scenario) -> Iterator[Parameter]:
    """Per role, in percent of the scenario: demand, orders, production, stock levels."""
    places: dict[str, list[tuple[Path, str, Any]]] = {}
    role_of = {node.id: node.role for node in scenario.nodes}
    for item, (path, data) in items_of(scenario).items():
        places.setdefault(role_of[item[0]], []).append((path, item_path(path, item), data))
    for role, members in places.items():
        for key, (label, (field,)) in _SCALED_STOCK.items():
            targets = [
                target
                for path, name, data in members
                for target in _scalable(getattr(data, field), (*path, field), f"{name}.{field}")
            ]
            yield from _percent(f"roles.{role}.{key}", f"Role {role}", label, targets)
        yield from _of_orders(scenario, role, members)


def _of_orders(scenario: Scenario, role: str, members: list[tuple[Path, str, Any]]) -> Iterator[Parameter]:
    """Parameters of a role's order policies: mean orders in percent, levels and quantities as they are.

    A parameter that the members of the role have in different sizes is scaled in percent of each one's own.
    """
    found: dict[str, list[Target]] = {}
    for path, name, data in members:
        if data.order is None:
            continue
        inner = ("parameters",) if isinstance(data.order, CodeOrder) else ()
        for key, value in decidable(data.order).items():
            place = ".".join((name, "order", *inner, key))
            found.setdefault(key, []).append(Target((*path, "order", *inner, key), place, value))
        if data.order.fixed_cost > 0.0:
            target = Target((*path, "order", "fixed_cost"), f"{name}.order.fixed_cost", data.order.fixed_cost)
            found.setdefault("fixed_cost", []).append(target)
    group = f"Role {role}"
    yield from _percent(f"roles.{role}.order", group, "Orders", found.pop("mean", []))
    for key, targets in found.items():
        label, name = words_of(key), f"roles.{role}.order.{key}"
        value = targets[0].value
        if any(target.value != value for target in targets):
            yield from _percent(name, group, label, targets)
            continue
        step = 1.0 if value == int(value) and abs(value) >= 10.0 else 0.1
        high = _nice(2.0 * abs(value), 10.0 * step)
        unit = {"cover": f"{scenario.units.period}s", "fixed_cost": scenario.units.money}.get(key, scenario.units.goods)
        low = step if key == "order_quantity" else -high if value < 0.0 else 0.0
        yield Parameter(
            name, group, label, "slider", value, tuple(targets), low=low, high=high, step=step,
            unit="" if label.startswith("Order policy") else unit,
        )  # fmt: skip


def _scalable(value: Any, path: Path, name: str) -> Iterator[Target]:
    """The numbers by which an amount or a law grows in proportion."""
    if value is None:
        return
    if isinstance(value, float):
        yield Target(path, name, value)
        return
    if getattr(value, "law", None) is not None and not isinstance(value.law, str):
        yield from _scalable(value.law, (*path, "law"), f"{name}.law")
        return
    if isinstance(value, Intermittent):
        yield from _scalable(value.size, (*path, "size"), f"{name}.size")
        return
    if isinstance(value, NegativeBinomial):
        return  # its sd would have to keep up with its mean
    for field in ("mean", "value", "low", "most_likely", "high"):
        number = getattr(value, field, None) if field in type(value).model_fields else None
        if isinstance(number, float):
            yield Target((*path, field), f"{name}.{field}", number)


def _of_arcs(scenario: Scenario) -> Iterator[Parameter]:
    """Lead times, prices and capacities of all arcs, in percent of the scenario."""
    lead_times, prices, caps = [], [], []
    for number, arc in enumerate(scenario.arcs):
        path: Path = ("arcs", number)
        name = f"arcs.{quoted(arc_path(arc.buyer, arc.supplier, arc.product, arc.mode))}"
        # The cut comes first, so that no lead time is above it on the way.
        lead_times += [*_scalable(arc.max_lead_time, (*path, "max_lead_time"), f"{name}.max_lead_time")]
        lead_times += [*_scalable(arc.lead_time, (*path, "lead_time"), f"{name}.lead_time")]
        prices += [*_scalable(arc.price, (*path, "price"), f"{name}.price")]
        caps += [*_scalable(arc.cap, (*path, "cap"), f"{name}.cap")]
    yield from _percent("arcs.lead_time", "Routes", "Lead times", lead_times)
    yield from _percent("arcs.price", "Routes", "Prices between members", prices)
    yield from _percent("arcs.cap", "Routes", "Capacities", caps)


def _of_echelons(scenario: Scenario) -> Iterator[Parameter]:
    """A switch by which all members that can order on the stock of their whole echelon, where that is allowed."""
    items = items_of(scenario).items()
    ordering = {item: (path, own.order) for item, (path, own) in items if isinstance(own.order, PositionOrder)}
    values = {order.echelon for _, order in ordering.values()}
    if len(values) != 1 or len(scenario.nodes) > _MOST_TRIED:
        return
    own = values.pop()
    targets = [
        Target((*path, "order", "echelon"), f"{item_path(path, item)}.order.echelon", float(own))
        for item, (path, _) in ordering.items()
    ]
    found = Parameter("orders.echelon", "Rules", _ECHELON, "switch", own, tuple(targets))
    with suppress(InputError):  # raised where members stand in no chain down to the customer
        changed_scenario(scenario, [found], {found.key: not own})
        yield found


def _may_be(rules: Rules, field: str, value: bool) -> bool:
    """Whether the other rules leave a switch a choice."""
    try:
        Rules.model_validate(rules.model_dump() | {field: value})
    except ValidationError:
        return False
    return True


def _of_rules(scenario: Scenario) -> Iterator[Parameter]:
    """Switches of the transaction model."""
    for field, label in _RULE_WORDS.items():
        value = getattr(scenario.rules, field)
        target = Target(("rules", field), f"rules.{field}", 0.0)
        if isinstance(value, bool):
            if _may_be(scenario.rules, field, not value):
                yield Parameter(f"rules.{field}", "Rules", label, "switch", value, (target,))
        elif isinstance(value, float):
            yield _length("Rules", label, target.path, target.name, value, f"{scenario.units.period}s", least=0.0)
        elif isinstance(value, str):
            choices = tuple(choices_of(Rules.model_fields[field].annotation))
            yield Parameter(f"rules.{field}", "Rules", label, "choice", value, (target,), choices=choices)
