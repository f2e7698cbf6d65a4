"""A scenario of which numbers are changed time and again: the points of a sweep, the variants of a comparison.

A number that takes the place of another leaves names, lists and switches as they are. It is put into the checked
scenario, of which only the parts around it are made anew and checked where they stand; then the whole is checked for
its meaning. Every other change, and every one that is refused, is left to the reader, so that what a change means and
what is said of it does not depend on how it was made.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache, cached_property, partial
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from esc_sim.errors import InputError
from esc_sim.scenario.checked import arcs_and_options, as_data, mark_checked
from esc_sim.scenario.dotted import split_change, steps_of
from esc_sim.scenario.given import ScenarioLike, given_scenario
from esc_sim.scenario.located import scalar_of
from esc_sim.scenario.meaning import meaning_problems
from esc_sim.scenario.messages import Path
from esc_sim.scenario.overrides import Overrides, apply_overrides, as_texts
from esc_sim.scenario.relative import is_written_relative
from esc_sim.scenario.schema import Node, Scenario, completed

Whole = TypeVar("Whole", bound=BaseModel)


class Varied:
    """A scenario to be changed time and again.

    Args:
        scenario: a scenario, the path of one, or its content as a dict.
        kept: changes that all have in common, as for ``--set``.

    Examples:
        >>> quickstart = Varied("scenarios/quickstart")
        >>> [quickstart.changed({"run.periods": periods}).run.periods for periods in (30, 60)]
        [30, 60]
    """

    def __init__(self, scenario: ScenarioLike, kept: Overrides = ()) -> None:
        self._scenario, self._kept = scenario, kept
        self._read = partial(given_scenario, scenario, kept)
        self._places: dict[str, Path | None] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process reads the scenario once for itself."""
        return Varied, (self._scenario, self._kept)

    def keeping(self, overrides: Overrides) -> Varied:
        """The scenario with changes that all later ones have in common, too; what has been read is not read again.

        Args:
            overrides: changes of values, as for ``--set``.
        """
        found = Varied(self._scenario, [*as_texts(self._kept), *as_texts(overrides)])
        found._read = partial(self.changed, overrides)
        return found

    def changed(self, overrides: Overrides) -> Scenario:
        """The checked scenario with changes, after those that all have in common.

        Args:
            overrides: changes of values, as for ``--set``.

        Raises:
            InputError: as :func:`esc_sim.scenario.given.given_scenario`.
        """
        found = self._with_numbers(as_texts(overrides))
        if found is not None:
            return found
        return given_scenario(
            self._scenario, [*as_texts(self._kept), *as_texts(overrides)] if self._kept else overrides
        )

    @cached_property
    def _base(self) -> Scenario | None:
        """The scenario that numbers can be put into; None where more hangs on a number than the part that it is in."""
        try:
            base = self._read()
        except InputError:
            return None
        # What the switches of a scenario left out is gone once it has been read.
        read = isinstance(self._scenario, Scenario)
        switched = not read and (base.whole_hash is not None or base.switches or base.variants)
        return None if switched or base.distances or base.appraisal or base.design else base

    def _with_numbers(self, texts: list[str]) -> Scenario | None:
        """The scenario with numbers changed; None where the reader has to look at it."""
        base = self._base
        if base is None:
            return None
        sections: dict[str, Any] = {}
        # What a search may decide hangs on which numbers there are; of their size, on whether one is 0 or infinite.
        searched = False
        try:
            for text in texts:
                change = split_change(text)
                value = None if change is None or is_written_relative(change[1]) else scalar_of(change[1])
                place = None if change is None or type(value) not in (int, float) else self._place(base, change[0])
                if place is None or _says_whether(base, place, value):
                    return None
                key = str(place[0])
                searched |= key == "optimize" or not value or not math.isfinite(value)
                sections[key] = _with(sections[key] if key in sections else _at(base, key), place[1:], value)
            made = _with_sections(base, sections)
        except ValidationError:
            return None
        if any(True for _ in meaning_problems(made, searched=searched, like=base)):
            return None
        made._changes = (*base.changes, *texts)
        mark_checked(made, base)
        return made

    def _place(self, base: Scenario, path: str) -> Path | None:
        """Where the one number stands that a path names; None where it names another thing."""
        if path not in self._places:
            self._places[path] = _place_of(base, path)
        return self._places[path]


def _place_of(base: Scenario, path: str) -> Path | None:
    if "*" in path or any(step.isdecimal() for step in steps_of(path)):
        return None  # numbers count entries of the file, of which some may be left out
    applied, problems = apply_overrides(as_data(base), {path: 0}, lambda *_: base)
    if problems or len(applied) != 1:
        return None
    value: Any = base
    for step in applied[0].path:
        value = _at(value, step)
    return applied[0].path if type(value) in (int, float) else None


def _says_whether(base: Scenario, place: Path, value: Any) -> bool:
    """Whether a number makes a node one that holds a stock of its own, or no longer; a default says nothing of it."""
    if place[0] != "nodes" or len(place) != 3:
        return False
    default = Node.model_fields[_names(Node)[str(place[2])]].default
    return bool((value == default) != (_at(_at(base.nodes, place[1]), place[2]) == default))


def _at(value: Any, step: str | int) -> Any:
    """What is stated at a key, or stands at a place of a list; None where there is nothing."""
    if isinstance(value, Scenario) and step == "arcs":
        return arcs_and_options(value)
    if isinstance(value, BaseModel):
        name = _names(type(value)).get(str(step), "")
        return getattr(value, name) if name in value.model_fields_set else None
    if isinstance(value, Mapping):
        return value.get(step)
    return value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else None


@cache
def _names(model: type[BaseModel]) -> dict[str, str]:
    """Names of the fields of a part by their keys."""
    return {field.alias or name: name for name, field in model.model_fields.items()}


def _with(value: Any, place: Path, new: Any) -> Any:
    """A part, a list or a mapping with another number at a place within it.

    Raises:
        ValidationError: the number does not belong there.
    """
    if not place:
        return new
    step, inner = place[0], _with(_at(value, place[0]), place[1:], new)
    if isinstance(value, list):
        return [inner if number == step else one for number, one in enumerate(value)]
    return {**value, step: inner} if isinstance(value, Mapping) else _anew(value, {str(step): inner})


def _with_sections(base: Scenario, sections: Mapping[str, Any]) -> Scenario:
    """The scenario with other sections, each of which is validated; the others are as they were.

    Raises:
        ValidationError: what they hold does not belong there.
    """
    update = {key: _section(key).validate_python(value, strict=True) for key, value in sections.items()}
    return completed(base.model_copy(update=update))


@cache
def _section(key: str) -> TypeAdapter[Any]:
    """What a section of a scenario may hold."""
    field = Scenario.model_fields[key]
    kind: Any = Annotated[field.annotation, field]
    return TypeAdapter(kind)


def _anew(part: Whole, changes: Mapping[str, Any]) -> Whole:
    """A part with other values by key, validated.

    Raises:
        ValidationError: they do not belong there.
    """
    stated = {key: getattr(part, name) for key, name in _names(type(part)).items() if name in part.model_fields_set}
    return type(part).model_validate({**stated, **changes}, strict=True)
