"""Maps of the world on the page: places, the outline under them, and links over the edge."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from esc_sim.scenario.given import given_scenario
from esc_sim.views.page.earth_layer import earth_layer
from esc_sim.views.page.map_chart import map_option
from esc_sim.views.page.map_plan import BOX, MapPlan, possible_places
from esc_sim.views.page.show import Show
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
