"""`recover` on a scenario or on an imported network: what failed, which strategies to try, and what they found."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Unpack

import numpy as np
from numpy.typing import NDArray

from esc_sim.cascade.cascade import Cascade, CascadeResult
from esc_sim.cascade.scenario import cascade_of
from esc_sim.counted import enumerated
from esc_sim.crews.crew import WORK, hands_of
from esc_sim.errors import InputError
from esc_sim.findings.study import Cells, Kind, Study
from esc_sim.network.imports import EDGE_LISTS, GRAPHS, MAPS
from esc_sim.network.model import network_of
from esc_sim.options import Options, check_options
from esc_sim.recovery.beta_range import BetaRange, beta_range
from esc_sim.recovery.problem import Progress
from esc_sim.recovery.reads import recovery_reads
from esc_sim.recovery.removal import nodes_of_disruption, read_removed
from esc_sim.recovery.search import STRATEGIES, RecoveryResult, choose_removed, compare
from esc_sim.scenario.cascade import CascadeRules
from esc_sim.scenario.dotted import path_of
from esc_sim.scenario.given import ScenarioLike
from esc_sim.scenario.kinds import number, whole
from esc_sim.scenario.meaning import targets_of
from esc_sim.scenario.overrides import Overrides, as_texts
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.unread import scenario_read_by, unread, with_notices

if TYPE_CHECKING:
    from esc_sim.findings.plots import Draw
    from esc_sim.plans.recovery import RecoveryPlan
    from esc_sim.storage.place import Fill

COMPARE = "compare"
MOST_TOLD: Final = 10
"""Nodes that a notice names."""


KIND: Final = Kind(
    "esc_sim recover",
    "Recovery",
    {"strategies": ("strategy",), "convergence": ("strategy", "evaluations"), "nodes": ("node",), "beta": ("beta",)},
    {},
)


@dataclass(frozen=True, repr=False, eq=False)
class RecoveryRun(Study):
    """What `recover` found.

    Attributes:
        scenario: what was asked about.
        cascade: its network, loads and settings.
        results: one a strategy, the best first; among them always "none" (restore nothing).
        chosen: the strategy whose set becomes the plan: the one asked for, the best one of a comparison.
        removed_by: how the removed nodes were chosen, in words.
        by_disruption: a disruption of the scenario says which nodes failed.
        evaluations: cascades that each search could run.
        beta_from: where beta comes from, one of BETA_FROM.
        command: how the run was started.
        notices: what the reader must know.
        interrupted: Ctrl-C ended it before all was done.
    """

    scenario: Scenario
    cascade: Cascade
    results: tuple[RecoveryResult, ...]
    chosen: RecoveryResult
    removed_by: str
    by_disruption: bool
    evaluations: int
    beta_from: str = "scenario"
    command: str = ""
    notices: list[str] = field(default_factory=list)
    interrupted: bool = False

    @property
    def study_kind(self) -> Kind:
        """Tables strategies, convergence (where each search got better), nodes, and beta (RN at others)."""
        return KIND

    @property
    def subject(self) -> str:
        """Title of the scenario, how many nodes failed, and the budget."""
        best, title = self.chosen, self.scenario.title or self.scenario.name
        return f"{title}, {len(best.removed)} of {self.cascade.network.n} nodes failed, budget {best.budget:g}"

    def written_tables(self) -> Mapping[str, Cells]:
        """Strategies, where each search got better, nodes, and RN over beta."""
        from esc_sim.recovery.writing import recovery_tables

        return recovery_tables(self)

    def figures_by_name(self) -> Mapping[str, Draw]:
        """Strategies, RN over beta, convergence of searches, the network and the rounds with and without recovery."""
        from esc_sim.recovery.writing import recovery_figures

        return recovery_figures(self)

    def folder_files(self) -> Fill:
        """What writes it into a folder."""
        from esc_sim.recovery.writing import recovery_files

        return recovery_files(self)

    @cached_property
    def after(self) -> CascadeResult:
        """The cascade with the chosen nodes restored, round by round."""
        return self.cascade.run(self.chosen.removed, self.chosen.restored, self.chosen.cascade_seeds[0], history=True)

    @property
    def failed_again(self) -> list[int]:
        """Restored nodes that fail in the cascade all the same, on its first seed."""
        return [int(node) for node in self.chosen.restored if self.after.failed_round[node] > 0]

    @cached_property
    def without(self) -> CascadeResult:
        """The cascade without recovery, round by round."""
        return self.cascade.run(self.chosen.removed, (), self.chosen.cascade_seeds[0], history=True)

    @cached_property
    def beta_range(self) -> BetaRange:
        """What becomes of the chosen set at other betas and cascade seeds."""
        return beta_range(self.cascade, self.chosen)

    def names_of(self, nodes: Iterable[int]) -> list[str]:
        """Nodes as readers know them: the name, where the scenario has one, and the id."""
        given = [self.scenario.nodes[node] for node in nodes]
        return [f"{node.name} ({node.id})" if node.name not in ("", node.id) else node.id for node in given]

    @property
    def plan(self) -> RecoveryPlan:
        """The chosen set as a plan that `esc-sim run SCENARIO --plan` carries out."""
        from esc_sim.plans.plan import Origin
        from esc_sim.plans.recovery import RecoveryPlan
        from esc_sim.results.manifest import scenario_hash

        best = self.chosen
        return RecoveryPlan(
            version=1,
            name=f"recovery, {best.strategy}, budget {best.budget:g}",
            structure_hash=network_of(self.scenario).structure_hash,
            origin=Origin(
                scenario=self.scenario.name,
                scenario_hash=scenario_hash(self.scenario),
                command=self.command,
                objectives={"rn": best.rn, "strict_rn": best.strict_rn, "load_used": best.load_used},
            ),
            restore=[self.cascade.network.id_of(int(node)) for node in best.restored],
        )


def recover(
    scenario: ScenarioLike,
    budget: float,
    *,
    removed: Sequence[str | int] | str | os.PathLike[str] | None = None,
    remove: int | None = None,
    how: str = "random",
    disruption: str | None = None,
    strategy: str = "memetic",
    evaluations: int = 2000,
    cascade_seeds: int = 1,
    overrides: Sequence[str] | Mapping[str, Any] = (),
    nodes: str | os.PathLike[str] | None = None,
    **options: Unpack[Options],
) -> RecoveryRun:
    """Which failed nodes to restore so that the network keeps the largest functional part.

    Args:
        scenario: a scenario, the path of one, or of an edge list (.csv), GraphML, GEXF or GeoJSON file.
        budget: largest sum of the loads of the restored nodes.
        removed: ids of the failed nodes, or a file that lists them (see :func:`read_removed`).
        remove: how many nodes fail: chosen by ``how``, or the first of ``removed``.
        how: "random", "degree" or "load" (the highest first).
        disruption: the nodes of this disruption fail; by default those of the first that spreads.
        strategy: one of the strategies of :func:`esc_sim.recovery.search.recover`, or "compare" for all of them.
        evaluations: cascades that each search may run.
        cascade_seeds: number of cascade seeds searched over at once, from the scenario's on.
        overrides: changes of values, as for ``--set``.
        nodes: table of ids and roles that goes with an edge list.
        options: how to run, see :class:`esc_sim.Options`: seed (of the search, and of the random choice of removed
            nodes; default 1), workers (threads, default all processors), dask, executor, progress (for the name of a
            strategy, the callback of its search), command.

    Returns:
        All results, the best first. After Ctrl-C those that were finished, with a notice; KeyboardInterrupt where the
        strategy asked for had found nothing.

    Raises:
        InputError: something cannot be used; the message says what and where.

    Examples:
        >>> import esc_sim as esc
        >>> found = esc.recover("scenarios/cascade_37", 20.0, remove=3, evaluations=50)
        >>> found.chosen.load_used <= 20.0
        True
    """
    check_options(recover, options, "seed", *WORK, "progress", "command")
    given, command, hands = options.get("seed"), options.get("command", ""), hands_of(options)
    seed = 1 if given is None else given
    progress: Callable[[str], Progress] | None = options.get("progress")
    scenario = _read(scenario, overrides, nodes)
    if strategy not in (*STRATEGIES, "exact", COMPARE):
        raise InputError(
            f"strategy: there is no '{strategy}'; choose from {', '.join((*STRATEGIES, 'exact', COMPARE))}"
        )
    evaluations, cascade_seeds = whole("evaluations", evaluations), whole("cascade_seeds", cascade_seeds)
    remove = None if remove is None else whole("remove", remove)
    budget = number("budget", budget)
    if cascade_seeds < 1:
        raise InputError(f"seeds: {cascade_seeds} is not a number of cascade seeds; give at least 1")
    notices = list(scenario.notices)
    rules = scenario.cascade or CascadeRules()
    if scenario.cascade is None:
        notices.append("the scenario has no section 'cascade': default parameters are used")
    cascade = _cascade(scenario, rules)
    failed, removed_by = _removed(scenario, cascade, removed, remove, how, disruption, seed)
    names = ["none", *(name for name in (STRATEGIES if strategy == COMPARE else (strategy,)) if name != "none")]
    with hands.crew(releases=True) as crew:
        results = compare(
            cascade,
            failed,
            budget,
            names,
            progress,
            evaluations=evaluations,
            seed=seed,
            cascade_seeds=tuple(rules.seed + k for k in range(cascade_seeds)),
            crew=crew,
        )
    if strategy != COMPARE and len(results) < len(names):
        raise KeyboardInterrupt
    interrupted = len(results) < len(names) or results[-1].interrupted
    if interrupted:
        done = sum(not result.interrupted for result in results)
        notices.append(f"interrupted: {done} of {len(names)} strategies finished")
    ranked = tuple(sorted(results, key=lambda result: (-_measure(result, cascade), result.load_used)))
    chosen = ranked[0] if strategy == COMPARE else results[-1]
    found = RecoveryRun(
        scenario, cascade, ranked, chosen, removed_by, removed is None and remove is None, evaluations,
        _beta_from(scenario, overrides), command, notices, interrupted,
    )  # fmt: skip
    notices += filter(None, [_never_hit(found)])
    try:
        notices += filter(None, [found.beta_range.warning()])
    except KeyboardInterrupt:  # what was found is kept; the range is worked out when it is asked for
        return replace(found, interrupted=True)
    return found


def _never_hit(run: RecoveryRun) -> str:
    """A notice where the plan restores nodes that no disruption of the scenario fails; empty where it restores none."""
    spreading = [disruption for disruption in run.scenario.disruptions if disruption.cascade]
    hit = set[str]().union(*(targets_of(run.scenario, disruption) for disruption in spreading))
    idle = [int(node) for node in run.chosen.restored if run.cascade.network.id_of(int(node)) not in hit]
    if not idle or not spreading:  # without one that spreads, no run takes the plan, and says so
        return ""
    names = enumerated(run.names_of(idle), MOST_TOLD)
    return (
        f"no disruption of the scenario that spreads hits {names}, so restoring them changes nothing in "
        "`esc-sim run`, which restores only nodes that the scenario's own disruptions hit"
    )


def _beta_from(scenario: Scenario, overrides: Overrides) -> str:
    if scenario.cascade is None or "beta" not in scenario.cascade.model_fields_set:
        return "default"
    changed = {path_of(text) for text in as_texts(overrides)}
    return "override" if changed & {"cascade", "cascade.beta"} else "scenario"


def _measure(result: RecoveryResult, cascade: Cascade) -> float:
    return result.strict_rn if cascade.settings.strict else result.rn


def _read(
    scenario: ScenarioLike,
    overrides: Overrides,
    nodes: str | os.PathLike[str] | None,
) -> Scenario:
    if isinstance(scenario, str | os.PathLike):
        path = Path(scenario)
        if path.suffix.lower() in (*EDGE_LISTS, *GRAPHS, *MAPS):
            from esc_sim.network.imported import imported_scenario

            found = imported_scenario(path, nodes, overrides)

            def load(rest: Overrides) -> Scenario:
                return imported_scenario(path, nodes, rest)

            return with_notices(found, unread("recover", found, overrides, load, recovery_reads))
    if nodes is not None:
        raise InputError("--nodes goes with an edge list (.csv); a scenario has its own nodes")
    return scenario_read_by("recover", scenario, overrides, recovery_reads)


def _cascade(scenario: Scenario, rules: CascadeRules) -> Cascade:
    network = network_of(scenario)
    plain = cascade_of(network, rules)
    if rules.load == "eigenvector":
        return plain
    from esc_sim.instance.build import instance_of
    from esc_sim.recovery.measuring import measured_loads

    loads = measured_loads(instance_of(scenario, network), scenario.run.seed, rules.load_scale)
    return Cascade(plain.network, plain.settings, loads)


def _removed(
    scenario: Scenario,
    cascade: Cascade,
    removed: Sequence[str | int] | str | os.PathLike[str] | None,
    remove: int | None,
    how: str,
    disruption: str | None,
    seed: int,
) -> tuple[NDArray[np.int32], str]:
    """The failed nodes, and how they were chosen."""
    if disruption is not None and (removed is not None or remove is not None):
        raise InputError("--disruption says which nodes failed: leave out --removed and --remove")
    if removed is not None:
        if isinstance(removed, str | os.PathLike):
            found, where = read_removed(Path(removed), cascade.network), f"from {Path(removed).name}"
        else:
            found, where = cascade.network.index_of(removed), "as given"
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
