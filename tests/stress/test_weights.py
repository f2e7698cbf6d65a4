"""Weights of sites in a reverse test: named, or from the chances of the tables, and refused where they mean nothing."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from esc_sim.errors import InputError
from esc_sim.scenario.schema import Scenario
from esc_sim.stress.run import stress
from esc_sim.stress.weights import weights_from
from tests.helpers.command import check_refused
from tests.helpers.runs import SCENARIOS
from tests.stress.line import line

OPTIONS: dict[str, Any] = {"duration": 6, "starts": [40], "what": ("nodes",), "knowledge": (), "reverse": "fill_rate<1"}


def with_chances(**chances: float) -> Scenario:
    content = line().model_dump(by_alias=True, exclude_unset=True)
    for node in content["nodes"]:
        if node["id"] in chances:
            node["outage_chance"] = chances[node["id"]]
    return Scenario.model_validate(content)


def test_the_likeliest_set_is_the_lightest_by_chances() -> None:
    """Each site breaks the limit alone, so the likeliest one is found; all that are likelier than two are one."""
    for likeliest in ("shop", "depot", "factory"):
        chances = {"shop": 0.1, "depot": 0.1, "factory": 0.1} | {likeliest: 0.2}
        found = stress(with_chances(**chances), weights="chances", **OPTIONS).breaking
        assert found is not None
        assert found.sites == (likeliest,)
        assert found.weight == -math.log(0.2)
        assert found.proved


def test_weights_are_written_as_text() -> None:
    named = stress(line(), weights="shop=2, depot = 0.5", **OPTIONS).breaking
    assert named is not None
    assert (named.sites, named.weight) == (("depot",), 0.5)
    assert named == stress(line(), weights={"shop": 2.0, "depot": 0.5}, **OPTIONS).breaking


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ("shop", "--weights shop: write site=weight, such as warehouse=2.3, or 'chances'"),
        ("shop=heavy", "--weights shop=heavy: write site=weight"),
        ("shop=1,shop=2", "--weights shop=2: 'shop' is named twice"),
        ("chances", "--weights chances: no outage_chance is known of shop, depot, factory"),
    ],
)
def test_refusals(weights: str, expected: str) -> None:
    with pytest.raises(InputError) as refused:
        weights_from(weights, line(), range(3))
    assert expected in str(refused.value)


def test_what_never_or_always_fails_has_no_weight() -> None:
    for chance in (0.0, 1.0):
        scenario = with_chances(shop=chance, depot=0.5, factory=0.5)
        with pytest.raises(InputError, match="'shop': a chance that has a weight lies between 0 and 1"):
            weights_from("chances", scenario, range(3))


def test_refusals_of_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["stress", str(SCENARIOS / "quickstart"), "--duration", "10", "--set", "run.periods=40", "--out", "out"]
    check_refused([*words, "--weights", "shop=1"], "--weights: say with --reverse which limit", tmp_path, capsys)
    words += ["--reverse", "fill_rate<0.9", "--weights"]
    check_refused([*words, "mars=1"], "weights: 'mars': 1 is no weight above 0 of a node", tmp_path, capsys)
    check_refused([*words, "warehouse=0"], "weights: 'warehouse': 0 is no weight above 0", tmp_path, capsys)
    check_refused([*words, "chances"], "--weights chances: no outage_chance is known of", tmp_path, capsys)
