"""Circular flows in runs: waste, nitrogen, energy and investments of small networks, against numbers by hand."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim import load_result, simulate, sweep
from esc_sim.cli import main
from esc_sim.errors import InputError
from esc_sim.measures.registry import MEASURES
from esc_sim.results.circular import circular_line, circular_table
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.results.estimable import why_not
from esc_sim.results.losses import losses_line
from esc_sim.results.sampled import sample_of_periods
from esc_sim.results.summary import build_summary, key_figures
from esc_sim.scenario.given import given_scenario
from tests.circular.small import SHOP, changed_shop
from tests.helpers.microgrids import checked, made_up
from tests.helpers.networks import chain_content, scenario_of


def figures(content: dict[str, Any], *changes: str) -> dict[str, Any]:
    """Key figures of a run, by name."""
    result = simulate(content, overrides=changes, engine="agents")
    return build_summary(result)["kpis"][result.label]


def test_scraps_that_a_pit_takes_are_worth_what_they_cost_to_dispose_of() -> None:
    linear, circular = figures(SHOP), figures(SHOP, "variant=circular")
    assert linear["landfill_share"]["mean"] == 1.0
    assert circular["landfill_share"]["mean"] == 0.0
    assert "npv" not in linear
    # Two scraps a quarter, 3 EUR each: 24 a year. 100 at the start, and half of it again after three of four years.
    flows = np.array([-100.0, 24.0, 24.0, 24.0 - 50.0, 24.0])
    assert circular["npv"]["mean"] == pytest.approx((flows / 1.1 ** np.arange(5)).sum())
    assert circular["payback"]["mean"] is None
    assert circular["payback"]["words"] == "none in 4 years"
    whole = (flows[1:] / 1.1 ** np.arange(1.0, 5.0)).sum()
    assert circular["break_even_grant"]["mean"] == pytest.approx(1.0 - whole / 100.0)
    granted = figures(SHOP, "variant=circular", "appraisal.grant=0.5")
    assert granted["npv"]["mean"] - circular["npv"]["mean"] == pytest.approx(50.0)
    assert granted["break_even_grant"]["mean"] == circular["break_even_grant"]["mean"]


def test_an_investment_that_pays_has_a_rate_and_a_year() -> None:
    cheap = figures(SHOP, "variant=circular", "appraisal.investments.pit.cost=40", "appraisal.discount_rate=0")
    # 24, 48 - 20 for the replacement in year 3: paid back at the end of the second year.
    assert cheap["payback"]["mean"] == 2.0
    assert cheap["npv"]["mean"] == pytest.approx(-40.0 + 4 * 24.0 - 20.0)
    rate = cheap["irr"]["mean"]
    flows = np.array([-40.0, 24.0, 24.0, 4.0, 24.0])
    assert (flows / (1.0 + rate) ** np.arange(5)).sum() == pytest.approx(0.0, abs=1e-9)


def test_the_variant_that_others_are_set_against_keeps_the_other_changes() -> None:
    dear = figures(SHOP, "variant=circular", "stocks.shop/scraps.disposal_cost=6")
    flows = np.array([-100.0, 48.0, 48.0, -2.0, 48.0])
    assert dear["npv"]["mean"] == pytest.approx((flows / 1.1 ** np.arange(5)).sum())
    switched = figures(SHOP, "switches.loops=true")  # against the variant linear all the same
    assert switched["npv"]["mean"] == figures(SHOP, "variant=circular")["npv"]["mean"]


def test_a_year_too_short_is_not_appraised_and_says_so() -> None:
    assert "npv" not in figures(SHOP, "variant=circular", "run.periods=3")
    summary = build_summary(simulate(SHOP, overrides=["variant=circular", "run.periods=3"], engine="agents"))
    assert circular_line(summary) == (
        "Net present value, rate of return, payback and grant are not shown: "
        "the run counts 3 quarters, and a whole year takes 4."
    )


def test_investments_are_not_set_against_the_variant_that_has_them() -> None:
    for changes in (
        ["variant=circular", "appraisal.against=circular"],
        ["switches.loops=true", "appraisal.against=circular"],
    ):
        with pytest.raises(InputError, match=r"appraisal\.against=circular: the variant 'circular' is what is run"):
            given_scenario(SHOP, changes)


def test_a_year_whose_tail_is_one_year_says_so() -> None:
    summary = build_summary(simulate(SHOP, replications=2, engine="agents"))
    assert "a year's cost rest on 4 years, too few for their tail" in losses_line(summary)
    long = build_summary(simulate(SHOP | {"risk": {"level": 0.5}}, replications=10, engine="agents"))
    assert "year's cost" not in losses_line(long)


def test_nobody_runs_a_reference_for_a_scenario_that_was_changed_afterwards() -> None:
    scenario = given_scenario(SHOP, ["variant=circular"])
    assert scenario.reference is not None
    assert why_not("npv", scenario, 1) is None
    longer = scenario.model_copy(update={"run": scenario.run.model_copy(update={"periods": 12})})
    assert longer.reference is scenario.reference
    result = simulate(scenario.model_copy(update={"takers": []}), engine="agents")
    assert result.reference is None
    assert any("not appraised" in notice for notice in result.notices)


def test_what_runs_print_report_and_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = changed_shop(tmp_path / "shop", variant="circular")
    assert main(["run", str(folder), "--engine", "agents", "--out", str(tmp_path / "run")]) == 0
    said = capsys.readouterr().out
    assert "Landfill share" in said
    assert "Investments of 100 EUR against the variant 'linear'" in said
    again = load_result(tmp_path / "run")
    assert again.kpis.loc["npv", "label"] == "Net present value"
    table = circular_table(again.summary)
    assert table is not None
    assert "none in 4 years" in list(table.columns[1].cells)
    assert "years beyond the 2 of the run" in circular_line(again.summary)
    assert main(["report", str(tmp_path / "run"), "--out", str(tmp_path / "run.html")]) == 0
    assert "Circular flows" in (tmp_path / "run.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ({"against": "bent"}, "appraisal.against: there is no variant 'bent'; variants are linear, circular"),
        ({"grant": 1.5}, "appraisal.grant: must be at most 1"),
        ({"investments": [{"id": "pit", "cost": 1}, {"id": "pit", "cost": 2}]}, "'pit' is given twice"),
    ],
)
def test_appraisals_that_mean_nothing_are_refused(part: dict[str, Any], says: str) -> None:
    content = copy.deepcopy(SHOP)
    content["appraisal"] |= part
    with pytest.raises(InputError, match="appraisal") as error:
        simulate(content, engine="agents")
    assert says in str(error.value)


def test_a_scenario_without_such_things_has_no_such_figures() -> None:
    summary = build_summary(simulate(scenario_of(chain_content()), engine="agents"))
    assert "circular" not in summary
    assert not {"landfill_share", "npv", "external_nitrogen", "self_sufficiency"} & set(summary["kpis"]["undisrupted"])
    for name in ("landfill_share", "npv", "external_nitrogen", "self_sufficiency", "cvar_year"):
        assert why_not(name, scenario_of(chain_content()), 10)


def test_power_that_comes_in_is_power_that_goes_out_lost_or_spilled() -> None:
    for seed in range(3):
        result = simulate(checked(made_up(seed)), replications=3, engine="agents")
        assert result.observations is not None
        total: dict[str, Any] = {}
        for place, one in enumerate(result.observed):
            total[one.kind] = total.get(one.kind, 0.0) + result.observations[:, :, place]
        came = sum(total[name] for name in ("imported", "solar", "engine power", "shed"))
        gone = sum(total[name] for name in ("load", "exported", "lost in lines", "lost in batteries", "spilled"))
        np.testing.assert_allclose(came, gone, rtol=1e-9)
        for name in ("lost in lines", "lost in batteries", "spilled"):
            assert total[name].min() > -1e-9
            assert total[name].max() > 0.0
        share = key_figures(result)["self_sufficiency"].mean
        served = total["load"] - total["shed"]
        own = 1.0 - total["imported"].sum(axis=1) / served.sum(axis=1)
        assert share == pytest.approx(own.mean())


def test_the_tail_of_a_year_is_that_of_its_sums() -> None:
    content = copy.deepcopy(SHOP) | {"risk": {"level": 0.5}}
    scenario = given_scenario(content)
    values = np.zeros((2, 9, len(PERIOD_COLUMNS)))  # two years of quarters, and a quarter that is cut
    values[0, :, 0] = [1, 1, 1, 97, 2, 2, 2, 94, 500]
    values[1, :, 0] = [1, 1, 1, 107, 3, 3, 3, 111, 500]
    twin = np.zeros_like(values)
    twin[:, :, 0] = [1, 1, 1, 97, 1, 1, 1, 97, 500]
    sample = sample_of_periods(values, scenario, twin)
    assert MEASURES["cvar_year"].value(sample) == 115.0  # of 100, 100, 110, 120
    assert MEASURES["var_year"].value(sample) == 110.0  # the least of the tail
    assert MEASURES["cvar_year_above"].value(sample) == 15.0  # of 0, 0, 10, 20
    assert MEASURES["cvar"].value(sample) > 4 * 500 / 9 / 2  # the tail of quarters is the season
    short = sample_of_periods(values[:, :7], scenario, twin[:, :7])
    assert not MEASURES["cvar_year"].is_asked(short)
    assert not MEASURES["cvar_year_above"].is_asked(sample_of_periods(values, scenario))


def test_a_sweep_says_what_investments_are_worth_at_each_point(tmp_path: Path) -> None:
    folder = changed_shop(tmp_path / "shop", variant="circular")
    found = sweep(folder, {"stocks.shop/scraps.disposal_cost": [3, 6]}, kpis=["npv", "landfill_share"])
    values = [(np.array([-100.0, x, x, x - 50.0, x]) / 1.1 ** np.arange(5)).sum() for x in (24.0, 48.0)]
    np.testing.assert_allclose(found.table["npv.mean"], values)
    rates = sweep(folder, {"appraisal.discount_rate": [0.01, 0.09]})
    assert {"npv", "irr"} <= {*rates.shown}
    assert rates.table["npv.mean"].nunique() == 2
    assert not any("has no effect" in notice for notice in rates.notices)
    assert (found.table["landfill_share.mean"] == 0.0).all()
