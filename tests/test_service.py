"""Measures of service: right by hand, bounded, the same wherever they are shown, and as a testbed has them."""

from __future__ import annotations

import importlib
import re
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from esc_sim.comparison import compare_runs
from esc_sim.engine.compiled.runner import run_replications
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.measures.registry import FORMER_NAMES, KEY_FIGURES
from esc_sim.measures.service import Service, service_of
from esc_sim.optimize.measures import Yardstick
from esc_sim.optimize.nsga2 import Generation
from esc_sim.optimize.problem import PlanningProblem
from esc_sim.optimize.search import optimize
from esc_sim.optimize.unmoved import unmoved_notices
from esc_sim.results.columns import SERVICE_COLUMNS
from esc_sim.results.run import PeriodTable, RunResult, column
from esc_sim.results.service import SERVICE_MEASURES, service_of_customers
from esc_sim.results.summary import build_summary
from esc_sim.results.table import format_interval, kpi_table, service_tables, tier_table
from esc_sim.results.tiers import tier_statistics
from esc_sim.results.writing import write_run
from esc_sim.risk.intervals import mean_interval
from esc_sim.scenario.meaning import check_scenario
from esc_sim.scenario.optimization import Optimization
from esc_sim.scenario.schema import Scenario
from esc_sim.simulation import Engine, continued, simulate
from esc_sim.sweep.kpis import check_kpis
from esc_sim.sweep.sweep import sweep
from esc_sim.views.page.key_figures import key_figures
from esc_sim.views.report import write_report
from tests.helpers.networks import Content, scenario_of, scenarios
from tests.helpers.runs import agents, item
from tests.page.shows import show_of_scenario

ROOT = Path(__file__).resolve().parents[1]
SERVICE = [measure.name for measure in SERVICE_MEASURES]
SHARES = [measure.name for measure in SERVICE_MEASURES if measure.unit == "share"]
ENGINES: list[Engine] = ["agents", "compiled"]


def service_of_periods(values: Any) -> Service:
    """Service of all customers together, from period values [R, T, K]."""
    return service_of(PeriodTable(values))


def shop_content(start: float, level: float, lead: float, periods: int, warm_up: int = 0, **rules: Any) -> Content:
    """A shop with 10 units of demand a period and a base stock, whose supplier always has enough."""
    return {
        "nodes": [
            {"id": "shop", "layer": 1, "initial_stock": start, "demand": {"mean": 10.0},
             "order": {"policy": "base_stock", "order_up_to": level}},
            {"id": "maker", "layer": 2, "initial_stock": 1e6, "production": {"mean": 1e6}, "target_stock": 1e6},
        ],
        "arcs": [{"buyer": "shop", "supplier": "maker", "lead_time": lead}],
        "rules": {"unmet": "backorder", "unmet_orders": "backorder", **rules},
        "run": {"periods": periods, "warm_up": warm_up, "replications": 2},
        "optimize": {
            "variables": [{"kind": "order", "nodes": ["shop"], "parameter": "order_up_to", "relative": [-0.5, 0.5]}],
            "objectives": ["fill_rate", "cost"],
        },
    }  # fmt: skip


