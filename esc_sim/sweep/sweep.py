"""Run a scenario at every point of a sweep."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import pandas as pd

from esc_sim.counted import counted
from esc_sim.crews.crew import WORK, hands_of
from esc_sim.errors import InputError
from esc_sim.fields.names import listed, path_from
from esc_sim.findings.study import Cells, Kind, Study
from esc_sim.findings.tables import read_as_text
from esc_sim.instance.build import instance_of
from esc_sim.measures.measure import Measure
from esc_sim.measures.own import GivenMeasures, code_of_measures, own_measures
from esc_sim.options import Options, check_options
from esc_sim.pilot import piloted, with_warm_up_of
from esc_sim.plans.apply import planned_instance
from esc_sim.plans.files import read_plan
from esc_sim.plans.plan import Plan
from esc_sim.plans.reads import run_reads
from esc_sim.results.manifest import scenario_hash
from esc_sim.results.summary import key_figures
from esc_sim.results.unpriced import customers_without_cost, told
from esc_sim.scenario.given import ScenarioLike
from esc_sim.scenario.kinds import whole
from esc_sim.scenario.overrides import as_texts
from esc_sim.scenario.path_words import path_words
from esc_sim.scenario.run import AUTO
from esc_sim.scenario.unread import scenario_read_by
from esc_sim.scenario.varied import Varied
from esc_sim.simulation import simulated, with_reference
from esc_sim.storage.names import checkpoint_beside
from esc_sim.storage.place import claimed
from esc_sim.sweep.designs import Point, points_of
from esc_sim.sweep.discovery import Discovery, check_discovery, discovery_of
from esc_sim.sweep.effect import check_effect, unmoved
from esc_sim.sweep.kpis import check_kpis, has_value, kpis_of, label_of, shown_kpis, table_of, unit_of
from esc_sim.sweep.parameters import Parameter, parameters_of, settings_of
from esc_sim.sweep.pawn import check_pawn
from esc_sim.sweep.sensitivity import sensitivity_of
from esc_sim.sweep.store import SWEEP, Store
from esc_sim.sweep.writing import KIND, SWEEP_FORMAT, sweep_files
from esc_sim.twins import Twins
from esc_sim.written import format_interval

if TYPE_CHECKING:
    from esc_sim.engine.agents.cast import Members
    from esc_sim.findings.plots import Draw
    from esc_sim.scenario.schema import Scenario
    from esc_sim.storage.place import Fill

Row = dict[str, Any]


@dataclass(frozen=True, repr=False, eq=False)
class Sweep(Study):
    """A finished sweep.

    Attributes:
        scenario: without the variations.
        parameters, design, seed, replications: what was done.
        table: one row a point: its number, the parameters, and of each key figure name.mean, name.ci_low,
            name.ci_high.
        sensitivity: tables of how much each parameter matters to each key figure: "indices" (Sobol), "morris", "pawn".
        plan: name of the plan that was carried out at every point, or None.
        shown: key figures to draw and print.
        notices: what the user should know.
        command: how it was started.
        discovery: where the condition asked for holds, else None.
    """

    scenario: Scenario
    parameters: tuple[Parameter, ...]
    design: str
    seed: int
    replications: int
    table: pd.DataFrame
    sensitivity: Mapping[str, pd.DataFrame]
    plan: str | None
    shown: tuple[str, ...]
    notices: tuple[str, ...]
    command: str
    discovery: Discovery | None = None

    @property
    def kpis(self) -> list[str]:
        """Names of the key figures."""
        return kpis_of(self.table)

    @property
    def indices(self) -> pd.DataFrame | None:
        """Sobol indices of each key figure (design "indices"), else None."""
        return self.sensitivity.get("indices")

    @property
    def study_kind(self) -> Kind:
        """Tables sweep (a row a point), indices, morris and pawn (a row a key figure and parameter)."""
        return KIND

    @property
    def subject(self) -> str:
        """Title of the scenario, and how many points were visited."""
        points = f"{counted(len(self.table), 'point')}, {counted(self.replications, 'replication')} each"
        return f"{self.scenario.title or self.scenario.name}, {points}"

    def written_tables(self) -> Mapping[str, Cells]:
        """The points with their key figures, which parameters matter, and where a condition holds."""
        found = {} if self.discovery is None else self.discovery.tables()
        tables = {"sweep": self.table, **self.sensitivity, **found}
        return {name: Cells.of(table) for name, table in tables.items()}

    def shown_table(self) -> pd.DataFrame:
        """The points with the key figures that are drawn."""
        names = [name for name in self.shown if has_value(self.table, name)]
        paths = [parameter.path for parameter in self.parameters]
        found = read_as_text(self.table[paths]).set_axis([*map(path_words, paths)], axis="columns")
        for name in names:
            unit = unit_of(name, self.scenario)
            parts = self.table[[f"{name}.{part}" for part in ("mean", "ci_low", "ci_high")]].to_numpy().tolist()
            found[label_of(name, self.scenario) + ("" if unit == "share" else f" [{unit}]")] = [
                format_interval(
                    {
                        part: None if value != value else value
                        for part, value in zip(("mean", "ci_low", "ci_high"), values, strict=True)
                    }
                    | {"unit": unit}
                )
                for values in parts
            ]
        return found

    def figures_by_name(self) -> Mapping[str, Draw]:
        """Effects; map (a grid of two number parameters); indices, morris, pawn, boxes, as far as asked for."""
        from esc_sim.sweep.picture import sweep_figures

        return sweep_figures(self, self.shown)

    def folder_files(self) -> Fill:
        """What writes it into a folder."""
        return sweep_files(self)


def sweep(
    scenario: ScenarioLike,
    vary: Mapping[str, Sequence[Any] | str] | Sequence[Parameter],
    *,
    design: str = "grid",
    points: int | None = None,
    replications: int | None = None,
    overrides: Sequence[str] | Mapping[str, Any] = (),
    plan: str | os.PathLike[str] | Plan | None = None,
    out: str | os.PathLike[str] | None = None,
    resume: bool = False,
    force: bool = False,
    kpis: Sequence[str] | None = None,
    discover: str | None = None,
    pawn: bool = False,
    members: Members | None = None,
    measures: GivenMeasures | None = None,
    **options: Unpack[Options],
) -> Sweep:
    """Run a scenario at many points of its parameters; all points meet the same random numbers.

    Args:
        scenario: a scenario, the path of one, or its content as a dict.
        vary: path of a value, as for ``--set``, to a list of values or a text such as "0.05:0.3" or "0:1:5".
        design: "grid", "latin", "sobol", "indices" or "morris", see :func:`esc_sim.sweep.designs.points_of`.
        points: number of points (of "morris": of trajectories); not for a grid.
        replications: of each point; default the scenario's.
        overrides: other changes of values, as for ``--set``.
        plan: decisions to carry out at every point.
        out: folder for table and figures; while the sweep runs, finished points are kept in ``OUT.checkpoint``.
        resume: go on with an interrupted sweep.
        force: replace results, or an unfinished sweep, that are there already.
        kpis: key figures that are drawn; by default profit, CVaR and fill rate, where there are investments also their
            value and rate of return, as far as they can be estimated. The table has all.
        discover: a condition such as "fill_rate < 0.9"; boxes and a tree tell where it holds.
        pawn: also say by PAWN how much each parameter moves the distribution of the key figures.
        members, measures: of your own, at every point; as of :func:`esc_sim.simulation.simulate`. The table has the
            measures.
        options: how to run, see :class:`esc_sim.Options`: seed, workers (points that are run side by side), stratified,
            allow_code, progress (told of points), command.

    Returns:
        The table, and what else was asked for.

    Raises:
        InputError: something cannot be used; nothing is overwritten then.

    Examples:
        >>> import esc_sim as esc
        >>> found = esc.sweep("scenarios/quickstart", {"disruptions.strike.health": [0.0, 0.5]}, replications=2)
        >>> len(found.table)
        2
    """
    check_options(sweep, options, "seed", *WORK, "stratified", "allow_code", "progress", "command")
    seed, hands = options.get("seed"), hands_of(options)
    allow_code, progress = options.get("allow_code", False), options.get("progress")
    texts = as_texts(overrides)
    plan = plan if plan is None or isinstance(plan, Plan) else read_plan(plan)
    given = [name for name, value in (("replications", replications), ("seed", seed)) if value is not None]
    reads = run_reads(plan, given=given, allow_code=allow_code)
    varied = Varied(scenario)
    base = scenario_read_by("sweep", scenario, texts, reads, varied.changed, later=() if plan is None else plan.changes)
    base, about_warm_up = piloted(base, plan, seed=seed, allow_code=allow_code, members=members)
    parameters = parameters_of(vary)
    if any(one.path == "run.warm_up" and AUTO in one.values for one in parameters):
        raise InputError("--vary run.warm_up: auto is no value to compare: give numbers, or --set run.warm_up=auto")
    job = _Job(
        varied=varied.keeping(texts),
        base=base,
        parameters=parameters,
        replications=base.run.replications if replications is None else whole("replications", replications),
        seed=base.run.seed if seed is None else seed,
        plan=plan,
        stratified=options.get("stratified", False),
        allow_code=allow_code,
        members=members or {},
        measures=own_measures(measures or {}),
    )
    kpis = None if kpis is None else listed("kpis", kpis)
    check_kpis(kpis or ())
    if job.replications < 1:
        raise InputError(f"replications: {job.replications} cannot work; give at least 1")
    places = points_of(parameters, design, points, job.seed)
    condition = check_discovery(discover, len(places))
    check_pawn(pawn, design, len(places))
    notices, seen, releases = job.checked(base)
    shown, told = shown_kpis(kpis, seen, job.replications)
    notices += [*told, *about_warm_up]
    reads = run_reads(plan, given=["replications", "seed"], allow_code=allow_code)
    check_effect(parameters, texts, places, job.loaded, reads)

    def found(store: Store | None) -> Sweep:
        rows = [] if store is None else store.rows
        with hands.crew(releases=releases) as crew:
            for row in crew(job.run, places[len(rows) :]):
                if store is None:
                    rows.append(row)
                else:
                    store.add(row)
                if progress is not None:
                    progress(len(rows), len(places))
        table = table_of(rows)
        where = None if condition is None else discovery_of(condition, parameters, table)
        about = [
            *notices,
            *([] if where is None else where.notices),
            *([] if store is None else store.notices),
            *job.at_no_cost(places, rows),
        ]
        return Sweep(
            scenario=base,
            parameters=parameters,
            design=design,
            seed=job.seed,
            replications=job.replications,
            table=table,
            sensitivity=sensitivity_of(design, pawn, parameters, places, table, job.seed),
            plan=None if job.plan is None else job.plan.name,
            shown=shown,
            notices=(*about, *_seen_in(table, parameters, shown)),
            command=options.get("command", ""),
            discovery=where,
        )

    if out is None:
        return found(None)
    goes_on = resume and SWEEP.is_there(checkpoint_beside(Path(out)))
    with claimed(path_from("out", out), kind=SWEEP_FORMAT, force=force or goes_on) as place:
        store = Store(Path(out), {**job.content(base), "design": design, "points": len(places)}, resume, force)
        result = found(store)
        place.save(result.folder_files())
        store.discard()
    return result


@dataclass(frozen=True)
class _Job:
    """What is run at a point."""

    varied: Varied
    base: Scenario
    parameters: tuple[Parameter, ...]
    replications: int
    seed: int
    plan: Plan | None
    stratified: bool
    allow_code: bool
    members: Members
    measures: Mapping[str, Measure]
    twins: Twins = field(default_factory=Twins)

    def checked(self, base: Scenario) -> tuple[list[str], list[Scenario], bool]:
        """Refuse a plan or values that the scenario cannot take, before anything is run.

        Returns:
            Notices, the scenarios that were looked at, and whether the work releases the interpreter.
        """
        instance = planned_instance(base, self.plan, allow_code=self.allow_code)
        seen = []
        middle = tuple(parameter.value_at(0.5) for parameter in self.parameters)
        for place, parameter in enumerate(self.parameters):
            for value in parameter.values or (parameter.low, parameter.high):
                point = (*middle[:place], value, *middle[place + 1 :])
                seen.append(self.loaded(point))
        features = "; ".join(instance.agent_features)
        notices = [*instance.notices, *([f"run by the agent engine: {features}"] if features else [])]
        return notices, seen, not (features or self.members or any(map(self._needs_agents, self._chosen(seen))))

    def _chosen(self, seen: Sequence[Scenario]) -> Iterator[Scenario]:
        """Of the scenarios that were looked at, one a value, those of values that choose: a number needs no agents."""
        values = (value for one in self.parameters for value in one.values or (one.low, one.high))
        return (scenario for scenario, value in zip(seen, values, strict=True) if type(value) not in (int, float))

    def _needs_agents(self, scenario: Scenario) -> bool:
        return bool(instance_of(scenario, allow_code=self.allow_code).agent_features)

    def loaded(self, point: Point) -> Scenario:
        """The scenario at a point; what it cannot take is named as the user named it."""
        settings = settings_of(self.parameters, point)
        try:
            return with_warm_up_of(self.base, self.varied.changed(settings))
        except InputError as error:
            named = tuple(f"--set {setting}" for setting in settings)
            raise InputError(
                [p.replace("--set", "--vary", 1) if p.startswith(named) else p for p in error.problems]
            ) from None

    def content(self, base: Scenario) -> dict[str, Any]:
        """What is swept; two sweeps with equal content and equal points give equal rows."""
        # What other switches bring counts as well.
        whole = {} if base.whole_hash is None else {"whole_hash": base.whole_hash}
        return {
            "scenario_hash": scenario_hash(base),
            **whole,
            "parameters": json.loads(json.dumps([vars(parameter) for parameter in self.parameters])),
            "replications": self.replications,
            "seed": self.seed,
            "stratified": self.stratified,
            "plan_hash": None if self.plan is None else self.plan.content_hash,
            **({"members": {name: kind.__qualname__ for name, kind in self.members.items()}} if self.members else {}),
            **({"measures": code_of_measures(self.measures)} if self.measures else {}),
        }

    def at_no_cost(self, places: Sequence[Point], rows: Sequence[Row]) -> list[str]:
        """The notice of demand that was lost or owed at no cost, where it was at some point."""
        for point, row in zip(places, rows, strict=True):
            if row["unmet_per_period.mean"] and (free := customers_without_cost(self.loaded(point))):
                return [told(free, "lost or owed at some points", certain=False)]
        return []

    def run(self, point: Point) -> Row:
        """Key figures at a point."""
        try:
            result = simulated(
                self.loaded(point),
                replications=self.replications,
                seed=self.seed,
                engine="compiled",
                plan=self.plan,
                workers=1,
                stratified=self.stratified,
                allow_code=self.allow_code,
                members=self.members,
                measures=self.measures,
                twins=self.twins,
            )
        except InputError as error:
            where = ", ".join(settings_of(self.parameters, point))
            raise InputError([f"at {where}: {problem}" for problem in error.problems]) from None
        if result.replications < self.replications:  # interrupted: half a point is none
            raise KeyboardInterrupt
        if result.scenario.reference is not None:
            options: dict[str, Any] = {"stratified": self.stratified, "allow_code": self.allow_code}
            result = with_reference(result, engine="compiled", workers=1, **options)
        row: Row = {one.path: one.shown(value) for one, value in zip(self.parameters, point, strict=True)}
        for name, interval in key_figures(result).items():
            row[f"{name}.mean"], row[f"{name}.ci_low"], row[f"{name}.ci_high"] = interval.numbers
        return row


def _seen_in(table: pd.DataFrame, parameters: Sequence[Parameter], shown: Sequence[str]) -> list[str]:
    """What a finished table shows to be without effect or without a value."""
    kpis = kpis_of(table)
    empty = [name for name in shown if name in kpis and table[f"{name}.mean"].isna().all()]
    return [*unmoved(parameters, table, kpis), *(f"{name} has no value at any point" for name in empty)]
