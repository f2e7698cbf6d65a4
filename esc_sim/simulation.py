"""Replications of a scenario and of its undisrupted twin: the main entry for scripts."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal, Unpack, get_args

import numpy as np
from numpy.typing import NDArray

from esc_sim.crews.crew import WORK, Hands, hands_of
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.instance.model import Instance
from esc_sim.instance.negotiation import check_reachable, negotiated
from esc_sim.instance.plugins import GivenPolicy
from esc_sim.measures.own import GivenMeasures
from esc_sim.negotiations.registry import GivenProtocol
from esc_sim.options import Engine, Options, check_options
from esc_sim.plans.apply import apply_plan
from esc_sim.plans.files import given_plan
from esc_sim.plans.reads import run_reads
from esc_sim.plans.settings import settled
from esc_sim.replications import Collected, KernelOf, Player, Task
from esc_sim.results.circular import reference_of
from esc_sim.results.links import joined_links
from esc_sim.results.run import RunResult, joined
from esc_sim.results.unpriced import is_told, noticed
from esc_sim.sampling.streams import STRATA
from esc_sim.scenario.cuts import cut_notices
from esc_sim.scenario.given import ScenarioLike
from esc_sim.scenario.kept_back import kept_back_notices
from esc_sim.scenario.kinds import flags, whole
from esc_sim.scenario.own import with_measures
from esc_sim.scenario.run import MOST_REPLICATIONS
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.unread import scenario_read_by
from esc_sim.settling import check_precision, is_to_be_found, run_after, settling_of, stages_of, with_warm_up
from esc_sim.twins import Twins, without_disruptions

if TYPE_CHECKING:
    from esc_sim.engine.agents.cast import Members
    from esc_sim.plans.plan import Plan


_OF_REFERENCE: Final = (*WORK, "engine", "stratified", "allow_code")
"""Options that a reference is run with as well."""
_TAKES: Final = ("seed", *WORK, "shared", "engine", "stratified", "precision", "allow_code", "progress", "command")


def simulate(
    scenario: ScenarioLike,
    *,
    replications: int | None = None,
    overrides: Sequence[str] | Mapping[str, Any] = (),
    plan: Plan | str | os.PathLike[str] | None = None,
    trace: bool = False,
    lots: bool = False,
    first: int = 0,
    warm_up: int | Literal["auto"] | None = None,
    policies: Mapping[str, GivenPolicy] | None = None,
    members: Members | None = None,
    negotiation: GivenProtocol | None = None,
    measures: GivenMeasures | None = None,
    twins: Twins | None = None,
    **options: Unpack[Options],
) -> RunResult:
    """Simulate a scenario, and its undisrupted twin on the same random numbers.

    Args:
        scenario: a scenario, the path of one, or its content as a dict.
        replications: number of replications R; default the scenario's.
        overrides: changes of values, as for ``--set``.
        plan: decisions to carry out, or the path of a plan file.
        trace: keep every item and node of every replication.
        lots: follow goods by their origin, see :class:`esc_sim.results.lots.LotTable`; runs the agent engine.
        first: number of the first replication.
        warm_up: periods at the start that no key figure counts, default the scenario's; "auto" finds them in a pilot
            run, see :mod:`esc_sim.settling`.
        policies: order policies written by the user, objects or pure functions, by node or node/product (see
            :mod:`esc_sim.instance.plugins` and :mod:`esc_sim.instance.functions`).
        members: subclasses of :class:`esc_sim.SupplyAgent` by role or node; run by the agent engine.
        negotiation: how markets come to contracts, where not as the scenario says: a name, a class or an object (see
            :class:`esc_sim.NegotiationProtocol`), run by the agent engine unless it is the standard one; or a pure
            function that ranks suppliers, run by both (see :mod:`esc_sim.instance.ranking`).
        measures: key figures of your own by name, see :func:`esc_sim.measures.own.own_measures`.
        twins: twins of earlier runs, which this one may have in common with them.
        options: how to run, see :class:`esc_sim.Options`; all but ``dask``.

    Returns:
        The run. After Ctrl-C: what was finished until then, with a notice; KeyboardInterrupt if nothing was.

    Raises:
        InputError: something in the scenario or the arguments cannot be used.

    Examples:
        >>> import esc_sim as esc
        >>> result = esc.simulate("scenarios/quickstart", replications=4, seed=7)
        >>> result.replications, result.seed
        (4, 7)
    """
    check_options(simulate, options, *_TAKES)
    flags(trace=trace, lots=lots)
    plan = None if plan is None else given_plan(plan)
    numbers = ("replications", replications), ("seed", options.get("seed"))
    given = [name for name, value in numbers if value is not None]
    overrides, is_sought = with_warm_up(overrides, warm_up)
    reads = run_reads(plan, given=given, allow_code=options.get("allow_code", False), policies=policies)
    later = () if plan is None else plan.changes
    result = simulated(
        scenario_read_by("run", scenario, overrides, reads, later=later),
        replications=replications,
        plan=plan,
        trace=trace,
        lots=lots,
        first=first,
        find_warm_up=is_sought,
        policies=policies,
        members=members,
        negotiation=negotiation,
        measures=measures,
        twins=twins,
        told=True,
        **options,
    )
    if twins is None:  # runs that are compared with one another take no reference beside them
        result = with_reference(result, **options)
    return result if plan is None else with_plan(result, plan)


def simulated(
    read: Scenario,
    *,
    replications: int | None = None,
    plan: Plan | None = None,
    trace: bool = False,
    lots: bool = False,
    first: int = 0,
    find_warm_up: bool = False,
    policies: Mapping[str, GivenPolicy] | None = None,
    members: Members | None = None,
    negotiation: GivenProtocol | None = None,
    measures: GivenMeasures | None = None,
    twins: Twins | None = None,
    told: bool = False,
    **options: Unpack[Options],
) -> RunResult:
    """The run of a scenario that has been read: what :func:`simulate` makes, without reference and promises.

    Args:
        read: a checked scenario.
        replications, plan, trace, lots, first, policies, members, negotiation, measures, twins: as of `simulate`.
        find_warm_up: find the warm-up in a pilot run, also where the scenario says a number.
        told: say what is odd about the scenario's laws and stocks, and of demand at no cost: whoever runs it time and
            again says so once.
        options: as of `simulate`, looked at.

    Raises:
        InputError: something in the scenario or the arguments cannot be used.
    """
    seed, precision, hands = options.get("seed"), options.get("precision"), hands_of(options)
    engine, stratified = options.get("engine", "auto"), options.get("stratified", False)
    allow_code, progress = options.get("allow_code", False), options.get("progress")
    scenario = settled(read, plan)
    count = scenario.run.replications if replications is None else whole("replications", replications)
    seed = scenario.run.seed if seed is None else seed
    first = whole("first", first)
    if first < 0:
        raise InputError(f"first: {first} is not the number of a replication; give 0 or more")
    _check_numbers(count, engine)
    check_precision(precision)
    key = "" if twins is None else without_disruptions(scenario)
    if twins is None or policies:
        instance = instance_of(scenario, policies=policies, allow_code=allow_code)
    else:
        instance = twins.instance_of(scenario, key, allow_code=allow_code)
    # Service and orders tier by tier, where there are tiers.
    instance = replace(instance, service=True, tally=instance.tally or bool((instance.network.layer > 0).any()))
    run = scenario.run.model_copy(update={"replications": first + count, "seed": seed})
    scenario = with_measures(scenario.model_copy(update={"run": run}), measures)
    if plan is not None:
        trace = trace or plan.needs_trace
        instance = apply_plan(instance, plan, read)
    instance = with_code(instance, members, negotiation, hands)
    features = instance.agent_features + (("goods are followed by their origin (lots)",) if lots else ())
    by_agents = [f"run by the agent engine: {'; '.join(features)}"] if engine != "agents" and features else []
    player = Player("agents" if features else engine, hands, KernelOf(instance), options.get("shared"))
    find_warm_up |= is_to_be_found(scenario.run)
    settling = settling_of(instance, player, scenario.is_disrupted, seed) if find_warm_up else None
    if settling is not None:
        scenario = scenario.model_copy(update={"run": run_after(scenario.run, settling)})
        instance = replace(instance, warm_up=settling.warm_up)
    collected = Collected(scenario, instance, trace, count)
    common = None
    own_code = policies or members or negotiation is not None
    if twins is not None and scenario.is_disrupted and precision is None and not own_code:
        common = twins.of(key, instance.warm_up, plan, seed, range(first, first + count))
    odd = [*cut_notices(scenario), *kept_back_notices(scenario)] if told else []
    notices = [*instance.notices, *odd, *by_agents]
    engine = "agents" if features else engine
    needs_twin = scenario.is_disrupted and (common is None or common.arrays is None)
    try:
        for stage in stages_of(count, precision):
            part = range(first + collected.count, first + min(stage, count))
            task = Task(instance, seed, part, needs_twin, stratified, trace, lots)
            for outcome in player.play(task):
                collected.add(outcome)
                if progress is not None:
                    progress(collected.count, count)
            if precision is not None and collected.half_width(STRATA if stratified else 1) <= precision:
                break
    except KeyboardInterrupt:
        if not collected.count or common is not None:  # a twin of all replications is none of some
            raise
        notices.append(f"interrupted: {collected.count} of {count} replications finished")
    found: dict[str, Any] = {}
    if settling is not None:
        found["warm_up_found"] = settling.entry()
        notices += settling.notices(scenario.units.period)
    if precision is not None:
        reached = collected.half_width(STRATA if stratified else 1)
        found["precision"] = {"asked": float(precision), "reached": reached, "replications": collected.count}
        notices.append(f"precision asked {precision:.3%}, reached {reached:.3%} with {collected.count} replications")
    batch = STRATA if stratified else 1
    result = collected.result(engine, seed, notices, options.get("command", ""), batch, found)
    result = result if common is None else common.put(result)
    is_priced = instance.settlement is not None and instance.settlement.penalty.any()  # by the plan, its shortage
    return replace(result, notices=noticed(notices, result)) if told and not is_priced else result


def with_reference(result: RunResult, **options: Unpack[Options]) -> RunResult:
    """A run with what its investments are set against: the variant that the scenario names, on the same numbers.

    Args:
        result: the run.
        options: how it was run.
    """
    scenario = result.scenario.reference
    if scenario is None:
        if result.scenario.appraisal is None or not result.scenario.appraisal.investments:
            return result
        notice = "appraisal: the scenario was changed after it had been read, so its investments are not appraised"
        return replace(result, notices=[*result.notices, notice])
    length = {"periods": result.period_count}
    if "warm_up_found" in result.found:
        length["warm_up"] = result.scenario.run.warm_up
    run = scenario.run.model_copy(update=length)
    kept: Options = {name: value for name, value in options.items() if name in _OF_REFERENCE}  # type: ignore[assignment]
    beside = simulate(
        scenario.model_copy(update={"run": run}),
        replications=result.replications,
        **kept | {"seed": result.seed},
    )
    if beside.replications < result.replications:
        return replace(result, notices=[*result.notices, "appraisal: interrupted, so nothing is appraised"])
    return replace(result, reference=reference_of(beside))


def with_code(
    instance: Instance, members: Members | None, negotiation: GivenProtocol | None, hands: Hands | None = None
) -> Instance:
    """The instance with members and a negotiation of the user's own.

    Args:
        instance: what is run.
        members: classes by role or node.
        negotiation: name, class or object of a protocol.
        hands: who is to run it.

    Raises:
        InputError: they cannot be used, or not by several processes.
    """
    if negotiation is not None:
        instance = negotiated(instance, negotiation)
    if members:
        from esc_sim.engine.agents.cast import cast_of

        instance = replace(instance, members=cast_of(instance.network, members))
    if hands is not None and (hands.leave_this_process or (hands.workers or 1) > 1):
        check_reachable(instance)
    return instance


def with_plan(result: RunResult, plan: Plan) -> RunResult:
    """A run that says which plan was carried out, and what the plan promises beside what the run gave."""
    result = replace(result, plan=plan.name, plan_hash=plan.content_hash)
    return replace(result, promises=plan.promises(result))


def continued(earlier: RunResult, later: RunResult) -> RunResult:
    """A run put together with the replications that follow it; lots, which nobody reads back, are left out."""
    n, m = earlier.replications, later.replications

    def mean(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        return (a * n + b * m) / (n + m)

    def both(a: NDArray[Any] | None, b: NDArray[Any] | None, how: Callable[..., NDArray[Any]]) -> NDArray[Any] | None:
        return None if a is None or b is None else how(a, b)

    whole = replace(
        later,
        values=_stack(earlier.values, later.values),
        twin=both(earlier.twin, later.twin, _stack),
        arc_shipped=mean(earlier.arc_shipped, later.arc_shipped),
        item_stock=mean(earlier.item_stock, later.item_stock),
        item_health=mean(earlier.item_health, later.item_health),
        twin_arc_shipped=both(earlier.twin_arc_shipped, later.twin_arc_shipped, mean),
        twin_item_stock=both(earlier.twin_item_stock, later.twin_item_stock, mean),
        tally=both(earlier.tally, later.tally, _stack),
        service=both(earlier.service, later.service, _stack),
        twin_service=both(earlier.twin_service, later.twin_service, _stack),
        flows=both(earlier.flows, later.flows, _stack),
        observations=both(earlier.observations, later.observations, _stack),
        lots=None,
        links=joined_links(((earlier.links, n), (later.links, m))),
        disruption_active=both(earlier.disruption_active, later.disruption_active, _stack),
        engines=joined((*earlier.engines, *later.engines)),
    )
    told = is_told([*earlier.notices, *later.notices])  # no part says it where a plan has priced shortage
    return replace(whole, notices=noticed(later.notices, whole) if told else later.notices)


def _stack(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([a, b])


def _check_numbers(replications: int, engine: str) -> None:
    if replications < 1:
        raise InputError(f"replications: {replications} is not a number of runs; give at least 1")
    if replications > MOST_REPLICATIONS:
        raise InputError(f"replications: at most {MOST_REPLICATIONS:,} can be run, not {replications:,}")
    if engine not in get_args(Engine):
        raise InputError(f"engine: there is no {engine!r}; take auto, compiled or agents")
