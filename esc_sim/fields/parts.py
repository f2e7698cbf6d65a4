"""Names, numbers, amounts, times, the base of all parts of a scenario, and names of arcs."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from esc_sim.errors import InputError


def _not_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("a number belongs here, not true or false")
    return value


LARGEST = 1e15
"""No number of a scenario is larger, nor less than minus this: whole numbers up to it are exact, and amounts
times prices, added up over all nodes, periods and replications and squared, stay far below what a float can hold."""
MOST_PERIODS = 10_000_000
"""The longest run, in review periods."""

Number = Annotated[float, BeforeValidator(_not_boolean), Field(allow_inf_nan=False, ge=-LARGEST, le=LARGEST)]
Result = Annotated[float, BeforeValidator(_not_boolean), Field(allow_inf_nan=False)]
"""A number that a run gave, a sum over its horizon perhaps: finite, but larger than what a scenario may state."""
Identifier = Annotated[
    str, Field(min_length=1, max_length=120, pattern=r"^[^/\x00-\x1f\x7f]+$", description="a name without '/'")
]
Amount = Annotated[Number, Field(ge=0)]
Share = Annotated[Number, Field(ge=0, le=1)]
A_TIME = "a time"
"""Mark of types whose values are times, in review periods (see :mod:`esc_sim.scenario.times`)."""
A_MOMENT = "a moment"
"""Mark of times that say when, and not how long: dates may stand there."""
A_SPAN = "a span"
"""Mark of whole numbers of periods, which may be written as a span of time; no event happens at them."""
WRITTEN_TIME: Final = {"written_time": True}
"""Mark in JSON Schema of numbers that files may have as text: dates, and spans such as '6 weeks'."""
Duration = Annotated[
    Number, Field(ge=0, description="review periods, a real number", json_schema_extra=WRITTEN_TIME), A_TIME
]
PositiveDuration = Annotated[
    Number, Field(gt=0, description="review periods, a real number above 0", json_schema_extra=WRITTEN_TIME), A_TIME
]
Moment = Annotated[
    Number,
    Field(ge=0, description="review periods from the start on, or a date", json_schema_extra=WRITTEN_TIME),
    A_TIME,
    A_MOMENT,
]


FILLED_IN = "filled in"
"""Mark of keys that another part fills in where they are not stated, so that to state the default says something."""


def plain(value: Any) -> Any:
    """A value as a file would give it: lists for tuples and arrays, plain numbers, dates as text."""
    if isinstance(value, (str, bool, int, BaseModel)) or value is None:
        return value
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    if not hasattr(value, "tolist"):
        return value
    listed = value.tolist()
    return listed if isinstance(listed, type(value)) else plain(listed)


Words = Callable[[ValidationError, type[BaseModel], dict[str, Any]], Exception]
in_words: list[Words] = []
"""Puts what the schema refuses into words, given model and values; the floor that has the words fills it in."""


class Part(BaseModel):
    """Base of every part of a scenario: unknown keys are errors, instances do not change.

    One made in Python is read as strictly as one of a file, and refused in the same words.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False, defer_build=True)

    def __init__(self, /, **values: Any) -> None:
        read = {name: plain(value) for name, value in values.items()}
        try:
            self.__pydantic_validator__.validate_python(read, strict=True, self_instance=self)
        except ValidationError as error:
            raise (in_words[0](error, type(self), read) if in_words else error) from None
        # What it is (its law, its policy) has been said, if only by its class.
        self.__pydantic_fields_set__.update(n for n, field in type(self).model_fields.items() if field.default_factory)

    # Parts within parts are made by pydantic itself, which collects all that is wrong.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    # Type checkers see no setter, so that to them an unknown name is a mistake.
    if not TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None:
            if not name.startswith("_"):
                raise _unchanging(self, name)
            super().__setattr__(name, value)

        def __delattr__(self, name: str) -> None:
            if not name.startswith("_"):
                raise _unchanging(self, name)
            super().__delattr__(name)

    def __dir__(self) -> list[str]:
        """Names for completion, without those that pydantic has given up."""
        return [name for name in super().__dir__() if name not in _GIVEN_UP]


_GIVEN_UP = {n for n in vars(BaseModel) if not n.startswith("__") and hasattr(getattr(BaseModel, n), "__deprecated__")}


def _unchanging(part: Part, name: str) -> InputError:
    copied = f"model_copy(update={{'{name}': ...}})"
    return InputError(f"{type(part).__name__}.{name}: parts do not change: use add or {copied}, which make a new one")


class ArcName(Part):
    """Names an arc; without product, or mode, all arcs between the two nodes are meant."""

    buyer: Identifier = Field(description="node that buys")
    supplier: Identifier = Field(description="node that sells")
    product: Identifier | None = Field(default=None, description="product; default all that are traded there")
    mode: Identifier | None = Field(default=None, description="mode of the route; default all routes")

    @property
    def path(self) -> str:
        """The name as paths write it: ``buyer/supplier/product/mode``, without what is not given."""
        return arc_path(self.buyer, self.supplier, self.product, self.mode)

    def means(self, buyer: str, supplier: str, product: str, mode: str | None) -> bool:
        """Whether an arc is one of those that it names.

        Args:
            buyer, supplier: ids of the arc's ends.
            product: what is traded on it.
            mode: its mode, if it has one.
        """
        return (
            (self.buyer, self.supplier) == (buyer, supplier)
            and self.product in (None, product)
            and self.mode in (None, mode)
        )


def arc_path(buyer: str, supplier: str, product: str | None = None, mode: str | None = None) -> str:
    """Name of an arc in paths: ``buyer/supplier``, with the product and the mode where they are given.

    Args:
        buyer, supplier: ids of its ends.
        product: what is traded on it.
        mode: what tells it from other routes.
    """
    return "/".join(part for part in (buyer, supplier, product, mode) if part)


def stated(part: BaseModel, leave_out: Collection[str] = ()) -> dict[str, Any]:
    """What a part says beside its defaults, as plain values by key; also what it is: its law, its policy.

    Args:
        part: the part.
        leave_out: keys that are not wanted.
    """
    return {
        field.alias or name: _stated(getattr(part, name))
        for name, field in type(part).model_fields.items()
        if name not in leave_out and _is_stated(part, name, field)
    }


def _is_stated(part: BaseModel, name: str, field: FieldInfo) -> bool:
    if FILLED_IN in field.metadata:
        return name in part.model_fields_set
    return bool(getattr(part, name) != field.default or field.default_factory)


def _stated(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return stated(value)
    if isinstance(value, dict):
        return {key: _stated(part) for key, part in value.items()}
    return [_stated(part) for part in value] if isinstance(value, list) else value
