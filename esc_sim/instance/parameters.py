"""Other parameters of order policies in an instance, as a plan or a search decides them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from esc_sim.instance.functions import FunctionPlugin
from esc_sim.instance.model import FloatArray, Instance, IntArray, OrderNumbers
from esc_sim.scenario.orders import DECIDABLE

_ON_GRID = ("up_to", "reorder_at", "quantity")


def parameters_of(instance: Instance, item: int) -> tuple[str, ...]:
    """Names of the parameters of an item's order policy that may be decided; none where it orders nothing."""
    plugin = instance.plugins.get(item)
    if plugin is not None:
        return tuple(plugin.values if isinstance(plugin, FunctionPlugin) else plugin.parameters)
    return DECIDABLE.get(instance.orders.names[item], ())


def with_parameters(instance: Instance, items: IntArray, names: Sequence[str], values: FloatArray) -> Instance:
    """An instance with other parameters of order policies.

    Levels and quantities are rounded to the grid of goods. A reorder level above the level that is ordered up to is
    lowered to it, so that a search may move both freely: (s, S) is then a base stock S.

    Args:
        instance: what to start from; it stays as it is.
        items, names, values: int64[n], n names, float64[n]: item, parameter (not "mean") and its new value.
    """
    orders: OrderNumbers = instance.orders
    size = 2.0**instance.switches.goods_bits
    plugins = dict(instance.plugins)
    own = [name for item, name in zip(items.tolist(), names, strict=True) if item not in plugins]
    changed = {name: getattr(orders, name).copy() for name in {*own, "reorder_at"}}
    for item, name, value in zip(items.tolist(), names, values.tolist(), strict=True):
        if item in plugins:
            plugin = plugins[item]
            plugins[item] = replace(plugin, parameters={**plugin.parameters, name: value})
            continue
        if name in _ON_GRID:
            value = float(np.round(value * size) / size)
        if name == "quantity":
            value = max(value, 1.0 / size)
        changed[name][item] = value
    up_to = changed.get("up_to", orders.up_to)
    for item in items.tolist():
        if orders.names[item] in ("base_stock", "periodic"):
            changed["reorder_at"][item] = up_to[item]
        elif orders.names[item] == "s_S":
            changed["reorder_at"][item] = min(changed["reorder_at"][item], up_to[item])
    return replace(instance, orders=replace(orders, **changed), plugins=plugins)
