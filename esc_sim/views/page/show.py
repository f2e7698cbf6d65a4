"""What the page shows: one model, or two side by side under the same random numbers, stepped together."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.network.side_links import side_links_of
from esc_sim.scenario.schema import Scenario
from esc_sim.views.page.exposure import Exposures
from esc_sim.views.page.parameters import Parameter, Target, Value, changed_scenario, changes, parameters_of
from esc_sim.views.page.variants import BASE, Variant


@dataclass(frozen=True)
class Setting:
    """What the page was started with.

    Attributes:
        scenario: the scenario.
        source: how the user named it, words of the command that repeats what is shown.
        variants: everything that can be run, by name.
        exposures: what a stress test says of its outages, if one was given.
        docs: address of the documentation; "" where it is not built.
    """

    scenario: Scenario
    source: tuple[str, ...]
    variants: Mapping[str, Variant]
    exposures: Exposures | None = None
    docs: str = ""

    @cached_property
    def parameters(self) -> list[Parameter]:
        """What can be changed."""
        return parameters_of(self.scenario)

    def parameters_of(self, variant: Variant) -> list[Parameter]:
        """Those of a variant's own scenario."""
        return self.parameters if variant.scenario is None else parameters_of(variant.scenario)

    def changed(self, variant: Variant, values: Mapping[str, Value]) -> Scenario:
        """The scenario that a variant runs, with other values of its parameters.

        Raises:
            InputError: the values contradict each other.
        """
        return changed_scenario(variant.scenario or self.scenario, self.parameters_of(variant), values)

    def differing(self, variant: Variant, values: Mapping[str, Value]) -> list[tuple[Target, Any]]:
        """What of a variant's scenario differs with other values of its parameters."""
        return changes(self.parameters_of(variant), values)


class ShownRun:
    """One model, and what the page remembers of it from period to period."""

    def __init__(self, variant: Variant, scenario: Scenario, model: SupplyChainModel) -> None:
        self.variant = variant
        self.scenario = scenario
        self.model = model
        self.side_links = side_links_of(scenario, model.instance.network)
        self.most_stock = max([1e-9, *model.books.stock, *(t for t in model.numbers.target if t < float("inf"))])
        self.most_flow = self.most_given = 1e-9
        self.active: list[bool] = []
        """Whether anything was disrupted, by period."""

    def step(self) -> None:
        """One period."""
        self.model.step()
        watch, hazards = self.model.watch, self.model.hazards
        assert watch is not None
        self.most_flow = max([self.most_flow, *watch.shipped])
        self.most_given = max([self.most_given, *self.given.tolist()])
        self.most_stock = max(self.most_stock, *(agent.on_hand for agent in self.model.members))
        self.active.append(hazards.striking)

    @property
    def given(self) -> NDArray[np.float64]:
        """float64[S], units that went along each of ``side_links`` in the last period."""
        watch, item = self.model.watch, self.model.instance.network.item_index
        assert watch is not None
        links = self.side_links
        found = [
            watch.given.get((item[giver, product], item[taker, product]), 0.0)
            for giver, taker, product in zip(
                links.giver.tolist(), links.taker.tolist(), links.product.tolist(), strict=True
            )
        ]
        return np.array(found, np.float64)

    @property
    def periods(self) -> NDArray[np.float64]:
        """float64[t, len(PERIOD_COLUMNS)], the network's totals so far."""
        return self.model.recorder.periods

    @property
    def observed(self) -> NDArray[np.float64]:
        """float64[t, X], what features have shown of themselves so far (``instance.observed``)."""
        return self.model.recorder.observed

    def stock_of(self, name: str) -> NDArray[np.float64] | None:
        """float64[t], stock of a node at the end of each period so far; None where this run has no such node."""
        node = self.node(name)
        if node is None:
            return None
        stock: NDArray[np.float64] = self.model.recorder.stock[:, self.model.items_of_node[node]].sum(axis=1)
        return stock

    def node(self, name: str) -> int | None:
        """Index of a node; None where this run has no such node."""
        return self.model.instance.network.node_index.get(name)


class Show:
    """The models on the page. Safe to be called from the playing thread and from clicks at the same time."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.variants = dict(setting.variants)
        """Everything that can be run, by name."""
        self.lock = threading.RLock()
        self.scenario = setting.scenario
        self.runs: list[ShownRun] = []
        self.resets = 0
        """Number of times it has begun anew."""
        self.reset({}, setting.scenario.run.seed, 0, [BASE])

    @property
    def day(self) -> int:
        """Periods played."""
        return self.runs[0].model.period

    @property
    def horizon(self) -> int:
        """Periods of a whole run."""
        return self.scenario.run.periods

    @property
    def finished(self) -> bool:
        """Whether the horizon has been reached."""
        return self.day >= self.horizon

    def reset(self, values: Mapping[str, Value], seed: int, replication: int, variants: Sequence[str]) -> None:
        """Begin anew with other values of the parameters.

        Args:
            values: of parameters, by key; the others keep the scenario's.
            seed, replication: of the random numbers.
            variants: names of one variant, or of two that run side by side.

        Raises:
            InputError: the values contradict each other, or a plan does not fit.
        """
        runs = []
        for variant in (self.variants[name] for name in variants):
            scenario = self.setting.changed(variant, values)
            runs.append(ShownRun(variant, scenario, variant.model(scenario, seed, replication)))
        with self.lock:
            self.scenario, self.runs = runs[0].scenario, runs
            self.resets += 1

    def step(self, periods: int = 1, resets: int | None = None) -> None:
        """Play some periods, at most to the horizon.

        Args:
            periods: how many.
            resets: number of resets at which the player began; nothing is played where there have been others since.
        """
        with self.lock:
            if resets not in (None, self.resets):
                return
            for _ in range(min(periods, self.horizon - self.day)):
                for run in self.runs:
                    run.step()

    def disrupt(self, node: str, health: float) -> None:
        """Disrupt a node by hand, in every run shown that has it."""
        with self.lock:
            for run in self._with(node):
                run.model.disrupt(node, health)

    def restore(self, node: str) -> None:
        """End a disruption by hand, in every run shown that has the node."""
        with self.lock:
            for run in self._with(node):
                run.model.restore(node)

    def _with(self, node: str) -> list[ShownRun]:
        return [run for run in self.runs if run.node(node) is not None]

    @property
    def node_names(self) -> list[str]:
        """Ids of the nodes of all runs shown."""
        return list(dict.fromkeys(name for run in self.runs for name in run.model.instance.network.node_ids))
