"""`calibrate`: parameters of a scenario estimated from what was observed, with what is known of them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Unpack

import numpy as np
import pandas as pd

from esc_sim.calibration.free import Free, free_parameters, named_in, settings_of, values_at
from esc_sim.calibration.moments import USUAL, Moment, moments_of
from esc_sim.calibration.observed import observed_of
from esc_sim.calibration.search import Found, Search, Size
from esc_sim.calibration.simulated import Simulated
from esc_sim.calibration.store import CALIBRATION, Points, store_for
from esc_sim.counted import counted
from esc_sim.crews.crew import WORK, hands_of
from esc_sim.errors import InputError
from esc_sim.fields.names import listed, path_from
from esc_sim.findings.study import Cells, Kind, Study
from esc_sim.options import Options, check_options
from esc_sim.plans.reads import run_reads
from esc_sim.results.manifest import scenario_hash
from esc_sim.scenario.given import ScenarioLike, given_scenario
from esc_sim.scenario.kinds import whole
from esc_sim.scenario.laws import Constant
from esc_sim.scenario.overrides import as_texts
from esc_sim.scenario.run import check_warm_up
from esc_sim.scenario.unread import reason_unread
from esc_sim.scenario.varied import Varied
from esc_sim.storage.lines import Lines
from esc_sim.storage.names import checkpoint_beside
from esc_sim.storage.place import claimed

if TYPE_CHECKING:
    from esc_sim.findings.plots import Draw
    from esc_sim.scenario.schema import Scenario
    from esc_sim.storage.place import Fill

CALIBRATION_FORMAT: Final = "esc_sim calibrate"
KIND: Final = Kind(
    CALIBRATION_FORMAT,
    "Calibration",
    {
        "estimates": ("parameter",),
        "moments": (),
        "correlations": ("parameter",),
        "directions": ("direction",),
        "profiles": ("parameter", "value"),
        "points": ("point",),
    },
    {"moments": "moment"},
)


@dataclass(frozen=True, repr=False, eq=False)
class Calibration(Study):
    """A finished calibration.

    Attributes:
        scenario: as it was before.
        free: the K parameters.
        moments: M numbers that were observed.
        found: the estimate in the unit cube, and what is known of it.
        estimates: one row a parameter: words, value, standard error, ends of its 95 % interval and of that by its
            profile, bounds, whether it is identified.
        compared: one row a moment: observed, simulated, standard error of the difference, difference in such errors.
        profiles: one row a parameter and value: distance above the least.
        points: one row a point: the parameters, replications, mean moments.
        seed, replications: of the points.
        budget, used: replications in all: at most, and done.
        notices: what the user should know.
        command: how it was started.
    """

    scenario: Scenario
    free: tuple[Free, ...]
    moments: tuple[Moment, ...]
    found: Found
    estimates: pd.DataFrame
    compared: pd.DataFrame
    profiles: pd.DataFrame
    points: pd.DataFrame
    seed: int
    replications: int
    budget: int
    used: int
    notices: tuple[str, ...]
    command: str = field(default="")

    @property
    def overrides(self) -> list[str]:
        """The estimates as changes of the scenario, as for ``--set``."""
        return settings_of(self.free, values_at(self.free, self.found.estimate.place))

    @property
    def known(self) -> list[str]:
        """Those of the changes whose parameters are identified."""
        return [
            change for change, is_known in zip(self.overrides, self.estimates["identified"], strict=True) if is_known
        ]

    @property
    def calibrated(self) -> Scenario:
        """The scenario with the estimates."""
        return given_scenario(self.scenario, self.overrides)

    @property
    def study_kind(self) -> Kind:
        """Tables estimates, moments, correlations, directions, profiles and points."""
        return KIND

    @property
    def subject(self) -> str:
        """Title of the scenario, and how much was estimated from how much."""
        what = f"{counted(len(self.free), 'parameter')} from {counted(len(self.moments), 'moment')}"
        return f"{self.scenario.title or self.scenario.name}, {what}"

    def written_tables(self) -> Mapping[str, Cells]:
        """Estimates, moments, correlations, directions, profiles, points."""
        from esc_sim.calibration.writing import calibration_tables

        return calibration_tables(self)

    def shown_table(self) -> pd.DataFrame:
        """A row for each parameter: estimate with its interval, bounds."""
        from esc_sim.calibration.writing import shown

        return shown(self)

    def figures_by_name(self) -> Mapping[str, Draw]:
        """Profiles of the parameters; moments, observed beside simulated."""
        from esc_sim.calibration.writing import calibration_figures

        return calibration_figures(self)

    def folder_files(self) -> Fill:
        """What writes it into a folder."""
        from esc_sim.calibration.writing import calibration_files

        return calibration_files(self)


def calibrate(
    scenario: ScenarioLike,
    free: Mapping[str, Any] | Sequence[Free],
    observed: Any,
    *,
    moments: Sequence[str] = USUAL,
    replications: int | None = None,
    budget: int | None = None,
    overrides: Sequence[str] | Mapping[str, Any] = (),
    out: str | os.PathLike[str] | None = None,
    resume: bool = False,
    force: bool = False,
    **options: Unpack[Options],
) -> Calibration:
    """Estimate parameters of a scenario from what was observed, by the method of simulated moments.

    All points meet the same random numbers. See :mod:`esc_sim.calibration.search` and
    :mod:`esc_sim.calibration.estimate` for the method and its sources.

    Args:
        scenario: a scenario, the path of one, or its content as a dict.
        free: path of a number, as for ``--set``, to its bounds: a pair, or a text such as ``1:20`` or ``*0.5:*2`` for a
            factor of what stands there.
        observed: a CSV file, workbook or data frame, or a list of these: series with the columns period (0: the first
            after the warm-up) or date, node, product (where there are several) and any of demand, sales, stock, orders,
            shipments, receipts, production, backlog; or targets with the columns measure, value, standard_error, node.
        moments: what is taken of each series: mean, sd, autocorrelation, zeros; fill_rate and bullwhip where both
            series are there.
        replications: of each point; default the scenario's.
        budget: replications in all, at most.
        overrides: other changes of values, as for ``--set``.
        out: folder for tables and figures; points are kept in ``OUT.checkpoint`` until they are written.
        resume: go on with an interrupted calibration.
        force: replace results, or an unfinished calibration, that are there already.
        options: how to run, see :class:`esc_sim.Options`: seed, workers (points that are run side by side), allow_code,
            progress (told of replications), command.

    Returns:
        Estimates, tables and figures.

    Raises:
        InputError: something cannot be used; nothing is overwritten then.

    Examples:
        >>> import pandas as pd
        >>> import esc_sim as esc
        >>> targets = pd.DataFrame({"measure": ["stock.mean"], "node": ["shop"], "value": [20], "standard_error": [1]})
        >>> short = {"run.periods": 60, "disruptions": []}
        >>> free = {"nodes.shop.order.order_up_to": (50, 90)}
        >>> found = esc.calibrate("scenarios/stock_levels", free, targets, replications=4, overrides=short)
        >>> bool(60 < found.estimates["value"][0] < 75)
        True
    """
    check_options(calibrate, options, "seed", *WORK, "allow_code", "progress", "command")
    hands, progress, command = hands_of(options), options.get("progress"), options.get("command", "")
    base = given_scenario(scenario, texts := as_texts(overrides))
    check_warm_up(base.run)
    simulated = _simulated(base, scenario, free, observed, moments, texts, options)
    size, notices, releases = _checked(base, simulated, replications, budget)

    def found(store: Lines | None) -> Calibration:
        from esc_sim.calibration.told import calibration_of

        told = None if progress is None else lambda done: progress(done, size.most)
        with hands.crew(releases=releases) as crew:
            points = Points(simulated, crew, store, told)
            result = Search(points, simulated.moments, size, simulated.seed).run()
        about = (*notices, *([] if store is None else store.notices))
        return calibration_of(base, simulated, result, points, size, about, command)

    if out is None:
        return found(None)
    goes_on = resume and CALIBRATION.is_there(checkpoint_beside(Path(out)))
    if resume and not goes_on:
        notices = [*notices, f"there was nothing to resume in {checkpoint_beside(Path(out))}: it began anew"]
    with claimed(path_from("out", out), kind=CALIBRATION_FORMAT, force=force or goes_on) as place:
        store = store_for(Path(out), _content(base, simulated, size), resume=resume, force=force)
        result = found(store)
        place.save(result.folder_files())
        store.discard()
    return result


def _simulated(
    base: Scenario,
    scenario: ScenarioLike,
    free: Mapping[str, Any] | Sequence[Free],
    observed: Any,
    moments: Sequence[str],
    texts: Sequence[str],
    options: Mapping[str, Any],
) -> Simulated:
    """What is simulated: the scenario as long as it was observed, where only series were; else at least that long."""
    parameters = tuple(named_in(base, one) for one in free_parameters(free, texts))
    seen = observed_of(observed, base)
    wanted = moments_of(seen, listed("moments", moments))
    periods = max(seen.periods, base.run.periods if seen.targets else 0)
    kept = [*texts, *as_texts({"run.periods": periods} if periods != base.run.periods else {})]
    seed = options.get("seed")
    return Simulated(
        varied=Varied(scenario, kept),
        free=parameters,
        moments=wanted,
        seed=base.run.seed if seed is None else seed,
        allow_code=options.get("allow_code", False),
    )


def _checked(
    base: Scenario, simulated: Simulated, replications: int | None, budget: int | None
) -> tuple[Size, list[str], bool]:
    """How much is simulated, notices, and whether the work releases the interpreter.

    Raises:
        InputError: the parameters, their bounds or the size cannot be used; all of it is told.
    """
    problems: list[str] = []
    try:
        size = _size(base, simulated, replications, budget)
    except InputError as error:
        problems += error.problems
    try:
        notices, releases = simulated.check()
        _check_effect(simulated)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)
    return size, notices, releases


def _size(base: Scenario, simulated: Simulated, replications: int | None, budget: int | None) -> Size:
    """How much is simulated.

    Raises:
        InputError: it is too little, or there are more parameters than moments.
    """
    parameters, moments = len(simulated.free), len(simulated.moments)
    of_both = f"{counted(parameters, 'free parameter')} and {counted(moments, 'moment')}"
    if moments < parameters:
        raise InputError(f"{of_both}: free fewer parameters, or observe more (--moments)")
    count = base.run.replications if replications is None else whole("replications", replications)
    if count < 2:
        raise InputError(f"replications: {count} is too few to see how moments vary; give 2 or more")
    size = Size(parameters, moments, count, None if budget is None else whole("budget", budget))
    if size.most < size.least:
        raise InputError(f"budget: {size.most:,} replications are too few; {of_both} need {size.least:,}")
    return size


def _content(base: Scenario, simulated: Simulated, size: Size) -> dict[str, Any]:
    """What is calibrated; two calibrations with equal content ask for equal points."""
    return {
        "scenario_hash": scenario_hash(base),
        **({} if base.whole_hash is None else {"whole_hash": base.whole_hash}),
        "free": [list(vars(one).values()) for one in simulated.free],
        "moments": [
            [moment.words(2), moment.observed, moment.standard_error,
             None if moment.periods is None else moment.periods.tolist()]
            for moment in simulated.moments
        ],
        "replications": size.replications,
        "budget": size.most,
        "seed": simulated.seed,
    }  # fmt: skip


def _check_effect(simulated: Simulated) -> None:
    """Refuse parameters that change nothing that a run reads, and lead times that count in whole periods.

    Raises:
        InputError: there is such a parameter.
    """
    reads = run_reads(given=["replications", "seed"], allow_code=simulated.allow_code)
    middle = np.full(len(simulated.free), 0.5)
    problems = []
    for k, one in enumerate(simulated.free):
        ends = [simulated.scenario(np.where(np.arange(len(middle)) == k, end, middle)) for end in (0.0, 1.0)]
        if reads(ends[0]) == reads(ends[1]):
            problems.append(f"--free {one.path}: {reason_unread('calibrate', one.path, *ends)}")
        elif _in_whole_periods(*ends):
            problems.append(
                f"--free {one.path}: a lead time without a law counts in whole periods, and has no slope to estimate: "
                "free the mean or sd of a law, or vary it in a sweep"
            )
    if problems:
        raise InputError(problems)


def _in_whole_periods(low: Scenario, high: Scenario) -> bool:
    """Whether two scenarios differ in a lead time without a law."""
    return any(
        isinstance(one.lead_time, float | Constant) and one.lead_time != other.lead_time
        for one, other in zip(low.arcs, high.arcs, strict=True)
    )
