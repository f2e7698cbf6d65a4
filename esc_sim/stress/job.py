"""What is tested, and how: all that the numbers of a stress test depend on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from esc_sim.crews.crew import Crew, alone
from esc_sim.instance.model import Instance
from esc_sim.plans.apply import planned_instance
from esc_sim.plans.plan import Plan as CarriedPlan
from esc_sim.results.manifest import scenario_hash
from esc_sim.scenario.schema import Scenario
from esc_sim.stress.durations import Durations
from esc_sim.stress.impact import twin_of
from esc_sim.stress.limits import Limit
from esc_sim.stress.tasks import Plan
from esc_sim.stress.trial import Trial


def served_instance(scenario: Scenario, allow_code: bool, carried: CarriedPlan | None = None) -> Instance:
    """The scenario as arrays, which keep the service of customers.

    Args:
        scenario: the scenario.
        allow_code: may Python files that the scenario names be run.
        carried: plan that is carried out.
    """
    return replace(planned_instance(scenario, carried, allow_code=allow_code), service=True)


@dataclass(frozen=True)
class Job:
    """What is tested, and how.

    Attributes:
        scenario: what is tested.
        engine, seed, replications: of the simulation.
        starts: periods in which outages begin.
        durations: how long they last.
        health: share of capacity left.
        stops: what nodes that are out cannot do.
        tolerance: see :data:`esc_sim.stress.impact.TOLERANCE`.
        whole: run outages to the end of the horizon.
        carried: plan that members carry out.
    """

    scenario: Scenario
    engine: str
    seed: int
    replications: range
    starts: tuple[int, ...]
    durations: Durations
    health: float
    stops: tuple[str, ...]
    tolerance: float
    whole: bool
    carried: CarriedPlan | None = None

    def instance(self, allow_code: bool) -> Instance:
        """The scenario with the plan carried out, see :func:`served_instance`."""
        return served_instance(self.scenario, allow_code, self.carried)

    def plan(self, instance: Instance, crew: Crew = alone) -> Plan:
        """What all parts have in common; runs the twin.

        Args:
            instance: of the scenario, see :func:`served_instance`.
            crew: runs its replications.
        """
        what = instance, self.engine, self.seed, self.replications, self.starts, self.durations.usual()
        twin = twin_of(*what, whole=self.whole, crew=crew)
        return Plan(twin, self.starts, self.durations, self.health, self.stops, self.tolerance)

    def trial(self, instance: Instance, limit: Limit, duration: float, allow_code: bool) -> Trial:
        """How a reverse test is tried.

        Args:
            instance: of the scenario.
            limit: of which key figure.
            duration: periods that outages and deviations last.
            allow_code: may Python files that the scenario names be run.
        """
        options = {
            "replications": len(self.replications),
            "seed": self.seed,
            "engine": self.engine,
            "allow_code": allow_code,
            "plan": self.carried,
        }
        outage = (self.starts, duration, self.health, self.stops)
        return Trial(self.scenario, instance.network, limit, *outage, options)

    def content(self) -> dict[str, Any]:
        """What the work is; equal content gives equal rows."""
        return {
            "scenario_hash": scenario_hash(self.scenario),
            "replications": len(self.replications),
            "seed": self.seed,
            "starts": list(self.starts),
            "durations": self.durations.content(),
            "health": self.health,
            "stops": list(self.stops),
            "tolerance": self.tolerance,
            **({} if self.carried is None else {"plan_hash": self.carried.content_hash}),
        }
