"""What a learner is rewarded by in a period: a column of a run, a measure, or a function of the columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import EscSimError, InputError, raised
from esc_sim.measures.measure import ByReplication
from esc_sim.measures.registry import SEARCHED
from esc_sim.results.columns import NODE_COLUMNS, PERIOD_COLUMNS
from esc_sim.results.run import PeriodTable
from esc_sim.scenario.fields import suggestion

Floats = NDArray[np.float64]
Reward = str | Callable[[Mapping[str, Floats]], Any]
"""A name, or a function of the period's columns by name, float64[R] each, that gives float64[R]."""

_GOOD: Final = ("profit", "retail_income", "internal_income", "served", "filled", "met", "ready")
_BAD: Final = (
    "cost", "procurement", "storage", "penalty", "shortage_cost", "fixed_cost", "disposal_cost", "recipe_cost",
    "lost_demand", "backlog", "overdue", "lost", "expired", "disposed", "emissions", "energy", "contracted_from_closed",
)  # fmt: skip
_SIGNS: Final = dict.fromkeys(_GOOD, 1.0) | dict.fromkeys(_BAD, -1.0)
"""Whether more of a column is better, 1, or worse, -1; of others, such as stock, neither can be said."""
_NODE_SIGNS: Final = {
    "profit": 1.0,
    "income": 1.0,
    **dict.fromkeys(("cost", "procurement", "storage", "penalty"), -1.0),
}


def reward_of(reward: Reward) -> Callable[[Floats], Floats]:
    """What makes rewards, float64[R], of the totals of a period, float64[R, len(PERIOD_COLUMNS)].

    Raises:
        InputError: nothing of this name can be a reward.
    """
    if callable(reward):
        return _Function(reward)
    if reward in _SIGNS:
        return _Column(PERIOD_COLUMNS.index(reward), _SIGNS[reward])
    measure = SEARCHED.get(reward)
    if isinstance(measure, ByReplication) and not measure.of_twin and measure.better is not None:
        return _Measured(reward)
    usable = [name for name, found in SEARCHED.items() if isinstance(found, ByReplication) and found.better is not None]
    raise InputError(
        f"reward: {reward!r} cannot be one{suggestion(str(reward), [*_SIGNS, *usable])}; take a function, a column "
        f"({', '.join(_SIGNS)}) or a measure ({', '.join(usable)})"
    )


def node_reward_of(reward: str) -> Callable[[Floats], Floats]:
    """What makes rewards, float64[N], of what nodes did in a period, float64[N, len(NODE_COLUMNS)].

    Raises:
        InputError: no column of nodes of this name can be a reward.
    """
    if reward not in _NODE_SIGNS:
        raise InputError(
            f"reward: {reward!r} cannot be a member's own{suggestion(str(reward), _NODE_SIGNS)}; take one of "
            f"{', '.join(_NODE_SIGNS)}, or shared=True for a reward of the whole network"
        )
    return _Column(NODE_COLUMNS.index(reward), _NODE_SIGNS[reward])


@dataclass(frozen=True)
class _Column:
    """A column, with its sign."""

    column: int
    sign: float

    def __call__(self, rows: Floats) -> Floats:
        found: Floats = self.sign * rows[:, self.column]
        return found


@dataclass(frozen=True)
class _Measured:
    """A measure by its name, which a pickle can hold; with a minus sign where less is better."""

    name: str

    def __call__(self, totals: Floats) -> Floats:
        measure = SEARCHED[self.name]
        assert isinstance(measure, ByReplication)
        values = measure.by_replication(PeriodTable(totals[:, None]))
        # nan: a share of nothing, such as the fill rate without demand
        return np.nan_to_num(values if measure.better == "larger" else -values, nan=0.0)


class _Period(dict[str, Floats]):
    """The columns of a period, which tells what it has where it is asked for something else."""

    def __missing__(self, name: str) -> Floats:
        raise KeyError(f"no column of a period is called '{name}'{suggestion(name, PERIOD_COLUMNS)}")


@dataclass(frozen=True)
class _Function:
    """A user's function of the columns of a period."""

    function: Callable[[Mapping[str, Floats]], Any]

    def __call__(self, totals: Floats) -> Floats:
        period = _Period(zip(PERIOD_COLUMNS, totals.T.copy(), strict=True))
        try:
            found = np.asarray(self.function(period))
        except EscSimError:
            raise
        except Exception as error:
            raise raised("reward", self.function, error) from error
        count = len(totals)
        if found.shape not in ((), (count,)) or found.dtype.kind not in "biuf" or not np.isfinite(found).all():
            name = getattr(self.function, "__name__", type(self.function).__name__)
            raise InputError(
                f"reward: {name} returned {found.tolist()!r}; {count} finite number(s) are wanted, one for each "
                "replication, made of the columns, as in lambda period: period['profit'] - period['backlog']"
            )
        return np.full(count, found, np.float64) if found.ndim == 0 else found.astype(np.float64)
