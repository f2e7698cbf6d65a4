"""Reading a sourcing instance from CSV tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from esc_sim.design.sourcing.failures import Failures, failures_of
from esc_sim.design.sourcing.instance import SourcingInstance
from esc_sim.design.sourcing.suppliers import SUPPLIERS, Sources, read_sources
from esc_sim.design.tables import Table, read_table
from esc_sim.errors import InputError

FloatArray = NDArray[np.float64]

EFFORT_LEVELS, CASES, PRICES = "effort_levels.csv", "disruption_scenarios.csv", "prices.csv"
TABLES = (
    SUPPLIERS,
    "primary_suppliers.csv",
    "backup_suppliers.csv",
    EFFORT_LEVELS,
    CASES,
    PRICES,
    "distances_km.csv",
    "purchase_prices.csv",
)
"""Files that an instance may be read from."""
EFFORTS = ("effort_cost_", "recovery_rate_v_", "warning_h_")
"""Columns of the suppliers' table that end in a level of effort."""
NO_EFFORT = "none"
"""The only level where no table speaks of efforts."""


@dataclass(frozen=True)
class SourcingTables:
    """The tables of a sourcing design as read.

    Attributes:
        instance: their numbers.
        spot: node of the spot market; None where there is none.
        prices: file, line and column of the price that a buyer pays a source, by source and buyer.
        capacities: the same of each primary's capacity.
        cases: file that says what fails.
    """

    instance: SourcingInstance
    spot: str | None
    prices: Mapping[tuple[str, str], str]
    capacities: Mapping[str, str]
    cases: str


def read_tables(
    folder: str | Path, *, max_recovery_time: float, buyers: Sequence[str] = (), spot: str | None = None
) -> SourcingTables:
    """Read the tables of a sourcing design; their columns stand in docs/reference/design-tables.md.

    Args:
        folder: where the tables lie.
        max_recovery_time: t_max, recovery time the buyers tolerate, in periods.
        buyers: who buys, where suppliers.csv does not name them.
        spot: node of the spot market, where suppliers.csv does not name it.

    Raises:
        InputError: with file, line and column of what cannot be used.
    """
    folder = Path(folder)
    sources = read_sources(folder, buyers)
    primary, backup = sources.primary, sources.backup
    primaries, backups = primary.labels("supplier"), backup.labels("supplier", some=sources.apart)
    efforts = _efforts(folder, primary)
    spot = sources.spot_name or spot
    buyers, prices, places = _prices(folder, sources, primaries, backups, spot)
    spot_price = _spot_price(prices.get(spot), places, spot, buyers) if spot is not None else None
    failures = _failures(folder, primary, primaries, spot_price, spot)
    instance = SourcingInstance(
        primaries=primaries,
        backups=backups,
        buyers=tuple(buyers),
        levels=efforts.levels,
        scenarios=failures.names,
        fixed_cost=primary.numbers_or("fixed_cost", 0.0) if sources.whole else primary.numbers("fixed_cost", low=0.0),
        capacity=primary.numbers("capacity", low=0.0),
        effort_cost=efforts.cost,
        recovery_rate=efforts.recovery_rate,
        warning=efforts.warning,
        reserve_cost=backup.numbers("reserve_cost", low=0.0) if backup.rows else np.zeros(0),
        primary_price=np.array([prices[name] for name in primaries]),
        backup_price=failures.moved(np.array([prices[name] for name in backups]).reshape(len(backups), len(buyers))),
        probability=failures.probability,
        spot_price=failures.spot_price,
        disrupted=failures.disrupted,
        residual=failures.residual,
        max_recovery_time=max_recovery_time,
    )
    capacities = dict(zip(primaries, primary.places("capacity"), strict=True))
    return SourcingTables(instance, spot, places, capacities, failures.source)


@dataclass(frozen=True)
class _Efforts:
    levels: tuple[str, ...]
    cost: FloatArray
    recovery_rate: FloatArray
    warning: FloatArray


def _efforts(folder: Path, primary: Table) -> _Efforts:
    """What each level of effort costs and does at each primary, shape (M, L).

    A column ``recovery_rate_v_LEVEL`` or ``warning_h_LEVEL`` of the suppliers goes before effort_levels.csv.
    """
    path, shape = folder / EFFORT_LEVELS, (len(primary.rows), 0)
    if path.exists():
        table = read_table(path)
        levels = table.labels("level")
        known = {
            name: np.broadcast_to(table.numbers(name[:-1], low=0.0, high=high), (shape[0], len(levels)))
            for name, high in ((EFFORTS[1], 1e15), (EFFORTS[2], 0.999999))
        }
    else:
        named = (column.removeprefix(EFFORTS[0]) for column in primary.columns if column.startswith(EFFORTS[0]))
        levels = tuple(named)
        known = {name: np.zeros((shape[0], len(levels))) for name in EFFORTS[1:]}
    if not levels:
        none = np.zeros((shape[0], 1))
        return _Efforts((NO_EFFORT,), none, none, none)
    rate, warning = (
        np.stack(
            [primary.numbers_or(f"{name}{level}", known[name][:, n], high=high) for n, level in enumerate(levels)],
            axis=1,
        )
        for name, high in ((EFFORTS[1], 1e15), (EFFORTS[2], 0.999999))
    )
    cost = primary.numbers([f"{EFFORTS[0]}{level}" for level in levels], low=0.0)
    return _Efforts(levels, cost, rate, warning)


