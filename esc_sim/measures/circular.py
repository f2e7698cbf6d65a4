"""Measures of circular flows, of dependence on inputs from outside, and of what an investment is worth."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from esc_sim.circular import (
    Appraisal,
    BreakEven,
    external_share,
    landfill_share,
    self_sufficiency,
)
from esc_sim.measures.measure import Declaration, Floats, Need
from esc_sim.risk.intervals import Interval, mean_interval


@dataclass(frozen=True)
class Worth:
    """What investments are worth against the variant without them.

    Attributes:
        appraisal: with the grant that the scenario states.
        even: the grant that would be enough.
        horizon: years looked at.
    """

    appraisal: Appraisal
    even: BreakEven
    horizon: int


@dataclass(frozen=True)
class Circularity:
    """What a run did with waste, nitrogen and energy; arrays [R], None where the scenario has no such thing.

    Attributes:
        waste: what of it was disposed of, and the waste that was collected, units.
        nitrogen: synthetic and organic nitrogen applied, kg.
        displaced: synthetic nitrogen applied less than in the reference, kg a year.
        displaced_share: the same over what the reference applied.
        energy: taken from the grid, and load served (load less what is shed), MWh.
        worth: of the investments.
    """

    waste: tuple[Floats, Floats] | None = None
    nitrogen: tuple[Floats, Floats] | None = None
    displaced: Floats | None = None
    displaced_share: Floats | None = None
    energy: tuple[Floats, Floats] | None = None
    worth: Worth | None = None


@dataclass(frozen=True, kw_only=True)
class Indicator(Declaration):
    """A key figure of circular flows.

    Attributes:
        of: value of each replication, [R], or an interval; None where the scenario has none.
        none: words for a value that is not a number, filled from the horizon.
    """

    of: Callable[[Circularity], Floats | Interval | None]
    none: str = ""

    def interval(self, found: Circularity, batch: int) -> Interval | None:
        """The estimate with its interval; None where the scenario has no such figure.

        Args:
            found: of a run.
            batch: replications that were stratified together.
        """
        value = self.of(found)
        return value if value is None or isinstance(value, Interval) else mean_interval(value, batch=batch)

    def entry(self, found: Circularity, batch: int, unit: str) -> dict[str, Any] | None:
        """Plain values for summary.json; None where the scenario has no such figure.

        Args:
            found: of a run.
            batch: replications that were stratified together.
            unit: the unit in words.
        """
        interval = self.interval(found, batch)
        if interval is None:
            return None
        words = {}
        if self.none and found.worth is not None and not math.isfinite(interval.mean):
            words = {"words": self.none.format(horizon=found.worth.horizon)}
        return interval.entry(unit) | words


def _number(value: float | None) -> Interval:
    """A single number, which has no interval."""
    return Interval(math.nan if value is None else float(value), math.nan, math.nan, 1)


def _of_worth(of: Callable[[Worth], Interval]) -> Callable[[Circularity], Interval | None]:
    return lambda found: None if found.worth is None else of(found.worth)


MEASURES: Final = (
    Indicator(
        name="landfill_share", label="Landfill share", unit="share", range=(0.0, None), better="smaller",
        definition="waste, and what was made of it, that is disposed of, over collected waste; over the whole run",
        needs=(Need.WASTE,),
        of=lambda found: None if found.waste is None else landfill_share(*found.waste),
    ),
    Indicator(
        name="external_nitrogen", label="External nitrogen", unit="share", range=(0.0, 1.0), better="smaller",
        definition="synthetic over all nitrogen applied; organic nitrogen counts in full, also what plants cannot use",
        needs=(Need.FIELDS,),
        of=lambda found: None if found.nitrogen is None else external_share(*found.nitrogen),
    ),
    Indicator(
        name="nitrogen_displaced", label="Synthetic nitrogen displaced", unit="kg/year", better="larger",
        definition="what the reference variant applies less what the run applies",
        needs=(Need.FIELDS, Need.INVESTMENT),
        of=lambda found: found.displaced,
    ),
    Indicator(
        name="nitrogen_displaced_share", label="of the reference's", unit="share", range=(None, 1.0), better="larger",
        definition="the same over what the reference variant applies", is_part=True,
        needs=(Need.FIELDS, Need.INVESTMENT),
        of=lambda found: found.displaced_share,
    ),
    Indicator(
        name="self_sufficiency", label="Energy self-sufficiency", unit="share", range=(None, 1.0), better="larger",
        definition="1 less energy from the grid over load served; neither exports nor load that is shed count",
        needs=(Need.BUSES,),
        of=lambda found: None if found.energy is None else self_sufficiency(*found.energy),
    ),
    Indicator(
        name="npv", label="Net present value", unit="{money}", better="larger",
        definition=r"$\sum_t F_t (1+r)^{-t}$ of the yearly profit above that of the reference, less cost and grant",
        literature="net present value (Brealey, Myers, Allen)",
        needs=(Need.INVESTMENT,),
        of=_of_worth(lambda worth: worth.appraisal.npv),
    ),
    Indicator(
        name="irr", label="Internal rate of return", unit="share", better="larger",
        definition="rate at which the net present value of the mean flows is 0",
        literature="internal rate of return (Brealey, Myers, Allen)",
        needs=(Need.INVESTMENT,),
        of=_of_worth(lambda worth: _number(worth.appraisal.irr)), none="none",
    ),
    Indicator(
        name="payback", label="Discounted payback", unit="year", range=(0.0, None), better="smaller",
        definition="first year at whose end the mean discounted flows add up to 0 or more",
        literature="discounted payback (Brealey, Myers, Allen)",
        needs=(Need.INVESTMENT,),
        of=_of_worth(lambda worth: _number(worth.appraisal.payback)), none="none in {horizon} years",
    ),
    Indicator(
        name="break_even_grant", label="Break-even grant", unit="share", range=(0.0, None), better="smaller",
        definition="share of the cost at the start that must be granted for a net present value of 0; above 1 no grant "
        "of the cost is enough; percentile bootstrap over replications",
        needs=(Need.INVESTMENT,),
        of=_of_worth(lambda worth: Interval(worth.even.share, worth.even.low, worth.even.high, worth.appraisal.npv.n)),
    ),
)  # fmt: skip
"""Measures of circular flows, in the order of tables."""
