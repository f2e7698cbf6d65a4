"""Searches with members, negotiations and arrivals that the agent engine alone can play, whoever judges the designs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import esc_sim as esc
from esc_sim.crews.crew import Hands
from esc_sim.errors import InputError
from esc_sim.optimize.candidates import Code
from esc_sim.optimize.elsewhere import judge_elsewhere
from esc_sim.optimize.judge import Draws, Judge
from esc_sim.results.summary import build_summary
from esc_sim.scenario.schema import Scenario
from tests.optimize.cases import ROOT

NAMES = ["profit", "fill_rate", "profit_lost_cvar"]
SIZES: dict[str, Any] = {"population": 4, "generations": 2, "replications": 2, "held_out": 4, "seed": 7}


class Cautious(esc.SupplyAgent):
    """Orders a fifth more while anything in the network is disrupted."""

    def wants(self, item: esc.Item, planned: float) -> float:
        return 1.2 * planned if self.model.hazards.active else planned


def quickstart(**more: Any) -> Scenario:
    variables = [
        {"kind": "order", "nodes": ["warehouse"], "relative": [-0.2, 0.4], "whole": True},
        {"kind": "setting", "path": "arcs.shop_south/warehouse.lead_time", "absolute": [1, 3]},
    ]
    changes: dict[str, Any] = {"run.periods": 20, "optimize": {"variables": variables, "objectives": NAMES[:2]}}
    disruption = {"name": "road", "nodes": ["factory_near"], "probability": 0.2, "duration": 2}
    return esc.load_scenario(ROOT / "scenarios" / "quickstart", changes | {"disruptions": [disruption]} | more)


def test_members_are_judged_by_the_agents_as_a_run_has_them() -> None:
    scenario, members = quickstart(), {"warehouse": Cautious}
    judge = Judge(scenario, NAMES, workers=1, code=Code(members=members))
    design = judge.space.snapped(judge.space.lower + 0.3)
    (measured,) = judge(design[None], [Draws(3, 0, 3)])
    plan = judge.space.plan(design, judge.instance.network, "mine", esc.plans.plan.Origin())
    result = esc.simulate(scenario, replications=3, seed=3, plan=plan, members=members)
    kpis = build_summary(result)["kpis"]["disrupted"]
    assert [kpis["profit_total"]["mean"], kpis["fill_rate"]["mean"]] == measured[:2].tolist()
    assert kpis["profit_lost_cvar"]["mean"] == pytest.approx(measured[2], rel=1e-9)
    usual = Judge(scenario, NAMES, workers=1)(design[None], [Draws(3, 0, 3)])
    assert usual[0, 0] != measured[0]
    # What the compiled engine plays as well gets the same bits from both, in batches of any size.
    by_agents = Judge(scenario, NAMES, workers=1, code=Code(members={"shop_south": esc.SupplyAgent}))
    for draws in (Draws(3, 0, 3), Draws(3, 0, 3, 3), Draws(3, 4, 2, 4)):
        np.testing.assert_array_equal(
            by_agents(design[None], [draws]), Judge(scenario, NAMES, 1)(design[None], [draws])
        )


def test_others_judge_designs_with_members_alike() -> None:
    scenario = quickstart()
    local = Judge(scenario, NAMES, workers=1, code=Code(members={"warehouse": Cautious}))
    designs = local.space.snapped(np.linspace(local.space.lower, local.space.upper, 3))
    draws = [Draws(3, 0, 2, 2)] * 3
    with ThreadPoolExecutor(2) as pool, judge_elsewhere(Hands(executor=pool), scenario, NAMES, local) as judge:
        np.testing.assert_array_equal(judge(designs, draws), local(designs, draws))
        np.testing.assert_array_equal(judge.by_replication(designs, draws), local.by_replication(designs, draws))
    assert local.needs_agents

    class Hidden(Cautious):
        """Cannot be found by another process."""

    hidden = Judge(scenario, NAMES, workers=1, code=Code(members={"warehouse": Hidden}))
    with pytest.raises(InputError, match="Hidden cannot be found by other processes"):
        judge_elsewhere(Hands(workers=2), scenario, NAMES, hidden).__enter__()


def test_a_search_with_members_finds_plans_that_a_run_confirms() -> None:
    members = {"warehouse": Cautious}
    front = esc.optimize(quickstart(), members=members, **SIZES | {"held_out": 16})
    assert [notice for notice in front.notices if "warehouse act by the class Cautious" in notice]
    plan = front.plan(0, "found")
    assert [setting.path for setting in plan.settings] == ["arcs.shop_south/warehouse.lead_time"]
    held_out: dict[str, Any] = {"seed": front.settings.held_out_seed, "replications": 16, "stratified": True}
    result = esc.simulate(quickstart(), plan=plan, members=members, **held_out)
    assert build_summary(result)["kpis"]["disrupted"]["profit_total"]["mean"] == front.held_out[0, 0]


@pytest.mark.parametrize(
    "more",
    [
        {"nodes.shop_south.demand": {"arrivals": [{"between": 0.5, "size": 8}], "price": 95}},
        {"rules.negotiation": "most_reliable"},
    ],
)
def test_arrivals_and_negotiations_are_searched(more: dict[str, Any]) -> None:
    front = esc.optimize(quickstart(**more), **SIZES)
    plan = front.plan(0, "found")
    result = esc.simulate(quickstart(**more), plan=plan, replications=2, seed=7)
    draws = [Draws(7, 0, 2)]
    (expected,) = Judge(quickstart(**more), NAMES[:2], workers=1)(front.designs[:1], draws)
    assert build_summary(result)["kpis"]["disrupted"]["profit_total"]["mean"] == expected[0]
    assert any("judged by the agent engine" in notice for notice in front.notices)


def test_a_choice_may_need_the_agents() -> None:
    path = {"kind": "setting", "path": "rules.negotiation", "choices": ["lowest_cost", "most_reliable"]}
    scenario = quickstart(optimize={"variables": [path], "objectives": NAMES[:2]})
    judge = Judge(scenario, NAMES[:2], workers=1)
    assert judge.needs_agents
    assert not judge.instance.agent_features
    both = judge(np.array([[0.0], [1.0]]), [Draws(3, 0, 2)] * 2)
    assert np.isfinite(both).all()
