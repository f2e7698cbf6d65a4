"""Reading a sourcing instance from CSV tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from esc_sim.design.sourcing.instance import SourcingInstance
from esc_sim.design.tables import Table, read_table
from esc_sim.errors import InputError

FloatArray = NDArray[np.float64]

TABLES = (
    "primary_suppliers.csv",
    "backup_suppliers.csv",
    "effort_levels.csv",
    "disruption_scenarios.csv",
    "prices.csv",
    "distances_km.csv",
    "purchase_prices.csv",
)
"""Files that an instance may be read from."""


def read_instance(folder: str | Path, *, max_recovery_time: float) -> SourcingInstance:
    """Read the tables of a sourcing design.

    ``primary_suppliers.csv``: supplier, fixed_cost, capacity, effort_cost_<level> for every level.
    ``backup_suppliers.csv``: supplier, reserve_cost.
    ``effort_levels.csv``: level, recovery_rate_v, warning_h (the same for all primaries).
    ``disruption_scenarios.csv``: scenario, probability, spot_price, disrupted_<primary> (0 or 1), residual_<primary>,
    and, if backup prices move with the scenario, backup_price_factor.
    Prices: ``prices.csv`` with source and one column a buyer (price per unit delivered); or ``distances_km.csv`` of
    that form with ``purchase_prices.csv`` (kind, raw_price, price_per_km; kinds primary and backup).

    Args:
        folder: where the tables lie.
        max_recovery_time: t_max, recovery time the buyers tolerate, in periods.

    Raises:
        InputError: with file, line and column of what cannot be used.
    """
    folder = Path(folder)
    primary = read_table(folder / "primary_suppliers.csv")
    backup = read_table(folder / "backup_suppliers.csv")
    effort = read_table(folder / "effort_levels.csv")
    scenario = read_table(folder / "disruption_scenarios.csv")
    primaries, backups, levels = primary.labels("supplier"), backup.labels("supplier"), effort.labels("level")
    scenarios = scenario.labels("scenario")
    probability = scenario.numbers("probability", low=0.0, high=1.0)
    if abs(probability.sum() - 1.0) > 1e-6:
        raise InputError(
            f"{scenario.path.name}: probability: the column sums to {probability.sum():.9g}; it must sum to 1"
        )
    buyers, prices = _prices(folder, primaries, backups)
    shape = (len(primaries), len(levels))
    return SourcingInstance(
        primaries=primaries,
        backups=backups,
        buyers=buyers,
        levels=levels,
        scenarios=scenarios,
        fixed_cost=primary.numbers("fixed_cost", low=0.0),
        capacity=primary.numbers("capacity", low=0.0),
        effort_cost=primary.numbers([f"effort_cost_{level}" for level in levels], low=0.0),
        recovery_rate=np.broadcast_to(effort.numbers("recovery_rate_v", low=0.0), shape).copy(),
        warning=np.broadcast_to(effort.numbers("warning_h", low=0.0, high=0.999999), shape).copy(),
        reserve_cost=backup.numbers("reserve_cost", low=0.0),
        primary_price=prices[: len(primaries)],
        backup_price=_moved(scenario, prices[len(primaries) :]),
        probability=probability,
        spot_price=scenario.numbers("spot_price", low=0.0),
        disrupted=_failures(scenario, primaries),
        residual=scenario.numbers([f"residual_{name}" for name in primaries], low=0.0, high=1.0),
        max_recovery_time=max_recovery_time,
    )


def _failures(scenario: Table, primaries: tuple[str, ...]) -> NDArray[np.bool_]:
    columns = [f"disrupted_{name}" for name in primaries]
    values = scenario.numbers(columns, low=0.0, high=1.0)
    odd = np.argwhere((values != 0.0) & (values != 1.0))
    if odd.size:
        row, column = odd[0]
        place = f"{scenario.path.name}:{scenario.rows[row][0]}: {columns[column]}"
        raise InputError(f"{place}: {values[row, column]:g} is neither 0 (up) nor 1 (disrupted)")
    return values == 1.0


def _moved(scenario: Table, price: FloatArray) -> FloatArray:
    """Backup prices, times the factor of each scenario if the table has one."""
    if "backup_price_factor" not in scenario.columns:
        return price
    return scenario.numbers("backup_price_factor", low=0.0)[:, None, None] * price


def _prices(folder: Path, primaries: tuple[str, ...], backups: tuple[str, ...]) -> tuple[tuple[str, ...], FloatArray]:
    """Buyers, and delivered prices of shape (primaries + backups, buyers)."""
    wanted = (*primaries, *backups)
    direct = folder / "prices.csv"
    table = read_table(direct if direct.exists() else folder / "distances_km.csv")
    sources = table.labels("source")
    missing = [name for name in wanted if name not in sources]
    if missing:
        raise InputError(f"{table.path.name}: no row for {', '.join(missing)}; every supplier needs one")
    buyers = tuple(c for c in table.columns if c != "source")
    values = table.numbers(list(buyers), low=0.0)[[sources.index(name) for name in wanted]]
    if direct.exists():
        return buyers, values
    rates = read_table(folder / "purchase_prices.csv")
    kinds = rates.labels("kind")
    if set(kinds) != {"primary", "backup"}:
        raise InputError(f"{rates.path.name}: kind: the rows must be 'primary' and 'backup'")
    raw, per_km = rates.numbers("raw_price", low=0.0), rates.numbers("price_per_km", low=0.0)
    at = [kinds.index("primary")] * len(primaries) + [kinds.index("backup")] * len(backups)
    return buyers, raw[at][:, None] + per_km[at][:, None] * values
