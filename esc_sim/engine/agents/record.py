"""What a run keeps of each period: the network's totals and, on request, every item and node."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from esc_sim.results.columns import FLOW_COLUMNS, ITEM_COLUMNS, NODE_COLUMNS, PERIOD_COLUMNS, TALLY_COLUMNS
from esc_sim.rules.produce import stock_gained

if TYPE_CHECKING:
    from esc_sim.engine.agents.model import SupplyChainModel


class Recorder:
    """Closes each period's ledger and keeps its row; memory grows by one row of numbers a period."""

    def __init__(self, model: SupplyChainModel, trace: bool, keep_stock: bool) -> None:
        self.model = model
        self.trace = trace
        self.keep_stock = keep_stock
        self.count = 0
        self._rows = array("d")
        self._stock = array("d")
        self._items = array("d")
        self._nodes = array("d")
        self._observed = array("d")
        items = model.books.item_count if model.tallies else 0
        flowing = model.books.item_count if model.instance.keeps_flows else 0
        self._flows = [[0.0] * len(FLOW_COLUMNS) for _ in range(flowing)]
        self._tally = [[0.0] * len(TALLY_COLUMNS) for _ in range(items)]

    @property
    def periods(self) -> NDArray[np.float64]:
        """float64[T, len(PERIOD_COLUMNS)]."""
        return np.array(self._rows).reshape(self.count, len(PERIOD_COLUMNS))

    @property
    def stock(self) -> NDArray[np.float64]:
        """float64[T, I] stock at the end of each period; empty unless it is kept."""
        return np.array(self._stock).reshape(-1, self.model.books.item_count)

    @property
    def items(self) -> NDArray[np.float64]:
        """float64[T, I, len(ITEM_COLUMNS)]; empty without trace."""
        return np.array(self._items).reshape(-1, self.model.books.item_count, len(ITEM_COLUMNS))

    @property
    def nodes(self) -> NDArray[np.float64]:
        """float64[T, N, len(NODE_COLUMNS)]; empty without trace."""
        return np.array(self._nodes).reshape(-1, self.model.books.node_count, len(NODE_COLUMNS))

    @property
    def observed(self) -> NDArray[np.float64]:
        """float64[T, X] what features show of themselves."""
        return np.array(self._observed).reshape(self.count, len(self.model.instance.observed))

    @property
    def tally(self) -> NDArray[np.float64]:
        """float64[I, len(TALLY_COLUMNS)]; no items where it is not kept."""
        return np.array(self._tally, np.float64).reshape(-1, len(TALLY_COLUMNS))

    @property
    def flows(self) -> NDArray[np.float64]:
        """float64[I, len(FLOW_COLUMNS)]; no items where they are not kept."""
        return np.array(self._flows, np.float64).reshape(-1, len(FLOW_COLUMNS))

    def close_period(self) -> None:
        """Settle every node's ledger and add the period's row. Money is summed in node order."""
        model, books = self.model, self.model.books
        cost = profit = retail = internal = procurement = storage = penalty = shortage = fixed = 0.0
        disposal = running = 0.0
        retail_income, internal_income = books.retail_income, books.internal_income
        for node, agent in enumerate(model.members):
            spent = agent.settle()
            cost += spent
            profit += retail_income[node] + internal_income[node] - spent
            retail += retail_income[node]
            internal += internal_income[node]
            procurement += books.procurement[node]
            storage += books.storage[node]
            penalty += books.penalty[node]
            shortage += books.shortage[node]
            fixed += books.fixed[node]
            disposal += books.disposal[node]
            running += books.recipe_cost[node]
        self._rows.extend(
            (
                cost, profit, retail, internal, procurement, storage, penalty, shortage, fixed,
                sum(books.demanded), sum(books.served), sum(books.backlog), sum(books.ordered),
                sum(books.contracted),
                sum(books.shipped), sum(books.produced), sum(books.received), books.lost, sum(books.stock),
                sum(books.in_transit), books.emissions + books.making_emissions, disposal, running,
                sum(books.expired), sum(books.consumed), sum(books.given), sum(books.disposed), books.energy_used,
                books.from_closed,
            )
        )  # fmt: skip
        books.lost = 0.0
        if self._flows:
            self._keep_flows()
        if model.tallies and self.count >= model.instance.warm_up:
            self._keep_tally()
        self.count += 1
        self._observed.extend(books.observed)
        if self.keep_stock:
            self._stock.extend(books.stock)
        if self.trace:
            self._keep_traces()

    def _keep_flows(self) -> None:
        """Add the period to each item's flows, in the order of FLOW_COLUMNS."""
        books, numbers = self.model.books, self.model.numbers
        for i, row in enumerate(self._flows):
            row[0] += stock_gained(books.received[i], numbers.yield_factor[i], numbers.offset)
            row[1] += books.produced[i]
            row[2] += books.taken[i]
            row[3] += books.served[i]
            row[4] += books.shipped[i]
            row[5] += books.consumed[i]
            row[6] += books.expired[i]
            row[7] += books.given[i]
            row[8] += books.disposed[i]

    def _keep_tally(self) -> None:
        """Add the period to each item's tally, in the order of TALLY_COLUMNS."""
        books = self.model.books
        for i, row in enumerate(self._tally):
            asked, ordered = books.requested[i], books.ordered[i]
            row[0] += asked
            row[1] += asked * asked
            row[2] += books.filled[i]
            row[3] += ordered
            row[4] += ordered * ordered
            row[5] += ordered > 0.0
            row[6] += books.stock[i]
            row[7] += books.filled[i] < asked

    def _keep_traces(self) -> None:
        model, books = self.model, self.model.books
        contracted = [0.0] * books.item_count
        for arc, amount in zip(books.contracts, books.contracted, strict=True):
            contracted[model.numbers.supplier[arc]] += amount
        for values in zip(
            books.stock, books.in_transit, books.ordered, contracted, books.shipped, books.received, books.produced,
            books.served, books.backlog, books.in_process, books.consumed, books.expired, books.given,
            books.taken, books.disposed, strict=True,
        ):  # fmt: skip
            self._items.extend(values)
        for node in range(books.node_count):
            income = books.retail_income[node] + books.internal_income[node]
            cost = books.cost_of(node)
            self._nodes.extend(
                (
                    model.health.ship[node], income, books.procurement[node], books.storage[node],
                    books.penalty[node], cost, income - cost,
                )
            )  # fmt: skip
