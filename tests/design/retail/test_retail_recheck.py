"""The re-check finds every kind of broken constraint, and says where a plan fails for another demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from retail_cases import small

from esc_sim.design.retail import RetailOptions, RetailPlan, design_retail, recheck
from esc_sim.design.retail.laws import LAWS, deviations, draw_deviations
from esc_sim.design.retail.redispatch import Redispatch, static_stress
from esc_sim.design.retail.solution import CLOSED
from esc_sim.errors import InputError
from esc_sim.lp import InfeasibleError


@pytest.fixture(scope="module")
def plan() -> RetailPlan:
    return design_retail(small(1), RetailOptions("box-ball", reading="own", gap=1e-6))


@pytest.fixture(scope="module")
def short_plan() -> RetailPlan:
    return design_retail(small(1, 1.9), RetailOptions(gap=1e-6))


def flow(plan: RetailPlan, kind: str, link: int, amount: float) -> RetailPlan:
    """The plan with a link's flow changed in the first scenario."""
    changed = plan.flow[kind].copy()
    changed[link, 0] += amount
    return replace(plan, flow={**plan.flow, kind: changed})


def level(plan: RetailPlan, role: str, node: int, to: int) -> RetailPlan:
    changed = plan.level[role].copy()
    changed[node] = to
    return replace(plan, level={**plan.level, role: changed})


def unlink(plan: RetailPlan, kind: str) -> RetailPlan:
    """The plan without the links of a kind into the first head."""
    opened = plan.opened[kind].copy()
    opened[plan.instance.links[kind].head == 0] = False
    return replace(plan, opened={**plan.opened, kind: opened})


def busy(plan: RetailPlan, kind: str) -> int:
    return int(plan.flow[kind][:, 0].argmax())


def tail_of(plan: RetailPlan, kind: str) -> int:
    return int(plan.instance.links[kind].tail[busy(plan, kind)])


def open_tail(plan: RetailPlan, kind: str) -> int:
    return int(plan.instance.links[kind].tail[plan.opened[kind]][0])


def add(values: np.ndarray, amount: float) -> np.ndarray:
    changed = values.copy()
    changed[0] += amount
    return changed


Change = Callable[[RetailPlan], RetailPlan]
BROKEN: list[tuple[str, Change]] = [
    ("1/3", lambda p: replace(p, margin=p.margin + 1e6)),
    ("4", lambda p: flow(p, "supplier_store", busy(p, "supplier_store"), 50.0)),
    ("5", lambda p: replace(p, instance=replace(p.instance, supply_share=1e4))),
    ("6", lambda p: replace(p, instance=replace(p.instance, inflow_share=1e4))),
    ("7", lambda p: replace(p, stock=add(p.stock, 50.0))),
    ("8", lambda p: level(p, "dc", tail_of(p, "dc_store"), CLOSED)),
    ("9", lambda p: flow(p, "store_area", busy(p, "store_area"), -50.0)),
    ("10", lambda p: level(p, "supplier", tail_of(p, "supplier_store"), CLOSED)),
    ("11", lambda p: level(p, "store", tail_of(p, "store_area"), CLOSED)),
    ("12", lambda p: level(p, "store", tail_of(p, "store_area"), CLOSED)),
    ("13", lambda p: unlink(p, "store_area")),
    ("13", lambda p: flow(p, "store_area", busy(p, "store_area"), 1e6)),
    ("15", lambda p: replace(p, transshipment=p.unused + 50.0)),
    ("18", lambda p: replace(p, shortage=p.shortage + 50.0)),
    ("19", lambda p: replace(p, shortage=p.shortage - 50.0)),
    ("19", lambda p: replace(p, unused=p.unused - 50.0)),
    ("19", lambda p: replace(p, transshipment=p.transshipment - 50.0)),
    ("19", lambda p: flow(p, "dc_store", int(p.flow["dc_store"][:, 0].argmin()), -50.0)),
    ("20", lambda p: unlink(p, "dc_store")),
    ("21", lambda p: level(p, "dc", 0, 9)),
    ("22", lambda p: level(p, "store", 0, CLOSED)),
    ("23", lambda p: level(p, "dc", 0, CLOSED)),
    ("24", lambda p: replace(p, stock=add(p.stock, 1e9))),
    ("26", lambda p: replace(p, stock=p.stock - 1e9)),
    ("27", lambda p: unlink(p, "store_area")),
    ("28", lambda p: unlink(p, "supplier_store")),
    ("29", lambda p: unlink(p, "supplier_dc")),
    ("30", lambda p: level(p, "supplier", 0, -7)),
    ("31", lambda p: level(p, "store", 0, 4)),
    ("32", lambda p: level(p, "store", tail_of(p, "store_area"), CLOSED)),
    ("33", lambda p: level(p, "store", 0, CLOSED)),
    ("34", lambda p: level(p, "supplier", tail_of(p, "supplier_store"), CLOSED)),
    ("35", lambda p: level(p, "dc", 0, CLOSED)),
    (
        "36",
        lambda p: level(p, "supplier", int(p.instance.links["supplier_dc"].tail[p.opened["supplier_dc"]][0]), CLOSED),
    ),
    ("-", lambda p: replace(p, unused=p.unused + 1e9)),
]


