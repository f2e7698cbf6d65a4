"""Solving the retail design: relaxation, a restricted search around it, then the full search from what that found.

The relaxation is nearly integral (at Wuhan size 125 of 128 stores), so that fixing what it decides and dropping links
that it does not use leaves a small program. Its plan is usually within the wanted gap of the relaxation's bound, and
the full search has only to confirm it. Nothing is lost: the full search sees every plan.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from esc_sim.design.blocks import BlockModel, InfeasibleError, Problem, Progress, Solution
from esc_sim.design.retail.checks import check_instance, check_options
from esc_sim.design.retail.data import FACILITY_ROLES, KINDS, Coverage, FloatArray, IntArray, RetailInstance
from esc_sim.design.retail.margins import Reading, RetailModel, margins
from esc_sim.design.retail.model import build
from esc_sim.design.retail.recheck import recheck
from esc_sim.design.retail.solution import RetailPlan, plan_of
from esc_sim.errors import EscSimError

WHOLE = 1.0 - 1e-6
"""Relaxed value from which a binary counts as decided."""
SPARE_LINKS = 1
"""Cheapest links kept per head beyond those that coverage asks for."""
SHARE_OF_GAP = 0.25
"""Gap of the restricted search, relative to the wanted one."""
SHARE_OF_TIME = 0.25
"""Time of the restricted search, relative to the limit."""


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
    solution = search(model, instance, options.coverage, options.gap, options.time_limit, progress)
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
    instance: RetailInstance,
    coverage: Coverage,
    gap: float,
    time_limit: float | None,
    progress: Callable[[Progress], None] | None = None,
) -> Solution:
    """Relaxation, restricted search, full search; returns the full search's solution with the time of all three."""
    begin = time.perf_counter()
    relaxed = model.solve(relax=True)
    problem = model.compile()
    start: dict[str, FloatArray] | None = None
    _restrict(problem, instance, coverage, relaxed)
    limit = None if time_limit is None else SHARE_OF_TIME * time_limit
    try:
        restricted = problem.solve(gap=SHARE_OF_GAP * gap, time_limit=limit, explain=False)
        if restricted.found:
            start = {name: restricted[name] for name, block in model.variable_blocks.items() if block.integer}
    except InfeasibleError:
        start = None
    for name, block in model.variable_blocks.items():
        if block.integer:
            problem.set_bounds(name, 0.0, 1.0)
    left = None if time_limit is None else max(0.0, time_limit - (time.perf_counter() - begin))
    found = problem.solve(gap=gap, time_limit=left, start=start, progress=progress)
    return replace(found, time=time.perf_counter() - begin, bound=max(found.bound, relaxed.objective))


def _restrict(problem: Problem, instance: RetailInstance, coverage: Coverage, relaxed: Solution) -> None:
    """Fix what the relaxation decided; allow only links that it uses, and the cheapest few into every head."""
    for role in FACILITY_ROLES:
        value = relaxed[f"{role} level"]
        decided = value.max(axis=1, initial=0.0)[:, None] > WHOLE
        problem.set_bounds(
            f"{role} level", np.where(decided, np.rint(value), 0.0), np.where(decided, np.rint(value), 1.0)
        )
    for kind, _, _ in KINDS:
        links, value = instance.links[kind], relaxed[f"{kind} open"]
        cheap = _rank_within(links.head, links.link_cost) < coverage.of(kind) + SPARE_LINKS
        problem.set_bounds(f"{kind} open", value > WHOLE, cheap | (value > 1.0 - WHOLE))


def _rank_within(group: IntArray, value: FloatArray) -> IntArray:
    """Place of every entry in its group when sorted by value, from 0."""
    order = np.lexsort((value, group))
    ordered = group[order]
    rank = np.empty(group.size, dtype=np.int64)
    rank[order] = np.arange(group.size) - np.searchsorted(ordered, ordered)
    return rank
