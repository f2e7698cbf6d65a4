"""Lead times and costs of arcs from the distance between their ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import esc_sim as esc
from esc_sim.geography.great_circle import EARTH_RADIUS, great_circle_km
from esc_sim.results.manifest import scenario_hash
from esc_sim.scenario.given import given_scenario
from esc_sim.scenario.reader import load_scenario, read_scenario
from esc_sim.scenario.writing import write_scenario

HAMBURG, SHANGHAI = {"latitude": 53.55, "longitude": 9.99}, {"latitude": 31.23, "longitude": 121.47}


def two(distances: dict[str, Any] | None, arc: dict[str, Any] | None = None, **shop: Any) -> esc.Scenario:
    """A shop in Hamburg that buys in Shanghai."""
    content: dict[str, Any] = {
        "name": "two",
        "nodes": [
            {"id": "shop", "initial_stock": 20, "demand": {"mean": 5}, "order": {"mean": 5}, **(shop or HAMBURG)},
            {"id": "mill", "production": {"mean": 6}, **SHANGHAI},
        ],
        "arcs": [{"buyer": "shop", "supplier": "mill", **(arc or {})}],
    }
    return given_scenario(content if distances is None else {**content, "distances": distances})


def test_a_quarter_of_the_equator_and_the_way_to_the_pole() -> None:
    quarter = EARTH_RADIUS * 3.141592653589793 / 2
    assert great_circle_km(0, 0, 0, 90) == pytest.approx(quarter)
    assert great_circle_km(0, 17, 90, -120) == pytest.approx(quarter)
    assert great_circle_km(10, 179, 10, -179) == pytest.approx(great_circle_km(10, 0, 10, 2))
    assert great_circle_km(48.1, 11.6, 48.1, 11.6) == 0.0


def test_what_is_not_stated_comes_from_the_distance() -> None:
    km = great_circle_km(53.55, 9.99, 31.23, 121.47)
    arc = two({"speed": 500, "cost": 0.01}).arcs[0]
    assert (arc.lead_time, arc.other_cost) == (round(km / 500, 2), pytest.approx(km / 100))
    assert two({"cost": 0.01}).arcs[0].lead_time == 0.0
    assert two({"speed": 500}).arcs[0].other_cost == 0.0


def test_what_is_stated_wins_even_where_it_is_the_default() -> None:
    stated = two({"speed": 500, "cost": 0.01}, {"lead_time": 0, "other_cost": 3})
    assert (stated.arcs[0].lead_time, stated.arcs[0].other_cost) == (0.0, 3.0)
    law = two({"speed": 500}, {"lead_time": {"law": "uniform", "low": 1, "high": 3}})
    assert law.arcs[0].lead_time == esc.Uniform(low=1, high=3)


def test_changes_reach_what_comes_from_distances() -> None:
    scenario = two({"speed": 500})
    assert given_scenario(scenario, {"distances.speed": 1000}).arcs[0].lead_time == 8.52
    assert (
        given_scenario(scenario, {"nodes.shop.latitude": 31.23, "nodes.shop.longitude": 121.47}).arcs[0].lead_time == 0
    )
    assert given_scenario(scenario, {"distances": None}).arcs[0].lead_time == 0
    moved = scenario.model_copy(update={"distances": esc.Distances(speed=1000)})
    moved.check()
    assert given_scenario(moved).arcs[0].lead_time == 8.52


def test_options_have_distances_too() -> None:
    content = two({"speed": 500}).model_dump(exclude_unset=True, by_alias=True)
    nodes = [*content["nodes"], {**content["nodes"][1], "id": "mill_2"}]
    arcs = [*content["arcs"], {"buyer": "shop", "supplier": "mill_2", "option": True}]
    scenario = given_scenario({**content, "nodes": nodes, "arcs": arcs})
    assert len(scenario.arcs) == 1
    assert scenario.options[0][1].lead_time == 17.04


@pytest.mark.parametrize("arc", [{}, {"lead_time": 0}, {"lead_time": 2, "other_cost": 0}])
def test_written_and_read_again_it_is_the_same(arc: dict[str, Any], tmp_path: Path) -> None:
    scenario = two({"speed": 500, "cost": 0.01, "modes": {"sea": {"cost": 0.001}}}, arc)
    write_scenario(scenario, tmp_path)
    assert "latitude" in (tmp_path / "nodes.csv").read_text()
    again = load_scenario(tmp_path)
    assert again == scenario
    assert given_scenario(again, {"distances.speed": 250}) == given_scenario(scenario, {"distances.speed": 250})


def test_an_end_without_a_place_is_told(tmp_path: Path) -> None:
    write_scenario(two({"speed": 500, "modes": {"rail": {}}}, x=1, y=2), tmp_path)
    assert [text.partition("warning: ")[2] for text in read_scenario(tmp_path).warnings] == [
        "'shop' has no latitude and longitude, so no distance gives a lead_time",
        "no arc has the mode 'rail'",
    ]


def test_a_mode_that_only_an_option_has(tmp_path: Path) -> None:
    scenario = two({"speed": 500, "modes": {"air": {"speed": 9000}}}, {"mode": "sea"})
    air = {"buyer": "shop", "supplier": "mill", "mode": "air", "option": True}
    write_scenario(
        given_scenario(scenario, {"arcs": [{"buyer": "shop", "supplier": "mill", "mode": "sea"}, air]}), tmp_path
    )
    assert not any("mode" in text for text in read_scenario(tmp_path).warnings)


def test_a_run_says_how_many_arcs_have_what() -> None:
    run = esc.simulate(two({"speed": 500, "cost": 0.01}), replications=1, engine="agents")
    assert "distances: lead times of 1 arc and other costs of 1 arc from great-circle distances" in run.notices


def test_half_a_place_and_degrees_that_are_none() -> None:
    with pytest.raises(esc.InputError, match="latitude and longitude go together: give both, or neither"):
        two(None, latitude=53)
    with pytest.raises(esc.InputError, match="latitude: must be at most 90, not 153"):
        two(None, latitude=153, longitude=9)
    with pytest.raises(esc.InputError, match="speed: must be above 0, not 0"):
        two({"speed": 0})


def test_scenarios_without_degrees_keep_their_hash() -> None:
    assert scenario_hash(load_scenario("scenarios/quickstart")) == "120c90cc11b680f8d99e165e955573f9"
