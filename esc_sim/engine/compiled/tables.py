"""Columns of the tables that hold a period's dealings."""

from __future__ import annotations

from typing import Final

EMISSIONS: Final = 0
DEMANDED: Final = 1
LOST: Final = 2
MAKING_EMISSIONS: Final = 3
FROM_CLOSED: Final = 4
FILLED: Final = 5
MET: Final = 6
READY: Final = 7
"""Entries of ``Work.sums``."""

RUNNING: Final = 0
DISPOSAL: Final = 1
"""Columns of ``Work.spent``."""

CONSUMED: Final = 0
EXPIRED: Final = 1
GIVEN: Final = 2
TAKEN: Final = 3
DISPOSED: Final = 4
"""Columns of ``Work.handled``."""
