"""The simulation as a pymoo problem: a whole population is judged at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pymoo.core.problem import Problem

from esc_sim.measures.measure import ByReplication
from esc_sim.optimize.judge import Draws, Judging
from esc_sim.optimize.measures import is_maximized
from esc_sim.optimize.space import DecisionSpace
from esc_sim.scenario.own import searched_by

if TYPE_CHECKING:
    from esc_sim.scenario.optimization import Optimization
    from esc_sim.scenario.schema import Scenario

Floats = NDArray[np.float64]
DrawsOf = Callable[[int, int], Sequence[Draws]]
"""Draws of the designs of a generation: (number of the generation, number of designs)."""


class PlanningProblem(Problem):
    """Minimize the objectives (those to be maximized with their sign changed) within bounds and constraints.

    Source of the formulation: Chen, Wang, Zio, eqs 14 to 17. One constraint more than the scenario gives says that a
    design can be measured at all: one that gives no number for some measure costs and breaks infinitely much.

    Attributes:
        unmeasured: int64[measures], judgements so far that gave no number.
        spent: replications so far.
        judge: judges designs.
        measured: number of measures.
        limits: column of the measure, sign and bound of each limit; of sign -1 the bound is the least value.
        is_of_each: whether each of them is the mean of its values in single replications.
    """

    def __init__(self, scenario: Scenario, space: DecisionSpace, judge: Judging, draws: DrawsOf) -> None:
        assert scenario.optimize is not None
        self.section = section = scenario.optimize
        self.objectives = tuple(section.objectives)
        self.signs = np.array([-1.0 if is_maximized(name, scenario) else 1.0 for name in self.objectives])
        names = measured_names(section)
        self.measured = len(names)
        self.is_of_each = all(isinstance(searched_by(name, scenario), ByReplication) for name in names)
        self.unmeasured = np.zeros(len(names), np.int64)
        self.limits = [
            (names.index(limit.name), sign, bound)
            for limit in section.constraints
            for sign, bound in zip((-1.0, 1.0), limit.bounds, strict=True)
            if bound is not None
        ]
        self.limited = tuple(measured_names(section)[column] for column, _, _ in self.limits)
        """Measures that constraints limit, one for each limit."""
        self.judge, self._draws, self.spent = judge, draws, 0
        self.space, self.snapped = space, space.snapped
        """Rounds what takes whole numbers only, see :meth:`DecisionSpace.snapped`."""
        super().__init__(
            n_var=len(space),
            n_obj=len(self.objectives),
            n_ieq_constr=len(self.limits) + 1,
            xl=space.lower,
            xu=space.upper,
            requires_kwargs=True,  # else pymoo drops the generation's number
        )

    @property
    def limit_columns(self) -> list[tuple[int, float]]:
        """Column of the measure, and bound, of each limit."""
        return [(column, bound) for column, _, bound in self.limits]

    def costs(self, measured: Floats) -> Floats:
        """Objectives as costs, float64[n, M], of measures float64[n, objectives and constraint measures]."""
        costs: Floats = measured[:, : len(self.objectives)] * self.signs
        return np.where(_known(measured)[:, None], costs, np.inf)

    def violations(self, measured: Floats) -> Floats:
        """How far each limit is broken, float64[n, C]: at most 0 where it is kept; in shares of the limit.

        The last column is of the constraint that all can be measured.
        """
        limits = [sign * (measured[:, column] - bound) / (abs(bound) or 1.0) for column, sign, bound in self.limits]
        known = _known(measured)
        return np.stack([*(np.where(known, broken, 0.0) for broken in limits), np.where(known, 0.0, np.inf)], axis=1)

    def _evaluate(self, x: Floats, out: dict[str, Any], *args: Any, generation: int = 1, **kwargs: Any) -> None:
        draws = self._draws(generation, len(x))
        self.spent += sum(one.count for one in draws)
        measured = self.judge(x, draws)
        self.unmeasured += np.isnan(measured).sum(axis=0)
        out["F"] = self.costs(measured)
        out["G"] = self.violations(measured)


def _known(measured: Floats) -> NDArray[np.bool_]:
    """bool[n], which designs gave a number for every measure."""
    return np.asarray(~np.isnan(measured).any(axis=1), np.bool_)


def measured_names(section: Optimization) -> list[str]:
    """Names of all that is measured: the objectives, then what only constraints need."""
    return list(dict.fromkeys([*section.objectives, *(limit.name for limit in section.constraints)]))
