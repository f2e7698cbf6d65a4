"""`run.warm_up: auto`: what runs and studies make of it, and that it is the number that --warm-up auto finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import esc_sim as esc
from esc_sim.cli import main
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.results.manifest import scenario_hash
from esc_sim.scenario.run import SoughtWarmUp
from esc_sim.storage.manifest import read_manifest
from tests.helpers.runs import SCENARIOS

QUICK = SCENARIOS / "quickstart"
AUTO = {"run.warm_up": "auto", "run.periods": 120}
SHORT: dict[str, Any] = {"replications": 2, "seed": 5}


@pytest.fixture(scope="module")
def found() -> int:
    """The number that a run finds when it is asked to."""
    run = esc.simulate(QUICK, overrides={"run.periods": 120}, warm_up="auto", **SHORT)
    number = run.scenario.run.warm_up
    assert 0 < number <= 60
    return number


def test_it_is_part_of_a_scenario() -> None:
    scenario = esc.load_scenario(QUICK, ["run.warm_up=auto"])
    assert isinstance(scenario.run.warm_up, SoughtWarmUp)
    assert scenario.run.model_dump()["warm_up"] == "auto"
    assert isinstance(esc.Run(warm_up="auto").warm_up, SoughtWarmUp)  # type: ignore[arg-type]
    assert scenario_hash(scenario) != scenario_hash(esc.load_scenario(QUICK, ["run.warm_up=0"]))
    assert scenario_hash(scenario) == scenario_hash(esc.load_scenario(QUICK, ["run.warm_up=auto"]))
    with pytest.raises(esc.InputError, match="a whole number belongs here, not 'never'"):
        esc.load_scenario(QUICK, ["run.warm_up=never"])


def test_a_run_of_it_is_a_run_that_is_asked_to_find_it(found: int, tmp_path: Path) -> None:
    run = esc.simulate(QUICK, overrides=AUTO, **SHORT)
    by_option = esc.simulate(QUICK, overrides={"run.periods": 120}, warm_up="auto", **SHORT)
    assert run.summary == by_option.summary
    assert (run.summary["warm_up"], run.summary["warm_up_found"]["rule"]) == (found, "MSER-5")
    manifest = read_manifest(run.save(tmp_path / "run"))
    assert manifest is not None
    assert manifest["warm_up_found"] == found
    assert esc.simulate(QUICK, overrides=AUTO, warm_up=7, **SHORT).summary["warm_up"] == 7


def test_sweeps_find_it_once_for_the_scenario_as_it_is(found: int, tmp_path: Path) -> None:
    vary = {"nodes.warehouse.target_stock": [200, 500]}
    swept = esc.sweep(QUICK, vary, overrides=AUTO, out=tmp_path / "sweep", workers=1, **SHORT)
    by_hand = esc.sweep(QUICK, vary, overrides={**AUTO, "run.warm_up": found}, workers=1, **SHORT)
    pd.testing.assert_frame_equal(swept.table, by_hand.table)
    assert f"warm-up: {found} periods are left out, found by MSER-5 once, for the scenario as it is" in swept.notices
    manifest = read_manifest(tmp_path / "sweep")
    assert manifest is not None
    assert manifest["warm_up_found"] == found


def test_searches_find_it_once() -> None:
    small: dict[str, Any] = {"population": 4, "generations": 1, "replications": 16, "held_out": 16, "seed": 5}
    searched = esc.optimize(SCENARIOS / "oil_gas", overrides={"run.warm_up": "auto", "run.periods": 60}, **small)
    number = int(searched.scenario.run.warm_up)
    written = {"run.warm_up": number, "run.periods": 60}
    by_hand = esc.optimize(SCENARIOS / "oil_gas", overrides=written, **small)
    np.testing.assert_array_equal(searched.objectives, by_hand.objectives)
    assert any(notice.startswith(f"warm-up: {number} periods") for notice in searched.notices)


def test_comparisons_and_stress_tests_find_it_once(found: int) -> None:
    written = {**AUTO, "run.warm_up": found}
    both = {"as it is": {}, "more": {"nodes.warehouse.target_stock": 500}}
    compared = esc.compare(QUICK, both, overrides=AUTO, **SHORT)
    pd.testing.assert_frame_equal(compared.frame, esc.compare(QUICK, both, overrides=written, **SHORT).frame)
    assert {run.scenario.run.warm_up for run in compared.runs.values()} == {found}
    out: dict[str, Any] = {"duration": 5, "what": ("nodes",), "starts": 2, "knowledge": ("scenario",), **SHORT}
    tested = esc.stress(QUICK, overrides=AUTO, **out)
    pd.testing.assert_frame_equal(tested.table, esc.stress(QUICK, overrides=written, **out).table)
    assert any(notice.startswith(f"warm-up: {found} periods") for notice in tested.notices)


def test_the_page_and_a_resumed_run_ask_for_a_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", str(QUICK), "--set", "run.warm_up=auto", "--set", "run.periods=60", "--replications", "1"]
    assert main([*words, "--out", str(tmp_path / "out"), "--resume"]) == 2
    assert "--warm-up auto: leave out --resume" in capsys.readouterr().err
    pytest.importorskip("solara")
    assert main(["app", str(QUICK), "--set", "run.warm_up=auto", "--no-open"]) == 2
    assert "run.warm_up: the page finds none: set a number" in capsys.readouterr().err


def test_variants_that_ask_for_it_find_their_own(found: int) -> None:
    compared = esc.compare(QUICK, {"as it is": {}, "auto": AUTO}, overrides={"run.periods": 120}, **SHORT)
    assert [run.scenario.run.warm_up for run in compared.runs.values()] == [0, found]
    notices = [[one for one in run.notices if one.startswith("warm-up:")] for run in compared.runs.values()]
    assert notices == [[], [f"warm-up: {found} periods are left out, found by MSER-5 for this variant"]]
    with pytest.raises(esc.InputError, match=r"periods found are too many: run\.periods is 20"):
        esc.compare(QUICK, {"as it is": {}, "short": {"run.periods": 20}}, overrides=AUTO, **SHORT)


def test_a_warm_up_that_nobody_has_found_is_no_number() -> None:
    sought: Any = esc.Run(warm_up="auto").warm_up  # type: ignore[arg-type]
    for use in (int, bool, lambda n: 100 - n, lambda n: n > 0, lambda n: np.zeros(5)[n:]):
        with pytest.raises(esc.InputError, match="auto is not found here: set a number"):
            use(sought)
    with pytest.raises(esc.InputError, match=r"--vary run\.warm_up: auto is no value"):
        esc.sweep(QUICK, {"run.warm_up": ["auto", 20]}, **SHORT)
    with pytest.raises(esc.InputError, match="auto is not found here"):
        SupplyChainModel(esc.load_scenario(QUICK, ["run.warm_up=auto"]))
