"""What a reverse test may move: demand, lead times, capacity and prices, of the whole network or group by group.

Factors move in whole hundredths, so that what is reported is what was run, to the last digit.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from esc_sim.errors import InputError
from esc_sim.instance.model import Instance
from esc_sim.stress.replay import named

STEP: Final = 0.01
"""Least change of a factor."""
DEFAULT_SCALE: Final = 0.1
"""Change of a factor that counts as a distance of 1, where none is given."""
LARGEST: Final = 3.0
"""Largest factor."""


@dataclass(frozen=True)
class Movable:
    """A kind of deviation.

    Attributes:
        key: of the disruption that it is.
        whom: words for whom a group must have.
        low, high: bounds of the factor, 1 between or at them.
    """

    key: str
    whom: str
    low: float
    high: float


MOVABLE: Final[Mapping[str, Movable]] = {
    "demand": Movable("demand_factor", "has final demand", 0.0, LARGEST),
    "lead_time": Movable("lead_time_factor", "sells anything", 1.0, LARGEST),
    "capacity": Movable("health", "sells, makes or stores anything", 0.0, 1.0),
    "price": Movable("price_factor", "sells anything", 0.0, LARGEST),
}
"""Kinds by name. Lead times only grow, capacity only falls; demand and prices go either way."""
GROUPINGS: Final = ("role", "region", "product")


@dataclass(frozen=True)
class Factor:
    """One factor that may be moved.

    Attributes:
        name: kind, and group where it is not the whole network: ``demand``, ``capacity/region=north``.
        kind: of ``MOVABLE``.
        hit: whom, as keys of an entry of ``disruptions``.
        scale: change of the factor that counts as a distance of 1.
    """

    name: str
    kind: str
    hit: Mapping[str, Any]
    scale: float

    @property
    def low(self) -> int:
        """Steps that it can be moved down; at most 0."""
        return round((MOVABLE[self.kind].low - 1.0) / STEP)

    @property
    def high(self) -> int:
        """Steps that it can be moved up; at least 0."""
        return round((MOVABLE[self.kind].high - 1.0) / STEP)

    @property
    def signs(self) -> tuple[int, ...]:
        """Ways in which it can be moved: 1 up, -1 down."""
        return tuple(sign for sign, end in ((1, self.high), (-1, self.low)) if end != 0)

    def value(self, steps: int) -> float:
        """The factor after some steps."""
        return round(1.0 + STEP * steps, 2)

    def distance(self, steps: int) -> float:
        """Scaled distance of some steps."""
        return (self.value(steps) - 1.0) / self.scale

    def entry(self, steps: int, start: int, duration: float, stops: Sequence[str]) -> dict[str, Any]:
        """The deviation as an entry of ``disruptions``.

        Args:
            steps: how far it is moved; not 0.
            start, duration: when, in periods.
            stops: what the nodes of less capacity can do less of.
        """
        dates = [{"start": start, "duration": duration}]
        entry = {"name": f"stress_{self.kind}", **self.hit, MOVABLE[self.kind].key: self.value(steps), "dates": dates}
        if self.kind == "capacity" and "nodes" in self.hit:
            entry["stops"] = list(stops)
        return entry


def factor_words(name: str, value: float) -> str:
    """A factor and what it is, as figures and messages name it."""
    kind, _, group = name.partition("/")
    of = f" ({group.replace('=', ' ')})" if group else ""
    return f"{kind.replace('_', ' ')}{of} x {value:g}"


def scales_from(text: str) -> dict[str, float]:
    """Kinds, groupings and scales that a text such as "demand/role=0.2, price" names.

    Raises:
        InputError: a scale is no number.
    """
    found: dict[str, float] = {}
    for part in (part.strip() for part in text.split(",")):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        try:
            scale = float(number) if equals else DEFAULT_SCALE
        except ValueError:
            raise InputError(f"--deviations {part}: '{number}' is no number") from None
        if name in found:
            raise InputError(f"--deviations {part}: '{name}' is named twice")
        found[name] = scale
    return found


def factors_of(instance: Instance, active: Collection[int], scales: Mapping[str, float]) -> list[Factor]:
    """The factors that may be moved.

    Args:
        instance: the network.
        active: nodes that sell, make or store anything.
        scales: by kind (``demand``) or kind and grouping (``demand/role``): the change of a factor that counts as 1.

    Raises:
        InputError: there is no such kind or grouping, nobody whom it could hit, or a scale is no number above 0.
    """
    found: list[Factor] = []
    for name, scale in scales.items():
        if not 0.0 < scale < math.inf:
            raise InputError(f"--deviations {name}: a scale of {scale:g} measures no distance; give a number above 0")
        kind, slash, grouping = name.partition("/")
        _check(name, kind, bool(slash), grouping)
        nodes = _nodes(instance, active, kind)
        if not nodes:
            raise InputError(f"--deviations {name}: no node {MOVABLE[kind].whom}")
        groups = _groups(instance, name, kind, grouping, nodes)
        found += [Factor(kind + (f"/{grouping}={of}" if of else ""), kind, hit, float(scale)) for of, hit in groups]
    if not found:
        raise InputError(f"--deviations: name kinds: {', '.join(MOVABLE)}")
    return found


def _check(name: str, kind: str, is_grouped: bool, grouping: str) -> None:
    if kind not in MOVABLE:
        near = difflib.get_close_matches(kind, MOVABLE, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"kinds: {', '.join(MOVABLE)}"
        raise InputError(f"--deviations {name}: there is no kind '{kind}'; {hint}")
    if is_grouped and grouping not in GROUPINGS:
        raise InputError(f"--deviations {name}: there are no groups by '{grouping}'; take {', '.join(GROUPINGS)}")


def _nodes(instance: Instance, active: Collection[int], kind: str) -> list[int]:
    """Nodes that a kind can hit, ascending."""
    network = instance.network
    if kind == "capacity":
        return sorted(active)
    items = instance.customers if kind == "demand" else network.arc_supplier
    return sorted({int(node) for node in network.item_node[items]})


def _groups(
    instance: Instance, name: str, kind: str, grouping: str, nodes: list[int]
) -> list[tuple[str, dict[str, Any]]]:
    """Name of each group and whom it hits.

    Args:
        instance: the network.
        name: of the deviation, for messages.
        kind, grouping: its parts; grouping may be "".
        nodes: that the kind can hit.
    """
    network = instance.network
    if not grouping:
        return [("", named(network, nodes, ()))]
    if grouping == "product":
        return _by_product(instance, name, kind)
    labels = network.roles if grouping == "role" else network.regions
    of = {label: [i for i in nodes if labels[i] == label] for label in dict.fromkeys(labels) if label}
    groups = [(label, named(network, members, ())) for label, members in of.items() if members]
    if not groups:
        raise InputError(f"--deviations {name}: no node that {MOVABLE[kind].whom} has a {grouping}")
    return groups


def _by_product(instance: Instance, name: str, kind: str) -> list[tuple[str, dict[str, Any]]]:
    """Lead times and capacity by arcs of a product; demand and prices at nodes that have to do with it alone."""
    network = instance.network
    if kind in ("lead_time", "capacity"):
        sold = network.item_product[network.arc_supplier]
        arcs = {p: tuple(np.flatnonzero(sold == p).tolist()) for p in range(len(network.products))}
        return [(network.products[p], named(network, (), of)) for p, of in arcs.items() if of]
    items = instance.customers if kind == "demand" else network.arc_supplier
    pairs = {(int(network.item_node[item]), int(network.item_product[item])) for item in items}
    products: dict[int, list[int]] = {}
    for node, product in sorted(pairs):
        products.setdefault(node, []).append(product)
    for node, several in products.items():
        if len(several) > 1:
            both = " and ".join(network.products[p] for p in several[:2])
            raise InputError(
                f"--deviations {name}: '{network.node_ids[node]}' {_DEALS[kind]} {both}, and a factor moves both: "
                "take groups by role or region"
            )
    of_product: dict[int, list[int]] = {}
    for node, product in sorted(pairs):
        of_product.setdefault(product, []).append(node)
    return [(network.products[p], named(network, of, ())) for p, of in sorted(of_product.items())]


_DEALS: Final = {"demand": "has final demand for", "price": "sells"}
