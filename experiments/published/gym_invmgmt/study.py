"""Policies of ours on the benchmark's ten paths, beside its rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.published.gym_invmgmt import levels, oracle, rolling
from experiments.published.gym_invmgmt.accounts import run
from experiments.published.gym_invmgmt.cases import SEEDS, Case, FloatArray, by_seed
from experiments.published.gym_invmgmt.members import stock_keepers

PATHS = range(len(SEEDS))
T_95 = 2.262
"""Student's t at 97.5 % and nine degrees of freedom."""
SAME = 1e-5
"""Relative difference of mean profits up to which they are the same: the table has six digits."""
THEIRS = {"MSSP_I": "informed stochastic program", "PPO_Transformer": "PPO-Transformer", "sS_I": "informed (s, S)",
          "sS": "(s, S)"}  # fmt: skip
OURS = {"levels": "searched levels", "rolling": "rolling plans"}
TARGETS = {"levels": 25.0, "rolling": 10.0}
"""Mean gaps that are asked for, percent."""


@dataclass(frozen=True)
class Effort:
    """How much is spent: replications of a search and on each design, the same with goodwill, paths of a plan."""

    budget: int
    replications: int
    goodwill_budget: int
    goodwill_replications: int
    paths: int


SHORT = Effort(16_000, 16, 1_600, 4, 5)
WHOLE = Effort(80_000, 32, 4_800, 8, 20)


@dataclass(frozen=True)
class Compared:
    """Profits on the ten paths, beside those of the oracle on the same.

    Attributes:
        profits, oracle: [10].
    """

    profits: FloatArray
    oracle: FloatArray

    @property
    def gap(self) -> float:
        """Gap of the mean profit to the oracle's, percent."""
        return 100.0 * (1.0 - float(self.profits.mean() / self.oracle.mean()))

    @property
    def errors(self) -> FloatArray:
        """What each path adds to the error of the gap, percent: of the ratio of two means."""
        ratio = self.profits.mean() / self.oracle.mean()
        return np.asarray(100.0 * (self.profits - ratio * self.oracle) / self.oracle.mean())

    @property
    def margin(self) -> float:
        """Half width of the gap's 95 % interval, percent."""
        return half_width(self.errors)

    @property
    def worst(self) -> float:
        """CVaR of the worst 5 % of ten paths, as the table has it: the worst one."""
        return float(self.profits.min())


def half_width(errors: FloatArray) -> float:
    """Half width of the 95 % interval of a mean, from what each path adds to its error."""
    return T_95 * float(errors.std(ddof=1)) / math.sqrt(len(errors))


@dataclass(frozen=True)
class Found:
    """What a case gives: the oracle's profits here, and policies of ours by name."""

    case: Case
    oracle: FloatArray
    ours: Mapping[str, Compared]

    @property
    def oracle_verdict(self) -> str:
        """Whether the oracle's mean profit is the published one."""
        theirs = float(self.case.row["Oracle_Profit"])
        return "matches" if abs(self.oracle.mean() - theirs) <= SAME * theirs else "differs"

    def theirs(self, who: str) -> float:
        """Published gap of a policy, percent."""
        return float(self.case.row[f"{who}_OptGap_Pct"])

    def ahead_of(self, name: str) -> list[str]:
        """Published policies whose gap lies above the whole interval of ours."""
        ours = self.ours[name]
        return [words for who, words in THEIRS.items() if self.theirs(who) > ours.gap + ours.margin]


def measured(case: Case, effort: Effort, folder: Path, seed: int) -> Found:
    """Oracle, searched levels and rolling plans of a case.

    Args:
        case: of the benchmark.
        effort: how much is spent.
        folder: for the scenario that is searched.
        seed: of the search.
    """
    theirs = np.array([by_seed()[case.name, benchmark]["Oracle"] for benchmark in SEEDS])
    known = np.array([oracle.oracle(case, path)[1].profit for path in PATHS])
    budget, replications = (
        (effort.goodwill_budget, effort.goodwill_replications)
        if case.goodwill
        else (effort.budget, effort.replications)
    )
    best = levels.found(case, folder, budget=budget, replications=replications, seed=seed)
    kept = [run(case, best, path, members=stock_keepers(case)).profit for path in PATHS]
    plans = [rolling.rolled(case, path, effort.paths).profit for path in PATHS]
    return Found(case, known, {name: Compared(np.array(profits), theirs)
                               for name, profits in (("levels", kept), ("rolling", plans))})  # fmt: skip


def mean_gap(found: Sequence[Found], name: str) -> tuple[float, float]:
    """Mean gap over cases, percent, and half the width of its 95 % interval; all cases have the same ten paths."""
    gaps = [one.ours[name].gap for one in found]
    return float(np.mean(gaps)), half_width(np.mean([one.ours[name].errors for one in found], axis=0))
