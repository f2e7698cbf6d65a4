"""What a run keeps of each period: the network's totals and, on request, every item and node."""

from __future__ import annotations

from array import array
from operator import add
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from esc_sim.behaviours.produce import stock_gained
from esc_sim.behaviours.service import met_at_once, overdue_demand, ready_at_end, share_of
from esc_sim.engine.outputs import in_order, written_table
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


class _Sums:
    """Sums of some columns over periods, a list of numbers for each column; false without any numbers."""

    def __init__(self, columns: tuple[str, ...], length: int, what: str) -> None:
        self._columns, self._what = columns, what
        self._sums = {name: [0.0] * length for name in columns}
        self._length = length

    def __bool__(self) -> bool:
        return self._length > 0

    def __getitem__(self, column: str) -> list[float]:
        return self._sums[column]

    def add(self, amounts: dict[str, list[float]]) -> None:
        """Add the amounts of a period, by column."""
        for total, found in zip(self._sums.values(), in_order(self._columns, amounts, self._what), strict=True):
            total[:] = map(add, total, found)

    @property
    def values(self) -> NDArray[np.float64]:
        """float64[length, columns]."""
        return np.array(list(self._sums.values()), np.float64).T.copy()


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
        items = model.books.item_count
        self._flows = _Sums(FLOW_COLUMNS, items if model.instance.keeps_flows else 0, "flows")
        self._tally = _Sums(TALLY_COLUMNS, items if model.tallies else 0, "the tally")
        self._customers: list[int] = model.instance.customers.tolist()
        served = len(self._customers) if model.instance.keeps_service else 0
        self._service = _Sums(SERVICE_COLUMNS, served, "the service of customers")

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
        return self._tally.values

    @property
    def service(self) -> NDArray[np.float64]:
        """float64[C, len(SERVICE_COLUMNS)], per item with final demand; no items where it is not kept."""
        return self._service.values

    @property
    def flows(self) -> NDArray[np.float64]:
        """float64[I, len(FLOW_COLUMNS)]; no items where they are not kept."""
        return self._flows.values

    def close_period(self) -> None:
        """Settle every node's ledger and add the period's row."""
        model, books = self.model, self.model.books
        is_counted = self.count >= model.instance.warm_up
        found = self._money() | self._goods() | self._service_of_period(is_counted)
        for planner in model.planners:
            planner.close_period()
        self._rows.extend(in_order(PERIOD_COLUMNS, found, "periods"))
        books.lost = 0.0
        if self._flows:
            self._keep_flows()
        if self._tally and is_counted:
            self._keep_tally()
        self.count += 1
        self._observed.extend(books.observed)
        if self.keep_stock:
            self._stock.extend(books.stock)
        if self.trace:
            self._keep_items()
            self._keep_nodes()
        if model.instance.settlement is not None:
            self._settle(model.instance.settlement)

    def _settle(self, settlement: Settlement) -> None:
        """Book what a plan makes fall due beside trade in the period that was closed."""
        model, books = self.model, self.model.books
        period, nodes = self.latest[None], self.latest_nodes[None] if self.trace else np.empty((0, 0, 0))
        known = model.instance.items.initial_stock, np.array([books.stock]), np.array([books.backlog])
        book(settlement.due(self.count - 1, model.instance.periods, model.cases, *known), period, nodes)
        self._rows[-period.size :] = array("d", period.ravel())
        if self.trace:
            self._nodes[-nodes.size :] = array("d", nodes.ravel())

    def _money(self) -> dict[str, float]:
        """The period's money. It is summed in node order."""
        books = self.model.books
        cost = profit = retail = internal = procurement = storage = penalty = shortage = fixed = 0.0
        disposal = running = 0.0
        retail_income, internal_income = books.retail_income, books.internal_income
        for node, agent in enumerate(self.model.members):
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
        return {
            "cost": cost,
            "profit": profit,
            "retail_income": retail,
            "internal_income": internal,
            "procurement": procurement,
            "storage": storage,
            "penalty": penalty,
            "shortage_cost": shortage,
            "fixed_cost": fixed,
            "disposal_cost": disposal,
            "recipe_cost": running,
        }

    def _goods(self) -> dict[str, float]:
        """The period's goods, emissions and energy."""
        books = self.model.books
        return {
            "served": sum(books.served),
            "ordered": sum(books.ordered),
            "contracted": sum(books.contracted),
            "contracted_from_closed": books.from_closed,
            "shipped": sum(books.shipped),
            "produced": sum(books.produced),
            "received": sum(books.received),
            "lost": books.lost,
            "stock": sum(books.stock),
            "in_transit": sum(books.in_transit),
            "emissions": books.emissions + books.making_emissions,
            "expired": sum(books.expired),
            "consumed": sum(books.consumed),
            "given": sum(books.given),
            "disposed": sum(books.disposed),
            "energy": books.energy_used,
        }

    def _service_of_period(self, is_counted: bool) -> dict[str, float]:
        """How final demand was served in the period, which is added to the service of each item's customers."""
        books, backorder = self.model.books, self.model.instance.switches.backorder
        demand = [books.demanded[i] for i in self._customers]
        filled = [books.met[i] for i in self._customers]
        backlog = [books.backlog[i] for i in self._customers]
        lost = [0.0 if backorder else asked - met for asked, met in zip(demand, filled, strict=True)]
        met, ready = list(map(met_at_once, demand, filled)), list(map(ready_at_end, lost, backlog))
        sums = self._service
        if sums and is_counted:
            found = {"demand": demand, "filled": filled, "lost": lost, "backlog": backlog, "met": met, "ready": ready}
            sums.add(found | {"overdue": [0.0] * len(demand)})
            sums["overdue"][:] = map(overdue_demand, backlog, sums["demand"], sums["filled"], sums["lost"])
        return {
            "demand": sum(demand),
            "filled": sum(filled),
            "lost_demand": 0.0 if backorder else sum(demand) - sum(filled),
            "backlog": sum(backlog),
            "overdue": sum(sums["overdue"]) if backorder else 0.0,
            "met": share_of(sum(met), len(demand)),
            "ready": share_of(sum(ready), len(demand)),
        }

    def _keep_flows(self) -> None:
        """Add the period to each item's flows."""
        books, numbers = self.model.books, self.model.numbers
        received = zip(books.received, numbers.yield_factor, strict=True)
        self._flows.add(
            {
                "gained": [stock_gained(amount, factor, numbers.offset) for amount, factor in received],
                "produced": books.produced,
                "taken": books.taken,
                "served": books.served,
                "shipped": books.shipped,
                "consumed": books.consumed,
                "expired": books.expired,
                "given": books.given,
                "disposed": books.disposed,
            }
        )

    def _keep_tally(self) -> None:
        """Add the period to each item's tally."""
        books = self.model.books
        asked, filled, ordered = books.requested, books.filled, books.ordered
        self._tally.add(
            {
                "demand": asked,
                "demand_squared": [amount * amount for amount in asked],
                "filled": filled,
                "ordered": ordered,
                "ordered_squared": [amount * amount for amount in ordered],
                "orders": [float(amount > 0.0) for amount in ordered],
                "stock": books.stock,
                "short": [float(met < amount) for met, amount in zip(filled, asked, strict=True)],
            }
        )

    def _keep_items(self) -> None:
        """Every item of the period."""
        model, books = self.model, self.model.books
        contracted = [0.0] * books.item_count
        for arc, amount in zip(books.contracts, books.contracted, strict=True):
            contracted[model.numbers.supplier[arc]] += amount
        found = {
            "stock": books.stock,
            "in_transit": books.in_transit,
            "ordered": books.ordered,
            "contracted": contracted,
            "shipped": books.shipped,
            "received": books.received,
            "produced": books.produced,
            "served": books.served,
            "backlog": books.backlog,
            "in_process": books.in_process,
            "consumed": books.consumed,
            "expired": books.expired,
            "given": books.given,
            "taken": books.taken,
            "disposed": books.disposed,
        }
        for values in zip(*in_order(ITEM_COLUMNS, found, "items"), strict=True):
            self._items.extend(values)

    def _keep_nodes(self) -> None:
        """Every node of the period."""
        model, books = self.model, self.model.books
        pairs = zip(books.retail_income, books.internal_income, strict=True)
        income = [retail + internal for retail, internal in pairs]
        cost = [books.cost_of(node) for node in range(books.node_count)]
        found = {
            "health": model.health.ship,
            "income": income,
            "procurement": books.procurement,
            "storage": books.storage,
            "penalty": books.penalty,
            "cost": cost,
            "profit": [earned - spent for earned, spent in zip(income, cost, strict=True)],
        }
        for values in zip(*in_order(NODE_COLUMNS, found, "nodes"), strict=True):
            self._nodes.extend(values)
