"""How the orders of an item come about."""

from __future__ import annotations

from esc_sim.fields.rows import fixed, key, row


@row
class OrderPolicy:
    """An item's order policy; parameters of rules by inventory position stand beside it, one row a policy."""

    way: int = key("how the quantity comes about (policies.policy)")
    rule: int = key("number of the policy's rule, where it looks at the inventory position")
    review_every: int = key("periods from one review to the next (T)")
    first_review: int = key("period of the first review")
    window: int = key("observations of a moving average; 0: exponential smoothing")
    history_start: int = key("where these observations stand")
    weight: float = fixed("weight of the latest error in smoothing", "share")
    cover: float = fixed("periods of demand that the position covers (lead time and review)", "periods")
    buffer: float = fixed("safety stock on top", "units")
    initial: float = fixed("forecast before anything is known", "units per period")
