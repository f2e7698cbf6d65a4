"""A member that no key of a scenario describes: a stall whose customers substitute."""

from __future__ import annotations

import math

import numpy as np

import esc_sim
from esc_sim.sampling.streams import stream_hashes, uniforms


class Substituted(esc_sim.SupplyAgent):
    """A stall whose customers come one after the other and take what they like best of what is left.

    What a customer thinks of product j (from 1 on) is 5 + j and a Gumbel number with mean 0; nobody leaves with nothing
    as long as anything is left.
    """

    customers = 30

    def __init__(self, model: esc_sim.SupplyChainModel, node: int) -> None:
        super().__init__(model, node)
        self.sold_out: list[int] = []
        """Products of which nothing is left, by day."""

    def serve(self, draws: list[float]) -> None:
        """Find out how many want each product, then serve them; who finds nothing wanted the product liked best."""
        count = self.customers * len(self.items)
        stream = stream_hashes([f"taste/{self.node_id}"])
        period = self.model.period
        drawn = uniforms(self.model.tape_seed, stream, self.model.replication, period * count, count)[:, 0]
        liking = -np.log(-np.log(drawn)).reshape(self.customers, -1) - np.euler_gamma + 6.0 + np.arange(len(self.items))
        left = [math.ceil(item.stock) for item in self.items]
        wanted = [0] * len(self.items)
        for customer in liking:
            order = np.argsort(-customer)
            taken = next((j for j in order if left[j] > 0), order[0])
            left[taken] -= 1
            wanted[taken] += 1
        self.sold_out.append(sum(number <= 0 for number in left))
        draws = draws.copy()
        for item, number in zip(self.items, wanted, strict=True):
            draws[self.books.customers_of[item.index].column] = float(number)
        super().serve(draws)
