"""What a plan promises, beside what a simulation of it gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from esc_sim.results.run import Floats
from esc_sim.risk.intervals import Interval, mean_interval

ROUNDING = 1e-9
"""Relative slack: sums of money in another order differ so much."""


@dataclass(frozen=True)
class Promise:
    """A key figure of a plan: what was promised at most, and what each of R replications gave.

    Attributes:
        name: key in summary.json.
        label: words for the table.
        unit: "share", or with {money}, {goods}, {period} to be filled from the scenario's units.
        at_most: what was promised; None where nothing was, and the figure is reported all the same.
        samples: float64[R].
        slack: how far the mean may pass the promise by rounding of goods, in the unit of the figure.
        note: what to know of the promise, for tables.
        at_least: what was promised where more is better; then nothing is promised at most.
    """

    name: str
    label: str
    unit: str
    at_most: float | None
    samples: Floats
    slack: float = 0.0
    note: str = ""
    at_least: float | None = None

    def entry(self, units: dict[str, str], batch: int) -> dict[str, Any]:
        """Plain values for summary.json.

        Args:
            units: of the scenario: goods, money, period.
            batch: replications that were stratified together.
        """
        found = mean_interval(self.samples, batch=batch)
        low, high = (float(v) if v == v else None for v in (found.low, found.high))
        return {
            "label": self.label,
            "promised_at_most": self.at_most,
            **({} if self.at_least is None else {"promised_at_least": self.at_least}),
            "mean": float(found.mean),
            "ci_low": low,
            "ci_high": high,
            "n": found.n,
            "unit": self.unit.format(**units),
            "kept": None if self.at_most is None and self.at_least is None else self._kept(found),
            "note": self.note,
        }

    def _kept(self, found: Interval) -> bool:
        """Whether the simulation does not speak against the promise: its interval is not wholly on the wrong side."""
        if self.at_least is not None:
            most = found.high if found.high == found.high else found.mean
            return bool(most >= self.at_least - max(self.slack, ROUNDING * abs(self.at_least)))
        assert self.at_most is not None
        least = found.low if found.low == found.low else found.mean
        return bool(least <= self.at_most + max(self.slack, ROUNDING * abs(self.at_most)))
