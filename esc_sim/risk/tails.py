"""VaR and CVaR of what replications gave, with intervals that rest on the replications.

Each CVaR rests on what each replication adds to it, VaR on sections. Where the tail holds too few samples there is no
interval rather than a wrong one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from esc_sim.risk.intervals import Interval, around, mean_interval, section_interval
from esc_sim.risk.measures import RiskSetting
from esc_sim.risk.parts import Table

_LEAST_IN_TAIL: Final = 10
_LEAST_IN_SECTION: Final = 2
_SLACK: Final = 1e-9  # 1 - 0.9 is a little less than 0.1, which must not cost a sample


@dataclass(frozen=True)
class Tail:
    """A sample of losses, and how the risk in it is measured.

    Attributes:
        table: float64[R, T], large is bad; in parts where it is long.
        setting: level, estimator and pooling.
    """

    table: Table
    setting: RiskSetting

    @property
    def samples(self) -> int:
        """Samples that the risk is measured on: replications under pooling "horizon", else periods of all."""
        replications, periods = self.table.shape
        return replications if self.setting.pooling == "horizon" else replications * periods

    @property
    def least_replications(self) -> int:
        """Replications that a section needs to hold two samples of the tail."""
        least = math.ceil(_LEAST_IN_SECTION / (1.0 - self.setting.level) - _SLACK)
        return least if self.setting.pooling == "horizon" else math.ceil(least / self.table.shape[1])

    @property
    def has_interval(self) -> bool:
        """Whether the tail holds ten samples, without which CVaR has no interval."""
        return self.samples * (1.0 - self.setting.level) >= _LEAST_IN_TAIL - _SLACK


def is_largest(replications: int, level: float) -> bool:
    """Whether VaR and CVaR of one value per replication are no more than the largest value: n (1 - a) is at most 1."""
    return replications * (1.0 - level) <= 1.0 + _SLACK


def replications_for_interval(level: float) -> int:
    """Replications from which on the CVaR of one value per replication has an interval."""
    return math.ceil(_LEAST_IN_TAIL / (1.0 - level) - _SLACK)


def var_interval(tail: Tail, base: Tail | None = None, *, batch: int = 1) -> Interval:
    """Value at risk, or with a base its difference from that of the base, by sectioning.

    Args:
        tail: what is measured.
        base: the same replications of another run, on the same random numbers.
        batch: replications that were stratified together.
    """
    tails = [tail] if base is None else [tail, base]

    def statistic(*tables: Table) -> float:
        return _change([one.setting.var(table) for one, table in zip(tails, tables, strict=True)])

    least = max(one.least_replications for one in tails)
    return section_interval([one.table for one in tails], statistic, least=least, batch=batch)


def cvar_interval(tail: Tail, base: Tail | None = None, *, batch: int = 1) -> Interval:
    """Conditional value at risk, or with a base its difference; arguments as :func:`var_interval`.

    Args:
        tail: the costs.
        base: the same replications of another run, on the same random numbers.
        batch: replications that were stratified together.
    """
    tails = [tail] if base is None else [tail, base]
    estimate = _change([one.setting.cvar(one.table) for one in tails])
    if not all(one.has_interval for one in tails):
        return Interval(estimate, math.nan, math.nan, len(tail.table))
    parts = [one.setting.cvar_by_replication(one.table) for one in tails]
    return around(estimate, mean_interval(parts[0] if base is None else parts[0] - parts[1], batch=batch))


def _change(parts: Sequence[float]) -> float:
    return float(parts[0] if len(parts) == 1 else parts[0] - parts[1])
