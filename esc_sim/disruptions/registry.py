"""All kinds of disruptions: those below, and those of installed packages (entry points: group esc_sim.disruptions).

The kind that comes first, health, is meant where a disruption names no other; its channels of nodes, the activities,
have the first rows.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from pydantic import create_model

from esc_sim.disruptions import demand, health, lead_time, price
from esc_sim.disruptions.kind import Case, Channel, Hit, Kind, Touched
from esc_sim.entries import packaged
from esc_sim.fields.parts import Part

GROUP: Final = "esc_sim.disruptions"

OWN: Final = (health, price, demand, lead_time)


def _all() -> tuple[Kind, ...]:
    """The house's own kinds first, then those of installed packages by name.

    Raises:
        ImportError: two kinds have a channel, or a key of scenarios, of one name.
    """
    found: list[Kind] = []
    taken: set[str] = set(Hit.model_fields)
    for module in (*OWN, *packaged(GROUP)):
        kind: Kind = module.KIND
        names = [f"the key '{key}'" for key in kind.own_keys]
        names += [f"the channel '{channel.name}'" for channel in kind.channels]
        names += [] if kind.case is None else [f"the key '{kind.case.key}' of cases"]
        for name in names:
            if name in taken:
                raise ImportError(f"disruption kind '{kind.name}' of {module.__name__}: {name} is taken")
        taken.update(names)
        found.append(kind)
    return tuple(found)


KINDS: Final = _all()
CASES: Final[tuple[tuple[Kind, Case], ...]] = tuple((kind, kind.case) for kind in KINDS if kind.case is not None)
"""Kinds that stand in cases of joint disruptions."""
CHANNELS: Final[tuple[Channel, ...]] = tuple(channel for kind in KINDS for channel in kind.channels)
"""Channels by their number, the kind of an instance's channel."""
_NUMBERS: Final = {channel.name: number for number, channel in enumerate(CHANNELS)}
FACTORS: Final = tuple(number for number, channel in enumerate(CHANNELS) if channel.is_factor)
LEARNT: Final = tuple(number for number, channel in enumerate(CHANNELS) if channel.is_learnt)
SOURCES: Final[tuple[ModuleType, ...]] = OWN
"""Files that numbers and rows of the house's own channels follow from."""


def number_of(channel: str) -> int:
    """Number of a channel."""
    return _NUMBERS[channel]


def row_of(channel: str) -> int:
    """Its row among the channels of nodes, or of arcs, or of buses."""
    number = _NUMBERS[channel]
    return sum(before.of == CHANNELS[number].of for before in CHANNELS[:number])


def rows_of(place: str) -> int:
    """Number of channels of nodes, of arcs or of buses."""
    return sum(channel.of == place for channel in CHANNELS)


def kind_of(disruption: Any) -> Kind:
    """The kind of a disruption.

    Raises:
        ValueError: it is of several.
    """
    meant = [kind for kind in KINDS[1:] if kind.key and getattr(disruption, kind.key) is not None]
    if len(meant) > 1:
        keys = " and ".join(kind.key for kind in meant)
        raise ValueError(f"a disruption does one thing: give {keys} a disruption each, with the same dates or law")
    return meant[0] if meant else KINDS[0]


def touched_by(disruption: Any) -> Touched:
    """Channels of each node, arc and bus that a disruption hits."""
    return kind_of(disruption).touched(disruption)


def is_learnt(channels: tuple[str, ...]) -> bool:
    """Whether buyers come to know of any of these channels."""
    return any(number_of(channel) in LEARNT for channel in channels)


def check(disruption: Any) -> None:
    """Look at what a disruption hits and how, as its kind asks.

    Raises:
        ValueError: what is wrong.
    """
    kind, fields = kind_of(disruption), type(disruption).model_fields
    for other in KINDS:
        for key in other.own_keys if other is not kind else ():
            if getattr(disruption, key) != fields[key].get_default():
                raise ValueError(f"'{key}' means nothing beside {kind.key}: leave it out")
    kind.check(disruption)
    places = kind.touched(disruption)
    for place, named in (("arc", disruption.names_arcs), ("bus", disruption.buses), ("node", disruption.names_nodes)):
        if named and place not in places:
            words = {"node": "nodes", "arc": "arcs", "bus": "buses"}
            meant = " or ".join(words[found] for found in places)
            raise ValueError(f"{kind.key} is for {meant}, not for {words[place]}")


def _joined(name: str, parts: list[type[Part]]) -> type[Part]:
    """A part with the keys of several, in their order."""
    return create_model(name, __base__=tuple(reversed(parts)), __module__=__name__)


if TYPE_CHECKING:

    class _AnyKeys:
        def __getattr__(self, key: str) -> Any: ...

    class Effects(_AnyKeys, health.HealthKeys, price.PriceKeys, demand.DemandKeys, lead_time.LeadTimeKeys):
        """Keys of all kinds, of a disruption."""

    class CaseEffects(_AnyKeys, Part):
        """The same of a case of a joint disruption."""

    class JointEffects(_AnyKeys, Part):
        """The same of a joint disruption."""
else:
    Effects = _joined("Effects", [kind.keys for kind in KINDS if kind.keys is not None])
    CaseEffects = _joined("CaseEffects", [case.keys for _, case in CASES])
    JointEffects = _joined("JointEffects", [case.joint_keys for _, case in CASES if case.joint_keys is not None])
