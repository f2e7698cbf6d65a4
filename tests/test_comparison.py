"""Comparing runs: paired differences, tails, losses, notices and the summary, on runs whose numbers are given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from esc_sim.comparison import (
    Compared,
    Wanted,
    check_variants,
    compare_runs,
    comparison_figure,
    comparison_footer,
    comparison_notices,
    comparison_summary,
    scenario_name,
    variant_of,
)
from esc_sim.errors import InputError
from esc_sim.measures import recovery
from esc_sim.measures.measure import Need, Place
from esc_sim.measures.registry import MEASURES, highlighted
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.results.compared_texts import comparison_texts, says_nothing
from esc_sim.results.run import RunResult, column
from esc_sim.risk.intervals import Interval, paired_difference
from esc_sim.scenario.disruptions import Dates, Disruption
from esc_sim.scenario.unread import with_notices
from tests.helpers.synthetic_runs import synthetic_result

COST, INCOME = PERIOD_COLUMNS.index("cost"), PERIOD_COLUMNS.index("internal_income")


def runs(replications: int = 8, **changes: object) -> dict[str, RunResult]:
    """A run, and the same with a cost that is higher by 1, 2, 3 and so on in its replications."""
    first = synthetic_result(replications=replications, periods=50)
    values = first.values.copy()
    values[:, :, COST] += 1.0 + np.arange(replications)[:, None]
    return {"usual": first, "dear": replace(first, values=values, **changes)}  # type: ignore[arg-type]


def row_of(rows: list[Compared], variant: str, kpi: str) -> Compared:
    (row,) = [row for row in rows if (row.variant, row.kpi) == (variant, kpi)]
    return row


def test_every_key_figure_of_every_run_once() -> None:
    rows = compare_runs(runs())
    short = {name for name, measure in MEASURES.items() if Need.YEARS in measure.needs}  # 50 days are no years
    names = [name for name in MEASURES if name not in {"epf", *short}]  # no budget
    names += [measure.name for measure in recovery.MEASURES]
    assert [(row.kpi, row.variant) for row in rows] == [(name, v) for name in names for v in ("usual", "dear")]


def test_differences_are_paired() -> None:
    two = runs()
    row = row_of(compare_runs(two), "dear", "cost_per_period")
    expected = paired_difference(1.0 + np.arange(8), np.zeros(8))
    assert row.difference.mean == pytest.approx(4.5)
    assert (row.difference.low, row.difference.high) == pytest.approx((expected.low, expected.high))
    assert row.value.mean == pytest.approx(column(two["dear"].values, "cost").mean())
    assert row.unit == "EUR/day"
    base = row_of(compare_runs(two), "usual", "cost_per_period").difference
    assert (base.mean, base.low, base.high) == (0.0, 0.0, 0.0)


def test_intervals_keep_what_was_stratified_together() -> None:
    two = {name: replace(run, batch=4) for name, run in runs(16).items()}
    row = row_of(compare_runs(two), "dear", "cost_per_period")
    expected = paired_difference(1.0 + np.arange(16), np.zeros(16), batch=4)
    assert (row.difference.low, row.difference.high) == pytest.approx((expected.low, expected.high))
    assert row.value.n == 4
    assert row_of(compare_runs(two), "dear", "profit_lost").value.n == 4


def test_the_warm_up_is_left_out() -> None:
    two = runs()
    warm = {}
    for name, run in two.items():
        scenario = run.scenario.model_copy(update={"run": run.scenario.run.model_copy(update={"warm_up": 10})})
        warm[name] = replace(run, scenario=scenario)
    row = row_of(compare_runs(warm), "usual", "cost_per_period")
    assert row.value.mean == pytest.approx(column(two["usual"].values, "cost")[:, 10:].mean())


def with_risk(run: RunResult, **values: object) -> RunResult:
    risk = run.scenario.risk.model_copy(update=values)
    return replace(run, scenario=run.scenario.model_copy(update={"risk": risk}))


def test_tails_of_cost_by_level_and_pooling() -> None:
    rows = compare_runs(runs())
    assert row_of(rows, "usual", "var").label == "VaR 95 % of cost"
    assert row_of(rows, "usual", "cvar").label == "CVaR 95 % of cost"
    assert row_of(rows, "usual", "cvar").unit == "EUR/day"
    assert row_of(rows, "usual", "cvar").difference.mean == 0.0
    assert row_of(rows, "dear", "cvar").difference.mean > 0.0
    assert row_of(rows, "dear", "cvar").value.mean > row_of(rows, "dear", "var").value.mean
    whole = compare_runs({name: with_risk(run, pooling="horizon", level=0.9) for name, run in runs().items()})
    assert row_of(whole, "usual", "var").label == "VaR 90 % of cost"
    assert row_of(whole, "usual", "var").unit == "EUR"
    # Totals of 50 periods.
    assert row_of(whole, "dear", "var").difference.mean > 20 * row_of(rows, "dear", "var").difference.mean / 50


def test_each_run_measures_risk_in_its_own_way() -> None:
    two = runs()
    two["dear"] = with_risk(two["dear"], level=0.5)
    assert row_of(compare_runs(two), "dear", "var").value.mean < row_of(compare_runs(runs()), "dear", "var").value.mean


def test_losses_need_a_twin_of_the_first() -> None:
    two = runs()
    rows = compare_runs(two)
    assert row_of(rows, "dear", "profit_lost").difference.mean == 0.0
    assert np.isfinite(row_of(rows, "dear", "profit_lost").value.mean)
    without = compare_runs({"usual": replace(two["usual"], twin=None), "dear": two["dear"]})
    assert np.isnan(row_of(without, "usual", "profit_lost").value.mean)
    assert np.isfinite(row_of(without, "dear", "profit_lost").value.mean)
    assert np.isnan(row_of(without, "dear", "profit_lost").difference.mean)


@pytest.mark.parametrize("changes", [{"seed": 2}, {"batch": 4}, {"values": np.zeros((7, 50, len(PERIOD_COLUMNS)))}])
def test_runs_that_are_no_pair_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InputError, match="'dear' was run with another seed or number of replications than 'usual'"):
        compare_runs({"usual": runs()["usual"], "dear": replace(runs()["usual"], **changes)})  # type: ignore[arg-type]


def test_fewer_than_two_are_refused() -> None:
    with pytest.raises(InputError, match="compare needs at least two variants or scenarios"):
        compare_runs({"usual": runs()["usual"]})


def test_what_differs_in_nothing_is_told() -> None:
    two = runs()
    three = {**two, "same": two["usual"]}
    rows = compare_runs(three)
    notices = comparison_notices(rows, three)
    assert "'same' differs from 'usual' in no key figure" in notices
    assert not any(notice.startswith("'dear'") for notice in notices)
    assert not any(notice.startswith("'usual' differs") for notice in notices)


def test_a_difference_of_an_interval_alone_is_one() -> None:
    nothing = Interval(0.0, 0.0, 0.0, 8)
    two = runs()
    for one in (Interval(0.0, -1.0, 0.0, 8), Interval(0.0, 0.0, 1.0, 8), Interval(-1.0, 0.0, 0.0, 8)):
        rows = [Compared("dear", "cost", "Cost", "EUR", nothing, one)]
        assert not any("no key figure" in notice for notice in comparison_notices(rows, two))
    rows = [Compared("dear", "cost", "Cost", "EUR", nothing, nothing)]
    assert any("no key figure" in notice for notice in comparison_notices(rows, two))


def test_notices_of_runs_are_told_once_and_those_of_scenarios_by_name() -> None:
    two = runs()
    own = with_notices(two["dear"].scenario, ["own"])
    two["dear"] = replace(two["dear"], scenario=own, notices=["own", "of both"])
    two["usual"] = replace(two["usual"], notices=["of both"])
    notices = comparison_notices(compare_runs(two), two)
    assert notices.count("of both") == 1
    assert "dear: own" in notices
    assert "own" not in notices


def wanted() -> list[Wanted]:
    return [Wanted("usual", Path("a/b.yaml"), []), Wanted("dear", Path("c"), ["x=1", "y=2"])]


def test_the_summary() -> None:
    two = runs()
    rows = compare_runs(two)
    found = comparison_summary(rows, wanted(), two)
    assert found["first"] == "usual"
    assert found["variants"] == {
        "usual": {"scenario": "a/b.yaml", "changes": []},
        "dear": {"scenario": "c", "changes": ["x=1", "y=2"]},
    }
    assert found["title"] == (two["usual"].scenario.title or two["usual"].scenario.name)
    assert list(found["kpis"]) == list(dict.fromkeys(row.kpi for row in rows))
    entry = found["kpis"]["cost_per_period"]
    assert entry["label"] == "Cost"
    assert list(entry["variants"]) == ["usual", "dear"]
    assert entry["variants"]["dear"]["difference"]["mean"] == pytest.approx(4.5)
    assert entry["variants"]["usual"]["difference"]["mean"] == 0.0


def test_variants_whose_changes_nothing_reads_are_refused() -> None:
    scenario = runs()["usual"].scenario

    checked = {"usual": scenario, "dear": with_notices(scenario, ["first is not read"])}
    check_variants(wanted(), checked)  # one of two changes is read
    checked["dear"] = with_notices(scenario, ["first is not read", "second is not read"])
    with pytest.raises(InputError) as caught:
        check_variants(wanted(), checked)
    assert caught.value.problems == ["--variant dear: first is not read", "--variant dear: second is not read"]


def test_changes_that_all_have_in_common_do_not_count_as_a_variants_own() -> None:
    scenario, common = runs()["usual"].scenario, ["run.seed=2"]
    notices = ["--set run.seed=2: `compare` does not read it", "--set a.b=1: changes nothing"]
    checked = {"usual": scenario, "dear": with_notices(scenario, notices)}
    check_variants(wanted(), checked, common)  # one of two own changes is read
    checked["dear"] = with_notices(scenario, [*notices, "override 'c.d': changes nothing"])
    with pytest.raises(InputError) as caught:
        check_variants(wanted(), checked, common)
    assert caught.value.problems == [
        "--variant dear: --set a.b=1: changes nothing", "--variant dear: override 'c.d': changes nothing",
    ]  # fmt: skip


def test_rows_of_zeros_are_in_the_table_and_not_in_print() -> None:
    two = runs()
    rows = compare_runs(two)
    summary = comparison_summary(rows, wanted(), two)
    silent = [name for name, kpi in summary["kpis"].items() if says_nothing(kpi)]
    assert silent
    assert {row.value.mean for row in rows if row.kpi in silent and np.isfinite(row.value.mean)} <= {0.0}
    texts = comparison_texts(summary)
    assert len(texts) == len(summary["kpis"]) - len(silent)
    assert "Deepest loss (served)" in texts["key figure"].tolist()


def test_resilience_is_paired_where_both_have_a_value() -> None:
    first = synthetic_result(replications=8, periods=50)
    worse = first.values.copy()
    worse[:, 20:30, PERIOD_COLUMNS.index("served")] *= 0.5
    rows = compare_runs({"usual": first, "worse": replace(first, values=worse)})
    depth = [row_of(rows, name, "depth") for name in ("usual", "worse")]
    assert depth[1].difference.mean == pytest.approx(depth[1].value.mean - depth[0].value.mean)
    assert depth[1].difference.mean > 0.0
    assert np.isfinite(depth[1].difference.low)
    alone = compare_runs({"usual": replace(first, twin=None), "worse": first})
    assert np.isnan(row_of(alone, "usual", "depth").value.mean)
    assert np.isnan(row_of(alone, "worse", "depth").difference.mean)
    assert np.isfinite(row_of(alone, "worse", "depth").value.mean)


def test_the_footer_says_what_buyers_know_by_variant_where_it_differs() -> None:
    outage = Disruption(name="shut", regions=["north"], dates=[Dates(start=2, duration=3)])

    def footer(usual: float, dear: float) -> str:
        two = runs()
        for name, known_after in (("usual", usual), ("dear", dear)):
            scenario = two[name].scenario
            rules = scenario.rules.model_copy(update={"known_after": known_after})
            changed = scenario.model_copy(update={"rules": rules, "disruptions": [outage]})
            two[name] = replace(two[name], scenario=changed)
        return comparison_footer(wanted(), two).replace("\n", " ")

    assert "|  outages known after 1 day  |" in footer(1.0, 1.0)
    assert "|  usual: outages known after 1 day; dear: outages known after 7 days  |" in footer(1.0, 7.0)


def test_the_figure_shows_differences() -> None:
    rows = compare_runs(runs())
    figure = comparison_figure(rows, "title", "footer")
    shown = [name for name in highlighted(Place.COMPARISON) if np.isfinite(row_of(rows, "usual", name).value.mean)]
    assert len(figure.axes) == len(shown)
    first = figure.axes[0]
    assert first.get_xlabel() == "Cost [EUR/day]"
    assert [tick.get_text() for tick in first.get_yticklabels()] == ["usual", "dear"]
    assert first.yaxis_inverted()
    points, (_, _), (bars,) = first.containers[0]
    row = row_of(rows, "dear", "cost_per_period").difference
    assert points.get_xdata().tolist() == pytest.approx([0.0, 4.5])
    left, right = bars.get_segments()[1][:, 0]
    assert (left, right) == pytest.approx((row.low, row.high))
    labels = [axis.get_xlabel() for axis in figure.axes]
    assert "Profit [EUR/day]" in labels
    assert "Fill rate [points]" in labels
    assert figure.get_figheight() > 0
    three = runs() | {"more": runs()["dear"]}
    assert comparison_figure(compare_runs(three), "t", "f").get_figheight() > figure.get_figheight()


def test_names() -> None:
    assert variant_of(" a : x=1 ; ; y=2 ") == ("a", ["x=1", "y=2"])
    assert variant_of("a") == ("a", [])
    assert variant_of("a:x=1:2") == ("a", ["x=1:2"])
    with pytest.raises(InputError, match="--variant  : x=1: write 'NAME: PATH=VALUE; PATH=VALUE'"):
        variant_of(" : x=1")
    assert [scenario_name(Path(path)) for path in ("a/b.yaml", "a/b", "b.c/d")] == ["b", "b", "d"]
