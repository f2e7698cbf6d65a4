"""What a sourcing design minimises and which limits it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from esc_sim.errors import InputError

Objective = Literal["expected", "cvar"]


@dataclass(frozen=True)
class SourcingOptions:
    """Variant of the sourcing model.

    Attributes:
        objective: "expected" adds the expected second-stage cost to the first-stage cost, "cvar" its CVaR.
        budget: C0, second-stage budget of a scenario; None: no EPF constraint.
        epsilon: limit of the excess probability P(Cost_k > C0); 1: no limit.
        cvar_limit: upper limit of the second-stage cost's CVaR; None: no limit.
        confidence: eta of the CVaR, in (0, 1).
        sole_sourcing: exactly one primary supplier and no backup.
        backup, spot: whether these sources are open.
        levels: effort levels that may be chosen, by label; None: all.
    """

    objective: Objective = "expected"
    budget: float | None = None
    epsilon: float = 1.0
    cvar_limit: float | None = None
    confidence: float = 0.95
    sole_sourcing: bool = False
    backup: bool = True
    spot: bool = True
    levels: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Check ranges.

        Raises:
            InputError: a value out of range.
        """
        problems = []
        if self.objective not in ("expected", "cvar"):
            problems.append(f"objective is '{self.objective}'; it must be 'expected' or 'cvar'")
        if not 0.0 <= self.epsilon <= 1.0:
            problems.append(f"epsilon is {self.epsilon:g}; a probability between 0 and 1 is needed")
        if not 0.0 < self.confidence < 1.0:
            problems.append(f"confidence is {self.confidence:g}; it must lie strictly between 0 and 1")
        for name in ("budget", "cvar_limit"):
            value = getattr(self, name)
            if value is not None and not (np.isfinite(value) and value >= 0.0):
                problems.append(f"{name} is {value:g}; a cost of at least 0 is needed")
        if self.epsilon < 1.0 and self.budget is None:
            problems.append("epsilon below 1 limits the probability of exceeding a budget: give the budget too")
        if problems:
            raise InputError(problems)

    @property
    def limits_excess(self) -> bool:
        """Whether the EPF constraint is present."""
        return self.budget is not None and self.epsilon < 1.0

    @property
    def has_backup(self) -> bool:
        """Whether backup suppliers may be used."""
        return self.backup and not self.sole_sourcing
