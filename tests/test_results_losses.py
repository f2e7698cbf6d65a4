"""Profit and demand lost against the undisrupted twin, worked out by hand, and what is told of demand at no cost."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from esc_sim.cli import main
from esc_sim.comparison import compare_runs
from esc_sim.measures.losses import MEASURES as LOSSES
from esc_sim.measures.losses import demand_lost, profit_lost, unserved
from esc_sim.measures.measure import Floats, Periods
from esc_sim.measures.terms import periods_a_year
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.results.run import PeriodTable, RunResult
from esc_sim.results.summary import build_summary
from esc_sim.results.table import print_kpis
from esc_sim.results.unpriced import START, unpriced_notice
from esc_sim.scenario.schema import Scenario
from esc_sim.simulation import Engine, continued, simulate
from tests.helpers.networks import Content, chain_content, scenario_of
from tests.helpers.runs import SCENARIOS
from tests.helpers.synthetic_runs import layered_scenario, synthetic_result

ENGINES: list[Engine] = ["compiled", "agents"]


def depot_shut(days: int, **changes: Any) -> Scenario:
    """Source, depot, shop without chance: 10 units a day are sold at 20; the depot is shut from day 4 on.

    The shop buys at 8 + 1, the depot at 4 + 1, both order 10 a day that arrive the next day; nothing else costs
    anything. The shop holds 0 after each day's sale but for what has arrived.
    """
    content = chain_content(
        run={"periods": 20, "replications": 3, "seed": 1},
        units={"goods": "box", "money": "EUR", "period": "day"},
        disruptions=[{"name": "shut", "nodes": ["middle"], "dates": [{"start": 4, "duration": days}]}],
        rules={"feedback": "none", "known_after": 1000},
    )
    for node, stock in zip(content["nodes"], (10, 10, 100), strict=True):
        node |= {"holding_cost": 0, "penalty": 0, "initial_stock": stock}
    return scenario_of(content | changes)


def demand(content: Content, **changes: Any) -> None:
    content["nodes"][0]["demand"] |= changes


def kpis_of(result: RunResult) -> dict[str, Any]:
    found: dict[str, Any] = build_summary(result)["kpis"][result.label]
    return found


def lost(quantity: Callable[[Periods, Periods], Floats], result: RunResult) -> list[float]:
    """What each replication lost, without scaling."""
    assert result.twin is not None
    found: list[float] = quantity(PeriodTable(result.values), PeriodTable(result.twin)).tolist()
    return found


@pytest.mark.parametrize("engine", ENGINES)
def test_a_depot_that_is_shut_costs_what_was_not_sold(engine: Engine) -> None:
    """In k days the shop gets nothing and loses 10 k units at 20; it buys 10 k fewer at 8 + 1, of which 8 are the
    depot's income. The depot goes on buying what it cannot sell. Money lost: k (200 - 10), the shop's freight saved.
    """
    days = 5
    result = simulate(depot_shut(days), engine=engine)
    summary = build_summary(result)
    kpis = summary["kpis"]["disrupted"]
    year = 365 / 20
    for name in ("profit_lost", "profit_lost_var", "profit_lost_cvar"):
        assert kpis[name]["mean"] == pytest.approx(190 * days * year)
        assert kpis[name]["unit"] == "EUR/year"
    for name in ("demand_lost", "demand_lost_var", "demand_lost_cvar"):
        assert kpis[name]["mean"] == pytest.approx(10 * days * year)
        assert kpis[name]["unit"] == "box/year"
    # The headline risk has the other sign.
    assert summary["kpis"]["difference"]["cvar"]["mean"] <= 0.0
    assert summary["kpis"]["difference"]["cost_per_period"]["mean"] < 0.0
    block = summary["risk"]["losses"]
    assert (block["per"], block["periods"], block["periods_a_year"]) == ("year", 20, 365.0)
    assert block["is_largest"]
    assert block["not_estimated"] == {}


@pytest.mark.parametrize("engine", ENGINES)
def test_backorders_that_are_served_later_are_no_demand_lost(engine: Engine) -> None:
    rules = {"feedback": "none", "unmet": "backorder", "known_after": 1000}
    catches_up = chain_content()["nodes"]
    result = simulate(depot_shut(3, rules=rules), engine=engine)
    # Orders of a fixed size never make up for those that were not placed: 30 units are owed to the end.
    assert lost(demand_lost, result) == [30.0] * 3
    catches_up[0] |= {"order": {"policy": "base_stock", "order_up_to": 20}, "initial_stock": 10, "holding_cost": 0}
    catches_up[1] |= {"order": {"mean": 10}, "initial_stock": 10, "holding_cost": 0, "penalty": 0}
    catches_up[2] |= {"initial_stock": 100, "holding_cost": 0, "penalty": 0}
    result = simulate(depot_shut(3, rules=rules, nodes=catches_up), engine=engine)
    backlog = result.values[..., PERIOD_COLUMNS.index("backlog")]
    assert backlog.max() > 0.0
    assert backlog[:, -1].tolist() == [0.0] * 3
    assert lost(demand_lost, result) == [0.0] * 3


@pytest.mark.parametrize("engine", ENGINES)
def test_a_surge_that_is_not_met_is_demand_lost(engine: Engine) -> None:
    """Twice the demand for two days, which the shop cannot serve: 20 units are lost, though it sells as much."""
    surge = [{"name": "surge", "nodes": ["shop"], "demand_factor": 2.0,
              "dates": [{"start": 4, "duration": 2}]}]  # fmt: skip
    result = simulate(depot_shut(3, disruptions=surge), engine=engine)
    assert lost(demand_lost, result) == [20.0] * 3
    assert lost(profit_lost, result) == [0.0] * 3


def test_what_is_owed_from_the_warm_up_counts_as_demand() -> None:
    """Owed 4 when the count begins, of which 3 are served; later 2 more are owed: 3 are not served in the end."""
    assert unserved(PeriodTable(_values(demand=[[5.0, 5.0]], served=[[8.0, 3.0]], backlog=[[1.0, 3.0]]))).tolist() == [
        3.0
    ]
    # Where sales are lost there is no backlog, and nothing owed before.
    assert unserved(PeriodTable(_values(demand=[[5.0, 5.0]], served=[[2.0, 5.0]]))).tolist() == [3.0]


@pytest.mark.parametrize("site", ["factory_near", "warehouse", "shop_north"])
def test_every_outage_raises_the_losses_though_cost_may_fall(site: str) -> None:
    """Quickstart with one site shut for 21 days in every replication."""
    found, stops = [], ["retail"] if site.startswith("shop") else ["ship"]
    for days in (1, 21):
        shut = [{"name": "shut", "nodes": [site], "stops": stops, "dates": [{"start": 30, "duration": days}]}]
        overrides = {"run.periods": 120, "disruptions": shut}
        found.append(kpis_of(simulate(SCENARIOS / "quickstart", replications=8, overrides=overrides)))
    short, long = found
    for name in ("profit_lost", "profit_lost_var", "profit_lost_cvar"):
        assert long[name]["mean"] > max(0.0, short[name]["mean"]), name
    for name in ("demand_lost", "demand_lost_var", "demand_lost_cvar"):
        assert long[name]["mean"] >= short[name]["mean"] >= 0.0, name
    assert site != "shop_north" or long["demand_lost_cvar"]["mean"] > 0.0
    assert site != "shop_north" or long["cost_per_period"]["mean"] < short["cost_per_period"]["mean"]


def _values(**columns: Any) -> np.ndarray:
    shape = np.shape(next(iter(columns.values())))
    return np.stack([np.array(columns.get(name, np.zeros(shape)), float) for name in PERIOD_COLUMNS], axis=-1)


def _result(losses: list[float], **changes: Any) -> RunResult:
    """A run of one period in which each replication loses so much profit and demand."""
    base = synthetic_result(layered_scenario(**changes), replications=1, periods=1)
    zero = [[0.0]] * len(losses)
    run = _values(profit=[[-x] for x in losses], demand=[[1e6]] * len(losses), served=[[1e6 - x] for x in losses])
    twin = _values(profit=zero, demand=[[1e6]] * len(losses), served=[[1e6]] * len(losses))
    return RunResult(**(vars(base) | {"values": run, "twin": twin, "disruption_active": None}))


@pytest.mark.parametrize(
    ("count", "level", "var", "cvar"),
    [
        (20, 0.95, 20.0, 20.0),  # 20 x 0.05 = 1: no more than the largest
        (21, 0.95, 20.0, 20.5),
        (100, 0.95, 96.0, 98.0),  # the smallest z with F(z) > 0.95, and the mean of 96 to 100
        (100, 0.9, 91.0, 95.5),
    ],
)
@pytest.mark.parametrize("quantity", ["profit", "demand"])
def test_level_and_estimator_of_the_tails(count: int, level: float, var: float, cvar: float, quantity: str) -> None:
    losses = np.random.default_rng(1).permutation(np.arange(1.0, count + 1.0)).tolist()
    for estimator in ("tail_mean", "rockafellar_uryasev"):
        result = _result(losses, risk={"level": level, "estimator": estimator}, units={"period": "year"})
        summary = build_summary(result)
        kpis = summary["kpis"]["disrupted"]
        assert kpis[f"{quantity}_lost_var"]["mean"] == var
        if estimator == "tail_mean" or count in (20, 100):
            assert kpis[f"{quantity}_lost_cvar"]["mean"] == pytest.approx(cvar)
        else:
            assert kpis[f"{quantity}_lost_cvar"]["mean"] == pytest.approx(20 + 1 / (0.05 * 21))
        assert summary["risk"]["losses"]["is_largest"] == (count == 20)
        has_interval = count * (1 - level) > 9.9
        assert (kpis[f"{quantity}_lost_cvar"]["ci_low"] is not None) == has_interval
        mean = kpis[f"{quantity}_lost"]
        assert mean["ci_low"] < mean["mean"] < mean["ci_high"]


def test_the_interval_of_the_tail_covers_the_tail() -> None:
    """CVaR 90 % of a standard exponential loss is 1 + ln 10; 95 % intervals of 60 runs of 400 replications."""
    generator = np.random.default_rng(7)
    covered = []
    for _ in range(60):
        result = _result(generator.exponential(size=400).tolist(), risk={"level": 0.9}, units={"period": "year"})
        entry = kpis_of(result)["profit_lost_cvar"]
        covered.append(entry["ci_low"] <= 1 + math.log(10) <= entry["ci_high"])
    assert np.mean(covered) > 0.85


@pytest.mark.parametrize(
    ("period", "year"),
    [("hour", 8760), ("Days", 365), ("week", 52), ("month", 12), ("quarter", 4), ("year", 1), ("contract period", None),
     ("step", None)],
)  # fmt: skip
def test_periods_of_a_year(period: str, year: float | None) -> None:
    assert periods_a_year(period) == year
    result = _result([3.0, 5.0], units={"money": "EUR", "period": period})
    entry = kpis_of(result)["profit_lost"]
    assert entry["mean"] == 4.0 * (year or 1.0)
    assert entry["unit"] == ("EUR/year" if year else "EUR")
    assert ("does not tell" in printed(result)) == (year is None)


def printed(result: RunResult) -> str:
    out = io.StringIO()
    print_kpis(build_summary(result), Console(file=out))
    return out.getvalue()


def test_the_table_says_against_what_and_how_much_the_tail_is_worth() -> None:
    text = printed(simulate(depot_shut(5), engine="agents"))
    assert "CVaR 95 % of profit lost" in text
    assert "each replication against its undisrupted twin, scaled from 20 days to a year" in text
    assert "3 replications are too few for their tail: VaR and CVaR 95 % are the largest loss seen" in text
    assert "interval from 200 replications on" in text


def test_without_a_twin_nothing_is_estimated_and_the_run_says_why() -> None:
    result = simulate(depot_shut(5, disruptions=[]), engine="agents")
    summary = build_summary(result)
    assert all(summary["kpis"]["undisrupted"][figure.name]["mean"] is None for figure in LOSSES)
    assert "no undisrupted twin" in summary["risk"]["losses"]["not_estimated"]["profit_lost"]
    text = printed(result)
    assert "Profit lost and demand lost are not estimated: the scenario has no disruption" in text
    assert "of profit lost" not in text


def test_without_customers_no_demand_is_lost_and_the_run_says_so() -> None:
    nodes = [{key: value for key, value in node.items() if key != "demand"} for node in depot_shut(5).model_dump(
        exclude_unset=True)["nodes"]]  # fmt: skip
    summary = build_summary(simulate(depot_shut(5, nodes=nodes), engine="agents"))
    assert summary["kpis"]["disrupted"]["demand_lost_cvar"]["mean"] is None
    assert summary["kpis"]["disrupted"]["profit_lost_cvar"]["mean"] is not None
    assert summary["risk"]["losses"]["not_estimated"] == {"demand_lost": "no customer asks for anything"}


def priced(cost: float, others: float | None = None, **changes: Any) -> Scenario:
    """The shut depot with a shortage cost; with others a second shop that nothing is delivered to, of that cost."""
    scenario = depot_shut(5).model_dump(exclude_unset=True, mode="json")
    scenario["nodes"][0]["demand"]["shortage_cost"] = cost
    if others is not None:
        scenario["nodes"].append({"id": "kiosk", "demand": {"mean": 1, "price": 20, "shortage_cost": others}})
    return scenario_of(scenario | changes)


@pytest.mark.parametrize(
    ("scenario", "told"),
    [
        (priced(0.0), "demand was lost where shortage_cost is 0 (shop)."),
        (priced(0.5), None),
        (priced(0.0, 2.0), "demand was lost where shortage_cost is 0 (shop)."),
        (priced(0.0, 2.0, disruptions=[]), None),  # the kiosk's demand alone is lost, and that costs 2
        (priced(0.0, 0.0), "(shop, kiosk)"),
        (priced(0.0, disruptions=[]), None),  # nothing is lost
        (priced(0.0, rules={"feedback": "none", "unmet": "backorder"}), "demand was owed where"),
    ],
)
def test_a_run_says_that_demand_was_lost_at_no_cost(scenario: Scenario, told: str | None) -> None:
    for engine in ENGINES:
        notices = simulate(scenario, engine=engine).notices
        if told is None:
            assert notices == []
        else:
            (notice,) = notices
            assert notice.startswith(START)
            assert told in notice
            assert "set demand.shortage_cost of these customers" in notice


def test_costs_that_differ_leave_it_open() -> None:
    """100 units charged 1 or 4 each, 250 in all: between 62.5 and 250 units, so nothing is known of the others."""
    base = scenario_of(priced(0.0, 1.0).model_dump(exclude_unset=True, mode="json"))
    nodes = [*base.nodes, base.nodes[-1].model_copy(update={"id": "stall"})]
    nodes[-1] = nodes[-1].model_copy(
        update={"demand": nodes[-1].demand.model_copy(update={"shortage_cost": 4.0})}  # type: ignore[union-attr]
    )
    scenario = base.model_copy(update={"nodes": nodes})
    values = _values(demand=[[100.0]], served=[[0.0]], shortage_cost=[[250.0]])
    result = RunResult(**(vars(synthetic_result(replications=1, periods=1)) | {"scenario": scenario, "values": values}))
    notice = unpriced_notice(result)
    assert notice is not None
    assert "lost, perhaps where" in notice


def test_many_customers_are_counted() -> None:
    kiosks = [{"id": f"kiosk_{k}", "demand": {"mean": 1, "price": 1}} for k in range(6)]
    nodes = depot_shut(5).model_dump(exclude_unset=True, mode="json")["nodes"]
    (notice,) = simulate(depot_shut(5, nodes=[*nodes, *kiosks]), engine="agents").notices
    assert "(shop, kiosk_0, kiosk_1 and 4 more)" in notice


def test_a_run_that_goes_on_says_it_once() -> None:
    scenario = depot_shut(5)
    first = simulate(scenario, replications=1, engine="agents")
    rest = simulate(scenario, replications=2, first=1, engine="agents")
    assert len(continued(first, rest).notices) == 1


def test_compare_shows_losses_with_paired_differences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = {f"{days} days": simulate(depot_shut(days)) for days in (2, 5)}
    rows = {(row.kpi, row.variant): row for row in compare_runs(runs)}
    year = 365 / 20
    for name in ("profit_lost", "profit_lost_var", "profit_lost_cvar"):
        assert rows[name, "2 days"].value.mean == pytest.approx(380 * year)
        assert rows[name, "5 days"].difference.mean == pytest.approx(570 * year)
    assert rows["demand_lost_cvar", "5 days"].difference.mean == pytest.approx(30 * year)
    assert rows["cvar", "5 days"].value.mean == kpis_of(runs["5 days"])["cvar"]["mean"]
    many = {k: _result(list(range(k, k + 300)), units={"period": "year"}) for k in (0, 5)}
    row = next(r for r in compare_runs({str(k): run for k, run in many.items()}) if
               (r.kpi, r.variant) == ("profit_lost_cvar", "5"))  # fmt: skip
    # The same chance in both: the difference is known exactly, however wide each tail's own interval.
    assert row.difference.low == pytest.approx(5.0)
    assert row.difference.high == pytest.approx(5.0)
    assert row.value.high > row.value.low
    words = ["compare", str(SCENARIOS / "quickstart"), "--replications", "3", "--out", str(tmp_path / "out")]
    words += ["--variant", "a: run.periods=150", "--variant", "b: run.periods=150; disruptions=[]"]
    assert main(words) == 0
    assert "CVaR 95 % of demand lost" in capsys.readouterr().out
    table = pd.read_csv(tmp_path / "out" / "compare.csv").set_index(["kpi", "variant"])
    assert table.loc[("profit_lost_cvar", "a"), "mean"] > 0.0
    assert math.isnan(table.loc[("profit_lost_cvar", "b"), "mean"])


def test_sweep_has_losses_and_says_where_there_are_none(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["sweep", str(SCENARIOS / "quickstart"), "--replications", "2", "--set", "run.periods=150"]
    words += ["--kpi", "demand_lost_cvar", "--kpi", "profit_lost_var", "--vary"]
    assert main([*words, "nodes.warehouse.order.mean=60,72"]) == 0
    out = capsys.readouterr().out
    assert "CVaR 95 % of demand lost [pallet/year]" in out, out
    assert "VaR 95 % of profit lost [EUR/year]" in out
    assert main([*words, "nodes.warehouse.order.mean=60,72", "--set", "disruptions=[]"]) == 2
    assert "--kpi profit_lost_var: cannot be estimated: nothing goes wrong in this scenario" in capsys.readouterr().err


def test_sweep_says_that_demand_was_lost_at_no_cost(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["sweep", str(SCENARIOS / "oil_gas"), "--replications", "2", "--set", "run.periods=15", "--vary"]
    assert main([*words, "disruptions.refinery_3_outage.probability=0.5,0.6"]) == 0
    assert f"note: {START}demand was lost or owed at some points, perhaps where" in capsys.readouterr().out
