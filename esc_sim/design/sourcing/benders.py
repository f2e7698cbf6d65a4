"""Benders decomposition of the sourcing model, in two partitions (Wang, Chen, Liu, sec. 5).

*paper*: the master holds the binaries Z and rho and one cost variable U; the subproblem is the linear program over all
continuous variables of all scenarios, which may be infeasible (feasibility cuts (30) from its dual rays).
*scenario*: the master holds the whole first stage (Z, Y, Q), rho and one cost U_k a scenario; the subproblems are one
small transport problem a scenario (multi-cut). They are infeasible only when the spot market is closed.

Both warm-start from the linear relaxation of the master: cuts are collected there first (McDaniel, Devine, 1977).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from esc_sim.design.sourcing.assess import plan_cost
from esc_sim.design.sourcing.demand import DesignDemand
from esc_sim.design.sourcing.instance import SourcingInstance
from esc_sim.design.sourcing.model import GOODS, MONEY, add_second_stage, budget_slack, excess_variables, first_stage
from esc_sim.design.sourcing.options import SourcingOptions
from esc_sim.design.sourcing.plan import SourcingPlan, solved_plan
from esc_sim.design.sourcing.recheck import broken_limits
from esc_sim.design.sourcing.solve import SourcingDesign, check_fit, checked_plan, no_plan_in_time
from esc_sim.errors import EscSimError, InputError
from esc_sim.lp import BlockModel, InfeasibleError, Problem, Progress, Solution
from esc_sim.lp.solution import relative_gap

FloatArray = NDArray[np.float64]

Partition = Literal["scenario", "paper"]
CUT_TOLERANCE = 1e-7
"""A cut counts when it is violated by more than this share of the cost it bounds."""


@dataclass(frozen=True)
class Cut:
    """sum of terms >= lower, over blocks of the master."""

    terms: Mapping[str, FloatArray]
    lower: float


@dataclass(frozen=True)
class Recourse:
    """A subproblem's answer at a point of the master: a full plan if there is one, and the cuts that are violated."""

    plan: SourcingPlan | None
    cuts: list[Cut]


