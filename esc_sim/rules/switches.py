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

POLICY_MEAN: Final = 0
POLICY_UP_TO: Final = 1
POLICY_LOTS: Final = 2
POLICY_FORECAST: Final = 3
POLICY_CODE: Final = 4
"""Written by the user."""
POLICY_FIELDS: Final = 5
"""What fields still need."""
