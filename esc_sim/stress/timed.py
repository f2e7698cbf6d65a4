"""The best coordinated answer to an outage, lead times and all: the network unrolled over periods, a linear program.

From the state at the start of the window on, somebody who knows all demand and when the outage ends decides what is
made, sent and sold in each period. All that the members may do is allowed, and more: no order, safety stock or target
stock binds, nobody has promised anything. What the program earns is therefore at least what they earn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from esc_sim.lp import BlockModel, Variables
from esc_sim.stress.timed_network import Floats, Ints, TimedNetwork, is_built_alike


class TimedProgram:
    """The program of a network, built and solved once; outages of nodes only change its bounds.

    Each outage starts from the basis of the undisturbed network, so that what it gives depends on nothing that was
    asked before.
    """

    def __init__(self, network: TimedNetwork) -> None:
        """Build the program and solve it.

        Args:
            network: without the outages that will be asked for.
        """
        self.network = network
        self._places = _places(network)
        self._problem = _Builder(network, self._places).model.compile()
        self._problem.by_interior_point()
        self.best = -self._problem.optimum()
        """Most money earned, what is left at the end included."""
        self._problem.by_interior_point(on=False)
        self._problem.without_presolve()
        self._basis: Any = self._problem.basis

    def earned(self, hit: TimedNetwork) -> float:
        """Most money earned in the same window while something is out.

        Args:
            hit: the network with the outage.
        """
        if not is_built_alike(self.network, hit):
            return TimedProgram(hit).best
        self._problem.start_from(self._basis)
        for name, most in _bounds(hit, self._places).items():
            self._problem.set_bounds(name, upper=most)
        self._problem.set_row_bounds("taken", lower=_least_waiting(hit, self._places))
        return -self._problem.optimum()


@dataclass(frozen=True)
class _Places:
    """Items that the program decides something about.

    Attributes:
        customers: those with final demand.
        makers: those that are made without inputs.
        bought: those to which goods come on arcs.
    """

    customers: Ints
    makers: Ints
    bought: Ints


def _places(network: TimedNetwork) -> _Places:
    items = network.items
    coming = (items.due > 0.0).any(axis=0) | (items.dock > 0.0)
    return _Places(
        np.flatnonzero((items.demand > 0.0).any(axis=0) | (items.backlog > 0.0)),
        np.flatnonzero((items.produced > 0.0).any(axis=0)),
        np.union1d(network.arcs.buyer, np.flatnonzero(coming)),
    )


def _bounds(network: TimedNetwork, places: _Places) -> dict[str, Floats]:
    """Upper bounds of the blocks of variables that outages change."""
    items, arcs = network.items, network.arcs
    served = np.full(items.demand.shape, np.inf) if network.owed else items.demand
    served = np.where(items.served_share > 0.0, served, 0.0)
    sends = (items.sent_share > 0.0) & (items.sent > 0.0)
    return {
        "served": served[:, places.customers],
        "made": items.produced[:, places.makers],
        "sent": np.where(sends[:, arcs.supplier], arcs.most, 0.0),
        "run": network.recipes.most,
        "waiting": np.where(items.taken_share < 1.0, np.inf, 0.0)[:, places.bought],
    }


def _least_waiting(network: TimedNetwork, places: _Places) -> Floats:
    """Lower sides of the rows of what is taken in: nothing can be where nothing is received."""
    bought = places.bought
    return np.where(network.items.taken_share[:, bought] <= 0.0, _due(network)[:, bought], -np.inf)


def _due(network: TimedNetwork) -> Floats:
    """What comes to each dock that was on its way at the start, float64[T, I]."""
    due = network.items.due.copy()
    due[0] += network.items.dock
    return due


class _Builder:
    """Puts the program together; a place of a matrix is (period, thing), periods first."""

    def __init__(self, network: TimedNetwork, places: _Places) -> None:
        self.network, self.places, self.periods = network, places, network.periods
        self.model = BlockModel("timed stress test")
        self.customers, self.makers, self.bought = places.customers, places.makers, places.bought
        for name, count in (
            ("period", self.periods),
            ("item", len(network.items.stock)),
            ("arc", len(network.arcs.supplier)),
            ("lane", network.arcs.lane_most.shape[1]),
            ("recipe", len(network.recipes.cost)),
            ("customer", len(self.customers)),
            ("maker", len(self.makers)),
            ("buyer", len(self.bought)),
        ):
            self.model.index(name, count)
        self._add_variables()
        self._add_balance()
        self._add_taken()
        self._add_limits()
        self._add_customers()
        self.model.constant = self._constant()

    def _add_variables(self) -> None:
        network, items, most = self.network, self.network.items, _bounds(self.network, self.places)
        first = items.storage if network.stored_first else np.zeros(len(items.stock))
        last = np.arange(self.periods)[:, np.newaxis] == self.periods - 1
        supplier, buyer, arrives = network.arcs.supplier, network.arcs.buyer, network.arcs.arrives
        after = arrives >= self.periods
        on_way = np.minimum(arrives, self.periods) - np.arange(self.periods)[:, np.newaxis] - network.stored_first
        sending = network.arcs.cost + first[supplier] + items.transit[buyer] * np.maximum(on_way, 0)
        price = items.price + (0.0 if network.owed else items.shortage) - first
        variables = self.model.variables
        self.stock = variables("stock", "period item", cost=items.storage - last * items.value)
        self.served = variables("served", "period customer", upper=most["served"], cost=-price[self.customers])
        self.made = variables("made", "period maker", upper=most["made"])
        self.sent = variables(
            "sent", "period arc", upper=most["sent"], cost=sending - after * items.value[buyer]
        )  # what arrives after the window is left at its end
        self.run = variables("run", "period recipe", upper=most["run"], cost=self._running())
        waits = (items.transit - last * items.value)[:, self.bought]
        self.waiting = variables("waiting", "period buyer", upper=most["waiting"], cost=waits)

    def _running(self) -> Floats:
        """Cost of a run, less the value of what it will have made only after the window."""
        recipes, value = self.network.recipes, self.network.items.value
        made = np.zeros(len(recipes.cost))
        np.add.at(made, recipes.output_recipe, recipes.output_amount * value[recipes.output_item])
        after = np.arange(self.periods)[:, np.newaxis] + recipes.lag >= self.periods
        cost: Floats = recipes.cost - after * made
        return cost

    def _add_balance(self) -> None:
        """What is in stock at the end of a period is what was, and came, less what left."""
        network, items, recipes = self.network, self.network.items, self.network.recipes
        came = items.ripening + items.gained * _due(network)
        came[0] += items.stock
        rows = self.model.rows("balance", "period item", lower=came, upper=came)
        rows.add(self.stock)
        self._add_past(rows, self.stock, np.arange(len(items.stock)), -1.0)
        self._add_now(rows, self.made, self.makers, -1.0)
        self._add_now(rows, self.served, self.customers, 1.0)
        self._add_now(rows, self.sent, network.arcs.supplier, 1.0)
        self._add_arrivals(rows, network.arcs.buyer, -items.gained[network.arcs.buyer])
        gained = items.gained[self.bought]
        self._add_now(rows, self.waiting, self.bought, gained)
        self._add_past(rows, self.waiting, self.bought, -gained)
        at, run = rows.positions, self.run.positions
        rows.add_entries(at[:, recipes.input_item], run[:, recipes.input_recipe], recipes.input_amount)
        for recipe, item, amount in zip(
            recipes.output_recipe.tolist(), recipes.output_item.tolist(), recipes.output_amount.tolist(), strict=True
        ):
            lag = int(recipes.lag[recipe])
            if lag < self.periods:
                rows.add_entries(at[lag:, item], run[: self.periods - lag, recipe], -amount)

    def _add_taken(self) -> None:
        """What waits on a dock is no more than waited and came; where nothing is received, no less."""
        network, share = self.network, self.network.items.taken_share[:, self.bought]
        due = _due(network)[:, self.bought]
        place = np.zeros(len(network.items.stock), np.int64)
        place[self.bought] = np.arange(len(self.bought))
        every, buyers = np.arange(len(self.bought)), place[network.arcs.buyer]
        rows = self.model.rows("taken", "period buyer", lower=_least_waiting(network, self.places), upper=due)
        rows.add(self.waiting)
        self._add_past(rows, self.waiting, every, -1.0)
        self._add_arrivals(rows, buyers, np.full(len(buyers), -1.0))
        part = (share > 0.0) & (share < 1.0)
        if part.any():
            left = np.where(part, 1.0 - share, 0.0)
            rows = self.model.rows("taken in part", "period buyer", lower=np.where(part, left * due, -np.inf))
            rows.add(self.waiting, part.astype(np.float64))
            self._add_past(rows, self.waiting, every, -left)
            self._add_arrivals(rows, buyers, -left)

    def _add_limits(self) -> None:
        """Most that leaves a store in a period, most that is sent, and shares of what is on hand."""
        network, items = self.network, self.network.items
        suppliers = network.arcs.supplier
        if np.isfinite(items.leaves).any():
            rows = self.model.rows("leaves", "period item", upper=items.leaves)
            self._add_now(rows, self.served, self.customers, 1.0)
            self._add_now(rows, self.sent, suppliers, 1.0)
        if np.isfinite(items.sent).any():
            rows = self.model.rows("most sent", "period item", upper=items.sent)
            self._add_now(rows, self.sent, suppliers, 1.0)
        if np.isfinite(network.arcs.lane_most).any():
            rows = self.model.rows("lanes", "period lane", upper=network.arcs.lane_most)
            over = np.flatnonzero(network.arcs.lane < network.arcs.lane_most.shape[1])
            rows.add_entries(rows.positions[:, network.arcs.lane[over]], self.sent.positions[:, over], 1.0)
        for name, share in (("sent", items.sent_share), ("served", items.served_share)):
            part = (share > 0.0) & (share < 1.0)
            if part.any():
                rows = self.model.rows(f"share {name}", "period item", upper=np.where(part, 0.0, np.inf))
                rows.add(self.stock, np.where(part, -share, 0.0))
                left = np.where(part, 1.0 - share, 0.0)
                if name == "sent":
                    self._add_now(rows, self.sent, suppliers, left[:, suppliers])
                else:
                    self._add_now(rows, self.served, self.customers, left[:, self.customers])
                    self._add_now(rows, self.sent, suppliers, np.where(part, -share, 0.0)[:, suppliers])

    def _add_customers(self) -> None:
        """What customers wait for, where they wait."""
        if not self.network.owed:
            return
        items, customers = self.network.items, self.customers
        waits = self.model.variables("owed", "period customer", cost=items.shortage[customers])
        wanted = items.demand[:, customers].copy()
        wanted[0] += items.backlog[customers]
        rows = self.model.rows("wanted", "period customer", lower=wanted, upper=wanted)
        rows.add(waits).add(self.served)
        self._add_past(rows, waits, np.arange(len(customers)), -1.0)

    def _constant(self) -> float:
        """Cost of what nobody decides on: goods that were on their way at the start, and demand."""
        network, items = self.network, self.network.items
        on_way = (np.arange(self.periods)[:, np.newaxis] * items.due).sum(axis=0) + self.periods * items.after
        cost = float((on_way * items.transit).sum() - ((items.after + items.ripe_after) * items.value).sum())
        if not network.owed:
            cost += float((items.demand * items.shortage).sum())
        return cost

    def _add_now(self, rows: Any, block: Variables, things: Ints, factor: Any) -> None:
        """Add a block to the rows of the same period.

        Args:
            rows: over periods and things.
            block: over periods and others.
            things: the thing of each of the others.
            factor: of each.
        """
        rows.add_entries(rows.positions[:, things], block.positions, factor)

    def _add_past(self, rows: Any, block: Variables, things: Ints, factor: Any) -> None:
        """Add a block to the rows of the next period.

        Args:
            rows: over periods and things.
            block: over periods and others.
            things: the thing of each of the others.
            factor: of each, or of each in each period of the rows.
        """
        factor = np.broadcast_to(factor, block.positions.shape)
        rows.add_entries(rows.positions[1:, things], block.positions[:-1], factor[1:])

    def _add_arrivals(self, rows: Any, buyers: Ints, factor: Floats) -> None:
        """Add what is sent to the rows of the period in which it arrives.

        Args:
            rows: over periods and things.
            buyers: the thing to which each arc leads.
            factor: of each arc, or of each thing in each period of the rows.
        """
        arrives = self.network.arcs.arrives
        sent, arc = np.nonzero(arrives < self.periods)
        at = arrives[sent, arc]
        factors = factor[arc] if factor.ndim == 1 else factor[at, buyers[arc]]
        rows.add_entries(rows.positions[at, buyers[arc]], self.sent.positions[sent, arc], factors)