def _failures(
    folder: Path, primary: Table, primaries: tuple[str, ...], spot_price: float | None, spot: str | None
) -> Failures:
    """Cases of failures: those of disruption_scenarios.csv, or all that the suppliers' probabilities give."""
    path = folder / CASES
    own = [column for column in ("probability", "group", "residual") if column in primary.columns]
    if not path.exists():
        if "probability" not in own:
            raise InputError(
                f"{primary.path.name}:1: the column 'probability' is missing, and there is no {CASES}: how do "
                "suppliers fail? Give the chance that each fails in a contract period (0: never)"
            )
        return failures_of(primary, primaries, spot_price)
    if own:
        raise InputError(f"{primary.path.name}:1: {own[0]}: {CASES} says how suppliers fail, too: keep one of the two")
    if spot_price is not None:
        raise InputError(f"{CASES}: gives prices of the spot market, and so does the row '{spot}' elsewhere: keep one")
    return _listed(read_table(path), primaries)


def _listed(table: Table, primaries: tuple[str, ...]) -> Failures:
    probability = table.numbers("probability", low=0.0, high=1.0)
    if abs(probability.sum() - 1.0) > 1e-6:
        raise InputError(
            f"{table.path.name}: probability: the column sums to {probability.sum():.9g}; it must sum to 1"
        )
    columns = [f"disrupted_{name}" for name in primaries]
    values = table.numbers(columns, low=0.0, high=1.0)
    odd = np.argwhere((values != 0.0) & (values != 1.0))
    if odd.size:
        row, column = odd[0]
        place = f"{table.path.name}:{table.rows[row][0]}: {columns[column]}"
        raise InputError(f"{place}: {values[row, column]:g} is neither 0 (up) nor 1 (disrupted)")
    factor = "backup_price_factor"
    return Failures(
        names=table.labels("scenario"),
        probability=probability,
        disrupted=values == 1.0,
        residual=table.numbers([f"residual_{name}" for name in primaries], low=0.0, high=1.0),
        spot_price=table.numbers("spot_price", low=0.0),
        backup_factor=table.numbers(factor, low=0.0) if factor in table.columns else None,
        source=table.path.name,
    )


Priced = tuple[Sequence[str], dict[str, FloatArray], dict[tuple[str, str], str]]
"""Buyers, what each pays a source, and where that stands."""


def _prices(
    folder: Path, sources: Sources, primaries: tuple[str, ...], backups: tuple[str, ...], spot: str | None
) -> Priced:
    """Delivered prices: of the suppliers' own columns, of prices.csv, or of distances."""
    if sources.whole is not None:
        return sources.buyers, *sources.prices()
    wanted = (*primaries, *backups)
    direct = (folder / PRICES).exists()
    table = read_table(folder / (PRICES if direct else "distances_km.csv"))
    names = table.labels("source")
    missing = [name for name in wanted if name not in names]
    if missing:
        raise InputError(f"{table.path.name}: no row for {', '.join(missing)}; every supplier needs one")
    buyers = tuple(c for c in table.columns if c != "source")
    values = table.numbers(list(buyers), low=0.0)
    places = {(name, buyer): place for buyer in buyers for name, place in zip(names, table.places(buyer), strict=True)}
    rows = {name: values[names.index(name)] for name in (*wanted, *([spot] if direct and spot in names else []))}
    if direct:
        return buyers, {name: row for name, row in rows.items() if name is not None}, places
    rates = read_table(folder / "purchase_prices.csv")
    kinds = rates.labels("kind")
    if set(kinds) != {"primary", "backup"}:
        raise InputError(f"{rates.path.name}: kind: the rows must be 'primary' and 'backup'")
    raw, per_km = rates.numbers("raw_price", low=0.0), rates.numbers("price_per_km", low=0.0)
    of = {name: kinds.index("primary" if name in primaries else "backup") for name in wanted}
    return buyers, {name: raw[of[name]] + per_km[of[name]] * rows[name] for name in wanted}, places


def _spot_price(
    prices: FloatArray | None, places: Mapping[tuple[str, str], str], spot: str, buyers: Sequence[str]
) -> float | None:
    """The price of the spot market, the same for all buyers; None where no table of prices has it."""
    if prices is None:
        return None
    other = np.flatnonzero(prices != prices[0])
    if other.size:
        buyer = buyers[int(other[0])]
        raise InputError(
            f"{places[spot, buyer]}: {buyer} pays {prices[other[0]]:g} on the spot market and {buyers[0]} "
            f"{prices[0]:g}; the design knows one price for all"
        )
    return float(prices[0])
