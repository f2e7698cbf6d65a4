"""Counts, times and lists in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

_LONGEST_SYMBOL: Final = 3
_PLURAL_ENDS: Final = ("s", "x", "ch", "sh")


def counted(count: int, noun: str) -> str:
    """A count with its noun, as in "1 replication" or "1,200 replications"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def several(noun: str) -> str:
    """More than one of a unit of goods, as in "pallets"; symbols such as t, kg or MWh stay as they are.

    Args:
        noun: name of one, or its symbol.
    """
    is_word = len(noun) > _LONGEST_SYMBOL and noun.isalpha() and noun.islower()
    return f"{noun}s" if is_word and not noun.endswith(_PLURAL_ENDS) else noun


def lasting(time: float, unit: str) -> str:
    """A time with its unit, as in "1 day", "14 days" or "2.29 weeks": whole units, or three significant digits.

    Args:
        time: in units.
        unit: name of one, such as "day".
    """
    whole = math.isfinite(time) and (time == round(time) or abs(time) >= 100.0)
    number = f"{time:,.0f}" if whole else f"{time:.3g}"
    return f"{number} {unit}{'' if number == '1' else 's'}"


def enumerated(names: Sequence[str], most: int | None = None) -> str:
    """Names in a sentence, as in "a, b and c", or "a, b and 3 more".

    Args:
        names: the names.
        most: how many are told; None: all.
    """
    told = [*names[:most]]
    more = len(names) - len(told)
    *first, last = [*told, *([f"{more} more"] if more else [])] or [""]
    return f"{', '.join(first)} and {last}" if first else last
