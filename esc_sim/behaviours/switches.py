"""Codes of the scenario's switches, as the rules read them."""

from __future__ import annotations

from typing import Final

FEEDBACK_NONE: Final = 0
FEEDBACK_SURPLUS: Final = 1
FEEDBACK_TWO_SIDED: Final = 2

STORAGE_AT_REVIEW: Final = 0
STORAGE_AT_END: Final = 1

SHAPE_LINEAR: Final = 0
SHAPE_SLOW_START: Final = 1
SHAPE_FAST_START: Final = 2

TRANSIT_HOLD: Final = 0
TRANSIT_REROUTE: Final = 1
TRANSIT_LOSE: Final = 2
