"""Joint disruptions: one of several cases holds in each period or replication."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.sampling.timetable import cases_drawn
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.writing import write_scenario
from esc_sim.simulation import simulate
from tests.helpers.chances import Chances
from tests.helpers.networks import chain, chain_content
from tests.helpers.runs import agents, compiled, differences, item, node, period

CASES: list[dict[str, Any]] = [
    {"name": "calm", "probability": 0.5},
    {"name": "half", "probability": 0.3, "health": {"source": 0.5}, "price": {"source": 1.25}},
    {"name": "storm", "probability": 0.2, "health": {"source": 0.0, "middle": 0.25}, "demand": {"shop": 2.0}},
]


def joint(drawn: str = "period", periods: int = 60, **changes: Any) -> Scenario:
    law = {"name": "weather", "drawn": drawn, "cases": CASES} | changes
    return chain(joint_disruptions=[law], run={"periods": periods, "seed": 5})


def drawn_by_hand(time: int, replication: int = 0) -> int:
    u = Chances(5, replication).uniform("joint/weather", time)
    return 0 if u < 0.5 else 1 if u < 0.8 else 2


@pytest.mark.parametrize("drawn", ["period", "replication"])
def test_one_case_holds_and_sets_health_and_demand(drawn: str) -> None:
    scenario = joint(drawn)
    block = compiled(scenario, range(3))
    for replication in range(3):
        cases = [drawn_by_hand(t if drawn == "period" else 0, replication) for t in range(60)]
        law = instance_of(scenario).triggers.joint[0]
        assert cases_drawn(law, 5, replication, 60).tolist() == cases
        assert node(block, "health")[replication, :, 2].tolist() == [[1.0, 0.5, 0.0][c] for c in cases]
        assert node(block, "health")[replication, :, 1].tolist() == [[1.0, 1.0, 0.25][c] for c in cases]
        assert period(block, "demand")[replication].tolist() == [[10.0, 10.0, 20.0][c] for c in cases]
    assert len({drawn_by_hand(t) for t in range(60)}) == 3


def test_the_engines_agree_bit_for_bit() -> None:
    for changes in ({}, {"drawn": "replication"}, {"stops": ["ship", "produce"]}):
        for stratified in (False, True):
            runs = [run(joint(**changes), range(4), stratified=stratified) for run in (agents, compiled)]
            assert differences(*runs) == []


def test_a_factor_moves_the_price_but_not_the_other_cost() -> None:
    content = chain_content()
    cases = [{"name": "dear", "probability": 1.0, "price": {"source": 1.5}}]
    scenario = chain(joint_disruptions=[{"name": "spot", "cases": cases}], arcs=content["arcs"])
    plain, dear = compiled(chain()), compiled(scenario)
    assert item(plain, "shipped").tolist() == item(dear, "shipped").tolist()
    sold = item(dear, "shipped")[0, :, 2]
    assert (period(plain, "procurement")[0] + 0.5 * 4 * sold).tolist() == period(dear, "procurement")[0].tolist()
    assert (period(plain, "internal_income")[0] + 0.5 * 4 * sold).tolist() == period(dear, "internal_income")[
        0
    ].tolist()
    assert sold.any()


@pytest.mark.parametrize("run", [agents, compiled])
def test_a_price_shock_moves_prices_while_it_lasts(run: Any) -> None:
    shock = {"name": "spot", "nodes": ["source"], "price_factor": 1.5, "dates": [{"start": 2, "duration": 3}]}
    plain, dear = run(chain(), [0]), run(chain(disruptions=[shock]), [0])
    assert item(plain, "shipped").tolist() == item(dear, "shipped").tolist()
    more = 0.5 * 4 * item(dear, "shipped")[0, :, 2]
    more[:2] = more[5:] = 0.0
    assert more.any()
    for column in ("procurement", "internal_income"):
        assert (period(plain, column)[0] + more).tolist() == period(dear, column)[0].tolist()


def test_cases_come_as_often_as_their_probabilities_say() -> None:
    law = instance_of(joint(periods=4000)).triggers.joint[0]
    counts = np.bincount(cases_drawn(law, 5, 0, 4000), minlength=3) / 4000
    assert counts == pytest.approx([0.5, 0.3, 0.2], abs=4 * np.sqrt(0.25 / 4000))
    stratified = np.bincount(np.concatenate([cases_drawn(law, 5, r, 1000, 16) for r in range(16)]), minlength=3) / 16000
    assert stratified == pytest.approx([0.5, 0.3, 0.2], abs=0.004)


def test_the_twin_is_calm_and_a_price_alone_is_no_disruption() -> None:
    result = simulate(joint("replication"), replications=4, seed=5)
    assert result.twin is not None
    assert (result.twin[..., 9] == 10.0).all()
    cases = [{"name": "dear", "probability": 1.0, "price": {"source": 1.5}}]
    calm = simulate(chain(joint_disruptions=[{"name": "spot", "cases": cases}]), replications=2)
    active = calm.activity()
    assert active is not None
    assert not active.any()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_scenario(chain(), tmp_path)
    with (tmp_path / "scenario.yaml").open("a", encoding="utf-8") as file:
        file.write("\njoint_disruptions:\n  - {name: weather, table: weather.csv}\n")
    (tmp_path / "weather.csv").write_text(
        "case,probability,health.source,health.middle,price.source,demand.shop\n"
        "calm,0.5,1,1,1,1\nhalf,0.3,0.5,1,1.25,1\nstorm,0.2,0,0.25,1,2\n",
        encoding="utf-8",
    )
    return tmp_path


def test_a_table_of_cases_says_the_same(folder: Path) -> None:
    scenario = load_scenario(folder, {"run.periods": 60, "run.seed": 5})
    assert differences(compiled(scenario), compiled(joint())) == []
    assert [case.name for case in scenario.joint_disruptions[0].cases] == ["calm", "half", "storm"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("0.2,0,", "0.1,0,", "probabilities sum to 0.9; they must sum to 1"),
        ("storm,0.2", "storm,x", "weather.csv:4: column 'probability': the cell 'x' is no number between 0 and 1"),
        ("0.3,0.5", "0.3,1.5", "weather.csv:3: column 'health.source': the cell '1.5' is no number between 0 and 1"),
        ("health.middle", "health.midle", "there is no node 'midle'; did you mean 'middle'?"),
        ("health.middle", "residual", "weather.csv:1: column 'residual'"),
        ("price.source", "price.shop", "'shop' sells nothing"),
        ("demand.shop", "demand.middle", "'middle' has no final demand"),
        ("storm,", "calm,", "case 'calm' is given twice"),
        (",1,2\n", ",1\n", "weather.csv:4: 5 cells"),
    ],
)
def test_tables_that_cannot_be_used(folder: Path, old: str, new: str, message: str) -> None:
    path = folder / "weather.csv"
    path.write_text(path.read_text().replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_scenario(folder)
    assert message in str(error.value)


def test_a_missing_table_and_none_at_all(folder: Path) -> None:
    (folder / "weather.csv").unlink()
    with pytest.raises(InputError, match=r"there is no file 'weather.csv'"):
        load_scenario(folder)
    with pytest.raises(InputError, match="give cases, or the name of a table"):
        load_scenario(folder, {"joint_disruptions": [{"name": "weather"}]})
