"""Outages that last as long as the tables say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from esc_sim import simulate
from esc_sim.cli import main
from esc_sim.errors import InputError
from esc_sim.results.manifest import scenario_hash
from esc_sim.results.run import column
from esc_sim.scenario.schema import Scenario
from esc_sim.stress.durations import Durations
from esc_sim.stress.run import StressTest, stress
from esc_sim.stress.stressors import Stressor
from esc_sim.stress.writing import replays, summary
from tests.helpers.command import check_refused
from tests.stress.line import LOST, START, line
from tests.stress.three_tier import EXPECTED

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"


def with_times(region: bool = False, **times: float) -> Scenario:
    """The line whose nodes have times to recover; depot and factory in a region of their own, if asked for."""
    nodes: list[dict[str, Any]] = line().model_dump(mode="json", by_alias=True, exclude_unset=True)["nodes"]
    for node in nodes:
        if node["id"] in times:
            node["time_to_recover"] = times[node["id"]]
        if region and node["id"] != "shop":
            node["region"] = "north"
    return line({"known_after": 0.0}, nodes=nodes)


def ranked(scenario: Scenario, engine: str = "agents", **options: Any) -> StressTest:
    return stress(scenario, starts=[START], engine=engine, knowledge=(), **options)


def test_the_printed_network_as_a_scenario_gives_what_is_printed() -> None:
    test = stress(
        SCENARIOS / "three_tier", what=["nodes"], only=list(EXPECTED), starts=[0], engine="agents", knowledge=()
    )
    rows = test.table.set_index("stressor")
    assert set(rows.index) == set(EXPECTED)
    for name, expected in EXPECTED.items():
        assert rows.loc[name, "duration"] == expected["time_to_recover"]
        assert rows.loc[name, "lp_loss"] == pytest.approx(expected["lost_profit"], abs=1e-6)
        assert rows.loc[name, "lp_time_to_survive"] == pytest.approx(expected["time_to_survive"], abs=1e-6)
    assert test.lasting == (1.0, 10.0)
    assert summary(test)["outage"]["durations"] == [1.0, 10.0]


@pytest.mark.parametrize("engine", ["agents", "compiled"])
def test_a_time_of_its_own_takes_the_place_of_the_duration(engine: str) -> None:
    rows = ranked(with_times(factory=6), engine, duration=3, what=["nodes"]).table.set_index("stressor")
    assert (rows.loc["factory", "duration"], rows.loc["factory", "lost_demand"]) == (6.0, LOST[6])
    assert rows.loc["depot", "duration"] == 3.0


def test_arcs_have_times_of_their_own() -> None:
    arcs = line().model_dump(mode="json", by_alias=True, exclude_unset=True)["arcs"]
    arcs[1]["time_to_recover"] = 6
    rows = ranked(line(arcs=arcs), "agents", duration=3, what=["arcs"]).table.set_index("stressor")
    assert rows["duration"].to_dict() == {"shop/depot": 3.0, "depot/factory": 6.0}
    same = ranked(line(), "agents", duration=6, what=["arcs"], only=["depot/factory"]).table
    assert rows.loc["depot/factory", "impact"] == same["impact"].item() > 0.0


def test_what_is_out_together_comes_back_at_its_own_times() -> None:
    """Factory and depot: as the change that replays them, in which each stands with its own length."""
    scenario = with_times(region=True, factory=8, depot=2)
    test = ranked(scenario, what=["regions"])
    ((_, row),) = test.table.iterrows()
    assert row["duration"] == 8.0
    assert row[["lp_loss", "lp_loss_without_outage"]].isna().all()  # the aggregate programs know one length
    (replay,) = replays(test)
    entries = json.loads(replay["set"].removeprefix("disruptions="))
    assert [(entry["nodes"], entry["dates"][0]["duration"]) for entry in entries] == [(["factory"], 8), (["depot"], 2)]
    run = simulate(line({"known_after": 0.0}, disruptions=entries), engine="agents")
    assert column(run.values, "lost_demand").sum() == row["lost_demand"]
    alone = ranked(with_times(factory=8), what=["nodes"], only=["factory"]).table["lost_demand"].item()
    assert row["lost_demand"] >= alone == LOST[8]


def test_times_are_read_by_stress_tests_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert scenario_hash(with_times(factory=6)) == scenario_hash(with_times())
    folder, change = str(SCENARIOS / "three_tier"), ["--set", "nodes.T2_9.time_to_recover=20"]
    words = ["stress", folder, *change, "--what", "nodes", "--only", "T2_9", "--starts", "0,"]
    assert main(words) == 0
    shown = capsys.readouterr()
    assert "outages of 20 weeks" in shown.out
    assert "does not read" not in shown.err + shown.out
    assert main(["run", folder, *change, "--engine", "agents", "--set", "run.periods=9"]) == 0
    assert "nodes.T2_9.time_to_recover" in capsys.readouterr().err


def test_refusals(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["stress", str(SCENARIOS / "three_tier"), "--what", "nodes", "--out", "out"]
    check_refused(words, "--duration: say how long an outage lasts: 'T1_1' has no time_to_recover", tmp_path, capsys)
    words += ["--only", "T2_1"]
    check_refused(
        [*words, "--set", "nodes.T2_1.time_to_recover=60"], "time_to_recover 60: the run has 52", tmp_path, capsys
    )
    check_refused([*words, "--set", "nodes.T2_1.time_to_recover=0"], "time_to_recover", tmp_path, capsys)
    check_refused([*words, "--reverse", "fill_rate<0.1"], "--reverse: say with --duration how long", tmp_path, capsys)
    with pytest.raises(InputError, match="'shop/depot' has no time_to_recover in the tables"):
        ranked(line(), what=["arcs"])


def test_what_is_back_sooner_is_never_back_later() -> None:
    times = Durations(8.0, {1: 5.0}, {2: 9.0}).sooner({0: 6.0, 1: 7.0}, {2: 4.0, 3: 10.0})
    assert times == Durations(8.0, {0: 6.0, 1: 5.0}, {2: 4.0, 3: 8.0})
    # Where nothing is said of the others, whatever a lever says is sooner.
    assert Durations(None).sooner({0: 6.0}, {}) == Durations(None, {0: 6.0}, {})


def test_parts_come_the_longest_first() -> None:
    both = Stressor("north", "region", (0, 1), (4,))
    parts = list(Durations(8.0, {0: 2.0, 1: 5.0}).parts(both))
    assert parts == [
        (Stressor("north", "region", (), (4,)), 8.0),
        (Stressor("north", "region", (1,), ()), 5.0),
        (Stressor("north", "region", (0,), ()), 2.0),
    ]
