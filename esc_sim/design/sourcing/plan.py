"""The plan that a sourcing design returns, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim.design.sourcing.instance import SourcingInstance
from esc_sim.lp import without_dust

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class SourcingPlan:
    """Decisions of the model (Wang, Chen, Liu, table A.1).

    Attributes:
        effort: Z_ml, 0 or 1, shape (M, L); X_m is its row sum.
        contract: Y_ma, units from primary m to buyer a in every scenario, shape (M, A).
        reserve: Q_b, reserved backup capacity, shape (B,).
        backup: V_bak, shape (K, B, A).
        spot: G_ak, shape (K, A).
    """

    effort: FloatArray
    contract: FloatArray
    reserve: FloatArray
    backup: FloatArray
    spot: FloatArray

    @property
    def signed(self) -> NDArray[np.bool_]:
        """X_m: primaries under contract, shape (M,)."""
        return np.asarray(self.effort.sum(axis=1) > 0.5)

    def level(self, instance: SourcingInstance) -> dict[str, str]:
        """Effort level of each signed primary, by label."""
        chosen = self.effort.argmax(axis=1)
        return {name: instance.levels[int(chosen[m])] for m, name in enumerate(instance.primaries) if self.signed[m]}

    def reserved(self, instance: SourcingInstance) -> tuple[str, ...]:
        """Backup suppliers with reserved capacity, by label."""
        return tuple(name for b, name in enumerate(instance.backups) if self.reserve[b] > 0.0)

    def first_stage_cost(self, instance: SourcingInstance) -> float:
        """Cost fixed before the scenario is known: contracts, efforts, contract quantities, reserves."""
        return float(sum(self.cost_pieces(instance)[piece] for piece in ("fixed", "effort", "contract", "reserve")))

    def scenario_costs(self, instance: SourcingInstance) -> FloatArray:
        """Cost_k of the second stage, sum_a (sum_b o V + q G), shape (K,)."""
        backup = (np.broadcast_to(instance.backup_price, self.backup.shape) * self.backup).sum(axis=(1, 2))
        return np.asarray(backup + instance.spot_price * self.spot.sum(axis=1))

    def cost_pieces(self, instance: SourcingInstance) -> dict[str, float]:
        """The terms of objective (1a); the last two are expectations."""
        prices = np.broadcast_to(instance.backup_price, self.backup.shape)
        return {
            "fixed": float(instance.fixed_cost @ self.effort.sum(axis=1)),
            "effort": float((instance.effort_cost * self.effort).sum()),
            "contract": float((instance.primary_price * self.contract).sum()),
            "reserve": float(instance.reserve_cost @ self.reserve),
            "backup": float(instance.probability @ (prices * self.backup).sum(axis=(1, 2))),
            "spot": float(instance.probability @ (instance.spot_price * self.spot.sum(axis=1))),
        }

    def supply(self) -> FloatArray:
        """What buyer a gets in scenario k, shape (K, A)."""
        return np.asarray(self.contract.sum(axis=0)[None, :] + self.backup.sum(axis=1) + self.spot)


def solved_plan(
    effort: FloatArray, contract: FloatArray, reserve: FloatArray, backup: FloatArray, spot: FloatArray
) -> SourcingPlan:
    """A plan of what a solver found, without its rounding dust.

    Args:
        effort, contract, reserve, backup, spot: as in :class:`SourcingPlan`.
    """
    most = max(float(units.max(initial=0.0)) for units in (contract, backup, spot))
    return SourcingPlan(np.rint(effort), *(without_dust(units, most) for units in (contract, reserve, backup, spot)))
