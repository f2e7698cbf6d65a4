"""What stands in a scenario at a path as ``--set`` takes it, for decisions about values of any kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from esc_sim.scenario.dotted import steps_of
from esc_sim.scenario.fields import suggestion
from esc_sim.scenario.optimization import is_same
from esc_sim.scenario.overrides import apply_overrides
from esc_sim.scenario.relative import is_written_relative
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.worth import CannotError

NOT_DECIDED: Final = (
    "version", "name", "title", "description", "data", "units", "run", "risk", "tables", "variants", "appraisal",
    "optimize", "design",
)  # fmt: skip
"""Sections that say how a scenario is named, run or measured."""
_UNREAD: Final[Mapping[str, Any]] = {"optimize": None, "design": None}


def standing(scenario: Scenario, path: str) -> Any:
    """The value that stands where a path leads, at the first place of several.

    Args:
        scenario: whose values are in order.
        path: dotted, as for ``--set``.

    Raises:
        CannotError: it leads nowhere, or to what is nothing to decide.
    """
    section = steps_of(path)[0]
    if section in NOT_DECIDED:
        raise CannotError(f"'{section}' says how a scenario is named, run or measured: that is nothing to decide")
    if section in ("switches", "variant"):
        return _switch(scenario, path)
    data = scenario.model_dump(by_alias=True, warnings=False, include={section, "products"})
    return _at(scenario, _set(data, path, 0))


def choice_that_stands(scenario: Scenario, path: str, choices: Sequence[Any]) -> int | None:
    """Which of some values stands where a path leads; None where none of them does.

    Args:
        scenario: whose values are in order.
        path: dotted, as for ``--set``.
        choices: the values.

    Raises:
        CannotError: as :func:`standing`.
    """
    present = standing(scenario, path)
    for place, value in enumerate(choices):
        text = isinstance(value, str) and is_written_relative(value)
        if (text or isinstance(value, dict | list)) and _makes(scenario, path, value, present):
            return place
        if not text and is_same(present, value):
            return place
    return None


def _makes(scenario: Scenario, path: str, value: Any, present: Any) -> bool:
    """Whether a part, or a change, leaves what stands at a path as it is."""
    data = {**scenario.model_dump(by_alias=True, warnings=False), **_UNREAD}
    place = _set(data, path, value)
    try:
        made = Scenario.model_validate(data, strict=True)
    except ValidationError:
        return False
    return bool(_at(made, place) == present)


def _switch(scenario: Scenario, path: str) -> Any:
    section, *rest = steps_of(path)
    if section == "variant":
        raise CannotError("decide about the switches that a variant sets: path: switches.NAME")
    name = ".".join(rest)
    if name not in scenario.switches:
        raise CannotError(f"there is no switch '{name}'{suggestion(name, scenario.switches, listed='switches:')}")
    return scenario.switches[name]


def _set(data: dict[str, Any], path: str, value: Any) -> tuple[str | int, ...]:
    """Where a value lands that is set in plain data.

    Raises:
        CannotError: nowhere.
    """
    applied, problems = apply_overrides(data, {path: value}, lambda *_: Scenario.model_validate(data, strict=True))
    if problems:
        raise CannotError(problems[0].removeprefix(f"override '{path}': "))
    return applied[0].path


def _at(value: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        if isinstance(value, BaseModel):
            names = {field.alias or name: name for name, field in type(value).model_fields.items()}
            value = getattr(value, names[str(step)], None)
        elif isinstance(value, Mapping):
            value = value.get(step)
        else:
            value = value[int(step)] if isinstance(value, list) and int(step) < len(value) else None
    return value
