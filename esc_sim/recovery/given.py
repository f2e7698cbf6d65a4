"""What a caller of `recover` gives: the scenario or network, the failed nodes, the budget, a set of his own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from esc_sim.cascade.cascade import Cascade
from esc_sim.cascade.scenario import cascade_of
from esc_sim.errors import InputError
from esc_sim.network.imported import NOTHING, TABLES_ALONE, Beside, is_network, network_read_by
from esc_sim.network.model import network_of
from esc_sim.recovery.problem import RecoveryProblem
from esc_sim.recovery.reads import recovery_reads
from esc_sim.recovery.removal import nodes_of_disruption, read_nodes
from esc_sim.recovery.search import choose_removed
from esc_sim.recovery.strategies import GIVEN, RecoveryPolicy
from esc_sim.scenario.cascade import MEASURED
from esc_sim.scenario.given import ScenarioLike
from esc_sim.scenario.kinds import number, whole
from esc_sim.scenario.overrides import Overrides
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.unread import scenario_read_by

Nodes = Sequence[str | int] | str | os.PathLike[str]
"""Ids of nodes, or a file that lists them."""


def scenario_or_network(scenario: ScenarioLike, overrides: Overrides, beside: Beside) -> tuple[Scenario, bool]:
    """The scenario that is asked about, and whether it is a network of another program.

    Args:
        scenario: a scenario, the path of one, or of a network.
        overrides: changes of values, as for ``--set``.
        beside: tables that go with a network of another program.

    Raises:
        InputError: it cannot be used.
    """
    if isinstance(scenario, str | os.PathLike) and is_network(Path(scenario)):
        return network_read_by("recover", Path(scenario), beside, overrides, recovery_reads), True
    if beside != NOTHING:
        raise InputError(TABLES_ALONE)
    return scenario_read_by("recover", scenario, overrides, recovery_reads), False


def cascade_to_search(scenario: Scenario) -> Cascade:
    """The cascade of a scenario; loads that are throughput are measured in an undisrupted run.

    Raises:
        InputError: nothing is shipped in that run.
    """
    network = network_of(scenario)
    plain = cascade_of(scenario, network)
    if scenario.cascade is None or scenario.cascade.load not in MEASURED:
        return plain
    from esc_sim.instance.build import instance_of
    from esc_sim.recovery.measuring import measured_loads

    return plain.with_loads(
        measured_loads(instance_of(scenario, network), scenario.run.seed, scenario.cascade.load_scale)
    )


def removed_nodes(
    scenario: Scenario,
    cascade: Cascade,
    removed: Nodes | None,
    remove: int | None,
    how: str,
    disruption: str | None,
    seed: int,
) -> tuple[NDArray[np.int32], str]:
    """The failed nodes, and how they were chosen.

    Args:
        scenario: with the disruptions that may say which nodes failed.
        cascade: its cascade.
        removed: ids, or a file that lists them.
        remove: how many nodes fail.
        how: which ones.
        disruption: the nodes of this disruption fail.
        seed: of a random choice.

    Raises:
        InputError: two ways at once, or none, or nodes that do not exist.
    """
    if disruption is not None and (removed is not None or remove is not None):
        raise InputError("--disruption says which nodes failed: leave out --removed and --remove")
    if removed is not None:
        found, where = _nodes(removed, cascade, "removed node")
        if remove is None:
            return found, where
        if not 0 <= remove <= len(found):
            raise InputError(f"remove: {remove} is not a number from 0 to the {len(found)} nodes listed")
        return found[:remove], f"the first {remove} {where}"
    if remove is not None:
        words = {"random": f"at random (seed {seed})"}.get(how, f"of the highest {how}")
        return choose_removed(cascade, remove, how, seed), words
    name, found = nodes_of_disruption(scenario, cascade.network, disruption)
    return found, f"by the disruption '{name}'"


def budget_of(budget: float | None, count: int | None, own: NDArray[np.int32] | None, cascade: Cascade) -> float:
    """The budget: of load, or of nodes; that of a set of one's own where nothing else is said.

    Args:
        budget: largest sum of loads.
        count: largest number of nodes.
        own: indices of the nodes of a set of one's own.
        cascade: with the loads.

    Raises:
        InputError: both, or neither.
    """
    if budget is not None and count is not None:
        raise InputError("budget and count: one of the two limits what is restored; leave the other out")
    if count is not None:
        return float(whole("count", count, 0))
    if budget is not None:
        return number("budget", budget)
    if own is None:
        raise InputError("budget: say how much load may be restored (--budget), or how many nodes (--count)")
    return float(cascade.loads[own].sum())


def own_set(restore: Nodes | None, cascade: Cascade) -> NDArray[np.int32] | None:
    """Indices of the nodes of a set of one's own; None where there is none.

    Raises:
        InputError: nodes that do not exist, a file that cannot be read.
    """
    return None if restore is None else _nodes(restore, cascade, "restored node")[0]


def given_policy(own: NDArray[np.int32], cascade: Cascade) -> RecoveryPolicy:
    """The policy that restores a set of one's own.

    Args:
        own: indices of its nodes.
        cascade: with the network.
    """

    def given(problem: RecoveryProblem) -> Iterable[str]:
        return [cascade.network.id_of(int(node)) for node in own]

    given.__name__ = GIVEN
    return given


def _nodes(nodes: Nodes, cascade: Cascade, what: str) -> tuple[NDArray[np.int32], str]:
    """Indices of nodes, and where they come from in words."""
    if isinstance(nodes, str | os.PathLike):
        return read_nodes(Path(nodes), cascade.network, what), f"from {Path(nodes).name}"
    return cascade.network.index_of(nodes, what), "as given"
