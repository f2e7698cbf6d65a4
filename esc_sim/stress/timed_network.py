"""The network of the timed program: a window of periods, what stands where when it begins, and what each may do."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class TimedItems:
    """T periods, I items; a share is that of an outage, 1 where there is none.

    Attributes:
        stock, dock: float64[I], units on hand, and units that have arrived and wait to be taken in, at the start.
        due: float64[T, I], units on their way at the start, by the period in which they arrive.
        ripening: float64[T, I], units that recipes run before the start will have made.
        after, ripe_after: float64[I], units on their way, and units being made, that come after the window.
        backlog: float64[I], what customers wait for at the start.
        demand: float64[T, I], final demand, units.
        produced: float64[T, I], most that sources make without inputs.
        leaves: float64[T, I], most that is sold and sent; infinite where nothing limits it.
        sent: float64[T, I], most that is sent; infinite where nothing limits it.
        served_share: float64[T, I], share of what is on hand that customers can be served from.
        sent_share: float64[T, I], share of what is on hand that can be sent.
        taken_share: float64[T, I], share of what waits on the dock that can be taken in.
        gained: float64[I], units of stock from a unit taken in.
        price, shortage: float64[I], money per unit served, and per unit not served (and period, where it is owed).
        storage, transit: float64[I], money per unit and period, in stock and on its way.
        value: float64[I], money that a unit left at the end counts for.
    """

    stock: Floats
    dock: Floats
    due: Floats
    ripening: Floats
    after: Floats
    ripe_after: Floats
    backlog: Floats
    demand: Floats
    produced: Floats
    leaves: Floats
    sent: Floats
    served_share: Floats
    sent_share: Floats
    taken_share: Floats
    gained: Floats
    price: Floats
    shortage: Floats
    storage: Floats
    transit: Floats
    value: Floats


@dataclass(frozen=True)
class TimedArcs:
    """A arcs.

    Attributes:
        supplier, buyer: int64[A], items.
        cost: float64[A], money per unit that leaves the network, beside the price.
        most: float64[T, A], most that is sent.
        arrives: int64[T, A], period in which what is sent arrives; T or more: after the window.
        lane: int64[A], lane of an arc; K where it has none.
        lane_most: float64[T, K], most that is sent over a lane; infinite where nothing limits it.
    """

    supplier: Ints
    buyer: Ints
    cost: Floats
    most: Floats
    arrives: Ints
    lane: Ints
    lane_most: Floats


@dataclass(frozen=True)
class TimedRecipes:
    """Q recipes.

    Attributes:
        most: float64[T, Q], most runs.
        cost: float64[Q], money per run.
        lag: int64[Q], periods from a run to its outputs.
        input_recipe, input_item, input_amount: units used in a run.
        output_recipe, output_item, output_amount: units made in a run.
    """

    most: Floats
    cost: Floats
    lag: Ints
    input_recipe: Ints
    input_item: Ints
    input_amount: Floats
    output_recipe: Ints
    output_item: Ints
    output_amount: Floats


@dataclass(frozen=True)
class TimedNetwork:
    """A supply network over a window of periods.

    Attributes:
        items, arcs, recipes: its parts.
        owed: whether customers wait for what they did not get; else it is lost.
        stored_first: whether storage is charged before goods leave; else what is left at the end of a period is.
    """

    items: TimedItems
    arcs: TimedArcs
    recipes: TimedRecipes
    owed: bool = False
    stored_first: bool = False

    @property
    def periods(self) -> int:
        """Length of the window."""
        return len(self.items.demand)

    @property
    def size(self) -> int:
        """About how many numbers the program decides on."""
        per_period = 2 * len(self.items.stock) + len(self.arcs.supplier) + len(self.recipes.cost)
        return self.periods * per_period


def no_recipes(periods: int) -> TimedRecipes:
    """A network without any recipe."""
    floats, ints = np.empty(0), np.empty(0, np.int64)
    return TimedRecipes(np.empty((periods, 0)), floats, ints, ints, ints, floats, ints, ints, floats)


def is_built_alike(one: TimedNetwork, other: TimedNetwork) -> bool:
    """Whether the programs of two networks of one window differ in bounds alone.

    Bounds are what a whole outage of nodes changes: it takes what is sent, served, made and taken in to nothing.
    """
    return (
        np.array_equal(one.arcs.arrives, other.arcs.arrives)
        and np.array_equal(one.arcs.lane_most, other.arcs.lane_most)
        and _partial(one) >= _partial(other)
        and all(
            np.array_equal(getattr(one.items, part.name), getattr(other.items, part.name))
            for part in fields(TimedItems)
            if part.name not in ("produced", "sent", "leaves", "served_share", "sent_share", "taken_share")
        )
        and np.array_equal(one.items.leaves, other.items.leaves)
    )


def _partial(network: TimedNetwork) -> set[tuple[str, int, int, float]]:
    """Shares, and limits of what is sent, that stand in the rows of the program."""
    found = set()
    for name in ("served_share", "sent_share", "taken_share", "sent"):
        values = getattr(network.items, name)
        most = np.inf if name == "sent" else 1.0
        for t, i in np.argwhere((values > 0.0) & (values < most)).tolist():
            found.add((name, t, i, float(values[t, i])))
    return found
