"""Sections of a scenario that say how long is run, in which units, where numbers come from, how risk is measured."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, NoReturn

from pydantic import (
    Field,
    PlainSerializer,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)

from esc_sim.errors import InputError
from esc_sim.fields.parts import A_SPAN, MOST_PERIODS, WRITTEN_TIME, Amount, Number, Part
from esc_sim.scenario.calendar import date_advice, date_of, step_of

MOST_REPLICATIONS: Final = 100_000_000
_Count = Annotated[int, Field(le=MOST_PERIODS, json_schema_extra=WRITTEN_TIME), A_SPAN]

AUTO: Final = "auto"
NOT_FOUND: Final = (
    "run.warm_up: auto is not found here: set a number of periods, such as `esc-sim run` has found and printed"
)


class SoughtWarmUp:
    """A warm-up that a pilot run is to find; until then it is no number, and who reads one is refused.

    Written as "auto".

    Examples:
        >>> 100 - SoughtWarmUp()
        Traceback (most recent call last):
        esc_sim.errors.InputError: run.warm_up: auto is not found here: ...
    """

    def __repr__(self) -> str:
        return repr(AUTO)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SoughtWarmUp)

    def __hash__(self) -> int:
        return hash(AUTO)

    def _refuse(self, *_: object) -> NoReturn:
        raise InputError(NOT_FOUND)

    __int__ = __index__ = __float__ = __bool__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse


class FoundWarmUp(int):
    """A warm-up that a pilot run has found; a number like any other, which manifests name."""


def _sought_or_number(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    if isinstance(value, SoughtWarmUp):
        return value
    return SoughtWarmUp() if value == AUTO else check(value)


_WarmUp = Annotated[
    _Count,
    Field(
        ge=0,
        description="periods at the start left out of every key figure; auto: found in a pilot run",
    ),
    WrapValidator(_sought_or_number),
    PlainSerializer(lambda value: AUTO if isinstance(value, SoughtWarmUp) else int(value), return_type=int | str),
]


class Units(Part):
    """Names of the units, for labels; the arithmetic does not use them.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Units(goods="pallet", money="EUR", period="day").money
        'EUR'
    """

    goods: str = Field(default="unit", description="unit of all goods")
    money: str = Field(default="money", description="currency")
    period: str = Field(default="period", description="length of a review period: day, week")


class DataStatus(Part):
    """Where the numbers come from; shown with every table and figure."""

    status: Literal["measured", "printed", "calibrated", "synthetic", "assumed"] = Field(
        default="assumed", description="what the numbers are; printed: taken from a publication"
    )
    note: str = Field(default="", description="where they come from, in a sentence or two")


class Run(Part):
    """Length and number of runs.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Run(periods=180, replications=50, seed=7).warm_up
        0
    """

    periods: Annotated[_Count, Field(ge=1, description="review periods simulated")] = 365
    warm_up: _WarmUp = 0
    batches: Annotated[
        int, Field(ge=1, le=MOST_PERIODS, description="stretches of each replication that intervals rest on")
    ] = 1
    replications: Annotated[int, Field(ge=1, le=MOST_REPLICATIONS, description="independent repetitions")] = 20
    seed: Annotated[int, Field(ge=0, lt=2**64, description="the same seed gives the same random numbers")] = 1
    start: str | None = Field(
        default=None,
        description="calendar date of period 0 (2026-01-31), so that dates may stand where a time is; default "
        "the first date of series.csv",
    )
    step: str | None = Field(
        default=None,
        description="time from one period to the next (1 day, 2 weeks, 1 month, 1 working day); default units.period",
    )

    @field_validator("start")
    @classmethod
    def _a_date(cls, value: str | None) -> str | None:
        if value is not None and date_of(value) is None:
            raise ValueError(f"a date such as 2026-01-31 belongs here, not '{value}'{date_advice(value)}")
        return value

    @field_validator("step")
    @classmethod
    def _a_step(cls, value: str | None) -> str | None:
        if value is not None and step_of(value) is None:
            raise ValueError(f"a time such as '1 day', '2 weeks' or '1 month' belongs here, not '{value}'")
        return value

    @model_validator(mode="after")
    def _something_left(self) -> Run:
        left = self.periods if isinstance(self.warm_up, SoughtWarmUp) else self.periods - self.warm_up
        if left <= 0:
            raise ValueError(f"warm_up {self.warm_up} leaves nothing of {self.periods} periods")
        if self.batches > left:
            raise ValueError(f"{self.batches} batches are more than the {left} periods counted")
        return self


def check_warm_up(run: Run) -> None:
    """Refuse a warm-up that is to be found, where no pilot run finds one.

    Raises:
        InputError: it is to be found.
    """
    if isinstance(run.warm_up, SoughtWarmUp):
        raise InputError(NOT_FOUND)


class Risk(Part):
    """How the cost risk is measured.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Risk(level=0.99).pooling
        'pooled'
    """

    level: Annotated[Number, Field(gt=0, lt=1, description="confidence level of VaR and CVaR")] = 0.95
    estimator: Literal["tail_mean", "rockafellar_uryasev"] = Field(default="tail_mean", description="estimator of CVaR")
    pooling: Literal["pooled", "per_replication", "horizon"] = Field(
        default="pooled",
        description="the sample: costs of all periods pooled, of each replication, or of whole horizons",
    )
    budget: Amount | None = Field(default=None, description="cost whose exceedance probability (EPF) is reported")
