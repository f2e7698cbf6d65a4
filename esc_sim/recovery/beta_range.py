"""What becomes of a recovery set where beta, or the seed of the cascade, is another than the one searched at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.cascade.cascade import Cascade
from esc_sim.cascade.kernels import RN, STRICT
from esc_sim.recovery.search import RecoveryResult

STEP: Final = 0.02
STEPS: Final = 10
"""Steps of beta to either side of the chosen one."""
SEEDS: Final = 10
FALL: Final = 0.25
"""Share of all nodes by which RN differs where it falls off a cliff."""

BETA_FROM: Final = {
    "default": "the default, which was fitted to the one network of a paper",
    "scenario": "the scenario's",
    "override": "set for this search (--set cascade.beta)",
}
"""Where beta comes from, in words."""


@dataclass(frozen=True)
class BetaRange:
    """RN over values of beta (B of them) and seeds of the cascade (Q), without recovery and with one set restored.

    Attributes:
        beta: the chosen value, which is one of `betas`.
        betas: (B,) ascending.
        without, restored: (B, Q) nodes of the largest functional part (by strict RN where the search maximises it).
        seeds: the Q seeds.
        nodes: of the network.
        strict: whether strict RN was counted.
        nothing: no node was chosen, so both are the same.
    """

    beta: float
    betas: NDArray[np.float64]
    without: NDArray[np.int64]
    restored: NDArray[np.int64]
    seeds: tuple[int, ...]
    nodes: int
    strict: bool
    nothing: bool

    @property
    def place(self) -> int:
        """Where the chosen beta stands in `betas`."""
        return int(np.argmin(np.abs(self.betas - self.beta)))

    @property
    def measure(self) -> str:
        """What was counted, in words."""
        return "strict RN" if self.strict else "RN"

    def rows(self) -> list[dict[str, Any]]:
        """One row a beta: mean, least and largest over the seeds."""
        return [
            {
                "beta": float(beta),
                "chosen": k == self.place,
                **{
                    f"rn_{name}{end}": of(values[k]).item()
                    for name, values in (("without_recovery", self.without), ("restored", self.restored))
                    for end, of in (("", np.mean), ("_min", np.min), ("_max", np.max))
                },
            }
            for k, beta in enumerate(self.betas)
        ]

    def warning(self) -> str:
        """A sentence where RN differs by FALL at a beta of the range, the nearest one; empty where there is none."""
        near = np.argsort(np.abs(self.betas - self.beta), kind="stable")
        both = ((self.restored, "with the chosen nodes restored"), (self.without, "without recovery"))
        for values, words in both[self.nothing :]:
            mean = values.mean(axis=1)
            for k in near:
                if abs(mean[k] - mean[self.place]) >= FALL * self.nodes:
                    return (
                        f"{self.measure} hangs on beta: {words} it is {mean[self.place]:.0f} at beta {self.beta:g} and "
                        f"{mean[k]:.0f} at beta {self.betas[k]:g} (of {self.nodes:,} nodes, means over cascade seeds "
                        f"{self.seeds[0]} to {self.seeds[-1]}); {self.kept()}, so find out which beta holds for these "
                        "nodes, and search there (--set cascade.beta=VALUE)"
                    )
        return ""

    def kept(self) -> str:
        """Words that say what was restored at the other betas."""
        if self.nothing:
            return f"to restore nothing was chosen at beta {self.beta:g}, and no set was searched at the others"
        return f"the set was chosen at beta {self.beta:g} and not searched anew at the others"


def beta_range(cascade: Cascade, result: RecoveryResult) -> BetaRange:
    """Play a set again at betas around the cascade's, on seeds from the first one of the search on.

    The set stays what it is: at another beta a search may find a better one.

    Args:
        cascade: network, loads and settings.
        result: the set, and what was removed.
    """
    settings = cascade.settings
    betas = np.round(settings.beta + STEP * np.arange(-STEPS, STEPS + 1), 12)
    betas = betas[(betas >= 0) & (betas <= 1)]
    seeds = tuple(result.cascade_seeds[0] + k for k in range(SEEDS))
    sets = np.stack([np.zeros(len(result.removed), dtype=bool), np.isin(result.removed, result.restored)])
    nothing = not len(result.restored)
    found = np.empty((len(betas), 2, SEEDS), dtype=np.int64)
    for k, beta in enumerate(betas.tolist()):
        measures = cascade.at_beta(beta).evaluate(result.removed, sets, seeds, strict=settings.strict)
        found[k] = measures[:, :, STRICT if settings.strict else RN]
    return BetaRange(settings.beta, betas, found[:, 0], found[:, 1], seeds, cascade.network.n, settings.strict, nothing)
