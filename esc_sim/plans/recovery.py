"""Plans of kind ``recovery``: the failed nodes that are restored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from esc_sim.cascade.scenario import throughput_loads
from esc_sim.cascade.settings import OUT_OF_SEED
from esc_sim.fields.parts import Duration, Identifier
from esc_sim.instance.spreading import functional_parts
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
    last_cascade_seed: int | None = Field(
        default=None, ge=0, description="the last of the cascade seeds that the set was searched on"
    )

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
        """RN beside the figures of trade: with the plan, and without.

        It is of the cascade model, as the search has it: off the clock, on the whole network, for cascades that strike
        nodes of the plan. On the cascade seeds that the search has not seen, where the plan promises something, and on
        the seed of the run, to which a set that was searched is fitted. Where loads are measured in the running model,
        they are those of the undisrupted twin, and nothing is promised; without a twin there is no RN.
        """
        from esc_sim.instance.build import instance_of
        from esc_sim.results.promise import Promise

        plain = instance_of(result.scenario)
        spreading = plain.spreading
        if spreading is None:
            return []
        measured = spreading.is_measured
        if measured:
            if result.twin_arc_shipped is None:
                return []
            loads = throughput_loads(result.twin_arc_shipped, plain.network, spreading.cascade.settings.load_scale)
            spreading = replace(spreading, cascade=spreading.cascade.with_loads(loads))
            plain = replace(plain, spreading=spreading)
        own, fitted = spreading.seed, self.last_cascade_seed
        first = (own if fitted is None else fitted) + 1
        others = range(first, first + OUT_OF_SEED)
        stratified, runs = result.batch > 1, range(result.replications)
        mine = self._nodes(plain)
        rn = np.stack(
            [functional_parts(plain, mine, [own, *others], result.seed, k, stratified) for k in runs], axis=1
        ).astype(np.float64)  # (2, R, 1 + OUT_OF_SEED), with the plan and without
        measure = "strict RN" if spreading.cascade.settings.strict else "RN"
        unit, seeds = f"nodes of {plain.network.node_count:,}", _seeds(others)
        low_high = [" to ".join(f"{end:g}" for end in np.unique([part[:, 1:].min(), part[:, 1:].max()])) for part in rn]
        note = (
            f"{measure} over {seeds}: {low_high[0]} with the plan, {low_high[1]} without. Cascade seed {own} is the "
            f"run's{', to which a set that was searched is fitted' if fitted is not None and own < first else ''}. The "
            "cascade model plays each cascade that strikes nodes of the plan to its end, whatever the event's "
            "duration, on the whole network, with the restored nodes in place from its start"
            f"{' and the loads of the undisrupted twin' if measured else ''}; the figures of trade are those of "
            "the run."
        )
        least = None if measured else self.origin.objectives.get("rn_on_other_seeds")
        return [
            Promise(name, label, unit, None, samples, note=note, at_least=at_least)
            for name, label, samples, at_least in (
                ("rn_on_other_seeds", f"{measure} of the cascade model, mean over {seeds}", _others(rn[0]), least),
                ("rn_without_on_other_seeds", f"nothing restored, mean over {seeds}", _others(rn[1]), None),
                ("rn", f"{measure} of the cascade model on cascade seed {own}", rn[0][:, 0], None),
                ("rn_without", f"nothing restored, cascade seed {own}", rn[1][:, 0], None),
            )
        ]

    def applied(self, instance: Instance) -> Instance:
        """The instance whose cascades leave these nodes out."""
        assert instance.spreading is not None
        after = instance.clock.of(self.resume_after)
        spreading = replace(instance.spreading, restored=self._nodes(instance), resume_after=after)
        return replace(instance, spreading=spreading)

    def _nodes(self, instance: Instance) -> NDArray[np.int32]:
        """Indices of the restored nodes, ascending."""
        index = instance.network.node_index
        return np.array(sorted(index[node] for node in self.restore), np.int32)


def _seeds(seeds: range) -> str:
    return f"cascade seeds {seeds[0]} to {seeds[-1]}"


def _others(rn: NDArray[np.float64]) -> NDArray[np.float64]:
    """(R,) means over the seeds but the first, which is the run's."""
    return rn[:, 1:].mean(axis=1)
