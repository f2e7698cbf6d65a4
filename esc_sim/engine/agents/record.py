"""What a run keeps of each period: the network's totals and, on request, every item and node."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from operator import attrgetter
from struct import Struct
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from esc_sim.behaviours.written import (
    add_flow,
    add_service,
    add_tally,
    write_goods,
    write_item,
    write_money,
    write_node,
    write_service,
)
from esc_sim.engine import outputs
from esc_sim.engine.outputs import UNWRITTEN, summed_table, written_table
from esc_sim.fields.rows import Row
from esc_sim.fields.written import Flow, ItemPeriod, NodePeriod, Period, Service, Tally
from esc_sim.instance.settlement import book
from esc_sim.results.columns import (
    FLOW_COLUMNS,
    ITEM_COLUMNS,
    NODE_COLUMNS,
    PERIOD_COLUMNS,
    SERVICE_COLUMNS,
    TALLY_COLUMNS,
)

if TYPE_CHECKING:
    from esc_sim.engine.agents.model import SupplyChainModel
    from esc_sim.instance.settlement import Settlement


Of = TypeVar("Of")
Columns = tuple[str, ...]


class _Kept(Generic[Row]):
    """Numbers of a row that is written anew again and again; one that is never written is an error."""

    def __init__(self, kind: type[Row], columns: Columns, what: str) -> None:
        self._columns, self._what = columns, what
        self._numbers, self._pack = attrgetter(*columns), Struct(f"{len(columns)}d").pack
        self.row = kind(**dict.fromkeys(columns, float(UNWRITTEN)))
        self.numbers = array("d")

    def keep(self) -> None:
        """Add the row's numbers to those that are kept."""
        numbers = self._numbers(self.row)
        if not self.numbers or outputs.mark_all:
            written_table(np.array([numbers]), self._columns, self._what)
        self.numbers.frombytes(self._pack(*numbers))


class _Sums(Generic[Of, Row]):
    """Rows of sums over periods; they begin at -0.0, which any addition turns into another number."""

    def __init__(self, kind: type[Row], columns: Columns, summed: Sequence[Of], what: str) -> None:
        self._columns, self._what = columns, what
        self.rows = [kind(**dict.fromkeys(columns, -0.0)) for _ in summed]
        self.pairs = list(zip(summed, self.rows, strict=True))
        """What is summed, and its sums."""
        self.is_begun = False

    @property
    def numbers(self) -> NDArray[np.float64]:
        """float64[length, columns]."""
        found = [attrgetter(*self._columns)(row) for row in self.rows]
        return summed_table(np.array(found).reshape(-1, len(self._columns)), self._columns, self._what, self.is_begun)


class Recorder:
    """Closes each period's ledger and keeps its row; memory grows by one row of numbers a period."""

    def __init__(self, model: SupplyChainModel, trace: bool, keep_stock: bool) -> None:
        self.model = model
        self.trace = trace
        self.keep_stock = keep_stock
        self.count = 0
        self._periods = _Kept(Period, PERIOD_COLUMNS, "periods")
        self._rows = self._periods.numbers
        self._of_item = _Kept(ItemPeriod, ITEM_COLUMNS, "items")
        self._of_node = _Kept(NodePeriod, NODE_COLUMNS, "nodes")
        self._items, self._nodes = self._of_item.numbers, self._of_node.numbers
        self._stock = array("d")
        self._observed = array("d")
        books, instance = model.books, model.instance
        self._flows = _Sums(Flow, FLOW_COLUMNS, books.items if instance.keeps_flows else [], "flows")
        self._tally = _Sums(Tally, TALLY_COLUMNS, books.items if model.tallies else [], "the tally")
        served = books.customers if instance.keeps_service else []
        self._service = _Sums(Service, SERVICE_COLUMNS, served, "the service of customers")

    @property
    def periods(self) -> NDArray[np.float64]:
        """float64[T, len(PERIOD_COLUMNS)]."""
        return np.array(self._rows).reshape(self.count, len(PERIOD_COLUMNS))

    @property
    def latest(self) -> NDArray[np.float64]:
        """float64[len(PERIOD_COLUMNS)] of the latest period."""
        return np.array(self._rows[-len(PERIOD_COLUMNS) :])

    @property
    def latest_nodes(self) -> NDArray[np.float64]:
        """float64[N, len(NODE_COLUMNS)] of the latest period; empty without trace."""
        size = self.model.books.node_count * len(NODE_COLUMNS)
        return np.array(self._nodes[-size:]).reshape(-1, len(NODE_COLUMNS))

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
        columns = [number.name for number in self.model.instance.observed]
        return written_table(
            np.array(self._observed, np.float64).reshape(self.count, len(columns)), columns, "what features show"
        )

    @property
    def tally(self) -> NDArray[np.float64]:
        """float64[I, len(TALLY_COLUMNS)]; no items where it is not kept."""
        return self._tally.numbers

    @property
    def service(self) -> NDArray[np.float64]:
        """float64[C, len(SERVICE_COLUMNS)], per item with final demand; no items where it is not kept."""
        return self._service.numbers

    @property
    def flows(self) -> NDArray[np.float64]:
        """float64[I, len(FLOW_COLUMNS)]; no items where they are not kept."""
        return self._flows.numbers

    def close_period(self) -> None:
        """Settle every node's ledger and add the period's row."""
        model, books = self.model, self.model.books
        terms, items, out = books.terms, books.items, self._periods.row
        is_counted = self.count >= model.instance.warm_up
        for agent in model.settling:
            agent.settle()
        write_money(terms, books.nodes, books.nodes, out)
        write_goods(terms, items, items, books.sums, out)
        if is_counted:
            self._service.is_begun = True
            for customers, service in self._service.pairs:
                add_service(terms, items[customers.item], customers, service)
        write_service(terms, items, books.customers, self._service.rows, out)
        for planner in model.planners:
            planner.close_period()
        self._periods.keep()
        books.sums.lost = 0.0
        self._flows.is_begun = True
        for item, flow in self._flows.pairs:
            add_flow(terms, item, item, flow)
        if is_counted:
            self._tally.is_begun = True
            for item, tally in self._tally.pairs:
                add_tally(item, item, tally)
        self.count += 1
        self._observed.extend(books.observed)
        if self.keep_stock:
            self._stock.extend(item.stock for item in items)
        if self.trace:
            self._keep_items_and_nodes()
        if model.instance.settlement is not None:
            self._settle(model.instance.settlement)

    def _settle(self, settlement: Settlement) -> None:
        """Book what a plan makes fall due beside trade in the period that was closed."""
        model, books = self.model, self.model.books
        period, nodes = self.latest[None], self.latest_nodes[None] if self.trace else np.empty((0, 0, 0))
        known = (
            model.instance.items.initial_stock,
            np.array([[item.stock for item in books.items]]),
            np.array([[item.backlog for item in books.items]]),
        )
        book(settlement.due(self.count - 1, model.instance.periods, model.cases, *known), period, nodes)
        self._rows[-period.size :] = array("d", period.ravel())
        if self.trace:
            self._nodes[-nodes.size :] = array("d", nodes.ravel())

    def _keep_items_and_nodes(self) -> None:
        """Every item and node of the period."""
        books, health = self.model.books, self.model.health
        for item in books.items:
            write_item(item, item, self._of_item.row)
            self._of_item.keep()
        for number, node in enumerate(books.nodes):
            write_node(books.terms, node, node, health.ship[number], self._of_node.row)
            self._of_node.keep()
