"""Stress tests: both aggregate programs for every single outage of a network in three tiers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from esc_sim.stress.aggregate import AggregatePrograms
from esc_sim.stress.aggregate_network import AggregateNetwork
from experiments.bench.rows import Row, cpu_seconds, small_run

NAME = "stress"
TIERS = (200, 500, 1000)
DURATION = 8.0


def measure() -> Iterator[Row]:
    """Rows: CPU seconds of all losses and times to survive together."""
    tiny = small_run()
    tiers = (4, 10, 20) if tiny else TIERS
    network = three_tiers(*tiers)
    outages = range(tiers[0], sum(tiers))

    def all_outages() -> None:
        programs = AggregatePrograms(network)
        for site in outages:
            programs.loss([site], DURATION)
            programs.time_to_survive([site])

    what = f"{len(outages):,} outages of {sum(tiers):,} sites, both programs"
    yield Row(what, cpu_seconds(all_outages), "CPU s", "" if tiny else "<= 20 s")


def three_tiers(plants: int, suppliers: int, sub_suppliers: int, seed: int = 1) -> AggregateNetwork:
    """Plants that need three to five materials each, their suppliers, who need one or two, and those of these.

    Args:
        plants, suppliers, sub_suppliers: number of sites in each tier.
        seed: of the network.
    """
    rng = np.random.default_rng(seed)
    sizes = {"plant": plants, "supplier": suppliers, "sub-supplier": sub_suppliers}
    names = tuple(f"{tier} {i}" for tier, count in sizes.items() for i in range(count))
    ends: tuple[list[int], list[int], list[int]] = ([], [], [])
    _join(rng, ends, range(plants), range(plants, plants + suppliers), max(1, suppliers // 3), (3, 5))
    first = plants + suppliers
    _join(rng, ends, range(plants, first), range(first, first + sub_suppliers), max(2, sub_suppliers // 2), (1, 2))
    demand, margin = np.zeros(len(names)), np.zeros(len(names))
    demand[:plants], margin[:plants] = rng.integers(750, 851, plants), rng.integers(14, 26, plants) / 100
    supplier, need, maker = (np.array(part, np.int64) for part in ends)
    return AggregateNetwork(
        names=names,
        stock=rng.integers(1500, 3000, len(names)).astype(np.float64),
        capacity=rng.integers(1500, 3000, len(names)).astype(np.float64),
        demand=demand,
        margin=margin,
        supplier=supplier,
        need=need,
        need_maker=maker,
        need_units=np.ones(len(maker)),
    )


def _join(
    rng: np.random.Generator,
    ends: tuple[list[int], list[int], list[int]],
    buyers: range,
    suppliers: range,
    materials: int,
    most: tuple[int, int],
) -> None:
    """Give each buyer its materials, each from all who make it; every material has a supplier.

    Args:
        rng: where chance comes from.
        ends: supplier and need of each edge, maker of each need; added to.
        buyers, suppliers: places of the sites.
        materials: number of materials.
        most: least and largest number of materials of a buyer.
    """
    supplier, need, maker = ends
    made = np.r_[np.arange(materials), rng.integers(0, materials, max(0, len(suppliers) - materials))]
    for buyer in buyers:
        wanted = min(int(rng.integers(most[0], most[1] + 1)), materials)
        for kind in rng.choice(materials, wanted, replace=False):
            makers = np.flatnonzero(made[: len(suppliers)] == kind)
            supplier.extend(suppliers[int(place)] for place in makers)
            need.extend([len(maker)] * len(makers))
            maker.append(buyer)
