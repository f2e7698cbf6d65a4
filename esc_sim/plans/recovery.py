"""Plans of kind ``recovery``: the failed nodes that are restored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from esc_sim.fields.parts import Duration, Identifier
from esc_sim.instance.spreading import functional_part
from esc_sim.plans.plan import Plan
from esc_sim.scenario.messages import Problem

if TYPE_CHECKING:
    from esc_sim.instance.model import Instance
    from esc_sim.results.promise import Promise
    from esc_sim.results.run import RunResult


class RecoveryPlan(Plan):
    """Nodes to restore when a disruption that spreads (``cascade: true``) hits them; no cascade starts from them."""

    kind: Literal["recovery"] = Field(default="recovery", description="failed nodes that are restored")
    failed: list[Identifier] | None = Field(
        default=None, description="ids of the nodes that fail, for networks that are no scenarios (edge lists)"
    )
    restore: list[Identifier] = Field(description="ids of the nodes, in any order; none: do nothing")
    resume_after: Duration = Field(default=0.0, description="review periods from the failure until these nodes resume")

    def problems(self, instance: Instance) -> Iterator[Problem]:
        """Nodes that the network does not have, nodes given twice, and a scenario in which nothing spreads."""
        if instance.spreading is None:
            text = "no disruption of this scenario spreads (cascade: true), so there is nothing to restore"
            yield Problem(("restore",), text, "part")
        seen: dict[str, int] = {}
        for number, node in enumerate(self.restore):
            path = ("restore", number)
            if node not in instance.network.node_index:
                yield Problem(path, f"there is no node '{node}'")
            elif seen.setdefault(node, number) != number:
                yield Problem(path, f"'{node}' is restored twice (first in restore.{seen[node]})")

    def promises(self, result: RunResult) -> list[Promise]:
        """RN beside the figures of trade: with the plan, and without; nothing where cascades read the running model."""
        from esc_sim.instance.build import instance_of
        from esc_sim.results.promise import Promise

        plain = instance_of(result.scenario)
        if plain.spreading is None or plain.spreading.is_measured or not plain.spreading.whole_network:
            return []
        stratified, runs = result.batch > 1, range(result.replications)
        found = []
        for name, label, instance in (
            ("rn", "RN after the cascade", self.applied(plain)),
            ("rn_without", "the same, nothing restored", plain),
        ):
            samples = [functional_part(instance, result.seed, number, stratified) for number in runs]
            unit = f"nodes of {plain.network.node_count:,}"
            found.append(Promise(name, label, unit, None, np.array(samples, dtype=np.float64)))
        return found

    def applied(self, instance: Instance) -> Instance:
        """The instance whose cascades leave these nodes out."""
        assert instance.spreading is not None
        index = instance.network.node_index
        restored = np.array(sorted(index[node] for node in self.restore), np.int32)
        after = instance.clock.of(self.resume_after)
        return replace(instance, spreading=replace(instance.spreading, restored=restored, resume_after=after))
