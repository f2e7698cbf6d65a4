"""Laws of three points that somebody knows by heart: least, usual, greatest."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from esc_sim.fields.parts import Number, Part


class _ThreePoints(Part):
    law: Literal["triangular", "pert"]
    low: Annotated[Number, Field(ge=0, description="least value")]
    most_likely: Annotated[Number, Field(ge=0, description="usual value, the mode")]
    high: Annotated[Number, Field(ge=0, description="greatest value")]

    @model_validator(mode="after")
    def _ordered(self) -> _ThreePoints:
        if not self.low <= self.most_likely <= self.high:
            raise ValueError("low, most_likely and high must go up")
        return self

    @property
    def upper(self) -> float:
        """Largest value that can be drawn."""
        return self.high


class Triangular(_ThreePoints):
    """Density that rises in a straight line from ``low`` to ``most_likely``, and falls to ``high``.

    Examples:
        >>> import esc_sim as esc
        >>> law = esc.Triangular(low=1, most_likely=2, high=6)
        >>> law.mean, law.upper
        (3.0, 6.0)
    """

    law: Literal["triangular"] = Field(default_factory=lambda: "triangular", description="name of the law")

    @property
    def mean(self) -> float:
        """Mean value."""
        return (self.low + self.most_likely + self.high) / 3.0


class Pert(_ThreePoints):
    """Beta law between ``low`` and ``high`` with the mean (low + 4 most_likely + high) / 6 (Malcolm et al., 1959).

    Examples:
        >>> import esc_sim as esc
        >>> law = esc.Pert(low=1, most_likely=2, high=6)
        >>> law.mean, law.upper, law.shapes
        (2.5, 6.0, (1.8, 4.2))
    """

    law: Literal["pert"] = Field(default_factory=lambda: "pert", description="name of the law")

    @property
    def mean(self) -> float:
        """Mean value."""
        return (self.low + 4.0 * self.most_likely + self.high) / 6.0

    @property
    def shapes(self) -> tuple[float, float]:
        """The beta law's two parameters; of one value only, those of a mode in the middle."""
        width = self.high - self.low
        if width == 0.0:
            return 3.0, 3.0
        return 1.0 + 4.0 * (self.most_likely - self.low) / width, 1.0 + 4.0 * (self.high - self.most_likely) / width
