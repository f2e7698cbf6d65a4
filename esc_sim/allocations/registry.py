"""All rules of allocation: those below, and those of installed packages (entry points, group esc_sim.allocations)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from esc_sim.allocations import first_come, highest_bid, priority, proportional
from esc_sim.allocations.allocation import Allocation, Share
from esc_sim.entries import entries
from esc_sim.fields.sequences import Changing, Floats

GROUP: Final = "esc_sim.allocations"

_OWN: Final = (highest_bid, priority, proportional, first_come)

ALLOCATIONS: Final[Mapping[str, Allocation]] = MappingProxyType(
    {name: rule for name, (rule, _) in entries(GROUP, _OWN, "ALLOCATION", "rule of allocation").items()}
)
"""Every rule of allocation by its name in a scenario."""
USUAL: Final = highest_bid.ALLOCATION.name
"""The rule of a scenario that names none."""

IN_TURN: Final = -1
"""Number of no rule: claims are met one after the other."""
SHARES: Final[tuple[Share, ...]] = tuple(
    dict.fromkeys(rule.share for rule in ALLOCATIONS.values() if rule.share is not None)
)
"""How rules divide what is short, by number."""
SHARE_MODULES: Final = tuple(dict.fromkeys(sys.modules[share.__module__] for share in SHARES))
"""Where they stand, for the compiled engine."""

NumberedShare = Callable[[int, Floats, int, int, float, float, Changing], None]


def share_number(allocation: Allocation) -> int:
    """Number of the way in which a rule divides what is short; IN_TURN where it does not."""
    return IN_TURN if allocation.share is None else SHARES.index(allocation.share)


def _or_else(number: int, share: Share, others: NumberedShare) -> NumberedShare:
    def divide(wanted: int, asked: Floats, first: int, last: int, limit: float, offset: float, given: Changing) -> None:
        if wanted == number:
            share(asked, first, last, limit, offset, given)
        else:
            others(wanted, asked, first, last, limit, offset, given)

    return divide


def _nothing(wanted: int, asked: Floats, first: int, last: int, limit: float, offset: float, given: Changing) -> None:
    return


def _chain() -> tuple[NumberedShare, ...]:
    chain: list[NumberedShare] = [_nothing]
    for number, share in enumerate(SHARES):
        chain.append(_or_else(number, share, chain[-1]))
    return tuple(chain)


SHARES_BY_RULE: Final = _chain()
"""A chain of functions, each of which asks its rule or the function before it; for compiled code."""
share_by_rule: Final = SHARES_BY_RULE[-1]
"""Divides what there is among the claims of a class, by the rule of a number."""

if TYPE_CHECKING:
    AllocationName = str
else:
    AllocationName = Literal[tuple(ALLOCATIONS)]


def words_of_all() -> str:
    """Whom a supplier serves first, rule by rule."""
    *others, last = (rule.words for rule in ALLOCATIONS.values())
    return f"{', '.join(others)}, or {last}"
