"""Rankings of suppliers that are pure functions: worked out once for each arc, and so run by both engines.

    def landed_and_late(price, other_cost, lead_time, a_day=2.0):
        return price + other_cost + a_day * lead_time

A buyer asks the supplier of the lowest number first. An argument named after something of an arc (``SEEN``) receives
it; every other one has a default.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from esc_sim.errors import InputError
from esc_sim.instance.subset import PureFunction, pure_function
from esc_sim.sampling.clock import Clock

if TYPE_CHECKING:
    from esc_sim.instance.model import ArcNumbers, FloatArray

SEEN: Final = ("price", "other_cost", "lead_time", "cap", "emissions")
"""What a ranking may look at: numbers of the arc. A lead time that is drawn counts with the longest that it may be."""


@dataclass(frozen=True)
class Ranking:
    """A user's pure function by which buyers rank their suppliers.

    Attributes:
        function: of numbers of an arc; the lowest value is asked first.
        clock: ticks of a review period.
    """

    function: Callable[..., Any]
    clock: Clock

    @cached_property
    def pure(self) -> PureFunction:
        """The function, checked.

        Raises:
            InputError: it is outside the subset of Python, or an argument has no value; with file and line.
        """
        found = pure_function(self.function)
        for name in found.arguments:
            if name not in SEEN and name not in found.defaults:
                raise InputError(
                    f"negotiation: '{found.name}' needs a default for '{name}'; what a ranking sees is "
                    + ", ".join(SEEN)
                )
        return found

    def of(self, arcs: ArcNumbers) -> FloatArray:
        """float64[A], the rank of each arc's supplier with its buyer.

        Raises:
            InputError: the function fails for an arc, or gives no number.
        """
        pure, length = self.pure, len(arcs.price)
        columns = {
            "price": arcs.price.tolist(),
            "other_cost": arcs.other_cost.tolist(),
            "lead_time": [self.clock.periods(ticks) for ticks in arcs.max_lead.tolist()],
            "cap": arcs.cap.tolist(),
            "emissions": arcs.emissions.tolist(),
        }
        seen = [columns[name] if name in SEEN else [pure.defaults[name]] * length for name in pure.arguments]
        return np.array([self._asked(*values) for values in zip(*seen, strict=True)] if seen else [0.0] * length)

    def _asked(self, *values: float) -> float:
        place = f"{Path(self.pure.path).name}: {self.pure.name}"
        given = ", ".join(f"{name} {value:g}" for name, value in zip(self.pure.arguments, values, strict=True))
        try:
            found = self.function(*values)
        except (ArithmeticError, ValueError) as error:
            raise InputError(f"{place}: {type(error).__name__}: {error} (at {given})") from error
        if isinstance(found, bool) or not isinstance(found, Real) or not isfinite(found):
            raise InputError(f"{place}: returned {found!r} (at {given}), not a number to rank by")
        return float(found)

    def __getstate__(self) -> dict[str, Any]:
        """Without the function's tree, so that worker processes can be handed a ranking."""
        return {"function": self.function, "clock": self.clock}
