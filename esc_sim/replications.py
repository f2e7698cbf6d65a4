"""Replications as tasks, played by the engine that is asked for, or by the one that can begin at once; and what they
give, put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from esc_sim.crews.crew import Hands
from esc_sim.disruptions.registry import CHANNELS
from esc_sim.engine.block import Block, Twin
from esc_sim.engine.shared import SharedPlace, shared_place
from esc_sim.instance.health import fill_healths, ship_health
from esc_sim.instance.model import Instance
from esc_sim.options import Engine
from esc_sim.results.columns import (
    FLOW_COLUMNS,
    ITEM_COLUMNS,
    NODE_COLUMNS,
    PERIOD_COLUMNS,
    SERVICE_COLUMNS,
    TALLY_COLUMNS,
)
from esc_sim.results.links import LinkAmounts, add_links, link_rows
from esc_sim.results.lots import LotAmounts, LotTable, add_amounts
from esc_sim.results.roomy import add_to, divided, let_go, roomy
from esc_sim.results.run import EnginePart, RunResult, Traces, column, joined
from esc_sim.results.spool import ROWS_LIMIT, SUMS_LIMIT, Spool
from esc_sim.risk.intervals import mean_interval
from esc_sim.risk.measures import RiskSetting
from esc_sim.sampling.streams import STRATA
from esc_sim.sampling.timetable import Timetable
from esc_sim.scenario.schema import Scenario

_CHUNK_WORK: Final = 5_000_000
"""Rough number of (node or arc)-periods of one task: about 0.1 s of the compiled engine."""
_MOST: Final = 4 * STRATA
"""Replications of a task, at most; of one of the agents ``_MOST_OF_AGENTS``, so that it goes over early."""
_MOST_OF_AGENTS: Final = STRATA
_LONG_WORK: Final = 500_000
"""(Node or arc)-periods of a replication that is a task of its own: about 10 ms of the compiled engine."""
_AGENT_CHUNK_WORK: Final = 60_000
_AGENT_SPEED: Final = 200_000.0
"""(Node or arc)-periods that the agents play in a second, roughly."""
_LEVELS: Final = 2_000_000
"""Levels of channels and nodes that are looked at together (16 MB)."""
_STARTING: Final = 3.0
"""Seconds of the agents below which work stays in this process: about what it takes to start others."""
_WORTH_WAITING: Final = 60.0
"""Seconds of the agents beyond which work waits for the compiled engine, about what it takes to compile."""


@dataclass(frozen=True)
class Task:
    """Replications of an instance, and of its undisrupted twin.

    Attributes:
        instance: what to run.
        seed: of all random numbers.
        replications: their numbers.
        twin: play the undisrupted twin, too.
        stratified: draw disruptions as a Latin hypercube across batches of 16 replications.
        trace: keep every item and node.
        lots: follow goods by their origin; only for the agents.
    """

    instance: Instance
    seed: int
    replications: range
    twin: bool
    stratified: bool
    trace: bool
    lots: bool

    @property
    def agent_seconds(self) -> float:
        """About how long the agents take."""
        return _work(self.instance) * len(self.replications) * (2 if self.twin else 1) / _AGENT_SPEED


@dataclass(frozen=True)
class Outcome:
    """What a task gave.

    Attributes:
        run: of the run as configured.
        twin: of the undisrupted twin, or None.
        health: float64[R, T, N], ship health in each replication.
        active: bool[R, T], whether anything but a price is disrupted.
        part: who played it.
    """

    run: Block
    twin: Twin | None
    health: NDArray[np.float64]
    active: NDArray[np.bool_]
    part: EnginePart


@dataclass(frozen=True)
class _Play:
    """Plays some replications of a task.

    Attributes:
        task: the whole.
        engine: plays a task.
        place: where rows are written; None: they are handed over.
    """

    task: Task
    engine: Callable[[Task], Outcome]
    place: SharedPlace | None

    def __call__(self, replications: range) -> Outcome:
        """What they gave."""
        outcome = self.engine(replace(self.task, replications=replications))
        return outcome if self.place is None else self.place.put(outcome, replications)


class Kernel(Protocol):
    """The compiled engine for an instance, which may not be there yet."""

    def is_there(self) -> bool:
        """Whether the engine can play without compiling first."""
        ...

    def comes(self) -> bool:
        """Whether it is compiled by another process from now on, so that it will be there some time."""
        ...


class KernelOf:
    """The compiled engine for an instance, as this machine has it; imports numba when somebody asks."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def is_there(self) -> bool:
        """Whether the kernel is in the cache."""
        from esc_sim.engine.compiled.kernel import kernel_keeping

        return kernel_keeping(self._plain).is_kept()

    def comes(self) -> bool:
        """Have it compiled by another process."""
        from esc_sim.engine.compiled.ahead import start_compiling

        return start_compiling(self._plain)

    @cached_property
    def _plain(self) -> bool:
        from esc_sim.engine.compiled.build import net_of
        from esc_sim.engine.compiled.kernel import is_plain

        return is_plain(net_of(self._instance))


