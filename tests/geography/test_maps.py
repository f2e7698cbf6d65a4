"""The projection, the cut of the world, the outline, and maps that are drawn on it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import PathCollection

import esc_sim as esc
from esc_sim.geography.mercator import northing, pieces, unrolled
from esc_sim.geography.outline import FILE, Window, outline
from esc_sim.network.model import Network, network_of
from esc_sim.scenario.given import given_scenario
from esc_sim.views.earth import draw_earth, extent_of, scale_bar, way_lines
from esc_sim.views.layout import node_places
from esc_sim.views.style import new_figure
from experiments.make_outline import TOLERANCE, simplified

CITIES = {
    "rotterdam": (51.92, 4.48), "shanghai": (31.23, 121.47), "chicago": (41.88, -87.63), "tokyo": (35.68, 139.69),
    "los_angeles": (34.05, -118.24), "auckland": (-36.85, 174.76),
}  # fmt: skip


def network(*arcs: tuple[str, str], places: dict[str, dict[str, float]] | None = None) -> Network:
    """Cities of which the second of each pair supplies the first."""
    ids = dict.fromkeys(name for arc in arcs for name in arc)
    places = places or {name: {"latitude": CITIES[name][0], "longitude": CITIES[name][1]} for name in ids}
    nodes: list[dict[str, Any]] = [{"id": name, **places[name]} for name in ids]
    return network_of(
        given_scenario({"name": "cities", "nodes": nodes, "arcs": [{"buyer": b, "supplier": s} for b, s in arcs]})
    )


def test_the_projection_keeps_shapes() -> None:
    assert northing(np.array([0.0]))[0] == 0.0
    for latitude in (10.0, 52.0, -70.0):
        step = np.diff(northing(np.array([latitude, latitude + 1e-5])))[0] / 1e-5
        assert step == pytest.approx(1.0 / np.cos(np.radians(latitude)), rel=1e-5)
    assert np.isfinite(northing(np.array([90.0, -90.0]))).all()


def test_the_world_is_cut_where_no_way_goes() -> None:
    pacific = network(("los_angeles", "tokyo"), ("auckland", "tokyo"))
    assert np.ptp(pacific.x) == pytest.approx(360 - 118.24 - 139.69)
    atlantic = network(("chicago", "rotterdam"), ("rotterdam", "shanghai"))
    assert np.ptp(atlantic.x) == pytest.approx(87.63 + 121.47)
    east = unrolled(np.array([170.0, np.nan, -170.0]), np.array([[0, 2]]))
    assert east[2] - east[0] == 20.0
    assert np.isnan(east[1])


def test_a_way_across_the_edge_is_two_lines_that_meet_it_at_one_height() -> None:
    world = network(("rotterdam", "shanghai"), ("chicago", "rotterdam"), ("los_angeles", "shanghai"))
    places, ends = np.column_stack([world.x, world.y]), np.array([[0, 1], [0, 2], [3, 1], [1, 3], [2, 0]])
    edge = extent_of(places)
    lines, way = way_lines(world, places, ends)
    split = way[len(ends) :]
    assert len(split) > 0
    assert edge.east - edge.west == 360.0
    for second, first in enumerate(split, start=len(ends)):
        assert {lines[first, 1, 0], lines[second, 0, 0]} == {edge.west, edge.east}
        assert lines[first, 1, 1] == lines[second, 0, 1]
        assert (lines[second, 1] == places[ends[first, 1]]).all()
    assert (np.abs(np.diff(lines[:, :, 0])) <= 180.0).all()


def test_no_piece_where_nothing_crosses() -> None:
    places = np.array([[0.0, 0.0], [100.0, 10.0]])
    lines, way = pieces(places, np.array([[0, 1]]), -180.0)
    assert lines.tolist() == [places.tolist()]
    assert way.tolist() == [0]


def test_the_outline_knows_land_and_sea() -> None:
    from matplotlib.path import Path

    found, inside = outline(), {"lyon": (45.76, 4.84), "alice_springs": (-23.7, 133.88), "anadyr": (66.5, 172.0)}
    outside = {"atlantic": (40.0, -35.0), "north_sea": (56.0, 3.0), "baikal_is_no_sea_here": (0.0, -150.0)}
    for expected, cities in ((True, inside), (False, outside)):
        for name, (latitude, longitude) in cities.items():
            point = (longitude, float(northing(np.array([latitude]))[0]))
            count = sum(Path(ring).contains_point(point) for ring in found.land if len(ring) > 2)
            assert (count % 2 == 1) is expected, name
    assert FILE.stat().st_size < 300_000


def test_borders_end_at_the_edges_of_a_window() -> None:
    window = Window(-30.0, 60.0, 20.0, 80.0)
    found = outline().within(window)
    for lines in (found.borders, found.coasts):
        east, west = max(line[:, 0].max() for line in lines), min(line[:, 0].min() for line in lines)
        assert window.west <= west < -5.0 < 50.0 < east <= window.east
    whole = outline().within(Window(-180.0, 180.0, -150.0, 200.0))
    assert sum(len(line) for line in whole.borders) >= sum(len(line) for line in outline().borders)


def test_a_bar_tells_distances_where_one_holds() -> None:
    middle = float(northing(np.array([50.0]))[0])
    length, across = scale_bar(Window(0.0, 10.0, middle - 5.0, middle + 5.0)) or (0, 0.0)
    assert length == 100  # of 715 km
    assert across * 111.195 * np.cos(np.radians(50.0)) == pytest.approx(length, rel=1e-4)
    assert scale_bar(Window(-180.0, 180.0, -90.0, 90.0)) is None


def test_nodes_at_one_place_stand_around_it() -> None:
    same = {"latitude": 52.5, "longitude": 13.4}
    one = network(("a", "b"), ("b", "c"), places=dict.fromkeys("abc", same))
    places = node_places(one, np.array([[0, 1], [1, 2]]), np.ones(2))
    assert len(np.unique(places, axis=0)) == 3
    assert places.mean(axis=0) == pytest.approx([one.x[0], one.y[0]])
    assert np.ptp(places, axis=0).max() < 0.1


def test_a_window_shows_its_part_of_the_world_and_beyond_the_date_line() -> None:
    found = outline().within(Window(170.0, 200.0, 60.0, 110.0))
    assert found.land
    assert all(ring[:, 0].min() >= 170.0 and ring[:, 0].max() <= 200.0 for ring in found.land)
    assert any(ring[:, 0].max() > 190.0 for ring in found.land)  # Alaska
    assert outline().within(Window(-40.0, -30.0, 30.0, 35.0)).land == []


def test_a_simplified_line_stays_near_the_true_one() -> None:
    line = np.cumsum(np.random.default_rng(1).normal(size=(400, 2)), axis=0) * 0.01
    short = simplified(line)
    assert (short[[0, -1]] == line[[0, -1]]).all()
    assert 20 < len(short) < 300
    kept = [int(np.flatnonzero((line == point).all(axis=1))[0]) for point in short]
    for first, last in pairwise(kept):
        way, between = line[last] - line[first], line[first:last] - line[first]
        off = np.abs(between[:, 0] * way[1] - between[:, 1] * way[0]) / np.hypot(*way)
        assert off.max() <= TOLERANCE + 1e-12


def test_degrees_make_a_map_of_the_world_and_x_and_y_an_abstract_one() -> None:
    world = network(("chicago", "rotterdam"))
    assert world.geographic
    assert Network.from_dict(world.to_dict()).geographic
    plain = network(("a", "b"), places={"a": {"x": 1, "y": 2}, "b": {"x": 3, "y": 4}})
    assert not plain.geographic
    assert "geographic" not in plain.to_dict()
    mixed = network(("a", "b"), places={"a": {"x": 1, "y": 2}, "b": {"latitude": 1, "longitude": 2}})
    assert np.isnan(mixed.x[0])


def test_a_map_has_land_and_the_same_scale_in_both_directions() -> None:
    for places in (np.array([[7.0, 60.0], [7.4, 60.1]]), np.array([[-120.0, 40.0], [140.0, -30.0]])):
        figure = new_figure(7.0, 5.0)
        axis = figure.subplots()
        axis.scatter(places[:, 0], places[:, 1])
        draw_earth(axis, places)
        figure.canvas.draw()
        (west, east), (south, north) = axis.get_xlim(), axis.get_ylim()
        box = axis.get_window_extent()
        assert (east - west) / box.width == pytest.approx((north - south) / box.height)
        assert west <= places[:, 0].min()
        assert east >= places[:, 0].max()
        assert len(axis.collections) >= 3


def test_short_names_label_nodes_and_ids_those_without() -> None:
    names = ("Rotterdam", "A works whose name finds no room", "Depot", "Depot", "")
    ids = "abcde"
    places = {i: {"name": name, "latitude": 50, "longitude": 5} for i, name in zip(ids, names, strict=True)}
    named = network(("a", "b"), ("c", "d"), ("c", "e"), places=places)
    assert named.labels == ("Rotterdam", "b", "c", "d", "e")
    assert Network.from_dict(named.to_dict()).labels == named.labels
    assert network(("chicago", "rotterdam")).labels == ("chicago", "rotterdam")
    assert "node_names" not in network(("chicago", "rotterdam")).to_dict()


def test_places_that_are_not_known_are_hollow_and_said() -> None:
    content = {
        "name": "three",
        "nodes": [
            {"id": "shop", "name": "Corner shop", "initial_stock": 20, "demand": {"mean": 5, "price": 9},
             "order": {"mean": 5}, "latitude": 51.9, "longitude": 4.5},
            {"id": "mill", "production": {"mean": 6}, "latitude": 48.0, "longitude": 9.0},
            {"id": "dock", "production": {"mean": 6}},
        ],
        "arcs": [{"buyer": "shop", "supplier": supplier, "price": 1} for supplier in ("mill", "dock")],
        "run": {"periods": 12, "replications": 1},
    }  # fmt: skip
    run = esc.simulate(content, engine="agents")
    assert run.network.place_unknown.tolist() == [False, False, True]
    test = esc.stress(content, duration=5, starts=1, engine="agents")
    for figure in (run.plot.network_map(), test.plot.map()):
        faces = [
            face[:3].tolist()
            for found in figure.axes[0].collections
            if isinstance(found, PathCollection) and found.get_zorder() >= 2
            for face in found.get_facecolor()
        ]
        assert faces.count([1.0, 1.0, 1.0]) == 1
        legends = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
        assert "hollow: place not known" in legends
    assert "Corner shop" in [text.get_text() for text in run.plot.network_map().axes[0].texts]


def test_maps_of_runs_and_of_stress_tests_are_drawn_on_the_world() -> None:
    content = {
        "name": "two",
        "nodes": [
            {"id": "shop", "initial_stock": 20, "demand": {"mean": 5, "price": 9}, "order": {"mean": 5},
             "latitude": 51.9, "longitude": 4.5},
            {"id": "mill", "production": {"mean": 6}, "latitude": 34.05, "longitude": -118.24},
        ],
        "arcs": [{"buyer": "shop", "supplier": "mill", "price": 1}],
        "distances": {"speed": 3000},
        "run": {"periods": 30, "replications": 2},
    }  # fmt: skip
    run = esc.simulate(content, engine="agents")
    test = esc.stress(content, duration=5, starts=1, engine="agents")
    for figure in (run.plot.network_map(), test.plot.map()):
        assert len(figure.axes[0].collections) >= 4
