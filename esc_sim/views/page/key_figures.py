"""The strip of key figures of the run so far: measures that are highlighted on the page, and late or lost demand."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from esc_sim.measures.circular import MEASURES as MEASURES_OF_FLOWS
from esc_sim.measures.measure import Need, Place
from esc_sim.measures.registry import MEASURES, highlighted
from esc_sim.measures.service import service_of
from esc_sim.results.circular import Shown, resources_of
from esc_sim.results.estimable import why_not
from esc_sim.results.sampled import sample_of_periods, terms_of
from esc_sim.scenario.schema import Scenario
from esc_sim.views.page.show import ShownRun
from esc_sim.written import compact, percent, points

NO_VALUE = "\N{EN DASH}"
_MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class KeyFigure:
    """A figure of one run.

    Attributes:
        label: its name.
        value: its value; nan: none yet.
        unit: its unit.
        share: whether it is a share, shown in percent.
    """

    label: str
    value: float
    unit: str
    share: bool = False

    @property
    def text(self) -> str:
        """The value for reading."""
        return shown(self.value, share=self.share)

    def difference(self, other: KeyFigure) -> str:
        """Other less this, for reading: of shares in points, else in the unit; empty when either has no value."""
        change = other.value - self.value
        if not math.isfinite(change):
            return ""
        if self.share:
            return points(change, digits=2).replace("-", _MINUS)
        return ("+" if change > 0 else "") + shown(change)


def shown(value: float, *, share: bool = False) -> str:
    """A number for reading: 88,610 or 1.23 M, a share in percent."""
    if not math.isfinite(value):
        return NO_VALUE
    return (percent(value) if share else compact(value)).replace("-", _MINUS)


def key_figures(run: ShownRun, scenario: Scenario) -> list[KeyFigure]:
    """Key figures of the periods so far, without the warm-up, which no figure counts.

    CVaR is of the cost per period, by the scenario's level and estimator; it needs a period in the tail, so it
    begins as the largest cost and settles as periods add up. Tails of what is lost need many replications, and the
    page plays one; demand that is late or lost is shown in their place, and its difference between two runs.
    """
    terms = replace(terms_of(scenario), pooling="pooled")
    periods = run.periods[scenario.run.warm_up :]
    sample = sample_of_periods(periods[None], scenario)
    sample = replace(sample, risk=replace(sample.risk, pooling="pooled"))
    found = []
    for name in highlighted(Place.PAGE):
        measure = MEASURES[name]
        if measure.of_twin or not measure.is_asked(sample):
            continue
        # The horizon of a run that is being watched is now.
        words = measure.words(terms).replace("over the horizon", "so far")
        unit = "" if measure.is_share else measure.unit_words(terms)
        value = measure.value(sample) if len(periods) else math.nan
        found.append(KeyFigure(words, value, unit, share=measure.is_share))
    late = math.nan
    if len(periods):
        service = service_of(sample.periods)
        late = float((service.demand - service.filled)[0])
    return [*found, KeyFigure("Demand late or lost", late, terms.goods), *_circular(run, scenario)]


def _circular(run: ShownRun, scenario: Scenario) -> list[KeyFigure]:
    """Shares of waste, nitrogen and energy so far, where the scenario has such; what investments are worth needs years.

    The landfill share counts from the first period on, as in the summary of a run.
    """
    recorder, instance = run.model.recorder, run.model.instance
    shown_so_far = Shown(instance.observed, run.observed[None, scenario.run.warm_up :])
    found = resources_of(run.scenario, instance.network, shown_so_far, recorder.flows[None])
    figures = []
    for measure in MEASURES_OF_FLOWS:
        if Need.INVESTMENT not in measure.needs and why_not(measure.name, scenario, 1) is None:
            values = measure.of(found)
            value = math.nan if values is None else float(np.asarray(values)[0])
            figures.append(KeyFigure(measure.label, value, "", share=True))
    return figures
