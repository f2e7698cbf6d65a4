"""What a unit of each quantity of a rolling plan costs, period by period."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from esc_sim.instance.model import FloatArray
from esc_sim.rolling.known import Known

_TIE = 1e-6
"""Share of the dearest unit's cost by which a shipment counts more the earlier it leaves."""


class Money:
    """Costs by unit and period, as the simulation books them; income is below 0.

    Attributes:
        flow: float64[A, H] of what leaves on an arc, without what it costs under way.
        stock: float64[n, H] of what is on hand after a period.
        sold, unmet: float64[C, H] of what customers get, and do not get.
        runs: float64[Q, H] of recipes.
        scale: the largest of all.
    """

    def __init__(self, known: Known) -> None:
        horizon, customers = known.horizon, known.customers
        periods = np.arange(horizon)
        self.known, later = known, periods > 0
        self.flow = np.repeat(known.landed[:, None], horizon, 1)
        self.charged = later if known.at_review else np.ones(horizon, bool)
        """bool[H], periods in which stock and what is under way is still to be charged."""
        self.stock = known.holding_cost[:, None] * self.charged
        self.sold = np.repeat(-customers.price[:, None], horizon, 1)
        if known.at_review:  # what leaves in a period was on hand at its review
            self.flow[known.inside] += known.holding_cost[known.supplier[known.inside], None] * later
            self.sold += known.holding_cost[customers.item, None] * later
        self.unmet = np.repeat(customers.shortage_cost[:, None], horizon, 1)
        if not known.early:  # what final customers got, or not, is in the books
            self.unmet[: customers.final, 0] = 0.0
        self.runs = np.repeat(known.recipes.cost[:, None], horizon, 1)
        costs = (self.flow, self.stock, self.sold, self.unmet, self.runs, self._carried(np.ones(horizon)))
        self.scale = max(float(np.abs(cost).max(initial=0.0)) for cost in costs) or 1.0
        arcs = np.arange(len(known.lag))[:, None]
        self._tie = _TIE * self.scale * ((horizon - periods) / horizon + arcs / (10.0 * max(len(arcs), 1)))

    def _carried(self, counts: FloatArray) -> FloatArray:
        """float64[A, H] what a unit costs under way, in the periods that count."""
        known = self.known
        carried: FloatArray = known.in_transit_holding_cost[known.buyer, None] * (known.under_way * counts).sum(axis=2)
        return carried

    def of_variables(self, ends: int, is_end: bool) -> dict[str, FloatArray]:
        """Costs of flows, stocks, sales, unmet demand and runs in a program.

        Of several plans that earn the same, that one counts as best which ships least, and latest.

        Args:
            ends: periods that count; after them nothing costs or earns anything.
            is_end: whether what is left at the end of the horizon is worth nothing.
        """
        known = self.known
        counts = (np.arange(known.horizon) < ends).astype(np.float64)
        value = known.scope.plan.terminal_value * known.worth * (not is_end)
        beyond = np.arange(known.horizon) + known.lag[:, None] >= known.horizon
        gained = (value * known.yield_factor)[known.buyer, None] * beyond
        stock = self.stock * counts
        stock[:, -1] -= value
        flow: FloatArray = self.flow + self._carried(counts)
        return {
            "flow": flow * counts - gained + self._tie,
            "stock": stock,
            "sold": self.sold * counts,
            "unmet": self.unmet * counts,
            "runs": self.runs * counts,
        }

    def profit(self, amounts: Mapping[str, FloatArray], coming: FloatArray, ends: int) -> float:
        """Profit over the horizon, beside what is booked already.

        Args:
            amounts: of flows, stocks, sales, unmet demand and runs, by period.
            coming: float64[n, H] units under way now that come in after each period.
            ends: periods that count.
        """
        counts = (np.arange(self.known.horizon) < ends).astype(np.float64)
        spent = sum(float((getattr(self, name) * amount).sum(axis=0) @ counts) for name, amount in amounts.items())
        spent += float((self._carried(counts) * amounts["flow"]).sum())
        spent += float(self.known.in_transit_holding_cost @ coming @ (self.charged * counts))
        return -spent
