"""Measures: declared once, the same number wherever they are shown, and in the documentation as they are declared."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim import load_scenario, simulate
from esc_sim.measures import recovery
from esc_sim.measures.goods import SHARE_FROM_CLOSED
from esc_sim.measures.measure import ByReplication, Mean, Need, mean_of
from esc_sim.measures.registry import KEY_FIGURES, MEASURES, OBJECTIVES, SEARCHED
from esc_sim.optimize.measures import Yardstick, is_maximized, label_of
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.results.estimable import why_not
from esc_sim.results.run import PeriodTable, RunResult
from esc_sim.results.sampled import sample_of
from esc_sim.results.summary import build_summary
from esc_sim.risk.resilience import measure_resilience
from tests.helpers.networks import chain_content, scenario_of

ROOT = Path(__file__).resolve().parent.parent
SEEN = {
    "scenarios/oil_gas": ["run.periods=60", "risk.budget=80000"],
    "scenarios/beer_game": [],
    "scenarios/bakery": ["run.periods=40"],
}


@pytest.fixture(scope="module", params=SEEN)
def seen(request: pytest.FixtureRequest) -> RunResult:
    scenario = load_scenario(ROOT / request.param, SEEN[request.param])
    return simulate(scenario, replications=4, seed=1, engine="agents")


def test_the_documentation_has_what_is_declared() -> None:
    page = runpy.run_path(str(ROOT / "docs" / "measures.py"))
    text = page["PAGE"].read_text(encoding="utf-8")
    assert page["filled"](text) == text, "run: python docs/measures.py"
    declared = {measure.name for group in page["GROUPS"].values() for measure, _ in group}
    assert set(KEY_FIGURES) <= declared


def _of_few(name: str) -> bool:
    """Whether summaries have a key figure only where the scenario has what it needs."""
    return bool({Need.YEARS, Need.WASTE, Need.FIELDS, Need.BUSES, Need.INVESTMENT} & {*KEY_FIGURES[name].needs})


def test_a_summary_has_every_key_figure_in_order(seen: RunResult) -> None:
    kpis = build_summary(seen)["kpis"][seen.label]
    left_out = set() if seen.scenario.risk.budget else {"epf"}
    left_out |= set() if seen.twin is not None else {measure.name for measure in recovery.MEASURES}
    left_out |= {name for name in KEY_FIGURES if _of_few(name) and why_not(name, seen.scenario, 4)}
    assert list(kpis) == [name for name in KEY_FIGURES if name not in left_out]


def test_values_lie_in_the_declared_ranges(seen: RunResult) -> None:
    sample = sample_of(seen)
    for measure in MEASURES.values():
        if isinstance(measure, ByReplication):
            values = measure.by_replication(sample.periods)
        elif measure.is_asked(sample):
            values = np.array([measure.value(sample)])
        else:
            continue
        assert values.ndim == 1
        low, high = measure.range
        known = values[np.isfinite(values)]
        assert low is None or (known >= low).all(), measure.name
        assert high is None or (known <= high).all(), measure.name


def test_measures_of_recovery_reach_the_ends_of_their_ranges() -> None:
    whole, lost = np.ones(6), np.zeros(6)
    brief = np.array([0.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    struck = np.array([True, False, False, False, False, False])
    courses = [measure_resilience(curve[None], struck[None]) for curve in (whole, lost, brief)]
    for measure in recovery.MEASURES:
        values = [measure.interval(found, batch=1).mean for found in courses]
        low, high = measure.range
        assert low is None or np.nanmin(values) == low, measure.name
        assert high is None or np.nanmax(values) == high, measure.name
        assert (high == 1.0) == (measure.unit == "share" and measure.name != "depth")


def test_a_search_is_judged_by_the_numbers_of_the_summary(seen: RunResult) -> None:
    kpis = build_summary(seen)["kpis"][seen.label]
    can = [m for m in SEARCHED.values() if m.name in kpis and (seen.twin is not None or not m.of_twin)]
    can = [m for m in can if Need.DISRUPTION not in m.needs or Need.DEMAND not in m.needs or len(seen.customers)]
    counted = seen.without_warm_up()
    found = Yardstick(seen.scenario, [m.searched_as for m in can])(counted.values, counted.twin)
    shown = [kpis[m.name]["mean"] for m in can]
    np.testing.assert_array_equal(found, [np.nan if value is None else value for value in shown])
    assert len(can) > 25


def test_every_direction_is_that_of_the_declaration() -> None:
    assert {name for name in OBJECTIVES if is_maximized(name, scenario_of(chain_content()))} == {
        "profit", "profit_per_period", "fill_rate", "cycle_service_level", "ready_rate", "served_share",
        "contracts_kept",
    }  # fmt: skip
    assert set(SEARCHED) - set(OBJECTIVES) == {"given_per_period"}


def problem(content: dict[str, Any]) -> str:
    with pytest.raises(ValueError, match="given_per_period") as caught:
        scenario_of(content)
    return str(caught.value)


def test_what_has_no_direction_is_a_constraint_but_no_objective() -> None:
    section = {
        "variables": [{"kind": "order", "relative": [-0.1, 0.1]}],
        "objectives": ["profit", "contracts_kept"],
        "constraints": [{"measure": "given_per_period", "at_least": 0.0}],
    }
    scenario = scenario_of(chain_content(optimize=section))
    assert scenario.optimize is not None
    assert label_of("contracts_kept", scenario) == "Contracts kept [share]"
    assert "objectives" in problem(chain_content(optimize=section | {"objectives": ["profit", "given_per_period"]}))


def mean(**changes: Any) -> Mean:
    given: dict[str, Any] = {"name": "x", "label": "X", "unit": "{goods}", "definition": "x", "of": mean_of("stock")}
    return Mean(**given | changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": "two words"}, "measure 'two words': a name has letters"),
        ({"better": "more"}, "better is 'larger', 'smaller' or None, not 'more'"),
        ({"unit": "{litres}"}, "holds a placeholder that no scenario fills"),
    ],
)
def test_a_declaration_that_cannot_be_used_is_refused(changes: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        mean(**changes)


def test_a_function_that_forgets_to_average_is_refused() -> None:
    table = PeriodTable(np.zeros((2, 3, len(PERIOD_COLUMNS))))
    with pytest.raises(
        TypeError, match=r"measure 'x': one number per replication is wanted, an array \[R\], not one of 2"
    ):
        mean(of=lambda periods: periods["stock"]).by_replication(table)
    with pytest.raises(KeyError, match="no column of periods is called 'stocks'; columns: cost"):
        mean(of=mean_of("stocks")).by_replication(table)


@pytest.mark.parametrize(("contracted", "share"), [(40.0, 0.25), (0.0, 0.0)])
def test_the_share_ordered_from_closed_sites_is_0_where_nothing_is_ordered(contracted: float, share: float) -> None:
    columns = {
        "contracted": np.full((2, 3), contracted / 6),
        "contracted_from_closed": np.full((2, 3), contracted / 24),
    }
    assert SHARE_FROM_CLOSED.of(columns) == pytest.approx(share)
