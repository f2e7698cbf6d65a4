"""Maps of the world on the page: places, the outline under them, and links over the edge."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim.scenario.given import given_scenario
from esc_sim.views.page.earth_layer import earth_layer
from esc_sim.views.page.map_chart import map_option
from esc_sim.views.page.map_plan import BOX, MapPlan, possible_places
from esc_sim.views.page.show import Show
from tests.page.conftest import Served
from tests.page.shows import show_of_scenario

CITIES = {"rotterdam": (51.92, 4.48), "shanghai": (31.23, 121.47), "chicago": (41.88, -87.63),
          "los_angeles": (34.05, -118.24), "lyon": (45.76, 4.84)}  # fmt: skip


def show_of(*arcs: tuple[str, str], twins: int = 0) -> Show:
    """Cities of which the second of each pair supplies the first; with further shops that stand around the first."""
    ids = list(dict.fromkeys(name for arc in arcs for name in arc))
    nodes: list[dict[str, Any]] = [
        {"id": name, "latitude": CITIES[name][0], "longitude": CITIES[name][1], "initial_stock": 90} for name in ids
    ]
    nodes += [{"id": f"shop_{n}", "latitude": 30 + n / 9, "longitude": -80, "initial_stock": 9} for n in range(twins)]
    pairs = [*arcs, *((f"shop_{n}", ids[1]) for n in range(twins))]
    return show_of_scenario(
        given_scenario(
            {"name": "cities", "nodes": nodes, "arcs": [{"buyer": b, "supplier": s} for b, s in pairs]},
        )
    )


def plan_of(show: Show) -> MapPlan:
    run = show.runs[0]
    return MapPlan.of(run, possible_places(run.model.instance.network)[0])


ATLANTIC = (
    ("rotterdam", "shanghai"), ("chicago", "rotterdam"), ("los_angeles", "shanghai"), ("chicago", "los_angeles"),
)  # fmt: skip


def test_a_region_fills_the_box_and_keeps_its_shape() -> None:
    plan = plan_of(show_of(("rotterdam", "lyon")))
    assert plan.on_earth
    assert not plan.whole_world
    assert ((plan.points > 0.0) & (plan.points < np.array(BOX))).all()
    network, moved = plan.network, np.diff(plan.points, axis=0)[0]
    assert moved[0] / moved[1] == pytest.approx(np.diff(network.x)[0] / np.diff(network.y)[0])
    assert plan.on_map(plan.points[0]) == pytest.approx([network.x[0], network.y[0]])
    assert (plan.points_of(np.array([True, False])) == plan.points).all()  # the map stays where it is


def test_the_outline_is_small_and_lies_in_its_view_box() -> None:
    for arcs in ((("rotterdam", "lyon"),), ATLANTIC):
        layer = earth_layer(plan_of(show_of(*arcs)))
        left, top, width, height = map(float, layer["box"].split())
        assert width / height == pytest.approx(BOX[0] / BOX[1], abs=0.01)
        assert sum(map(len, layer.values())) < 160_000
        starts = [part.partition("l")[0].split() for part in layer["land"].split("M")[1:]]
        assert starts
        slack = 0.1 * width
        assert all(left - slack <= int(x) <= left + width + slack for x, _ in starts)
        assert all(top - slack <= int(y) <= top + height + slack for _, y in starts)


def test_a_node_without_degrees_is_hollow_and_names_stand_beside_markers() -> None:
    nodes: list[dict[str, Any]] = [
        {"id": "a", "name": "Łódź Hub", "latitude": 51.8, "longitude": 19.5, "initial_stock": 9},
        {"id": "b", "latitude": 48.9, "longitude": 2.4},
        {"id": "c"},
        {"id": "d", "latitude": 51.8, "longitude": 19.6},
    ]
    arcs = [{"buyer": buyer, "supplier": "a"} for buyer in "bcd"]
    show = show_of_scenario(given_scenario({"name": "some", "nodes": nodes, "arcs": arcs}))
    option = map_option(show.runs[0], plan_of(show), goods="unit", period="day")
    found = {one["name"]: one for one in option["series"][0]["data"]}
    assert [name for name, one in found.items() if "borderColor" in one["itemStyle"]] == ["c"]
    assert found["c"]["tooltip"]["formatter"].endswith("place not known")
    assert found["a"]["label"]["formatter"] == "Łódź Hub"
    assert found["a"]["tooltip"]["formatter"].startswith("Łódź Hub (a)")
    assert found["a"]["label"]["position"] != found["d"]["label"]["position"]  # they are neighbours


def test_links_over_the_edge_are_two_lines() -> None:
    show = show_of(*ATLANTIC)
    plan = plan_of(show)
    assert plan.whole_world
    graph, over = map_option(show.runs[0], plan, goods="unit", period="day")["series"][:2]
    assert len(graph["links"]) == len(plan.ends) - int(plan.crossing.sum())
    assert len(over["data"]) == 2 * plan.crossing.sum() > 0
    first, second = over["data"][0]["coords"], over["data"][len(over["data"]) // 2]["coords"]
    edges = {round(float(plan.in_box(np.array([plan.window.west + turn, 0.0]))[0]), 1) for turn in (0.0, 360.0)}
    assert {first[1][0], second[0][0]} == edges
    assert first[1][1] == second[0][1]


def test_bundles_of_a_large_network_go_over_the_edge_too() -> None:
    show = show_of(*ATLANTIC, twins=70)
    plan = plan_of(show)
    bundles = map_option(show.runs[0], plan, goods="unit", period="day")["series"][1:]
    lines = sum(len(bundle["data"]) // 5 for bundle in bundles)
    assert lines == len(plan.ends) + plan.crossing.sum()


def test_abstract_coordinates_have_no_world_under_them() -> None:
    nodes = [{"id": "a", "x": 1, "y": 2, "initial_stock": 9}, {"id": "b", "x": 30, "y": 24}]
    show = show_of_scenario(
        given_scenario({"name": "plain", "nodes": nodes, "arcs": [{"buyer": "b", "supplier": "a"}]})
    )
    plan = plan_of(show)
    assert not plan.on_earth
    assert not plan.crossing.any()
    assert map_option(show.runs[0], plan, goods="unit", period="day")["grid"]["left"] == 60


@pytest.mark.slow
def test_the_map_keeps_its_shape_on_a_screen_and_on_a_phone(
    visit: Callable[..., Any], serve: Callable[..., Served], tmp_path: Path
) -> None:
    show_of(("rotterdam", "lyon")).scenario.to_yaml(tmp_path / "europe.yaml")
    address = serve(tmp_path / "europe.yaml").address
    for width, height in ((1400, 1000), (390, 844)):
        page = visit(address, width, height)
        assert len(page.get_attribute("[data-test=earth] path", "d")) > 1_000
        earth, chart = (page.locator(f".esc-world {part}").first.bounding_box() for part in ("svg", "canvas"))
        assert earth["width"] / earth["height"] == pytest.approx(BOX[0] / BOX[1], abs=0.03)
        assert {key: round(earth[key]) for key in earth} == {key: round(chart[key]) for key in chart}
