"""The kinds of design that `esc-sim design` knows, and running one.

A kind is a key of the scenario's section ``design`` (``scenario.design``) and a module with OPTIONS and ``run_design``
as ``result.DesignKind`` says: a line in KINDS, or an entry point of an installed package (group ``esc_sim.design``).
The kind ``dispatch`` reads the section ``power``, and needs no key of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from importlib import import_module
from typing import Any, Final, cast

from esc_sim.crews.crew import hands_of
from esc_sim.design.result import DesignKind, DesignResult, Report
from esc_sim.entries import named
from esc_sim.errors import InputError
from esc_sim.scenario.given import ScenarioLike
from esc_sim.scenario.schema import Scenario

OWN: Final = {
    "sourcing": "esc_sim.design.sourcing.command",
    "retail": "esc_sim.design.retail.command",
    "safety_stock": "esc_sim.design.safety_stock.command",
    "dispatch": "esc_sim.design.dispatch.command",
}
KINDS: Final[dict[str, str]] = OWN | {
    name: point.value for name, point in named("esc_sim.design", OWN, "design kind").items()
}
"""Kind, a key of the section ``design`` -> module, imported when a design of that kind is asked for."""


def run_design(
    scenario: ScenarioLike,
    *,
    kind: str | None = None,
    options: Mapping[str, Any] | None = None,
    overrides: Sequence[str] | Mapping[str, Any] = (),
    report: Report = lambda text: None,
    command: str = "",
    workers: int | None = None,
    dask: Any = None,
    executor: Executor | None = None,
) -> DesignResult:
    """Solve the design that a scenario describes.

    Args:
        scenario: a scenario with a section ``design``, the path of one, or its content as a dict.
        kind: which kind, where the section has several; a hyphen in its name may stand for the underscore.
        options: variants asked for, by name as on the command line: model, reading, gap, ...; None is not given.
        overrides: changes of values, as for ``--set``.
        report: told about progress.
        command: how it was started, for the manifest.
        workers, dask, executor: who does solves that do not need one another, see :class:`esc_sim.Options`; default
            threads on all processors.

    Raises:
        InputError: nothing to design, an option of another kind, data that cannot be used, or no plan keeps every
            limit.

    Examples:
        >>> import esc_sim as esc
        >>> esc.design("scenarios/electrolyte", kind="sourcing").plan.kind
        'sourcing'
    """
    from esc_sim.design.reads import design_reads
    from esc_sim.scenario.unread import scenario_read_by

    scenario = scenario_read_by("design", scenario, overrides, design_reads(kind))
    chosen = chosen_kind(scenario, kind)
    module = cast(DesignKind, import_module(KINDS[chosen]))
    given = {name: value for name, value in (options or {}).items() if value is not None and value is not False}
    foreign = [name for name in given if name not in module.OPTIONS]
    if foreign:
        known = ", ".join(_flag(name) for name in sorted(module.OPTIONS)) or "none"
        raise InputError(f"{_flag(foreign[0])}: no option of a {chosen} design; it has {known}")
    with hands_of({"workers": workers, "dask": dask, "executor": executor}).crew(releases=True) as crew:
        found = module.run_design(scenario, given, report, crew)
    return replace(found, scenario=scenario, command=command)


def chosen_kind(scenario: Scenario, kind: str | None) -> str:
    """The kind of design that is asked for; without ``kind`` the only one that the scenario holds.

    Raises:
        InputError: there is none, or there are several.
    """
    there = scenario.design.kinds if scenario.design is not None else ()
    if scenario.power is not None and "dispatch" not in there:
        there = (*there, "dispatch")
    if kind is None:
        if not there:
            raise InputError(
                f"scenario '{scenario.name}' has nothing to design: give it a section 'design' ({', '.join(KINDS)})"
            )
        if len(there) > 1:
            raise InputError(f"the scenario holds several designs: choose one with --kind ({', '.join(there)})")
        return there[0]
    kind = kind if kind in KINDS else kind.replace("-", "_")
    if kind not in KINDS:
        raise InputError(f"--kind: there is no design '{kind}'; kinds are {', '.join(KINDS)}")
    if kind == "dispatch" and kind not in there:
        raise InputError("--kind dispatch: the scenario has no section 'power', and so no microgrids to dispatch")
    if kind not in there:
        raise InputError(f"--kind {kind}: the scenario's section 'design' has no key '{kind}'")
    return kind


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
