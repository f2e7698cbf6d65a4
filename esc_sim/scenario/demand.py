"""Final demand and production: their laws, customers who come one by one, and demands that move together."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import Discriminator, Field, Tag, model_validator

from esc_sim.fields.law import Customers
from esc_sim.fields.parts import Amount, Identifier, Moment, Number, Part, Share
from esc_sim.fields.rows import described
from esc_sim.scenario.laws import Law
from esc_sim.scenario.parts import AmountOrLaw, PositiveDurationOrLaw
from esc_sim.scenario.recipes import Amounts


class Arrivals(Part):
    """Customers who come one by one, at any time (agent engine)."""

    between: PositiveDurationOrLaw = Field(description="time between two customers, periods: a number or a law")
    size: AmountOrLaw = Field(default=1.0, description="units that a customer wants: a number or a law")
    first: Moment | None = Field(default=None, description="time of the first; by default after a first time between")


def _then_form(value: object) -> str:
    return "a word" if isinstance(value, str) else "a law"


Then = Annotated[
    Annotated[Literal["repeat", "hold", "zero", "normal", "gamma", "empirical"], Tag("a word")]
    | Annotated[Law, Tag("a law")],
    Discriminator(_then_form),
]
"""What follows a series that is shorter than the run."""


class Demand(Part):
    """Final demand at a node: normal (mean, sd), or another law. Unmet demand earns nothing.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Demand(mean=40, sd=6, price=95).has_course
        False
        >>> esc.Demand(law=esc.Poisson(mean=3), season=[1, 1, 2]).has_course
        True
    """

    mean: Amount | None = Field(default=None, description="mean final demand, units per period")
    sd: Amount = Field(default=0.0, description="standard deviation, units per period")
    law: Law | None = Field(default=None, description="law of final demand, instead of mean and sd")
    arrivals: list[Arrivals] = Field(default=[], description="customers who come at any time, instead of mean and law")
    series: Identifier | None = Field(
        default=None, description="mean of each period, instead of mean: a column of series.csv"
    )
    then: Then | None = Field(
        default=None,
        description="what follows the series where the run is longer: repeat (from its first row on), hold (its last "
        "value), zero, normal or gamma (of its mean and sd), empirical (its values, drawn), or a law",
    )
    trend: Number = Field(default=0.0, description="change of the mean, units per period and period")
    season: list[Amount] = Field(default=[], description="factors of demand, repeated: seven for the days of a week")
    price: Amount = Field(default=0.0, description=described(Customers.retail_price))
    shortage_cost: Amount = Field(default=0.0, description=described(Customers.shortage_cost))
    leftovers: Amounts = Field(
        default={}, description="units that come back here, by product, of a unit bought: '0.1 waste'"
    )

    @model_validator(mode="after")
    def _one_law(self) -> Demand:
        if self.arrivals:
            if self.then is not None:
                raise ValueError("then says what follows a series, and arrivals have none: leave it out")
            if self.mean is not None or self.law is not None or self.sd or self.series is not None or self.has_course:
                raise ValueError("arrivals take the place of mean, sd, law, series, trend and season: leave them out")
            return self
        if self.series is not None and (self.mean is not None or self.law is not None):
            raise ValueError("series takes the place of mean and law: leave them out")
        if self.then is not None and self.series is None:
            raise ValueError("then says what follows a series: give the series, or leave it out")
        if self.law is not None and self.trend:
            raise ValueError("a trend needs a mean or a series, not a law")
        return self if self.series is not None else _check_one_law(self, "demand")

    @property
    def has_course(self) -> bool:
        """Whether demand changes with time."""
        return self.series is not None or self.trend != 0.0 or bool(self.season)


class Production(Part):
    """What a source makes per period: normal (mean, sd), or another law.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Production(law=esc.Uniform(low=30, high=50)).law.low
        30.0
    """

    mean: Amount | None = Field(default=None, description="mean production, units per period")
    sd: Amount = Field(default=0.0, description="standard deviation, units per period")
    law: Law | None = Field(default=None, description="law of production, instead of mean and sd")

    @model_validator(mode="after")
    def _one_law(self) -> Production:
        return _check_one_law(self, "production")


DemandOrProduction = TypeVar("DemandOrProduction", Demand, Production)


def _check_one_law(part: DemandOrProduction, what: str) -> DemandOrProduction:
    if (part.mean is None) == (part.law is None):
        raise ValueError(f"give {what} either a mean (and sd) or a law")
    if part.law is not None and part.sd:
        raise ValueError(f"sd belongs to the mean: leave it out when {what} has a law")
    return part


class Correlation(Part):
    """Final demands that move together: normal ones as they are, those of a law through their ranks."""

    name: Identifier = Field(description="name of the correlation")
    nodes: list[Identifier] = Field(min_length=2, description="nodes whose final demands move together")
    product: Identifier | None = Field(default=None, description="product demanded; default the scenario's first")
    rho: Share | None = Field(default=None, description="one correlation for every pair")
    matrix: list[list[Annotated[Number, Field(ge=-1, le=1)]]] | None = Field(
        default=None, description="correlation matrix, in the order of nodes"
    )

    @model_validator(mode="after")
    def _a_correlation_matrix(self) -> Correlation:
        if (self.rho is None) == (self.matrix is None):
            raise ValueError("give either rho or a matrix")
        if len(set(self.nodes)) != len(self.nodes):
            raise ValueError("a node stands in nodes twice")
        matrix = self.matrix
        if matrix is not None:
            size = range(len(self.nodes))
            if len(matrix) != len(size) or any(len(row) != len(size) for row in matrix):
                raise ValueError(f"the matrix needs {len(size)} rows of {len(size)} numbers")
            if any(matrix[i][j] != matrix[j][i] or matrix[i][i] != 1.0 for i in size for j in size):
                raise ValueError("a correlation matrix is symmetric, with 1 on its diagonal")
        return self
