"""What people type into the fields of the page."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, Final

LARGEST: Final = 2**53 - 1
"""Largest whole number that a browser keeps exactly."""


def whole_number(text: Any) -> int | None:
    """The whole number that was typed, as in "30" or "3e1"; None where it is none."""
    try:
        number = Decimal(str(text))
    except InvalidOperation:
        return None
    return int(number) if number.is_finite() and abs(number) <= LARGEST and number == int(number) else None
