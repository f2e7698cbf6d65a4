"""What every order policy says: in a scenario, to both engines, and to a search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from esc_sim.fields.item import Item
from esc_sim.fields.parts import Amount, Part
from esc_sim.fields.rows import described
from esc_sim.fields.sequences import Floats

Review = Annotated[
    Literal["periodic", "continuous"],
    Field(description="continuous: the position is looked at whenever it changes (agent engine)"),
]


class Order(Part):
    """What every order policy may say."""

    policy: str = Field(description="name of the policy")
    fixed_cost: Amount = Field(default=0.0, title="Fixed cost of an order (K)", description=described(Item.fixed_cost))
    minimum: Amount = Field(default=0.0, description=described(Item.minimum))
    order_multiple: Amount = Field(default=0.0, description=described(Item.order_multiple))


class PositionOrder(Order):
    """What every policy may say that looks at the inventory position."""

    echelon: bool = Field(
        default=False,
        description="position of the echelon: also all stock on its way to the customer, through recipes that make a "
        "unit of a unit",
    )


class ReviewedOrder(PositionOrder):
    """What every policy may say that can be reviewed at any time."""

    review: Review = "periodic"


DRAWN: Final = 0
"""The quantity is drawn, whatever the position."""
POSITION: Final = 1
"""A rule of the inventory position and of the policy's parameters."""
FORECAST: Final = 2
"""The position is lifted to a level that follows a forecast of demand."""
FIELDS: Final = 3
"""The position is lifted to what the node's fields still need."""
CODE: Final = 4
"""The user's own code decides."""

Rule = Callable[[float, Floats], float]


@dataclass(frozen=True)
class Policy:
    """An order policy.

    Attributes:
        order: its part of a scenario; the literal of its field ``policy`` is the policy's name.
        decided: parameters that a search may change.
        way: how the quantity comes about (DRAWN, POSITION, FORECAST, FIELDS, CODE).
        quantity: rule of a policy of way POSITION: units wanted, given the inventory position and the parameters; in
            the subset of Python that both engines run (see ``esc_sim.behaviours``). It is registered from the module in
            which it is defined, so helpers that it calls stand there too, or in ``esc_sim.behaviours``.
        parameters: fields of ``order``, in units of goods, that ``quantity`` reads, in the order in which it does.
    """

    order: type[Order]
    decided: tuple[str, ...] = ()
    way: int = POSITION
    quantity: Rule | None = None
    parameters: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError where the parts do not fit together."""
        fields = self.order.model_fields
        if (self.way == POSITION) != (self.quantity is not None):
            raise ValueError(f"order policy '{self.name}': a rule goes with the way POSITION, and no other")
        for name in {*self.parameters, *(self.decided if self.way != CODE else ())} - set(fields):
            raise ValueError(f"order policy '{self.name}': its part of a scenario has no field '{name}'")

    @property
    def name(self) -> str:
        """What a scenario writes after ``policy``."""
        return str(get_args(self.order.model_fields["policy"].annotation)[0])
