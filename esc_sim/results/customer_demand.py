"""What each customer asked for of each product, and got in time, late or not at all, beside the undisrupted twin.

Amounts are units of a replication, over the periods after the warm-up: demanded = on time + late + lost + waiting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def demand_table(result: Result, base: Floats | None = None, against: str = "twin") -> pd.DataFrame:
    """Demand by customer and product, the least well served first; no rows where it was not recorded.

    Args:
        result: the run.
        base: float64[R, C, len(SERVICE_COLUMNS)], what it is set against; default its twin, if it has one.
        against: what that is called in columns.

    Returns:
        Index customer, product. For each of CUSTOMER_DEMAND the columns NAME, NAME_ci_low, NAME_ci_high; and, where
        there is something to set it against, the same of NAME_twin and of NAME_difference, paired by replication.
    """
    import pandas as pd

    base = result.twin_service if base is None else base
    network, items = result.network, result.customers
    count = 0 if result.service is None else result.service.shape[1]
    parts = [] if result.service is None else list(_parts(result.service, base, result.batch, against))
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} if parts else {}
    names = customer_names(network, items[:count])
    frame = pd.DataFrame(columns, index=pd.MultiIndex.from_tuples(names, names=list(INDEX)) if names else None)
    if not names:
        return pd.DataFrame(index=pd.MultiIndex.from_arrays([[], []], names=list(INDEX)))
    late = frame["demanded"] - frame["served_on_time"]
    if base is not None:
        late -= frame[f"demanded_{against}"] - frame[f"served_on_time_{against}"]
    return frame.iloc[np.argsort(-late.to_numpy(), kind="stable")]


def customer_names(network: Network, items: Sequence[int] | np.ndarray) -> list[tuple[str, str]]:
    """Node and product of items."""
    return [
        (network.node_ids[network.item_node[i]], network.products[network.item_product[i]])
        for i in np.asarray(items).tolist()
    ]


def _parts(service: Floats, base: Floats | None, batch: int, against: str) -> Any:
    """Columns of some customers after the other, so that no more than a piece of long sums need be in memory."""
    replications, customers, _ = service.shape
    step = max(1, _CHUNK // max(1, replications))
    for first in range(0, customers, step):
        here = slice(first, min(first + step, customers))
        own = _values(in_memory(service[:, here]))
        other = None if base is None else _values(in_memory(base[:, here]))
        found: dict[str, Floats] = {}
        for measure in CUSTOMER_DEMAND:
            mine = own[measure.name]
            kinds = {measure.name: mine}
            if other is not None:
                kinds |= {f"{measure.name}_{against}": other[measure.name]}
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
    short = table[(table["demanded"] > table["served_on_time"]) | _more_than_twin(table)] if len(table) else table
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


def _more_than_twin(table: pd.DataFrame) -> Any:
    if "demanded_twin" not in table:
        return False
    return table["demanded_twin"] > table["served_on_time_twin"]


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def write_demand(table: pd.DataFrame, path: Path) -> None:
    """Write the table as demand_by_customer.csv."""
    rows = ((*names, *values) for names, values in zip(table.index, table.to_numpy().tolist(), strict=True))
    write_table(path, [*INDEX, *table.columns], rows)


def entry_of(row: Mapping[str, Any], name: str, unit: str) -> dict[str, Any]:
    """A number of a row with its interval, as entries of a summary have it."""
    return {"mean": row[name], "ci_low": row[f"{name}_ci_low"], "ci_high": row[f"{name}_ci_high"], "unit": unit}
