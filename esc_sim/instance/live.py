"""What happens at any time instead of once a period: customers that arrive, and orders under continuous review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from esc_sim.errors import InputError
from esc_sim.network.model import Network
from esc_sim.sampling.clock import Clock
from esc_sim.scenario.laws import Constant, Law
from esc_sim.scenario.schema import StockData

if TYPE_CHECKING:
    from esc_sim.instance.model import Instance


@dataclass(frozen=True)
class Customers:
    """A stream of customers of one item.

    Attributes:
        item: what they want.
        stream: name of their random numbers.
        between: time between two of them, or its law, in periods.
        size: units that each wants, or the law.
        first: time of the first, in ticks; None: after a first time between.
    """

    item: int
    stream: str
    between: float | Law
    size: float | Law
    first: float | None


@dataclass(frozen=True)
class Live:
    """Customers, and the items whose orders are reviewed continuously."""

    customers: tuple[Customers, ...]
    continuous: tuple[int, ...]

    @property
    def items(self) -> frozenset[int]:
        """Items that act at any time."""
        return frozenset(self.continuous) | {customer.item for customer in self.customers}


def live_of(lines: Sequence[StockData], network: Network, clock: Clock) -> Live | None:
    """What acts at any time; None where nothing does.

    Args:
        lines: what the scenario says of each of the I items.
        network: nodes, products and items.
        clock: ticks of a review period.

    Raises:
        InputError: a forecast would have to see demand that comes at any time, or goods perish.
    """
    customers: list[Customers] = []
    continuous = tuple(i for i, line in enumerate(lines) if getattr(line.order, "review", "") == "continuous")
    for item, line in enumerate(lines):
        arrivals = line.demand.arrivals if line.demand is not None else []
        for number, source in enumerate(arrivals):
            name = f"customers/{network.stream_name(item)}" + (f"/{number}" if number else "")
            first = None if source.first is None else clock.of(source.first)
            customers.append(Customers(item, name, _plain(source.between), _plain(source.size), first))
    if not customers and not continuous:
        return None
    live = Live(tuple(customers), continuous)
    for item in sorted(live.items):
        if lines[item].shelf_life is not None:
            raise InputError(
                f"'{network.item_name(item)}': goods with a shelf_life are counted period by period, so they cannot be "
                "sold to arrivals or ordered with review: continuous"
            )
    asked = {int(s) for b, s in zip(network.arc_buyer, network.arc_supplier, strict=True) if int(b) in live.items}
    for item in sorted(asked | live.items):
        order = lines[item].order
        if order is not None and order.policy == "forecast":
            raise InputError(
                f"order of '{network.item_name(item)}': a forecast counts demand period by period, but here demand "
                "comes at any time: take base_stock, s_S or r_Q"
            )
    return live


def moved_by_reviews(instance: Instance, live: frozenset[int]) -> bool:
    """Whether periods bring anything that those who act at any time may wait for.

    That is what others make, buy and sell at reviews, capacities of a period, health that comes back by and by, and
    policies and members of the user's own.
    """
    items, arcs = instance.items, instance.arcs
    others = np.ones(instance.network.item_count, np.bool_)
    others[list(live)] = False
    busy = (items.production_loc != 0) | (items.production_scale != 0)
    busy |= (items.demand_loc != 0) | (items.demand_scale != 0)
    busy[instance.lines.line_item] |= others[instance.lines.line_item]
    limited = bool(np.isfinite(items.capacity).any() or np.isfinite(arcs.cap).any())
    returns = any(effect.recovery > 0.0 for effect in instance.effects)
    own = bool(instance.members) or not live.isdisjoint(instance.plugins)
    return bool(busy.any() or limited or returns or instance.makes or own)


def _plain(value: float | Law) -> float | Law:
    return value.value if isinstance(value, Constant) else value
