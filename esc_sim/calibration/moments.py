"""Moments: numbers that what was observed and a simulated run of the same length both have.

A statistic is the same function of the observed values and of those of a replication, in the same periods, so that what
a short history does to it (a standard deviation that is too small, say) is alike on both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.calibration.observed import QUANTITIES, Observed, Series, Target
from esc_sim.errors import InputError
from esc_sim.measures.measure import ByReplication
from esc_sim.measures.registry import KEY_FIGURES, MEASURES
from esc_sim.results.columns import TALLY_COLUMNS
from esc_sim.scenario.fields import suggestion
from esc_sim.scenario.items import Item

Floats = NDArray[np.float64]
_TALLY: Final = MappingProxyType({name: place for place, name in enumerate(TALLY_COLUMNS)})


def share_of(part: Floats, whole: Floats, without: float) -> Floats:
    """A share in each replication, [R].

    Args:
        part, whole: float64[R].
        without: what stands where there is no whole.
    """
    return np.divide(part, whole, out=np.full(whole.shape, without), where=whole > 0.0)


def autocorrelation(values: Floats, follows: NDArray[np.bool_]) -> Floats:
    """Autocorrelation at lag 1, [R]; 0 where nothing varies.

    Args:
        values: float64[R, n].
        follows: bool[n - 1], whether a value is that of the period after the one before.
    """
    away = values - values.mean(axis=1, keepdims=True)
    pairs = (away[:, 1:] * away[:, :-1])[:, follows]
    return share_of(pairs.sum(axis=1) / max(int(follows.sum()), 1), (away * away).mean(axis=1), 0.0)


def _of_one(of: Callable[[Floats], Floats]) -> Callable[..., Floats]:
    return lambda values, follows: of(values)


STATISTICS: Final[Mapping[str, Callable[..., Floats]]] = MappingProxyType(
    {
        "mean": _of_one(lambda values: values.mean(axis=1)),
        "sd": _of_one(lambda values: values.std(axis=1, ddof=1)),
        "autocorrelation": autocorrelation,
        "zeros": _of_one(lambda values: (values == 0.0).mean(axis=1)),
    }
)
"""Statistics of one series: values [R, n] and which of them follow one another -> [R]."""
PAIRS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"fill_rate": ("sales", "demand"), "bullwhip": ("orders", "demand")}
)
"""Statistics of two series of a stocking point -> their quantities."""
USUAL: Final = ("mean", "sd", "autocorrelation")
"""Statistics that are taken of a series when nobody says otherwise."""


@dataclass(frozen=True)
class Moment:
    """A number that is compared.

    Attributes:
        statistic: one of STATISTICS, one of PAIRS, or a key figure of the network.
        item: node and product; None for a key figure of the network.
        quantities: of the item that it is taken of; none: of sums that a run keeps (key figures, measures of an item).
        periods: int64[n] that were observed; None: all periods after the warm-up.
        observed: its value.
        standard_error: of the value where that is known; None: that of one run.
    """

    statistic: str
    item: Item | None
    quantities: tuple[str, ...]
    periods: NDArray[np.int64] | None
    observed: float
    standard_error: float | None = None

    def words(self, products: int) -> str:
        """What it is, as in "sd of orders of depot".

        Args:
            products: number of products; a name without its product is enough where there is one.
        """
        if self.item is None:
            return self.statistic
        where = self.item[0] if products == 1 else "/".join(self.item)
        what = self.statistic.replace("_", " ")
        return f"{what} of {self.quantities[0]} of {where}" if len(self.quantities) == 1 else f"{what} of {where}"

    def of(self, values: Sequence[Floats]) -> Floats:
        """Its value in each replication, [R].

        Args:
            values: float64[R, T] of each of its quantities.
        """
        at = np.arange(values[0].shape[1]) if self.periods is None else self.periods
        return statistic_of(self.statistic, [one[:, at] for one in values], np.diff(at) == 1)


def statistic_of(name: str, values: Sequence[Floats], follows: NDArray[np.bool_]) -> Floats:
    """A statistic of one series or of two, [R].

    Args:
        name: one of STATISTICS or PAIRS.
        values: float64[R, n] of each series.
        follows: bool[n - 1], whether a value is that of the period after the one before.
    """
    if name in STATISTICS:
        return STATISTICS[name](values[0], follows)
    if name == "bullwhip":
        return share_of(values[0].var(axis=1), values[1].var(axis=1), 0.0)
    return share_of(np.minimum(values[0], values[1]).sum(axis=1), values[1].sum(axis=1), 1.0)


def of_tally(name: str, sums: Floats, periods: int) -> Floats:
    """Fill rate or bullwhip of an item from what a run sums up of it, [R].

    Args:
        name: "fill_rate" or "bullwhip".
        sums: float64[R, len(TALLY_COLUMNS)].
        periods: number of periods that the sums are over.
    """
    if name == "fill_rate":
        return share_of(sums[:, _TALLY["filled"]], sums[:, _TALLY["demand"]], 1.0)
    variance = [
        np.maximum(sums[:, _TALLY[f"{one}_squared"]] / periods - (sums[:, _TALLY[one]] / periods) ** 2, 0.0)
        for one in ("ordered", "demand")
    ]
    return share_of(variance[0], variance[1], 0.0)


def moments_of(observed: Observed, statistics: Sequence[str]) -> tuple[Moment, ...]:
    """The moments of what was observed.

    Args:
        observed: series and targets.
        statistics: that are taken of the series.

    Raises:
        InputError: there is no such statistic or measure, or none that applies.
    """
    known = (*STATISTICS, *PAIRS)
    problems = [f"--moments {name}: there is none{suggestion(name, known, listed='there are')}" for name in statistics
                if name not in known]  # fmt: skip
    found = [moment for one in observed.series for moment in _of_series(one, statistics)]
    by_key = {(one.item, one.quantity): one for one in observed.series}
    for name in (name for name in statistics if name in PAIRS):
        first, second = PAIRS[name]
        for one in observed.series:
            other = by_key.get((one.item, second))
            if one.quantity == first and other is not None:
                found.append(_of_pair(name, one, other))
    for target in observed.targets:
        try:
            found.append(_of_target(target))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    if not found:
        raise InputError("--moments: none of them can be taken of what was observed")
    return tuple(found)


def _of_series(one: Series, statistics: Sequence[str]) -> list[Moment]:
    follows = np.diff(one.periods) == 1
    return [
        Moment(name, one.item, (one.quantity,), one.periods,
               float(statistic_of(name, [one.values[np.newaxis]], follows)[0]))
        for name in statistics
        if name in STATISTICS and (name != "autocorrelation" or follows.any())
    ]  # fmt: skip


def _of_pair(name: str, one: Series, other: Series) -> Moment:
    periods, first, second = np.intersect1d(one.periods, other.periods, return_indices=True)
    values = [one.values[first][np.newaxis], other.values[second][np.newaxis]]
    value = statistic_of(name, values, np.diff(periods) == 1)
    return Moment(name, one.item, (one.quantity, other.quantity), periods, float(value[0]))


def _of_target(target: Target) -> Moment:
    """The moment of a measure.

    Raises:
        InputError: there is no such measure.
    """
    given = target.value, target.standard_error
    if target.item is None:
        measure = MEASURES.get(target.measure)
        if not isinstance(measure, ByReplication):
            have = [name for name, one in MEASURES.items() if isinstance(one, ByReplication)]
            why = "has no value of one run" if target.measure in KEY_FIGURES else "is no key figure"
            raise InputError(f"{target.place}: '{target.measure}' {why}{suggestion(target.measure, have)}")
        return Moment(target.measure, None, (), None, *given)
    if target.measure in PAIRS:
        return Moment(target.measure, target.item, (), None, *given)
    quantity, _, statistic = target.measure.partition(".")
    if quantity not in QUANTITIES or statistic not in STATISTICS:
        raise InputError(
            f"{target.place}: '{target.measure}' is no measure of a node: write fill_rate, bullwhip, or a quantity and "
            f"a statistic such as stock.mean ({', '.join(QUANTITIES)}; {', '.join(STATISTICS)})"
        )
    return Moment(statistic, target.item, (quantity,), None, *given)
