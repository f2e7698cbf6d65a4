"""The section ``optimize`` of a scenario: what may be decided within which bounds, and what for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    WrapValidator,
    model_serializer,
    model_validator,
)

from esc_sim.fields.parts import LARGEST, ArcName, Identifier, Number, Part, Share
from esc_sim.measures.registry import OBJECTIVES, SEARCHED
from esc_sim.scenario.relative import is_signed


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
    """Decision variables of one kind: of nodes' orders or stocks, prices of arcs, or any other value by its path."""

    kind: Literal["order", "price", "stock", "setting"] = Field(
        description="order: a parameter of a node's order; price: unit price of an arc; stock: level of a node's "
        "stock; setting: any value of the scenario, by its path"
    )
    parameter: Identifier = Field(
        default="mean",
        description="of the order policy: mean, order_up_to, reorder_point, order_quantity, cover, buffer, or of code; "
        "of a stock: initial_stock, target_stock, safety_stock",
    )
    nodes: list[Identifier] = Field(default=[], description="whose orders or stocks; default all that have them")
    arcs: list[ArcName] = Field(default=[], description="whose prices; default all arcs")
    product: Identifier | None = Field(default=None, description="product; default all")
    path: str | None = Field(
        default=None,
        min_length=1,
        description="of a setting: where it stands, as for --set: arcs.shop/depot.lead_time, switches.depot",
    )
    relative: RelativeBounds | None = Field(
        default=None,
        description="bounds as shares of the scenario's value: [-0.1, 0.1] is ten percent below and above it",
    )
    absolute: AbsoluteBounds | None = Field(default=None, description="bounds in the variable's own unit: [90, 115]")
    whole: bool = Field(default=False, description="whole numbers within the bounds only")
    choices: list[Any] | dict[str, Any] | None = Field(
        default=None,
        min_length=2,
        description="what is chosen from, in place of bounds: [24, 48], [true, false], or by names of your own: "
        "{by sea: 30, by air: 4}",
    )
    group: Identifier | None = Field(
        default=None,
        description="settings of one group are shares: each number is divided by the sum of the group's before it is "
        "set, so that they sum to 1; where all are 0, the shares are equal",
    )

    @model_validator(mode="after")
    def _complete(self) -> Variable:
        given = [one for one in (self.relative, self.absolute, self.choices) if one is not None]
        if len(given) != 1:
            raise ValueError(
                "give bounds either as relative or as absolute: relative: [-0.1, 0.1]; or choices: [24, 48]"
            )
        if self.kind == "setting":
            self._check_setting()
            return self
        if self.path is not None or self.group is not None:
            name = "group" if self.path is None else "path"
            raise ValueError(f"{name} belongs to settings: take kind: setting")
        if self.kind == "price" and self.parameter != "mean":
            raise ValueError(f"parameter: {self.parameter} belongs to orders: take kind: order")
        if self.kind == "stock" and self.parameter not in STOCKS:
            raise ValueError(f"a stock needs a parameter: {', '.join(STOCKS)}")
        self._check_numbers()
        if self.kind != "price" and self.arcs:
            raise ValueError(f"{self.kind}s belong to nodes: name nodes, or take kind: price for arcs")
        if self.kind == "price" and self.nodes:
            raise ValueError("prices belong to arcs: name arcs (buyer and supplier), or take kind: order for nodes")
        self._check_choices()
        return self

    def _check_setting(self) -> None:
        if self.path is None:
            raise ValueError("a setting needs a path, as for --set: path: arcs.shop/depot.lead_time")
        if self.nodes or self.arcs or self.product is not None or self.parameter != "mean":
            raise ValueError("a setting is named by its path alone: leave out nodes, arcs, product and parameter")
        if self.group is not None and (self.whole or self.choices is not None):
            raise ValueError("shares of a group are real numbers: leave out whole and choices")
        if self.group is not None and self.absolute is not None and self.absolute[0] < 0.0:
            raise ValueError(f"a share of a group must be at least 0, not {self.absolute[0]:g}")
        self._check_choices()

    def _check_numbers(self) -> None:
        """Bounds and choices of orders, prices and stocks, some of which are never negative."""
        numbers: list[float] = []
        for value in () if self.choices is None else self.values:
            if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
                raise ValueError(f"choices of {self.kind}s are numbers, not {value!r}; other values are settings")
            numbers.append(value)
        least = min(numbers) if numbers else 0.0 if self.absolute is None else self.absolute[0]
        if least < 0.0 and (self.kind == "price" or self.parameter in _NEVER_NEGATIVE):
            whose = "a stock" if self.kind == "stock" else "an order"
            what = "a price" if self.kind == "price" else f"'{self.parameter}' of {whose}"
            raise ValueError(f"{what} must be at least 0, not {least:g}")

    def _check_choices(self) -> None:
        if self.choices is None:
            return
        if self.whole:
            raise ValueError("choices say what is chosen from: leave out whole")
        for place, value in enumerate(self.values):
            if isinstance(value, str) and is_signed(value):
                raise ValueError(f"choices are values: write what '{value}' makes of the present one")
            if any(is_same(value, before) for before in self.values[:place]):
                raise ValueError(f"choice {value!r} is given twice")
        if isinstance(self.choices, list) and any(isinstance(value, dict | list) for value in self.choices):
            raise ValueError("choices that are more than a word or a number need names: {by sea: {...}, by air: {...}}")

    @property
    def values(self) -> tuple[Any, ...]:
        """What is chosen from; empty where bounds are given."""
        choices = self.choices
        return () if choices is None else tuple(choices.values() if isinstance(choices, dict) else choices)

    @property
    def labels(self) -> tuple[str, ...]:
        """What the choices are called in tables."""
        if isinstance(self.choices, dict):
            return tuple(self.choices)
        return tuple(value if isinstance(value, str) else json.dumps(value) for value in self.values)

    @model_serializer(mode="wrap")
    def _stated(self, as_usual: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without keys that came later and say nothing: what was written before them keeps its content."""
        found: dict[str, Any] = as_usual(self)
        return {key: value for key, value in found.items() if key not in _LATER or value not in (None, False)}


_LATER: Final = ("path", "whole", "choices", "group")


def is_same(one: Any, other: Any) -> bool:
    """Whether two plain values say the same: 3 is 3.0, but true is not 1."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


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
