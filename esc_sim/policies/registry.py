"""All order policies: those below, and those of installed packages (entry points of the group esc_sim.policies)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Final, Union

from pydantic import Discriminator, Tag

from esc_sim.entries import entries
from esc_sim.fields.sequences import Floats
from esc_sim.policies import base_stock, code, fields, forecast, mean, periodic, reorder_quantity, reorder_up_to
from esc_sim.policies.code import CodeOrder
from esc_sim.policies.policy import Order, Policy, Rule

GROUP: Final = "esc_sim.policies"

_OWN: Final = (mean, base_stock, reorder_up_to, reorder_quantity, periodic, forecast, fields, code)


_FOUND: Final = entries(GROUP, _OWN, "POLICY", "order policy")
POLICIES: Final[Mapping[str, Policy]] = MappingProxyType({name: policy for name, (policy, _) in _FOUND.items()})
"""Every order policy by its name in a scenario."""

RULES: Final[tuple[Rule, ...]] = tuple(policy.quantity for policy in POLICIES.values() if policy.quantity is not None)
"""Rules of the policies that look at the position, by their number."""
RULE_MODULES: Final = tuple(module for policy, module in _FOUND.values() if policy.quantity is not None)
"""Where they stand, for the compiled engine, in the same order."""
MOST_PARAMETERS: Final = max(len(policy.parameters) for policy in POLICIES.values())

NumberedRule = Callable[[int, float, Floats], float]


def rule_number(policy: Policy) -> int:
    """Number of a policy's rule; -1 where it has none."""
    return -1 if policy.quantity is None else RULES.index(policy.quantity)


def _or_else(number: int, rule: Rule, others: NumberedRule) -> NumberedRule:
    def quantity(asked: int, position: float, parameters: Floats) -> float:
        if asked == number:
            return rule(position, parameters)
        return others(asked, position, parameters)

    return quantity


def _nothing(asked: int, position: float, parameters: Floats) -> float:
    return 0.0


def _chain() -> tuple[NumberedRule, ...]:
    chain: list[NumberedRule] = [_nothing]
    for number, rule in enumerate(RULES):
        chain.append(_or_else(number, rule, chain[-1]))
    return tuple(chain)


QUANTITIES_BY_RULE: Final = _chain()
"""A chain of functions, each of which asks its rule or the function before it; for compiled code."""
quantity_by_rule: Final = QUANTITIES_BY_RULE[-1]
"""What the rule of a number wants, at a position and with parameters."""


def _policy(value: Any) -> str:
    """The policy meant; the alternatives' names differ from every key, so that messages tell the two apart."""
    name = value.get("policy", "mean") if isinstance(value, dict) else getattr(value, "policy", "mean")
    return f"policy {name}"


if TYPE_CHECKING:
    AnyOrder = Order
else:
    AnyOrder = Annotated[
        reduce(
            lambda one, other: Union[one, other],  # noqa: UP007 - the alternatives are known at run time only
            (Annotated[policy.order, Tag(f"policy {name}")] for name, policy in POLICIES.items()),
        ),
        Discriminator(_policy),
    ]


def decidable(order: Order | None) -> dict[str, float]:
    """Parameters of an order that a search may change, with the values that the scenario gives them."""
    if order is None:
        return {}
    if isinstance(order, CodeOrder):
        return dict(order.parameters)
    return {name: getattr(order, name) for name in policy_of(order).decided}


def policy_of(order: Order) -> Policy:
    """The policy that a part of a scenario names."""
    return POLICIES[order.policy]


def must_be_above_zero(order: Order | Policy, parameter: str) -> bool:
    """Whether a scenario may not give this parameter as 0, such as the quantity of (r, Q)."""
    fields = (order.order if isinstance(order, Policy) else type(order)).model_fields
    return any(getattr(rule, "gt", None) == 0 for rule in fields[parameter].metadata)


def words_of(parameter: str) -> str:
    """How tables and sliders call a parameter of a policy: its field's title, else its name."""
    for policy in POLICIES.values():
        field = policy.order.model_fields.get(parameter)
        if field is not None and field.title:
            return field.title
    return f"Order policy: {parameter}"
