"""Laws of chance that a scenario may name for demand, production, lead times, failures and repairs."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from esc_sim.fields.parts import Number, Part
from esc_sim.scenario.empirical import Empirical
from esc_sim.scenario.three_points import Pert, Triangular

MOST_DISPERSION = 20_000
"""Most that the square of a negative binomial's sd may be, in means: its table of probabilities stays short."""


class Constant(Part):
    """Always ``value``.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Constant(value=3).upper
        3.0
    """

    law: Literal["constant"] = Field(default_factory=lambda: "constant", description="name of the law")
    value: Annotated[Number, Field(ge=0, description="the value")]

    @property
    def upper(self) -> float:
        """Largest value that can be drawn."""
        return self.value


class Uniform(Part):
    """Uniform between ``low`` and ``high``.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Uniform(low=1, high=3).upper
        3.0
    """

    law: Literal["uniform"] = Field(default_factory=lambda: "uniform", description="name of the law")
    low: Annotated[Number, Field(ge=0, description="least value")]
    high: Annotated[Number, Field(ge=0, description="greatest value")]

    @model_validator(mode="after")
    def _ordered(self) -> Uniform:
        if self.low > self.high:
            raise ValueError("low is above high")
        return self

    @property
    def upper(self) -> float:
        """Largest value that can be drawn."""
        return self.high


class Normal(Part):
    """Normal with ``mean`` and ``sd``, cut at 0.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Normal(mean=3, sd=1).upper
        inf
    """

    law: Literal["normal"] = Field(default_factory=lambda: "normal", description="name of the law")
    mean: Annotated[Number, Field(ge=0, description="mean value")]
    sd: Annotated[Number, Field(ge=0, description="standard deviation")]

    @property
    def upper(self) -> float:
        """Largest value that can be drawn."""
        return math.inf if self.sd else self.mean


class TruncatedNormal(Part):
    """Normal with ``mean`` and ``sd`` (before the cut), given that it lies between ``low`` and ``high``.

    Examples:
        >>> import esc_sim as esc
        >>> esc.TruncatedNormal(mean=3, sd=1, low=1, high=5).upper
        5.0
    """

    law: Literal["truncated_normal"] = Field(default_factory=lambda: "truncated_normal", description="name of the law")
    mean: Annotated[Number, Field(ge=0, description="mean value before the cut")]
    sd: Annotated[Number, Field(gt=0, description="standard deviation before the cut")]
    low: Annotated[Number, Field(ge=0, description="least value")] = 0.0
    high: Annotated[Number, Field(ge=0, description="greatest value")]

    @model_validator(mode="after")
    def _something_between(self) -> TruncatedNormal:
        if self.low >= self.high:
            raise ValueError("low is not below high")
        if self.low > self.mean + 8.0 * self.sd or self.high < self.mean - 8.0 * self.sd:
            raise ValueError("low to high lies more than 8 standard deviations from the mean")
        return self

    @property
    def upper(self) -> float:
        """Largest value that can be drawn."""
        return self.high


class Exponential(Part):
    """Exponential with ``mean``.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Exponential(mean=3).upper
        inf
    """

    law: Literal["exponential"] = Field(default_factory=lambda: "exponential", description="name of the law")
    mean: Annotated[Number, Field(gt=0, description="mean value")]

    @property
    def upper(self) -> float:
        """Largest value that can be drawn."""
        return math.inf


class Gamma(Part):
    """Gamma with ``mean`` and ``sd``.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Gamma(mean=3, sd=1).upper
        inf
    """

    law: Literal["gamma"] = Field(default_factory=lambda: "gamma", description="name of the law")
    mean: Annotated[Number, Field(gt=0, description="mean value")]
    sd: Annotated[Number, Field(gt=0, description="standard deviation")]

    @property
    def upper(self) -> float:
        """Largest value that can be drawn."""
        return math.inf


class Lognormal(Part):
    """Lognormal with ``mean`` and ``sd`` of the value itself, not of its logarithm.

    Examples:
        >>> import esc_sim as esc
        >>> law = esc.Lognormal(mean=3, sd=1)
        >>> law.upper, round(law.log_mean, 4), round(law.log_sd, 4)
        (inf, 1.0459, 0.3246)
    """

    law: Literal["lognormal"] = Field(default_factory=lambda: "lognormal", description="name of the law")
    mean: Annotated[Number, Field(gt=0, description="mean value")]
    sd: Annotated[Number, Field(gt=0, description="standard deviation")]

    @property
    def log_sd(self) -> float:
        """Standard deviation of the logarithm."""
        return math.sqrt(math.log1p((self.sd / self.mean) * (self.sd / self.mean)))

    @property
    def log_mean(self) -> float:
        """Mean of the logarithm."""
        return math.log(self.mean) - 0.5 * self.log_sd * self.log_sd

    @property
    def upper(self) -> float:
        """Largest value that can be drawn."""
        return math.inf


class Poisson(Part):
    """Poisson with ``mean``.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Poisson(mean=3).upper
        inf
    """

    law: Literal["poisson"] = Field(default_factory=lambda: "poisson", description="name of the law")
    mean: Annotated[Number, Field(gt=0, le=1e6, description="mean value")]

    @property
    def upper(self) -> float:
        """Largest value that can be drawn."""
        return math.inf


