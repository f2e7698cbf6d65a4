"""Service by customer and by product, for summary.json."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from esc_sim.measures.registry import MEASURES
from esc_sim.measures.service import Service, ServiceMeasure, together
from esc_sim.results.columns import SERVICE_COLUMNS
from esc_sim.results.roomy import in_memory
from esc_sim.results.run import Floats, RunResult
from esc_sim.results.sampled import terms_of
from esc_sim.risk.intervals import mean_interval

_AT: Final = {name: k for k, name in enumerate(SERVICE_COLUMNS)}

SERVICE_MEASURES: Final = tuple(measure for measure in MEASURES.values() if isinstance(measure, ServiceMeasure))
"""All measures of service, in the order of tables."""


def service_of_customers(sums: Floats, periods: int) -> Service:
    """Service of each customer, arrays [R, C], from sums [R, C, len(SERVICE_COLUMNS)] over a number of periods."""
    return Service(periods=periods, **{name: in_memory(sums[..., place]) for name, place in _AT.items()})


def service_entries(result: RunResult) -> dict[str, list[dict[str, Any]]]:
    """Service by customer, and by product where there are several, for summary.json; empty where it was not kept.

    Args:
        result: the run with its warm-up.

    Returns:
        Under "customers" and "products" a dictionary for each: what it is, and by name each measure with its interval.
    """
    if result.service is None or not result.service.shape[1]:
        return {}
    network, items = result.network, result.customers
    counted = result.period_count - result.scenario.run.warm_up
    customers = service_of_customers(result.service, counted)
    of_item = [
        {"node": network.node_ids[network.item_node[i]], "product": network.products[network.item_product[i]]}
        for i in items.tolist()
    ]
    found = {"customers": _entries(customers, of_item, result)}
    product = network.item_product[items]
    sold = np.unique(product)
    if len(network.products) > 1:
        groups = [np.flatnonzero(product == p) for p in sold]
        names = [{"product": network.products[p]} for p in sold.tolist()]
        found["products"] = _entries(together(customers, groups), names, result)
    return found


def _entries(service: Service, names: Sequence[dict[str, str]], result: RunResult) -> list[dict[str, Any]]:
    terms = terms_of(result.scenario)
    found: list[dict[str, Any]] = [dict(name) for name in names]
    for measure in SERVICE_MEASURES:
        values = measure.of(service)
        for place, entry in enumerate(found):
            interval = mean_interval(values[:, place], batch=result.batch)
            entry[measure.name] = interval.entry(measure.unit_words(terms))
    return found
