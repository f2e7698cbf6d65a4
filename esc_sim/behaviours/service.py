"""How final customers were served in a period, and since the warm-up."""

from __future__ import annotations


def met_at_once(demand: float, filled: float) -> float:
    """1 for a period in which all demand was met at once, else 0."""
    return 1.0 if filled >= demand else 0.0


def ready_at_end(lost: float, backlog: float) -> float:
    """1 for a period in which no demand was lost and at whose end none waits, else 0."""
    return 1.0 if lost <= 0.0 and backlog <= 0.0 else 0.0


def overdue_demand(backlog: float, demand: float, filled: float, lost: float) -> float:
    """What still waits of the demand of some periods, at the end of the last of them.

    Customers are served in the order of their coming, so the youngest demand waits: the backlog, but for what is older
    than these periods.

    Args:
        backlog: units that customers wait for at the end.
        demand: units asked for in these periods.
        filled: the part of it that was met at once.
        lost: the part of it that was lost.
    """
    waited = demand - filled - lost
    return backlog if backlog < waited else waited


def share_of(count: float, customers: int) -> float:
    """Share of the items with final demand that a count of them is; 0 where there are none."""
    return count / customers if customers > 0 else 0.0
