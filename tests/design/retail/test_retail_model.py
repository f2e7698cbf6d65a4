"""The retail model against the printed constraints written out one by one, and facts every design must show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from retail_cases import small, without_links
from retail_oracle import Oracle

from esc_sim.design.retail import (
    Coverage,
    RetailOptions,
    RetailPlan,
    cost_pieces,
    design_retail,
    margins,
    price_of_robustness,
    radius,
    recheck,
)
from esc_sim.design.retail.generate import random_instance
from esc_sim.design.retail.margins import MODELS, Reading, RetailModel
from esc_sim.design.retail.model import build
from esc_sim.design.retail.solution import CLOSED
from esc_sim.errors import EscSimError
from esc_sim.lp import Progress

EXACT = 1e-7


@pytest.mark.parametrize(
    ("seed", "coverage", "demand"),
    [
        (1, Coverage(2, 2, 2), 1.9),
        (2, Coverage(0, 0, 1), 1.0),
        (3, Coverage(1, 1, 2), 1.9),
        (4, Coverage(3, 2, 5), 1.0),
        (5, Coverage(3, 2, 5), 1.9),
    ],
)
def test_cost_is_that_of_the_constraints_written_out(seed: int, coverage: Coverage, demand: float) -> None:
    instance = small(seed, demand)
    expected, _ = Oracle(instance, coverage).nominal().solve(EXACT)
    plan = design_retail(instance, RetailOptions(coverage=coverage, gap=EXACT))
    assert plan.cost == pytest.approx(expected, rel=2 * EXACT)
    assert plan.bound <= expected * (1.0 + 2 * EXACT)
    assert (plan.shortage.sum() > 1.0) == (demand > 1.5)  # both with and without shortage


def test_fewer_candidate_links_cost_what_the_written_constraints_say() -> None:
    instance = small(2)
    keep = np.ones(len(instance.links["supplier_store"]), dtype=bool)
    keep[::7] = False  # each of three stores loses one supplier
    instance = without_links(instance, "supplier_store", keep)
    coverage = Coverage(2, 1, 2)
    expected, _ = Oracle(instance, coverage).nominal().solve(EXACT)
    assert design_retail(instance, RetailOptions(coverage=coverage, gap=EXACT)).cost == pytest.approx(
        expected, rel=2e-7
    )


@pytest.mark.parametrize(("eps", "seed"), [(0.05, 3), (0.3, 1), (0.8, 2)])
def test_budget_form_collapses_to_margins(eps: float, seed: int) -> None:
    instance = small(seed)
    explicit, _ = Oracle(instance, Coverage()).budget(radius("budget", eps, 3)).solve(EXACT)
    assert design_retail(instance, RetailOptions("budget", eps, gap=EXACT)).cost == pytest.approx(explicit, rel=1e-6)


@pytest.mark.parametrize(("eps", "seed"), [(0.3, 3), (0.8, 1)])
def test_cone_form_collapses_to_margins(eps: float, seed: int) -> None:
    instance = small(seed)
    explicit = Oracle(instance, Coverage()).cone(radius("box-ball", eps, 3)).solve_cone()
    assert design_retail(instance, RetailOptions("box-ball", eps, gap=EXACT)).cost == pytest.approx(explicit, rel=1e-6)


@pytest.mark.parametrize("coverage", [Coverage(2, 2, 2), Coverage(0, 0, 1), Coverage(2, 1, 3)])
def test_valid_rows_cut_no_plan_off(coverage: Coverage) -> None:
    instance = small(4, 1.9)
    margin = margins(instance.deviation, "box-ball", 0.05, "own")
    tight = build(instance, coverage, margin).solve(gap=EXACT)
    plain = build(instance, coverage, margin, tighten=False).solve(gap=EXACT)
    assert tight.objective == pytest.approx(plain.objective, rel=2 * EXACT)


def test_valid_rows_close_the_relaxation_gap() -> None:
    instance = random_instance(suppliers=4, dcs=3, stores=14, areas=4)
    none = np.zeros_like(instance.demand)
    plain, tight = (build(instance, Coverage(), none, tighten=t).solve(relax=True).objective for t in (False, True))
    core = build(instance, Coverage(), none, core_only=True).solve(gap=1e-6)
    best = design_retail(instance, RetailOptions(gap=1e-5)).cost
    assert plain < tight < core.objective <= best * (1.0 + 1e-5)
    assert best - tight < 0.05 * (best - plain)
    assert best - core.objective < 0.5 * (best - tight)


@pytest.fixture(scope="module")
def sweep() -> dict[tuple[str, str, float], RetailPlan]:
    instance = random_instance(suppliers=3, dcs=2, stores=9, areas=4, seed=2)
    cases: list[tuple[RetailModel, Reading, float]] = [("stochastic", "joint", 0.05)]
    cases += [(m, "joint", e) for m in MODELS[1:] for e in (0.01, 0.7)]
    cases += [("box-ball", "own", e) for e in (0.01, 0.6, 0.95)]
    return {(m, r, e): design_retail(instance, RetailOptions(m, e, r, gap=1e-6)) for m, r, e in cases}


def test_cost_falls_with_eps_and_budget_is_not_below_box_ball(sweep: dict[tuple[str, str, float], RetailPlan]) -> None:
    room = 1.0 + 2e-6
    base = sweep["stochastic", "joint", 0.05].cost
    for model in ("box-ball", "budget"):
        strict, loose = (sweep[model, "joint", eps].cost for eps in (0.01, 0.7))
        assert base <= loose * room
        assert loose <= strict * room
    for eps in (0.01, 0.7):
        assert sweep["budget", "joint", eps].cost >= sweep["box-ball", "joint", eps].cost / room
    assert price_of_robustness(sweep["box-ball", "joint", 0.01].cost, base) > 0.1


def test_own_reading_is_flat_in_eps_and_cheaper(sweep: dict[tuple[str, str, float], RetailPlan]) -> None:
    strict, flat, loose = (sweep["box-ball", "own", eps].cost for eps in (0.01, 0.6, 0.95))
    assert strict == flat
    assert loose < flat < sweep["box-ball", "joint", 0.01].cost


def test_every_plan_balances_and_costs_what_it_says(sweep: dict[tuple[str, str, float], RetailPlan]) -> None:
    for plan in sweep.values():
        assert recheck(plan) == []
        used = plan.stock[:, None] - plan.unused
        assert plan.inflow("dc") + used + plan.transshipment == pytest.approx(plan.outflow("dc"), abs=0.05)
        assert plan.inflow("store") == pytest.approx(plan.outflow("store"), abs=0.05)
        assert plan.outflow("supplier").sum(axis=0) + used.sum(axis=0) == pytest.approx(plan.instance.sales, rel=1e-6)
        assert plan.bound <= plan.cost * (1.0 + 1e-12)
        assert plan.gap <= 1.1e-6
        pieces = cost_pieces(plan)
        assert sum(pieces.expected.values()) == pytest.approx(plan.cost)
        assert pieces.unweighted["OT"] == pytest.approx(pieces.transport.sum())
        shares = np.zeros_like(plan.inflow("store"))
        for kind in ("supplier_store", "dc_store"):
            np.add.at(shares, plan.instance.links[kind].head, plan.routing_shares(kind))
        assert shares[plan.inflow("store") > 0.0] == pytest.approx(1.0)


def test_costs_of_a_plan_by_hand() -> None:
    plan = design_retail(small(1, 1.9), RetailOptions(gap=EXACT))
    i, p = plan.instance, cost_pieces(plan)
    total = sum(i.stock_price * plan.stock)
    for role in ("supplier", "dc", "store"):
        f = i.facilities(role)
        for n, level in enumerate(plan.level[role]):
            if level == CLOSED:
                continue
            total += f.fixed_cost[n, level] + f.destruction_cost[n, level] @ i.probability
    for kind, flow in plan.flow.items():
        links = i.links[kind]
        total += links.link_cost[plan.opened[kind]].sum()
        price = {"supplier": i.supplier_price, "dc": i.handling}.get(kind.split("_")[0])
        per_unit = links.unit_cost + (price[links.tail] if price is not None else 0.0)
        total += (per_unit @ flow) @ i.probability
    total += i.shortage_penalty @ plan.shortage @ i.probability
    total += i.transshipment_price @ plan.transshipment @ i.probability
    total += (i.holding + i.stock_price - i.salvage) @ plan.unused @ i.probability
    assert plan.shortage.sum() > 1.0
    assert plan.cost == pytest.approx(total)
    assert p.total == pytest.approx(total)


def test_a_better_level_is_never_worse_than_losing_it() -> None:
    instance = small(2)
    poorer = replace(instance.stores, capacity=0.95 * instance.stores.capacity)
    base = design_retail(instance, RetailOptions(gap=EXACT)).cost
    assert design_retail(replace(instance, stores=poorer), RetailOptions(gap=EXACT)).cost >= base * (1.0 - 2e-7)


def test_progress_shows_the_bound_before_there_is_a_plan() -> None:
    seen: list[Progress] = []
    instance = random_instance(suppliers=3, dcs=2, stores=12, areas=3, seed=4)
    plan = design_retail(instance, RetailOptions(gap=1e-9), progress=seen.append)
    assert plan.gap <= 2e-9
    assert seen
    assert max(state.bound for state in seen) <= plan.cost * (1.0 + 1e-9)
    assert np.isinf(seen[0].objective)


def test_no_plan_in_time_is_an_error_that_says_so() -> None:
    with pytest.raises(EscSimError, match="no plan was found within 1e-09 s; allow more time"):
        design_retail(small(), RetailOptions(time_limit=1e-9))


def test_whole_search_takes_over_where_the_core_does_not_settle_it() -> None:
    """At this gap the core's bound is not good enough on these instances, so that the third search must run."""
    instance = small(1, 1.9)
    none = np.zeros_like(instance.demand)
    core = build(instance, Coverage(), none, core_only=True).solve(gap=EXACT)
    plan = design_retail(instance, RetailOptions(gap=EXACT))
    assert core.bound < plan.cost * (1.0 - 10 * EXACT)
    assert plan.gap <= 2 * EXACT


def test_suppliers_dearer_than_stock_deliver_no_more_than_their_share() -> None:
    instance = small(1)
    dear = np.full(len(instance.suppliers.ids), 30.0)
    instance = replace(instance, supplier_price=dear, inflow_share=0.0)  # the share of a DC's outflow would bind first
    plan = design_retail(instance, RetailOptions(gap=1e-4))
    supplied = plan.outflow("supplier").sum(axis=0)
    used = plan.stock.sum() - plan.unused.sum(axis=0)
    assert (supplied >= instance.supply_share * used * (1.0 - 1e-6)).all()
    assert supplied + used == pytest.approx(instance.sales)
    assert supplied == pytest.approx(instance.sales / 3.0)  # half of what is used of the stock
