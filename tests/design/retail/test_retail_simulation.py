"""A designed network in simulation: static operation is the design's own flows, adaptive operation agents' dealings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter
from retail_cases import WUHAN, small

from esc_sim.design.retail import Coverage, RetailInstance, RetailOptions, RetailPlan, cost_pieces, design_retail
from esc_sim.design.retail.episode import DEMAND_SHOWS, PERIODS, demand_law, episode_content, fair_fill
from esc_sim.design.retail.handover import Operation, network_plan
from esc_sim.design.retail.laws import LAWS, DeviationLaw, deviations
from esc_sim.design.retail.read import read_instance
from esc_sim.design.retail.redispatch import Redispatch, static_stress
from esc_sim.engine.agents.runner import run_replications as run_agents
from esc_sim.engine.compiled.runner import run_replications as run_compiled
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.instance.model import Instance
from esc_sim.plans.apply import apply_plan
from esc_sim.plans.plan import without_later
from esc_sim.plans.retail_costs import LABELS
from esc_sim.results.columns import ITEM_COLUMNS, NODE_COLUMNS
from esc_sim.results.run import RunResult, column
from esc_sim.sampling.inverse import values_of
from esc_sim.scenario.laws import Law
from esc_sim.scenario.schema import Scenario
from esc_sim.simulation import simulate
from tests.helpers.networks import scenario_of
from tests.helpers.runs import differences, period

REPLICATIONS = 40
OPERATIONS: tuple[Operation, ...] = ("static", "adaptive")


def designed(demand: float = 1.0, **options: Any) -> RetailPlan:
    """A design of the small instance, whose demand deviates by a fifth in both scenarios."""
    instance = small(demand=demand)
    instance = replace(instance, deviation=0.2 * instance.demand)
    return design_retail(instance, RetailOptions(**options))


def carried_out(plan: RetailPlan, operation: Operation, law: DeviationLaw = "uniform") -> tuple[Scenario, Instance]:
    scenario = scenario_of(episode_content(plan.instance, law=law))
    return scenario, apply_plan(instance_of(scenario), network_plan(plan, operation, name="designed"))


def run(plan: RetailPlan, operation: Operation, law: DeviationLaw, replications: int) -> RunResult:
    scenario = scenario_of(episode_content(plan.instance, law=law))
    return simulate(
        scenario, plan=network_plan(plan, operation, name="designed"), replications=replications, trace=True
    )


def areas_of(result: RunResult, name: str, at: int, i: RetailInstance) -> np.ndarray:
    """A column of the areas' items in a period, shape replications x F (owed when demand shows: the demand)."""
    assert result.traces is not None
    places = [result.network.node_ids.index(area) for area in i.areas.ids]
    return np.asarray(result.traces.items[:, at, :, ITEM_COLUMNS.index(name)][:, places])


def cases_of(result: RunResult, i: RetailInstance) -> np.ndarray:
    """Number of the case of each replication: the one in which the demands lie within their deviations."""
    demand = areas_of(result, "backlog", DEMAND_SHOWS, i)
    inside = np.abs(demand[:, :, None] - i.demand[None]) <= i.deviation[None] + 1e-4
    return np.asarray(inside.all(axis=1).argmax(axis=1))


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("demand", [1.0, 1.9])
def test_both_engines_agree(operation: Operation, demand: float) -> None:
    scenario, instance = carried_out(designed(demand), operation)
    runs = [
        engine(instance, scenario.run.seed, range(12), stock=True, trace=True) for engine in (run_agents, run_compiled)
    ]
    assert differences(*runs) == []
    assert len({float(demand) for demand in period(runs[0], "demand").sum(axis=1)}) == 12


@pytest.mark.parametrize(("model", "demand"), [("stochastic", 1.0), ("box-ball", 1.0), ("stochastic", 1.9)])
def test_static_operation_is_the_flows_as_designed(model: Any, demand: float) -> None:
    """What each area lacks is its demand less its designed inflow; what is paid is what the design pays for flows."""
    plan = designed(demand, model=model, eps=0.2)
    i = plan.instance
    result = run(plan, "static", "uniform", REPLICATIONS)
    case = cases_of(result, i)
    assert set(case) == {0, 1}
    wanted = areas_of(result, "backlog", DEMAND_SHOWS, i)
    expected = np.maximum(wanted - plan.inflow("area").T[case], 0.0)
    np.testing.assert_allclose(areas_of(result, "backlog", PERIODS - 1, i), expected, atol=1e-3)
    pieces = cost_pieces(plan)
    left = (i.stock_price - i.salvage + i.holding) @ plan.unused
    handling = i.handling @ plan.outflow("dc")
    short = areas_of(result, "backlog", PERIODS - 1, i) @ i.shortage_penalty
    promised = {promise.name: promise for promise in result.promises}
    for name, wanted in {
        "fixed": np.full(REPLICATIONS, pieces.fixed),
        "destruction": pieces.destruction[case],
        "flows": (pieces.transport + handling)[case],
        "purchases": (pieces.purchase + pieces.handling - handling - left)[case],
        "leftovers": left[case],
        "penalty": short,
    }.items():
        np.testing.assert_allclose(promised[name].samples, wanted, rtol=1e-6, atol=1e-2)
    assert sum(promised[name].at_most for name in LABELS) == pytest.approx(plan.cost)
    np.testing.assert_allclose(promised["cost"].samples, sum(promised[name].samples for name in LABELS), rtol=1e-12)
    assert promised["cost"].samples.tolist() == column(result.values, "cost").sum(axis=1).tolist()
    assert (plan.transshipment.any() and plan.shortage.any()) == (demand > 1.5)


