"""Ways on which goods go from node to node without an order: by-products to takers, organic fertilisers to farms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from esc_sim.network.model import Network

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario


@dataclass(frozen=True)
class SideLinks:
    """S ways; several products from a node to another are several ways.

    Attributes:
        giver, taker: int64[S] nodes.
        product: int64[S].
    """

    giver: NDArray[np.int64]
    taker: NDArray[np.int64]
    product: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of ways."""
        return len(self.giver)

    @property
    def ends(self) -> NDArray[np.int64]:
        """int64[P, 2], (giver, taker) of every pair of nodes with a way, each pair once, in rising order."""
        found: NDArray[np.int64] = np.unique(np.column_stack([self.giver, self.taker]), axis=0)
        return found


def side_links_of(scenario: Scenario, network: Network) -> SideLinks:
    """Ways that a scenario has, in the order in which it lists them: takers, then amendments; each once."""
    node = network.node_index
    product = {name: place for place, name in enumerate(network.products)}
    rows = [(node[t.giver], node[t.taker], product[t.product]) for t in scenario.takers]
    rows += [(node[a.seller], node[a.farm], product[a.product]) for a in scenario.amendments]
    rows = list(dict.fromkeys(rows))
    return SideLinks(*np.array(rows, np.int64).reshape(-1, 3).T)