class Player:
    """Plays tasks on the engine asked for.

    With "auto" that is the compiled engine. Where it would have to be compiled first, small work begins with the agents
    while another process compiles, and goes over as soon as the kernel is there; large work waits for it. The numbers
    are the same, to the bit.
    """

    def __init__(self, engine: Engine, hands: Hands, kernel: Kernel, shared: str | None = None) -> None:
        """Play replications of one instance.

        Args:
            engine: asked for.
            hands: what the user has to do work with; threads of the compiled engine, processes of the agents.
            kernel: the compiled engine for the instance.
            shared: folder that all who work reach, where they write rows; None: they hand them over.
        """
        self._engine = "compiled" if engine == "auto" and hands.leave_this_process else engine
        self._hands, self._kernel, self._shared = hands, kernel, shared
        self._coming: bool | None = None

    def play(self, task: Task) -> Iterator[Outcome]:
        """Outcomes of a task, cut in pieces, in the order of the replications."""
        if self._engine == "auto":
            for piece in self._meanwhile(task):
                yield played_by_agents(piece)
                task = replace(task, replications=range(piece.replications.stop, task.replications.stop))
        by_agents = self._engine == "agents"
        pieces = _pieces(task, by_agents)
        shared = nullcontext(None) if self._shared is None else shared_place(self._shared)
        hands = Hands(1) if by_agents and self._is_short(task) else self._hands
        with shared as place, hands.crew(releases=not by_agents) as crew:
            play = _Play(task, played_by_agents if by_agents else _played_compiled, place)
            numbers = [piece.replications for piece in pieces]
            for some, outcome in zip(numbers, crew(play, numbers), strict=True):
                yield outcome if place is None else place.take(outcome, some)

    def _is_short(self, task: Task) -> bool:
        """Whether the agents are done before other processes have started; a user's own code may take any time."""
        own = task.instance.agent_features or task.instance.plugins
        return not (self._hands.leave_this_process or own) and task.agent_seconds < _STARTING

    def _meanwhile(self, task: Task) -> Iterator[Task]:
        """Pieces for the agents, until the kernel is there."""
        if self._kernel.is_there() or task.agent_seconds > _WORTH_WAITING:
            self._engine = "compiled"
            return
        if self._coming is None:
            self._coming = self._kernel.comes()
        for piece in _pieces(task, by_agents=True):
            if self._coming and self._kernel.is_there():
                self._engine = "compiled"
                return
            yield piece


def _work(instance: Instance) -> int:
    """(Node or arc)-periods of a replication."""
    return instance.periods * (instance.network.node_count + instance.network.arc_count)


def _is_long(instance: Instance) -> bool:
    """Whether a replication is so long that it is a task of its own, whose twin is looked at for meeting it."""
    return _work(instance) >= _LONG_WORK


