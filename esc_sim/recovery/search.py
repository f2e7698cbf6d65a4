"""Choosing the failed nodes to restore: one call for every strategy, and the comparison of strategies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.cascade.cascade import Cascade
from esc_sim.cascade.kernels import RN, STRICT
from esc_sim.crews.crew import Crew, alone
from esc_sim.errors import InputError
from esc_sim.recovery.problem import BoolArray, Progress, RecoveryProblem
from esc_sim.recovery.strategies import SORTED, sorted_set

SEARCHES = ("memetic", "paper-memetic", "ga", "exact")
STRATEGIES = (*SEARCHES[:3], *SORTED, "none")  # those that a comparison runs; exact is for small sets only
OUT_OF_SEED = 20  # further cascade seeds on which the chosen set is measured
CHOICES = ("random", "degree", "load")  # ways to choose the removed nodes


@dataclass(frozen=True)
class RecoveryResult:
    """A recovery set and what it achieves.

    Attributes:
        strategy: as asked for; "exact" where the default search could enumerate all sets.
        removed, restored: indices of nodes, ascending.
        budget, load_used: C_R and the sum of the loads of the restored nodes.
        rn, strict_rn: means over the cascade seeds.
        out_of_seed: RN on further cascade seeds, which the search has not seen.
        by_role: role -> (restored, removed) nodes, in the order of the network's role names.
        evaluations: cascades that the search ran.
        trace: (evaluations, best resilience so far) after every set that was run.
        cascade_seeds, seed: of the cascades and of the search.
        interrupted: Ctrl-C ended the search; the set is the best until then.
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


def recover(
    cascade: Cascade,
    removed: ArrayLike,
    budget: float,
    strategy: str = "memetic",
    evaluations: int = 2000,
    seed: int = 1,
    cascade_seeds: Sequence[int] = (1,),
    crew: Crew = alone,
    progress: Progress | None = None,
) -> RecoveryResult:
    """Choose the removed nodes to restore so that the network keeps the largest functional part.

    Args:
        cascade: the network.
        removed: indices of the removed nodes.
        budget: largest sum of the loads of the restored nodes.
        strategy: "memetic" (the default search; it enumerates when all sets within the budget fit the evaluations),
            "paper-memetic" and "ga" (the published searches, every set run anew), "exact" (all sets, up to 20 removed
            nodes, however many evaluations that takes), "load-asc", "load-desc", "degree-asc", "degree-desc" (restore
            in that order), "none".
        evaluations: cascades that a search may run.
        seed: of the search.
        cascade_seeds: seeds of the cascades; with several, the mean resilience over them is maximised.
        crew: who does the cascades, default this thread; no number depends on it.
        progress: called with the evaluations done, their limit and the best resilience.

    Returns:
        The set found. After Ctrl-C the best one until then; KeyboardInterrupt where no set had been tried.

    Raises:
        InputError: unknown strategy, negative budget, nodes that do not exist, too many nodes for "exact".
    """
    remember = strategy not in ("paper-memetic", "ga")
    problem = RecoveryProblem(cascade, removed, budget, cascade_seeds, evaluations, crew, progress, remember)
    interrupted = False
    if strategy in SORTED:
        problem.evaluate(sorted_set(problem, strategy)[None])
    elif strategy == "none":
        problem.evaluate(np.zeros((1, problem.size), dtype=bool))
    elif strategy in SEARCHES:
        try:
            strategy = _search(problem, strategy, seed)
        except KeyboardInterrupt:
            if not problem.trace:
                raise
            interrupted = True
    else:
        raise InputError(f"strategy '{strategy}' does not exist; choose from {', '.join((*STRATEGIES, 'exact'))}")
    return replace(_result(problem, strategy, seed), interrupted=interrupted)


def compare(
    cascade: Cascade,
    removed: ArrayLike,
    budget: float,
    strategies: Sequence[str] = STRATEGIES,
    progress: Callable[[str], Progress] | None = None,
    **options: object,
) -> list[RecoveryResult]:
    """Results of several strategies on the same removed nodes and budget.

    Args:
        cascade: network and rules.
        removed: the failed nodes, by index.
        budget: largest sum of the loads of the restored nodes.
        strategies: names, as in `recover`.
        progress: for the name of a strategy, the callback of its search.
        options: further arguments of `recover`.

    Returns:
        One result a strategy; after Ctrl-C those that were finished, and the best set of the one that was interrupted.

    Raises:
        InputError: arguments that `recover` refuses.
    """
    results: list[RecoveryResult] = []
    for name in strategies:
        try:
            found = recover(cascade, removed, budget, name, progress=progress(name) if progress else None, **options)  # type: ignore[arg-type]
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


def _search(problem: RecoveryProblem, strategy: str, seed: int) -> str:
    """Run a search; returns the name of what was run."""
    from esc_sim.recovery import exact, ga, memetic

    if strategy == "ga":
        ga.search_ga(problem, seed)
    elif strategy == "paper-memetic":
        ga.search_paper_memetic(problem, seed)
    elif strategy == "exact" or exact.fits(problem):
        exact.search_exact(problem)
        return "exact"
    else:
        memetic.search_memetic(problem, seed)
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
        load_used=problem.used(chosen),
        rn=float(inside[:, RN].mean()),
        strict_rn=float(inside[:, STRICT].mean()),
        out_of_seed=outside[:, RN],
        by_role={
            name: (int(np.sum(chosen & (role == code))), int(np.sum(role == code)))
            for code, name in enumerate(cascade.network.role_names)
        },
        evaluations=problem.evaluations,
        trace=tuple(problem.trace),
        cascade_seeds=problem.seeds,
        seed=seed,
    )


def _measure(problem: RecoveryProblem, chosen: BoolArray, seeds: Sequence[int]) -> NDArray[np.int64]:
    """(Q, 4) measures of one set; reporting, not counted as the search's evaluations."""
    return problem.cascade.evaluate(problem.nodes, chosen[None], seeds, strict=True)[0]
