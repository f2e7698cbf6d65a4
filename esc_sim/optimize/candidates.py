"""What designs are simulated on: the scenario and the instance that their settings make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.instance.build import instance_of
from esc_sim.instance.fingerprint import fingerprint
from esc_sim.instance.negotiation import negotiated
from esc_sim.optimize.places import Places, places_of
from esc_sim.optimize.space import DecisionSpace
from esc_sim.plans.apply import apply_plan

if TYPE_CHECKING:
    from esc_sim.instance.model import Instance
    from esc_sim.plans.plan import Plan
    from esc_sim.scenario.schema import Scenario

Floats = NDArray[np.float64]

_MOST: Final = 64
"""Candidates that are kept."""


@dataclass(frozen=True)
class Code:
    """What of a user's own code takes part.

    Attributes:
        policies: order policies, by node or node/product.
        negotiation: a protocol, or a pure function that ranks suppliers.
        members: classes of agents by role or node.
        allow_code: may Python files that the scenario names be run.
    """

    policies: Mapping[str, Any] | None = None
    negotiation: Any = None
    members: Mapping[str, Any] | None = None
    allow_code: bool = False

    @property
    def classes(self) -> dict[str, str]:
        """Names of the classes of members, orders and negotiation, by which a search knows its own state again."""
        found = {f"member {name}": kind.__qualname__ for name, kind in (self.members or {}).items()}
        orders = {name: given for name, given in (self.policies or {}).items() if not isinstance(given, FunctionType)}
        found |= {f"orders of {name}": type(given).__qualname__ for name, given in orders.items()}
        given = self.negotiation
        if given is not None and not isinstance(given, FunctionType):
            kind = given if isinstance(given, str | type) else type(given)
            found["negotiation by"] = kind if isinstance(kind, str) else kind.__qualname__
        return found

    def instance_of(self, scenario: Scenario, plan: Plan | None = None, read: Scenario | None = None) -> Instance:
        """The instance of a scenario, a plan carried out.

        Args:
            scenario: with the plan's settings.
            plan: the plan, or None.
            read: the scenario as it was read, for the plan's notices.

        Raises:
            InputError: something cannot be used.
        """
        instance = instance_of(scenario, policies=self.policies, allow_code=self.allow_code)
        if plan is not None:
            instance = apply_plan(instance, plan, read)
        if self.negotiation is not None:
            instance = negotiated(instance, self.negotiation)
        if self.members:
            from esc_sim.engine.agents.cast import cast_of

            instance = replace(instance, members=cast_of(instance.network, self.members))
        return instance


@dataclass(frozen=True)
class Candidate:
    """A scenario with settings.

    Attributes:
        scenario: the scenario.
        instance: its instance, the plan that is searched around carried out.
        places: where decisions about orders, prices and stocks stand in it.
    """

    scenario: Scenario
    instance: Instance
    places: Places

    @cached_property
    def chance(self) -> str:
        """Equal for candidates that meet the same draws, timetables and health."""
        one = self.instance
        spreading = () if one.spreading is None else (one.items, one.arcs, one.spreading)
        law = one.columns, one.channels, one.effects, one.triggers, one.settlement, one.clock, one.periods
        return fingerprint(law, one.network.structure_hash, spreading)


class Candidates:
    """The candidates of a space; several threads may ask."""

    def __init__(self, space: DecisionSpace, code: Code, own: Candidate) -> None:
        """
        Args:
            space: the decisions.
            code: of the user's own.
            own: the scenario as it is.
        """
        self._space, self._code, self._own = space, code, own
        self._kept: dict[tuple[str, ...], Candidate] = {}
        self._lock = Lock()

    def of(self, design: Floats) -> Candidate:
        """What a design is simulated on.

        Args:
            design: float64[D].

        Raises:
            InputError: the scenario cannot take its settings together.
        """
        if not self._space.has_settings:
            return self._own
        settings = self._space.settings(design)
        with self._lock:
            found = self._kept.get(settings)
        if found is None:
            found = self._made(settings)
            with self._lock:
                self._kept[settings] = found
                while len(self._kept) > _MOST:
                    del self._kept[next(iter(self._kept))]
        return found

    def _made(self, settings: tuple[str, ...]) -> Candidate:
        scenario, _ = self._space.scenario_of(settings)
        instance = self._code.instance_of(scenario, self._space.changed)
        places = places_of(self._space.decisions, scenario, instance.network)
        return Candidate(scenario, instance, places)
