"""What runs that differ in disruptions alone have in common in a comparison or a sweep: instance, undisrupted twin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, Final

from esc_sim.instance.build import instance_of
from esc_sim.instance.disrupted import with_disruptions
from esc_sim.instance.model import Instance
from esc_sim.plans.plan import Plan
from esc_sim.results.manifest import NO_RUN_DEPENDS_ON
from esc_sim.results.run import RunResult
from esc_sim.scenario.schema import Scenario

_MOST_BYTES: Final = 256 * 2**20
_MOST_INSTANCES: Final = 32
_OF_TWIN: Final = ("twin", "twin_arc_shipped", "twin_item_stock", "twin_service")
_CALM: Final = {**NO_RUN_DEPENDS_ON, "disruptions": True, "joint_disruptions": True}


class Twins:
    """The latest twins, as many as memory may hold, and the latest instances; several threads may ask and add."""

    def __init__(self) -> None:
        """Without any."""
        self._kept: dict[str, dict[str, Any]] = {}
        self._instances: dict[str, Instance] = {}
        self._lock = Lock()

    def __reduce__(self) -> tuple[type[Twins], tuple[()]]:
        """Another process begins without any."""
        return Twins, ()

    def instance_of(self, scenario: Scenario, key: str, *, allow_code: bool = False) -> Instance:
        """As :func:`esc_sim.instance.build.instance_of`; where disruptions alone differ, of an earlier one.

        Args:
            scenario: checked.
            key: :func:`without_disruptions` of it.
            allow_code: may Python files that the scenario names be run.

        Raises:
            InputError: something in the scenario cannot be run, or may not be.
        """
        with self._lock:
            like = self._instances.get(key)
        made = None if like is None else with_disruptions(like, scenario)
        if made is None:
            made = instance_of(scenario, allow_code=allow_code)
            with self._lock:
                self._instances[key] = made
                while len(self._instances) > _MOST_INSTANCES:
                    del self._instances[next(iter(self._instances))]
        return made

    def of(self, key: str, warm_up: int, plan: Plan | None, seed: int, replications: range) -> CommonTwin:
        """The twin of a run, which another run may have had.

        Args:
            key: :func:`without_disruptions` of the run's scenario: the twin depends on all of it but its disruptions.
            warm_up: periods that are not counted.
            plan: that is carried out, or None.
            seed: of all random numbers.
            replications: their numbers.
        """
        hashed = None if plan is None else plan.content_hash
        key = f"{key} {warm_up} {hashed} {seed} {replications}"
        with self._lock:
            return CommonTwin(self, key, self._kept.get(key))

    def keep(self, key: str, arrays: dict[str, Any]) -> None:
        """Keep what a run holds of its twin; the oldest ones make room for it."""
        with self._lock:
            self._kept[key] = arrays
            while len(self._kept) > 1 and sum(part["twin"].nbytes for part in self._kept.values()) > _MOST_BYTES:
                del self._kept[next(iter(self._kept))]


def without_disruptions(scenario: Scenario) -> str:
    """All of a scenario that its undisrupted twin depends on, as a text; files that it names stand in its folder."""
    return f"{scenario.folder} {scenario.model_dump_json(exclude=_CALM)}"


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
