"""Health: the share left of what nodes can do, arcs can carry and buses draw; whole failures may spread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal, get_args

from pydantic import Field

from esc_sim.behaviours import switches
from esc_sim.disruptions.kind import Case, Channel, Hit, Kind, Touched
from esc_sim.fields.parts import Duration, Identifier, Part, Share
from esc_sim.written import percent

Activity = Literal["ship", "receive", "produce", "retail", "order"]
"""What a disruption can stop at a node."""
Supply = Literal["grid", "lines"]
"""What it can stop at a bus: the connection to the grid, its lines."""
ACTIVITIES: Final[tuple[str, ...]] = get_args(Activity)
SUPPLY: Final[tuple[str, ...]] = get_args(Supply)

_MODES: Final = {
    "hold": switches.TRANSIT_HOLD,
    "reroute": switches.TRANSIT_REROUTE,
    "lose": switches.TRANSIT_LOSE,
}
_ON_THE_ROAD: Final = {"reroute": " (goods on the road are rerouted)", "lose": " (goods on the road are lost)"}


class HealthKeys(Hit):
    """How hard it hits what nodes, arcs and buses can do."""

    health: Share = Field(default=0.0, title="Capacity left", description="share of capacity left while it lasts")
    stops: list[Activity | Supply] = Field(
        default=["ship"], description="what the nodes hit cannot do; what buses lose: grid (default), or grid and lines"
    )
    in_transit: Literal["hold", "reroute", "lose"] = Field(default="hold", description="goods on an arc that is out")
    detour: Duration = Field(default=1.0, description="extra time of goods that are rerouted")
    cascade: bool = Field(
        default=False, description="the failure spreads (section cascade); failed nodes stop all their trade"
    )


class HealthCase(Part):
    """Health in a case of a joint disruption."""

    health: dict[Identifier, Share] = Field(
        default={}, description="share of capacity left, by node; 1 where not named"
    )


class HealthJoint(Part):
    """What health means in all cases of a joint disruption."""

    stops: list[Activity] = Field(
        default=["ship"], min_length=1, description="what nodes of less than full health cannot do"
    )


def touched(disruption: HealthKeys) -> Touched:
    """Buses lose their supply; nodes the activities named, in a cascade all; arcs carry less."""
    if disruption.buses:
        return {"bus": SUPPLY if "lines" in disruption.stops else SUPPLY[:1]}
    return {"node": ACTIVITIES if disruption.cascade else tuple(dict.fromkeys(disruption.stops)), "arc": ("arc",)}


def check(disruption: HealthKeys) -> None:
    """Raises ValueError where supply and activities, or a cascade and parts of a failure, are mixed."""
    supply = [what for what in disruption.stops if what in SUPPLY]
    if disruption.buses:
        _check_buses(disruption, len(supply))
    elif supply:
        raise ValueError(f"only buses lose the {supply[0]}: name buses")
    if disruption.cascade:
        _check_cascade(disruption)


def _check_buses(disruption: HealthKeys, supply: int) -> None:
    if disruption.names_nodes or disruption.names_arcs:
        raise ValueError("what hits buses hits them alone: give nodes and arcs a disruption of their own")
    if disruption.health > 0 or disruption.recovery.duration > 0 or disruption.cascade:
        raise ValueError("a bus loses its grid whole: leave out health, recovery and cascade")
    if disruption.stops != ["ship"] and (supply < len(disruption.stops) or "grid" not in disruption.stops):
        raise ValueError("buses can lose the grid, or grid and lines: stops: [grid] or [grid, lines]")


def _check_cascade(disruption: HealthKeys) -> None:
    if disruption.names_arcs:
        raise ValueError("a cascade starts at nodes that fail: leave out arcs, modes and lanes")
    if disruption.health > 0:
        raise ValueError("a cascade starts at nodes that fail: leave health at 0")
    if disruption.stops not in (["ship"], list(ACTIVITIES)):
        raise ValueError("a cascade stops all trade of a failed node: leave out stops")


def oddities(disruption: HealthKeys) -> Iterator[str]:
    """What takes nothing away."""
    if disruption.health == 1:
        yield "leaves full health: it changes nothing"
    if not disruption.stops:
        yield "stops nothing: it changes nothing"


def in_transit(disruption: HealthKeys) -> tuple[int, float]:
    """What becomes of goods on an arc that is out, and how much longer another way is."""
    return _MODES[disruption.in_transit], disruption.detour


def is_whole(disruption: HealthKeys) -> bool:
    """Cascades start from whole failures, and buses have their supply or not."""
    return disruption.cascade or bool(disruption.buses)


def told(disruption: HealthKeys, whom: str) -> str:
    """What stops, whole or in part."""
    if disruption.buses:
        return f"no {' and no '.join(s for s in SUPPLY if s in (*disruption.stops, SUPPLY[0]))} for {whom}"
    stops = ACTIVITIES if disruption.cascade else disruption.stops
    hit = hindered(
        stops if disruption.names_nodes or not disruption.names_arcs else (), disruption.names_arcs, disruption.health
    )
    road = _ON_THE_ROAD.get(disruption.in_transit, "") if disruption.names_arcs and disruption.health == 0 else ""
    return f"{whom} {hit}{road}{', and the failure spreads' if disruption.cascade else ''}"


def hindered(stops: Sequence[str], carries: bool, health: float) -> str:
    """What those hit cannot do, or only in part, as in "cannot ship" or "can ship only 50 % of the usual".

    Args:
        stops: what nodes cannot do; none where only arcs are hit.
        carries: whether arcs are hit.
        health: share of it that is left.
    """
    does = ["trade", "produce"] if set(stops) >= set(ACTIVITIES) else list(stops)
    does += ["carry anything"] if carries else []
    if health > 0:
        return f"can {' and '.join(does).replace(' anything', '')} only {percent(health)} of the usual"
    return f"cannot {' or '.join(does)}"


def touched_in_case(joint: Any) -> tuple[str, ...]:
    """What nodes of less than full health cannot do."""
    return tuple(joint.stops)


KIND: Final = Kind(
    name="health",
    channels=(
        *(Channel(name, "node", is_learnt=name == "ship", words=name) for name in ACTIVITIES),
        Channel("arc", "arc", is_learnt=True),
        *(Channel(name, "bus", words=name) for name in SUPPLY),
    ),
    keys=HealthKeys,
    key="health",
    touched=touched,
    check=check,
    oddities=oddities,
    in_transit=in_transit,
    is_whole=is_whole,
    case=Case(HealthCase, HealthJoint, touched_in_case),
    told=told,
)
