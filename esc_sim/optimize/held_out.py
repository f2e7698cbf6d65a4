"""What plans give on numbers that the search has not seen, with 95 % intervals, and whether they keep their limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.measures.chances import Chance, share_interval
from esc_sim.measures.measure import ByReplication, Measure
from esc_sim.optimize.judge import Draws, Judging
from esc_sim.results.promise import Verdict
from esc_sim.results.sampled import terms_of
from esc_sim.risk.intervals import Interval, mean_interval, section_interval
from esc_sim.scenario.own import searched_by

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario

Floats = NDArray[np.float64]

NONE: Final = Interval(np.nan, np.nan, np.nan, 0)


def held_out_intervals(
    judge: Judging, designs: Floats, draws: Draws, measures: Sequence[Measure], asked: Sequence[bool], batch: int
) -> list[list[Interval]]:
    """Intervals of measures of designs, for each design one a measure.

    Measures of single replications have an interval over these; tails have one by sectioning, for which the sections
    are simulated again.

    Args:
        judge: judges designs.
        designs: float64[P, D].
        draws: the held-out draws, the same for all designs.
        measures: M of them, in the judge's order.
        asked: M flags, for which of them intervals are wanted.
        batch: replications that hang together: those of a Latin hypercube.
    """
    alone = judge.by_replication(designs, [draws] * len(designs)) if any(asked) else None

    def interval(row: int, column: int) -> Interval:
        """Within the range of the measure, as where a share cannot be more than 1."""
        found, (least, most) = whole_interval(row, column), measures[column].range
        low = found.low if least is None else max(found.low, least)
        return replace(found, low=low, high=found.high if most is None else min(found.high, most))

    def whole_interval(row: int, column: int) -> Interval:
        measure = measures[column]
        if not asked[column] or alone is None:
            return NONE
        if isinstance(measure, Chance):
            return share_interval(alone[row, :, column])
        if isinstance(measure, ByReplication):
            return mean_interval(alone[row, :, column], batch=batch)

        def of_section(replications: Floats) -> float:
            first, count = draws.first + int(replications[0]), len(replications)
            section = Draws(draws.seed, first, count, min(draws.strata, count))
            return float(judge(designs[row][None], [section])[0, column])

        return section_interval([np.arange(float(draws.count))], of_section, batch=batch)

    return [[interval(row, column) for column in range(len(measures))] for row in range(len(designs))]


@dataclass(frozen=True)
class Limit:
    """A limit that plans must keep.

    Attributes:
        column: of its measure.
        label: of its measure.
        unit: of its measure; "share" for a share.
        at_least, at_most: the limit; one of the two.
    """

    column: int
    label: str
    unit: str
    at_least: float | None
    at_most: float | None

    def verdict(self, mean: float, low: float, high: float) -> Verdict:
        """Whether an interval lies within the limit, holds it, or lies beyond; without one a mean can only break it.

        Args:
            mean: of what is limited.
            low, high: ends of its interval; nan where there is none.
        """
        least = -np.inf if self.at_least is None else self.at_least
        most = np.inf if self.at_most is None else self.at_most
        if np.isnan(low) or np.isnan(high):
            return "open" if least <= mean <= most else "broken"
        if high < least or low > most:
            return "broken"
        return "kept" if least <= low and high <= most else "open"

    def entry(self, mean: float, low: float, high: float) -> dict[str, Any]:
        """Plain values for summary.json, under the names that promises of plans have there.

        Args:
            mean, low, high: as of :meth:`verdict`.
        """
        return {
            "label": self.label,
            "promised_at_most": self.at_most,
            **({} if self.at_least is None else {"promised_at_least": self.at_least}),
            "mean": mean,
            "ci_low": known(low),
            "ci_high": known(high),
            "unit": self.unit,
            "verdict": self.verdict(mean, low, high),
        }


def known(value: float) -> float | None:
    """A number; None for nan."""
    return None if np.isnan(value) else float(value)


def limits_of(scenario: Scenario, names: Sequence[str]) -> list[Limit]:
    """The limits of a search, in its scenario's order; one with two sides is two.

    Args:
        scenario: with a section ``optimize``.
        names: all that is measured, see :func:`esc_sim.optimize.problem.measured_names`.
    """
    assert scenario.optimize is not None
    found, terms = [], terms_of(scenario)
    for limit in scenario.optimize.constraints:
        measure, (least, most) = searched_by(limit.name, scenario), limit.bounds
        column, words = list(names).index(limit.name), measure.words(terms)
        for sides in ((least, None), (None, most)):
            if sides != (None, None):
                found.append(Limit(column, f"{words[0].upper()}{words[1:]}", measure.unit_words(terms), *sides))
    return found
