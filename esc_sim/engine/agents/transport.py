"""Goods in transit: one event per review and arrival time, never a process a shipment."""

from __future__ import annotations

from collections import defaultdict
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
        self.books = books = model.books
        self.outages = _OutageLists(arc_outages(model.instance, model.timetable))
        self.slows = can_slow(model.instance)
        self.steady = {arc for arc in range(len(books.arcs)) if self._is_steady(arc)}
        """Arcs of the scenario whose lead time is given, and which nothing holds up."""
        self.departing: defaultdict[float, Parcel] = defaultdict(list)
        self.last_due: dict[int, float] = {}
        self.held: dict[int, list[float]] = {}
        """Goods that stand before the end of an arc that was closed by hand."""

    def _is_steady(self, arc: int) -> bool:
        outages, books = self.outages, self.books
        is_held = outages.start[arc] < outages.start[arc + 1] or books.in_order[arc]
        return books.lead_column[arc] == NO_COLUMN and not self.slows and not is_held

    def send(self, arc: int, amount: float, lead: float | None = None) -> float:
        """Take goods onto an arc now.

        Args:
            arc: arc, in the order of lines.
            amount: units, which have left the stock and count as on their way already.
            lead: lead time drawn for them, in ticks; by default that of this period.

        Returns:
            The tick at which they arrive, or minus that at which they are lost: their parcel in ``departing``.
        """
        due = self.env._now + self.books.lead_time[arc] if arc in self.steady else self.arrival(arc, lead)
        self.departing[due].append((arc, amount))
        return due

    def arrival(self, arc: int, lead: float | None) -> float:
        """What :meth:`send` returns, whatever holds up goods on the arc.

        Args:
            arc: arc, in the order of lines.
            lead: lead time drawn for them, in ticks; by default that of this period.
        """
        outages, now, lead = self.outages, self.env.tick, self.lead_time(arc, lead)
        first, last = outages.start[arc], outages.start[arc + 1]
        due = now + lead
        if first < last:
            due = arrival_time(now, lead, first, last, outages.begins, outages.ends, outages.modes, outages.detours)
        if due >= 0.0 and self.books.in_order[arc]:
            due = self.last_due[arc] = max(due, self.last_due.get(arc, 0.0))
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
        self.departing.clear()

    def release(self, arc: int) -> None:
        """Goods held before the end of an arc closed by hand arrive now."""
        self._put_down([(arc, amount) for amount in self.held.pop(arc, [])])

    def _arrive(self, event: simpy.Event) -> None:
        parcel, closed = cast("Parcel", event.value), self.model.hazards.arcs_by_hand
        for arc, amount in parcel if closed else ():
            if arc in closed:
                self.held.setdefault(arc, []).append(amount)
        self._put_down([part for part in parcel if part[0] not in closed] if closed else parcel)

    def _put_down(self, parcel: Parcel) -> None:
        arcs, items, live = self.books.arcs, self.books.items, self.model.live
        for arc, amount in parcel:
            buyer = arcs[arc].buyer
            items[buyer].dock += amount
            if live is not None:
                live.arrived(buyer)

    def _lose(self, event: simpy.Event) -> None:
        for arc, amount in cast(Parcel, event.value):
            buyer, live = self.books.arcs[arc].buyer, self.model.live
            if live is not None:
                live.touch(buyer)
                live.review_soon(buyer)
            self.books.items[buyer].in_transit -= amount
            self.books.sums.lost += amount
