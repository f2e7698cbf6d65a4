"""Nodes and arcs of GeoJSON files (RFC 7946): points, and lines between them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from esc_sim.errors import InputError
from esc_sim.scenario.reader import read_text
from esc_sim.scenario.tables import MAX_BYTES

_NAMES: Final = ("id", "name")
_NEAR: Final = 5
"""Decimals of degrees to which the end of a line is the place of a node: a metre."""
Place = tuple[float, float]


@dataclass
class GeoJsonNetwork:
    """What a file says.

    Attributes:
        roles: role of each node, "node" where none is given.
        places: degrees north and east of each node.
        arcs: (where it stands, supplier, buyer) of each line.
        problems: what cannot be used, each with its place.
    """

    roles: dict[str, str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    arcs: list[tuple[str, str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_geojson(path: Path, source: Sequence[str], target: Sequence[str]) -> GeoJsonNetwork:
    """Read points as nodes and lines as arcs; a line's ends are named by its properties, else by the points there.

    Args:
        path: the file.
        source: names that the property of a supplier may have.
        target: names that the property of a buyer may have.

    Raises:
        InputError: it is no GeoJSON.
    """
    features = list(_features(path))
    found = GeoJsonNetwork()
    for place, one in features:
        if _kind(one) == "Point":
            _take_point(found, place, one)
    at = {(round(lon, _NEAR), round(lat, _NEAR)): name for name, (lat, lon) in found.places.items()}
    for place, one in features:
        if _kind(one) in ("LineString", "MultiLineString"):
            ends = _ends(one, source, target, at)
            if ends is None:
                text = f"the line names no {source[-1]} and {target[-1]}, and no points stand at both its ends"
                found.problems.append(f"{place}: {text}")
            else:
                found.arcs.append((place, *ends))
        elif _kind(one) != "Point":
            found.problems.append(f"{place}: points and lines are read, no {_kind(one) or 'feature without geometry'}")
    return found


def _features(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every feature, and where it stands."""
    try:
        content = json.loads(read_text(path, MAX_BYTES, path.name, "split the network"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path.name}: not valid JSON: {error}") from None
    listed = content.get("features") if isinstance(content, dict) else None
    if not isinstance(listed, list) or content.get("type") != "FeatureCollection":
        raise InputError(f"{path.name}: no GeoJSON network: a FeatureCollection belongs here")
    for number, one in enumerate(listed):
        yield f"{path.name}: features.{number}", one if isinstance(one, dict) else {}


def _kind(feature: Mapping[str, Any]) -> str:
    geometry = feature.get("geometry")
    return str(geometry.get("type", "")) if isinstance(geometry, dict) else ""


def _said(feature: Mapping[str, Any], names: Sequence[str]) -> str:
    """The first property of these names, as text; '' where there is none."""
    properties = feature.get("properties")
    own = properties if isinstance(properties, dict) else {}
    return next((str(own[name]) for name in names if own.get(name) not in (None, "")), "")


def _take_point(found: GeoJsonNetwork, place: str, feature: Mapping[str, Any]) -> None:
    name = _said(feature, _NAMES) or str(feature.get("id", ""))
    where = _place(feature["geometry"].get("coordinates"))
    if not name:
        found.problems.append(f"{place}: the point has no property 'id' or 'name'")
    elif name in found.roles:
        found.problems.append(f"{place}: node '{name}' is given twice")
    elif where is None or abs(where[0]) > 90 or abs(where[1]) > 180:
        found.problems.append(f"{place}: coordinates of a point are degrees east and north, such as [9.99, 53.55]")
    else:
        found.places[name] = where
    found.roles.setdefault(name, _said(feature, ("role",)) or "node")


def _place(coordinates: Any) -> Place | None:
    """Degrees north and east; None where there are none."""
    numbers = coordinates[:2] if isinstance(coordinates, list) else []
    good = len(numbers) == 2 and all(isinstance(v, int | float) and not isinstance(v, bool) for v in numbers)
    return (float(numbers[1]), float(numbers[0])) if good else None


def _ends(
    feature: Mapping[str, Any], source: Sequence[str], target: Sequence[str], at: Mapping[Place, str]
) -> tuple[str, str] | None:
    """Names of supplier and buyer; None where they cannot be told."""
    lines = feature["geometry"].get("coordinates")
    lines = lines if isinstance(lines, list) else []
    if _kind(feature) == "MultiLineString":  # cut at the antimeridian
        lines = [point for line in lines if isinstance(line, list) for point in line]
    places = [_place(lines[end]) if lines else None for end in (0, -1)]
    names = [
        _said(feature, keys) or ("" if where is None else at.get((round(where[1], _NEAR), round(where[0], _NEAR)), ""))
        for keys, where in zip((source, target), places, strict=True)
    ]
    return (names[0], names[1]) if all(names) else None
