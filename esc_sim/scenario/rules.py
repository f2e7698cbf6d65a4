"""Switches of the transaction model."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from esc_sim.allocations.registry import ALLOCATIONS, USUAL, AllocationName, words_of_all
from esc_sim.fields.parts import Part
from esc_sim.negotiations.registry import USUAL as USUAL_NEGOTIATION
from esc_sim.negotiations.registry import NegotiationName
from esc_sim.negotiations.registry import words_of_all as words_of_negotiations
from esc_sim.scenario.parts import DurationOrLaw


class Rules(Part):
    """Switches of the transaction model (docs/background/sequence-of-events.md).

    Examples:
        >>> import esc_sim as esc
        >>> esc.Rules(unmet="backorder", allocation="proportional").unmet
        'backorder'
    """

    feedback: Literal["surplus", "none", "two_sided"] = Field(
        default="surplus", description="how stock above (surplus) or beside (two_sided) target_stock changes the order"
    )
    holding_cost_timing: Literal["review", "end"] = Field(
        default="review", description="when stock is counted for its cost"
    )
    unmet: Literal["lost", "backorder"] = Field(default="lost", description="what becomes of unmet final demand")
    unmet_orders: Literal["lost", "backorder"] = Field(
        default="lost",
        description="what becomes of orders that no supplier accepted: dropped, or owed by the first supplier",
    )
    sequence: Literal["order_after_demand", "order_before_demand"] = Field(
        default="order_after_demand",
        description="when policies look at the inventory position (mean orders: before demand)",
    )
    allocation: AllocationName = Field(
        default=USUAL, description=f"whom a supplier serves first when it is short: {words_of_all()}"
    )
    negotiation: NegotiationName = Field(
        default=USUAL_NEGOTIATION,
        description=f"whom a buyer asks first ({words_of_negotiations()}); {USUAL_NEGOTIATION} runs in both engines",
    )
    sourcing: Literal["cheapest", "quickest"] = Field(
        default="cheapest",
        description="whom a buyer asks first among equal preferences: by cost, or by mean lead time, then cost",
    )
    partial: bool = Field(default=True, description="may a supplier accept an order in part")
    partial_demand: bool = Field(default=True, description="may the final demand of a period be met in part")
    known_after: DurationOrLaw = Field(
        default=1.0,
        description="when buyers learn of an outage, and of its end: so long after it; disruptions may have their own",
    )

    @model_validator(mode="after")
    def _shares_are_partial(self) -> Rules:
        if ALLOCATIONS[self.allocation].partial_only and not self.partial:
            raise ValueError(f"{self.allocation} allocation accepts orders in part: leave partial at true")
        return self

    @model_validator(mode="after")
    def _one_order_of_suppliers(self) -> Rules:
        if self.sourcing != "cheapest" and self.negotiation != USUAL_NEGOTIATION:
            raise ValueError(f"negotiation {self.negotiation} says itself whom a buyer asks first: leave sourcing out")
        return self

    @model_validator(mode="after")
    def _whole_orders_have_an_age(self) -> Rules:
        # Under other allocations what is owed to a buyer is one amount, which grows faster than it could be delivered.
        if not self.partial and self.unmet_orders == "backorder" and not ALLOCATIONS[self.allocation].by_age:
            by_age = " or ".join(name for name, rule in ALLOCATIONS.items() if rule.by_age)
            raise ValueError(
                f"with partial: false and unmet_orders: backorder, allocation {self.allocation} may leave orders owed "
                f"for ever: take allocation: {by_age}, under which each order waits for itself, or partial: true"
            )
        return self

    goods_quantum: Annotated[int, Field(ge=1, le=30, description="goods live on a grid of 2^-n units")] = 20
