"""GeoJSON out and in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import esc_sim as esc
from esc_sim.cli import main
from esc_sim.network.imported import imported_scenario
from esc_sim.network.imports import read_network
from esc_sim.scenario.given import given_scenario

CITIES = {
    "nodes": [
        {"id": "tokyo", "role": "supplier", "latitude": 35.68, "longitude": 139.69, "production": {"mean": 9}},
        {"id": "los_angeles", "role": "retailer", "latitude": 34.05, "longitude": -118.24, "initial_stock": 30,
         "demand": {"mean": 5, "price": 9}, "order": {"mean": 5}},
        {"id": "denver", "role": "retailer", "initial_stock": 3, "demand": {"mean": 1, "price": 9},
         "order": {"mean": 1}},
    ],
    "arcs": [{"buyer": "los_angeles", "supplier": "tokyo"}, {"buyer": "denver", "supplier": "los_angeles"}],
    "run": {"periods": 30, "replications": 2},
}  # fmt: skip
SHORT: dict[str, Any] = {"name": "cities", **CITIES}


def by_name(collection: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Features by the id of a node, or the buyer of an arc."""
    found = {}
    for one in collection["features"]:
        found[one["properties"].get("id") or f"to {one['properties']['buyer']}"] = one
    return found


def test_points_lines_and_the_antimeridian() -> None:
    found = by_name(esc.network_geojson(SHORT))
    assert found["tokyo"]["geometry"] == {"type": "Point", "coordinates": [139.69, 35.68]}
    assert found["tokyo"]["properties"] == {"id": "tokyo", "role": "supplier"}
    assert found["denver"]["geometry"] is None
    assert found["to denver"]["geometry"] is None
    way = found["to los_angeles"]["geometry"]
    assert way["type"] == "MultiLineString"
    (start, west), (east, end) = way["coordinates"]
    assert (start, end) == ([139.69, 35.68], [-118.24, 34.05])
    assert (west[0], east[0], west[1]) == (180.0, -180.0, east[1])
    assert 34.05 < west[1] < 35.68


def test_results_are_properties(tmp_path: Path) -> None:
    run = esc.simulate(SHORT, engine="agents")
    found = by_name(esc.network_geojson(run))
    shipped = run.arc_shipped.tolist()
    assert found["to los_angeles"]["properties"]["shipped_per_period"] == shipped[0] > 0
    assert found["denver"]["properties"]["mean_stock"] == pytest.approx(run.node_stock.mean(axis=0)[2])
    test = esc.stress(SHORT, duration=5, starts=1, engine="agents")
    test.save(tmp_path / "test")
    fresh = esc.network_geojson(test)
    assert fresh == esc.network_geojson(tmp_path / "test")
    indices = [one["properties"].get("exposure_index", 0.0) for one in fresh["features"]]
    assert max(indices) == 1.0


def test_the_command_writes_what_is_read_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario, file = tmp_path / "scenario.yaml", tmp_path / "net.geojson"
    given_scenario(SHORT).to_yaml(scenario)
    assert main(["export", str(scenario), "--to", "geojson", "--out", str(file)]) == 0
    written = json.loads(file.read_text())
    assert written == esc.network_geojson(scenario)
    written["features"] = [one for one in written["features"] if one["geometry"]]
    file.write_text(json.dumps(written))
    network = read_network(file)
    assert (network.ids, network.roles) == (("tokyo", "los_angeles"), ("supplier", "retailer"))
    assert network.arcs == (("tokyo", "los_angeles"),)
    again = imported_scenario(file)
    assert (again.nodes[0].latitude, again.nodes[0].longitude) == (35.68, 139.69)
    assert main(["export", str(tmp_path / "nothing"), "--to", "geojson", "--out", str(tmp_path / "new")]) == 2
    assert "no such file" in capsys.readouterr().err


def test_lines_are_told_by_the_points_at_their_ends(tmp_path: Path) -> None:
    file = tmp_path / "map.json"
    points = [{"type": "Feature", "properties": {"name": name, "role": "supplier"},
               "geometry": {"type": "Point", "coordinates": [east, 50.0]}}
              for name, east in (("a", 1.0), ("b", 2.0))]  # fmt: skip
    line = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "LineString", "coordinates": [[2.0, 50.0], [1, 50]]},
    }
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [*points, line]}))
    assert read_network(file).arcs == (("b", "a"),)
    line["geometry"]["coordinates"] = [[2.0, 50.0], [7, 7]]  # type: ignore[index]
    ring = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": []}}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [*points, points[0], line, ring]}))
    with pytest.raises(esc.InputError) as caught:
        read_network(file)
    assert caught.value.problems == [
        "map.json: features.2: node 'a' is given twice",
        "map.json: features.3: the line names no supplier and customer, and no points stand at both its ends",
        "map.json: features.4: points and lines are read, no Polygon",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not valid JSON"),
        ("[]", "a FeatureCollection belongs here"),
        ('{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"id": "a"}, "geometry": '
         '{"type": "Point", "coordinates": [9, 153]}}]}', "degrees east and north"),
        ('{"type": "FeatureCollection", "features": [7]}', "no feature without geometry"),
    ],
)  # fmt: skip
def test_bad_files(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "bad.geojson").write_text(text)
    with pytest.raises(esc.InputError, match=words):
        read_network(tmp_path / "bad.geojson")


def test_abstract_places_are_none_on_the_earth() -> None:
    nodes = [{"id": "a", "x": 1, "y": 2}, {"id": "b"}]
    with pytest.raises(esc.InputError, match="no node has latitude and longitude"):
        esc.network_geojson({"name": "plain", "nodes": nodes, "arcs": [{"buyer": "b", "supplier": "a"}]})