def _pieces(task: Task, by_agents: bool) -> list[Task]:
    """Tasks of about as much work; they depend on the instance only, never on the number of workers."""
    work, most = (_AGENT_CHUNK_WORK, _MOST_OF_AGENTS) if by_agents else (_CHUNK_WORK, _MOST)
    size = 1 if _is_long(task.instance) else max(1, min(work // max(_work(task.instance), 1), most))
    first, stop = task.replications.start, task.replications.stop
    return [replace(task, replications=range(a, min(a + size, stop))) for a in range(first, stop, size)]


def played_by_agents(task: Task) -> Outcome:
    """A task on the agent engine."""
    from esc_sim.engine.agents.runner import run_replications

    what = task.instance, task.seed, task.replications
    run = run_replications(*what, stratified=task.stratified, stock=True, trace=task.trace, lots=task.lots)
    beside = run_replications(*what, disrupted=False, stock=True) if task.twin else None
    twin = None if beside is None else Twin(beside.periods, beside.arc_shipped, beside.stock, beside.service)
    return _outcome(task, "agents", run, twin)


def _played_compiled(task: Task) -> Outcome:
    from esc_sim.engine.compiled.runner import run_replications, run_with_twin

    what = task.instance, task.seed, task.replications
    if task.twin:
        meeting = _is_long(task.instance)
        run, twin = run_with_twin(*what, stratified=task.stratified, trace=task.trace, meeting=meeting)
        return _outcome(task, "compiled", run, twin)
    run = run_replications(*what, stratified=task.stratified, stock=True, trace=task.trace)
    return _outcome(task, "compiled", run, None)


def _outcome(task: Task, engine: str, run: Block, twin: Twin | None) -> Outcome:
    health, active = _health(task.instance, run.timetables)
    return Outcome(run, twin, health, active, EnginePart(engine, task.replications.start, task.replications.stop))


def _health(instance: Instance, tables: Sequence[Timetable]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Ship health in each replication, and when anything but a price is disrupted in it."""
    count, total, channels = len(tables), instance.periods, len(instance.channels)
    struck = np.array([channel.strikes for channel in CHANNELS], np.bool_)[instance.channels.kind]
    health = roomy((count, total, instance.network.node_count))
    active = np.zeros((count, total), np.bool_)
    step = max(1, _LEVELS // max(1, count * (channels + health.shape[2])))
    for first in range(0, total, step):
        rows = slice(first, min(first + step, total))
        levels = np.ones((count, rows.stop - first, channels))
        fill_healths(instance, tables, first, levels)
        health[:, rows] = ship_health(instance, levels)
        active[:, rows] = (levels[..., struck] != 1.0).any(axis=2)
        let_go(health)
    return health, active


class Collected:
    """Puts at most ``most`` outcomes together as they come, so that memory holds few numbers, not every block."""

    def __init__(self, scenario: Scenario, instance: Instance, trace: bool, most: int) -> None:
        self.scenario, self.instance, self.trace = scenario, instance, trace
        network, total = instance.network, instance.periods
        row = (total, len(PERIOD_COLUMNS))
        self.count = 0
        self._run, self._twin = (Spool(row, most, ROWS_LIMIT) for _ in range(2))
        self._items = Spool((total, network.item_count, len(ITEM_COLUMNS)), most)
        self._nodes = Spool((total, network.node_count, len(NODE_COLUMNS)), most)
        self._tally = Spool((network.item_count if instance.tally else 0, len(TALLY_COLUMNS)), most, SUMS_LIMIT)
        self._flows = Spool((network.item_count if instance.keeps_flows else 0, len(FLOW_COLUMNS)), most, SUMS_LIMIT)
        served = (len(instance.customers) if instance.keeps_service else 0, len(SERVICE_COLUMNS))
        self._service, self._twin_service = (Spool(served, most, SUMS_LIMIT) for _ in range(2))
        self._observed = Spool((total, len(instance.observed)), most)
        self._active = Spool((total, 1), most, SUMS_LIMIT, np.bool_)
        self._engines: list[EnginePart] = []
        self._lots: LotAmounts | None = None
        self._links: LinkAmounts = {}
        self._health = roomy((total, network.node_count), make=np.zeros)
        self._shipped, self._twin_shipped = np.zeros(network.arc_count), np.zeros(network.arc_count)
        self._stock, self._twin_stock = (roomy((total, network.item_count), make=np.zeros) for _ in range(2))

    def add(self, outcome: Outcome) -> None:
        """Add the next outcome; outcomes come in the order of replications."""
        run, twin = outcome.run, outcome.twin
        self.count += len(run.periods)
        self._run.add(run.periods)
        self._tally.add(run.tally)
        self._service.add(run.service)
        self._flows.add(run.flows)
        self._observed.add(run.observed)
        self._shipped += run.arc_shipped
        add_to(self._stock, run.stock)
        for health in outcome.health:  # one by one: the sum must not depend on how the work was cut
            add_to(self._health, health)
        self._engines.append(outcome.part)
        self._active.add(outcome.active[..., np.newaxis])
        add_links(self._links, run.links)
        if run.lots is not None:
            self._lots = {} if self._lots is None else self._lots
            add_amounts(self._lots, run.lots)
        if twin is not None:
            self._twin.add(twin.periods)
            self._twin_service.add(twin.service)
            self._twin_shipped += twin.arc_shipped
            add_to(self._twin_stock, twin.stock)
        if self.trace:
            self._items.add(run.items)
            self._nodes.add(run.nodes)

    def half_width(self, batch: int) -> float:
        """Relative half width of the 95 % confidence interval of mean profit and of CVaR, the larger of the two."""
        values, risk = self._run.rows()[:, self.scenario.run.warm_up :], self.scenario.risk
        setting = RiskSetting(risk.level, risk.estimator, risk.pooling)
        cvar = setting.cvar_by_replication(column(values, "cost"))
        widths = []
        for sample in (column(values, "profit").mean(axis=1), cvar):
            interval = mean_interval(sample, batch=batch)
            widths.append(abs(interval.half_width / interval.mean) if interval.mean else 0.0)
        return max(widths)

    def result(
        self, engine: str, seed: int, notices: list[str], command: str, batch: int, found: Mapping[str, Any]
    ) -> RunResult:
        """Everything collected; nothing can be added any more.

        Args:
            engine: that was asked for.
            seed: of all random numbers.
            notices: what the user should know.
            command: how it was started.
            batch: replications that were stratified together.
            found: how its length was found.
        """
        per_period = self.count * self.instance.periods
        has_twin = self._twin.count > 0
        return RunResult(
            scenario=self.scenario,
            network=self.instance.network,
            engine=engine,
            seed=seed,
            values=self._run.rows(),
            twin=self._twin.rows() if has_twin else None,
            arc_shipped=self._shipped / per_period,
            item_stock=divided(self._stock, self.count),
            item_health=divided(self._health, self.count),
            twin_arc_shipped=self._twin_shipped / per_period if has_twin else None,
            twin_item_stock=divided(self._twin_stock, self.count) if has_twin else None,
            disruption_active=self._active.rows()[..., 0],
            traces=Traces(self._items.rows(), self._nodes.rows()) if self.trace else None,
            command=command,
            notices=notices,
            batch=batch,
            tally=self._tally.rows(),
            customers=self.instance.customers,
            service=self._service.rows(),
            twin_service=self._twin_service.rows() if has_twin else None,
            flows=self._flows.rows(),
            observed=self.instance.observed,
            observations=self._observed.rows(),
            lots=None if self._lots is None else LotTable.mean(self.instance.network, self._lots, self.count),
            links=link_rows(self.instance.network, self._links, per_period),
            engines=joined(self._engines),
            found=found,
            code=self.instance.code,
        )
