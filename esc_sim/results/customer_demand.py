"""What each customer asked for of each product, and got in time, late or not at all, beside the undisrupted twin.

Amounts are units of a replication, over the periods after the warm-up. What is not served on time is served late,
lost, or still waiting at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from esc_sim.measures.service import CUSTOMER_DEMAND, Service
from esc_sim.network.model import Network
from esc_sim.results.columns import SERVICE_COLUMNS
from esc_sim.results.period_table import Floats
from esc_sim.results.spool import in_memory
from esc_sim.risk.intervals import column_intervals
from esc_sim.storage.tables import write_table

if TYPE_CHECKING:
    import pandas as pd

    from esc_sim.results.result import Result

CUSTOMER_TABLE: Final = "demand_by_customer.csv"
INDEX: Final = ("customer", "product")
MOST_WORST: Final = 10
"""Customers that a summary keeps, the worst first."""
_CHUNK: Final = 2_000_000
"""Numbers of a column of sums that are looked at together."""


def demand_table(result: Result, base: Result | None = None) -> pd.DataFrame:
    """Demand by customer and product, the least well served first; no rows where it was not recorded.

    Args:
        result: the run.
        base: another run with the same customers that it is set against, in place of its twin.

    Returns:
        Index customer, product. For each of CUSTOMER_DEMAND the columns NAME, NAME_ci_low, NAME_ci_high; and the same
        of NAME_twin, the undisrupted twin, if the run has one, and of NAME_difference, paired by replication. With
        ``base`` the differences are from it, and there are no columns of the twin.
    """
    import pandas as pd

    network, items = result.network, result.customers
    beside = result.twin_service if base is None else base.service
    count = 0 if result.service is None else result.service.shape[1]
    parts = [] if result.service is None else list(_parts(result.service, beside, result.batch, base is None))
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} if parts else {}
    names = customer_names(network, items[:count])
    if not names:
        return pd.DataFrame(index=pd.MultiIndex.from_arrays([[], []], names=list(INDEX)))
    frame = pd.DataFrame(columns, index=pd.MultiIndex.from_tuples(names, names=list(INDEX)))
    late = columns["not_on_time" if beside is None or base is not None else "not_on_time_difference"]
    return frame.iloc[np.argsort(-late, kind="stable")]


def customer_names(network: Network, items: Sequence[int] | np.ndarray) -> list[tuple[str, str]]:
    """Node and product of items."""
    return [
        (network.node_ids[network.item_node[i]], network.products[network.item_product[i]])
        for i in np.asarray(items).tolist()
    ]


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


def demand_block(table: pd.DataFrame, periods: int) -> dict[str, Any]:
    """What a summary keeps of the table: how many customers there are, and the worst of them.

    Args:
        table: of :func:`demand_table`.
        periods: that are counted.
    """
    short = table
    if len(table):
        short = table[(table["not_on_time"] > 0.0) | (table.get("not_on_time_twin", table["not_on_time"]) > 0.0)]
    return {
        "periods": periods,
        "customers": len(table),
        "short": len(short),
        "worst": [
            {"node": node, "product": product, **{name: _or_none(value) for name, value in row.items()}}
            for (node, product), row in zip(
                short.index[:MOST_WORST], short.head(MOST_WORST).to_dict("records"), strict=True
            )
        ],
    }


def _or_none(value: float | None) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None


def write_demand(table: pd.DataFrame, path: Path) -> None:
    """Write the table as demand_by_customer.csv."""
    rows = ((*names, *values) for names, values in zip(table.index, table.to_numpy().tolist(), strict=True))
    write_table(path, [*INDEX, *table.columns], rows)


def entry_of(row: Mapping[str, Any], name: str, unit: str) -> dict[str, Any]:
    """A number of a row with its interval, as entries of a summary have it."""
    parts = {"mean": name, "ci_low": f"{name}_ci_low", "ci_high": f"{name}_ci_high"}
    return {part: _or_none(row.get(key)) for part, key in parts.items()} | {"unit": unit}