@pytest.mark.parametrize(("equation", "change"), BROKEN, ids=[f"{e}.{k}" for k, (e, _) in enumerate(BROKEN)])
def test_every_printed_constraint_is_checked(equation: str, change: Change, plan: RetailPlan) -> None:
    assert recheck(plan) == []
    found = recheck(change(plan))
    assert equation in {v.equation for v in found}
    assert all(v.amount > 0.0 for v in found)


@pytest.mark.parametrize("equation", ["7", "8"])
def test_a_break_counts_in_proportion_to_what_the_row_adds_up(equation: str, plan: RetailPlan) -> None:
    i, unused, outflow = plan.instance, plan.unused + 50.0, plan.outflow("dc")
    if equation == "7":  # 50 too many left over at each DC
        broken, excess = replace(plan, unused=unused), 50.0
        size = np.abs(plan.inflow("dc")) + outflow + plan.stock[:, None] + unused
    else:  # more goes out than a smaller DC holds
        capacity = 0.5 * plan.chosen("dc", i.dcs.capacity)
        broken = replace(plan, instance=replace(i, dcs=replace(i.dcs, capacity=0.5 * i.dcs.capacity)))
        excess, size = outflow - capacity, capacity + outflow
    shares = np.broadcast_to(excess / size, size.shape)
    largest = float(shares.max())
    assert largest > 0.0
    kept = {v.equation for v in recheck(broken, tolerance=1.001 * largest)}
    assert equation not in kept
    assert equation in {v.equation for v in recheck(broken, tolerance=0.999 * largest)}


def test_shortage_and_transshipment_are_checked_where_they_happen(short_plan: RetailPlan) -> None:
    assert short_plan.shortage.sum() > 1.0
    assert recheck(short_plan) == []
    less = replace(short_plan, transshipment=0.5 * short_plan.transshipment)
    assert {"7", "18"} <= {v.equation for v in recheck(less)}


def test_another_demand_says_where_the_plan_fails(plan: RetailPlan) -> None:
    demand = plan.instance.demand.copy()
    demand[1, 0] = plan.inflow("area")[1, 0] + 500.0
    found = recheck(plan, demand=demand, margin=0.0)
    assert [v.where for v in found] == ["area_2, scenario 1"]
    assert found[0].amount == pytest.approx(500.0)
    assert str(found[0]) == "eq. 1/3, demand covered: area_2, scenario 1: broken by 500"
    with pytest.raises(InputError, match="areas x scenarios"):
        recheck(plan, demand=np.ones(3))
    demand[0, 1] = -1.0
    with pytest.raises(InputError, match="demand of area_1 in scenario 2 is -1"):
        recheck(plan, demand=demand)


def test_redispatch_keeps_the_network_and_meets_the_demand(plan: RetailPlan) -> None:
    again = Redispatch(plan)
    same = again(plan.instance.demand + plan.margin)
    assert same.cost == pytest.approx(plan.cost, rel=1e-7)
    for zeta in draw_deviations("two-point", plan.instance.areas.ids, 4, seed=1):
        demand = plan.instance.demand + zeta[:, None] * plan.instance.deviation
        moved = again(demand)
        assert recheck(moved) == []
        assert moved.cost <= plan.cost * (1.0 + 1e-9)  # less demand than the plan covers
        assert all(np.array_equal(moved.level[r], plan.level[r]) for r in plan.level)
        assert np.array_equal(moved.stock, plan.stock)


def test_redispatch_says_where_a_demand_cannot_be_met(plan: RetailPlan) -> None:
    demand = plan.instance.demand.copy()
    demand[2, 1] *= 9.0
    with pytest.raises(InfeasibleError, match=r"demand\[area=area_3, scenario=2\] .*would have to fall to"):
        Redispatch(plan)(demand)


def test_laws_belong_to_the_ambiguity_set() -> None:
    grid = (np.arange(40000) + 0.5) / 40000
    for law in LAWS:
        zeta = deviations(law, grid)
        assert np.abs(zeta).max() <= 1.0
        assert zeta.mean() == pytest.approx(0.0, abs=1e-9)
    assert deviations("normal", grid).std() == pytest.approx(0.4397, abs=1e-3)  # sd 0.5 before truncation
    assert deviations("skewed-up", grid).max() == -deviations("skewed-down", grid).min() == 1.0
    with pytest.raises(InputError, match="law 'gamma' is unknown"):
        deviations("gamma", grid)  # type: ignore[arg-type]
    first, second = (draw_deviations("uniform", ("a", "b"), 5, seed) for seed in (1, 2))
    assert not np.array_equal(first, second)
    assert np.array_equal(draw_deviations("uniform", ("c", "a"), 5, 1)[:, 1], first[:, 0])


def test_static_flows_fail_as_often_as_the_law_says(plan: RetailPlan) -> None:
    stochastic = design_retail(plan.instance, RetailOptions(gap=1e-6))
    tight = stochastic.inflow("area") < stochastic.instance.demand * 1.001
    assert tight.any()
    for law, chance in (("two-point", 0.5), ("uniform", 0.5), ("skewed-up", 0.25), ("skewed-down", 0.75)):
        stress = static_stress(stochastic, law, draws=4000, seed=3)
        assert stress.row_violation[tight] == pytest.approx(chance, abs=0.04)
        independent = 1.0 - (1.0 - chance) ** tight.sum(axis=0)
        assert stress.any_violation == pytest.approx(independent, abs=0.04)
        assert (stress.shortage[tight] > 0.0).all()
        robust = static_stress(plan, law, draws=4000, seed=3)
        assert not robust.any_violation.any()
        assert not robust.shortage.any()
