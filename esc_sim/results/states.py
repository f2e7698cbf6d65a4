"""What features show of themselves in every period (soil of fields, buses of a microgrid): table and summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from esc_sim.errors import InputError
from esc_sim.results.arrow import numbers
from esc_sim.results.dates import period_columns
from esc_sim.results.observed import Observed
from esc_sim.results.parquet import numbers_of, reading, write_tables
from esc_sim.results.run import Floats, RunResult
from esc_sim.risk.intervals import mean_interval
from esc_sim.scenario.calendar import calendar_of

if TYPE_CHECKING:
    import pyarrow as pa

STATES: Final = "states.parquet"
_GROUP: Final = 100_000


def states_summary(result: RunResult) -> list[dict[str, Any]]:
    """Entries of summary.json under ``states``: for each number its mean over periods, and what it was at the end.

    ``n``, ``ci_low`` and ``ci_high`` belong to the mean (Student's t over replications).
    """
    if result.observations is None:
        return []
    found = []
    for place, observed in enumerate(result.observed):
        values = result.observations[:, :, place]
        mean = mean_interval(values.mean(axis=1), batch=result.batch)
        found.append(
            {
                "kind": observed.kind,
                "entity": observed.entity,
                "unit": observed.unit,
                "nodes": list(observed.nodes),
                "mean": _or_none(mean.mean),
                "ci_low": _or_none(mean.low),
                "ci_high": _or_none(mean.high),
                "n": mean.n,
                "end": _or_none(float(values[:, -1].mean())),
            }
        )
    return found


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def write_states(result: RunResult, path: Path) -> None:
    """Write states.parquet: replication, period, and a column for each number, named kind/entity."""
    values = result.observations
    assert values is not None
    replications, periods, _ = values.shape
    step = max(1, _GROUP // periods)
    calendar = calendar_of(result.scenario)

    def tables() -> Iterator[pa.Table]:
        import pyarrow as pa

        for start in range(0, replications, step):
            block = values[start : start + step]
            rows = np.arange(start, start + len(block), dtype=np.int32)
            yield pa.table(
                {
                    "replication": numbers(np.repeat(rows, periods)),
                    **period_columns(np.tile(np.arange(periods), len(block)), calendar),
                }
                | {o.name: numbers(block[:, :, place]) for place, o in enumerate(result.observed)}
            )

    write_tables(path, tables())


def read_states(
    path: Path, entries: Sequence[dict[str, Any]], shape: tuple[int, int]
) -> tuple[tuple[Observed, ...], Floats]:
    """What :func:`write_states` wrote.

    Args:
        path: the file.
        entries: ``states`` of the summary beside it.
        shape: replications and periods.

    Raises:
        InputError: missing, truncated or foreign file.
    """
    import pyarrow.parquet as pq

    observed = tuple(
        Observed(str(e["kind"]), str(e["entity"]), str(e["unit"]), tuple(map(str, e["nodes"]))) for e in entries
    )
    names = [o.name for o in observed]
    with reading(path):
        table = pq.read_table(path, columns=names)
    if table.num_rows != shape[0] * shape[1] or table.num_columns != len(observed):
        raise InputError(f"{path}: does not hold the numbers that summary.json names; run again")
    return observed, numbers_of(path, table, names).reshape(*shape, len(observed))
