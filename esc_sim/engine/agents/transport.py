"""Goods in transit: one event per review and arrival time, never a process a shipment."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import simpy

from esc_sim.behaviours.disrupt import arrival_time, stretched
from esc_sim.engine.agents.clock import ARRIVAL, at
from esc_sim.instance.model import NO_COLUMN
from esc_sim.instance.outages import Outages, arc_outages
from esc_sim.instance.slowing import can_slow

if TYPE_CHECKING:
    from esc_sim.engine.agents.model import SupplyChainModel

Parcel = list[tuple[int, float]]


class _OutageLists:
    """An :class:`Outages` as plain lists, as the rule reads them in Python."""

    def __init__(self, outages: Outages) -> None:
        self.start: list[int] = outages.start.tolist()
        self.begins: list[float] = outages.begins.tolist()
        self.ends: list[float] = outages.ends.tolist()
        self.modes: list[int] = outages.modes.tolist()
        self.detours: list[float] = outages.detours.tolist()


class Transport:
    """Sends goods over arcs and puts them on the buyer's dock when they arrive."""

    def __init__(self, model: SupplyChainModel) -> None:
        self.model = model
        self.env = model.env
        self.books = model.books
        self.books = model.books
        self.outages = _OutageLists(arc_outages(model.instance, model.timetable))
        self.slows = can_slow(model.instance)
        self.departing: dict[float, Parcel] = {}
        self.last_due: dict[int, float] = {}
        self.held: dict[int, list[float]] = {}
        """Goods that stand before the end of an arc that was closed by hand."""

    def send(self, arc: int, amount: float, lead: float | None = None) -> float:
        """Take goods onto an arc now.

        Args:
            arc: arc, in the order of lines.
            amount: units, which have left the stock and count as on their way already.
            lead: lead time drawn for them, in ticks; by default that of this period.

        Returns:
            The tick at which they arrive, or minus that at which they are lost: their parcel in ``departing``.
        """
        books, now = self.books, self.env.tick
        plain = not self.slows and books.lead_column[arc] == NO_COLUMN
        due = now + (books.lead_time[arc] if plain else self.lead_time(arc, lead))
        outages = self.outages
        first, last = outages.start[arc], outages.start[arc + 1]
        if first < last:
            due = arrival_time(
                now, due - now, first, last, outages.begins, outages.ends, outages.modes, outages.detours
            )
        if due >= 0.0 and books.in_order[arc]:
            due = self.last_due[arc] = max(due, self.last_due.get(arc, 0.0))
        self.departing.setdefault(due, []).append((arc, amount))
        return due

    def lead_time(self, arc: int, drawn: float | None = None) -> float:
        """Lead time, in ticks, of what leaves on an arc now, before anything holds it.

        Args:
            arc: arc, in the order of lines.
            drawn: lead time drawn for a shipment alone, in ticks; by default that of this period.
        """
        books, health = self.books, self.model.health
        column = books.lead_column[arc]
        if column == NO_COLUMN:
            lead = books.lead_time[arc]
        else:
            lead = min(self.model.draws[column] if drawn is None else drawn, books.max_lead[arc])
        if self.slows:
            lead = stretched(lead, health.lead_time[books.arcs[arc].supplier_node] * health.arc_lead_time[arc])
        return lead

    def depart(self) -> None:
        """Schedule the arrival, or the loss, of everything sent in this review."""
        for due, parcel in self.departing.items():
            if due >= 0.0:
                at(self.env, due, ARRIVAL, self._arrive, parcel)
            else:
                at(self.env, -due, ARRIVAL, self._lose, parcel)
        self.departing = {}

    def release(self, arc: int) -> None:
        """Goods held before the end of an arc closed by hand arrive now."""
        for amount in self.held.pop(arc, []):
            self._put_down(arc, amount)

    def _arrive(self, event: simpy.Event) -> None:
        closed = self.model.hazards.arcs_by_hand
        for arc, amount in cast(Parcel, event.value):
            if arc in closed:
                self.held.setdefault(arc, []).append(amount)
            else:
                self._put_down(arc, amount)

    def _put_down(self, arc: int, amount: float) -> None:
        buyer = self.books.arcs[arc].buyer
        self.books.items[buyer].dock += amount
        if self.model.live is not None:
            self.model.live.arrived(buyer)

    def _lose(self, event: simpy.Event) -> None:
        for arc, amount in cast(Parcel, event.value):
            buyer, live = self.books.arcs[arc].buyer, self.model.live
            if live is not None:
                live.touch(buyer)
                live.review_soon(buyer)
            self.books.items[buyer].in_transit -= amount
            self.books.sums.lost += amount
