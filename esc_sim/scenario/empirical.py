"""The law of a history: values of a series of the scenario, drawn again."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr

from esc_sim.fields.parts import Identifier, Part


class Empirical(Part):
    """Values of a series, drawn with equal chances, or blocks of periods that follow one another in it.

    The scenario that the law is part of hands it the values of the series.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Empirical(series="shop").block
        1
    """

    _values: tuple[float, ...] = PrivateAttr(())

    law: Literal["empirical"] = Field(default_factory=lambda: "empirical", description="name of the law")
    series: Identifier = Field(description="the series: a column of series.csv")
    block: Annotated[int, Field(ge=1, le=100_000)] = Field(
        default=1,
        description="periods that are drawn together, as they follow one another (moving-block bootstrap): demand and "
        "production only",
    )

    @property
    def values(self) -> tuple[float, ...]:
        """The series; empty until a scenario has one of that name."""
        return self._values

    def bind(self, values: tuple[float, ...]) -> None:
        """Hand the law the values of its series.

        Raises:
            ValueError: another scenario has handed it others.
        """
        if self._values not in ((), values):
            raise ValueError(f"the law empirical of series '{self.series}' is part of another scenario: make a new one")
        self._values = values

    @property
    def mean(self) -> float:
        """Mean value; that of blocks gives less weight to the ends of the series."""
        return self.mean_below(math.inf)

    def mean_below(self, most: float) -> float:
        """Mean of the values, none above ``most``."""
        count = len(self._values)
        starts = count - self.block + 1
        if starts <= 0:
            return 0.0
        weights = (min(k + 1, self.block, starts, count - k) for k in range(count))
        drawn = math.fsum(w * min(value, most) for w, value in zip(weights, self._values, strict=True))
        return drawn / (starts * self.block)

    @property
    def upper(self) -> float:
        """Largest value that can be drawn."""
        return max(self._values, default=0.0)
