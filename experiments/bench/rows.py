"""What a measurement hands over, and how times are taken.

Times are CPU times of this process, so that other work on the machine counts as little as it can. Rivals are run in
turn, round after round, so that a slow minute meets them all; a ratio is the median of the rounds' ratios.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from experiments.bench.peers.report import peak_megabytes as peak_megabytes


@dataclass(frozen=True)
class Row:
    """One measured number.

    Attributes:
        what: what was measured.
        value: the number.
        unit: its unit.
        target: the number aimed at, in words such as ">= 150"; empty where there is none.
        note: what the number does not say by itself.
    """

    what: str
    value: float
    unit: str
    target: str = ""
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if not self.target:
            return None
        sign, limit = self.target.split()[:2]
        return self.value >= float(limit) if sign == ">=" else self.value <= float(limit)


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one call, all threads of this process together."""
    start = time.process_time()
    work()
    return time.process_time() - start


def interleaved(rivals: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """What each rival measures, in turn, round after round; before that one round that is not counted."""
    found: dict[str, list[float]] = {name: [] for name in rivals}
    for turn in range(rounds + 1):
        for name, measure in rivals.items():
            value = measure()
            if turn:
                found[name].append(value)
    return found


def median_ratio(upper: Sequence[float], lower: Sequence[float]) -> float:
    """Median of the ratios round by round."""
    return statistics.median(a / b for a, b in zip(upper, lower, strict=True))


def small_run() -> bool:
    """Whether sizes are to be tiny, as in the tests, which look at the working and never at the times."""
    return os.environ.get("ESC_SIM_BENCH_SIZE") == "tiny"
