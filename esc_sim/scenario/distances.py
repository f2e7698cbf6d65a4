"""Lead times and costs of arcs from the distance between their ends, where nothing is stated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field, model_validator

from esc_sim.counted import counted
from esc_sim.fields.parts import Amount, Identifier, Number, Part
from esc_sim.geography.great_circle import great_circle_km
from esc_sim.scenario.messages import Problem

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Arc, Node, Scenario

DIGITS: Final = 2
"""Decimals of lead times that come from distances, so that ticks of the clock stay coarse."""
KEYS: Final = {"lead_time": "lead times", "other_cost": "other costs"}
"""Keys of an arc that its distance may give."""

Speed = Annotated[Number, Field(gt=0, description="km that goods go in a period")]
CostOfWay = Annotated[Amount, Field(description="money per unit and km")]


class Place(Part):
    """Where a node stands: on a real map by its degrees, else on an abstract one."""

    x: Number | None = Field(default=None, description="place on the map, from left to right")
    y: Number | None = Field(default=None, description="place on the map, from bottom to top")
    latitude: Annotated[Number, Field(ge=-90, le=90)] | None = Field(
        default=None, description="degrees north (south is negative): with longitude, the place on a real map"
    )
    longitude: Annotated[Number, Field(ge=-180, le=180)] | None = Field(
        default=None, description="degrees east (west is negative)"
    )

    @model_validator(mode="after")
    def _both_degrees(self) -> Place:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude go together: give both, or neither")
        return self


class Travel(Part):
    """How goods go over a distance.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Travel(speed=700).cost is None
        True
    """

    speed: Speed | None = Field(
        default=None, description="km a period: an arc without `lead_time` takes distance/speed"
    )
    cost: CostOfWay | None = Field(
        default=None, description="money per unit and km: an arc without `other_cost` costs distance times this"
    )


class Distances(Travel):
    """What arcs that state no lead time, or no other cost, get from the great-circle distance between their ends.

    Both ends need latitude and longitude. What an arc states always wins. Lead times are rounded to hundredths of a
    period.

    Examples:
        >>> import esc_sim as esc
        >>> ends = [esc.Node(id="hamburg", latitude=53.55, longitude=9.99),
        ...         esc.Node(id="shanghai", latitude=31.23, longitude=121.47)]
        >>> arc = esc.Arc(buyer="hamburg", supplier="shanghai")
        >>> esc.Scenario(name="two", nodes=ends, arcs=[arc], distances=esc.Distances(speed=500)).arcs[0].lead_time
        17.04
    """

    modes: dict[Identifier, Travel] = Field(
        default={}, description="speed and cost of arcs of a mode, where they differ: {sea: {speed: 700}}"
    )


def _travel(arc: Arc, distances: Distances) -> tuple[float | None, float | None]:
    """Speed and cost that hold for an arc; None where there is none."""
    own = distances.modes.get(arc.mode or "", Travel())
    speed = distances.speed if own.speed is None else own.speed
    return speed, distances.cost if own.cost is None else own.cost


def with_distances(arcs: Iterable[Arc], nodes: Iterable[Node], distances: Distances) -> list[Arc]:
    """Arcs with what their distances give; a key that is filled in does not count as stated.

    Args:
        arcs: the arcs.
        nodes: their ends, with latitude and longitude.
        distances: speeds and costs.
    """
    places = _places(nodes)
    return [_filled(arc, values) if (values := _given(arc, places, distances)) else arc for arc in arcs]


def _filled(arc: Arc, values: Mapping[str, float]) -> Arc:
    made = arc.model_copy()
    made.__dict__.update(values)
    return made


Places = Mapping[str, tuple[float, float]]


def _places(nodes: Iterable[Node]) -> Places:
    """Latitude and longitude of the nodes that have them."""
    return {n.id: (n.latitude, n.longitude) for n in nodes if n.latitude is not None and n.longitude is not None}


def _given(arc: Arc, places: Places, distances: Distances) -> dict[str, float]:
    """Values of keys that the arc does not state and its distance gives."""
    wanted = _wanted(arc, distances)
    if not wanted or arc.buyer not in places or arc.supplier not in places:
        return {}
    length = great_circle_km(*places[arc.supplier], *places[arc.buyer])
    speed, cost = _travel(arc, distances)
    values = {"lead_time": round(length / speed, DIGITS) if speed else 0.0, "other_cost": length * (cost or 0.0)}
    return {key: values[key] for key in wanted}


def _wanted(arc: Arc, distances: Distances) -> list[str]:
    """Keys that the arc does not state, and for which there is a speed or a cost."""
    stated = arc.model_fields_set
    return [k for k, v in zip(KEYS, _travel(arc, distances), strict=True) if v is not None and k not in stated]


def distance_words(scenario: Scenario) -> str:
    """How many arcs have what from their distances; '' where none has."""
    distances = scenario.distances
    if distances is None:
        return ""
    places = _places(scenario.nodes)
    counts: dict[str, int] = dict.fromkeys(KEYS, 0)
    for arc in scenario.arcs:
        for key in _given(arc, places, distances):
            counts[key] += 1
    found = [f"{name} of {counted(counts[key], 'arc')}" for key, name in KEYS.items() if counts[key]]
    return f"{' and '.join(found)} from great-circle distances" if found else ""


def placed_nodes(scenario: Scenario) -> int:
    """How many nodes have a place on the map: by their degrees where any node has them, else by ``x`` and ``y``."""
    return len(_places(scenario.nodes)) or sum(n.x is not None and n.y is not None for n in scenario.nodes)


def distance_notices(scenario: Scenario) -> list[str]:
    """What those who run a scenario should know of its distances."""
    words = distance_words(scenario)
    return [f"distances: {words}"] if words else []


def distance_oddities(scenario: Scenario) -> Iterator[Problem]:
    """Arcs that get nothing because an end has no place, and modes that no arc has."""
    distances = scenario.distances
    if distances is None:
        return
    places = _places(scenario.nodes)
    for number, arc in enumerate(scenario.arcs):
        wanted = _wanted(arc, distances)
        bare = next((end for end in (arc.supplier, arc.buyer) if end not in places), None)
        if wanted and bare is not None:
            text = f"warning: '{bare}' has no latitude and longitude, so no distance gives a {wanted[0]}"
            yield Problem(("arcs", number), text, "part")
    modes = {arc.mode for arc in scenario.arcs} | {arc.mode for _, arc in scenario.options}
    for mode in distances.modes:
        if mode not in modes:
            yield Problem(("distances", "modes", mode), f"warning: no arc has the mode '{mode}'")
