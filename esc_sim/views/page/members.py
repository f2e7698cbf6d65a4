"""What each member did, period by period: orders, stock, backlog, and how much of what it was asked for it served."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.agents.model import SupplyChainModel

QUANTITIES: Final = ("ordered", "stock", "backlog", "asked", "filled")


class MemberLog:
    """Sums over the products of each member, one row a period."""

    def __init__(self, model: SupplyChainModel) -> None:
        self._model = model
        self._node_of_item = np.array(model.books.of_items("node"), np.int64)
        self._node_count = model.books.node_count
        self._rows: list[NDArray[np.float64]] = []
        books, target = model.books, np.array(model.books.of_items("target_stock"))
        self.normal = self._by_node(
            np.where(np.isfinite(target), np.maximum(target, books.of_items("stock")), books.of_items("stock"))
        )
        """float64[N], the level that a member's stock is measured by: its target or what it began with."""
        self.most = self.normal.copy()
        """float64[N], the most that each has held so far."""

    def close_period(self) -> None:
        """Keep the period that has just been played."""
        books, by_node = self._model.books, self._by_node
        stock = by_node(books.of_items("stock"))
        asked, filled = self._service()
        owed = by_node(books.of_items("backlog")) + by_node(books.of_items("owes"))
        self._rows.append(np.array([by_node(books.of_items("ordered")), stock, owed, asked, filled]))
        self.most = np.maximum(self.most, stock)

    def of(self, node: int, quantity: str) -> NDArray[np.float64]:
        """float64[t], a quantity of a member by period; ``fill_rate`` is nan where nothing was asked for."""
        rows = np.array([row[:, node] for row in self._rows]).reshape(-1, len(QUANTITIES))
        if quantity != "fill_rate":
            return rows[:, QUANTITIES.index(quantity)]
        asked, filled = rows[:, QUANTITIES.index("asked")], rows[:, QUANTITIES.index("filled")]
        return np.divide(filled, asked, out=np.full(len(rows), np.nan), where=asked > 0.0)

    def stock_share(self, node: int) -> float:
        """What a member holds now, against its own level; against the most so far where it has none."""
        level = self.normal[node] or self.most[node]
        return self._model.members[node].on_hand / level if level > 0.0 else 0.0

    def _service(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What customers and buyers asked of each member, and what of it was met at once."""
        model, books = self._model, self._model.books
        watch, supplier = model.watch, model.books.of_arcs("supplier_node")
        assert watch is not None
        broken = np.zeros(self._node_count)  # contracted, but not sent
        np.add.at(broken, np.array(supplier, np.int64), -np.array(watch.shipped))
        for arc, amount in zip(books.contracts, books.contracted, strict=True):
            broken[supplier[arc]] += amount
        filled = self._by_node(books.of_items("filled")) - np.maximum(broken, 0.0)
        return self._by_node(books.of_items("requested")), np.maximum(filled, 0.0)

    def _by_node(self, values: list[float] | NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(self._node_of_item, np.asarray(values), self._node_count).astype(np.float64)
