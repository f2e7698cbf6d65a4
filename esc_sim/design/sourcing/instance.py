"""Data of a sourcing design: who can supply whom, at which price, and what fails in which scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.errors import InputError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class SourcingInstance:
    """All numbers of the sourcing model (Wang, Chen, Liu, table A.1); demand is given apart.

    Primary suppliers m may fail; backup suppliers b never do; buyers a; effort levels l; scenarios k. Money in one
    currency (CNY in the paper), quantities in one unit of goods per period, times in periods.

    Attributes:
        primaries, backups, buyers, levels, scenarios: labels.
        fixed_cost: f_m, of a contract, shape (M,).
        capacity: c_m, per period, shape (M,).
        effort_cost: g_ml, shape (M, L).
        recovery_rate: v_ml, share of capacity regained per period, shape (M, L).
        warning: h_ml, share of the recovery time saved by early warning, in [0, 1), shape (M, L).
        reserve_cost: r_b, per reserved unit, shape (B,).
        primary_price: s_ma, per unit, shape (M, A).
        backup_price: o_ba, per unit, shape (B, A), or (K, B, A) if it differs by scenario.
        probability: p_k, shape (K,), summing to one.
        spot_price: q_k, per unit, shape (K,).
        disrupted: i_mk, whether m fails in k, shape (K, M).
        residual: n_mk, share of capacity that a failed m keeps in k, in [0, 1], shape (K, M).
        max_recovery_time: t_max, recovery the buyers tolerate.
    """

    primaries: tuple[str, ...]
    backups: tuple[str, ...]
    buyers: tuple[str, ...]
    levels: tuple[str, ...]
    scenarios: tuple[str, ...]
    fixed_cost: FloatArray
    capacity: FloatArray
    effort_cost: FloatArray
    recovery_rate: FloatArray
    warning: FloatArray
    reserve_cost: FloatArray
    primary_price: FloatArray
    backup_price: FloatArray
    probability: FloatArray
    spot_price: FloatArray
    disrupted: BoolArray
    residual: FloatArray
    max_recovery_time: float

    def __post_init__(self) -> None:
        """Check shapes, signs and probabilities.

        Raises:
            InputError: everything that does not fit, in one list.
        """
        problems = _shape_problems(self) or _value_problems(self)
        if problems:
            raise InputError(problems)

    @property
    def recovery_time(self) -> FloatArray:
        """Longest recovery allowed at each level, t_max / (1 - h_ml), shape (M, L).

        Constraint (3d) is read as T (1 - sum_l h_ml Z_ml) <= t_max; T only helps, so it takes its largest value.
        """
        return self.max_recovery_time / (1.0 - self.warning)

    def scenario_capacity(self) -> FloatArray:
        """Capacity of m at level l in scenario k (right side of 3b): c if up, else c (n + v T), shape (K, M, L)."""
        regained = self.residual[:, :, None] + (self.recovery_rate * self.recovery_time)[None, :, :]
        share = np.where(self.disrupted[:, :, None], regained, 1.0)
        return self.capacity[None, :, None] * share

    def sure_capacity(self) -> FloatArray:
        """Capacity that survives every scenario, min over k, shape (M, L): what a contract may promise."""
        return self.scenario_capacity().min(axis=0)


def independent_failures(primaries: int, failure_probability: ArrayLike) -> tuple[BoolArray, FloatArray]:
    """All 2^M subsets of failing primaries; bit m of a scenario's number says whether primary m fails.

    Args:
        primaries: number M.
        failure_probability: of each primary, independent of the others; a number or shape (M,).

    Returns:
        Failures of shape (2^M, M) and probabilities of shape (2^M,).
    """
    p = np.broadcast_to(np.asarray(failure_probability, dtype=float), (primaries,))
    failed = np.array([bits[::-1] for bits in product((False, True), repeat=primaries)])
    probability = np.where(failed, p, 1.0 - p).prod(axis=1)
    return failed, probability / probability.sum()


def _shape_problems(i: SourcingInstance) -> list[str]:
    m, b, a, n, k = (len(s) for s in (i.primaries, i.backups, i.buyers, i.levels, i.scenarios))
    if min(m, a, n, k) == 0:
        return ["a sourcing design needs at least one primary supplier, buyer, effort level and scenario"]
    wanted: dict[str, Sequence[tuple[int, ...]]] = {
        "fixed_cost": [(m,)],
        "capacity": [(m,)],
        "effort_cost": [(m, n)],
        "recovery_rate": [(m, n)],
        "warning": [(m, n)],
        "reserve_cost": [(b,)],
        "primary_price": [(m, a)],
        "backup_price": [(b, a), (k, b, a)],
        "probability": [(k,)],
        "spot_price": [(k,)],
        "disrupted": [(k, m)],
        "residual": [(k, m)],
    }
    problems = []
    for name, shapes in wanted.items():
        array = getattr(i, name)
        if array.shape not in shapes:
            problems.append(f"{name} has shape {array.shape} where {' or '.join(map(str, shapes))} is needed")
        elif not np.isfinite(array).all():
            problems.append(f"{name} contains a value that is not a finite number")
    return problems


def _value_problems(i: SourcingInstance) -> list[str]:
    problems = []
    for name in (
        "fixed_cost",
        "capacity",
        "effort_cost",
        "recovery_rate",
        "warning",
        "reserve_cost",
        "spot_price",
        "primary_price",
        "backup_price",
        "probability",
        "residual",
    ):
        if (getattr(i, name) < 0.0).any():
            problems.append(f"{name} must not be negative")
    total = float(i.probability.sum())
    if abs(total - 1.0) > 1e-6:
        problems.append(f"the scenarios' probabilities sum to {total:.9g}; they must sum to 1")
    if (i.warning >= 1.0).any():
        problems.append("warning (h) must stay below 1: a warning of 1 would undo every disruption")
    if (i.residual > 1.0).any():
        problems.append("residual (n) is a share of capacity; it must not exceed 1")
    if not (np.isfinite(i.max_recovery_time) and i.max_recovery_time >= 0.0):
        problems.append("max_recovery_time must be a number of at least 0")
    return problems
