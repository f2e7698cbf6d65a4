"""What a key figure declares of itself, and what it is computed from."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar, Final, Literal, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from esc_sim.measures.terms import SHARE, Terms
from esc_sim.risk.intervals import Interval, around, mean_interval, paired_difference
from esc_sim.risk.measures import RiskSetting
from esc_sim.risk.parts import Parts, Table

Floats = NDArray[np.float64]
Value = TypeVar("Value")
Better = Literal["larger", "smaller"]


class Need(StrEnum):
    """What a scenario must have for a measure to mean anything; what is missing is said before anything runs."""

    DEMAND = "demand"
    """Final demand; else the measure cannot be estimated."""
    TRADE = "trade"
    """Arcs; else it cannot be estimated."""
    BUDGET = "budget"
    """``risk.budget``; else it cannot be estimated."""
    DISRUPTION = "disruption"
    """Disruptions, and so an undisrupted twin; else it cannot be estimated."""
    TAIL = "tail"
    """So many costs that one lies in the tail; else it cannot be estimated."""
    YEARS = "years"
    """Two whole years or more; else it cannot be estimated."""
    WASTE = "waste"
    """Products that are waste; else it cannot be estimated."""
    FIELDS = "fields"
    """Fields; else it cannot be estimated."""
    BUSES = "buses"
    """Microgrids; else it cannot be estimated."""
    INVESTMENT = "investment"
    """Investments and a variant without them; else it cannot be estimated."""
    WAITING = "waiting"
    """Unmet demand that waits; else it is 0 for every plan, and no objective of a search."""
    EMISSIONS = "emissions"
    """Anything that emits; else it is 0 for every plan, and no objective of a search."""


class Place(StrEnum):
    """Where only some measures are shown; tables, files and searches have all."""

    PAGE = "page"
    """The strip of the browser page."""
    SWEEP = "sweep"
    """What a sweep draws and prints when nobody says otherwise."""
    REPORT = "report"
    """The table of points in the report of a sweep."""
    COMPARISON = "comparison"
    """The figure of a comparison."""


EVERYWHERE: Final = frozenset(Place)


Periods = Mapping[str, Floats]
"""What a run recorded; by the name of a column (``esc_sim.results.columns.PERIOD_COLUMNS``) [R, T]."""


class InParts(Mapping[str, Floats]):
    """Periods of so many replications that they are worked out in parts."""

    @property
    @abstractmethod
    def lengths(self) -> tuple[int, ...]:
        """Replications of each part."""

    @abstractmethod
    def parts(self) -> Sequence[Periods]:
        """The parts, in order: each has the same columns of some replications."""

    @cached_property
    def worked_out(self) -> dict[Any, Any]:
        """What several measures are taken of, by the function that works it out."""
        return {}


def once(of: Callable[..., Value], *periods: Periods) -> Value:
    """What a function of columns gives; the same for all measures that ask for it.

    Args:
        of: the function.
        periods: of one run, or of several with the same replications.
    """
    if not isinstance(periods[0], InParts):
        return of(*periods)
    key = of, *map(id, periods[1:])
    kept = periods[0].worked_out
    if key not in kept:
        kept[key] = periods[1:], of(*periods)  # with the others, so that their ids stay theirs
    return cast("Value", kept[key][1])


def parts_of(periods: Periods) -> Sequence[Periods]:
    """The parts of a run's periods; mostly there is one."""
    return periods.parts() if isinstance(periods, InParts) else (periods,)


def by_parts(of: Callable[..., Floats], *periods: Periods) -> Floats:
    """What a function of columns gives for each replication, [R].

    Args:
        of: of some replications of each of ``periods``.
        periods: of one run or of several with the same replications.
    """
    found = [of(*some) for some in zip(*map(parts_of, periods), strict=True)]
    return found[0] if len(found) == 1 else np.concatenate(found)


def table_of(of: Callable[[Periods], Floats], periods: Periods) -> Table:
    """What a function of columns gives for each replication and period, [R, T], in parts where the periods are."""
    parts = parts_of(periods)
    first = of(parts[0])
    if not isinstance(periods, InParts) or len(parts) == 1:
        return first
    return Parts(periods.lengths, first.shape[1], lambda k: of(parts[k]))