def test_costs_beside_trade_are_booked_alike_by_both_engines() -> None:
    """In the run, its undisrupted twin, and what each node paid; a case of a batch is that of the batch's timetable."""
    plan = designed(1.9)
    scenario = scenario_of(episode_content(plan.instance, law="uniform"))
    handed = network_plan(plan, "static", name="designed")
    asked: dict[str, Any] = {"plan": handed, "replications": 20, "stratified": True, "trace": True}
    agents, compiled = (simulate(scenario, engine=engine, **asked) for engine in ("agents", "compiled"))
    assert (agents.values == compiled.values).all()
    assert agents.twin is not None
    assert compiled.twin is not None
    assert (agents.twin == compiled.twin).all()
    assert agents.traces is not None
    by_node = agents.traces.nodes[..., NODE_COLUMNS.index("cost")].sum(axis=2)
    np.testing.assert_allclose(by_node, column(agents.values, "cost"), rtol=1e-12)
    destruction = next(promise.samples for promise in agents.promises if promise.name == "destruction")
    wanted = cost_pieces(plan).destruction[cases_of(agents, plan.instance)]
    np.testing.assert_allclose(destruction, wanted, rtol=1e-12)
    assert column(agents.twin, "fixed_cost").sum(axis=1) == pytest.approx(cost_pieces(plan).fixed)


def test_a_plan_that_states_no_costs_is_what_it_was() -> None:
    """Plans of before read, keep their hash, and book trade alone."""
    handed = network_plan(designed(), "static", name="designed")
    costs = dict.fromkeys(("stock_price", "fixed_cost", "destruction", "holding_cost", "loss", "penalty"))
    bare = handed.model_copy(
        update={
            "promised_costs": None,
            "nodes": [use.model_copy(update=costs) for use in handed.nodes],
            "links": [link.model_copy(update={"fixed_cost": None}) for link in handed.links],
        }
    )
    assert "fixed_cost" not in str(without_later(bare.model_dump(mode="json")))
    scenario = scenario_of(episode_content(designed().instance))
    result = simulate(scenario, plan=bare, replications=4)
    assert [promise.name for promise in result.promises] == ["violation", "shortage"]
    assert not column(result.values, "fixed_cost").any()


def test_static_operation_against_the_stress_of_the_flows() -> None:
    plan = designed()
    result = run(plan, "static", "two-point", 400)
    case = cases_of(result, plan.instance)
    short = areas_of(result, "backlog", PERIODS - 1, plan.instance).max(axis=1) > 0.01
    stress = static_stress(plan, "two-point", draws=20_000, seed=1)
    for s in range(2):
        assert short[case == s].mean() == pytest.approx(stress.any_violation[s], abs=0.1)
    violation, shortage = result.promises[:2]
    assert violation.at_most is None  # the stochastic design promises nothing
    assert violation.samples.tolist() == short.tolist()
    assert shortage.samples.mean() > 0.0


def test_no_facility_hands_on_more_than_its_level_allows() -> None:
    plan = designed(1.5)
    for operation in OPERATIONS:
        result = run(plan, operation, "uniform", REPLICATIONS)
        case = cases_of(result, plan.instance)
        assert result.traces is not None
        shipped = result.traces.items[..., ITEM_COLUMNS.index("shipped")].sum(axis=1)
        for role in ("supplier", "dc", "store"):
            most = plan.chosen(role, plan.instance.facilities(role).capacity)
            places = [result.network.node_ids.index(node) for node in plan.instance.role(role).ids]
            assert (shipped[:, places] <= most.T[case] + 1e-4).all()


