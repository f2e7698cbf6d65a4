"""The section ``optimize`` of a scenario: what may be decided within which bounds, and what for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, WrapValidator, model_validator

from esc_sim.fields.parts import ArcName, Identifier, Number, Part, Share
from esc_sim.measures.registry import OBJECTIVES, SEARCHED


def _own_or_listed(value: Any, listed: Callable[[Any], Any], info: ValidationInfo) -> Any:
    """A measure of the user's own, or one of those that all scenarios can name."""
    return value if info.context and value in info.context else listed(value)


def _own_with_direction(value: Any, listed: Callable[[Any], Any], info: ValidationInfo) -> Any:
    """As :func:`_own_or_listed`; an objective must say which way is better."""
    if info.context and value in info.context and info.context[value].better is None:
        raise ValueError(
            f"'{value}' does not say which way is better: give esc_sim.OwnMeasure(of=..., better='smaller')"
        )
    return _own_or_listed(value, listed, info)


if TYPE_CHECKING:
    Measure = str
    Objective = str
else:
    Measure = Annotated[Literal[tuple(SEARCHED)], WrapValidator(_own_or_listed)]
    Objective = Annotated[Literal[OBJECTIVES], WrapValidator(_own_with_direction)]


def _ordered(bounds: list[float]) -> list[float]:
    if len(bounds) == 2 and bounds[0] >= bounds[1]:
        raise ValueError(f"bounds crossed: the low one comes first and below the high one, not {bounds}")
    return bounds


Offset = Annotated[Number, Field(ge=-1)]
RelativeBounds = Annotated[list[Offset], Field(min_length=2, max_length=2), AfterValidator(_ordered)]
AbsoluteBounds = Annotated[list[Number], Field(min_length=2, max_length=2), AfterValidator(_ordered)]
STOCKS = ("initial_stock", "target_stock", "safety_stock")
"""What may be decided of a stock, as a node's keys name it."""
_NEVER_NEGATIVE = ("mean", "order_quantity", "cover", *STOCKS)


class Variable(Part):
    """Decision variables of one kind with bounds of one kind: of nodes' orders or stocks, or prices of arcs."""

    kind: Literal["order", "price", "stock"] = Field(
        description="order: a parameter of a node's order; price: unit price of an arc; stock: level of a node's stock"
    )
    parameter: Identifier = Field(
        default="mean",
        description="of the order policy: mean, order_up_to, reorder_point, order_quantity, cover, buffer, or of code; "
        "of a stock: initial_stock, target_stock, safety_stock",
    )
    nodes: list[Identifier] = Field(default=[], description="whose orders or stocks; default all that have them")
    arcs: list[ArcName] = Field(default=[], description="whose prices; default all arcs")
    product: Identifier | None = Field(default=None, description="product; default all")
    relative: RelativeBounds | None = Field(
        default=None,
        description="bounds as shares of the scenario's value: [-0.1, 0.1] is ten percent below and above it",
    )
    absolute: AbsoluteBounds | None = Field(default=None, description="bounds in the variable's own unit: [90, 115]")

    @model_validator(mode="after")
    def _complete(self) -> Variable:
        if (self.relative is None) == (self.absolute is None):
            raise ValueError("give bounds either as relative or as absolute: relative: [-0.1, 0.1]")
        if self.kind == "price" and self.parameter != "mean":
            raise ValueError(f"parameter: {self.parameter} belongs to orders: take kind: order")
        if self.kind == "stock" and self.parameter not in STOCKS:
            raise ValueError(f"a stock needs a parameter: {', '.join(STOCKS)}")
        bound = self.absolute[0] if self.absolute is not None else 0.0
        if bound < 0.0 and (self.kind == "price" or self.parameter in _NEVER_NEGATIVE):
            whose = "a stock" if self.kind == "stock" else "an order"
            what = "a price" if self.kind == "price" else f"'{self.parameter}' of {whose}"
            raise ValueError(f"{what} must be at least 0, not {bound:g}")
        if self.kind != "price" and self.arcs:
            raise ValueError(f"{self.kind}s belong to nodes: name nodes, or take kind: price for arcs")
        if self.kind == "price" and self.nodes:
            raise ValueError("prices belong to arcs: name arcs (buyer and supplier), or take kind: order for nodes")
        return self


class Constraint(Part):
    """A limit that a plan must keep: on the mean of all replications, or in a share of them."""

    measure: Measure = Field(description="what is limited")
    at_least: Number | None = Field(default=None, description="lower limit")
    at_most: Number | None = Field(default=None, description="upper limit")
    probability: Share | None = Field(
        default=None,
        description="share of replications that must keep the limit, each for itself; default: their mean keeps it",
    )

    @model_validator(mode="after")
    def _some_limit(self) -> Constraint:
        if self.at_least is None and self.at_most is None:
            raise ValueError("give a limit: at_least or at_most")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(f"at_least {self.at_least:g} is above at_most {self.at_most:g}")
        if self.probability == 0.0:
            raise ValueError("a limit with probability 0 limits nothing: leave it out")
        return self

    @property
    def name(self) -> str:
        """What is measured to keep it: the measure, or the chance that it keeps the limit."""
        if self.probability is None:
            return self.measure
        limits = (("at_least", self.at_least), ("at_most", self.at_most))
        parts = [f"{word}_{limit:g}" for word, limit in limits if limit is not None]
        return "_".join(["chance", self.measure, *parts]).replace(".", "_").replace("-", "minus_").replace("+", "")

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """Least and largest value of what is measured."""
        return (self.at_least, self.at_most) if self.probability is None else (self.probability, None)


class ReferenceValue(Part):
    """One coordinate of the hypervolume's reference point."""

    measure: Objective = Field(description="an objective")
    value: Number = Field(description="a value so bad that no solution of interest is worse")


class Optimization(Part):
    """What `esc-sim optimize` searches for."""

    variables: list[Variable] = Field(min_length=1, description="what may be decided, with bounds")
    objectives: list[Objective] = Field(
        default=["profit", "cvar"],
        min_length=1,
        description="one measure or more; each is to be as large, or as small, as is better",
    )
    constraints: list[Constraint] = Field(default=[], description="limits that a plan must keep")
    reference: list[ReferenceValue] = Field(
        default=[],
        description="reference point of the hypervolume; what is not given is found from the first generation",
    )

    @model_validator(mode="after")
    def _agree(self) -> Optimization:
        for name in self.objectives:
            if self.objectives.count(name) > 1:
                raise ValueError(f"objective '{name}' is given twice")
        given = [value.measure for value in self.reference]
        for name in given:
            if given.count(name) > 1:
                raise ValueError(f"reference value of '{name}' is given twice")
        return self
