"""What a search comes to: the last designs chosen among by what the search knows, then judged on held-out numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.optimize.algorithms.registry import algorithm_of
from esc_sim.optimize.base import BaseJudged
from esc_sim.optimize.compromise import non_dominated
from esc_sim.optimize.draws import held_out_draws
from esc_sim.optimize.front import CANDIDATES, NO_BEST, NO_PLAN, Floats, Front
from esc_sim.optimize.held_out import held_out_intervals, limits_of
from esc_sim.optimize.judge import Judge, Judging
from esc_sim.optimize.lastfew import LastFew, last_few
from esc_sim.optimize.nsga2 import ranked
from esc_sim.optimize.problem import PlanningProblem, measured_names
from esc_sim.optimize.settings import Settings
from esc_sim.optimize.verdict import Verdict
from esc_sim.optimize.volume import hypervolume
from esc_sim.risk.intervals import Interval, paired_difference

if TYPE_CHECKING:
    from esc_sim.optimize.checkpoint import State
    from esc_sim.scenario.schema import Scenario


def judged_again(
    scenario: Scenario,
    settings: Settings,
    problem: PlanningProblem,
    local: Judge,
    judge: Judging,
    state: State,
    base: BaseJudged,
    notices: list[str],
    command: str,
) -> Front:
    """The best of the final population on held-out draws.

    Args:
        scenario, settings, problem: what was searched, and how.
        local: holds the space of decisions.
        judge: judges the front.
        state: where the search ended.
        base: the scenario's own plan.
        notices: what is known already.
        command: how the search was started.

    Raises:
        InputError: no design gives a number for every measure, on the draws of the search or on the held-out ones.
    """
    rows, notices = _found(problem, state, notices)
    few = last_few(problem, judge, settings, state.generation, rows)
    rows, notices = few.rows, notices + few.notices
    designs = state.generation.designs[rows]
    held_out = judge(designs, held_out_draws(settings, len(designs)))
    known = np.asarray(~np.isnan(held_out).any(axis=1), np.bool_)
    if not known.any():
        raise InputError(
            "no design found gives a number for every measure on the held-out draws: ask for more with --held-out "
            "(a search with --out goes on with --resume)"
        )
    if not known.all():
        notices.append(
            f"{(~known).sum()} of {len(known)} designs could not be measured on the held-out draws: left out"
        )
    rows, held_out, believed = rows[known], held_out[known], few.believed[known]
    costs, broken = problem.costs(held_out), problem.violations(held_out)
    excess = np.maximum(broken, 0.0).sum(axis=1)
    if problem.n_obj == 1:
        verdict = _gain_verdict(problem, settings, state, judge, local.space.base, few, designs[known][0], base)
    else:
        verdict = _verdict(problem, state, costs, excess, base)
        notices += [] if (excess <= 0.0).any() else [NO_PLAN]
    order = np.arange(len(costs)) if problem.n_obj == 1 else np.argsort(costs[:, 0], kind="stable")
    low, high = _intervals(problem, local, judge, designs[known][order], settings)
    if problem.n_obj == 1:
        notices += _notices_of_best(
            problem, local.measure.names, verdict, bool(believed[0]), held_out[0], low[0], high[0], base
        )
    notices += [text for text in (verdict.notice(settings),) if text]
    return Front(
        scenario=scenario,
        settings=settings,
        space=local.space,
        network=local.instance.network,
        measures=local.measure.names,
        designs=state.generation.designs[rows][order],
        training=state.generation.costs[rows][order] * problem.signs,
        held_out=held_out[order],
        low=low,
        high=high,
        base_training=base.training,
        base_held_out=base.held_out,
        excess=excess[order],
        reference=state.reference * problem.signs,
        history=state.history * np.r_[1.0, problem.signs],
        spent=np.r_[state.spent[:-1], state.spent[-1] + few.spent],
        leaders=state.leaders,
        believed=believed[order],
        selection=few.selection,
        verdict=verdict,
        notices=tuple(notices),
        command=command,
    )


def _found(problem: PlanningProblem, state: State, notices: list[str]) -> tuple[NDArray[np.int64], list[str]]:
    """Rows of the final population that make up the front, each design once, and what there is to say of them.

    Raises:
        InputError: none of the population could be measured.
    """
    generation, notices = state.generation, list(notices)
    names = measured_names(problem.section)
    for name, count in zip(names, state.unmeasured, strict=True):
        if count:
            notices.append(
                f"{name}: {count} judgements of the search gave no number; those designs counted as breaking a "
                "constraint. More --replications measure every design"
            )
    rows = np.flatnonzero(generation.feasible)
    if not len(rows):
        notices.append("no design keeps all constraints: the front shows those found, none of which is a plan")
        rows = np.flatnonzero(np.isfinite(generation.costs).all(axis=1))
    if not len(rows):
        raise InputError(
            "no design of the last generation gives a number for every measure: ask for more --replications"
        )
    if problem.n_obj == 1:
        rows = rows[ranked(generation.costs[rows, 0], generation.violations[rows])]
    else:
        rows = rows[non_dominated(generation.costs[rows], [False] * problem.n_obj)]
    _, first = np.unique(generation.designs[rows], axis=0, return_index=True)
    return (rows[np.sort(first)][:CANDIDATES] if problem.n_obj == 1 else rows[first]), notices


def _intervals(
    problem: PlanningProblem, local: Judge, judge: Judging, designs: Floats, settings: Settings
) -> tuple[Floats, Floats]:
    """Ends of the intervals of all measures, held out; of several objectives those of limits only."""
    measures, limited = local.measure.measures, set(problem.limited)
    asked = [problem.n_obj == 1 or name in limited for name in local.measure.names]
    draws = held_out_draws(settings, 1)[0]
    batch = draws.strata if problem.space.scenario.is_disrupted else 1
    found = held_out_intervals(judge, designs, draws, measures, asked, batch)
    low, high = (np.array([[getattr(one, end) for one in row] for row in found]) for end in ("low", "high"))
    return low.reshape(len(designs), -1), high.reshape(len(designs), -1)


def _verdict(problem: PlanningProblem, state: State, costs: Floats, excess: Floats, base: BaseJudged) -> Verdict:
    """What is left of the hypervolume, of held-out costs float64[P, M]."""
    kept = excess <= 0.0
    kinder = (base.training - base.held_out)[: problem.n_obj] * problem.signs
    return Verdict(
        training=float(state.history[-1, 0]),
        held_out=hypervolume(costs[kept], state.reference),
        shifted=hypervolume(costs[kept] + kinder, state.reference),
        broken=int((~kept).sum()),
        plans=len(kept),
    )


def _gain_verdict(
    problem: PlanningProblem,
    settings: Settings,
    state: State,
    judge: Judging,
    own: Floats,
    few: LastFew,
    best: Floats,
    base: BaseJudged,
) -> Verdict:
    """What is left of the best plan's gain on the scenario's own plan, with one objective; nan where there is none.

    An algorithm that decides itself which replications a design meets plays the two on different ones, so that their
    training tells nothing; replications on which limits were proven tell it.
    """
    there_is_one = bool(few.believed[0])
    gain = Interval(np.nan, np.nan, np.nan, 0)
    before = np.nan
    if there_is_one:
        gain = _gain(problem, settings, judge, own, best)
        if few.proof is not None:
            before = few.gain_in_proof(problem, settings, own)
        elif not algorithm_of(settings.algorithm).by_budget:
            first = float(state.generation.costs[few.rows[0], 0])
            before = max(float(problem.signs[0]) * float(base.training[0]) - first, 0.0)
    return Verdict(
        training=before,
        held_out=gain.mean,
        shifted=gain.mean,
        broken=0,
        plans=len(few.rows),
        of="gain",
        low=gain.low,
        high=gain.high,
    )


def _gain(problem: PlanningProblem, settings: Settings, judge: Judging, own: Floats, best: Floats) -> Interval:
    """How much less the best plan costs than the scenario's own held out; with an interval of paired differences.

    Tails are no figures of single replications: their difference has no interval.
    """
    both = np.stack([own, best])
    draws, sign = held_out_draws(settings, 2), float(problem.signs[0])
    alone = judge.by_replication(both, draws)[:, :, 0] * sign
    if np.isnan(alone).any():
        costs = judge(both, draws)[:, 0] * sign
        return Interval(float(costs[0] - costs[1]), np.nan, np.nan, 0)
    batch = draws[0].strata if problem.space.scenario.is_disrupted else 1
    return paired_difference(alone[0], alone[1], batch=batch)


def _notices_of_best(
    problem: PlanningProblem,
    names: Sequence[str],
    verdict: Verdict,
    believed: bool,
    held_out: Floats,
    low: Floats,
    high: Floats,
    base: BaseJudged,
) -> list[str]:
    """What there is to say of the best plan of a search with one objective, held out."""
    if not believed:
        return [NO_BEST]
    found: list[str] = []
    limits = limits_of(problem.space.scenario, names)
    found += [
        f"the best plan, chosen by what the search knows, breaks a limit held out: {limit.label}. Search again with "
        "more replications, or for a stricter limit"
        for limit in limits
        if limit.verdict(*(float(values[limit.column]) for values in (held_out, low, high))) == "broken"
    ]
    if verdict.held_out < 0.0 and bool((problem.violations(base.held_out[None]) <= 0.0).all()):
        kept = " and keeps the limits" if problem.limited else ""
        found.append(
            f"the scenario's own plan is better held out than the best plan found{kept}: keep it, or search longer"
        )
    return found
