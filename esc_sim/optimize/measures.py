"""What a plan is judged by: measures of the periods of many replications, and of its undisrupted twin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.measures.measure import ByReplication, Measure, Need, Sample
from esc_sim.results.estimable import why_not
from esc_sim.results.sampled import sample_of_periods, terms_of
from esc_sim.results.unpriced import customers_without_cost, names_of
from esc_sim.scenario.own import searched_by

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario

Floats = NDArray[np.float64]


def is_maximized(name: str, scenario: Scenario) -> bool:
    """Whether more of a measure of the scenario is better."""
    return searched_by(name, scenario).better == "larger"


def _sees_lost_demand(measure: Measure) -> bool:
    return Need.DEMAND in measure.needs and Need.WAITING not in measure.needs


class Yardstick:
    """Some measures with the scenario's risk setting: periods in, one number for each measure out."""

    def __init__(self, scenario: Scenario, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._scenario = scenario
        self.measures = [searched_by(name, scenario) for name in names]
        self.needs_twin = any(measure.of_twin for measure in self.measures)
        losses = [measure for measure in self.measures if measure.of_twin]
        for measure in losses:
            reason = why_not(measure.name, scenario, 1)
            if reason is not None:
                raise InputError(f"{measure.searched_as} cannot be estimated: {reason}")
        if losses and not {"profit", "fill_rate"} & set(names):
            raise InputError(
                f"{losses[0].searched_as}: a plan that serves nobody loses nothing either; add profit or fill_rate to "
                "the objectives or the constraints"
            )

    @property
    def notices(self) -> list[str]:
        """What the user should know of the measures: a cost that does not see lost demand is low where none is met."""
        blind = [measure.searched_as for measure in self.measures if measure.is_cost]
        free = customers_without_cost(self._scenario)
        if not blind or not free or any(map(_sees_lost_demand, self.measures)):
            return []
        return [
            f"{', '.join(blind)}: demand that is lost costs nothing at {names_of(free)}, so plans that serve less look "
            "better; add fill_rate or demand_lost_cvar to the constraints, or set demand.shortage_cost"
        ]

    def __call__(self, values: Floats, twin: Floats | None = None, *, scenario: Scenario | None = None) -> Floats:
        """The measures, float64[len(names)]; nan where these periods give none.

        Args:
            values: float64[R, T, K] of the run.
            twin: the same of its undisrupted twin; only where ``needs_twin``.
            scenario: that was run, where a design has settings of its own.
        """
        sample = sample_of_periods(values, self._scenario if scenario is None else scenario, twin)
        found = np.array([_known(measure, sample) for measure in self.measures])
        return np.where(np.isfinite(found), found, np.nan)

    def by_replication(self, values: Floats, twin: Floats | None = None, *, scenario: Scenario | None = None) -> Floats:
        """The measures of each replication alone, float64[R, len(names)]; nan for what single ones do not have.

        Args:
            values, twin, scenario: as of :meth:`__call__`.
        """
        periods = sample_of_periods(values, self._scenario if scenario is None else scenario, twin).periods
        nothing = np.full(len(values), np.nan)
        of_each = [m.by_replication(periods) if isinstance(m, ByReplication) else nothing for m in self.measures]
        return np.where(np.isfinite(of_each), of_each, np.nan).T


def _known(measure: Measure, sample: Sample) -> float:
    try:
        return measure.value(sample)
    except ValueError:  # the risk measures refuse samples that are not finite
        return float("nan")


def label_of(name: str, scenario: Scenario) -> str:
    """Words and unit of a measure, for axes and tables."""
    measure, terms = searched_by(name, scenario), terms_of(scenario)
    text, unit = measure.words(terms), measure.unit_words(terms)
    return f"{text[0].upper()}{text[1:]}{f' [{unit}]' if unit else ''}"