@dataclass(frozen=True)
class Sample:
    """What measures are taken of: R replications of T periods, without the warm-up.

    Attributes:
        periods: of the run.
        twin: of its undisrupted twin, on the same random numbers.
        risk: how the tail of costs is measured.
        budget: that costs should not exceed.
        year: periods of a year; None where the name of the period does not tell.
        batch: replications that were stratified together.
        stretches: the same replications, each cut into stretches on which intervals rest; None for whole ones.
        stretch_batch: stretches that hang together.
    """

    periods: Periods
    twin: Periods | None = None
    risk: RiskSetting = field(default_factory=RiskSetting)
    budget: float | None = None
    year: float | None = None
    batch: int = 1
    stretches: Periods | None = None
    stretch_batch: int = 1


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What is declared of a key figure.

    In ``label`` and ``unit`` {money}, {goods} and {period} stand for the scenario's units, {tail} for the unit of a
    tail of costs, {a_year} for "/year" where a year of the periods is known, {level} for the level of VaR and CVaR,
    {budget} for the budget.

    Attributes:
        name: key in summary.json and wherever it is named.
        label: words for tables and figures.
        unit: "share" for a share.
        range: least and largest value; None for no such limit.
        better: whether a larger or a smaller value is the better one; None where neither is.
        definition: in a line, for the documentation; Markdown with formulas between dollar signs.
        literature: what the literature calls it.
        needs: what a scenario must have.
        highlights: places that show few measures, and show this one.
        if_any: whether tables leave it out where it is 0 throughout.
        is_part: whether it is a part of the figure before it, and stands indented in tables.
        is_cost: whether it falls where less is served, as costs and their tails do.
        search_name: what a search calls it; default its name.
        formerly: earlier names.
    """

    name: str
    label: str
    unit: str
    definition: str
    range: tuple[float | None, float | None] = (None, None)
    better: Better | None = None
    literature: str = ""
    needs: tuple[Need, ...] = ()
    highlights: frozenset[Place] = frozenset()
    if_any: bool = False
    is_part: bool = False
    is_cost: bool = False
    search_name: str = ""
    formerly: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError where name, label or unit cannot be used."""
        if not self.name.isidentifier():
            raise ValueError(f"measure '{self.name}': a name has letters, digits and '_' only")
        if self.better not in ("larger", "smaller", None):
            raise ValueError(f"measure '{self.name}': better is 'larger', 'smaller' or None, not {self.better!r}")
        try:
            Terms().fill(self.label + self.unit)
        except ValueError as error:
            raise ValueError(f"measure '{self.name}': {error}") from None

    @property
    def is_share(self) -> bool:
        """Whether it is shown in percent."""
        return self.unit == SHARE

    @property
    def searched_as(self) -> str:
        """What a search calls it."""
        return self.search_name or self.name

    def words(self, terms: Terms) -> str:
        """The label, filled in."""
        return terms.fill(self.label)

    def row(self, terms: Terms) -> str:
        """The label as the first cell of a row."""
        return f"{'  ' if self.is_part else ''}{self.words(terms)}"

    def unit_words(self, terms: Terms) -> str:
        """The unit, filled in; "share" for a share."""
        return terms.fill(self.unit)


class Measure(Declaration):
    """A key figure of a run, with its estimate and its interval."""

    of_twin: ClassVar[bool] = False
    """Whether it is of a run and its undisrupted twin together."""

    def is_asked(self, sample: Sample) -> bool:
        """Whether a summary has it at all."""
        return Need.BUDGET not in self.needs or sample.budget is not None

    @abstractmethod
    def interval(self, sample: Sample, base: Sample | None = None) -> Interval:
        """The estimate with its interval; nan for what cannot be estimated.

        Args:
            sample: what it is taken of.
            base: another run on the same random numbers; the difference from it is estimated then, pair by pair.
        """

    def value(self, sample: Sample) -> float:
        """The estimate alone."""
        return self.interval(sample).mean


class ByReplication(Measure):
    """A measure that has one value per replication; the estimate is their mean."""

    of_horizon: bool = False
    """Whether it is a total over all periods, which no stretch of them has."""

    @abstractmethod
    def by_replication(self, periods: Periods) -> Floats:
        """Value of each replication, [R]; nan where it has none."""

    def interval(self, sample: Sample, base: Sample | None = None) -> Interval:
        """Student's t interval over replications; with stretches of them the width is that over stretches."""
        before = None if base is None else base.periods
        if sample.stretches is None or self.of_horizon:
            return self._paired(sample.periods, before, sample.batch)
        cut = None if base is None else base.stretches
        width = self._paired(sample.stretches, cut, sample.stretch_batch)
        return around(self._paired(sample.periods, before, sample.batch).mean, width)

    def _paired(self, periods: Periods, base: Periods | None, batch: int) -> Interval:
        values = by_parts(self.by_replication, periods)
        if base is None:
            return mean_interval(values, batch=batch)
        return paired_difference(values, by_parts(self.by_replication, base), batch=batch)


@dataclass(frozen=True, kw_only=True)
class Mean(ByReplication):
    """A measure of columns, one value per replication.

    Attributes:
        of: function of the columns that gives [R]; nan where the replication has no value.
        of_horizon: whether it is a total over all periods, which no stretch of them has.
    """

    of: Callable[[Periods], Floats]
    of_horizon: bool = False

    def by_replication(self, periods: Periods) -> Floats:
        """Value of each replication, [R].

        Raises:
            TypeError: the function gives something else.
        """
        found = np.asarray(self.of(periods), dtype=np.float64)
        if found.ndim != 1:
            raise TypeError(
                f"measure '{self.name}': one number per replication is wanted, an array [R], not one of "
                f"{found.ndim} axes: average or add over periods, as in periods['cost'].mean(axis=1)"
            )
        return found


def total(periods: Periods, column: str) -> Floats:
    """A column summed over periods, [R]."""
    found: Floats = np.add.reduce(periods[column], axis=1)
    return found


def mean_of(column: str) -> Callable[[Periods], Floats]:
    """The mean of a column over periods, as ``of`` of a :class:`Mean`."""
    return lambda periods: total(periods, column) / periods[column].shape[1]


def share(part: Floats, whole: Floats) -> Floats:
    """part / whole, nan where there is no whole."""
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
