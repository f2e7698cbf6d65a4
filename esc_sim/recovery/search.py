"""Choosing the failed nodes to restore: one call for every strategy, and the comparison of strategies."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.cascade.cascade import Cascade
from esc_sim.cascade.kernels import RN, STRICT
from esc_sim.cascade.settings import OUT_OF_SEED
from esc_sim.crews.crew import Crew, alone
from esc_sim.errors import InputError
from esc_sim.recovery.problem import BoolArray, Progress, RecoveryProblem
from esc_sim.recovery.settings import OWN, SearchSettings
from esc_sim.recovery.strategies import (
    BY_ROLE,
    SORTED,
    RecoveryPolicy,
    own_policies,
    policy_name,
    policy_set,
    sorted_set,
)

SEARCHES = ("memetic", "paper-memetic", "ga", "exact")
STRATEGIES = (*SEARCHES[:3], *SORTED, "none")  # those that a comparison runs; exact is for small sets only
Strategy = str | RecoveryPolicy
CHOICES = ("random", "degree", "load")  # ways to choose the removed nodes


@dataclass(frozen=True)
class RecoveryResult:
    """A recovery set and what it achieves.

    Attributes:
        strategy: as asked for; "exact" where the default search could enumerate all sets; the name of a policy.
        removed, restored: indices of nodes, ascending.
        budget: C_R, in load, or the most nodes that may be restored.
        load_used: sum of the loads of the restored nodes.
        rn, strict_rn: means over the cascade seeds of the search, to which a set is fitted.
        out_of_seed: RN (strict RN where the search maximises it) on further cascade seeds, which the search has not
            seen; their mean is what to expect.
        by_role: role -> (restored, removed) nodes, in the order of the network's role names.
        evaluations: cascades that the search ran.
        trace: (evaluations, best resilience so far) after every set that was run.
        iterations: the same at the end of every generation, the first population among them.
        cascade_seeds, seed: of the cascades and of the search.
        interrupted: Ctrl-C ended the search; the set is the best until then.
        by_count: the budget is a number of nodes.
    """

    strategy: str
    removed: NDArray[np.int32]
    restored: NDArray[np.int32]
    budget: float
    load_used: float
    rn: float
    strict_rn: float
    out_of_seed: NDArray[np.int64]
    by_role: dict[str, tuple[int, int]]
    evaluations: int
    trace: tuple[tuple[int, float], ...] = field(repr=False)
    cascade_seeds: tuple[int, ...]
    seed: int
    interrupted: bool = False
    by_count: bool = False
    iterations: tuple[tuple[int, float], ...] = field(default=(), repr=False)

    @property
    def expected(self) -> float:
        """Mean of the resilience over cascade seeds that the search has not seen."""
        return float(self.out_of_seed.mean())


def recover(
    cascade: Cascade,
    removed: ArrayLike,
    budget: float,
    strategy: Strategy = "memetic",
    evaluations: int = 2000,
    seed: int = 1,
    cascade_seeds: Sequence[int] = (1,),
    crew: Crew = alone,
    progress: Progress | None = None,
    by_count: bool = False,
    settings: SearchSettings = OWN,
) -> RecoveryResult:
    """Choose the removed nodes to restore so that the network keeps the largest functional part.

    Args:
        cascade: the network.
        removed: indices of the removed nodes.
        budget: largest sum of the loads of the restored nodes, or their largest number.
        strategy: "memetic" (the default search; it enumerates when all sets within the budget fit the evaluations),
            "paper-memetic" and "ga" (the published searches, every set run anew), "exact" (all sets, up to 20 removed
            nodes, however many evaluations that takes), "load-asc", "load-desc", "degree-asc", "degree-desc",
            "suppliers-first", "retailers-first" (restore in that order), "none", the name of a policy of an installed
            package, or a policy itself.
        evaluations: cascades that a search may run.
        seed: of the search.
        cascade_seeds: seeds of the cascades; with several, the mean resilience over them is maximised.
        crew: who does the cascades, default this thread; no number depends on it.
        progress: called with the evaluations done, their limit and the best resilience.
        by_count: the budget is a number of nodes.
        settings: sizes and chances of the search.

    Returns:
        The set found. After Ctrl-C the best one until then; KeyboardInterrupt where no set had been tried.

    Raises:
        InputError: unknown strategy, negative budget, nodes that do not exist, too many nodes for "exact".
    """
    name = strategy if isinstance(strategy, str) else policy_name(strategy)
    remember = name not in ("paper-memetic", "ga")
    problem = RecoveryProblem(cascade, removed, budget, cascade_seeds, evaluations, crew, progress, remember, by_count)
    settings.check(name)
    policy = own_policies().get(strategy) if isinstance(strategy, str) else strategy
    interrupted = False
    if policy is not None:
        problem.evaluate(policy_set(problem, policy)[None])
    elif name in SORTED or name in BY_ROLE:
        problem.evaluate(sorted_set(problem, name)[None])
    elif name == "none":
        problem.evaluate(np.zeros((1, problem.size), dtype=bool))
    elif name in SEARCHES:
        try:
            name = _search(problem, name, seed, settings)
        except KeyboardInterrupt:
            if not problem.trace:
                raise
            interrupted = True
    else:
        raise InputError(f"strategy '{name}' does not exist; choose from {', '.join(strategy_names())}")
    return replace(_result(problem, name, seed), interrupted=interrupted)


def strategy_names() -> tuple[str, ...]:
    """All strategies that can be asked for, those of installed packages last."""
    return (*STRATEGIES, *BY_ROLE, "exact", *own_policies())


def compare(
    cascade: Cascade,
    removed: ArrayLike,
    budget: float,
    strategies: Sequence[Strategy] = STRATEGIES,
    progress: Callable[[str], Progress] | None = None,
    settings: SearchSettings = OWN,
    **options: object,
) -> list[RecoveryResult]:
    """Results of several strategies on the same removed nodes and budget.

    Args:
        cascade: network and rules.
        removed: the failed nodes, by index.
        budget: largest sum of the loads of the restored nodes.
        strategies: names or policies, as in `recover`.
        progress: for the name of a strategy, the callback of its search.
        settings: sizes and chances of the searches; each takes what it reads.
        options: further arguments of `recover`.

    Returns:
        One result a strategy; after Ctrl-C those that were finished, and the best set of the one that was interrupted.

    Raises:
        InputError: arguments that `recover` refuses.
    """
    results: list[RecoveryResult] = []
    for strategy in strategies:
        name = strategy if isinstance(strategy, str) else policy_name(strategy)
        show, mine = progress(name) if progress else None, settings.read_by(name)
        try:
            found = recover(cascade, removed, budget, strategy, progress=show, settings=mine, **options)  # type: ignore[arg-type]
        except KeyboardInterrupt:
            if not results:
                raise
            break
        results.append(found)
        if found.interrupted:
            break
    return results


def choose_removed(cascade: Cascade, count: int, how: str = "random", seed: int = 1) -> NDArray[np.int32]:
    """Nodes to remove: at random, or those of the highest degree or load (ties to the lower id).

    Args:
        cascade: network and loads; n nodes.
        count: how many nodes.
        how: "random", "degree" or "load".
        seed: of the random choice.

    Returns:
        (count,) indices, ascending.

    Raises:
        InputError: unknown way, or a count outside 0 to n.
    """
    n = cascade.network.n
    if how not in CHOICES:
        raise InputError(f"how: '{how}' is no way to choose removed nodes; choose from {', '.join(CHOICES)}")
    if not 0 <= count <= n:
        raise InputError(f"remove: {count} is not a number of nodes from 0 to {n}")
    if how == "random":
        order = np.random.default_rng(seed).permutation(n)
    else:
        measure = cascade.network.degree if how == "degree" else cascade.loads
        order = np.argsort(-measure, kind="stable")
    return np.sort(order[:count]).astype(np.int32)


def _search(problem: RecoveryProblem, strategy: str, seed: int, settings: SearchSettings) -> str:
    """Run a search; returns the name of what was run."""
    from esc_sim.recovery import exact, ga, memetic

    if strategy == "ga":
        ga.search_ga(problem, seed, settings)
    elif strategy == "paper-memetic":
        ga.search_paper_memetic(problem, seed, settings)
    elif strategy == "exact" or exact.fits(problem):
        exact.search_exact(problem)
        return "exact"
    else:
        memetic.search_memetic(problem, seed, settings)
    return strategy


def _result(problem: RecoveryProblem, strategy: str, seed: int) -> RecoveryResult:
    cascade, chosen = problem.cascade, problem.best
    nodes = problem.nodes
    last = max(problem.seeds)
    further = [last + k for k in range(1, OUT_OF_SEED + 1)]
    inside = _measure(problem, chosen, problem.seeds)
    outside = _measure(problem, chosen, further)
    role = cascade.network.role[nodes]
    return RecoveryResult(
        strategy=strategy,
        removed=nodes,
        restored=nodes[chosen],
        budget=problem.budget,
        load_used=math.fsum(cascade.loads[nodes[chosen]].tolist()),
        rn=float(inside[:, RN].mean()),
        strict_rn=float(inside[:, STRICT].mean()),
        out_of_seed=outside[:, STRICT if cascade.settings.strict else RN],
        by_role={
            name: (int(np.sum(chosen & (role == code))), int(np.sum(role == code)))
            for code, name in enumerate(cascade.network.role_names)
        },
        evaluations=problem.evaluations,
        trace=tuple(problem.trace),
        cascade_seeds=problem.seeds,
        seed=seed,
        by_count=problem.by_count,
        iterations=tuple(problem.iterations),
    )


def _measure(problem: RecoveryProblem, chosen: BoolArray, seeds: Sequence[int]) -> NDArray[np.int64]:
    """(Q, 4) measures of one set; reporting, not counted as the search's evaluations."""
    return problem.cascade.evaluate(problem.nodes, chosen[None], seeds, strict=True)[0]
