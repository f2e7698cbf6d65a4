"""Undisrupted twins that runs of a comparison or a sweep have in common: those that differ in disruptions alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, Final

from esc_sim.plans.plan import Plan
from esc_sim.results.manifest import scenario_hash
from esc_sim.results.run import RunResult
from esc_sim.scenario.schema import Scenario

_MOST_BYTES: Final = 256 * 2**20
_OF_TWIN: Final = ("twin", "twin_arc_shipped", "twin_item_stock", "twin_service")


class Twins:
    """The latest twins, as many as memory may hold; several threads may ask and add."""

    def __init__(self) -> None:
        """Without any."""
        self._kept: dict[str, dict[str, Any]] = {}
        self._lock = Lock()

    def __reduce__(self) -> tuple[type[Twins], tuple[()]]:
        """Another process begins without any."""
        return Twins, ()

    def of(self, scenario: Scenario, plan: Plan | None, seed: int, replications: range) -> CommonTwin:
        """The twin of a run, which another run may have had.

        Args:
            scenario: of the run; the twin depends on all of it but its disruptions.
            plan: that is carried out, or None.
            seed: of all random numbers.
            replications: their numbers.
        """
        calm = scenario.model_copy(update={"disruptions": [], "joint_disruptions": []})
        key = f"{scenario_hash(calm)} {None if plan is None else plan.content_hash} {seed} {replications}"
        with self._lock:
            return CommonTwin(self, key, self._kept.get(key))

    def keep(self, key: str, arrays: dict[str, Any]) -> None:
        """Keep what a run holds of its twin; the oldest ones make room for it."""
        with self._lock:
            self._kept[key] = arrays
            while len(self._kept) > 1 and sum(part["twin"].nbytes for part in self._kept.values()) > _MOST_BYTES:
                del self._kept[next(iter(self._kept))]


@dataclass(frozen=True)
class CommonTwin:
    """The twin of a run.

    Attributes:
        twins: where twins are kept.
        key: what it depends on.
        arrays: what an earlier run holds of it, or None.
    """

    twins: Twins
    key: str
    arrays: dict[str, Any] | None

    def put(self, result: RunResult) -> RunResult:
        """A run with its twin, which is kept if the run has brought it."""
        if self.arrays is not None:
            return replace(result, **self.arrays)
        self.twins.keep(self.key, {name: getattr(result, name) for name in _OF_TWIN})
        return result
