"""Solving the retail design in three searches, of which the first two usually suffice.

1. Core: only the levels of suppliers and DCs are whole. A relaxation of the model, so that its bound holds for it, and
   at Wuhan size within 1e-5 of it.
2. Rounding: levels of suppliers and DCs as in the core, stores where the core decides them, links that the core uses
   and the cheapest few. Small, and its plan is a plan of the model.
3. Whole: only if that plan is not within the wanted gap of the core's bound; starts from that plan and sees every plan.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from esc_sim.design.retail.checks import check_instance, check_options
from esc_sim.design.retail.data import FACILITY_ROLES, KINDS, Coverage, FloatArray, IntArray, RetailInstance
from esc_sim.design.retail.margins import Reading, RetailModel, margins
from esc_sim.design.retail.model import build
from esc_sim.design.retail.recheck import recheck
from esc_sim.design.retail.solution import RetailPlan, plan_of
from esc_sim.errors import EscSimError
from esc_sim.lp import BlockModel, InfeasibleError, Problem, Progress, Solution
from esc_sim.lp.solution import ended, relative_gap

WHOLE = 1.0 - 1e-6
"""Relaxed value from which a binary counts as decided."""
SPARE_LINKS = 1
"""Cheapest links kept per head beyond those that coverage asks for."""
SHARE_OF_GAP = 0.25
"""Gap of the core and of the rounding search, relative to the wanted one."""
SHARE_OF_TIME = 0.5
"""Time that the core search may take of what there is, and the rounding search of what is left."""


@dataclass(frozen=True)
class RetailOptions:
    """What to design.

    Attributes:
        model: "stochastic" (nominal demand), "box-ball" or "budget" (distributionally robust).
        eps: violation probability of a demand row, in (0, 1).
        reading: whose deviations a demand row carries: "joint" (as printed) or "own" (see `margins`).
        coverage: least numbers of open links.
        gap: relative gap at which the search may stop.
        time_limit: seconds for the search, or None.
    """

    model: RetailModel = "stochastic"
    eps: float = 0.05
    reading: Reading = "joint"
    coverage: Coverage = field(default_factory=Coverage)
    gap: float = 1e-4
    time_limit: float | None = None


def design_retail(
    instance: RetailInstance,
    options: RetailOptions | None = None,
    *,
    progress: Callable[[Progress], None] | None = None,
) -> RetailPlan:
    """Design the network of least expected cost (Chen and Chen 2023, models 38-41).

    Args:
        instance: the data.
        options: what to design; the stochastic model with coverage (2, 2, 2) by default.
        progress: called while the search runs, from the solver's thread.

    Raises:
        InputError: data or options that cannot work, each with its place.
        InfeasibleError: no plan meets every limit; says which limits bind (an InputError).
        EscSimError: the time limit ended the search before any plan was found, or the plan found does not stand the
            re-check against every printed constraint (a numerical failure of the solver).
    """
    options = options or RetailOptions()
    check_options(options.eps, options.gap, options.time_limit)
    margin = margins(instance.deviation, options.model, options.eps, options.reading)
    check_instance(instance, options.coverage, margin)
    model = build(instance, options.coverage, margin)
    core = build(instance, options.coverage, margin, core_only=True)
    solution = search(model, core, instance, options.coverage, options.gap, options.time_limit, progress)
    if not solution.found:
        raise EscSimError(f"{instance.name}: no plan was found within {options.time_limit:g} s; allow more time")
    plan = plan_of(instance, solution, options.coverage, options.model, options.eps, options.reading, margin)
    broken = recheck(plan)
    if broken:
        raise EscSimError(
            f"{instance.name}: the solver's plan does not hold: {broken[0]} (of {len(broken)} constraints)"
        )
    return plan


def search(
    model: BlockModel,
    core: BlockModel,
    instance: RetailInstance,
    coverage: Coverage,
    gap: float,
    time_limit: float | None,
    progress: Callable[[Progress], None] | None = None,
) -> Solution:
    """Core, rounding and, if need be, whole search; the time is that of all of them.

    Args:
        model: the whole model, see `build`.
        core: the same with `core_only`.
        instance: the data of both.
        coverage: of both.
        gap: relative gap at which to stop.
        time_limit: seconds, or None.
        progress: called while the core (bounds only) and the whole search run.

    Raises:
        InfeasibleError: no plan meets every limit; says which limits bind.
    """
    begin = time.perf_counter()

    def left(share: float = 1.0) -> float | None:
        return None if time_limit is None else share * max(0.0, time_limit - (time.perf_counter() - begin))

    def bound_only(state: Progress) -> None:
        if progress is not None:
            progress(replace(state, objective=np.inf, gap=np.inf))

    first = core.compile()
    first.without_heuristics()
    relaxed = first.solve(gap=SHARE_OF_GAP * gap, time_limit=left(SHARE_OF_TIME), progress=bound_only)
    problem = model.compile()
    bound = relaxed.bound
    found = _rounded(problem, relaxed, instance, coverage, SHARE_OF_GAP * gap, left(SHARE_OF_TIME))
    if found is None or relative_gap(found.objective, relaxed.bound) > gap:
        start = None if found is None else {name: found[name] for name in _whole_numbers(model)}
        found = problem.solve(gap=gap, time_limit=left(), start=start, progress=progress)
        bound = max(bound, found.bound)
    final = relative_gap(found.objective, bound)
    status = ended(found.status, final, gap)
    return replace(found, status=status, bound=bound, gap=final, time=time.perf_counter() - begin)


def _rounded(
    problem: Problem,
    core: Solution,
    instance: RetailInstance,
    coverage: Coverage,
    gap: float,
    time_limit: float | None,
) -> Solution | None:
    """Best plan near the core's solution, or None; leaves the problem as it was."""
    if not core.found:
        return None
    _restrict(problem, instance, coverage, core)
    try:
        found = problem.solve(gap=gap, time_limit=time_limit, explain=False)
    except InfeasibleError:
        return None
    finally:
        for name in _whole_numbers(problem.model):
            problem.set_bounds(name, 0.0, 1.0)
    return found if found.found else None


def _whole_numbers(model: BlockModel) -> list[str]:
    return [name for name, block in model.variable_blocks.items() if block.integer]


def _restrict(problem: Problem, instance: RetailInstance, coverage: Coverage, core: Solution) -> None:
    """Fix what the core decided; allow only links that it uses, and the cheapest few into every head."""
    for role in FACILITY_ROLES:
        value = core[f"{role} level"]
        decided = (value.max(axis=1, initial=0.0)[:, None] > WHOLE) | (role != "store")
        lower, upper = np.where(decided, np.rint(value), 0.0), np.where(decided, np.rint(value), 1.0)
        problem.set_bounds(f"{role} level", lower, upper)
    for kind, _, _ in KINDS:
        links, value = instance.links[kind], core[f"{kind} open"]
        cheap = _rank_within(links.head, links.link_cost) < coverage.of(kind) + SPARE_LINKS
        problem.set_bounds(f"{kind} open", value > WHOLE, cheap | (value > 1.0 - WHOLE))


def _rank_within(group: IntArray, value: FloatArray) -> IntArray:
    """Place of every entry in its group when sorted by value, from 0."""
    order = np.lexsort((value, group))
    ordered = group[order]
    rank = np.empty(group.size, dtype=np.int64)
    rank[order] = np.arange(group.size) - np.searchsorted(ordered, ordered)
    return rank
