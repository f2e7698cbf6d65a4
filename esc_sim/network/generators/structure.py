"""Who may buy from whom, and where everybody is: layered networks and role-typed scale-free ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.network.scale_free import PAPER_COUNTS, role_typed_scale_free

LAYER_ROLES = ("retailer", "distributor", "wholesaler", "manufacturer", "supplier", "raw_supplier")
MAP_SIZE = 100.0
"""Length of the map's edge."""


@dataclass(frozen=True)
class Structure:
    """A network without numbers; N nodes, A arcs.

    Attributes:
        ids, roles: N names.
        tier: int64[N], 0 = nearest to the customer; an arc always leads to a lower tier.
        x, y: float64[N] places on the map.
        arcs: int64[A, 2] supplier and buyer.
        layered: arcs join neighbouring tiers only.
    """

    ids: tuple[str, ...]
    roles: tuple[str, ...]
    tier: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    arcs: NDArray[np.int64]
    layered: bool

    @property
    def distance(self) -> NDArray[np.float64]:
        """Length of each arc, float64[A]."""
        supplier, buyer = self.arcs.T
        return np.asarray(np.hypot(self.x[supplier] - self.x[buyer], self.y[supplier] - self.y[buyer]), np.float64)


def layered_structure(sizes: Sequence[int], links: int | None = None, roles: Sequence[str] = LAYER_ROLES) -> Structure:
    """Layers in a row, from the customer up.

    Args:
        sizes: number of nodes of each layer, the one nearest to the customer first.
        links: suppliers of each buyer, the nearest ones of the next layer; None: all of them.
        roles: names of the layers.

    Raises:
        InputError: fewer than two layers, an empty one, more layers than roles, fewer than one link.
    """
    problems = []
    if not 2 <= len(sizes) <= len(roles):
        problems.append(f"sizes: {len(sizes)} layers; there can be 2 to {len(roles)}")
    problems += [f"sizes.{k}: a layer of {size} nodes" for k, size in enumerate(sizes) if size < 1]
    if links is not None and links < 1:
        problems.append(f"links: {links} is not a number of suppliers")
    if problems:
        raise InputError(problems)
    tier = np.repeat(np.arange(len(sizes)), sizes)
    place = np.concatenate([(np.arange(size) + 0.5) / size for size in sizes])
    arcs = []
    first = np.r_[0, np.cumsum(sizes)]
    for layer in range(len(sizes) - 1):
        suppliers = np.arange(first[layer + 1], first[layer + 2])
        for buyer in range(first[layer], first[layer + 1]):
            far = np.abs(place[suppliers] - place[buyer])
            nearest = suppliers[np.argsort(far, kind="stable")[:links]]
            arcs += [(int(supplier), buyer) for supplier in np.sort(nearest)]
    names = [roles[layer] for layer in tier.tolist()]
    return Structure(
        ids=_numbered(names),
        roles=tuple(names),
        tier=tier,
        x=np.round(MAP_SIZE * (1.0 - tier / (len(sizes) - 1)), 1),
        y=np.round(MAP_SIZE * place, 1),
        arcs=np.array(arcs, np.int64),
        layered=True,
    )


def scale_free_structure(
    counts: Mapping[str, int] = PAPER_COUNTS, m: int = 3, a: float = 6.0, seed: int = 1
) -> Structure:
    """Role-typed scale-free network (see :func:`role_typed_scale_free`) scattered over a map.

    Args:
        counts: nodes of each role, from the first supplier down to the customer.
        m: partners of a newcomer.
        a: attractiveness; the larger, the weaker the hubs.
        seed: of the network and the places.

    Raises:
        InputError: counts or parameters that make no network.
    """
    roles, arcs = role_typed_scale_free(counts, m, a, seed)
    order = {role: k for k, role in enumerate(reversed([role for role, k in counts.items() if k]))}
    rng = np.random.default_rng([seed, 1])
    places = np.round(MAP_SIZE * rng.random((len(roles), 2)), 1)
    tier = np.array([order[role] for role in roles])
    return Structure(_numbered(roles), tuple(roles), tier, places[:, 0], places[:, 1], arcs, len(order) == 2)


def _numbered(roles: Sequence[str]) -> tuple[str, ...]:
    """retailer_1, retailer_2, ..."""
    count: dict[str, int] = {}
    names = []
    for role in roles:
        count[role] = count.get(role, 0) + 1
        names.append(f"{role}_{count[role]}")
    return tuple(names)
