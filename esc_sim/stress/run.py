"""Stress tests: the main entry for scripts."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from esc_sim.counted import counted
from esc_sim.crews.crew import WORK, alone, hands_of
from esc_sim.crews.crew import Crew as SideBySide
from esc_sim.crews.local import default_workers, in_threads
from esc_sim.disruptions.health import ACTIVITIES
from esc_sim.errors import InputError
from esc_sim.fields.names import listed
from esc_sim.findings.study import Cells, Kind, Study
from esc_sim.findings.tables import read_as_text
from esc_sim.options import Options, check_options
from esc_sim.pilot import piloted
from esc_sim.plans.files import given_plan
from esc_sim.plans.plan import Plan as CarriedPlan
from esc_sim.plans.reads import run_reads
from esc_sim.results.manifest import work_versions
from esc_sim.scenario.given import ScenarioLike
from esc_sim.scenario.kinds import flags, number
from esc_sim.scenario.kinds import whole as count_of
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.unread import scenario_read_by
from esc_sim.scenario.written_times import time_given
from esc_sim.storage.lines import Lines
from esc_sim.storage.names import checkpoint_beside
from esc_sim.storage.place import claimed
from esc_sim.storage.unfinished import Unfinished
from esc_sim.stress.asked import Asked, Deviations, asked_of, check_asked, check_numbers
from esc_sim.stress.coordination import coordination_of, is_coordination_row
from esc_sim.stress.curves import worst_curves
from esc_sim.stress.deviation_search import is_deviation_row
from esc_sim.stress.durations import dates_of, duration_reads, durations_of
from esc_sim.stress.elsewhere import playing
from esc_sim.stress.figure_names import stress_figure_files
from esc_sim.stress.impact import TOLERANCE
from esc_sim.stress.job import Job, served_instance
from esc_sim.stress.least_deviation import Deviation
from esc_sim.stress.lever_study import LeverStudy, lever_notices, study_of
from esc_sim.stress.lever_trial import LeverTrial, is_lever_row, lever_reads, toolbox_of
from esc_sim.stress.levers import Levers
from esc_sim.stress.limits import limit_of
from esc_sim.stress.parts import Crew, Parts, Row
from esc_sim.stress.ranking import Programs, bounds_of, by_knowledge, lost_by_customer, ranking
from esc_sim.stress.reverse import Breaking
from esc_sim.stress.stored import KIND, SHOWN, STRESS_FORMAT, stored_stress
from esc_sim.stress.stressors import DEFAULT_WHAT, Key, Stressor, active_nodes, chosen, pairs_of, stops_of, stressors_of
from esc_sim.stress.tasks import KNOWLEDGE, Plan, is_of, is_row, numbers_of, tasks_of
from esc_sim.stress.trial import is_outage_row
from esc_sim.stress.weights import Weights, weight_reads
from esc_sim.stress.writing import stress_files, stress_tables
from esc_sim.written import percent

if TYPE_CHECKING:
    from esc_sim.findings.plots import Draw
    from esc_sim.storage.place import Fill

DEFAULT_STARTS: Final = 4
DEFAULT_WORST: Final = 5
STRESS: Final = Unfinished("stress test", "stress.json", ("rows.jsonl",), work_versions)


@dataclass(frozen=True, repr=False, eq=False)
class StressTest(Study):
    """A finished stress test.

    Attributes:
        scenario: what was tested.
        plan: how: twin, start dates, duration.
        table: the ranking, one row a stressor, columns of ranking.csv.
        lost: stressor, customer's node, product, demand lost and late.
        knowledge: impact and rank with each state of knowledge.
        stressors: what was put out, by (kind, name).
        rows: what each gave, by (kind, name) and knowledge.
        programs: the best possible answers.
        curves: performance around the start of the outage, of the worst, by name.
        breaking: the least outage that breaks the limit of a reverse test; None where none was asked for.
        deviation: the least deviation that does; None where none was asked for.
        levers: what could be done about the worst; None where that was not asked for, or nothing hurts.
        carried: name and hash of the plan that members carried out, or None.
        share_met: share of all runs whose whole state was their twin's again before the end of the run; None where
            nobody looked.
        notices: what the user should know.
        command: how it was started.
    """

    scenario: Scenario
    plan: Plan
    table: pd.DataFrame
    lost: Sequence[tuple[str, str, str, float, float]]
    knowledge: pd.DataFrame
    stressors: Mapping[Key, Stressor]
    rows: Mapping[tuple[Key, str], Row]
    programs: Programs
    curves: Mapping[str, NDArray[np.float64]]
    breaking: Breaking | None
    deviation: Deviation | None
    levers: LeverStudy | None
    carried: tuple[str, str] | None
    share_met: float | None
    notices: tuple[str, ...]
    command: str

    @property
    def study_kind(self) -> Kind:
        """Tables ranking, lost_demand, knowledge, curves, and those of a reverse test and of levers."""
        return KIND

    @property
    def subject(self) -> str:
        """Title of the scenario, and what was put out."""
        plan = "" if self.carried is None else f", plan {self.carried[0]}"
        return f"{self.scenario.title or self.scenario.name}{plan}, {counted(len(self.table), 'outage')}"

    def written_tables(self) -> Mapping[str, Cells]:
        """The ranking, what customers lost, knowledge, curves, and what was asked for beside it."""
        return stress_tables(self)

    def shown_table(self) -> pd.DataFrame:
        """The ranking without the columns of the programs."""
        return read_as_text(self.frame[[name for name in SHOWN if name in self.frame]])

    def figures_by_name(self) -> Mapping[str, Draw]:
        """The figures that there is something to show in."""
        from esc_sim.stress.drawing import figures_of

        return figures_of(stored_stress(self))

    def files_drawn(self) -> Collection[str]:
        """Names of the files that figures of a stress test may have."""
        return stress_figure_files()

    def folder_files(self) -> Fill:
        """What writes it into a folder."""
        return stress_files(self)

    @property
    def lasting(self) -> tuple[float, float]:
        """Periods that the shortest outage lasts, and the longest."""
        return float(self.table["duration"].min()), float(self.table["duration"].max())


def stress(
    scenario: ScenarioLike,
    *,
    duration: float | str | None = None,
    what: Collection[str] = DEFAULT_WHAT,
    only: Sequence[str] = (),
    starts: int | Sequence[int | str] = DEFAULT_STARTS,
    health: float = 0.0,
    stops: Sequence[str] = ACTIVITIES,
    replications: int | None = None,
    overrides: Sequence[str] | Mapping[str, Any] = (),
    plan: str | os.PathLike[str] | CarriedPlan | None = None,
    worst: int = DEFAULT_WORST,
    tolerance: float = TOLERANCE,
    knowledge: Sequence[str] = tuple(KNOWLEDGE),
    whole: bool = False,
    reverse: str | None = None,
    weights: Weights = None,
    deviations: Deviations = None,
    levers: Levers = False,
    budget: float | None = None,
    out: str | os.PathLike[str] | None = None,
    resume: bool = False,
    force: bool = False,
    **options: Unpack[Options],
) -> StressTest:
    """Put every site and every arc out, one at a time, and rank what that does.

    Each outage is compared with its twin, the same run without it on the same random numbers. The scenario's own
    disruptions stay in both.

    Args:
        scenario: a scenario, the path of one, or its content as a dict.
        duration: periods that an outage lasts of what has no ``time_to_recover`` in the tables, or text: "2 weeks".
        what: kinds of stressors: nodes, arcs, products (all that a supplier delivers of one), modes, lanes (all their
            arcs), regions, roles, pairs (of the worst).
        only: names of stressors, to test these alone.
        starts: number of start dates, spread over the run after the warm-up, or the dates: period
            numbers, or "2026-03-02" and the like.
        health: share of capacity that is left.
        stops: what a node that is out cannot do.
        replications: of each outage and date; default the scenario's.
        overrides: changes of values, as for ``--set``.
        plan: decisions that members carry out in all runs, the twin's as well, or the path of a plan file; not with
            levers.
        worst: how many of the worst are paired, drawn, told in detail and tried with levers.
        tolerance: part of the twin's mean served a period by which a run may fall short and still survive.
        knowledge: when buyers learn of an outage: "scenario", and beside it "at once" and "never".
        whole: run every outage to the end of the horizon. Otherwise the compiled engine ends a run as soon as its whole
            state is the twin's again, from where on the two are the same; never changes a number.
        reverse: a key figure and a limit, such as "fill_rate<0.9": also finds the smallest set of sites whose joint
            outage gets there, mean over replications, at any of the start dates.
        weights: of sites in that set, by name, by default 1: the least summed weight is looked for. "chances" takes
            minus the logarithm of ``outage_chance`` of the tables.
        deviations: also find the least deviation that gets there: the change of a factor that counts as a distance of
            1, by kind (demand, lead_time, capacity, price) for the whole network, or by kind and grouping (demand/role,
            /region, /product), as numbers or as text such as "demand/role=0.2, price=0.1".
        levers: also tries what could be done about the worst: options of the tables and what the file levers.yaml
            beside the scenario declares, or another file.
        budget: money a year for levers: the best portfolio is chosen and tried.
        out: folder for tables and figures; while the test runs, what is finished is kept in ``OUT.checkpoint``.
        resume: go on with an interrupted test.
        force: replace results, or an unfinished test, that are there already.
        options: how to run, see :class:`esc_sim.Options`: seed, workers, engine ("compiled" or "agents"), dask (its
            workers play the outages, what comes of them is put together here), allow_code, progress, command.

    Returns:
        The ranking and all that belongs to it.

    Raises:
        InputError: something cannot be used; nothing is overwritten then.

    Examples:
        >>> import esc_sim as esc
        >>> tested = esc.stress("scenarios/quickstart", duration=7, what=["nodes"], starts=2, replications=2)
        >>> len(tested.table)
        5
    """
    check_options(stress, options, "seed", *WORK, "engine", "allow_code", "progress", "command")
    flags(whole=whole, resume=resume, force=force)
    what, only, stops, knowledge = (
        listed(name, names)
        for name, names in (("what", what), ("only", only), ("stops", stops), ("knowledge", knowledge))
    )
    health, tolerance, worst = number("health", health), number("tolerance", tolerance), count_of("worst", worst)
    seed, hands = options.get("seed"), hands_of(options)
    engine, allow_code = options.get("engine", "compiled"), options.get("allow_code", False)
    carried = None if plan is None else given_plan(plan)
    if carried is not None and levers is not False:
        raise InputError("--plan: levers change what a plan was made for: leave out --plan or --levers")
    given = [name for name, value in (("replications", replications), ("seed", seed)) if value is not None]
    reads = lever_reads(duration_reads(run_reads(carried, given=given, allow_code=allow_code)), levers)
    reads = weight_reads(reads, weights)
    checked = scenario_read_by("stress", scenario, overrides, reads, later=() if carried is None else carried.changes)
    scenario, about_warm_up = piloted(checked, carried, seed=seed, allow_code=allow_code)
    count = scenario.run.replications if replications is None else count_of("replications", replications)
    seed = scenario.run.seed if seed is None else seed
    duration = None if duration is None else time_given("duration", duration, scenario)
    stops = stops_of(stops)
    check_asked(reverse, weights, deviations)
    limit = None if reverse is None else limit_of(reverse)
    check_numbers(count, engine, health, tolerance, worst, knowledge)
    instance = served_instance(scenario, allow_code, carried)
    if hands.leave_this_process and instance.plugins:
        raise InputError("--dask: the workers of a cluster are not handed Python code; leave out --dask")
    kinds = ("nodes",) if set(what) == {"pairs"} else what
    single = chosen(stressors_of(instance.network, kinds, active_nodes(instance)), only)
    if "pairs" in what and min(worst, len(single)) < 2:
        raise InputError("--what pairs: two sites make a pair; let at least two be tried, and --worst be at least 2")
    if not single:
        missing = " or ".join(kinds) or "kinds named"
        raise InputError(f"nothing is put out: there are no {missing}; name others with --what")
    durations = durations_of(scenario, duration)
    dates = dates_of(starts, scenario, instance, durations, single)
    notices = [*about_warm_up, *instance.notices]
    if engine == "compiled" and instance.agent_features:
        engine = "agents"
        notices.append(f"run by the agent engine: {'; '.join(instance.agent_features)}")
    job = Job(scenario, engine, seed, range(count), dates, durations, health, stops, tolerance, whole, carried)
    asked: Asked | None = None
    if limit is not None:
        if duration is None:
            raise InputError("--reverse: say with --duration how long outages and deviations last")
        trial = job.trial(instance, limit, duration, allow_code)
        asked = asked_of(trial, instance, active_nodes(instance), weights, deviations)
    toolbox = toolbox_of(scenario, levers, budget, durations, (engine, seed), allow_code)
    knowledge = ["scenario", *(known for known in KNOWLEDGE if known in knowledge and known != "scenario")]

    threads = hands.workers or default_workers()
    here = partial(in_threads, workers=threads) if engine == "compiled" else alone

    def found(store: Lines | None, crew: Crew) -> StressTest:
        parts = Parts(hands.workers, crew=crew, progress=options.get("progress"), store=store)
        breaking, deviation = (None, None) if asked is None else (asked.outage(parts), asked.deviation(parts))
        work = _Work(job.plan(instance, here), parts, knowledge, here)
        work.do(single)
        extra = pairs_of(work.worst(single, worst)) if "pairs" in what else []
        work.do(extra)
        study = None
        if toolbox is not None:
            trial = LeverTrial(
                work.plan, scenario, toolbox.effects, tuple(work.worst([*single, *extra], worst)), allow_code
            )
            study = study_of(trial, toolbox, work.rows, parts)
            notices.extend(lever_notices(study))
        about = [*notices, *([] if store is None else store.notices)]
        test = _result(job, work, [*single, *extra], worst, about, options.get("command", ""))
        return replace(test, breaking=breaking, deviation=deviation, levers=study)

    if out is None:
        with playing(hands, job, allow_code) as crew:
            return found(None, crew)
    goes_on = resume and STRESS.is_there(checkpoint_beside(Path(out)))
    with (
        claimed(Path(out), kind=STRESS_FORMAT, force=force or goes_on, drawn=stress_figure_files()) as place,
        playing(hands, job, allow_code) as crew,
    ):
        content = job.content() | {"kinds": sorted(what), "only": list(only), "worst": worst, "knowledge": knowledge}
        content |= {"reverse": None if asked is None else asked.content()}
        content |= {"levers": None if toolbox is None else toolbox.content()}
        store = Lines(STRESS, Path(out), content, resume=resume, force=force, is_row=_is_part, most=None)
        result = found(store, crew)
        place.save(result.folder_files())
        store.discard()
    return result


def _is_part(row: Row) -> bool:
    """Whether a stored line is that of a part of a stress test."""
    kinds = (is_row, is_lever_row, is_outage_row, is_deviation_row, is_coordination_row)
    return any(is_kind(row) for is_kind in kinds)


class _Work:
    """Puts stressors out, and keeps what they give."""

    def __init__(self, plan: Plan, parts: Parts, knowledge: Sequence[str], here: SideBySide) -> None:
        self.plan, self.parts, self.here, self._knowledge = plan, parts, here, knowledge
        self.rows: dict[tuple[Key, str], Row] = {}

    def do(self, stressors: Sequence[Stressor]) -> None:
        """Put some stressors out."""
        tasks = tasks_of(stressors, self._knowledge)
        for task, row in zip(tasks, self.parts.simulate(tasks, self.plan, is_of), strict=True):
            self.rows[task.stressor.key, task.known] = row

    def worst(self, stressors: Sequence[Stressor], count: int) -> list[Stressor]:
        """The stressors of the largest impact, as buyers know of them in the scenario; each outage once.

        A role or a region of a single node is the same outage as that node.
        """

        def impact(one: Stressor) -> float:
            return float(np.mean(self.rows[one.key, "scenario"]["impact"]))

        found: dict[tuple[tuple[int, ...], ...], Stressor] = {}
        for one in sorted(stressors, key=impact, reverse=True):
            found.setdefault((one.nodes, one.arcs), one)
        return list(found.values())[:count]


def _result(
    job: Job, work: _Work, stressors: Sequence[Stressor], worst: int, notices: Sequence[str], command: str
) -> StressTest:
    programs = Programs(bounds_of(work.plan), coordination_of(work.plan, stressors, work.parts))
    own = {key: row for (key, known), row in work.rows.items() if known == "scenario"}
    table = ranking(job.scenario, work.plan, stressors, own, programs)
    by_key = {one.key: one for one in stressors}
    ordered = [by_key[kind, name] for kind, name in zip(table["kind"], table["stressor"], strict=True)]
    about = [*notices, *programs.notices]
    if not float(table["impact"].max()) > 0.0:
        about.append("no outage has a positive impact, so there is no exposure index")
    share = None
    if work.plan.twin.course is not None:
        share = float(np.mean([np.isfinite(numbers_of(row, "met")) for row in work.rows.values()]))
        others = "; the others went to the end" if share < 1.0 else ""
        about.append(f"{percent(share, digits=3)} of the runs met their twin again, and were ended there{others}")
    return StressTest(
        scenario=job.scenario,
        plan=work.plan,
        table=table,
        lost=lost_by_customer(work.plan, ordered, own),
        knowledge=by_knowledge(ordered, work.rows),
        stressors=by_key,
        rows=work.rows,
        programs=programs,
        curves=worst_curves(work.plan, ordered[:worst], work.here),
        breaking=None,
        deviation=None,
        levers=None,
        carried=None if job.carried is None else (job.carried.name, job.carried.content_hash),
        share_met=share,
        notices=tuple(about),
        command=command,
    )
