"""Judging designs: the same numbers as a run of the plan, whoever judges, with draws shared or not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from esc_sim.cli import main
from esc_sim.engine.compiled.chance import share_chance
from esc_sim.engine.compiled.runner import run_replications
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.measures.registry import SEARCHED
from esc_sim.optimize.judge import Draws, Judge
from esc_sim.optimize.measures import Yardstick, label_of
from esc_sim.optimize.search import optimize
from esc_sim.optimize.space import decision_space
from esc_sim.plans.files import read_plan
from esc_sim.plans.plan import Origin
from esc_sim.results.service import SERVICE_MEASURES
from esc_sim.results.summary import build_summary
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.starter import new_scenario
from esc_sim.simulation import simulate
from tests.optimize.cases import ROOT, TINY, oil_gas

SERVICE = [measure.name for measure in SERVICE_MEASURES]
NAMES = ["profit", "cvar", "cvar_net", "var", "fill_rate", "emissions", "cost", "epf", *SERVICE[1:]]
LOSSES = ["profit_lost_var", "profit_lost_cvar", "demand_lost_var", "demand_lost_cvar"]


def designs(count: int, seed: int = 0) -> np.ndarray:
    space = decision_space(oil_gas())
    return np.random.default_rng(seed).uniform(space.lower, space.upper, size=(count, len(space)))


def test_a_judged_design_is_a_run_of_its_plan() -> None:
    scenario = oil_gas(risk__budget=80_000)
    judge = Judge(scenario, NAMES, workers=1)
    design = designs(1)[0]
    plan = judge.space.plan(design, judge.instance.network, "mine", Origin())
    result = simulate(scenario, replications=6, seed=3, plan=plan)
    kpis = build_summary(result)["kpis"]["disrupted"]
    (measured,) = judge(design[None], [Draws(3, 0, 6)])
    expected = [
        kpis[name]["mean"] for name in ("profit_total", "cvar", "cvar_net", "var", "fill_rate", "emissions_per_period")
    ]
    np.testing.assert_array_equal(measured[:6], expected)
    assert measured[6] == kpis["cost_per_period"]["mean"]
    assert measured[7] == kpis["epf"]["mean"]
    np.testing.assert_array_equal(measured[8:], [kpis[name]["mean"] for name in SERVICE[1:]])
    assert set(NAMES) <= set(SEARCHED)


@pytest.mark.parametrize("warm_up", [0, 15])
def test_losses_of_a_design_are_those_of_a_run_of_its_plan(warm_up: int, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = oil_gas(run__warm_up=warm_up)
    judge = Judge(scenario, ["profit", *LOSSES], workers=1)
    design = designs(1)[0]
    plan = judge.space.plan(design, judge.instance.network, "mine", Origin())
    kpis = build_summary(simulate(scenario, replications=6, seed=3, plan=plan))["kpis"]["disrupted"]
    (measured,) = judge(design[None], [Draws(3, 0, 6)])
    expected = [kpis[name]["mean"] for name in ("profit_total", *LOSSES)]
    assert expected[2] > 0.0
    np.testing.assert_allclose(measured, expected, rtol=1e-9)
    assert set(LOSSES) <= {name for name, measure in SEARCHED.items() if measure.of_twin}
    monkeypatch.setattr("esc_sim.optimize.judge._SHARED_MOST", 0)
    monkeypatch.setattr("esc_sim.optimize.judge._PIECE_WORK", 1)
    np.testing.assert_array_equal(Judge(scenario, ["profit", *LOSSES])(design[None], [Draws(3, 0, 6)]), measured[None])


def test_losses_that_mean_nothing_are_refused() -> None:
    with pytest.raises(InputError, match="demand_lost_cvar: a plan that serves nobody loses nothing"):
        Yardstick(oil_gas(), ["cvar", "demand_lost_cvar"])
    Yardstick(oil_gas(), ["cvar", "demand_lost_cvar", "fill_rate"])
    with pytest.raises(InputError, match="profit_lost_cvar cannot be estimated: nothing goes wrong in this scenario"):
        Yardstick(oil_gas(disruptions=[]), ["profit", "profit_lost_cvar"])


def test_periods_of_the_warm_up_are_not_judged() -> None:
    scenario = oil_gas(run__warm_up=15)
    judge = Judge(scenario, NAMES[:3], workers=1)
    kpis = build_summary(simulate(scenario, replications=4, seed=3))["kpis"]["disrupted"]
    (measured,) = judge(judge.space.base[None], [Draws(3, 0, 4)])
    expected = [kpis[name]["mean"] for name in ("profit_total", "cvar", "cvar_net")]
    np.testing.assert_allclose(measured, expected, rtol=1e-12)


def test_workers_and_shared_draws_change_no_number() -> None:
    scenario = oil_gas()
    several, same = designs(5), [Draws(1, 0, 5, 5)] * 5
    one = Judge(scenario, NAMES[:3], workers=1)(several, same)
    np.testing.assert_array_equal(Judge(scenario, NAMES[:3], workers=3)(several, same), one)
    # Designs on different draws are not shared: each row is what the design gets alone.
    judge = Judge(scenario, NAMES[:3], workers=2)
    mixed = [Draws(1, 0, 5, 5), *[Draws(1, 5 * k, 5) for k in range(1, 5)]]
    rows = judge(several, mixed)
    np.testing.assert_array_equal(rows[0], one[0])
    for row, design, draws in zip(rows, several, mixed, strict=True):
        np.testing.assert_array_equal(judge(design[None], [draws])[0], row)
    assert not np.array_equal(rows[1], one[1])


def test_a_small_cache_gives_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario, several, same = oil_gas(), designs(2), [Draws(1, 3, 20, 4)] * 2
    expected = Judge(scenario, NAMES[:2])(several, same)
    monkeypatch.setattr("esc_sim.optimize.judge._SHARED_MOST", 0)
    monkeypatch.setattr("esc_sim.optimize.judge._PIECE_WORK", 1)
    np.testing.assert_array_equal(Judge(scenario, NAMES[:2])(several, same), expected)


@pytest.mark.parametrize("stratified", [False, True])
@pytest.mark.parametrize("name", ["oil_gas", "quickstart"])
def test_shared_chance_is_the_chance_of_a_run(name: str, stratified: bool) -> None:
    overrides = {"run.periods": 90}
    if name == "quickstart":  # lead times, and arcs that fail
        overrides["disruptions"] = [  # type: ignore[assignment]
            {"name": "strike", "nodes": ["factory_near"], "dates": [{"start": 20, "duration": 21}], "health": 0.1},
            {"name": "road", "arcs": [{"buyer": "shop_south", "supplier": "warehouse"}], "probability": 0.2,
             "duration": {"law": "uniform", "low": 1, "high": 4}},
        ]  # fmt: skip
    instance = instance_of(load_scenario(ROOT / "scenarios" / name, overrides))
    shared = share_chance(instance, 5, range(2, 6), True, stratified)
    given = run_replications(instance, 5, range(2, 6), shared=shared)
    drawn = run_replications(instance, 5, range(2, 6), stratified=stratified)
    np.testing.assert_array_equal(given.periods, drawn.periods)
    np.testing.assert_array_equal(given.arc_shipped, drawn.arc_shipped)


def test_strata_of_any_size_share_out_the_disruptions() -> None:
    """With p = 0.1 and batches of 10, one replication of a batch is disrupted in every period."""
    instance = instance_of(oil_gas())
    shared = share_chance(instance, 5, range(10), True, True, 10)
    hit = (shared.health < 1.0).sum(axis=0)
    np.testing.assert_array_equal(hit, np.ones_like(hit))


def test_the_base_design_changes_nothing() -> None:
    scenario = oil_gas()
    instance = instance_of(scenario)
    space = decision_space(scenario)
    same = space.decided(instance, space.base)
    np.testing.assert_array_equal(same.items.order_loc, instance.items.order_loc)
    np.testing.assert_array_equal(same.arcs.price, instance.arcs.price)
    np.testing.assert_array_equal(same.lines.pos, instance.lines.pos)


def test_a_scenario_without_the_section_says_what_to_write() -> None:
    with pytest.raises(InputError, match="has no section 'optimize'"):
        decision_space(load_scenario(ROOT / "scenarios" / "quickstart"))


@pytest.mark.parametrize("template", ["sourcing", "retail"])
def test_starters_are_searched_around_a_plan_and_the_example_fits(template: str, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    new_scenario(folder, template)
    out = tmp_path / "plan"
    assert main(["design", str(folder), "--out", str(out)]) == 0
    scenario, plan = load_scenario(folder), read_plan(out / "plan.yaml")
    space = decision_space(scenario, plan=plan, planned=plan.applied(instance_of(scenario)))
    assert (space.lower < space.upper).all()
    text = (folder / "scenario.yaml").read_text()
    (folder / "scenario.yaml").write_text(text[: text.index("optimize:\n")])
    with pytest.raises(InputError) as caught:
        decision_space(load_scenario(folder))
    example = str(caught.value).partition("such as ")[2]
    (folder / "scenario.yaml").write_text(f"{text[: text.index('optimize:')]}{example}\n")
    assert decision_space(load_scenario(folder), plan=plan, planned=plan.applied(instance_of(scenario))).names


def test_relative_bounds_of_nothing_are_refused() -> None:
    scenario = oil_gas(nodes__retailer_1__order__mean=0)
    with pytest.raises(InputError, match=r"optimize\.variables\.0: order/retailer_1 is 0, so relative bounds"):
        decision_space(scenario)


def test_a_fill_rate_without_demand_is_refused() -> None:
    scenario = oil_gas()
    assert scenario.optimize is not None
    bare = scenario.model_copy(update={"nodes": [n.model_copy(update={"demand": None}) for n in scenario.nodes]})
    bare = bare.model_copy(
        update={"optimize": scenario.optimize.model_copy(update={"objectives": ["profit", "fill_rate"]})}
    )
    with pytest.raises(InputError, match="fill_rate cannot be estimated: no node"):
        optimize(bare, **TINY)


def test_labels_have_units() -> None:
    scenario = oil_gas()
    assert label_of("profit", scenario) == "Profit over the horizon [EUR]"
    assert label_of("cvar", scenario) == "CVaR 95 % of cost [EUR/day]"
    assert label_of("cvar", oil_gas(risk__pooling="horizon")) == "CVaR 95 % of cost [EUR]"
    assert label_of("profit_lost_cvar", scenario) == "CVaR 95 % of profit lost [EUR/year]"


def test_a_cost_that_does_not_see_lost_demand_is_told() -> None:
    (notice,) = Yardstick(oil_gas(), ["profit", "cvar"]).notices
    assert "cvar: demand that is lost costs nothing at retailer_1" in notice
    assert Yardstick(oil_gas(), ["profit", "cvar", "fill_rate"]).notices == []
    assert Yardstick(oil_gas(), ["profit", "emissions"]).notices == []
