"""What the page shows: my changes and, where they differ from it, the baseline, on the same random numbers."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.network.side_links import side_links_of
from esc_sim.scenario.schema import Scenario
from esc_sim.views.page.exposure import Exposures
from esc_sim.views.page.members import MemberLog
from esc_sim.views.page.parameters import Parameter, Target, Value, changed_scenario, changes, parameters_of
from esc_sim.views.page.variants import Variant
from esc_sim.views.page.what_if import WhatIf, closed, reopened


@dataclass(frozen=True)
class Setting:
    """What the page was started with.

    Attributes:
        scenario: the scenario.
        source: how the user named it, words of the command that repeats what is shown.
        variants: everything that can be run, by name; a tab may add to its own.
        exposures: what a stress test says of its outages, if one was given.
        docs: address of the documentation; "" where it is not built.
    """

    scenario: Scenario
    source: tuple[str, ...]
    variants: dict[str, Variant]
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

    def __init__(self, what_if: WhatIf, variant: Variant, scenario: Scenario, model: SupplyChainModel) -> None:
        self.what_if = what_if
        self.variant = variant
        self.scenario = scenario
        self.model = model
        self.members = MemberLog(model)
        self.side_links = side_links_of(scenario, model.instance.network)
        self.most_flow = self.most_given = 1e-9
        self.active: list[bool] = []
        """Whether anything was disrupted, by period."""
        self._play_closures()

    def step(self) -> None:
        """One period."""
        self.model.step()
        watch, hazards = self.model.watch, self.model.hazards
        assert watch is not None
        self.members.close_period()
        self.most_flow = max([self.most_flow, *watch.shipped])
        self.most_given = max([self.most_given, *self.given.tolist()])
        self.active.append(hazards.striking)
        self._play_closures()

    def _play_closures(self) -> None:
        """Open and close by hand what is due now."""
        now = self.model.period
        for one in self.what_if.closures:
            if one.end == now and self.node(one.node) is not None:
                self.model.reopen(one.node)
        for one in self.what_if.closures:
            if one.start == now and self.node(one.node) is not None:
                self.model.close(one.node, one.health)

    def disrupt(self, node: str, health: float, end: int | None) -> None:
        """Close a member by hand from now on.

        Args:
            node: its id.
            health: share of its capacity that is left.
            end: period in which it is open again; None: not within the run.
        """
        closures = closed(self.what_if.closures, node, self.model.period, health, end)
        self.what_if = replace(self.what_if, closures=closures)
        self.model.reopen(node)
        self.model.close(node, health)

    def restore(self, node: str) -> None:
        """End what was closed by hand."""
        self.what_if = replace(self.what_if, closures=reopened(self.what_if.closures, node, self.model.period))
        self.model.reopen(node)

    @property
    def counted(self) -> int:
        """Number of periods so far without the warm-up, which key figures leave out."""
        return max(0, len(self.active) - self.scenario.run.warm_up)

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

    def node(self, name: str) -> int | None:
        """Index of a node; None where this run has no such node."""
        return self.model.instance.network.node_index.get(name)


class Show:
    """The models on the page. Safe to be called from the playing thread and from clicks at the same time."""

    def __init__(self, setting: Setting) -> None:
        self.setting = replace(setting, variants=dict(setting.variants))
        self.lock = threading.RLock()
        self.scenario = setting.scenario
        self.runs: list[ShownRun] = []
        """My changes, and the baseline where it is another."""
        self.resets = 0
        """Number of times it has begun anew."""
        self.seed, self.replication = setting.scenario.run.seed, 0
        self.reset(WhatIf())

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

    def begun(self, what_if: WhatIf, seed: int, replication: int) -> ShownRun:
        """A run at day 0.

        Args:
            what_if: what is run.
            seed, replication: of the random numbers.

        Raises:
            InputError: the values contradict each other, or a plan does not fit.
        """
        variant = self.setting.variants[what_if.variant]
        scenario = self.setting.changed(variant, what_if.values)
        return ShownRun(what_if, variant, scenario, variant.model(scenario, seed, replication))

    def reset(
        self, mine: WhatIf, baseline: WhatIf | None = None, seed: int | None = None, replication: int = 0
    ) -> None:
        """Begin anew.

        Args:
            mine: what is run.
            baseline: what it is compared with; a run of its own where it is another.
            seed, replication: of the random numbers; by default the scenario's seed.

        Raises:
            InputError: the values contradict each other, or a plan does not fit.
        """
        seed = self.setting.scenario.run.seed if seed is None else seed
        ways = [mine] if baseline in (None, mine) else [mine, baseline]
        runs = [self.begun(way, seed, replication) for way in ways if way is not None]
        with self.lock:
            self.scenario, self.runs = runs[0].scenario, runs
            self.seed, self.replication = seed, replication
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

    def disrupt(self, node: str, health: float, lasts: int | None = None) -> None:
        """Close a member by hand from now on, in my changes; the baseline stays as it is.

        Args:
            node: its id.
            health: share of its capacity that is left.
            lasts: periods; None: until it is opened.
        """
        with self.lock:
            self._keep_baseline()
            self.runs[0].disrupt(node, health, None if lasts is None else self.day + lasts)

    def restore(self, node: str) -> None:
        """End what was closed by hand, in my changes."""
        with self.lock:
            self._keep_baseline()
            self.runs[0].restore(node)

    def _keep_baseline(self) -> None:
        """Where one run was enough, the baseline gets one of its own, played up to now."""
        if len(self.runs) == 1:
            other = self.begun(self.runs[0].what_if, self.seed, self.replication)
            for _ in range(self.day):
                other.step()
            self.runs.append(other)

    @property
    def node_names(self) -> list[str]:
        """Ids of the nodes of all runs shown."""
        return list(dict.fromkeys(name for run in self.runs for name in run.model.instance.network.node_ids))
