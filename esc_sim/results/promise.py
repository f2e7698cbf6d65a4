"""What a plan promises, beside what a simulation of it gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from esc_sim.results.run import Floats
from esc_sim.risk.intervals import Interval, mean_interval

ROUNDING = 1e-9
"""Relative slack: sums of money in another order differ so much."""
Verdict = Literal["kept", "open", "broken"]
"""Of a promise: the interval lies wholly within it, holds it, or lies wholly beyond it."""


def promise_title(entries: Mapping[str, Mapping[str, Any]]) -> str:
    """What to write above entries of summary.json; some plans promise nothing, and are reported all the same."""
    ends = ("promised_at_most", "promised_at_least")
    promised = any(entry.get(end) is not None for entry in entries.values() for end in ends)
    return "Promised and simulated" if promised else "Figures of the plan, simulated"


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
        note: what to know of the promise, for tables, each thing on a line.
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
        low, high = (self._end(v) for v in (found.low, found.high))
        return {
            "label": self.label,
            "promised_at_most": self.at_most,
            **({} if self.at_least is None else {"promised_at_least": self.at_least}),
            "mean": float(found.mean),
            "ci_low": low,
            "ci_high": high,
            "n": found.n,
            "unit": self.unit.format(**units),
            "verdict": self._verdict(found),
            "note": self.note,
        }

    def _end(self, value: float) -> float | None:
        """An end of the interval: None where there is none; of a share from 0 to 1."""
        if value != value:
            return None
        return float(min(max(value, 0.0), 1.0)) if self.unit == "share" else float(value)

    def _verdict(self, found: Interval) -> Verdict | None:
        """What the simulation says of the promise; without an interval it can break a promise, but not show one."""
        promised, sign = (self.at_most, 1.0) if self.at_least is None else (self.at_least, -1.0)
        if promised is None:
            return None
        limit = sign * promised + max(self.slack, ROUNDING * abs(promised))
        low, high = self._end(found.low), self._end(found.high)
        if low is None or high is None:
            return "broken" if sign * found.mean > limit else "open"
        least, most = sorted((sign * low, sign * high))
        return "broken" if least > limit else "kept" if most <= limit else "open"