CASES = {
    # 60 units wait when the warm-up is over; the delivery of that period goes to them, and 10 wait a period longer.
    "backlog of the warm-up": (shop_content(0.0, 60.0, 6.0, 14, 5), 80 / 90),
    # 5 of the first 10 units are there; the other 5 are met a period later.
    "backlog of the first period": (shop_content(5.0, 10.0, 1.0, 6), 55 / 60),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", CASES)
def test_the_fill_rate_is_that_of_demand_met_at_once(name: str, engine: Engine) -> None:
    content, answer = CASES[name]
    run = simulate(scenario_of(content), engine=engine)
    summary = build_summary(run)
    entry = summary["kpis"]["undisrupted"]["fill_rate"]
    assert entry["mean"] == answer
    assert summary["kpis"]["undisrupted"]["served_share"]["mean"] == 1.0
    assert summary["tiers"]["layer 1"]["fill_rate"]["mean"] == answer
    assert summary["service"]["customers"][0]["fill_rate"]["mean"] == answer
    for table, row in ((kpi_table(summary), "Fill rate"), (tier_table(summary), summary["tier_labels"]["layer 1"])):
        assert table is not None
        place = list(table.columns[0].cells).index(row)
        assert format_interval(entry) in [list(column.cells)[place] for column in table.columns]
    assert {row.value.mean for row in compare_runs({"a": run, "b": run}) if row.kpi == "fill_rate"} == {answer}


@pytest.mark.parametrize("name", CASES)
def test_searches_sweeps_reports_and_the_page_show_the_same_fill_rate(name: str, tmp_path: Path) -> None:
    content, answer = CASES[name]
    scenario = scenario_of(content)
    run = simulate(scenario)
    assert Yardstick(scenario, ["fill_rate"])(run.without_warm_up().values) == answer
    written = tmp_path / "scenario.yaml"
    written.write_text(yaml.safe_dump({"version": 1, "name": "shop"} | content), encoding="utf-8")
    varied = sweep(written, {"nodes.shop.holding_cost": [1.0, 2.0]}, replications=2)
    assert varied.table["fill_rate.mean"].tolist() == [answer, answer]
    write_run(run, tmp_path / "run")
    told = " ".join(re.sub(r"<[^>]+>", " ", write_report(tmp_path / "run").read_text(encoding="utf-8")).split())
    assert f"Fill rate {100 * answer:.10g}"[:14] in told
    show = show_of_scenario(scenario)
    show.step(scenario.run.periods)
    shown = {figure.label: figure.value for figure in key_figures(show.runs[0], scenario)}
    assert shown["Fill rate"] == answer


def test_every_measure_by_hand() -> None:
    """Start 5, level 10, lead time 1: 5 units wait at the end of the first of six periods, then none."""
    kpis = build_summary(simulate(scenario_of(CASES["backlog of the first period"][0])))["kpis"]["undisrupted"]
    expected = {
        "fill_rate": 55 / 60, "cycle_service_level": 5 / 6, "ready_rate": 5 / 6, "served_share": 1.0,
        "backorders": 5 / 6, "mean_wait": 5 / 60, "unmet_per_period": 5 / 6,
    }  # fmt: skip
    assert {name: kpis[name]["mean"] for name in SERVICE} == pytest.approx(expected, rel=1e-15)
    assert [kpis[name]["unit"] for name in ("backorders", "mean_wait", "unmet_per_period")] == [
        "unit", "period", "unit/period"
    ]  # fmt: skip


def test_lost_demand_by_hand() -> None:
    """The same shop loses what it does not have: 5 of 60 units, and waits for nothing."""
    content = CASES["backlog of the first period"][0] | {"rules": {"unmet": "lost"}}
    kpis = build_summary(simulate(scenario_of(content)))["kpis"]["undisrupted"]
    expected = {
        "fill_rate": 55 / 60, "cycle_service_level": 5 / 6, "ready_rate": 5 / 6, "served_share": 55 / 60,
        "backorders": 0.0, "mean_wait": 0.0, "unmet_per_period": 5 / 6,
    }  # fmt: skip
    assert {name: kpis[name]["mean"] for name in SERVICE} == pytest.approx(expected, rel=1e-15)


def two_shops(**rules: Any) -> Scenario:
    """A shop that has all it needs and one that never gets anything; 10 periods, of which 4 warm-up."""
    shop = {"initial_stock": 1000.0, "demand": {"mean": 10.0}}
    return scenario_of(
        {
            "nodes": [{"id": "full", **shop}, {"id": "empty", **shop, "initial_stock": 0.0}, {"id": "maker"}],
            "arcs": [{"buyer": "full", "supplier": "maker"}],
            "rules": {"unmet": "backorder"} | rules,
            "run": {"periods": 10, "warm_up": 4, "replications": 2},
        }
    )


def test_what_was_owed_before_does_not_count_against_the_demand_of_the_run() -> None:
    """At the end 100 units wait, of which the 60 asked for after the warm-up are half of its demand."""
    summary = build_summary(simulate(two_shops()))
    kpis = summary["kpis"]["undisrupted"]
    means = {name: kpis[name]["mean"] for name in ("fill_rate", "served_share", "cycle_service_level", "ready_rate")}
    assert means == dict.fromkeys(means, 0.5)
    assert kpis["backorders"]["mean"] == (50 + 60 + 70 + 80 + 90 + 100) / 6
    shops = {entry["node"]: {name: entry[name]["mean"] for name in SHARES} for entry in summary["service"]["customers"]}
    assert shops == {"full": dict.fromkeys(SHARES, 1.0), "empty": dict.fromkeys(SHARES, 0.0)}
    table = service_tables(summary)[0]
    assert list(table.columns[0].cells) == ["empty", "full"]  # the worst first


@pytest.mark.parametrize("count", [10, 12])
def test_of_many_customers_the_ten_with_the_lowest_fill_rates_are_shown(count: int) -> None:
    """The shops have stock for 1, 2, 3 ... of 13 periods."""
    nodes: list[dict[str, Any]] = [
        {"id": f"shop_{k}", "initial_stock": 10.0 * k, "demand": {"mean": 10.0}} for k in range(count, 0, -1)
    ]
    made = {"nodes": [*nodes, {"id": "maker"}], "arcs": [{"buyer": "shop_1", "supplier": "maker"}]}
    summary = build_summary(simulate(scenario_of(made | {"run": {"periods": 13, "replications": 2}}), engine="agents"))
    (table,) = service_tables(summary)
    assert list(table.columns[0].cells) == [f"shop_{k}" for k in range(1, 11)]
    worst = "" if count == 10 else ", the 10 of 12 with the lowest fill rates"
    assert table.title == f"Service by customer{worst}"


def test_a_run_that_goes_on_keeps_the_service_of_its_customers() -> None:
    whole = simulate(two_shops(), replications=3)
    first, rest = simulate(two_shops(), replications=2), simulate(two_shops(), replications=1, first=2)
    assert build_summary(continued(first, rest))["service"] == build_summary(whole)["service"]


def oracle(run: RunResult, scenario: Scenario, block: Any) -> np.ndarray:
    """SERVICE_COLUMNS of every replication and customer, from a queue of what each period asked for."""
    backorder, first = scenario.rules.unmet == "backorder", scenario.run.warm_up
    served, backlog = item(block, "served"), item(block, "backlog")
    found = np.zeros((len(served), len(run.customers), len(SERVICE_COLUMNS)))
    for r, c in np.ndindex(found.shape[:2]):
        i, queue, before = run.customers[c], deque[list[float]](), 0.0
        for t, (handed, after) in enumerate(zip(served[r, :, i], backlog[r, :, i], strict=True)):
            counted = float(t >= first)
            demand = handed + after - before if backorder else np.nan
            queue.append([demand if backorder else handed, counted, float(t)])
            met_at_once, left = 0.0, float(handed)
            while queue and left > 0.0:
                part = min(left, queue[0][0])
                met_at_once += part * (queue[0][2] == t)
                queue[0][0] -= part
                left -= part
                if queue[0][0] <= 0.0:
                    queue.popleft()
            assert left == 0.0
            found[r, c, :4] += np.array([demand, met_at_once, 0.0, after]) * counted
            before = after
        found[r, c, -1] = sum(amount for amount, counted, _ in queue if counted)
    return found


def test_shares_are_bounded_ordered_and_the_same_everywhere() -> None:
    seen: set[Any] = set()

    @settings(max_examples=300)
    @given(scenarios(trading=True), st.booleans())
    def holds(scenario: Scenario, is_batched: bool) -> None:
        if is_batched:
            scenario = scenario.model_copy(update={"run": scenario.run.model_copy(update={"batches": 2})})
        run = simulate(scenario, engine="compiled")
        assert run.service is not None
        summary, counted = build_summary(run), scenario.run.periods - scenario.run.warm_up
        values = run.without_warm_up().values
        sums = service_of_customers(run.service, counted)
        for service in (service_of_periods(values), sums):
            by_name = {measure.name: measure.of(service) for measure in SERVICE_MEASURES}
            for name in SHARES:
                known = by_name[name][np.isfinite(by_name[name])]
                assert ((known >= 0.0) & (known <= 1.0)).all()
            known = np.isfinite(by_name["fill_rate"])
            assert (by_name["fill_rate"][known] <= by_name["served_share"][known]).all()
            assert (by_name["unmet_per_period"][known] >= 0.0).all()
        # The sums of customers are those of the network, and an independent queue gives the same.
        whole = service_of_periods(values)
        for name in ("demand", "filled", "lost", "overdue", "backlog"):
            np.testing.assert_array_equal(getattr(sums, name).sum(axis=1), getattr(whole, name))
        expected = oracle(run, scenario, agents(scenario, range(run.replications)))
        if scenario.rules.unmet == "backorder":
            for name in ("demand", "filled", "lost", "backlog", "overdue"):
                place = SERVICE_COLUMNS.index(name)
                np.testing.assert_array_equal(run.service[..., place], expected[..., place])
        # The same number in the summary, in a search and in a comparison.
        names = [
            name for name in SERVICE if scenario.rules.unmet == "backorder" or name not in ("backorders", "mean_wait")
        ]
        shown = [summary["kpis"][run.label][name]["mean"] for name in names]
        compared = {row.kpi: row.value.mean for row in compare_runs({"a": run, "b": run}) if row.variant == "a"}
        if len(run.customers) and shown[0] is not None:
            np.testing.assert_array_equal(shown, Yardstick(scenario, names)(values))
            np.testing.assert_array_equal(shown, [compared[name] for name in names])
            seen.add((scenario.rules.unmet, scenario.rules.sequence))
            seen.add((scenario.rules.unmet_orders, scenario.rules.allocation))
            seen.add("waits" if whole.overdue.any() else "")
            seen.add("batches" if is_batched else "")

    holds()
    assert {("lost", "order_after_demand"), ("backorder", "order_before_demand"), "waits", "batches"} <= seen
    assert {("backorder", allocation) for allocation in ("highest_bid", "priority", "first_come")} <= seen


TESTBED = {
    "holding": (855.1, 1.1 / 1.96),
    "orders": (0.0909, None),
    "short": (0.0457, None),
    "fill_rate": (0.9543, None),
}
"""An independent simulation, 400 replications: values as printed, and the standard error where an interval is given."""


def test_an_independent_testbed() -> None:
    """Exponential demand, (s, S) reviewed after demand, lead times of 1 day and a Poisson number of days more."""
    days = np.arange(40)
    logs = days * np.log(6.0) - 6.0 - np.array([np.log(np.arange(1, d + 1)).sum() for d in days])
    chances = np.exp(logs) / np.exp(logs).sum()
    scenario = scenario_of(
        {
            "nodes": [
                {"id": "shop", "initial_stock": 2000.0, "holding_cost": 1.0,
                 "demand": {"law": {"law": "exponential", "mean": 100.0}},
                 "order": {"policy": "s_S", "reorder_point": 1000.0, "order_up_to": 2000.0}},
                {"id": "maker", "initial_stock": 1e6, "production": {"mean": 1e6}, "target_stock": 1e6},
            ],
            "arcs": [
                {"buyer": "shop", "supplier": "maker", "crossing": True,
                 "lead_time": {"law": "discrete", "values": (1.0 + days).tolist(), "probabilities": chances.tolist()}},
            ],
            "rules": {"unmet": "backorder", "unmet_orders": "backorder", "holding_cost_timing": "end"},
            "run": {"periods": 2200, "warm_up": 200},
        }
    )  # fmt: skip
    instance, counted = replace(instance_of(scenario), service=True), 2000
    samples: dict[str, list[float]] = {name: [] for name in TESTBED}
    for first in range(0, 400, 50):
        block = run_replications(instance, 11, range(first, first + 50))
        service = service_of_periods(block.periods[:, 200:])
        by_name = {measure.name: measure.of(service) for measure in SERVICE_MEASURES}
        samples["holding"] += column(block.periods, "storage")[:, 200:].mean(axis=1).tolist()
        samples["orders"] += (block.tally[:, 0, 5] / counted).tolist()
        samples["short"] += (1.0 - by_name["ready_rate"]).tolist()
        samples["fill_rate"] += by_name["fill_rate"].tolist()
    for name, (answer, error) in TESTBED.items():
        found = mean_interval(samples[name], confidence=0.999)
        own = np.std(samples[name], ddof=1) / np.sqrt(400)
        both = np.hypot(own, own if error is None else error)  # its noise is as large as ours
        rounding = 0.05 if name == "holding" else 0.00005
        assert abs(found.mean - answer) <= 3.3 * both + rounding, name
        assert found.half_width <= 0.02 * max(answer, 0.05) + 0.002, name


def searched(rules: Content, objectives: list[str], **changes: Any) -> Content:
    content = shop_content(5.0, 10.0, 1.0, 6, **rules)
    return content | {"optimize": content["optimize"] | {"objectives": objectives}} | changes


def problems_of(content: Content) -> list[str]:
    return [str(problem) for problem in check_scenario(Scenario.model_validate({"version": 1, "name": "x"} | content))]


@pytest.mark.parametrize("name", ["backorders", "mean_wait"])
def test_waiting_where_nobody_waits_is_no_objective(name: str) -> None:
    assert problems_of(searched({}, ["cost", name])) == []
    told = problems_of(searched({"unmet": "lost"}, ["cost", name]))
    assert told == [
        f"optimize.objectives.1: {name} is 0 for every plan, since unmet demand is lost and nobody waits: "
        "take unmet_per_period, or set rules.unmet to backorder"
    ]
    limit = {"constraints": [{"measure": name, "at_most": 1.0}]}
    content = searched({"unmet": "lost"}, ["cost", "profit"])
    told = [problem.replace("objectives.1", "constraints.0") for problem in told]
    assert problems_of(content | {"optimize": content["optimize"] | limit}) == told
    content = searched({"unmet": "lost"}, ["cost", name])
    scenario = Scenario.model_validate({"version": 1, "name": "x"} | content)
    with pytest.raises(InputError, match=rf"optimize\.objectives\.1: {name} is 0 for every plan"):
        optimize(scenario)


def test_emissions_of_a_network_that_emits_nothing_are_no_objective() -> None:
    assert problems_of(searched({}, ["cost", "emissions"])) == [
        "optimize.objectives.1: emissions are 0 for every plan, since nothing in this scenario emits anything: "
        "give 'emissions'"
    ]
    content = searched({}, ["cost", "emissions"])
    content["arcs"] = [content["arcs"][0] | {"emissions": 0.1}]
    assert problems_of(content) == []


def test_what_the_first_generation_did_not_move_is_said() -> None:
    section = Optimization.model_validate(
        {
            "variables": [{"kind": "order", "relative": [-0.1, 0.1]}],
            "objectives": ["fill_rate", "cost"],
            "constraints": [{"measure": "ready_rate", "at_least": 0.5}, {"measure": "cost", "at_most": 9.0}],
        }
    )
    problem = PlanningProblem.__new__(PlanningProblem)
    problem.objectives, problem.limited = tuple(section.objectives), ("ready_rate", "cost")
    generation = Generation(
        1, np.zeros((3, 1)), np.array([[-1.0, 3.0], [-1.0, 4.0], [-1.0, 5.0]]), np.array([[0.0, 1.0]] * 3)
    )
    found = unmoved_notices(problem, generation)
    assert [notice.split(" was ")[0] for notice in found] == ["fill_rate", "ready_rate"]
    assert "the same for all 3 designs of the first generation" in found[0]
    moved = Generation(1, generation.designs, np.arange(6.0).reshape(3, 2), np.arange(6.0).reshape(3, 2))
    assert unmoved_notices(problem, moved) == []


@pytest.mark.parametrize("name", FORMER_NAMES)
def test_an_earlier_name_is_answered_with_the_new_one(name: str) -> None:
    assert FORMER_NAMES[name] in KEY_FIGURES
    with pytest.raises(InputError, match=f"--kpi {name}: this key figure is now called '{FORMER_NAMES[name]}'"):
        check_kpis([name])


def test_the_documentation_defines_every_key_figure() -> None:
    text = (ROOT / "docs" / "background" / "measures.md").read_text(encoding="utf-8")
    rows = [re.split(r" \| ", line.strip("| ")) for line in text.splitlines() if line.startswith("| `")]
    modules = {row[0].strip("`"): row[-1].strip("` |") for row in rows}
    assert len(modules) == len(rows)
    content = CASES["backlog of the first period"][0]
    names = {*KEY_FIGURES, *tier_statistics(simulate(scenario_of(content)))["layer 1"]}
    dates = [{"start": 1, "duration": 2}]
    shut: Content = {"disruptions": [{"name": "shut", "nodes": [content["nodes"][0]["id"]], "dates": dates}]}
    names |= build_summary(simulate(scenario_of(content | shut)))["knowledge"].keys()
    assert set(modules) == names - {"known_after"}
    assert {name for name, module in modules.items() if module == "measures.service"} == set(SERVICE)
    for module in set(modules.values()):
        importlib.import_module(f"esc_sim.{module}")
