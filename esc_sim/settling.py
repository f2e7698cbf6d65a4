"""How long a run takes to settle, and how often it is repeated: MSER-5 in a pilot run, looks after some replications.

A run begins with the stocks that the scenario says, often with an empty pipeline; what it does until stocks and orders
have found their level says more of that start than of the network. MSER-5 (White, 1997; White, Cobb and Spratt, 2000)
leaves out as many periods as make the mean of the rest known best: it cuts where the variance of the rest, over the
square of its length, is least, on means of batches of five periods.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.counted import counted, enumerated
from esc_sim.errors import InputError
from esc_sim.instance.model import Instance
from esc_sim.replications import Player, Task
from esc_sim.results.run import column
from esc_sim.sampling.streams import STRATA, stream_hash
from esc_sim.scenario.kinds import whole
from esc_sim.scenario.messages import shown
from esc_sim.scenario.overrides import Overrides
from esc_sim.scenario.run import AUTO, FoundWarmUp, Run, SoughtWarmUp

BATCH: Final = 5
"""Periods of a batch."""
LEAST_BATCHES: Final = 10
"""Batches below which no run can be said to have settled."""
PILOT: Final = 16
"""Replications of the pilot run."""
SERIES: Final = ("cost", "profit", "stock")
"""Columns of periods, totals of the network, that must have settled."""
_DUST: Final = 1e-9
"""Part of the largest value up to which values are the same."""


@dataclass(frozen=True)
class Cut:
    """Where a series has settled.

    Attributes:
        periods: at the start that are left out; at most half of the series.
        settled: False where the rule would cut at half of the series or later, or the series is too short to say.
    """

    periods: int
    settled: bool


def mser5(series: NDArray[np.float64]) -> Cut:
    """Where a series has settled, by MSER-5; cuts are looked for in its first half.

    Args:
        series: float64[T], any unit; the periods beyond the last whole batch are not looked at.
    """
    count = len(series) // BATCH
    half = count // 2
    if count < LEAST_BATCHES:
        return Cut(BATCH * half, False)
    means = series[: BATCH * count].reshape(count, BATCH).mean(axis=1)
    away = (means - means[half:].mean())[::-1]  # from the end, where values lie close together: sums stay exact
    left = np.arange(1, count + 1)
    squares = np.cumsum(away * away) - np.cumsum(away) ** 2 / left
    squares[squares <= left * (_DUST * np.abs(means).max()) ** 2] = 0.0
    statistic = (squares / left.astype(np.float64) ** 2)[::-1][: half + 1]
    best = int(np.argmin(statistic))
    return Cut(BATCH * best, best < half)


@dataclass(frozen=True)
class Settling:
    """What a pilot run says of the warm-up.

    Attributes:
        cuts: of each of SERIES.
        seed: of the pilot run.
        periods: of each of its replications.
    """

    cuts: Mapping[str, Cut]
    seed: int
    periods: int

    @property
    def warm_up(self) -> int:
        """Periods to leave out: the longest that any series asks for."""
        return max(cut.periods for cut in self.cuts.values())

    @property
    def unsettled(self) -> list[str]:
        """Series that have not settled within half of the run."""
        return [name for name, cut in self.cuts.items() if not cut.settled]

    def entry(self) -> dict[str, Any]:
        """What summary.json says of it."""
        return {
            "rule": "MSER-5",
            "replications": PILOT,
            "seed": self.seed,
            "settled": not self.unsettled,
            "series": {name: {"warm_up": cut.periods, "settled": cut.settled} for name, cut in self.cuts.items()},
        }

    def notices(self, period: str) -> list[str]:
        """What the user should know of it.

        Args:
            period: name of a period.
        """
        if not self.unsettled:
            return []
        left = f"{counted(self.warm_up, period)} are left out"
        if self.periods < BATCH * LEAST_BATCHES:
            least = counted(BATCH * LEAST_BATCHES, period)
            return [f"warm-up: {counted(self.periods, period)} are too short to find one; {left}; run {least} or more"]
        has = "have" if len(self.unsettled) > 1 else "has"
        names = f"{enumerated(self.unsettled)} {has}"
        return [f"warm-up: {names} not settled within half of the run; {left}; run longer (run.periods)"]


def with_warm_up(overrides: Overrides, warm_up: int | str | None) -> tuple[Overrides, bool]:
    """Changes of a scenario with a warm-up given as a number, and whether it is to be found.

    Args:
        overrides: changes of values, as for ``--set``.
        warm_up: periods, "auto", or None for the scenario's.

    Raises:
        InputError: it is none of these.
    """
    if warm_up is None or warm_up == AUTO:
        return overrides, warm_up == AUTO
    try:
        periods = whole("warm_up", int(warm_up) if isinstance(warm_up, str) else warm_up)
    except (ValueError, InputError):
        raise InputError(f"warm_up: {warm_up!r} is neither a number of periods nor 'auto'") from None
    if isinstance(overrides, Mapping):
        return {**overrides, "run.warm_up": periods}, False
    texts = [overrides] if isinstance(overrides, str) else list(overrides)
    return [*texts, f"run.warm_up={periods}"], False


def is_to_be_found(run: Run) -> bool:
    """Whether a scenario asks for its warm-up to be found (``warm_up: auto``)."""
    return isinstance(run.warm_up, SoughtWarmUp)


def settling_of(instance: Instance, player: Player, disrupted: bool, seed: int) -> Settling:
    """Play a pilot run without disruptions, on random numbers of its own, and see when it has settled.

    Without disruptions, because a warm-up is about the start of a run: an outage in its first weeks is no part of it.

    Args:
        instance: what is to run.
        player: who plays it.
        disrupted: the scenario has disruptions, so that the twin is what to look at.
        seed: of the run; the pilot has another, which follows from it.
    """
    own = stream_hash(f"pilot/{seed}")
    task = Task(replace(instance, warm_up=0), own, range(PILOT), disrupted, stratified=False, trace=False, lots=False)
    sums = {name: np.zeros(instance.periods) for name in SERIES}
    for outcome in player.play(task):
        played = outcome.run.periods if outcome.twin is None else outcome.twin.periods
        for values in played:  # one by one: the sum must not depend on how the work was cut
            for name, total in sums.items():
                total += column(values, name)
    return Settling({name: mser5(total / PILOT) for name, total in sums.items()}, own, instance.periods)


def check_precision(precision: float | None) -> None:
    """Refuse a wanted precision that is no share.

    Raises:
        InputError: it is none.
    """
    if precision is not None and (not isinstance(precision, Real) or not 0.0 < precision < 1.0):
        raise InputError(f"precision: {shown(precision)} is not a share between 0 and 1; give 0.01 for 1 %")


def stages_of(count: int, precision: float | None) -> Iterator[int]:
    """Numbers of replications after which to look whether they are enough; whole batches, growing by half.

    Args:
        count: the most.
        precision: that is wanted; None: there is nothing to look for.
    """
    if precision is not None:
        stage = 2 * STRATA
        while stage < count:
            yield stage
            stage = STRATA * math.ceil(1.5 * stage / STRATA)
    yield count


def run_after(run: Run, found: Settling) -> Run:
    """The length of a run with the warm-up that was found.

    Raises:
        InputError: it leaves fewer periods than batches.
    """
    left = run.periods - found.warm_up
    if run.batches > left:
        raise InputError(f"run.batches: {run.batches} batches are more than the {left} periods that the warm-up leaves")
    return run.model_copy(update={"warm_up": FoundWarmUp(found.warm_up)})
