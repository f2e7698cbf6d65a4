"""Cases of failures of a sourcing design, listed or made from the probabilities of suppliers and groups of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim.design.sourcing.instance import BoolArray, independent_failures
from esc_sim.design.tables import Table
from esc_sim.errors import InputError

FloatArray = NDArray[np.float64]

MOST = 12
"""Suppliers and groups that may fail independently: 4,096 cases."""
NOBODY = "all up"
"""Name of the case in which nobody fails."""
_LONGEST = 120
"""Characters of a case's name."""


@dataclass(frozen=True)
class Failures:
    """What fails, how likely, and what prices do then.

    Attributes:
        names: of the cases, length K.
        probability: shape (K,).
        disrupted, residual: see :class:`SourcingInstance`, shape (K, M).
        spot_price: shape (K,).
        backup_factor: of the backups' prices in each case, shape (K,); None: they do not move.
        source: name of the table that says so.
    """

    names: tuple[str, ...]
    probability: FloatArray
    disrupted: BoolArray
    residual: FloatArray
    spot_price: FloatArray
    backup_factor: FloatArray | None
    source: str

    def moved(self, price: FloatArray) -> FloatArray:
        """Backup prices, shape (B, A), times the factor of each case if there is one: (K, B, A)."""
        return price if self.backup_factor is None else self.backup_factor[:, None, None] * price


def failures_of(primary: Table, primaries: tuple[str, ...], spot_price: float | None) -> Failures:
    """All cases that can happen where suppliers fail independently, those of one group together.

    Args:
        primary: columns probability (of failing in a contract period), group and residual (share of capacity that a
            failed supplier keeps, default 0).
        primaries: its suppliers.
        spot_price: of the spot market; None where there is none.

    Raises:
        InputError: suppliers of a group with unlike probabilities, or too many that may fail.
    """
    chance = primary.numbers("probability", low=0.0, high=1.0)
    units = _units(primary, primaries, chance)
    names = list(dict.fromkeys(units))
    of = np.array([names.index(unit) for unit in units])
    each = np.array([chance[units.index(name)] for name in names])
    open_ = int(((each > 0.0) & (each < 1.0)).sum())
    if open_ > MOST:
        raise InputError(
            f"{primary.path.name}: probability: {open_} suppliers or groups fail independently of each other, which "
            f"makes 2^{open_} cases; group them to {MOST} at most, or list the cases in disruption_scenarios.csv"
        )
    sure = np.flatnonzero((each == 0.0) | (each == 1.0))
    free = np.setdiff1d(np.arange(each.size), sure)
    some, probability = independent_failures(free.size, each[free])
    failed = np.zeros((probability.size, each.size), dtype=bool)
    failed[:, free], failed[:, sure] = some, each[sure] == 1.0
    return Failures(
        names=tuple(_name(number, [names[k] for k in np.flatnonzero(row)]) for number, row in enumerate(failed)),
        probability=probability,
        disrupted=failed[:, of],
        residual=np.broadcast_to(primary.numbers_or("residual", 0.0, high=1.0), (probability.size, of.size)).copy(),
        spot_price=np.full(probability.size, spot_price or 0.0),
        backup_factor=None,
        source=primary.path.name,
    )


def _units(primary: Table, primaries: tuple[str, ...], chance: FloatArray) -> list[str]:
    """For each supplier what it fails with: its group, or itself."""
    groups = primary.cells("group")
    clash = [group for group in groups if group in primaries]
    if clash:
        raise InputError(
            f"{primary.path.name}: group: '{clash[0]}' is the name of a supplier; name the group otherwise"
        )
    first: dict[str, int] = {}
    for row, group in enumerate(groups):
        other = first.setdefault(group, row) if group else row
        if chance[other] != chance[row]:
            places = primary.places("probability")
            raise InputError(
                f"{places[row]}: {chance[row]:g} is not the {chance[other]:g} of {primaries[other]} in line "
                f"{primary.rows[other][0]}: suppliers of group '{group}' fail together, with one probability"
            )
    return [group or name for group, name in zip(groups, primaries, strict=True)]


def _name(number: int, failed: list[str]) -> str:
    name = "+".join(failed) or NOBODY
    return name if len(name) <= _LONGEST else f"case {number}"
