"""Judging designs: simulate each, measure it. What a design gets depends on it and its random numbers alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from esc_sim.crews.local import default_workers, in_threads
from esc_sim.engine.compiled.chance import SharedChance, share_chance, shared_bytes
from esc_sim.engine.compiled.runner import run_replications
from esc_sim.errors import InputError
from esc_sim.optimize.candidates import Candidate, Candidates, Code
from esc_sim.optimize.measures import Yardstick
from esc_sim.optimize.space import DecisionSpace, decision_space
from esc_sim.plans.settings import settled

if TYPE_CHECKING:
    from esc_sim.instance.model import Instance
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
        code: Code | None = None,
        plan: Plan | None = None,
    ) -> None:
        """Prepare.

        Args:
            scenario: with a section ``optimize``.
            names: measures, see :data:`esc_sim.measures.registry.SEARCHED`.
            workers: threads; default all processors.
            code: of the user's own.
            plan: the plan that designs change; None: they change the scenario's own numbers.

        Raises:
            InputError: there is nothing to decide or to measure, or the plan does not fit the scenario.
        """
        self.code = Code() if code is None else code
        own = settled(scenario, plan)
        self.instance = self.code.instance_of(own, plan, scenario)
        planned = None if plan is None else self.instance
        self.space: DecisionSpace = decision_space(scenario, self.instance.network, plan, planned)
        self.measure = Yardstick(own, names)
        self.workers = default_workers() if workers is None else workers
        self.refused = ""
        """Why a design could not be simulated, where one could not."""
        self._candidates = Candidates(self.space, self.code, Candidate(own, self.instance, self.space.places))
        self._draws: Draws | None = None
        self._shared: dict[str, list[SharedChance] | None] = {}
        self._lock = Lock()

    @property
    def needs_agents(self) -> bool:
        """Whether the agent engine judges designs, all of them or those of some choice."""
        return any(map(self._is_for_agents, self._choices(self.space.base)))

    def __call__(self, designs: Floats, draws: Sequence[Draws]) -> Floats:
        """Measures float64[n, M] of designs float64[n, D], each on its own draws; nan where they cannot be had."""
        rows = self._each(designs, draws, self.measure)
        return np.array(rows).reshape(len(rows), len(self.measure.names))

    def by_replication(self, designs: Floats, draws: Sequence[Draws]) -> Floats:
        """Measures of each of R replications alone, float64[n, R, M]; all draws have R replications."""
        return np.array(self._each(designs, draws, self.measure.by_replication))

    def _each(self, designs: Floats, draws: Sequence[Draws], measure: Callable[..., Floats]) -> list[Floats]:
        common = bool(draws) and all(other == draws[0] for other in draws)
        with self._lock:
            if common and self._draws != draws[0]:
                self._draws = draws[0]
                self._shared.clear()
        tasks = list(zip(designs, draws, strict=True))
        return list(in_threads(lambda task: self._judged(*task, common, measure), tasks, self.workers))

    def periods(self, design: Floats, draws: Draws, common: bool = False) -> tuple[Scenario, list[Floats]]:
        """What a design gives in each period after the warm-up: float64[R, T, K], and of its twin where that counts.

        Args:
            design: float64[D].
            draws: on which it is simulated.
            common: whether other designs are simulated on the same draws, which are then kept.

        Returns:
            The scenario with the design's settings, and the periods.

        Raises:
            InputError: the scenario cannot take the design's settings together.
        """
        candidate = self._candidates.of(design)
        instance = candidate.places.decided(candidate.instance, design)
        if instance.agent_features:
            return candidate.scenario, [self._by_agents(instance, draws, disrupted) for disrupted in self._runs]
        shared = self._common(candidate, draws) if common else None
        if shared is not None:
            pairs = zip(shared, self._runs, strict=True)
            return candidate.scenario, [self._periods(instance, draws, one, disrupted) for one, disrupted in pairs]
        size = instance.periods * (instance.network.node_count + instance.network.arc_count)
        step = max(1, _PIECE_WORK // max(1, size))
        pieces = [draws.replications[first : first + step] for first in range(0, draws.count, step)]
        return candidate.scenario, [
            np.concatenate(
                [
                    self._periods(instance, draws, self._drawn(instance, draws, piece, disrupted), disrupted)
                    for piece in pieces
                ]
            )
            for disrupted in self._runs
        ]

    def _judged(self, design: Floats, draws: Draws, common: bool, measure: Callable[..., Floats]) -> Floats:
        try:
            scenario, runs = self.periods(design, draws, common)
        except InputError as error:
            self.refused = self.refused or error.problems[0]
            count = len(self.measure.names)
            return np.full(count if measure is self.measure else (draws.count, count), np.nan)
        return measure(*runs, scenario=scenario)

    def _choices(self, design: Floats) -> Iterator[Floats]:
        """A design, and it with each other choice."""
        yield design
        for column, decision in enumerate(self.space.decisions):
            for choice in range(len(decision.choices) if decision.kind == "setting" else 0):
                other = design.copy()
                other[column] = choice
                yield other

    def _is_for_agents(self, design: Floats) -> bool:
        try:
            return bool(self._candidates.of(design).instance.agent_features)
        except InputError:
            return False

    @property
    def _runs(self) -> tuple[bool, ...]:
        """Whether each run that a design needs is disrupted: itself, and its twin where a measure needs it."""
        return (True, False) if self.measure.needs_twin else (True,)

    def _common(self, candidate: Candidate, draws: Draws) -> list[SharedChance] | None:
        """The draws that all designs share whose settings do not change them, kept; None where they are too large."""
        size = shared_bytes(candidate.instance, draws.count) * len(self._runs)
        with self._lock:
            if candidate.chance not in self._shared:
                while self._shared and (len(self._shared) + 1) * size > _SHARED_MOST:
                    del self._shared[next(iter(self._shared))]
                self._shared[candidate.chance] = None if size > _SHARED_MOST else self._all_drawn(candidate, draws)
            return self._shared[candidate.chance]

    def _all_drawn(self, candidate: Candidate, draws: Draws) -> list[SharedChance]:
        return [self._drawn(candidate.instance, draws, draws.replications, disrupted) for disrupted in self._runs]

    def _drawn(self, instance: Instance, draws: Draws, replications: range, disrupted: bool) -> SharedChance:
        stratified = draws.strata > 1
        return share_chance(instance, draws.seed, replications, disrupted, stratified, max(draws.strata, 1))

    def _periods(self, instance: Instance, draws: Draws, chance: SharedChance, disrupted: bool) -> Floats:
        """Periods after the warm-up of a design's run, or of its undisrupted twin."""
        block = run_replications(instance, draws.seed, chance.replications, disrupted=disrupted, shared=chance)
        return block.periods[:, instance.warm_up :]

    def _by_agents(self, instance: Instance, draws: Draws, disrupted: bool) -> Floats:
        """The same, played by agents."""
        from esc_sim.engine.agents import runner

        block = runner.run_replications(
            instance,
            draws.seed,
            draws.replications,
            disrupted=disrupted,
            stratified=draws.strata > 1,
            strata=max(draws.strata, 1),
        )
        return block.periods[:, instance.warm_up :]
