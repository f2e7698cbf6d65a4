"""Moments of simulated runs: what one point of the search costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.calibration.free import Free, settings_of, values_at
from esc_sim.calibration.moments import Moment, of_tally
from esc_sim.calibration.observed import QUANTITIES
from esc_sim.crews.crew import Hands
from esc_sim.engine.block import Block
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.instance.model import Instance
from esc_sim.measures.measure import ByReplication
from esc_sim.measures.registry import MEASURES
from esc_sim.replications import KernelOf, Player, Task
from esc_sim.results.columns import ITEM_COLUMNS
from esc_sim.results.period_table import PeriodTable
from esc_sim.sampling.tape import tape_blocks
from esc_sim.scenario.items import Item
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.varied import Varied

Floats = NDArray[np.float64]
Row = dict[str, Any]

_COLUMN: Final = {name: place for place, name in enumerate(ITEM_COLUMNS)}
_CORNERS: Final = 32
"""Corners of the box of bounds that are looked at before anything runs."""
_ITEMS: Final = 2_000_000
"""Periods of items that are traced together."""


@dataclass(frozen=True)
class Asked:
    """What is to be simulated: a place in the unit cube of the free parameters, and how often.

    Attributes:
        place: K numbers.
        replications: numbers 0 to this are played.
    """

    place: tuple[float, ...]
    replications: int


@dataclass(frozen=True)
class Simulated:
    """Simulates a scenario at values of its free parameters; all have the same random numbers.

    Attributes:
        varied: the scenario.
        free: K parameters.
        moments: M of them.
        seed: of all random numbers.
        allow_code: may Python files that the scenario names be run.
    """

    varied: Varied
    free: tuple[Free, ...]
    moments: tuple[Moment, ...]
    seed: int
    allow_code: bool

    def scenario(self, place: Floats) -> Scenario:
        """The scenario at a place; what it cannot take is named as the user named it.

        Raises:
            InputError: a value cannot be taken.
        """
        settings = settings_of(self.free, values_at(self.free, place))
        try:
            return self.varied.changed(settings)
        except InputError as error:
            named = tuple(f"--set {setting}" for setting in settings)
            at = f"--free {', '.join(settings)}"
            raise InputError(
                [p.replace("--set", "--free", 1) if p.startswith(named) else f"{at}: {p}" for p in error.problems]
            ) from None

    def __call__(self, asked: Asked) -> Row:
        """Means and covariances of the moments over replications, fit for JSON."""
        values = self.by_replication(np.array(asked.place), asked.replications)
        covariance = np.cov(values, rowvar=False).reshape(2 * (len(self.moments),))
        return {
            "place": list(asked.place),
            "replications": asked.replications,
            "mean": values.mean(axis=0).tolist(),
            "covariance": covariance.tolist(),
        }

    def by_replication(self, place: Floats, replications: int) -> Floats:
        """The moments in each replication, float64[R, M].

        Args:
            place: float64[K] in the unit cube.
            replications: their number R.

        Raises:
            InputError: the scenario cannot be run there, or a moment has no value.
        """
        scenario = self.scenario(place)
        instance = instance_of(scenario, allow_code=self.allow_code)
        instance = replace(instance, service=True, tally=any(m.item and not m.quantities for m in self.moments))
        values = np.concatenate(list(self._played(instance, replications)))
        lost = ~np.isfinite(values).all(axis=0)
        if lost.any():
            names = [m.words(len(scenario.products)) for m, no in zip(self.moments, lost, strict=True) if no]
            where = ", ".join(settings_of(self.free, values_at(self.free, place)))
            raise InputError(f"at {where}: {', '.join(names)} has no value in some run: bound the parameters closer")
        return values

    def _played(self, instance: Instance, replications: int) -> Iterator[Floats]:
        player = Player("agents" if instance.agent_features else "compiled", Hands(1), KernelOf(instance))
        trace = any(moment.quantities for moment in self.moments)
        step = max(1, _ITEMS // max(1, instance.periods * instance.network.item_count)) if trace else replications
        for first in range(0, replications, step):
            some = range(first, min(first + step, replications))
            task = Task(instance, self.seed, some, twin=False, stratified=False, trace=trace, lots=False)
            start = first
            for outcome in player.play(task):
                stop = start + len(outcome.run.periods)
                yield self._of_block(instance, outcome.run, range(start, stop))
                start = stop

    def _of_block(self, instance: Instance, block: Block, replications: range) -> Floats:
        """The moments of some replications, float64[r, M]."""
        first = instance.warm_up
        demand = demand_of(instance, self.seed, replications) if self._wants_demand else None
        counted = PeriodTable(block.periods[:, first:])
        columns = []
        for moment in self.moments:
            if moment.item is None:
                measure = MEASURES[moment.statistic]
                assert isinstance(measure, ByReplication)
                columns.append(measure.by_replication(counted))
                continue
            item = item_at(instance, moment.item)
            if not moment.quantities:
                sums = np.asarray(block.tally[:, item])
                columns.append(of_tally(moment.statistic, sums, instance.periods - first))
                continue
            parts = [
                demand[:, :, item] if name == "demand" and demand is not None
                else np.asarray(block.items[:, :, item, _COLUMN[QUANTITIES[name]]])
                for name in moment.quantities
            ]  # fmt: skip
            columns.append(moment.of(parts if moment.periods is not None else [part[:, first:] for part in parts]))
        return np.stack(columns, axis=1)

    @property
    def _wants_demand(self) -> bool:
        return any("demand" in moment.quantities for moment in self.moments)

    def check(self) -> tuple[list[str], bool]:
        """Refuse bounds and observations that the scenario cannot take, before anything is run.

        Returns:
            Notices, and whether the work releases the interpreter.

        Raises:
            InputError: there is something to refuse.
        """
        instance = instance_of(self.scenario(np.full(len(self.free), 0.5)), allow_code=self.allow_code)
        for corner in islice(product((0.0, 1.0), repeat=len(self.free)), _CORNERS):
            self.scenario(np.array(corner))
        problems = []
        for item in dict.fromkeys(moment.item for moment in self.moments if moment.item is not None):
            if item_at(instance, item) < 0:
                problems.append(f"observed: '{item[0]}' holds no '{item[1]}'")
        if self._wants_demand and (instance.live is not None or instance.channels.are("demand").any()):
            problems.append(
                "observed: demand by period is not recorded where disruptions change it or customers come at any time: "
                "take sales"
            )
        if problems:
            raise InputError(problems)
        features = "; ".join(instance.agent_features)
        return ([f"run by the agent engine: {features}"] if features else []), not features


def item_at(instance: Instance, item: Item) -> int:
    """Number of an item; -1 where there is none.

    Args:
        instance: with its network.
        item: node and product.
    """
    network = instance.network
    key = network.node_ids.index(item[0]), network.products.index(item[1])
    return network.item_index.get(key, -1)


def demand_of(instance: Instance, seed: int, replications: range) -> Floats:
    """Final demand of every item, float64[R, T, I], as both engines draw it.

    Args:
        instance: what is run; nothing multiplies its demand.
        seed: of all random numbers.
        replications: their numbers.
    """
    draws = tape_blocks(instance.columns, seed, replications, 0, instance.periods)
    beside = np.concatenate([draws, np.zeros((*draws.shape[:2], 1))], axis=2)  # a column for what does not vary
    goods = instance.items
    return np.maximum(goods.demand_loc + goods.demand_scale * beside[:, :, goods.demand_column], 0.0)
