"""Single values that a caller of Python gives: whole numbers, numbers, switches, functions; one check a kind."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

import numpy as np

from esc_sim.errors import InputError
from esc_sim.scenario.messages import shown


def whole(name: str, value: int, least: int | None = None) -> int:
    """A count that a caller gives, as a number of Python's own.

    Args:
        name: what the message calls it.
        value: what was given.
        least: smallest that it may be.

    Raises:
        InputError: it is no whole number, or too small.
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise InputError(f"{name}: a whole number belongs here, not {shown(value)}")
    if least is not None and value < least:
        raise InputError(f"{name}: give at least {least}, not {value}")
    return int(value)


def seed_number(name: str, value: int) -> int:
    """A seed that a caller gives.

    Raises:
        InputError: it is no whole number from 0 to 2^64 - 1.
    """
    seed = whole(name, value)
    if not 0 <= seed < 2**64:
        raise InputError(f"{name}: {seed} is not between 0 and 2^64 - 1")
    return seed


def number(name: str, value: float) -> float:
    """An amount that a caller gives, as a number of Python's own; it may be infinite or nan.

    Raises:
        InputError: it is no number.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InputError(f"{name}: a number belongs here, not {shown(value)}")
    return float(value)


def flag(name: str, value: bool) -> bool:
    """Whether something is to be, as a caller says it.

    Raises:
        InputError: it is neither True nor False.
    """
    if not isinstance(value, (bool, np.bool_)):
        raise InputError(f"{name}: True or False belongs here, not {shown(value)}")
    return bool(value)


def flags(**values: bool) -> None:
    """Several at once, by their names; see :func:`flag`.

    Raises:
        InputError: one is neither True nor False.
    """
    for name, value in values.items():
        flag(name, value)


def function(name: str, value: Callable[..., Any]) -> Callable[..., Any]:
    """A function that a caller gives.

    Raises:
        InputError: it cannot be called.
    """
    if not callable(value):
        raise InputError(f"{name}: a function belongs here, not {shown(value)}")
    return value
