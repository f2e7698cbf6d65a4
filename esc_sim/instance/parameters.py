"""Other parameters of order policies, and other stocks, in an instance, as a plan or a search decides them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from esc_sim.instance.functions import FunctionPlugin
from esc_sim.instance.model import FloatArray, Instance, IntArray, OrderNumbers
from esc_sim.policies.registry import POLICIES, must_be_above_zero


def parameters_of(instance: Instance, item: int) -> tuple[str, ...]:
    """Names of the parameters of an item's order policy that may be decided; none where it orders nothing."""
    plugin = instance.plugins.get(item)
    if plugin is not None:
        return tuple(plugin.values if isinstance(plugin, FunctionPlugin) else plugin.parameters)
    name = instance.orders.names[item]
    return POLICIES[name].decided if name else ()


def place_of_parameter(policy: str, parameter: str) -> int:
    """Where ``OrderNumbers.parameters`` holds a parameter that the rule of a policy reads."""
    return POLICIES[policy].parameters.index(parameter)


def parameter_value(instance: Instance, item: int, name: str) -> float:
    """What an instance says of a parameter of an item's order.

    Args:
        instance: with an order of the item.
        item: the item.
        name: "mean", or a parameter of its policy that may be decided.
    """
    if name == "mean":
        return float(instance.items.order_loc[item])
    if item in instance.plugins:
        plugin = instance.plugins[item]
        values = plugin.values if isinstance(plugin, FunctionPlugin) else plugin.parameters
        return float(values[name])
    policy = POLICIES[instance.orders.names[item]]
    if name in policy.parameters:
        return float(instance.orders.parameters[item, policy.parameters.index(name)])
    return float(getattr(instance.orders, name)[item])


def with_parameters(instance: Instance, items: IntArray, names: Sequence[str], values: FloatArray) -> Instance:
    """An instance with other parameters of order policies.

    Levels and quantities are rounded to the grid of goods; what must be above 0 stays there.

    Args:
        instance: what to start from; it stays as it is.
        items, names, values: int64[n], n names, float64[n]: item, parameter (not "mean") and its new value.
    """
    orders: OrderNumbers = instance.orders
    size = 2.0**instance.switches.goods_bits
    plugins = dict(instance.plugins)
    parameters = orders.parameters.copy()
    changed: dict[str, Any] = {}
    for item, name, value in zip(items.tolist(), names, values.tolist(), strict=True):
        if item in plugins:
            plugin = plugins[item]
            plugins[item] = plugin.with_parameters({**plugin.parameters, name: value})
            continue
        policy = POLICIES[orders.names[item]]
        if name in policy.parameters:
            rounded = float(np.round(value * size) / size)
            least = 1.0 / size if must_be_above_zero(policy, name) else -np.inf
            parameters[item, policy.parameters.index(name)] = max(rounded, least)
        else:
            changed.setdefault(name, getattr(orders, name).copy())[item] = value
    return replace(instance, orders=replace(orders, parameters=parameters, **changed), plugins=plugins)


def with_stocks(instance: Instance, items: IntArray, names: Sequence[str], values: FloatArray) -> Instance:
    """An instance with other stocks, rounded to the grid of goods.

    Args:
        instance: what to start from; it stays as it is.
        items, names, values: int64[n], n names (initial_stock, target_stock, safety_stock), float64[n] units.
    """
    size = 2.0**instance.switches.goods_bits
    changed = {name: getattr(instance.items, name).copy() for name in names}
    for item, name, value in zip(items.tolist(), names, values.tolist(), strict=True):
        changed[name][item] = np.round(value * size) / size
    return replace(instance, items=replace(instance.items, **changed))
