"""Results of the shipped scenarios are what they were, and every scenario that is shipped can be run."""

from __future__ import annotations

import json

import pytest

from esc_sim.scenario.reader import read_scenario
from tests.golden.remake import FOLDER, here, result_of
from tests.helpers.runs import SCENARIOS, SHIPPED

REMAKE = (
    "if the change is meant, `python -m tests.golden.remake` writes the golden results anew; look at the difference"
)


@pytest.mark.parametrize("name", SHIPPED)
def test_results_have_not_moved(name: str) -> None:
    path = FOLDER / f"{name}.json"
    assert path.exists(), f"no golden result of this scenario; {REMAKE}"
    golden, now = json.loads(path.read_text(encoding="utf-8")), result_of(name)
    # On another platform, or with another SciPy, draws may differ in their last bits; totals then agree closely.
    assert now["totals"] == pytest.approx(golden["totals"], rel=1e-9), REMAKE
    if golden["platform"] == here():
        assert now["digest"] == golden["digest"], f"totals agree, but not every bit; {REMAKE}"


def test_no_golden_result_is_left_over() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_every_scenario_is_without_oddities_and_says_where_its_numbers_are_from(name: str) -> None:
    read = read_scenario(SCENARIOS / name)
    assert read.warnings == []
    assert read.scenario.name == name
    assert read.scenario.data.status in ("calibrated", "synthetic", "printed")
    assert read.scenario.data.note
