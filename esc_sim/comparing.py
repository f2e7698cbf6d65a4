"""Run variants of a scenario, or several scenarios, on the same random numbers, and compare them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Unpack

from esc_sim.comparison import (
    COMPARE_FORMAT,
    Comparison,
    Wanted,
    check_variants,
    compare_runs,
    of_variant,
    scenario_name,
)
from esc_sim.crews.crew import WORK
from esc_sim.errors import InputError
from esc_sim.fields.names import named, path_from
from esc_sim.measures.own import GivenMeasures
from esc_sim.options import Options, check_options
from esc_sim.pilot import piloted, with_warm_up_of
from esc_sim.plans.files import given_plan
from esc_sim.plans.plan import Plan
from esc_sim.plans.reads import run_reads
from esc_sim.scenario.given import ScenarioLike
from esc_sim.scenario.kinds import whole
from esc_sim.scenario.overrides import Overrides, as_texts
from esc_sim.scenario.own import with_measures
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.unread import scenario_read_by, with_notices
from esc_sim.scenario.varied import Varied
from esc_sim.settling import is_to_be_found
from esc_sim.simulation import simulate
from esc_sim.storage.place import claimed
from esc_sim.twins import Twins

if TYPE_CHECKING:
    from esc_sim.engine.agents.cast import Members

AS_IT_IS: Final = "as it is"
"""The scenario without a plan, beside plans."""
_TAKES: Final = ("seed", *WORK, "engine", "stratified", "allow_code", "progress", "command")


def compare(
    scenarios: ScenarioLike | Sequence[ScenarioLike] | Mapping[str, ScenarioLike],
    variants: Mapping[str, Overrides] | None = None,
    *,
    plans: Mapping[str, Plan | str | os.PathLike[str]] | None = None,
    replications: int | None = None,
    overrides: Overrides = (),
    out: str | os.PathLike[str] | None = None,
    force: bool = False,
    members: Members | None = None,
    measures: GivenMeasures | None = None,
    **options: Unpack[Options],
) -> Comparison:
    """Run variants, or several scenarios, on the same random numbers; differences from the first are paired.

    Args:
        scenarios: one scenario with ``variants``; or several of them, in a list or by name.
        variants: name to changes of values, as for ``--set``; the first may have none.
        plans: plans, or paths of their files, by the variant that carries them out; a name that no variant has is one
            without changes, and without any variant the first is the scenario as it is.
        replications: of each; default those of the first.
        overrides: changes of values in all of them, as for ``--set``; those of a variant come after them.
        out: folder for table, figure and manifest.
        force: replace an earlier comparison in that folder.
        members, measures: of your own, in all of them; as of :func:`esc_sim.simulation.simulate`.
        options: how to run, see :class:`esc_sim.Options`; all but ``precision``. The seed is that of the
            first, unless it is given.

    Returns:
        Key figures of each variant, and differences from the first, with their intervals.

    Raises:
        InputError: something cannot be used; nothing is overwritten then.

    Examples:
        >>> import esc_sim as esc
        >>> more = {"nodes.warehouse.order.mean": 72, "nodes.warehouse.target_stock": 500}
        >>> both = esc.compare("scenarios/quickstart", {"as it is": {}, "more stock": more}, replications=2)
        >>> [row.variant for row in both.rows if row.kpi == "profit_per_period"]
        ['as it is', 'more stock']
    """
    check_options(compare, options, *_TAKES)
    seed, allow_code = options.get("seed"), options.get("allow_code", False)
    decided = {name: given_plan(plan) for name, plan in named("plans", plans or {}).items()}
    if decided:
        variants = {**(variants or {AS_IT_IS: ()}), **{name: () for name in decided if name not in (variants or ())}}
    given = _named(scenarios, variants)
    # Replications and seed are those of the first variant, unless they are given.
    own = {name for name, value in (("replications", replications), ("seed", seed)) if value is None}
    wanted: list[Wanted] = []
    checked: dict[str, Scenario] = {}
    load = Varied(scenarios).changed if variants else None  # type: ignore[arg-type] # one scenario, as _named has seen
    for name, (scenario, changes) in given.items():
        numbers = {"replications", "seed"} - (set() if checked else own)
        reads = run_reads(decided.get(name), given=numbers, allow_code=allow_code)
        both = _both(overrides, changes)
        try:
            later = decided[name].changes if name in decided else ()
            read = scenario_read_by("compare", scenario, both, reads, load, later=later)
            checked[name] = with_measures(read, measures)
        except InputError as error:
            raise InputError(of_variant(name, error.problems, as_texts(changes))) from None
        path = Path(scenario) if isinstance(scenario, str | os.PathLike) else Path(checked[name].name)
        wanted.append(Wanted(name, path, as_texts(changes), decided.get(name)))
    check_variants(wanted, checked, as_texts(overrides))
    first = next(iter(checked.values()))
    count = first.run.replications if replications is None else whole("replications", replications)
    options["seed"] = first.run.seed if seed is None else seed
    pilot = {"seed": options["seed"], "allow_code": allow_code, "members": members}
    checked = _settled(checked, decided, pilot, is_common=bool(variants))

    def found() -> Comparison:
        runs, twins = {}, Twins()
        for name, made in checked.items():
            carried = decided.get(name)
            runs[name] = simulate(made, replications=count, twins=twins, plan=carried, members=members, **options)
            if runs[name].replications < count:  # interrupted: variants must have the same random numbers
                raise KeyboardInterrupt
        return Comparison(compare_runs(runs), wanted, runs, options.get("command", ""), as_texts(overrides))

    if out is None:
        return found()
    with claimed(path_from("out", out), kind=COMPARE_FORMAT, force=force) as place:
        result = found()
        place.save(result.folder_files())
    return result


def _settled(
    scenarios: Mapping[str, Scenario], plans: Mapping[str, Plan], pilot: Mapping[str, Any], *, is_common: bool
) -> dict[str, Scenario]:
    """The scenarios with a number for their warm-up, each with a note where it was found.

    Args:
        scenarios: by variant.
        plans: that variants carry out.
        pilot: what the pilot run depends on, as of :func:`esc_sim.pilot.piloted`.
        is_common: they are variants of one scenario: what is found for the first is that of all that ask for it.
    """
    base, about = next(iter(scenarios.values())), list[str]()
    if is_common:
        base, about = piloted(base, **pilot)
    found = {}
    for name, made in scenarios.items():
        if about and is_to_be_found(made.run):
            found[name] = with_notices(with_warm_up_of(base, made), about)
        else:
            own, said = piloted(made, plans.get(name), whose="for this variant", **pilot)
            found[name] = with_notices(own, said)
    return found


def _both(common: Overrides, own: Overrides) -> Overrides:
    """Changes of all variants, then those of one."""
    if isinstance(common, Mapping) and isinstance(own, Mapping):
        return {**common, **own}
    return [*as_texts(common), *as_texts(own)] if common else own


def _named(
    scenarios: ScenarioLike | Sequence[ScenarioLike] | Mapping[str, ScenarioLike],
    variants: Mapping[str, Overrides] | None,
) -> dict[str, tuple[ScenarioLike, Overrides]]:
    """What is compared, by name: scenarios and their changes.

    Raises:
        InputError: fewer than two, or two of one name.
    """
    found: list[tuple[str, ScenarioLike, Overrides]]
    if variants:
        named("variants", variants)
        if isinstance(scenarios, Sequence) and not isinstance(scenarios, str):
            raise InputError("give either one scenario with variants, or several scenarios")
        found = [(name, scenarios, changes) for name, changes in variants.items()]
    elif isinstance(scenarios, Mapping) and "nodes" not in scenarios:
        found = [(name, scenario, ()) for name, scenario in scenarios.items()]
    elif isinstance(scenarios, Sequence) and not isinstance(scenarios, str):
        found = [(_name(scenario), scenario, ()) for scenario in scenarios]
    else:
        found = []
    names = {name for name, _, _ in found}
    if len(found) < 2 or len(names) < len(found):
        raise InputError("compare needs at least two variants or scenarios, each with a name of its own")
    return {name: (scenario, changes) for name, scenario, changes in found}


def _name(scenario: ScenarioLike) -> str:
    """What a scenario is called among others."""
    if isinstance(scenario, Scenario):
        return scenario.name
    return str(scenario.get("name")) if isinstance(scenario, Mapping) else scenario_name(Path(scenario))
