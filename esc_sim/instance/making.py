"""What nodes do with goods beside trading them, as numbers: shelf lives, waste, disposal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from esc_sim.instance.model import NO_ITEM, FloatArray, IntArray
from esc_sim.network.model import Network, stock_lines
from esc_sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Making:
    """Numbers of making and keeping goods; I items, K of them perishable.

    Attributes:
        perishable: int64[K] items.
        shelf_life: int64[K] periods that goods keep.
        ring_start: int64[K + 1] places of what came in during the latest (shelf life - 1) periods.
        waste: int64[K] item that expired goods become; NO_ITEM: they are disposed of.
        perishable_of: int64[I] place of an item among the perishable ones, or NO_ITEM.
        disposal_cost: float64[I] money per unit disposed of.
    """

    perishable: IntArray
    shelf_life: IntArray
    ring_start: IntArray
    waste: IntArray
    perishable_of: IntArray
    disposal_cost: FloatArray

    @property
    def expiring(self) -> bool:
        """Whether anything perishes."""
        return len(self.perishable) > 0


def making_of(scenario: Scenario, network: Network) -> Making:
    """Shelf lives, waste and fees of a scenario."""
    lines = stock_lines(scenario)
    product_index = {product: p for p, product in enumerate(network.products)}
    perishable = [i for i, (_, _, line) in enumerate(lines) if line.shelf_life is not None]
    shelf_life = np.array([lines[i][2].shelf_life for i in perishable], np.int64)
    waste = [lines[i][2].waste for i in perishable]
    of_item = np.full(network.item_count, NO_ITEM, np.int64)
    of_item[perishable] = np.arange(len(perishable))
    return Making(
        perishable=np.array(perishable, np.int64),
        shelf_life=shelf_life,
        ring_start=np.r_[0, np.cumsum(shelf_life - 1)].astype(np.int64),
        waste=np.array(
            [
                NO_ITEM if product is None else network.item_index[lines[i][0], product_index[product]]
                for i, product in zip(perishable, waste, strict=True)
            ],
            np.int64,
        ),
        perishable_of=of_item,
        disposal_cost=np.array([line.disposal_cost for _, _, line in lines], np.float64),
    )
