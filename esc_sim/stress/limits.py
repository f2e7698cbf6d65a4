"""Limits of key figures, such as "fill_rate<0.9"."""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass

from esc_sim.errors import InputError
from esc_sim.measures.measure import Measure
from esc_sim.measures.registry import MEASURES
from esc_sim.risk.intervals import Interval


@dataclass(frozen=True)
class Limit:
    """A limit of a key figure.

    Attributes:
        measure: the key figure.
        below: whether a value below the bound breaks it; else one above.
        bound: the number.
    """

    measure: Measure
    below: bool
    bound: float

    def __str__(self) -> str:
        return f"{self.measure.name}{'<' if self.below else '>'}{self.bound:g}"

    def is_broken_by(self, value: float) -> bool:
        """Whether a value is beyond the bound; no value is not."""
        return value < self.bound if self.below else value > self.bound

    def beyond(self, value: float) -> float:
        """How far a value is beyond the bound; no value is infinitely far from it."""
        if math.isnan(value):
            return -math.inf
        return self.bound - value if self.below else value - self.bound

    def first_broken(self, interval: Interval) -> float:
        """The end of an interval that is beyond the bound first."""
        return interval.low if self.below else interval.high

    def last_broken(self, interval: Interval) -> float:
        """The end of an interval that is beyond the bound last."""
        return interval.high if self.below else interval.low


def limit_of(text: str) -> Limit:
    """The limit that a text such as "fill_rate<0.9" names.

    Raises:
        InputError: it names none.
    """
    if not isinstance(text, str):
        raise InputError(f"--reverse: write a key figure and a limit, such as 'fill_rate<0.9', not {text!r}")
    match = re.fullmatch(r"\s*(\w+)\s*([<>])\s*([-+\w.]+)\s*", text)
    try:
        bound = float(match[3]) if match else float("nan")
    except ValueError:
        bound = float("nan")
    if match is None or bound != bound:
        raise InputError(f"--reverse {text}: write a key figure and a limit, such as 'fill_rate<0.9'")
    name = match[1]
    if name not in MEASURES:
        near = difflib.get_close_matches(name, MEASURES, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"key figures: {', '.join(MEASURES)}"
        raise InputError(f"--reverse {text}: there is no key figure '{name}'; {hint}")
    return Limit(MEASURES[name], match[2] == "<", bound)
