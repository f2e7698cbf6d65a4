"""What members of a user's own class do is looked at, so that nonsense is told where it arises, with member and class.

Only what a class outside esc_sim defines is looked at; the house's own classes pay nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from math import isfinite
from numbers import Real
from typing import TYPE_CHECKING, Any, Final, NoReturn

from esc_sim.behaviours.grid import to_grid
from esc_sim.errors import EscSimError, InputError, raised, tell_failures

if TYPE_CHECKING:
    from esc_sim.engine.agents.agents import SupplyAgent
    from esc_sim.engine.agents.model import SupplyChainModel
    from esc_sim.fields.item import Item

_QUANTITIES: Final = ("wants", "order_quantity")
"""Methods that return units of an item."""
_BEHAVIOURS: Final = (
    "review", "receive", "take_in", "produce", "transform", "open_book", "order", "replenish", "serve", "choose",
    "sell", "sell_short", "keep_owed", "expire", "offer_byproducts",
)  # fmt: skip
"""Methods that write books."""
_BOOKS: Final = ("stock", "residual", "ordered")
_MOST_ASKED: Final = 1_000
"""Times that a buyer may ask for one order in a review, over and above its suppliers."""


def look_at(kind: type[SupplyAgent]) -> None:
    """Look at what the methods that a class defines itself raise and return, and at the books that they leave."""
    tell_failures(kind, _member)
    for names, look in ((_QUANTITIES, _quantity), (_BEHAVIOURS, _behaviour), (("respond",), _response)):
        for name in names:
            if name in kind.__dict__:
                setattr(kind, name, look(kind.__dict__[name]))


def made(kind: type[SupplyAgent], model: SupplyChainModel, node: int) -> SupplyAgent:
    """A member of a user's own class.

    Args:
        kind: the class.
        model: that it acts in.
        node: index of its node.

    Raises:
        InputError: its ``__init__`` fails, takes other arguments, or leaves out that of the house.
    """
    where = f"member '{model.instance.network.node_ids[node]}' (class {kind.__name__})"
    try:
        agent = kind(model, node)
    except EscSimError:
        raise
    except Exception as error:
        raise raised(where, kind.__init__, error) from error
    if getattr(agent, "node", None) != node:
        raise InputError(f"{where}: let __init__(self, model, node) begin with super().__init__(model, node)")
    return agent


def is_quantity(value: object) -> bool:
    """Whether a value is a finite number of at least 0."""
    return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value) and float(value) >= 0.0


def _refuse(agent: SupplyAgent, text: str) -> NoReturn:
    raise InputError(f"{_member(agent)}: {text}")


def _member(agent: SupplyAgent) -> str:
    return f"member '{getattr(agent, 'node_id', '?')}' (class {type(agent).__name__})"


def _quantity(method: Callable[..., Any]) -> Callable[..., float]:
    @functools.wraps(method)
    def looked_at(agent: SupplyAgent, item: Item, *args: Any, **kwargs: Any) -> float:
        found = method(agent, item, *args, **kwargs)
        if not is_quantity(found):
            product = agent.model.instance.network.item_name(item.index)
            _refuse(agent, f"{method.__name__} returned {found!r} for '{product}', not a quantity of at least 0")
        most = agent.terms.offset / 3.0  # of the grid, 2^(51 - bits)
        if found >= most:
            product = agent.model.instance.network.item_name(item.index)
            too_much = f"{method.__name__} returned {found!r} for '{product}', which is not below {most:,.0f} units"
            _refuse(agent, too_much)
        return to_grid(float(found), agent.terms.offset)

    return looked_at


def _behaviour(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def looked_at(agent: SupplyAgent, *args: Any, **kwargs: Any) -> Any:
        found = method(agent, *args, **kwargs)
        for item in agent.items:
            amounts = {name: getattr(item, name) for name in _BOOKS} | {"limits": agent.books.limits[item.index]}
            for name, amount in amounts.items():
                if not is_quantity(amount):
                    product = agent.model.instance.network.item_name(item.index)
                    _refuse(agent, f"{method.__name__} left {name} of '{product}' at {amount!r}, not a quantity of at "
                            "least 0")  # fmt: skip
        return found

    return looked_at


def _response(method: Callable[..., Any]) -> Callable[..., bool]:
    @functools.wraps(method)
    def looked_at(agent: SupplyAgent, line: int) -> bool:
        found = method(agent, line)
        if not isinstance(found, bool):
            _refuse(agent, f"respond returned {found!r}, not whether it asked a supplier (True or False)")
        asked = agent.__dict__.setdefault("_asked", {})
        period, times = asked.get(line, (-1, 0))
        asked[line] = agent.model.period, times + 1 if period == agent.model.period else 1
        if asked[line][1] > _MOST_ASKED + agent.books.line_start[line + 1] - agent.books.line_start[line]:
            _refuse(agent, "respond never ends: return False when there is no supplier left to ask")
        return found

    return looked_at