def test_agents_that_negotiate_are_not_better_than_the_best_dispatch() -> None:
    """Where no flows over the network cover the demand, agents are short; where they are not short, some flows do."""
    plan = designed(1.9)
    i, again = plan.instance, Redispatch(plan)
    result = run(plan, "adaptive", "uniform", REPLICATIONS)
    case = cases_of(result, i)
    wanted = areas_of(result, "backlog", DEMAND_SHOWS, i)
    short = areas_of(result, "backlog", PERIODS - 1, i).sum(axis=1)
    for k in range(12):
        demand = np.where(np.arange(2) == case[k], wanted[k][:, None], 0.0)
        try:
            best = again(demand).shortage[:, case[k]].sum()
        except InputError:
            best = np.inf
        if short[k] < 0.01:
            assert best < np.inf
    assert (short > 0.01).any()


@pytest.fixture(scope="module")
def wuhan() -> dict[str, RetailPlan]:
    instance = read_instance(WUHAN, name="retail_wuhan")
    return {
        "stochastic": design_retail(instance, RetailOptions("stochastic")),
        "joint": design_retail(instance, RetailOptions("box-ball")),
        "own": design_retail(instance, RetailOptions("box-ball", reading="own")),
        "covered": design_retail(instance, RetailOptions("budget", coverage=Coverage(3, 3, 3))),
    }


@pytest.mark.parametrize("law", LAWS)
def test_wuhan(wuhan: dict[str, RetailPlan], law: DeviationLaw) -> None:
    """Static: the stochastic design leaves some area short most of the time, the robust ones never. Adaptive: none."""
    least, most = {"skewed-up": (0.5, 0.75), "skewed-down": (0.95, 1.0)}.get(law, (0.75, 0.97))
    for name, plan in wuhan.items():
        for operation in OPERATIONS:
            result = simulate(
                scenario_of(episode_content(plan.instance, law=law)),
                plan=network_plan(plan, operation, name=name),
                replications=100,
            )
            violation = result.promises[0]
            if name == "stochastic" and operation == "static":
                assert least <= violation.samples.mean() <= most
            else:
                assert violation.samples.mean() == 0.0
            assert violation.at_most == (None if name == "stochastic" else 0.05)


@pytest.mark.parametrize("law", LAWS)
def test_demand_laws_are_those_of_the_set(law: DeviationLaw) -> None:
    draws = np.linspace(0.0013, 0.9991, 997)
    checked = TypeAdapter(Law).validate_python(demand_law(law, 50.0, 20.0))
    np.testing.assert_allclose(values_of(checked, draws), 50.0 + 20.0 * deviations(law, draws), rtol=1e-12)


def test_stores_fill_in_proportion_to_what_they_hold() -> None:
    capacity = np.array([[10.0, 0.0], [30.0, 4.0]])
    np.testing.assert_allclose(fair_fill(np.array([20.0, 9.0]), capacity), [[5.0, 0.0], [15.0, 4.0]])


def test_shares_of_deviation_may_differ_by_scenario() -> None:
    instance = small()
    deviation = 0.1 * instance.demand
    deviation[1, 0] *= 2.0
    other = replace(instance, deviation=deviation)
    content = episode_content(other, law="two-point")
    assert content["joint_disruptions"][0]["cases"][1]["demand_spread"] == {"area_2": pytest.approx(0.5)}
    result = simulate(scenario_of(content), engine="agents", replications=REPLICATIONS, trace=True)
    asked = areas_of(result, "backlog", DEMAND_SHOWS, other)
    case = np.abs(asked[:, 0, None] - other.demand[0]).argmin(axis=1)  # area 1 deviates by a tenth
    assert {*case.tolist()} == {0, 1}
    for f in range(len(other.areas)):
        far = np.abs(asked[:, f] - other.demand[f, case])
        np.testing.assert_allclose(far, other.deviation[f, case], rtol=1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cases": ["1", "3"]}, "cases: the scenario's joint disruptions have other cases: 1, 2"),
        ({"nodes": {"node": "nowhere"}}, "nodes.0.node: there is no node 'nowhere'"),
        ({"nodes": {"order": [1.0]}}, "nodes.0.order: 1 numbers for 2 cases"),
        ({"links": {"supplier": "nowhere"}}, "links.0: there is no arc from 'nowhere' to"),
    ],
)
def test_a_plan_that_does_not_fit_says_where(change: dict[str, Any], message: str) -> None:
    plan = designed()
    handed = network_plan(plan, "static", name="changed")
    for key, value in change.items():
        if isinstance(value, dict):
            entries = list(getattr(handed, key))
            value = [entries[0].model_copy(update=value), *entries[1:]]
        handed = handed.model_copy(update={key: value})
    with pytest.raises(InputError) as error:
        apply_plan(instance_of(scenario_of(episode_content(plan.instance))), handed)
    assert message in str(error.value)
