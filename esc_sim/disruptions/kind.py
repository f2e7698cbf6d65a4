"""What every kind of disruption says: in a scenario, to the timetable, to both engines, and to readers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from pydantic import Field

from esc_sim.behaviours.switches import TRANSIT_HOLD
from esc_sim.fields.parts import ArcName, Duration, Identifier, Part

Place = Literal["node", "arc", "bus"]
"""What a channel belongs to."""


class Recovery(Part):
    """Gradual return from the disrupted health to 1 after the event's end.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Recovery(duration=10).shape
        'linear'
    """

    duration: Duration = Field(default=0.0, description="review periods until full health")
    shape: Literal["linear", "slow_start", "fast_start"] = Field(default="linear", description="shape of the return")


class Hit(Part):
    """What it is called, whom it hits, and how it passes; a kind adds keys of its own.

    Attributes:
        name: what it is called, in files of results and on the page.
    """

    name: Identifier
    nodes: list[Identifier] = Field(default=[], description="ids of nodes hit")
    regions: list[Identifier] = Field(default=[], description="regions all of whose nodes are hit")
    roles: list[Identifier] = Field(default=[], description="roles all of whose nodes are hit")
    arcs: list[ArcName] = Field(default=[], description="arcs hit")
    modes: list[Identifier] = Field(default=[], description="modes all of whose arcs are hit")
    lanes: list[Identifier] = Field(default=[], description="lanes hit, with all arcs that share them")
    buses: list[Identifier] = Field(default=[], description="buses of the section power that lose the grid")
    recovery: Recovery = Field(default=Recovery(), description="gradual return to full health after an event")

    @property
    def names_nodes(self) -> bool:
        """Whether nodes are hit, named by themselves, by region or by role."""
        return bool(self.nodes or self.regions or self.roles)

    @property
    def names_arcs(self) -> bool:
        """Whether arcs are hit, named by themselves, by mode or by lane."""
        return bool(self.arcs or self.modes or self.lanes)


@dataclass(frozen=True)
class Channel:
    """A level that disruptions set at each node, arc or bus; 1 where nothing is disrupted.

    Attributes:
        name: what behaviours call it.
        of: what it belongs to.
        is_factor: where several events are in force their levels multiply, and may exceed 1; else the least holds.
        is_learnt: contracts rest on it, so that buyers come to know of it (``known_after``).
        strikes: a run counts as disrupted while this level is not 1.
        words: what the log of events adds to the name of the node, arc or bus.
    """

    name: str
    of: Place
    is_factor: bool = False
    is_learnt: bool = False
    strikes: bool = True
    words: str = ""


Touched = Mapping[Place, tuple[str, ...]]
"""Names of the channels touched at each node, arc and bus hit."""


def _nothing(disruption: Any) -> Touched:
    return {}


def _fine(disruption: Any) -> None:
    return None


def _no_words(disruption: Any) -> Iterable[str]:
    return ()


def _held(disruption: Any) -> tuple[int, float]:
    return TRANSIT_HOLD, 0.0


def _partly(disruption: Any) -> bool:
    return False


def _nothing_told(disruption: Any, whom: str) -> str:
    return ""


def _as_given(value: float) -> float:
    return value


def _no_channels(joint: Any) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class Case:
    """A kind as part of the cases of joint disruptions.

    Attributes:
        keys: its key of a case, levels by node.
        joint_keys: its keys of the whole joint disruption, or None.
        touched: channels of a node that a case names, given the joint disruption.
    """

    keys: type[Part]
    joint_keys: type[Part] | None = None
    touched: Callable[[Any], tuple[str, ...]] = _no_channels

    @property
    def key(self) -> str:
        """Its key of a case; a table has columns KEY.NODE."""
        return next(iter(self.keys.model_fields))


ACTS_ON: Final = {"": "", "customers": "has final demand", "buyers": "sells anything"}
"""Whom a node that is hit must have, for a kind to mean anything there, and the words for it."""


@dataclass(frozen=True)
class Kind:
    """A kind of disruption.

    Attributes:
        name: words for it.
        channels: the levels that it adds; behaviours read them by name.
        keys: its keys of a disruption, or None where it stands in joint disruptions alone.
        key: of these, how hard it hits; a disruption is of this kind where it is given. Sliders bear its title.
        touched: channels that a disruption of this kind touches. Where it leaves out nodes, arcs or buses, these
            cannot be hit.
        level: of the channels touched, given the value of ``key``, or of the key of a case.
        check: raises ValueError where the keys of a disruption of this kind do not go together.
        oddities: what is odd about one, yet can be run.
        in_transit: what becomes of goods on an arc whose level is 0 (``behaviours.switches``), and the extra time of
            goods that are rerouted, in periods.
        is_whole: whether all it hits fails whole, so that there is no level to choose.
        case: the kind in joint disruptions, or None.
        acts_on: whom nodes that it hits must have (``ACTS_ON``).
        told: what a disruption does to those it hits, in words, as in "depot cannot ship"; default the title of ``key``
            and its value.
    """

    name: str
    channels: tuple[Channel, ...]
    keys: type[Hit] | None = None
    key: str = ""
    touched: Callable[[Any], Touched] = _nothing
    level: Callable[[float], float] = _as_given
    check: Callable[[Any], None] = _fine
    oddities: Callable[[Any], Iterable[str]] = _no_words
    in_transit: Callable[[Any], tuple[int, float]] = _held
    is_whole: Callable[[Any], bool] = _partly
    case: Case | None = None
    acts_on: Literal["", "customers", "buyers"] = ""
    told: Callable[[Any, str], str] = _nothing_told

    def __post_init__(self) -> None:
        """Raises ValueError where the parts do not fit together."""
        if self.keys is not None and self.key not in self.own_keys:
            raise ValueError(f"disruption kind '{self.name}': its part of a scenario has no field '{self.key}'")
        if self.keys is None and self.case is None:
            raise ValueError(f"disruption kind '{self.name}': give it keys of a disruption, or of cases")

    @cached_property
    def own_keys(self) -> tuple[str, ...]:
        """Keys of a disruption that this kind adds."""
        return () if self.keys is None else tuple(k for k in self.keys.model_fields if k not in Hit.model_fields)

    def words(self, disruption: Any, whom: str) -> str:
        """What a disruption does to those it hits, in words.

        Args:
            disruption: of this kind.
            whom: those it hits, in words.
        """
        told = self.told(disruption, whom)
        if told or self.keys is None:
            return told
        title = self.keys.model_fields[self.key].title or self.key.replace("_", " ")
        return f"at {whom} {title[:1].lower()}{title[1:]} {getattr(disruption, self.key):g}"

    @property
    def is_share(self) -> bool:
        """Whether what a disruption says of it is a share, at most 1."""
        rules = () if self.keys is None else self.keys.model_fields[self.key].metadata
        return any(getattr(rule, "le", None) == 1 for rule in rules)
