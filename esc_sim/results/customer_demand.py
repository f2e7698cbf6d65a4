"""What each customer asked for of each product, and got in time, late or not at all, beside the undisrupted twin.

Amounts are units of a replication, over the periods after the warm-up. What is not served on time is served late,
lost, or still waiting at the end.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from esc_sim.measures.service import CUSTOMER_DEMAND, Service
from esc_sim.results.columns import SERVICE_COLUMNS
from esc_sim.results.period_table import Floats
from esc_sim.results.roomy import in_memory
from esc_sim.risk.intervals import column_intervals
from esc_sim.storage.tables import write_table

if TYPE_CHECKING:
    import pandas as pd

    from esc_sim.results.result import Result

CUSTOMER_TABLE: Final = "demand_by_customer.csv"
INDEX: Final = ("customer", "product")
MOST_WORST: Final = 10
"""Customers that a summary keeps, the worst first."""
_CHUNK: Final = 200_000
"""Numbers of a column of sums that are looked at together."""


@dataclass(frozen=True)
class CustomerDemand:
    """Demand by customer and product, those of whose demand most is late or lost first.

    Attributes:
        names: node and product of each of C rows.
        columns: float64[C] by name. For each of CUSTOMER_DEMAND NAME, NAME_ci_low, NAME_ci_high; the same of NAME_twin,
            the undisrupted twin, if there is one, and of NAME_difference, paired by replication.
    """

    names: list[tuple[str, str]]
    columns: dict[str, Floats]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each row by column, with ``node`` and ``product``."""
        for place, (node, product) in enumerate(self.names):
            yield {"node": node, "product": product, **{name: float(v[place]) for name, v in self.columns.items()}}

    def frame(self) -> pd.DataFrame:
        """As a frame: index customer, product."""
        import pandas as pd

        index = pd.MultiIndex.from_arrays([[pair[part] for pair in self.names] for part in (0, 1)], names=list(INDEX))
        return pd.DataFrame(self.columns, index=index)


def customer_demand(result: Result, base: Result | None = None) -> CustomerDemand:
    """Demand by customer and product; no rows where it was not recorded.

    Args:
        result: the run.
        base: another run with the same customers that it is set against, in place of its twin; there are no columns of
            a twin then.
    """
    network, items = result.network, result.customers
    beside = result.twin_service if base is None else base.service
    parts = [] if result.service is None else list(_parts(result.service, beside, result.batch, base is None))
    if not parts:
        return CustomerDemand([], {})
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(-columns["late_or_lost"], kind="stable")
    names = [
        (network.node_ids[network.item_node[i]], network.products[network.item_product[i]])
        for i in items[order].tolist()
    ]
    return CustomerDemand(names, {name: values[order] for name, values in columns.items()})


def _parts(service: Floats, beside: Floats | None, batch: int, is_twin: bool) -> Iterator[dict[str, Floats]]:
    """Columns of some customers after the other, so that no more than a piece of long sums need be in memory."""
    replications, customers, _ = service.shape
    step = max(1, _CHUNK // max(1, replications))
    for first in range(0, customers, step):
        here = slice(first, min(first + step, customers))
        own = _values(in_memory(service[:, here]))
        other = None if beside is None else _values(in_memory(beside[:, here]))
        found: dict[str, Floats] = {}
        for measure in CUSTOMER_DEMAND:
            mine = own[measure.name]
            kinds = {measure.name: mine}
            if other is not None:
                kinds |= {f"{measure.name}_twin": other[measure.name]} if is_twin else {}
                kinds |= {f"{measure.name}_difference": mine - other[measure.name]}
            for name, values in kinds.items():
                found[name], found[f"{name}_ci_low"], found[f"{name}_ci_high"] = column_intervals(values, batch=batch)
        yield found


def _values(sums: Floats) -> dict[str, Floats]:
    """Each of CUSTOMER_DEMAND, [R, C]."""
    service = Service(periods=1, **{name: sums[..., k] for k, name in enumerate(SERVICE_COLUMNS)})
    return {measure.name: measure.of(service) for measure in CUSTOMER_DEMAND}


def demand_block(found: CustomerDemand, periods: int) -> dict[str, Any]:
    """What a summary keeps of it: how many customers there are, and the worst of those not always served on time.

    Args:
        found: demand by customer.
        periods: that are counted.
    """
    short = (row for row in found.rows() if row["late_or_lost"] > 0.0 or row.get("late_or_lost_twin", 0.0) > 0.0)
    worst = [{name: finite(value) for name, value in row.items()} for row in islice(short, MOST_WORST)]
    return {"periods": periods, "customers": len(found.names), "worst": worst}


def finite(value: Any) -> Any:
    """A number as JSON has it: None for one that could not be estimated; names as they are."""
    return value if isinstance(value, str) or (value is not None and math.isfinite(value)) else None


def write_demand(found: CustomerDemand, path: Path) -> None:
    """Write demand_by_customer.csv: customer, product, and the columns."""
    numbers = zip(*(values.tolist() for values in found.columns.values()), strict=True)
    rows = ((*names, *values) for names, values in zip(found.names, numbers, strict=True))
    write_table(path, [*INDEX, *found.columns], rows)


def entry_of(row: Mapping[str, Any], name: str, unit: str) -> dict[str, Any]:
    """A number of a row with its interval, as entries of a summary have it.

    Args:
        row: of :meth:`CustomerDemand.rows`.
        name: of the column.
        unit: of the number.
    """
    parts = {"mean": name, "ci_low": f"{name}_ci_low", "ci_high": f"{name}_ci_high"}
    return {part: finite(row.get(key)) for part, key in parts.items()} | {"unit": unit}
