"""Benders decomposition of the sourcing model, in two partitions (Wang, Chen, Liu, sec. 5).

*paper*: the master holds the binaries Z and rho and one cost variable U; the subproblem is the linear program over all
continuous variables of all scenarios, which may be infeasible (feasibility cuts (30) from its dual rays).
*scenario*: the master holds the whole first stage (Z, Y, Q), rho and one cost U_k a scenario; the subproblems are one
small transport problem a scenario (multi-cut). They are infeasible only when the spot market is closed.

Both warm-start from the linear relaxation of the master: cuts are collected there first (McDaniel, Devine, 1977).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from esc_sim.design.sourcing.assess import plan_cost
from esc_sim.design.sourcing.cuts import Oracle, PaperOracle, Recourse, ScenarioOracle
from esc_sim.design.sourcing.demand import DesignDemand
from esc_sim.design.sourcing.instance import SourcingInstance
from esc_sim.design.sourcing.options import SourcingOptions
from esc_sim.design.sourcing.plan import SourcingPlan
from esc_sim.design.sourcing.recheck import broken_limits
from esc_sim.design.sourcing.solve import SourcingDesign, check_fit, checked_plan, no_plan_in_time, why_none
from esc_sim.lp import InfeasibleError, Problem, Progress, Solution
from esc_sim.lp.solution import Status, ended, relative_gap

FloatArray = NDArray[np.float64]

Partition = Literal["scenario", "paper"]


@dataclass(frozen=True)
class BendersReport:
    """What a decomposition did.

    Attributes:
        relaxed_iterations: iterations in the linear relaxation.
        integer_iterations: iterations with whole numbers.
        cuts: cuts added.
        master_time: seconds in the master program.
        subproblem_time: seconds in the subproblems.
    """

    relaxed_iterations: int
    integer_iterations: int
    cuts: int
    master_time: float
    subproblem_time: float


def design_by_benders(
    instance: SourcingInstance,
    demand: DesignDemand,
    options: SourcingOptions,
    *,
    partition: Partition = "scenario",
    gap: float = 1e-4,
    time_limit: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> tuple[SourcingDesign, BendersReport]:
    """Solve a sourcing design by Benders decomposition.

    Args:
        instance, demand, options: as in `design_sourcing`.
        partition: "scenario" or "paper".
        gap: relative gap at which to stop.
        time_limit: seconds for everything; the best plan and the bound so far are returned.
        progress: called after each iteration with integers.

    Raises:
        InfeasibleError: no plan keeps every limit (an InputError that names them).
        InputError: the paper partition with a CVaR.
        EscSimError: no plan found within the time limit.
    """
    check_fit(instance, demand)
    kind = ScenarioOracle if partition == "scenario" else PaperOracle
    oracle: Oracle = kind(instance, demand.worst, options)
    run = _Run(instance, options, oracle, gap, time_limit, progress)
    try:
        run.relax()
        plan = run.search()
    except InfeasibleError:  # the master knows few of the limits; the whole program names those that bind
        raise why_none(instance, demand, options, explain=True) from None
    cost = run.best
    if plan is None:
        raise no_plan_in_time(run.bound)
    status: Status = "time limit" if run.left() <= 0.0 and run.gap() > gap else "gap reached"
    spent = time.perf_counter() - run.begin
    solution = Solution(ended(status, run.gap(), gap), cost, run.bound, run.gap(), spent)
    return checked_plan(instance, demand, options, "benders", solution, plan), run.report()


class _Run:
    """The loop of Algorithm 3, first on the relaxed master, then with integers."""

    def __init__(
        self,
        instance: SourcingInstance,
        options: SourcingOptions,
        oracle: Oracle,
        gap: float,
        time_limit: float | None,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self.instance, self.options, self.oracle = instance, options, oracle
        self.wanted, self.progress = gap, progress
        self.begin = time.perf_counter()
        self.end = np.inf if time_limit is None else self.begin + time_limit
        self.best, self.bound = np.inf, -np.inf
        self.plan: SourcingPlan | None = None
        self.cuts = 0
        self.relaxed, self.problem = oracle.master.compile(relax=True), oracle.master.compile()
        self.iterations = [0, 0]
        self.seconds = [0.0, 0.0]

    def gap(self) -> float:
        """Relative gap so far."""
        return relative_gap(self.best, self.bound)

    def left(self) -> float:
        """Seconds left."""
        return float(self.end - time.perf_counter())

    def relax(self) -> None:
        """Collect cuts at the optimum of the master's linear relaxation until none is violated."""
        while self.left() > 0.0:
            point = self._solve(self.relaxed, 0.0)
            self.iterations[0] += 1
            if not point.found:
                return
            self.bound = max(self.bound, point.bound)
            cuts = self._evaluate(point).cuts
            if not self._add(Recourse(None, cuts)):  # parts of an effort are no plan
                return

    def search(self) -> SourcingPlan | None:
        """Cuts with integers until the gap is small enough; the best plan."""
        while self.left() > 0.0:
            point = self._solve(self.problem, self.wanted / 4.0)
            self.iterations[1] += 1
            self.bound = max(self.bound, point.bound)
            if not point.found:
                break
            answer = self._evaluate(point)
            more = self._add(answer)
            if more:
                self._settle(point)
            if self.progress is not None:
                spent = time.perf_counter() - self.begin
                self.progress(Progress(spent, self.best, self.bound, self.gap(), self.iterations[1]))
            if self.gap() <= self.wanted or not more:
                break
        return self.plan

    def _settle(self, point: Solution) -> None:
        """Cuts with the whole numbers of a point fixed, until none is violated: a plan with them, at its true cost.

        These programs are linear, and take a small part of the time of one with whole numbers.
        """
        whole = {name: block for name, block in self.oracle.master.variable_blocks.items() if block.integer}
        for name in whole:
            self.relaxed.set_bounds(name, lower=np.rint(point[name]), upper=np.rint(point[name]))
        try:
            while self.left() > 0.0:
                settled = self._solve(self.relaxed, 0.0)
                if not settled.found or not self._add(self._evaluate(settled)):
                    break
        except InfeasibleError:
            pass  # the cuts so far tell the master that there is no plan with these
        for name, block in whole.items():
            self.relaxed.set_bounds(name, lower=block.lower, upper=block.upper)

    def _add(self, answer: Recourse) -> bool:
        """Take what a subproblem found: a plan that may be the best so far, and cuts; whether there were cuts."""
        if answer.plan is not None and not broken_limits(self.instance, self.options, answer.plan):
            cost = plan_cost(self.instance, self.options, answer.plan)
            if cost < self.best:
                self.best, self.plan = cost, answer.plan
        for cut in answer.cuts:
            self.problem.add_cut(cut.terms, lower=cut.lower)
            self.relaxed.add_cut(cut.terms, lower=cut.lower)
        self.cuts += len(answer.cuts)
        return bool(answer.cuts)

    def report(self) -> BendersReport:
        """Counts and times."""
        return BendersReport(self.iterations[0], self.iterations[1], self.cuts, self.seconds[0], self.seconds[1])

    def _solve(self, problem: Problem, gap: float) -> Solution:
        start = time.perf_counter()
        limit = max(self.left(), 0.0) if np.isfinite(self.end) else None
        solution = problem.solve(gap=gap, time_limit=limit, explain=False)
        self.seconds[0] += time.perf_counter() - start
        return solution

    def _evaluate(self, point: Solution) -> Recourse:
        start = time.perf_counter()
        answer = self.oracle.evaluate(point.values)
        self.seconds[1] += time.perf_counter() - start
        return answer
