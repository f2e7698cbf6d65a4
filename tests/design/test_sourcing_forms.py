"""The sourcing model: reduced forms against MILP (27), Benders, monotonicities, front, recheck."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest

from esc_sim.design.sourcing import (
    DesignDemand,
    SourcingInstance,
    SourcingOptions,
    SourcingPlan,
    assess,
    design_by_benders,
    design_demand,
    design_sourcing,
    epsilon_range,
    from_set,
    least_excess,
    nominal_demand,
    pareto_front,
    plan_cost,
    price_of_robustness,
    price_of_switches,
    recheck,
    violation_share,
    violation_shares,
    with_rates,
)
from esc_sim.design.sourcing.benders import Partition
from esc_sim.design.sourcing.demand import DemandKind
from esc_sim.design.sourcing.risk import (
    binding_value,
    conditional_value_at_risk,
    excess_probability,
    value_at_risk,
)
from esc_sim.design.sourcing.solve import Form, checked_plan
from esc_sim.design.uncertainty import svc_set
from esc_sim.errors import EscSimError, InputError
from esc_sim.lp import InfeasibleError, Solution


def small_instance(seed: int, buyers: int = 3, *, price_moves: bool = False) -> SourcingInstance:
    """Three primaries, two backups, two levels, four scenarios (none, one, two, all primaries fail); numbers drawn.

    With `price_moves`, backup prices differ by scenario and may exceed the spot price, so that nothing collapses.
    """
    rng = np.random.default_rng(seed)
    backup = rng.uniform(9e3, 12e3, (2, buyers))
    capacity = rng.uniform(0.5, 0.65, 3) * 1500.0 * buyers
    return SourcingInstance(
        primaries=("M1", "M2", "M3"),
        backups=("B1", "B2"),
        buyers=tuple(f"A{i + 1}" for i in range(buyers)),
        levels=("L1", "L2"),
        scenarios=("0", "1", "2", "3"),
        fixed_cost=rng.uniform(5e3, 9e3, 3) * capacity,
        capacity=capacity,
        effort_cost=np.array([[0.0, 8e4], [0.0, 9e4], [0.0, 7e4]]),
        recovery_rate=np.array([[0.0, 0.4], [0.1, 0.5], [0.0, 0.3]]),
        warning=np.array([[0.0, 0.2], [0.1, 0.3], [0.0, 0.2]]),
        reserve_cost=rng.uniform(9e3, 12e3, 2),
        primary_price=rng.uniform(9e3, 12e3, (3, buyers)),
        backup_price=backup * rng.uniform(0.7, 2.4, (4, 1, 1)) if price_moves else backup,
        probability=np.array([0.4, 0.3, 0.2, 0.1]),
        spot_price=rng.uniform(18e3, 26e3, 4),
        disrupted=np.array([[False] * 3, [True, False, False], [False, True, True], [True] * 3]),
        residual=rng.uniform(0.4, 0.8, (4, 3)),
        max_recovery_time=0.8,
    )


def past_demand(seed: int, buyers: int, count: int = 24) -> np.ndarray:
    return np.random.default_rng(seed).normal(1500.0, 100.0, (count, buyers))


def limits(instance: SourcingInstance, demand: DesignDemand, share: float, epsilon: float) -> SourcingOptions:
    """A budget at a share of the largest Cost_k of the cheapest plan, so that the EPF constraint bites."""
    free = design_sourcing(instance, demand)
    return SourcingOptions(budget=share * assess(instance, free.plan).most, epsilon=epsilon)


@pytest.mark.parametrize("kind", ["deterministic", "ddro-joint", "ddro-marginal", "bro"])
def test_reduced_forms_are_the_full_form(kind: DemandKind) -> None:
    instance = small_instance(1, 3)
    demand = design_demand(kind, past_demand(1, 3), 0.1)
    for options in (SourcingOptions(), limits(instance, demand, 0.9, 0.45), SourcingOptions(backup=False)):
        compare_with_full(instance, demand, options)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["deterministic", "ddro-joint", "ddro-marginal", "bro"])
def test_reduced_forms_are_the_full_form_for_six_buyers(kind: DemandKind) -> None:
    instance = small_instance(2, 6)
    demand = design_demand(kind, past_demand(2, 6), 0.1)
    compare_with_full(instance, demand, limits(instance, demand, 0.9, 0.45))


def compare_with_full(instance: SourcingInstance, demand: DesignDemand, options: SourcingOptions) -> None:
    full = design_sourcing(instance, demand, options, form="full", gap=0.0)
    forms: tuple[Form, ...] = ("small", "scenario")
    for form in forms:
        reduced = design_sourcing(instance, demand, options, form=form, gap=0.0)
        assert reduced.objective == pytest.approx(full.objective, rel=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_scenario_form_is_the_full_form_where_nothing_collapses(seed: int) -> None:
    instance = small_instance(seed, 3, price_moves=True)
    sets = tuple(svc_set(past_demand(10 * seed + k, 3) * (1.0 + 0.1 * k), 0.1) for k in range(4))
    demand = DesignDemand("ddro-joint", np.array([s.worst_case() for s in sets]), sets, 0.1)
    for options in (SourcingOptions(), limits(instance, demand, 0.8, 0.45), SourcingOptions(sole_sourcing=True)):
        full = design_sourcing(instance, demand, options, form="full", gap=0.0)
        reduced = design_sourcing(instance, demand, options, gap=0.0)
        assert reduced.form == "scenario"
        assert reduced.objective == pytest.approx(full.objective, rel=1e-9)
    with pytest.raises(InputError, match="small form needs"):
        design_sourcing(instance, demand, form="small")


@pytest.mark.parametrize("seed", range(20, 26))
@pytest.mark.parametrize("price_moves", [False, True])
def test_the_tight_big_m_cuts_no_plan_off(seed: int, price_moves: bool) -> None:
    instance = small_instance(seed, 3, price_moves=price_moves)
    demand = nominal_demand(np.random.default_rng(seed).uniform(1200.0, 1800.0, (4, 3)))
    most = assess(instance, design_sourcing(instance, demand).plan).most
    for share in (0.3, 0.8):
        for epsilon in (0.05, 0.25, 0.45, 0.65, 0.95):
            options = SourcingOptions(budget=share * most, epsilon=epsilon)
            costs = []
            forms: tuple[Form, ...] = ("full", "scenario")
            for form in forms:
                try:
                    costs.append(
                        design_sourcing(instance, demand, options, form=form, gap=0.0, explain=False).objective
                    )
                except InfeasibleError:
                    costs.append(np.inf)
            assert costs[1] == pytest.approx(costs[0], rel=1e-9)


def test_cvar_forms_agree_and_match_the_definition() -> None:
    instance = small_instance(5, 4)
    demand = nominal_demand(np.full(4, 1500.0))
    free = design_sourcing(instance, demand, SourcingOptions(backup=False))
    tail = assess(instance, free.plan, confidence=0.8).cvar
    for options in (
        SourcingOptions(objective="cvar", confidence=0.8, backup=False),
        SourcingOptions(cvar_limit=0.7 * tail, confidence=0.8, backup=False),
    ):
        small = design_sourcing(instance, demand, options, form="small", gap=0.0)
        scenario = design_sourcing(instance, demand, options, form="scenario", gap=0.0)
        assert small.objective == pytest.approx(scenario.objective, rel=1e-9)
        assert plan_cost(instance, options, scenario.plan) == pytest.approx(scenario.objective, rel=1e-9)
    assert assess(instance, small.plan, confidence=0.8).cvar <= 0.7 * tail * (1.0 + 1e-6)


def test_fixing_rho_by_the_order_of_spot_prices_changes_nothing() -> None:
    from esc_sim.design.sourcing.model import scenario_model

    instance = small_instance(6, 3)
    demand = nominal_demand(np.full(3, 1600.0))
    base = SourcingOptions(backup=False)
    cost = assess(instance, design_sourcing(instance, demand, base).plan)
    for epsilon in (0.0, 0.2, 0.5, 0.9):
        options = replace(base, budget=0.5 * (cost.least + cost.most), epsilon=epsilon)
        solved = [scenario_model(instance, demand.worst, options, ordered=o).solve(gap=0.0) for o in (True, False)]
        assert solved[0].objective == pytest.approx(solved[1].objective, rel=1e-9)


@pytest.mark.parametrize("partition", ["scenario", "paper"])
@pytest.mark.parametrize("price_moves", [False, True])
def test_benders_is_the_monolithic_model(partition: Any, price_moves: bool) -> None:
    instance = small_instance(7, 4, price_moves=price_moves)
    rng = np.random.default_rng(8)
    demand = nominal_demand(rng.normal(1500.0, 100.0, (4, 4)) if price_moves else np.full(4, 1500.0))
    variants = [SourcingOptions(), limits(instance, demand, 0.9, 0.45), SourcingOptions(sole_sourcing=True)]
    variants += [SourcingOptions(spot=False)]  # recourse may be infeasible: feasibility cuts from rays
    if partition == "scenario":
        variants += [SourcingOptions(objective="cvar", backup=False)]
    for options in variants:
        whole = design_sourcing(instance, demand, options, gap=1e-7)
        cuts, report = design_by_benders(instance, demand, options, partition=partition, gap=1e-6, time_limit=60.0)
        assert cuts.objective == pytest.approx(whole.objective, rel=2e-6)
        assert cuts.bound <= whole.objective * (1.0 + 1e-6)
        assert report.relaxed_iterations + report.integer_iterations >= 2
        shared = partition == "scenario" and not price_moves  # the master then knows the one recourse of all scenarios
        assert (report.cuts == 0) == shared


def test_benders_refuses_and_reports() -> None:
    instance, demand = small_instance(7, 3), nominal_demand(np.full(3, 1500.0))
    with pytest.raises(InputError, match="no CVaR"):
        design_by_benders(instance, demand, SourcingOptions(objective="cvar"), partition="paper")
    hopeless = SourcingOptions(backup=False, spot=False)
    for partition in get_args(Partition):
        with pytest.raises(InfeasibleError, match="demand to cover"):
            design_by_benders(instance, nominal_demand(np.full(3, 9e4)), hopeless, partition=partition)


def test_cost_falls_with_theta_and_epsilon_and_rises_with_robustness() -> None:
    instance, past = small_instance(9, 4), past_demand(9, 4, 200)
    options = limits(instance, design_demand("bro", past, 0.02), 0.9, 0.45)
    sets: tuple[DemandKind, ...] = ("ddro-joint", "ddro-marginal", "bro")
    for kind in sets:
        costs = [design_sourcing(instance, design_demand(kind, past, t), options).objective for t in (0.02, 0.1, 0.3)]
        assert costs == sorted(costs, reverse=True)
    demand = design_demand("ddro-marginal", past, 0.05)
    costs = [design_sourcing(instance, demand, replace(options, epsilon=e)).objective for e in (0.0, 0.3, 0.7, 1.0)]
    assert costs == sorted(costs, reverse=True)
    kinds: tuple[DemandKind, ...] = ("deterministic", "ddro-marginal", "ddro-joint")
    costs = [design_sourcing(instance, design_demand(k, past, 0.05), options).objective for k in kinds]
    assert costs == sorted(costs)
    robust = design_sourcing(instance, design_demand("bro", past, 0.05), options).objective
    assert price_of_robustness(robust, costs[0]) > 0.0


def test_recovery_and_warning_never_cost_more() -> None:
    instance, demand = small_instance(10, 4), nominal_demand(np.full(4, 1500.0))
    table = [
        [design_sourcing(with_rates(instance, v, h), demand).objective for h in (0.0, 0.1, 0.2)]
        for v in (0.0, 0.2, 0.45)
    ]
    assert (np.diff(np.array(table), axis=0) <= 1e-6).all()
    assert (np.diff(np.array(table), axis=1) <= 1e-6).all()


def test_front_is_non_dominated_and_complete() -> None:
    instance = small_instance(11, 3, price_moves=True)
    demand = nominal_demand(np.full(3, 1500.0))
    free = design_sourcing(instance, demand)
    cost = assess(instance, free.plan)
    options = SourcingOptions(budget=0.6 * cost.most)
    low, high = epsilon_range(instance, demand, options)
    points = pareto_front(instance, demand, options)
    assert points[0].epf == high
    assert points[0].design.objective == pytest.approx(free.objective)
    assert points[-1].epf == pytest.approx(low)
    assert (np.diff([p.epf for p in points]) < 0.0).all()
    assert (np.diff([p.design.objective for p in points]) > 0.0).all()
    for subset in range(16):  # every excess probability there is, against the front
        chosen = [bool(subset >> k & 1) for k in range(4)]
        epsilon = min(float(instance.probability[chosen].sum()), 1.0)
        try:
            best = design_sourcing(instance, demand, replace(options, epsilon=epsilon), explain=False).objective
        except InfeasibleError:
            assert epsilon < low
            continue
        assert best == pytest.approx(min(p.design.objective for p in points if p.epf <= epsilon + 1e-12), rel=1e-5)


def test_least_excess_of_both_forms_agree() -> None:
    instance, demand = small_instance(12, 3), nominal_demand(np.full(3, 1500.0))
    base = SourcingOptions(backup=False, levels=("L1",))
    costs = design_sourcing(instance, demand, base).plan.scenario_costs(instance)
    moved = replace(instance, backup_price=np.broadcast_to(instance.backup_price, (4, 2, 3)).copy())
    for budget in (0.0, *costs * 0.999, *costs * 1.001):
        options = replace(base, budget=float(budget), epsilon=0.5)
        assert least_excess(instance, demand, options) == pytest.approx(least_excess(moved, demand, options))


def test_plan_is_rechecked_against_every_constraint() -> None:
    instance = small_instance(13, 3)
    demand = from_set("ddro-joint", svc_set(past_demand(13, 3), 0.1))
    options = replace(limits(instance, demand, 1.0, 0.45), cvar_limit=1e9)
    design = design_sourcing(instance, demand, options)
    assert recheck(instance, demand, options, design.plan, design.objective) == []
    plan = design.plan

    def broken(changed: SourcingPlan, limits: SourcingOptions = options, cost: float | None = None) -> set[str]:
        return {v.constraint for v in recheck(instance, demand, limits, changed, cost)}

    assert "demand (3a, 24c)" in broken(replace(plan, spot=plan.spot * 0.0, contract=plan.contract * 0.99))
    assert "capacity of primary (3b)" in broken(replace(plan, contract=plan.contract + 2000.0))
    assert "reserved capacity (3c)" in broken(replace(plan, backup=plan.backup + 10.0, reserve=plan.reserve * 0.0))
    assert "one level of a signed supplier (3e)" in broken(replace(plan, effort=np.ones_like(plan.effort)))
    assert "whole decisions (3f)" in broken(replace(plan, effort=plan.effort * 0.5))
    assert "spot not negative (3g)" in broken(replace(plan, spot=plan.spot - 1.0))
    assert "cost (1a)" in broken(plan, cost=design.objective * 1.001)
    dear = replace(plan, spot=plan.spot + 1e4)
    assert {"excess probability (2a, 23)"} <= broken(dear)
    assert "CVaR" in broken(dear, replace(options, cvar_limit=1.0))
    assert "no spot purchase" in broken(dear, replace(options, spot=False))
    full = replace(plan, reserve=plan.reserve + 1.0, effort=np.ones_like(plan.effort))
    assert {"no backup supplier", "one primary supplier"} <= broken(full, replace(options, sole_sourcing=True))
    assert "allowed effort levels" in broken(full, replace(options, levels=("L1",)))


def test_risk_measures_of_discrete_costs() -> None:
    costs, p = np.array([10.0, 30.0, 20.0, 20.0]), np.array([0.4, 0.1, 0.2, 0.3])
    assert excess_probability(costs, p, 20.0) == pytest.approx(0.1)
    assert excess_probability(costs, p, 19.9) == pytest.approx(0.6)
    assert value_at_risk(costs, p, 0.4) == 10.0
    assert value_at_risk(costs, p, 0.41) == 20.0
    assert conditional_value_at_risk(costs, p, 0.8) == pytest.approx((0.1 * 30.0 + 0.1 * 20.0) / 0.2)
    assert binding_value(costs, p, 0.1) == 20.0
    assert binding_value(costs, p, 0.6) == 10.0
    assert binding_value(costs, p, 0.0) == 30.0
    assert binding_value(costs, p, 1.0) is None


def test_violations_are_counted_by_sample_scenario_and_buyer() -> None:
    zero = np.zeros((4, 2, 2))
    spot = np.array([[0.0, 0.0], [0.0, 0.0], [0.0, 5.0], [0.0, 0.0]])
    plan = SourcingPlan(np.zeros((2, 2)), np.array([[10.0, 10.0], [0.0, 5.0]]), np.zeros(2), zero, spot)
    samples = np.array([[10.0, 15.0], [10.0, 18.0], [11.0, 15.0]])
    # buyer 1 is short in the third sample in all 4 scenarios, buyer 2 in the second sample in 3 of 4
    assert violation_share(plan, samples) == pytest.approx((4 + 3) / (3 * 4 * 2))
    assert violation_shares(plan, samples[:, None, :]).tolist() == pytest.approx([0.0, 3 / 8, 4 / 8])


def test_price_of_switches() -> None:
    instance, demand = small_instance(2, 6), nominal_demand(np.full(6, 1500.0))
    prices = {p.switch: p for p in price_of_switches(instance, demand, limits(instance, demand, 0.9, 0.45))}
    assert prices["as asked"].change == 0.0
    assert prices["without the limit on excess probability"].change < 0.0
    for name, price in prices.items():
        if "limit" not in name:
            assert price.change >= -1e-6
            assert (price.design is None) == np.isinf(price.change)
    without = prices["without backup suppliers"].design
    assert without is not None
    assert without.plan.reserved(instance) == ()


def test_an_excess_limit_that_no_plan_keeps_is_told_once_by_every_form() -> None:
    same, demand = small_instance(12, 3), nominal_demand(np.full(3, 1500.0))
    moved = replace(same, backup_price=np.broadcast_to(same.backup_price, (4, 2, 3)).copy())
    options = SourcingOptions(backup=False, levels=("L1",), budget=0.0, epsilon=0.05)
    for instance in (same, moved):
        with pytest.raises(InfeasibleError) as caught:
            design_sourcing(instance, demand, options)
        assert sorted(limit.block for limit in caught.value.binding) == ["budget", "demand", "risk"]
        risk = next(limit for limit in caught.value.binding if limit.block == "risk")
        assert (risk.value, risk.needed, risk.alone) == (0.05, pytest.approx(1.0), True)
        assert design_sourcing(instance, demand, replace(options, epsilon=1.0)).plan.signed.any()


def test_a_plan_that_breaks_many_constraints_names_the_first_five() -> None:
    instance, demand = small_instance(13, 3), nominal_demand(np.full(3, 1500.0))
    design = design_sourcing(instance, demand)
    solution = Solution(design.status, design.objective, design.bound, design.gap, design.time)
    empty = replace(design.plan, contract=design.plan.contract * 0.0, spot=design.plan.spot * 0.0 - 1.0)
    broken = recheck(instance, demand, SourcingOptions(), empty, design.objective)
    assert len(broken) > 5
    with pytest.raises(EscSimError) as caught:
        checked_plan(instance, demand, SourcingOptions(), design.form, solution, empty)
    told = "; ".join(str(violation) for violation in broken[:5])
    assert str(caught.value).endswith(f"the solver's plan breaks {len(broken)} constraints: {told}")
