"""Stressors: what is out at a time, by name."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from esc_sim.disruptions.health import ACTIVITIES
from esc_sim.errors import InputError
from esc_sim.fields.parts import arc_path
from esc_sim.instance.model import Instance
from esc_sim.network.model import Network

WHAT: Final = ("nodes", "arcs", "products", "modes", "lanes", "regions", "roles", "pairs")
"""Kinds of stressors that can be asked for."""
DEFAULT_WHAT: Final = ("nodes", "arcs")


Key = tuple[str, str]
"""Kind and name of a stressor: a region may be called like a node."""


@dataclass(frozen=True)
class Stressor:
    """What is out together.

    Attributes:
        name: of a node or a region; an arc is ``buyer/supplier``, with the product where the two trade several,
            and the mode where it has one; a product of a supplier is ``supplier/product``.
        kind: "node", "arc", "product", "mode", "lane", "region", "role" or "pair".
        nodes, arcs: indices of what is out.
    """

    name: str
    kind: str
    nodes: tuple[int, ...] = ()
    arcs: tuple[int, ...] = ()

    @property
    def key(self) -> Key:
        """What tells it from all others."""
        return self.kind, self.name


def active_nodes(instance: Instance) -> set[int]:
    """Nodes that sell, make or store anything."""
    network, items = instance.network, instance.items
    used = np.zeros(network.item_count, np.bool_)
    used[network.arc_supplier] = used[network.arc_buyer] = used[instance.customers] = True
    used |= (items.production_loc != 0.0) | (items.production_scale != 0.0) | (items.initial_stock > 0.0)
    used[instance.making.outputs["item"]] = True
    return {int(node) for node in network.item_node[used]}


def stressors_of(network: Network, what: Collection[str], active: Collection[int]) -> list[Stressor]:
    """Every stressor of some kinds, one at a time: nodes in their order, then arcs and so on.

    Args:
        network: the network.
        what: kinds, of ``WHAT``; pairs are found later, among the worst.
        active: nodes that sell, make or store anything.

    Raises:
        InputError: there is no such kind, or nothing of it.
    """
    wrong = [kind for kind in what if kind not in WHAT]
    if wrong:
        raise InputError(f"--what {wrong[0]}: take one of {', '.join(WHAT)}")
    found: list[Stressor] = []
    if "nodes" in what:
        found += [Stressor(network.node_ids[i], "node", (i,)) for i in sorted(active)]
    if "arcs" in what:
        found += _arcs(network)
    if "products" in what:
        found += _products(network)
    for kind, names in (("mode", network.arc_modes), ("lane", network.arc_lanes)):
        if f"{kind}s" in what:
            if not names:
                raise InputError(f"--what {kind}s: no arc has a {kind}")
            found += [Stressor(name, kind, arcs=members) for name, members in _members(names)]
    if "regions" in what:
        if not any(network.regions):
            raise InputError("--what regions: no node has a region")
        found += _groups(network.regions, "region")
    if "roles" in what:
        found += _groups(network.roles, "role")
    return found


def chosen(stressors: Sequence[Stressor], only: Sequence[str]) -> list[Stressor]:
    """The stressors of these names; all where none is named.

    Raises:
        InputError: there is none of a name.
    """
    if not only:
        return list(stressors)
    names = {one.name for one in stressors}
    for name in only:
        if name not in names:
            near = difflib.get_close_matches(name, names, 1)
            meant = f"; did you mean '{near[0]}'?" if near else ""
            raise InputError(f"--only {name}: nothing of that name is put out{meant}")
    return [one for one in stressors if one.name in only]


def pairs_of(worst: Sequence[Stressor]) -> list[Stressor]:
    """All pairs of some stressors of which neither holds the other, as a region holds its nodes."""
    found = []
    for one, other in combinations(worst, 2):
        nodes, arcs = ({*one.nodes} | {*other.nodes}, {*one.arcs} | {*other.arcs})
        if (nodes, arcs) not in [({*each.nodes}, {*each.arcs}) for each in (one, other)]:
            name = f"{one.name} + {other.name}"
            found.append(Stressor(name, "pair", tuple(sorted(nodes)), tuple(sorted(arcs))))
    return found


def stops_of(stops: Sequence[str]) -> tuple[str, ...]:
    """What a node that is out cannot do, checked.

    Raises:
        InputError: nothing, or something that is no activity.
    """
    wrong = [activity for activity in stops if activity not in ACTIVITIES]
    if wrong or not stops:
        raise InputError(f"stops: name some of {', '.join(ACTIVITIES)}{f', not {wrong[0]!r}' if wrong else ''}")
    return tuple(dict.fromkeys(stops))


def _arcs(network: Network) -> Iterator[Stressor]:
    """One stressor for all arcs of a buyer, a supplier, a product and a mode."""
    groups: dict[tuple[int, int, int, str | None], list[int]] = {}
    several: dict[tuple[int, int], set[int]] = {}
    for arc in range(network.arc_count):
        buyer, supplier = (int(network.item_node[end[arc]]) for end in (network.arc_buyer, network.arc_supplier))
        product = int(network.item_product[network.arc_supplier[arc]])
        groups.setdefault((buyer, supplier, product, network.mode(arc)), []).append(arc)
        several.setdefault((buyer, supplier), set()).add(product)
    for (buyer, supplier, product, mode), arcs in groups.items():
        which = network.products[product] if len(several[buyer, supplier]) > 1 else None
        name = arc_path(network.node_ids[buyer], network.node_ids[supplier], which, mode)
        yield Stressor(name, "arc", arcs=tuple(arcs))


def _products(network: Network) -> Iterator[Stressor]:
    """One stressor for all arcs over which a supplier delivers a product."""
    groups: dict[int, list[int]] = {}
    for arc, item in enumerate(network.arc_supplier.tolist()):
        groups.setdefault(item, []).append(arc)
    for item, arcs in sorted(groups.items()):
        supplier, product = network.node_ids[network.item_node[item]], network.products[network.item_product[item]]
        yield Stressor(f"{supplier}/{product}", "product", arcs=tuple(arcs))


def _groups(labels: Sequence[str | None], kind: str) -> list[Stressor]:
    return [Stressor(name, kind, members) for name, members in _members(labels)]


def _members(labels: Sequence[str | None]) -> list[tuple[str, tuple[int, ...]]]:
    """Each label in the order of its first, with the places that bear it."""
    found: dict[str, list[int]] = {}
    for place, label in enumerate(labels):
        if label:
            found.setdefault(label, []).append(place)
    return [(label, tuple(places)) for label, places in found.items()]
