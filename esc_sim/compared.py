"""What runs on the same random numbers are compared in: key figures, resilience, demand of customers; all paired."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from esc_sim.errors import InputError
from esc_sim.measures.recovery import MEASURES as RECOVERY
from esc_sim.results.customer_demand import MOST_WORST, CustomerDemand, customer_demand, entry_of
from esc_sim.results.run import RunResult
from esc_sim.results.sampled import sample_of, terms_of
from esc_sim.results.summary import resiliences
from esc_sim.risk.intervals import Interval
from esc_sim.risk.resilience import Resilience
from esc_sim.scenario.items import Item
from esc_sim.scenario.own import measures_of

DEMAND_INDEX: Final = ("variant", "customer", "product")
_SHOWN: Final = {"value": "late_or_lost", "difference": "late_or_lost_difference"}


@dataclass(frozen=True)
class Compared:
    """A key figure of one variant.

    Attributes:
        variant: of which variant.
        kpi, label, unit: name, words and unit of the key figure.
        value: mean with its interval.
        difference: from the first variant, replication by replication; of the first variant itself 0.
    """

    variant: str
    kpi: str
    label: str
    unit: str
    value: Interval
    difference: Interval


def compare_runs(runs: Mapping[str, RunResult]) -> list[Compared]:
    """Key figures of runs and their paired differences from the first, without the warm-up.

    Args:
        runs: runs by name, made with the same seed and number of replications, so that the same random numbers
            reach what they have in common.

    Raises:
        InputError: fewer than two runs, or runs of different seed or number of replications.
    """
    names = list(runs)
    if len(names) < 2:
        raise InputError("compare needs at least two variants or scenarios")
    base = runs[names[0]]
    for name, run in runs.items():
        if (run.seed, run.replications, run.batch) != (base.seed, base.replications, base.batch):
            raise InputError(f"'{name}' was run with another seed or number of replications than '{names[0]}'")
    terms, samples = terms_of(base.scenario), {name: sample_of(run) for name, run in runs.items()}
    found = [
        Compared(
            name,
            measure.name,
            measure.row(terms),
            measure.unit_words(terms),
            measure.interval(sample),
            measure.interval(sample, samples[names[0]]),
        )
        for measure in measures_of(base.scenario).values()
        if all(measure.is_asked(sample) for sample in samples.values())
        for name, sample in samples.items()
    ]
    return [*found, *_resilience(runs)]


def _resilience(runs: Mapping[str, RunResult]) -> list[Compared]:
    """Depth of losses, times to survive and to recover, each run against its own undisrupted twin."""
    found = {name: _resiliences(run) for name, run in runs.items()}
    curve = next((next(iter(each)) for each in found.values() if each), None)
    if curve is None:
        return []
    measured: dict[str, Resilience | None] = {name: each.get(curve) for name, each in found.items()}
    first = next(iter(runs.values()))
    terms, base = terms_of(first.scenario), next(iter(measured.values()))
    nothing = Interval(math.nan, math.nan, math.nan, 0)
    return [
        Compared(
            name,
            measure.name,
            f"{measure.words(terms)} ({curve})",
            measure.unit_words(terms),
            nothing if mine is None else measure.interval(mine, first.batch),
            nothing if mine is None or base is None else measure.interval(mine, first.batch, base),
        )
        for measure in RECOVERY
        for name, mine in measured.items()
    ]


def _resiliences(run: RunResult) -> dict[str, Resilience]:
    counted = run.without_warm_up()
    return {} if counted.twin is None else resiliences(counted, counted.twin)


def demand_by_variant(runs: Mapping[str, RunResult]) -> dict[str, CustomerDemand]:
    """Demand by customer of every variant; differences are from the first, paired by replication.

    Args:
        runs: by name; those whose customers are not those of the first have no differences.
    """
    first = next(iter(runs.values()))
    same = {
        name: run.network.structure_hash == first.network.structure_hash
        and np.array_equal(run.customers, first.customers)
        for name, run in runs.items()
    }
    found = {name: customer_demand(run, first if same[name] else None) for name, run in runs.items()}
    return {name: one if same[name] else _alone(one) for name, one in found.items()}


def _alone(found: CustomerDemand) -> CustomerDemand:
    """Demand without what it is set against."""
    kept = {name: values for name, values in found.columns.items() if "_twin" not in name and "_difference" not in name}
    return CustomerDemand(found.names, kept)


def worst_by_variant(found: Mapping[str, CustomerDemand], unit: str) -> list[dict[str, Any]]:
    """Customers whose late or lost demand the variants change most, either way, for the summary.

    Where a variant changes nothing, or its customers are others, those with most of it come first. There are none where
    all demand is served on time.

    Args:
        found: of :func:`demand_by_variant`.
        unit: of goods.
    """
    rows = {name: {(row["node"], row["product"]): row for row in one.rows()} for name, one in found.items()}
    customers = dict.fromkeys(customer for of in rows.values() for customer in of)
    late = {one: _most(rows, one, "late_or_lost") for one in customers}
    moved = {one: _most(rows, one, "late_or_lost_difference") for one in customers}
    worst = sorted((one for one in customers if late[one] > 0.0), key=lambda one: (-moved[one], -late[one]))
    worst = worst[:MOST_WORST]
    return [
        {
            "node": node,
            "product": product,
            "variants": {
                name: {what: entry_of(of[node, product], key, unit) for what, key in _SHOWN.items()}
                for name, of in rows.items()
                if (node, product) in of
            },
        }
        for node, product in worst
    ]


def _most(rows: Mapping[str, Mapping[Item, Mapping[str, Any]]], customer: Item, column: str) -> float:
    """The largest size that a column has at a customer in any variant; 0 where it stands in none."""
    found = (of[customer].get(column, 0.0) for of in rows.values() if customer in of)
    return max(map(abs, found), default=0.0)
