"""The search for plans that trade the objectives of a scenario against one another."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, Unpack

from esc_sim.crews.crew import WORK, Hands, hands_of
from esc_sim.errors import InputError
from esc_sim.fields.names import path_from
from esc_sim.instance.functions import code_of
from esc_sim.measures.measure import ByReplication
from esc_sim.measures.own import GivenMeasures, code_of_measures
from esc_sim.optimize import checkpoint
from esc_sim.optimize.algorithms.registry import usual_algorithm
from esc_sim.optimize.base import base_judged
from esc_sim.optimize.candidates import Code
from esc_sim.optimize.checkpoint import SEARCH, Shape, State
from esc_sim.optimize.draws import training_draws
from esc_sim.optimize.front import Front
from esc_sim.optimize.generations import run_generations
from esc_sim.optimize.judge import Draws, Judge, Judging
from esc_sim.optimize.outcome import judged_again
from esc_sim.optimize.problem import PlanningProblem, measured_names
from esc_sim.optimize.reads import decided_reads, search_reads
from esc_sim.optimize.settings import CHANCE, Settings, checked_settings
from esc_sim.optimize.space import check_section, check_settings, decision_space
from esc_sim.optimize.textbook import first_designs
from esc_sim.optimize.unmoved import unmoved_notices
from esc_sim.optimize.writing import FRONT_FORMAT, front_files
from esc_sim.options import Options, check_options
from esc_sim.pilot import piloted
from esc_sim.plans.files import given_plan
from esc_sim.results.estimable import why_not
from esc_sim.scenario.given import ScenarioLike, given_scenario
from esc_sim.scenario.overrides import Overrides
from esc_sim.scenario.own import searched_by, with_search
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.unread import scenario_read_by, unread_changes, with_notices
from esc_sim.storage.names import CHECKPOINT, checkpoint_beside
from esc_sim.storage.place import Place, claimed

if TYPE_CHECKING:
    from esc_sim.engine.agents.cast import Members
    from esc_sim.instance.plugins import GivenPolicy
    from esc_sim.negotiations.registry import GivenProtocol
    from esc_sim.plans.plan import Plan


def optimize(
    scenario: ScenarioLike,
    *,
    plan: Plan | str | os.PathLike[str] | None = None,
    algorithm: str | None = None,
    preset: str = "default",
    population: int | None = None,
    generations: int | None = None,
    replications: int | None = None,
    budget: int | None = None,
    start: str = "plan",
    held_out: int = 320,
    crossover: float = CHANCE,
    mutation: float = CHANCE,
    select: str | None = None,
    delta: float | None = None,
    confidence: float = 0.95,
    overrides: Sequence[str] | Mapping[str, Any] = (),
    out: str | os.PathLike[str] | None = None,
    resume: bool = False,
    force: bool = False,
    policies: Mapping[str, GivenPolicy] | None = None,
    members: Members | None = None,
    negotiation: GivenProtocol | None = None,
    measures: GivenMeasures | None = None,
    objectives: Sequence[str] | None = None,
    constraints: Sequence[Mapping[str, Any]] | None = None,
    **options: Unpack[Options],
) -> Front:
    """Search for the best plan, or for the plans that no other beats in all objectives; judge them on new numbers.

    The problem is that of Chen, Wang, Zio (eqs 14 to 17): mean orders and prices within bounds, profit against CVaR;
    the scenario's section ``optimize`` says what may be decided and what for. The result depends on the scenario, the
    settings and the seed; not on the number of workers, nor on interruptions.

    Args:
        scenario: a scenario, the path of one, or its content as a dict.
        plan: a plan, or the path of its file, to search around: it is the start, relative bounds are relative to it,
            and what is not decided stays as it says. Plans of the front are changes of it.
        algorithm: for one objective "warm" (the default: a surrogate, more replications where designs are close), "ga"
            or "cma-es"; for several "warm-nsga2" (the default: screening, common random numbers, stratified draws) or
            "nsga2" (random start, independent draws for each design); for either "mixed" (whole numbers and choices;
            the default where there are choices); or one of a package.
        preset: "quick", "default" or "large": sizes where the next three are not given.
        population: designs in a generation.
        generations: how many; the first is the start.
        replications: on which a design is judged in the search.
        budget: replications that the search may spend, in place of ``generations``.
        start: "textbook": the first generation also holds levels that inventory models give for the nodes that they
            fit, see :func:`esc_sim.optimize.textbook.textbook_levels`; "plan": it does not.
        held_out: replications, on another seed, on which the final front is judged again.
        crossover, mutation: chances that two designs are crossed, and that one mutates.
        select: "kn" or "ocba": the last few designs of one objective are compared on new replications, until the best
            is selected with the wanted probability; see :mod:`esc_sim.optimize.selection`.
        delta: least difference that matters there (indifference zone), in the unit of the objective.
        confidence: wanted probability of a correct selection.
        overrides: changes of values, as for ``--set``.
        out: folder for results; while the search runs, its state is kept in ``OUT.checkpoint`` beside it.
        resume: go on from that state; also to more generations than a finished search had.
        force: replace results, or an unfinished search, that are there already.
        policies: order policies, by node or node/product; classes are run by the agent engine.
        members: subclasses of :class:`esc_sim.SupplyAgent` by role or node; run by the agent engine.
        negotiation: a pure function that ranks suppliers, see :mod:`esc_sim.instance.ranking`; or a protocol, as of
            :func:`esc_sim.simulation.simulate`, run by the agent engine.
        measures: of your own by name, see :func:`esc_sim.measures.own.own_measures`; objectives and constraints name
            them.
        objectives: in place of the scenario's.
        constraints: in place of the scenario's, each as in a scenario: ``{"measure": ..., "at_most": ...}``.
        options: how to run, see :class:`esc_sim.Options`: seed (of the search), workers, dask, allow_code, progress
            (told of generations and of the
            hypervolume; with one objective or a budget of replications, and of the best value), command.

    Returns:
        The front, training and held out, with the base plan and the compromise; with one objective its ``best``.

    Raises:
        InputError: something in the scenario or the arguments cannot be used; nothing is overwritten then.

    Examples:
        >>> import esc_sim as esc
        >>> front = esc.optimize("scenarios/oil_gas", generations=2, population=8, replications=16, held_out=32)
        >>> len(front.objectives) > 0
        True
        >>> one = esc.optimize("scenarios/oil_gas", objectives=["profit"], budget=200, held_out=32)
        >>> one.best.name
        'best'
    """
    check_options(optimize, options, "seed", *WORK, "allow_code", "progress", "command")
    seed, hands = options.get("seed"), hands_of(options)
    allow_code, command = options.get("allow_code", False), options.get("command", "")
    around = None if plan is None else given_plan(plan)
    scenario = search_scenario(scenario, overrides, around, seed=seed, allow_code=allow_code, policies=policies)
    scenario = with_search(scenario, measures, objectives, constraints)
    assert scenario.optimize is not None
    section = scenario.optimize
    settings = checked_settings(
        algorithm=usual_algorithm(section) if algorithm is None else algorithm,
        preset=preset,
        population=population,
        generations=generations,
        replications=replications,
        seed=scenario.run.seed if seed is None else seed,
        held_out=held_out,
        crossover=crossover,
        mutation=mutation,
        budget=budget,
        select=select,
        delta=delta,
        confidence=confidence,
        start=start,
        objectives=len(section.objectives),
    )
    names = measured_names(section)
    _check_measures(names, scenario, settings)
    own = Code(policies, negotiation, members, allow_code)
    local = Judge(scenario, names, hands.workers, plan=around, code=own)
    if hands.leave_this_process and (
        local.instance.plugins or local.instance.arcs.ranking is not None or scenario.measures
    ):
        raise InputError("--dask: the workers of a cluster are not handed Python code; leave out --dask")

    if out is None:
        return _searched(scenario, settings, names, local, hands, None, options.get("progress"), command)
    with claimed(path_from("out", out), kind=FRONT_FORMAT, force=force or resume) as place:
        functions = code_of(local.instance) | code_of_measures(scenario.measures) | own.classes
        content = checkpoint.search_content(scenario, settings, functions, around)
        kept = _Kept(place, content, settings, resume, force)
        front = _searched(scenario, settings, names, local, hands, kept, options.get("progress"), command)
        place.save(front_files(front, kept.folder))
        SEARCH.discard(kept.folder)
    return front


def _searched(
    scenario: Scenario,
    settings: Settings,
    names: list[str],
    local: Judge,
    hands: Hands,
    kept: _Kept | None,
    progress: Callable[[int, int, float], object] | None,
    command: str,
) -> Front:
    """The front, from the beginning or from where a kept search stands; arguments as of :func:`optimize`."""
    assert scenario.optimize is not None

    def draws(generation: int, count: int) -> Sequence[Draws]:
        return training_draws(settings, generation, count)

    unmoved: list[str] = []

    def keep(state: State) -> None:
        if state.generation.number == 1:
            unmoved.extend(unmoved_notices(problem, state.generation))
        if kept is not None:
            checkpoint.save(kept.folder, state)
        if progress is not None:
            progress(*_told(settings, state, problem))

    base = base_judged(local, settings)
    with _judging(hands, scenario, names, local) as judge:
        problem = PlanningProblem(scenario, local.space, judge, draws)
        shape = (problem.n_var, problem.n_obj, problem.n_ieq_constr, len(names))
        state = None if kept is None else kept.begun(shape)
        starts, begun = first_designs(scenario, settings, local.space)
        state = run_generations(problem, settings, local.space.base, state, keep, starts)
        notices = [*begun, *local.instance.notices, *local.space.notices, *local.measure.notices, *unmoved]
        notices += kept.notices if kept is not None else []
        if local.needs_agents:
            features = "; ".join(local.instance.agent_features) or "some choices need it"
            notices.append(f"designs are judged by the agent engine: {features}")
        if local.refused:
            notices.append(f"designs that cannot be simulated count as breaking a constraint, such as: {local.refused}")
        return judged_again(scenario, settings, problem, local, judge, state, base, notices, command)


def _told(settings: Settings, state: State, problem: PlanningProblem) -> tuple[int, int, float]:
    """What progress is told: generations and hypervolume; with one objective replications and the best value."""
    done, total = state.generation.number, settings.generations
    if settings.budget is not None:
        done, total = int(state.spent[-1]), settings.budget
    elif problem.n_obj == 1:
        each = settings.population * settings.replications
        done, total = done * each, total * each
    value = state.history[-1, 1] * problem.signs[0] if problem.n_obj == 1 else state.history[-1, 0]
    return done, total, float(value)


def search_scenario(
    scenario: ScenarioLike,
    overrides: Overrides,
    plan: Plan | None = None,
    *,
    seed: int | None = None,
    allow_code: bool = False,
    policies: Mapping[str, GivenPolicy] | None = None,
) -> Scenario:
    """The scenario to search; its notices say which changes a search does not read, or decides itself.

    Args:
        scenario: a scenario, the path of one, or its content as a dict.
        overrides: changes of values.
        plan: the plan to search around, or None.
        seed, allow_code, policies: as of :func:`optimize`.

    Raises:
        InputError: it cannot be read, or holds nothing to decide.
    """
    given = ("seed",) if seed is not None else ()
    reads = search_reads(plan, given=given, allow_code=allow_code, policies=policies)
    found = scenario_read_by("optimize", scenario, overrides, reads, later=() if plan is None else plan.changes)
    check_section(found)
    made, about_warm_up = piloted(found, plan, seed=seed, allow_code=allow_code, policies=policies)
    found = with_notices(made, about_warm_up)
    if plan is None:
        check_settings(decision_space(found))
    if not overrides:
        return found
    told = " ".join(found.notices)
    decided = decided_reads(plan, allow_code=allow_code, policies=policies)
    changes = unread_changes(found, overrides, lambda rest: given_scenario(scenario, rest), decided)
    own = [
        f"{label}: is the scenario's own plan only: the search decides this value, within bounds that it does not move"
        for label, path, _ in changes
        if f"{label}:" not in told and not path.startswith("run.")
    ]
    return with_notices(found, own)


def _check_measures(names: Sequence[str], scenario: Scenario, settings: Settings) -> None:
    """Refuse what cannot be measured in this scenario, on the draws of the search or on the held-out ones."""
    problems = []
    for name in names:
        for count, option in ((settings.replications, "--replications"), (settings.held_out, "--held-out")):
            reason = why_not(name, scenario, count, option)
            if reason is not None:
                problems.append(f"optimize: {name} cannot be estimated: {reason}")
                break
    first = searched_by(names[0], scenario)
    if settings.select is not None and not isinstance(first, ByReplication):
        problems.append(f"select: {names[0]} is no figure of a single replication, which a selection compares")
    if problems:
        raise InputError(problems)


def _judging(hands: Hands, scenario: Scenario, names: list[str], local: Judge) -> AbstractContextManager[Judging]:
    if not hands.leave_this_process and not local.needs_agents:
        return nullcontext(local)
    from esc_sim.optimize.elsewhere import judge_elsewhere

    return judge_elsewhere(hands, scenario, names, local)


class _Kept:
    """The folder of results and the checkpoint beside it."""

    def __init__(self, place: Place, content: dict[str, Any], settings: Settings, resume: bool, force: bool) -> None:
        """Raises InputError where there is unfinished work that must not be given up."""
        self.out = place.out
        self.folder = checkpoint_beside(place.out)
        self.notices: list[str] = []
        self._content, self._resume = content, resume
        self._generations, self._budget = settings.generations, settings.budget
        SEARCH.check_free(self.folder, force=force or resume)

    def begun(self, shape: Shape) -> State | None:
        """The state to go on from, None at the beginning; afterwards there is a checkpoint folder of this search.

        Args:
            shape: numbers of variables, objectives, constraints and measures.
        """
        state = self._found(shape) if self._resume else None
        if state is not None and state.generation.number > self._generations:
            done = state.generation.number
            raise InputError(f"the search has finished {done} generations already: ask for more with --generations")
        if state is not None and self._budget is not None and state.spent[-1] > self._budget:
            spent = int(state.spent[-1])
            raise InputError(f"the search has spent {spent} replications already: ask for more with --budget")
        if not (self._resume and SEARCH.is_there(self.folder)):
            known = None if state is None else partial(checkpoint.save, state=state)
            SEARCH.begin(self.folder, self._content, known)
        return state

    def _found(self, shape: Shape) -> State | None:
        if SEARCH.is_there(self.folder):
            place = self.folder
        elif self.out.exists() and any(self.out.iterdir()):
            place = self.out / CHECKPOINT
        else:
            return None
        state, self.notices = checkpoint.load(place, self._content, shape)
        return state
