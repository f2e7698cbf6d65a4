"""What a run loses against its undisrupted twin: profit and demand of each replication, their mean and their tail.

Cost and its tail do not see service that is lost: an outage lowers purchases and storage, and with them cost. Profit
lost and demand lost do. Both are taken replication by replication on the same random numbers, so that what is left is
what the disruptions did.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar, Final, Literal

import numpy as np

from esc_sim.measures.measure import Floats, Measure, Need, Periods, Place, Sample, by_parts, once, parts_of
from esc_sim.measures.tails import tail_interval, tail_value
from esc_sim.risk.intervals import Interval, mean_interval
from esc_sim.risk.tails import Tail


def unserved(periods: Periods) -> Floats:
    """Demand that was not served in the end, [R]: what was lost, and what was still owed when the run ended.

    What customers were owed when the first of these periods began counts as demand.
    """
    short = periods["demand"] - periods["served"]
    # Owed before the first period: what its backlog holds beyond the demand that it left unserved. 0 where sales are
    # lost, since there is no backlog then.
    owed_before = np.maximum(periods["backlog"][:, 0] - short[:, 0], 0.0)
    found: Floats = short.sum(axis=1) + owed_before
    return found


def profit_lost(periods: Periods, twin: Periods) -> Floats:
    """The twin's profit less the run's, [R]; negative where a disruption does good."""
    # Summed over differences, so that periods that are alike leave nothing.
    found: Floats = (twin["profit"] - periods["profit"]).sum(axis=1)
    return found


def demand_lost(periods: Periods, twin: Periods) -> Floats:
    """Demand not served in the end, less that of the twin, [R].

    What customers asked for and did not get because of disruptions, also where a disruption changes what they ask for.
    """
    return unserved(periods) - unserved(twin)


def asked(periods: Periods, twin: Periods) -> bool:
    """Whether customers asked for anything."""
    return any(np.any(part["demand"]) for run in (periods, twin) for part in parts_of(run))


@dataclass(frozen=True, kw_only=True)
class Loss(Measure):
    """A measure of what each replication lost, scaled to a year where the scenario's periods tell how long one is.

    Attributes:
        quantity: what is lost, in a word.
        of: function of the columns of a run and of its twin that gives what was lost over all periods, [R].
        statistic: over replications.
    """

    of_twin: ClassVar[bool] = True

    quantity: str
    of: Callable[[Periods, Periods], Floats]
    statistic: Literal["mean", "var", "cvar"]

    def losses(self, sample: Sample) -> Floats | None:
        """What each replication lost, [R]; None where nothing can be said."""
        twin = sample.twin
        if twin is None or (Need.DEMAND in self.needs and not once(asked, sample.periods, twin)):
            return None
        length = parts_of(sample.periods)[0]["profit"].shape[1]
        lost = by_parts(partial(once, self.of), sample.periods, twin)
        return (1.0 if sample.year is None else sample.year / length) * lost

    @staticmethod
    def _tail(losses: Floats, sample: Sample) -> Tail:
        """Losses of replications as a sample whose tail is measured."""
        return Tail(losses[:, None], replace(sample.risk, pooling="horizon"))

    def interval(self, sample: Sample, base: Sample | None = None) -> Interval:
        """Intervals over replications: Student's t of a mean, those of :mod:`esc_sim.risk.tails` of a tail."""
        losses = self.losses(sample)
        before = None if base is None else self.losses(base)
        if losses is None or (base is not None and before is None):
            return Interval(math.nan, math.nan, math.nan, 0)
        if self.statistic == "mean":
            return mean_interval(losses if before is None else losses - before, batch=sample.batch)
        tails = self._tail(losses, sample), None if base is None or before is None else self._tail(before, base)
        return tail_interval(self.statistic, *tails, sample.batch)

    def value(self, sample: Sample) -> float:
        """The estimate alone."""
        losses = self.losses(sample)
        if losses is None or self.statistic == "mean":
            return self.interval(sample).mean
        return tail_value(self.statistic, self._tail(losses, sample))


_PROFIT: Final = "{money}{a_year}"
_DEMAND: Final = "{goods}{a_year}"
_DISRUPTED: Final = (Need.DISRUPTION,)
_ASKED: Final = (Need.DISRUPTION, Need.DEMAND)
_MAIN: Final = frozenset({Place.SWEEP, Place.REPORT})

MEASURES: Final = (
    Loss(
        name="profit_lost", label="Profit lost", unit=_PROFIT, better="smaller",
        definition=r"$\Delta P$: the twin's profit less the run's, scaled to a year; mean over replications",
        literature="disruption impact",
        needs=_DISRUPTED,
        quantity="profit", of=profit_lost, statistic="mean",
    ),
    Loss(
        name="profit_lost_var", label="VaR {level} of profit lost", unit=_PROFIT, better="smaller",
        definition=r"$\mathrm{VaR}_a(\Delta P)$ over replications",
        literature="value at risk",
        needs=_DISRUPTED,
        quantity="profit", of=profit_lost, statistic="var",
    ),
    Loss(
        name="profit_lost_cvar", label="CVaR {level} of profit lost", unit=_PROFIT, better="smaller",
        definition=r"$\mathrm{CVaR}_a(\Delta P)$ over replications; never below VaR",
        literature="conditional value at risk",
        needs=_DISRUPTED, highlights=_MAIN,
        quantity="profit", of=profit_lost, statistic="cvar",
    ),
    Loss(
        name="demand_lost", label="Demand lost", unit=_DEMAND, better="smaller",
        definition=r"$\Delta D$: demand not served in the end, less that of the twin, scaled to a year; mean over "
        "replications",
        literature="lost sales through disruption",
        needs=_ASKED,
        quantity="demand", of=demand_lost, statistic="mean",
    ),
    Loss(
        name="demand_lost_var", label="VaR {level} of demand lost", unit=_DEMAND, better="smaller",
        definition=r"$\mathrm{VaR}_a(\Delta D)$ over replications",
        literature="value at risk",
        needs=_ASKED,
        quantity="demand", of=demand_lost, statistic="var",
    ),
    Loss(
        name="demand_lost_cvar", label="CVaR {level} of demand lost", unit=_DEMAND, better="smaller",
        definition=r"$\mathrm{CVaR}_a(\Delta D)$ over replications; never below VaR",
        literature="conditional value at risk",
        needs=_ASKED, highlights=_MAIN,
        quantity="demand", of=demand_lost, statistic="cvar",
    ),
)  # fmt: skip
"""What is lost against the undisrupted twin, per replication and scaled to a year."""
