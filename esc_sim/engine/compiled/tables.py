"""Columns of the tables that hold a period's dealings."""

from __future__ import annotations

from typing import Final

EMISSIONS: Final = 0
DEMANDED: Final = 1
LOST: Final = 2
MAKING_EMISSIONS: Final = 3
"""Entries of ``Work.sums``."""

RETAIL: Final = 0
INTERNAL: Final = 1
PROCUREMENT: Final = 2
STORAGE: Final = 3
PENALTY: Final = 4
SHORTAGE: Final = 5
"""Columns of ``Work.money``."""

RECEIVED: Final = 0
PRODUCED: Final = 1
ORDERED: Final = 2
SERVED: Final = 3
SHIPPED: Final = 4
CONTRACTED: Final = 5
"""Columns of ``Work.moved``."""

RUNNING: Final = 0
DISPOSAL: Final = 1
"""Columns of ``Work.spent``."""

CONSUMED: Final = 0
EXPIRED: Final = 1
GIVEN: Final = 2
TAKEN: Final = 3
DISPOSED: Final = 4
"""Columns of ``Work.handled``."""
