"""A run as an xarray dataset: labelled dimensions, units as attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from esc_sim.errors import InputError
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.results.run import UNDISRUPTED, Result

if TYPE_CHECKING:
    import xarray

MONEY: Final = frozenset(
    {"cost", "profit", "retail_income", "internal_income", "procurement", "storage", "penalty", "shortage_cost",
     "fixed_cost", "disposal_cost", "recipe_cost"}
)  # fmt: skip
"""Columns of periods that are money."""
OTHER: Final = {"met": "1", "ready": "1", "energy": "", "emissions": ""}
"""Units of columns that are neither money nor goods: shares, and what a scenario has no word for."""


def dataset_of(result: Result) -> xarray.Dataset:
    """The run as a dataset.

    Dimensions: run (as configured, and the undisrupted twin), replication, period; item (a product at a node, with
    coordinates node and product), arc (with buyer, supplier and product), and ``place`` for the health of each node.

    Raises:
        InputError: the package xarray is not installed.
    """
    try:
        import xarray
    except ImportError:
        raise InputError("to_xarray needs the package xarray: pip install 'esc_sim[xarray]'") from None
    network, units = result.network, result.units
    names, products = np.array(network.node_ids, object), np.array(network.products, object)
    twin = result.twin is not None
    labels = [result.label, UNDISRUPTED] if twin else [result.label]
    periods = ("run", "replication", "period")
    variables: dict[str, Any] = {}
    for name in PERIOD_COLUMNS:
        both = [result.column(name)] + ([result.twin_column(name)] if twin else [])
        unit = units.money if name in MONEY else OTHER.get(name, units.goods)
        variables[name] = (periods, np.stack(both), {"units": unit})  # type: ignore[arg-type]

    def of_both(mine: Any, twins: Any) -> Any:
        return np.stack([mine, twins] if twin else [mine])

    variables["item_stock"] = (
        ("run", "period", "item"),
        of_both(result.item_stock, result.twin_item_stock),
        {"units": units.goods, "long_name": "mean stock at the end of the period"},
    )
    variables["arc_shipped"] = (
        ("run", "arc"),
        of_both(result.arc_shipped, result.twin_arc_shipped),
        {"units": f"{units.goods}/{units.period}", "long_name": "mean amount shipped"},
    )
    variables["node_health"] = (
        ("run", "period", "node"),
        of_both(result.item_health, np.ones_like(result.item_health)),
        {"units": "1", "long_name": "mean share of capacity that can ship"},
    )
    buyers, suppliers = network.arc_buyer, network.arc_supplier
    coordinates: dict[str, Any] = {
        "run": labels,
        "replication": np.arange(result.replications),
        "period": ("period", np.arange(result.period_count), {"units": units.period}),
        "node": names,
        "item_node": ("item", names[network.item_node]),
        "item_product": ("item", products[network.item_product]),
        "arc_buyer": ("arc", names[network.item_node[buyers]]),
        "arc_supplier": ("arc", names[network.item_node[suppliers]]),
        "arc_product": ("arc", products[network.item_product[buyers]]),
    }
    if network.arc_modes:
        coordinates["arc_mode"] = ("arc", [mode or "" for mode in network.arc_modes])
    calendar = result.calendar
    if calendar is not None:
        coordinates["date"] = ("period", [calendar.label(t) for t in range(result.period_count)])
    active = result.activity()
    if active is not None:
        variables["disruption_active"] = (("replication", "period"), active)
    return xarray.Dataset(variables, coordinates, {"title": result.title, "seed": result.seed})
