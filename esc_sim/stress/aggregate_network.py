"""The network of the aggregate programs: what stands where, who makes what of what, and who wants how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class AggregateNetwork:
    """A supply network without time.

    A need is a material of a maker: all edges that serve it bring the same material, from suppliers that replace one
    another.

    Attributes:
        names: of the I makers, one a product at a site.
        stock: s, float64[I], units on hand.
        capacity: c, float64[I], units a period; infinite where nothing limits it.
        demand: d, float64[I], units of final demand a period.
        margin: f, float64[I], profit lost with a unit of final demand.
        supplier: int64[E], maker at the start of each edge.
        need: int64[E], the need that the edge serves.
        need_maker: int64[K], maker that has the need.
        need_units: r, float64[K], units of the material in a unit made.
    """

    names: tuple[str, ...]
    stock: Floats
    capacity: Floats
    demand: Floats
    margin: Floats
    supplier: Ints
    need: Ints
    need_maker: Ints
    need_units: Floats

    def __post_init__(self) -> None:
        """Raises InputError where a number is none that the programs could take."""
        for word, values in (
            ("stock", self.stock),
            ("capacity", self.capacity),
            ("demand", self.demand),
            ("margin", self.margin),
        ):
            bad = np.isnan(values) | (values < 0.0)
            if word != "capacity":
                bad |= np.isinf(values)
            if bad.any():
                place = int(np.flatnonzero(bad)[0])
                raise InputError(f"{word} of '{self.names[place]}': {values[place]:g} is no amount of 0 or more")
        if (self.need_units <= 0.0).any():
            place = int(self.need_maker[np.flatnonzero(self.need_units <= 0.0)[0]])
            raise InputError(f"'{self.names[place]}': units of a material in a unit made must be above 0")


def from_tables(
    edges: Sequence[tuple[str, str]],
    material: Mapping[str, str],
    units: Mapping[str, Mapping[str, float]],
    numbers: Mapping[str, Mapping[str, float]],
) -> AggregateNetwork:
    """A network of makers of one product each, given by name.

    Args:
        edges: (supplier, buyer) pairs.
        material: what each supplier makes.
        units: maker -> material -> units of it in a unit made (r).
        numbers: "stock", "capacity", "demand" and "margin" by maker; makers left out have 0. All makers have a
            capacity.

    Raises:
        InputError: an edge to or from a maker that has no capacity, a supplier without a material, a material that
            its buyer has no use for, or a number that cannot be.
    """
    names = tuple(numbers["capacity"])
    place = {name: i for i, name in enumerate(names)}
    needs: dict[tuple[int, str], int] = {}
    need_units: list[float] = []
    for maker, materials in units.items():
        for kind, amount in materials.items():
            needs[_place(place, maker), kind] = len(need_units)
            need_units.append(float(amount))
    suppliers, served = [], []
    for supplier, buyer in edges:
        kind = material.get(supplier, "")
        if (_place(place, buyer), kind) not in needs:
            raise InputError(f"edge {supplier} -> {buyer}: '{buyer}' has no use for what '{supplier}' makes")
        suppliers.append(_place(place, supplier))
        served.append(needs[place[buyer], kind])

    def column(word: str) -> Floats:
        given = numbers.get(word, {})
        for name in given:
            _place(place, name)
        return np.array([given.get(name, 0.0) for name in names], np.float64)

    return AggregateNetwork(
        names=names,
        stock=column("stock"),
        capacity=column("capacity"),
        demand=column("demand"),
        margin=column("margin"),
        supplier=np.array(suppliers, np.int64),
        need=np.array(served, np.int64),
        need_maker=np.array([maker for maker, _ in needs], np.int64),
        need_units=np.array(need_units, np.float64),
    )


def _place(place: Mapping[str, int], name: str) -> int:
    if name not in place:
        raise InputError(f"'{name}' has no capacity: name it among the makers")
    return place[name]
