"""A stress test on the page: exposures of members, outages played again; the browser in one session."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim.cli import main
from esc_sim.errors import InputError
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.results.run import column
from esc_sim.scenario.reader import load_scenario
from esc_sim.simulation import simulate
from esc_sim.stress.on_page import exposures_of
from esc_sim.stress.run import StressTest, stress
from esc_sim.views.page.content import exposure_content, strip_content
from esc_sim.views.page.show import Setting
from esc_sim.views.page.state import PageState
from esc_sim.views.page.variants import BASE, variants_of
from esc_sim.views.page.what_if import WhatIf
from tests.page.conftest import ROOT, Served
from tests.page.test_browser import choose, day, figure, node_of, place_on_screen, step

QUICKSTART = ROOT / "scenarios" / "quickstart"
SEED = 7


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> tuple[StressTest, Path]:
    """A stress test and its folder."""
    out = tmp_path_factory.mktemp("stress") / "out"
    what = ["nodes", "arcs"]
    test = stress(QUICKSTART, duration=10, what=what, replications=2, starts=2, seed=SEED, engine="agents", out=out)
    return test, out


def state_of(out: Path) -> PageState:
    """The page of the scenario with the stress test."""
    scenario = load_scenario(QUICKSTART)
    return PageState(Setting(scenario, ("quickstart",), variants_of(scenario), exposures_of(out, scenario)))


def test_a_member_shows_its_exposure(tested: tuple[StressTest, Path]) -> None:
    test, out = tested
    state = state_of(out)
    exposures = state.setting.exposures
    assert exposures is not None
    assert [(one.kind, one.name) for one in exposures.found.values()] == list(
        zip(test.table["kind"], test.table["stressor"], strict=True)
    )
    state.choose("warehouse")
    content = exposure_content(exposures, state.outage.value, test.scenario.units)
    assert content is not None
    rows = {row["label"]: row["value"] for row in content["rows"]}
    place = test.table.index[(test.table["stressor"] == "warehouse") & (test.table["kind"] == "node")][0]
    row = test.table.loc[place]
    assert content["name"] == "warehouse"
    assert rows["Rank"] == f"{place + 1} of {len(test.table)}"
    assert float(rows["Profit lost"].split()[0].replace(",", "")) == pytest.approx(row["impact"], rel=1e-3)
    low, high = (float(end.replace(",", "")) for end in rows["95 % interval"].split(" to "))
    assert (low, high) == pytest.approx((row["impact_low"], row["impact_high"]), rel=1e-3)
    assert rows["Time to survive"] == f"{row['time_to_survive']:g} days"
    assert rows["Time to recover"] == f"{row['time_to_recover']:g} days"
    assert rows["Exposure index"] == f"{row['exposure_index']:.2f}"
    state.choose("nobody")
    assert (state.selected.value, state.outage.value) == (None, "")


def test_the_list_chooses_arcs_and_nodes(tested: tuple[StressTest, Path]) -> None:
    state = state_of(tested[1])
    exposures = state.setting.exposures
    assert exposures is not None
    arc = next(label for label, one in exposures.found.items() if one.kind == "arc")
    state.choose("warehouse")
    state.choose_outage(arc)
    assert (state.selected.value, state.outage.value) == ("warehouse", arc)
    state.choose_outage(exposures.of_node["shop_north"])
    assert (state.selected.value, state.outage.value) == ("shop_north", exposures.of_node["shop_north"])
    state.choose_outage("99. nothing")
    assert state.outage.value == ""
    state.knock_out()
    assert (state.mine.value.variant, state.show.day) == (BASE, 0)


@pytest.mark.parametrize("name", ["warehouse", "shop_north/warehouse"])
def test_knocked_out_is_what_a_replay_gives(tested: tuple[StressTest, Path], name: str) -> None:
    out = tested[1]
    state = state_of(out)
    exposures = state.setting.exposures
    assert exposures is not None
    label = next(label for label, one in exposures.found.items() if one.name == name)
    stored = next(one for one in json.loads((out / "replay.json").read_text()) if one["stressor"] == name)
    # A change of the user's, which the case has not.
    state.mine.value = WhatIf(values={state.setting.parameters[0].key: False})
    state.seed.value, state.replication.value = 3, 1
    state.choose_outage(label)
    state.knock_out()
    assert state.error.value == ""
    assert (state.show.day, state.pending, state.seed.value) == (stored["start"], 0, SEED)
    state.show.step(10_000)
    replayed = simulate(QUICKSTART, overrides=[stored["set"]], replications=2, seed=SEED, engine="agents")
    shown = state.show.runs[0].periods[:, PERIOD_COLUMNS.index("profit")]
    np.testing.assert_array_equal(shown, column(replayed.values, "profit")[1])
    state.mine.value = WhatIf()
    state.reset()
    assert state.show.day == 0
    assert state.show.runs[0].variant.name == BASE


def test_the_folder_of_another_scenario_is_refused(
    tested: tuple[StressTest, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tested[1]
    with pytest.raises(InputError, match="is of another scenario, or of this one with other values"):
        exposures_of(out, load_scenario(QUICKSTART, ["run.periods=90"]))
    oil_gas = str(ROOT / "scenarios" / "oil_gas")
    for folder, message in ((out, "is of another scenario"), (tmp_path, "is no stress test")):
        assert main(["app", oil_gas, "--stress", str(folder), "--no-open"]) == 2
        said = capsys.readouterr().err
        assert message in said
        assert said.count("\n") == 1
        assert ("This network has no member 'warehouse'." in said) == (folder == out)


@pytest.mark.slow
def test_knocking_out_in_the_browser(
    visit: Callable[..., Any], serve: Callable[..., Served], tested: tuple[StressTest, Path], tmp_path: Path
) -> None:
    out, scenario = tested[1], load_scenario(QUICKSTART)
    exposures = exposures_of(out, scenario)
    one = exposures.found[exposures.of_node["warehouse"]]
    page = visit(serve(QUICKSTART, "--stress", str(out)).address)
    page.mouse.click(*place_on_screen(page, "warehouse"))
    page.wait_for_selector("[data-test=exposure]")
    assert page.input_value("[data-test=outage]") == one.label
    content, shown = exposure_content(exposures, one.label, scenario.units), page.inner_text("[data-test=exposure]")
    assert content is not None
    assert all(row["label"] in shown and row["value"] in shown for row in content["rows"])
    page.click("[data-test=knock-out]")
    page.wait_for_selector(f".esc-day-number:text-is('{one.start}')")
    assert page.input_value("[data-test=first]") == "Outage of warehouse"
    assert "--set 'disruptions=[" in page.inner_text(".esc-command")
    step(page)
    page.screenshot(path=str(tmp_path / "knocked.png"))
    assert node_of(page, "warehouse")["state"] == "failed"
    state = state_of(out)
    state.choose("warehouse")
    state.knock_out()
    state.step()
    assert day(page) == state.show.day
    for expected in strip_content(state.show):
        assert figure(page, expected["label"]) == expected["text"]
    choose(page, "factory_far")
    other = exposures.of_node["factory_far"]
    page.wait_for_function(f"document.querySelector('[data-test=outage]').value === '{other}'")
    page.fill("[data-test=outage]", "")
    page.press("[data-test=outage]", "Enter")
    page.wait_for_selector("[data-test=not-tested]")
