"""The law of a history: values of a series of the scenario, drawn again."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PrivateAttr

from esc_sim.fields.parts import Identifier, Part


class Empirical(Part):
    """Values of a series, drawn with equal chances, or blocks of periods that follow one another in it.

    A block that reaches the end of the series goes on at its beginning, so that each value is drawn equally often: the
    circular block bootstrap (Politis and Romano, 1992).

    The scenario that the law is part of hands it the values of the series.

    Examples:
        >>> import esc_sim as esc
        >>> law = esc.Empirical(series="shop", block=2)
        >>> law.bind((3.0, 9.0, 1.0, 7.0))
        >>> law.values, law.mean, law.mean_below(6.0), law.upper
        ((3.0, 9.0, 1.0, 7.0), 5.0, 4.0, 9.0)
        >>> law.covariances().tolist()
        [10.0, -4.5]
    """

    _values: tuple[float, ...] = PrivateAttr(())

    law: Literal["empirical"] = Field(default_factory=lambda: "empirical", description="name of the law")
    series: Identifier = Field(description="the series: a column of series.csv")
    block: Annotated[int, Field(ge=1, le=100_000)] = Field(
        default=1,
        description="periods that are drawn together, as they follow one another (circular block bootstrap): demand "
        "and production only",
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
        """Mean value."""
        return self.mean_below(math.inf)

    def mean_below(self, most: float) -> float:
        """Mean of the values, none above ``most``."""
        return math.fsum(min(value, most) for value in self._values) / max(len(self._values), 1)

    def covariances(self) -> NDArray[np.float64]:
        """[block] Covariances of values 0, 1, ... periods apart, those that fall into two blocks among them."""
        values, lags = np.array(self._values), np.arange(self.block)
        values = values - values.mean()
        return np.array([values @ np.roll(values, -lag) for lag in lags]) / len(values) * (1.0 - lags / self.block)

    @property
    def upper(self) -> float:
        """Largest value that can be drawn."""
        return max(self._values, default=0.0)
