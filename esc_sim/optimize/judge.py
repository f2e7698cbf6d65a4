"""Judging designs: simulate each, measure it. What a design gets depends on it and its random numbers alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from esc_sim.crews.local import default_workers, in_threads
from esc_sim.engine.compiled.chance import SharedChance, share_chance, shared_bytes
from esc_sim.engine.compiled.runner import run_replications
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.instance.negotiation import negotiated
from esc_sim.optimize.measures import Yardstick
from esc_sim.optimize.space import DecisionSpace, decision_space
from esc_sim.plans.apply import apply_plan

if TYPE_CHECKING:
    from esc_sim.instance.model import Instance
    from esc_sim.instance.plugins import GivenPolicy
    from esc_sim.negotiations.registry import GivenProtocol
    from esc_sim.plans.plan import Plan
    from esc_sim.scenario.schema import Scenario

Floats = NDArray[np.float64]

_SHARED_MOST = 1_000_000_000
"""Bytes of draws that are kept; beyond, every design draws its own (the same numbers, more slowly)."""
_PIECE_WORK = 20_000_000
"""Rough number of (node or arc)-periods in one call of the engine."""


@dataclass(frozen=True)
class Draws:
    """Which random numbers a design is judged on.

    Attributes:
        seed: seed of the streams.
        first, count: numbers of the replications.
        strata: replications of a Latin hypercube batch of disruption draws; 1 draws them independently.
    """

    seed: int
    first: int
    count: int
    strata: int = 1

    @property
    def replications(self) -> range:
        """Numbers of the replications."""
        return range(self.first, self.first + self.count)


class Judging(Protocol):
    """Anything that judges designs: threads here, or a cluster."""

    def __call__(self, designs: Floats, draws: Sequence[Draws]) -> Floats:
        """Measures float64[n, M] of designs float64[n, D], each on its own draws (equal ones are made once)."""
        ...

    def by_replication(self, designs: Floats, draws: Sequence[Draws]) -> Floats:
        """Measures of each of R replications alone, float64[n, R, M]; all draws have R replications."""
        ...


class Judge:
    """Judges designs of a scenario in threads of this process."""

    def __init__(
        self,
        scenario: Scenario,
        names: Sequence[str],
        workers: int | None = None,
        *,
        policies: Mapping[str, GivenPolicy] | None = None,
        negotiation: GivenProtocol | None = None,
        allow_code: bool = False,
        plan: Plan | None = None,
    ) -> None:
        """Prepare.

        Args:
            scenario: with a section ``optimize``.
            names: measures, see :data:`esc_sim.measures.registry.SEARCHED`.
            workers: threads; default all processors.
            policies: order policies that are pure functions, by node or node/product.
            negotiation: a pure function that ranks suppliers.
            allow_code: may Python files that the scenario names be run.
            plan: the plan that designs change; None: they change the scenario's own numbers.

        Raises:
            InputError: there is nothing to decide or to measure, or the plan does not fit the scenario.
        """
        self.instance = instance_of(scenario, policies=policies, allow_code=allow_code)
        if plan is not None:
            self.instance = apply_plan(self.instance, plan, scenario)
        if negotiation is not None:
            self.instance = negotiated(self.instance, negotiation)
        if self.instance.agent_features:
            features = "; ".join(self.instance.agent_features)
            raise InputError(f"searches run on the compiled engine, which cannot do this: {features}")
        planned = None if plan is None else self.instance
        self.space: DecisionSpace = decision_space(scenario, self.instance.network, plan, planned)
        self.measure = Yardstick(scenario, names)
        self.workers = default_workers() if workers is None else workers
        self._shared: tuple[Draws, list[SharedChance]] | None = None

    def __call__(self, designs: Floats, draws: Sequence[Draws]) -> Floats:
        """Measures float64[n, M] of designs float64[n, D], each on its own draws."""
        rows = self._each(designs, draws, self.measure)
        return np.array(rows).reshape(len(rows), len(self.measure.names))

    def by_replication(self, designs: Floats, draws: Sequence[Draws]) -> Floats:
        """Measures of each of R replications alone, float64[n, R, M]; all draws have R replications."""
        return np.array(self._each(designs, draws, self.measure.by_replication))

    def _each(self, designs: Floats, draws: Sequence[Draws], measure: Callable[..., Floats]) -> list[Floats]:
        common = self._common(draws)
        tasks = list(zip(designs, draws, strict=True))
        return list(in_threads(lambda task: self._judged(*task, common, measure), tasks, self.workers))

    @property
    def _runs(self) -> tuple[bool, ...]:
        """Whether each run that a design needs is disrupted: itself, and its twin where a measure needs it."""
        return (True, False) if self.measure.needs_twin else (True,)

    def _common(self, draws: Sequence[Draws]) -> list[SharedChance] | None:
        """The draws that all designs share, kept for the next call; None where they do not or are too large."""
        if not draws or any(other != draws[0] for other in draws):
            return None
        if shared_bytes(self.instance, draws[0].count) * len(self._runs) > _SHARED_MOST:
            return None
        if self._shared is None or self._shared[0] != draws[0]:
            own = [self._drawn(draws[0], draws[0].replications, disrupted) for disrupted in self._runs]
            self._shared = draws[0], own
        return self._shared[1]

    def _drawn(self, draws: Draws, replications: range, disrupted: bool) -> SharedChance:
        stratified = draws.strata > 1
        return share_chance(self.instance, draws.seed, replications, disrupted, stratified, max(draws.strata, 1))

    def _judged(
        self, design: Floats, draws: Draws, common: list[SharedChance] | None, measure: Callable[..., Floats]
    ) -> Floats:
        instance = self.space.decided(self.instance, design)
        if common is not None:
            return measure(
                *(
                    self._periods(instance, draws, one, disrupted)
                    for one, disrupted in zip(common, self._runs, strict=True)
                )
            )
        size = instance.periods * (instance.network.node_count + instance.network.arc_count)
        step = max(1, _PIECE_WORK // max(1, size))
        pieces = [draws.replications[first : first + step] for first in range(0, draws.count, step)]
        return measure(
            *(
                np.concatenate(
                    [
                        self._periods(instance, draws, self._drawn(draws, piece, disrupted), disrupted)
                        for piece in pieces
                    ]
                )
                for disrupted in self._runs
            )
        )

    def _periods(self, instance: Instance, draws: Draws, chance: SharedChance, disrupted: bool) -> Floats:
        """Periods after the warm-up of a design's run, or of its undisrupted twin."""
        block = run_replications(instance, draws.seed, chance.replications, disrupted=disrupted, shared=chance)
        return block.periods[:, instance.warm_up :]
