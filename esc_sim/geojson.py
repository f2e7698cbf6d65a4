"""Networks, and what was found of them, as GeoJSON (RFC 7946): nodes are points, arcs are lines to buyers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.geography.mercator import ROUND, degrees
from esc_sim.network.model import NO_LAYER, Network, network_of
from esc_sim.results.result import Result
from esc_sim.results.roomy import mean_over_time
from esc_sim.storage.manifest import MANIFEST, read_manifest

if TYPE_CHECKING:
    from esc_sim.scenario.given import ScenarioLike
    from esc_sim.stress.run import StressTest
    from esc_sim.stress.stored import StoredStress

Floats = NDArray[np.float64]
Columns = Mapping[str, Floats]

_DIGITS: Final = 6
"""Decimals of degrees: a tenth of a metre."""


def network_geojson(source: ScenarioLike | Result | StressTest) -> dict[str, Any]:
    """The network of a scenario, of a run or of a stress test as GeoJSON, a FeatureCollection.

    Nodes are points with their ``id``, ``role``, ``region`` and ``layer``; arcs are lines with ``buyer``, ``supplier``
    and ``product``. A run adds the mean stock of nodes and what arcs ship in a period; a stress test the impact of the
    outage of each, and the exposure index. What has no place has no geometry.

    Args:
        source: a scenario, its path or content; a run or a stress test, or the folder of one.

    Raises:
        InputError: it is nothing of the kind, or no node has latitude and longitude.

    Examples:
        >>> import esc_sim as esc
        >>> ends = [esc.Node(id="hamburg", latitude=53.55, longitude=9.99),
        ...         esc.Node(id="lyon", latitude=45.76, longitude=4.84)]
        >>> two = esc.Scenario(name="two", nodes=ends, arcs=[esc.Arc(buyer="hamburg", supplier="lyon")])
        >>> [feature["geometry"]["type"] for feature in esc.network_geojson(two)["features"]]
        ['Point', 'Point', 'LineString']
    """
    network, of_nodes, of_arcs = _found(source)
    if not network.geographic:
        raise InputError("no node has latitude and longitude: GeoJSON knows places on the earth alone")
    features = [*_points(network, of_nodes), *_lines(network, of_arcs)]
    return {"type": "FeatureCollection", "features": features}


def _found(source: Any) -> tuple[Network, Columns, Columns]:
    """A network, and what is known of its nodes and arcs."""
    from esc_sim.stress.run import StressTest
    from esc_sim.stress.stored import read_stress, stored_stress

    if isinstance(source, str | os.PathLike) and (Path(source) / MANIFEST).exists():
        kind = (read_manifest(Path(source)) or {}).get("format")
        if kind == "esc_sim stress":
            return _of_stress(read_stress(Path(source)))
        from esc_sim.results.reading import read_run

        return _of_run(read_run(Path(source)))  # which tells of results of other kinds
    if isinstance(source, Result):
        return _of_run(source)
    if isinstance(source, StressTest):
        return _of_stress(stored_stress(source))
    from esc_sim.scenario.given import given_scenario

    return network_of(given_scenario(source)), {}, {}


def _of_run(run: Result) -> tuple[Network, Columns, Columns]:
    return run.network, {"mean_stock": mean_over_time(run.node_stock)}, {"shipped_per_period": run.arc_shipped}


def _of_stress(test: StoredStress) -> tuple[Network, Columns, Columns]:
    network = test.network
    nodes = {name: np.full(network.node_count, np.nan) for name in ("impact", "exposure_index")}
    arcs = {name: np.full(network.arc_count, np.nan) for name in nodes}
    for row, one in enumerate(test.stressors):
        table, members = {"node": (nodes, one.nodes), "arc": (arcs, one.arcs)}.get(one.kind, ({}, ()))
        for name, column in table.items():
            column[list(members)] = test.table[name].iloc[row]
    return network, nodes, arcs


def _points(network: Network, columns: Columns) -> Iterator[dict[str, Any]]:
    places = degrees(np.column_stack([network.x, network.y]))
    for node, name in enumerate(network.node_ids):
        layer = int(network.layer[node])
        about: dict[str, Any] = {"id": name, "role": network.roles[node], "region": network.regions[node]}
        about |= {"layer": None if layer == NO_LAYER else layer, **_values(columns, node)}
        known = bool(np.isfinite(places[node]).all())
        yield _feature({"type": "Point", "coordinates": _rounded(places[node])} if known else None, about)


def _lines(network: Network, columns: Columns) -> Iterator[dict[str, Any]]:
    places = degrees(np.column_stack([network.x, network.y]))
    suppliers, buyers = (network.item_node[ends] for ends in (network.arc_supplier, network.arc_buyer))
    products = network.item_product[network.arc_buyer]
    for arc, (supplier, buyer, product) in enumerate(zip(suppliers, buyers, products, strict=True)):
        about: dict[str, Any] = {"buyer": network.node_ids[buyer], "supplier": network.node_ids[supplier]}
        about |= {"product": network.products[product]}
        about |= {"mode": network.arc_modes[arc]} if network.arc_modes else {}
        known = bool(np.isfinite(places[[supplier, buyer]]).all())
        yield _feature(_way(places[supplier], places[buyer]) if known else None, about | _values(columns, arc))


def _feature(geometry: dict[str, Any] | None, about: Mapping[str, Any]) -> dict[str, Any]:
    said = {key: value for key, value in about.items() if value is not None}
    return {"type": "Feature", "geometry": geometry, "properties": said}


def _way(start: Floats, end: Floats) -> dict[str, Any]:
    """A line, cut in two where it crosses the antimeridian (RFC 7946, section 3.1.9)."""
    across = end[0] - start[0]
    if abs(across) <= ROUND / 2.0:
        return {"type": "LineString", "coordinates": [_rounded(start), _rounded(end)]}
    edge = ROUND / 2.0 if across < 0.0 else -ROUND / 2.0
    share = (edge - start[0]) / (across + 2.0 * edge)
    height = float(start[1] + share * (end[1] - start[1]))
    halves = [[_rounded(start), [edge, round(height, _DIGITS)]], [[-edge, round(height, _DIGITS)], _rounded(end)]]
    return {"type": "MultiLineString", "coordinates": halves}


def _rounded(place: Floats) -> list[float]:
    return [round(float(value), _DIGITS) for value in place]


def _values(columns: Columns, place: int) -> dict[str, float]:
    return {name: float(column[place]) for name, column in columns.items() if np.isfinite(column[place])}