class NegativeBinomial(Part):
    """Whole numbers with ``mean`` and ``sd``, more scattered than Poisson's.

    Examples:
        >>> import esc_sim as esc
        >>> law = esc.NegativeBinomial(mean=3, sd=2)
        >>> law.size, law.upper
        (9.0, inf)
        >>> esc.NegativeBinomial(mean=4, sd=2)
        Traceback (most recent call last):
        esc_sim.errors.InputError: negative binomial: sd squared must be above the mean: the law poisson has them equal
    """

    law: Literal["negative_binomial"] = Field(
        default_factory=lambda: "negative_binomial", description="name of the law"
    )
    mean: Annotated[Number, Field(gt=0, le=1e6, description="mean value")]
    sd: Annotated[Number, Field(gt=0, description="standard deviation; its square is above the mean")]

    @model_validator(mode="after")
    def _scattered(self) -> NegativeBinomial:
        if self.sd * self.sd <= self.mean:
            raise ValueError("sd squared must be above the mean: the law poisson has them equal")
        if self.sd * self.sd > MOST_DISPERSION * self.mean:
            raise ValueError(f"sd squared may be {MOST_DISPERSION:,} times the mean at most: take the law gamma")
        return self

    @property
    def size(self) -> float:
        """The parameter r: mean^2 / (sd^2 - mean)."""
        return self.mean * self.mean / (self.sd * self.sd - self.mean)

    @property
    def upper(self) -> float:
        """Largest value that can be drawn."""
        return math.inf


class Geometric(Part):
    """Number of trials up to the first success (1, 2, ...), each with ``probability``.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Geometric(probability=0.2).upper
        inf
    """

    law: Literal["geometric"] = Field(default_factory=lambda: "geometric", description="name of the law")
    probability: Annotated[Number, Field(ge=1e-9, le=1, description="chance of success")]

    @property
    def upper(self) -> float:
        """Largest value that can be drawn."""
        return math.inf if self.probability < 1 else 1.0


class Discrete(Part):
    """``values`` with ``probabilities`` that sum to 1.

    Examples:
        >>> import esc_sim as esc
        >>> esc.Discrete(values=[1, 7], probabilities=[0.9, 0.1]).upper
        7.0
    """

    law: Literal["discrete"] = Field(default_factory=lambda: "discrete", description="name of the law")
    values: Annotated[list[Annotated[Number, Field(ge=0)]], Field(min_length=1, description="possible values")]
    probabilities: Annotated[
        list[Annotated[Number, Field(ge=0, le=1)]], Field(min_length=1, description="their probabilities")
    ]

    @model_validator(mode="after")
    def _proper(self) -> Discrete:
        if len(self.values) != len(self.probabilities):
            raise ValueError("values and probabilities differ in number")
        if abs(math.fsum(self.probabilities) - 1.0) > 1e-9:
            raise ValueError(f"probabilities sum to {math.fsum(self.probabilities):.12g}, not to 1")
        return self

    @property
    def upper(self) -> float:
        """Largest value that can be drawn."""
        return max(v for v, p in zip(self.values, self.probabilities, strict=True) if p > 0)


def law_name(value: Any) -> str | None:
    if isinstance(value, dict):
        name = value.get("law")
        return name if isinstance(name, str) else None
    return getattr(value, "law", None)


_SizeLaw = (
    Annotated[Constant, Tag("constant")]
    | Annotated[Uniform, Tag("uniform")]
    | Annotated[Normal, Tag("normal")]
    | Annotated[TruncatedNormal, Tag("truncated_normal")]
    | Annotated[Exponential, Tag("exponential")]
    | Annotated[Gamma, Tag("gamma")]
    | Annotated[Poisson, Tag("poisson")]
    | Annotated[Geometric, Tag("geometric")]
    | Annotated[Discrete, Tag("discrete")]
    | Annotated[Triangular, Tag("triangular")]
    | Annotated[Pert, Tag("pert")]
    | Annotated[Lognormal, Tag("lognormal")]
    | Annotated[NegativeBinomial, Tag("negative_binomial")]
)


class Intermittent(Part):
    """Nothing, or with ``probability`` a value of the law ``size``.

    Examples:
        >>> import esc_sim as esc
        >>> law = esc.Intermittent(probability=0.2, size=esc.Gamma(mean=30, sd=10))
        >>> law.mean, law.upper
        (6.0, inf)
    """

    law: Literal["intermittent"] = Field(default_factory=lambda: "intermittent", description="name of the law")
    probability: Annotated[Number, Field(gt=0, le=1, description="chance that there is anything")]
    size: Annotated[_SizeLaw, Discriminator(law_name)] = Field(description="law of what there is then")

    @property
    def mean(self) -> float:
        """Mean value."""
        return self.probability * mean_of(self.size)

    @property
    def upper(self) -> float:
        """Largest value that can be drawn."""
        return self.size.upper


_AnyLaw = _SizeLaw | Annotated[Empirical, Tag("empirical")] | Annotated[Intermittent, Tag("intermittent")]
Law = Annotated[_AnyLaw, Discriminator(law_name)]


def mean_of(law: _AnyLaw) -> float:
    """About the mean of a law, before any cut."""
    if isinstance(law, Constant):
        return law.value
    if isinstance(law, Uniform):
        return (law.low + law.high) / 2.0
    if isinstance(law, Geometric):
        return 1.0 / law.probability
    if isinstance(law, Discrete):
        return math.fsum(value * share for value, share in zip(law.values, law.probabilities, strict=True))
    return law.mean


LAW_NAMES = (
    "constant",
    "uniform",
    "normal",
    "truncated_normal",
    "exponential",
    "gamma",
    "poisson",
    "geometric",
    "discrete",
    "triangular",
    "pert",
    "lognormal",
    "negative_binomial",
    "empirical",
    "intermittent",
)
