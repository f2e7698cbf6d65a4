"""`recover` on a scenario or on an imported network: what failed, which strategies to try, and what they found."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Unpack

from esc_sim.cascade.cascade import Cascade, CascadeResult
from esc_sim.counted import enumerated
from esc_sim.crews.crew import WORK, hands_of
from esc_sim.errors import InputError
from esc_sim.findings.study import Cells, Kind, Study
from esc_sim.network.imported import FAILURE, Beside
from esc_sim.network.model import network_of
from esc_sim.options import Options, check_options
from esc_sim.recovery.beta_range import BetaRange, beta_range
from esc_sim.recovery.given import (
    Nodes,
    budget_of,
    cascade_to_search,
    given_policy,
    own_set,
    removed_nodes,
    scenario_or_network,
)
from esc_sim.recovery.problem import Progress
from esc_sim.recovery.search import STRATEGIES, RecoveryResult, Strategy, compare, strategy_names
from esc_sim.recovery.settings import SearchSettings
from esc_sim.recovery.strategies import strategy_label
from esc_sim.scenario.cascade import CascadeRules
from esc_sim.scenario.disruptions import Dates, Disruption
from esc_sim.scenario.dotted import path_of
from esc_sim.scenario.given import ScenarioLike
from esc_sim.scenario.kinds import whole
from esc_sim.scenario.meaning import targets_of
from esc_sim.scenario.overrides import Overrides, as_texts
from esc_sim.scenario.schema import Scenario

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
        imported: the network is another program's; in its scenario arcs carry their volumes, and the failed nodes fail.
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
    imported: bool = False

    @property
    def study_kind(self) -> Kind:
        """Tables strategies, convergence (where each search got better), nodes, and beta (RN at others)."""
        return KIND

    @property
    def subject(self) -> str:
        """Title of the scenario, how many nodes failed, and the budget."""
        best, title = self.chosen, self.scenario.title or self.scenario.name
        return f"{title}, {len(best.removed)} of {self.cascade.network.n} nodes failed, budget {self.budget_words}"

    @property
    def budget_words(self) -> str:
        """The budget in words: of load, or of nodes."""
        best = self.chosen
        unit = ("node" if best.budget == 1 else "nodes") if best.by_count else "of load"
        return f"{best.budget:g} {unit}"

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

    @property
    def nothing(self) -> RecoveryResult:
        """What restoring nothing gives."""
        return next(result for result in self.results if result.strategy == "none")

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
        """The chosen set as a plan that `esc-sim run SCENARIO --plan` carries out.

        Its RN is promised where the nodes that failed are those that fail in a run.
        """
        from esc_sim.plans.plan import Origin
        from esc_sim.plans.recovery import RecoveryPlan
        from esc_sim.results.manifest import scenario_hash

        best = self.chosen
        return RecoveryPlan(
            version=1,
            name=f"recovery, {best.strategy}, budget {self.budget_words.removesuffix(' of load')}",
            structure_hash=network_of(self.scenario).structure_hash,
            origin=Origin(
                scenario=self.scenario.name,
                scenario_hash=scenario_hash(self.scenario),
                command=self.command,
                objectives={
                    **({"rn_on_other_seeds": best.expected} if self.by_disruption or self.imported else {}),
                    "rn": best.rn,
                    "strict_rn": best.strict_rn,
                    "load_used": best.load_used,
                },
            ),
            failed=[self.cascade.network.id_of(int(node)) for node in best.removed] if self.imported else None,
            restore=[self.cascade.network.id_of(int(node)) for node in best.restored],
            last_cascade_seed=max(best.cascade_seeds),
        )


def recover(
    scenario: ScenarioLike,
    budget: float | None = None,
    *,
    count: int | None = None,
    removed: Nodes | None = None,
    remove: int | None = None,
    how: str = "random",
    disruption: str | None = None,
    strategy: Strategy | None = None,
    restore: Nodes | None = None,
    evaluations: int = 2000,
    cascade_seeds: int = 1,
    population: int | None = None,
    crossover: float | None = None,
    mutation: float | None = None,
    local_steps: int | None = None,
    local_first: bool = False,
    overrides: Sequence[str] | Mapping[str, Any] = (),
    nodes: str | os.PathLike[str] | None = None,
    competitors: str | os.PathLike[str] | None = None,
    **options: Unpack[Options],
) -> RecoveryRun:
    """Which failed nodes to restore so that the network keeps the largest functional part.

    Args:
        scenario: a scenario, the path of one, or of an edge list (.csv), GraphML, GEXF or GeoJSON file.
        budget: largest sum of the loads of the restored nodes.
        count: largest number of restored nodes, in place of a budget of load.
        removed: ids of the failed nodes, or a file that lists them (see :func:`read_nodes`).
        remove: how many nodes fail: chosen by ``how``, or the first of ``removed``.
        how: "random", "degree" or "load" (the highest first).
        disruption: the nodes of this disruption fail; by default those of the first that spreads.
        strategy: one of the strategies of :func:`esc_sim.recovery.search.recover`, "compare" for the usual ones, or a
            policy of one's own: a function of the :class:`esc_sim.recovery.problem.RecoveryProblem` that gives the
            ids of the nodes to restore. Default "memetic", or none beside a set of one's own.
        restore: a set of one's own to be scored: ids, or a file that lists them; it becomes the plan.
        evaluations: cascades that each search may run.
        cascade_seeds: number of cascade seeds searched over at once, from the scenario's on.
        population, crossover, mutation, local_steps, local_first: sizes and chances of the searches, see
            :class:`esc_sim.recovery.settings.SearchSettings`; a comparison hands each search what it reads.
        overrides: changes of values, as for ``--set``.
        nodes: table of ids and roles that goes with an edge list; without it, roles come from the direction of flow.
        competitors: table of pairs that compete (node, competitor), of an edge list or other network; without it,
            those compete who share partners.
        options: how to run, see :class:`esc_sim.Options`: seed (of the search, and of the random choice of removed
            nodes; default 1), workers (threads, default all processors), dask, executor, progress (for the name of a
            strategy, the callback of its search), command.

    Returns:
        All results, the best first: by the mean over cascade seeds that no search has seen. After Ctrl-C those that
        were finished, with a notice; KeyboardInterrupt where the strategy asked for had found nothing.

    Raises:
        InputError: something cannot be used; the message says what and where.

    Examples:
        >>> import esc_sim as esc
        >>> found = esc.recover("scenarios/cascade_37", 20.0, remove=3, evaluations=50)
        >>> found.chosen.load_used <= 20.0
        True
        >>> def nearest_to_customers(problem):  # a policy of one's own: ids within the budget
        ...     network, most = problem.cascade.network, int(problem.budget)
        ...     retailers = [node for node in problem.nodes if network.role_names[network.role[node]] == "retailer"]
        ...     return [network.id_of(node) for node in retailers[:most]]
        >>> esc.recover("scenarios/cascade_37", count=2, strategy=nearest_to_customers).chosen.strategy
        'nearest_to_customers'
    """
    check_options(recover, options, "seed", *WORK, "progress", "command")
    given, command, hands = options.get("seed"), options.get("command", ""), hands_of(options)
    seed = 1 if given is None else given
    progress: Callable[[str], Progress] | None = options.get("progress")
    found, imported = scenario_or_network(scenario, overrides, Beside(nodes, competitors))
    settings = SearchSettings(population, crossover, mutation, local_steps, local_first)
    asked = _strategies(strategy, restore is not None)
    evaluations, cascade_seeds = whole("evaluations", evaluations), whole("cascade_seeds", cascade_seeds)
    remove = None if remove is None else whole("remove", remove)
    if cascade_seeds < 1:
        raise InputError(f"seeds: {cascade_seeds} is not a number of cascade seeds; give at least 1")
    notices = list(found.notices)
    rules = found.cascade or CascadeRules()
    if found.cascade is None:
        notices.append("the scenario has no section 'cascade': default parameters are used")
    cascade = cascade_to_search(found)
    own = own_set(restore, cascade)
    limit = budget_of(budget, count, own, cascade)
    failed, removed_by = removed_nodes(found, cascade, removed, remove, how, disruption, seed)
    if strategy != COMPARE:
        for name in asked:
            settings.check(name if isinstance(name, str) else "")
    names: list[Strategy] = ["none", *asked, *([] if own is None else [given_policy(own, cascade)])]
    with hands.crew(releases=True) as crew:
        results = compare(
            cascade,
            failed,
            limit,
            names,
            progress,
            settings,
            evaluations=evaluations,
            seed=seed,
            cascade_seeds=tuple(rules.seed + k for k in range(cascade_seeds)),
            crew=crew,
            by_count=count is not None,
        )
    if strategy != COMPARE and len(results) < len(names):
        raise KeyboardInterrupt
    interrupted = len(results) < len(names) or results[-1].interrupted
    if interrupted:
        done = sum(not result.interrupted for result in results)
        notices.append(f"interrupted: {done} of {len(names)} strategies finished")
    ranked = tuple(sorted(results, key=lambda result: (-result.expected, -_measure(result, cascade), result.load_used)))
    if imported:
        found = _failing(found, [cascade.network.id_of(int(node)) for node in failed])
    run = RecoveryRun(
        found, cascade, ranked, ranked[0] if strategy == COMPARE and own is None else results[-1], removed_by,
        removed is None and remove is None, evaluations, _beta_from(found, overrides), command, notices, interrupted,
        imported,
    )  # fmt: skip
    notices += filter(None, [_worse_than_nothing(run), _never_hit(run)])
    try:
        notices += filter(None, [run.beta_range.warning()])
    except KeyboardInterrupt:  # what was found is kept; the range is worked out when it is asked for
        return replace(run, interrupted=True)
    return run


def _strategies(strategy: Strategy | None, own: bool) -> list[Strategy]:
    """The strategies to try beside "none".

    Raises:
        InputError: there is none of that name.
    """
    if strategy is None:
        return [] if own else ["memetic"]
    if strategy == COMPARE:
        return [name for name in STRATEGIES if name != "none"]
    if isinstance(strategy, str) and strategy not in strategy_names():
        raise InputError(f"strategy: there is no '{strategy}'; choose from {', '.join((*strategy_names(), COMPARE))}")
    return [] if strategy == "none" else [strategy]


def _failing(scenario: Scenario, failed: Sequence[str]) -> Scenario:
    """An imported network whose failed nodes fail in a run, too, and spread."""
    if not failed:
        return scenario
    failure = Disruption(name="failure", nodes=list(failed), dates=[Dates(**FAILURE)], cascade=True)
    return scenario.add(failure)


def _worse_than_nothing(run: RecoveryRun) -> str:
    """A notice where restoring the chosen set is worse than restoring nothing; empty where it is not."""
    nothing, best = run.nothing, run.chosen
    if best.expected >= nothing.expected:
        return ""
    measure = "strict RN" if run.cascade.settings.strict else "RN"
    return (
        f"the set of the plan ({strategy_label(best.strategy)}) is worse than restoring nothing: mean {measure} "
        f"{best.expected:.1f}, without recovery {nothing.expected:.1f}, over {len(best.out_of_seed)} cascade seeds "
        "that no search has seen"
    )


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