class Oracle(Protocol):
    """Master model and subproblems of one partition."""

    master: BlockModel

    def evaluate(self, point: Mapping[str, FloatArray]) -> Recourse:
        """Solve the subproblems at a point of the master."""
        ...


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
        InfeasibleError: no plan keeps every limit (`design_sourcing` explains why).
        InputError: the paper partition with a CVaR.
        EscSimError: no plan found within the time limit.
    """
    check_fit(instance, demand)
    kind = _ScenarioOracle if partition == "scenario" else _PaperOracle
    oracle: Oracle = kind(instance, demand.worst, options)
    run = _Run(instance, options, oracle, gap, time_limit, progress)
    run.relax()
    plan = run.search()
    cost = run.best
    if plan is None:
        raise no_plan_in_time(run.bound)
    solution = Solution(
        "gap reached" if run.gap() <= gap else "time limit", cost, run.bound, run.gap(), time.perf_counter() - run.begin
    )
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


def _violated(left: float, right: float) -> bool:
    """Whether left >= right fails by more than the tolerance."""
    return right - left > CUT_TOLERANCE * max(abs(right), 1.0)


def _by_scenario(instance: SourcingInstance, demand: FloatArray) -> FloatArray:
    """Demand of shape (K, A)."""
    return np.broadcast_to(demand, (len(instance.scenarios), len(instance.buyers)))


class _ScenarioOracle:
    """Master: Z, Y, Q, rho, U_k. Subproblems: the recourse of each scenario."""

    def __init__(self, instance: SourcingInstance, demand: FloatArray, options: SourcingOptions) -> None:
        worst = _by_scenario(instance, demand)
        self.instance, self.worst = instance, worst
        self.master = first_stage(instance, options)
        expected = options.objective == "expected"
        weight = instance.probability if expected else np.zeros_like(instance.probability)
        cost = self.master.variables("U", "scenario", cost=weight, unit=MONEY)
        if options.limits_excess:
            assert options.budget is not None
            exceeds = excess_variables(self.master, instance, demand, options, ordered=True)
            rows = self.master.rows("budget", "scenario", upper=options.budget, unit=MONEY)
            rows.add(cost).add(exceeds, -budget_slack(instance, worst, options))
        if not expected or options.cvar_limit is not None:
            self._tail(cost.name, options)
        shape = (len(instance.scenarios), len(instance.backups), len(instance.buyers))
        prices = np.broadcast_to(instance.backup_price, shape)
        top = np.inf if options.spot else 0.0
        self.problems = [_recourse(instance, prices[k], float(instance.spot_price[k]), top) for k in range(shape[0])]

    def _tail(self, name: str, options: SourcingOptions) -> None:
        """CVaR of the U_k in the objective or in a limit."""
        share = self.instance.probability / (1.0 - options.confidence)
        weight = 1.0 if options.objective == "cvar" else 0.0
        t = self.master.variables("t", cost=weight, unit=MONEY)  # costs are not negative, so t >= 0 is no loss
        u = self.master.variables("u", "scenario", cost=weight * share, unit=MONEY)
        rows = self.master.rows("tail", "scenario", upper=0.0, unit=MONEY)
        rows.add(self.master.variable_blocks[name]).add(t, -1.0).add(u, -1.0)
        if options.cvar_limit is not None:
            self.master.rows("cvar", upper=options.cvar_limit, unit=MONEY).add(t).add(u, share)

    def evaluate(self, point: Mapping[str, FloatArray]) -> Recourse:
        """Optimality cuts U_k >= sum pi (D_k - Y) + sum mu Q from the duals, feasibility cuts from rays."""
        contract, reserve = point["contract"], point["reserve"]
        ordered, count = contract.sum(axis=0), len(self.problems)
        backup = np.zeros((count, *self.instance.backup_price.shape[-2:]))
        spot = np.zeros((count, ordered.size))
        cuts: list[Cut] = []
        complete = True
        for k, problem in enumerate(self.problems):
            need = self.worst[k] - ordered
            problem.set_row_bounds("demand", lower=need)
            problem.set_row_bounds("reserve", upper=reserve)
            try:
                answer = problem.solve(explain=False)
            except InfeasibleError:
                complete = False
                cuts.append(self._ray_cut(problem, k, need, reserve))
                continue
            backup[k], spot[k] = answer["V"], answer["G"]
            if _violated(float(point["U"][k]), answer.objective):
                cuts.append(self._cut(k, answer.duals["demand"], answer.duals["reserve"], cost=1.0))
        plan = solved_plan(point["effort"], contract, reserve, backup, spot) if complete else None
        return Recourse(plan, cuts)

    def _cut(self, k: int, demand: FloatArray, reserve: FloatArray, cost: float) -> Cut:
        at_k = np.zeros(len(self.problems))
        at_k[k] = cost
        contract = np.broadcast_to(demand, self.instance.primary_price.shape)
        return Cut({"U": at_k, "contract": contract, "reserve": -reserve}, float(demand @ self.worst[k]))

    def _ray_cut(self, problem: Problem, k: int, need: FloatArray, reserve: FloatArray) -> Cut:
        ray = problem.dual_ray()
        if ray is None:
            raise EscSimError("sourcing design: the solver gave no ray for a feasibility cut")
        sign = np.sign(ray["demand"] @ need + ray["reserve"] @ reserve)
        return self._cut(k, sign * ray["demand"], sign * ray["reserve"], cost=0.0)


def _recourse(instance: SourcingInstance, price: FloatArray, spot_price: float, top: float) -> Problem:
    """The second stage of one scenario; its sides are set at every evaluation."""
    model = BlockModel("recourse", objective_unit=MONEY)
    model.index("backup", instance.backups)
    model.index("buyer", instance.buyers)
    v = model.variables("V", "backup buyer", cost=price, unit=GOODS)
    g = model.variables("G", "buyer", cost=spot_price, upper=top, unit=GOODS)
    model.rows("demand", "buyer", lower=0.0, unit=GOODS).add(v).add(g)
    model.rows("reserve", "backup", upper=0.0, unit=GOODS).add(v)
    problem = model.compile()
    problem.without_presolve()
    return problem


class _PaperOracle:
    """Master: Z, rho, one U (29). Subproblem: all continuous variables of all scenarios at once (28)."""

    def __init__(self, instance: SourcingInstance, demand: FloatArray, options: SourcingOptions) -> None:
        if options.objective != "expected" or options.cvar_limit is not None:
            raise InputError("the paper's partition has no CVaR; take the partition by scenario")
        self.instance = instance
        worst = _by_scenario(instance, demand)
        self.capacity = instance.sure_capacity()
        continuous = first_stage(instance, options)
        self.master = self._master(instance, demand, options)
        self.slack = budget_slack(instance, worst, options) if options.limits_excess else np.zeros(worst.shape[0])
        self.budget = options.budget if options.limits_excess else None
        self.problem = self._subproblem(continuous, worst, options)

    def _master(self, instance: SourcingInstance, demand: FloatArray, options: SourcingOptions) -> BlockModel:
        master = BlockModel("sourcing design", objective_unit=MONEY)
        for name, labels in (
            ("primary", instance.primaries),
            ("level", instance.levels),
            ("scenario", instance.scenarios),
        ):
            master.index(name, labels)
        allowed = [1.0 if options.levels is None or x in options.levels else 0.0 for x in instance.levels]
        cost = instance.fixed_cost[:, None] + instance.effort_cost
        z = master.variables("effort", "primary level", upper=allowed, integer=True, cost=cost)
        master.variables("U", cost=1.0, unit=MONEY)
        lower = 1.0 if options.sole_sourcing else -np.inf
        master.rows("one level", "primary", upper=1.0).add(z)
        master.rows("primaries", lower=lower, upper=1.0 if options.sole_sourcing else np.inf).add(z)
        if options.limits_excess:
            excess_variables(master, instance, demand, options, ordered=True)
        return master

    def _subproblem(self, model: BlockModel, worst: FloatArray, options: SourcingOptions) -> Problem:
        add_second_stage(model, self.instance, worst, options)
        if self.budget is not None:
            rows = model.rows("budget", "scenario", upper=self.budget, unit=MONEY)
            axes = "backup buyer" if self.instance.backup_price.ndim == 2 else "scenario backup buyer"
            rows.add(model.variable_blocks["V"], self.instance.backup_price, axes)
            rows.add(model.variable_blocks["G"], self.instance.spot_price, "scenario")
        model.variable_blocks["effort"].cost[...] = 0.0
        problem = model.compile(relax=True)
        problem.without_presolve()
        return problem

    def evaluate(self, point: Mapping[str, FloatArray]) -> Recourse:
        """The cut (31) from the reduced costs of the fixed Z and the duals of the budget rows, or (30) from a ray."""
        z = np.clip(point["effort"], 0.0, 1.0)
        self.problem.set_bounds("effort", lower=z, upper=z)
        rho = point.get("rho", np.zeros(self.slack.size))
        side = self.slack * rho
        if self.budget is not None:
            self.problem.set_row_bounds("budget", upper=self.budget + side)
        try:
            answer = self.problem.solve(explain=False)
        except InfeasibleError:
            return Recourse(None, [self._ray_cut(z, rho)])
        plan = solved_plan(z, answer["contract"], answer["reserve"], answer["V"], answer["G"])
        if not _violated(float(point["U"]), answer.objective):
            return Recourse(plan, [])
        slope = answer.reduced_costs["effort"]
        terms = {"U": np.ones(()), "effort": -slope}
        lower = answer.objective - float((slope * z).sum())
        if self.budget is not None:
            price = answer.duals["budget"] * self.slack
            terms["rho"] = -price
            lower -= float(price @ rho)
        return Recourse(plan, [Cut(terms, lower)])

    def _ray_cut(self, z: FloatArray, rho: FloatArray) -> Cut:
        """sum of ray times sides must not stay positive; the sides depend on Z (capacity) and rho (budget)."""
        ray = self.problem.dual_ray()
        if ray is None:
            raise EscSimError("sourcing design: the solver gave no ray for a feasibility cut")
        demand = self.problem.model.row_blocks["demand"].lower
        gain = ray["capacity"][:, None] * self.capacity
        fixed = float((ray["demand"] * demand).sum())
        at_point = fixed + float((gain * z).sum())
        terms: dict[str, FloatArray] = {"effort": gain}
        if self.budget is not None:
            price = ray["budget"] * self.slack
            fixed += float(ray["budget"].sum()) * self.budget
            at_point += float(ray["budget"].sum()) * self.budget + float(price @ rho)
            terms["rho"] = price
        sign = np.sign(at_point)
        return Cut({name: -sign * t for name, t in terms.items()}, float(sign * fixed))
