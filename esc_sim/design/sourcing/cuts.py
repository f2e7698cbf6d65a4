"""Subproblems of the sourcing model in two partitions: their cost at a point of the master, and cuts that say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from esc_sim.design.sourcing.instance import SourcingInstance
from esc_sim.design.sourcing.model import (
    add_cover,
    add_second_stage,
    budget_slack,
    collapses,
    excess_variables,
    first_stage,
    money_unit,
)
from esc_sim.design.sourcing.options import SourcingOptions
from esc_sim.design.sourcing.plan import SourcingPlan, solved_plan
from esc_sim.errors import EscSimError, InputError
from esc_sim.lp import BlockModel, InfeasibleError, Problem

FloatArray = NDArray[np.float64]

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


def _violated(left: float, right: float, money: float) -> bool:
    """Whether left >= right fails by more than the tolerance, or what the solver sees of its unit of money."""
    return right - left > CUT_TOLERANCE * max(abs(right), 1e-6 * money)


def _by_scenario(instance: SourcingInstance, demand: FloatArray) -> FloatArray:
    """Demand of shape (K, A)."""
    return np.broadcast_to(demand, (len(instance.scenarios), len(instance.buyers)))


class ScenarioOracle:
    """Master: Z, Y, Q, rho, U_k, and one recourse that bounds the U_k. Subproblems: the recourse of each scenario."""

    def __init__(self, instance: SourcingInstance, demand: FloatArray, options: SourcingOptions) -> None:
        worst = _by_scenario(instance, demand)
        self.instance, self.worst = instance, worst
        self.master = first_stage(instance, demand, options)
        expected = options.objective == "expected"
        weight = instance.probability if expected else np.zeros_like(instance.probability)
        cost = self.master.variables("U", "scenario", cost=weight, unit=self.master.objective_unit)
        if options.limits_excess:
            assert options.budget is not None
            exceeds = excess_variables(self.master, instance, demand, options, ordered=True)
            rows = self.master.rows("budget", "scenario", upper=options.budget, unit=self.master.objective_unit)
            rows.add(cost).add(exceeds, -budget_slack(instance, worst, options))
        if not expected or options.cvar_limit is not None:
            self._tail(cost.name, options)
        self._shared(cost.name, demand, options)
        shape = (len(instance.scenarios), len(instance.backups), len(instance.buyers))
        prices = np.broadcast_to(instance.backup_price, shape)
        top = np.inf if options.spot else 0.0
        spot = instance.spot_price.tolist()
        self.problems = [_recourse(self.master, instance, prices[k], spot[k], top) for k in range(shape[0])]

    def _shared(self, name: str, demand: FloatArray, options: SourcingOptions) -> None:
        """One recourse in the master (partial decomposition, Crainic and others, 2021): lower bounds of the U_k.

        Where the scenarios collapse it is the recourse of all of them, and the bounds are exact: no cut is needed. Else
        it covers the least demand at the least prices, which no scenario's recourse undercuts.
        """
        i = self.instance
        collapsed = collapses(i, demand)
        price = i.backup_price if i.backup_price.ndim == 2 else i.backup_price.min(axis=0)
        spot = i.spot_price if collapsed else np.full_like(i.spot_price, i.spot_price.min())
        goods, top = self.master.variable_blocks["contract"].unit, np.inf if options.spot else 0.0
        backup = self.master.variables("V", "backup buyer", unit=goods)
        rest = self.master.variables("G", "buyer", upper=top, unit=goods)
        add_cover(self.master, "buyer", self.worst.min(axis=0), backup, rest, "backup")
        rows = self.master.rows("shared", "scenario", upper=0.0, unit=self.master.objective_unit)
        rows.add(backup, price).add(rest, spot, "scenario")
        rows.add(self.master.variable_blocks[name], -1.0)

    def _tail(self, name: str, options: SourcingOptions) -> None:
        """CVaR of the U_k in the objective or in a limit."""
        share = self.instance.probability / (1.0 - options.confidence)
        weight = 1.0 if options.objective == "cvar" else 0.0
        money = self.master.objective_unit
        t = self.master.variables("t", cost=weight, unit=money)  # costs are not negative, so t >= 0 is no loss
        u = self.master.variables("u", "scenario", cost=weight * share, unit=money)
        rows = self.master.rows("tail", "scenario", upper=0.0, unit=money)
        rows.add(self.master.variable_blocks[name]).add(t, -1.0).add(u, -1.0)
        if options.cvar_limit is not None:
            self.master.rows("cvar", upper=options.cvar_limit, unit=money).add(t).add(u, share)

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
            if _violated(float(point["U"][k]), answer.objective, self.master.objective_unit):
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


def _recourse(
    master: BlockModel, instance: SourcingInstance, price: FloatArray, spot_price: float, top: float
) -> Problem:
    """The second stage of one scenario; its sides are set at every evaluation."""
    model = BlockModel("recourse", objective_unit=master.objective_unit)
    goods = master.variable_blocks["contract"].unit
    model.index("backup", instance.backups)
    model.index("buyer", instance.buyers)
    v = model.variables("V", "backup buyer", cost=price, unit=goods)
    g = model.variables("G", "buyer", cost=spot_price, upper=top, unit=goods)
    model.rows("demand", "buyer", lower=0.0, unit=goods).add(v).add(g)
    model.rows("reserve", "backup", upper=0.0, unit=goods).add(v)
    problem = model.compile()
    problem.without_presolve()
    return problem


class PaperOracle:
    """Master: Z, rho, one U (29). Subproblem: all continuous variables of all scenarios at once (28)."""

    def __init__(self, instance: SourcingInstance, demand: FloatArray, options: SourcingOptions) -> None:
        if options.objective != "expected" or options.cvar_limit is not None:
            raise InputError("the paper's partition has no CVaR; take the partition by scenario")
        self.instance = instance
        worst = _by_scenario(instance, demand)
        self.capacity = instance.sure_capacity()
        continuous = first_stage(instance, demand, options)
        self.master = self._master(instance, demand, options)
        self.slack = budget_slack(instance, worst, options) if options.limits_excess else np.zeros(worst.shape[0])
        self.budget = options.budget if options.limits_excess else None
        self.problem = self._subproblem(continuous, worst, options)

    def _master(self, instance: SourcingInstance, demand: FloatArray, options: SourcingOptions) -> BlockModel:
        master = BlockModel("sourcing design", objective_unit=money_unit(instance, demand))
        for name, labels in (
            ("primary", instance.primaries),
            ("level", instance.levels),
            ("scenario", instance.scenarios),
        ):
            master.index(name, labels)
        allowed = [1.0 if options.levels is None or x in options.levels else 0.0 for x in instance.levels]
        cost = instance.fixed_cost[:, None] + instance.effort_cost
        z = master.variables("effort", "primary level", upper=allowed, integer=True, cost=cost)
        master.variables("U", cost=1.0, unit=master.objective_unit)
        lower = 1.0 if options.sole_sourcing else -np.inf
        master.rows("one level", "primary", upper=1.0).add(z)
        master.rows("primaries", lower=lower, upper=1.0 if options.sole_sourcing else np.inf).add(z)
        if options.limits_excess:
            excess_variables(master, instance, demand, options, ordered=True)
        return master

    def _subproblem(self, model: BlockModel, worst: FloatArray, options: SourcingOptions) -> Problem:
        add_second_stage(model, self.instance, worst, options)
        if self.budget is not None:
            rows = model.rows("budget", "scenario", upper=self.budget, unit=model.objective_unit)
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
        if not _violated(float(point["U"]), answer.objective, self.master.objective_unit):
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
