"""A scenario with other settings, as plans carry them and searches decide them: 'path=value' texts, switches included.

What a search looks for is left out of it while it is changed: a node that is switched off has nothing to decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from esc_sim.errors import InputError
from esc_sim.scenario.checked import changed, mark_checked
from esc_sim.scenario.document_check import turned
from esc_sim.scenario.dotted import path_of, split_change, steps_of
from esc_sim.scenario.located import scalar_of
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.standing import standing
from esc_sim.scenario.varied import Varied
from esc_sim.scenario.worth import CannotError

_MOST: Final = 64
"""Choices whose scenarios are kept."""


def with_settings(scenario: Scenario, settings: Sequence[str]) -> Scenario:
    """The checked scenario with other settings, its section ``optimize`` as it was.

    Args:
        scenario: checked.
        settings: changes of values, as for ``--set``; switches are turned first.

    Raises:
        InputError: a setting cannot be used.
    """
    if not settings:
        return scenario
    made = _set(_unsearched(scenario), settings)
    made.__dict__["optimize"] = scenario.optimize
    mark_checked(made)
    return made


class Settled:
    """A scenario whose settings are changed time and again; what is no number is changed once for all that follows.

    What stands in a part that another setting leaves out, such as a depot that is closed, is left out as well.

    Args:
        scenario: checked; its section ``optimize`` is left out.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._bare = _unsearched(scenario)
        self._chosen: dict[tuple[str, ...], _Chosen] = {}

    def changed(self, settings: Sequence[str]) -> tuple[Scenario, tuple[str, ...]]:
        """The checked scenario with other settings, and those of them that could be set.

        Args:
            settings: changes of values, as for ``--set``.

        Raises:
            InputError: a setting cannot be used.
        """
        chosen = tuple(text for text in settings if not is_number(text))
        found = self._chosen.get(chosen)
        if found is None:
            found = self._chosen[chosen] = _Chosen(self._bare, chosen)
            if len(self._chosen) > _MOST:
                self._chosen.pop(next(iter(self._chosen)), None)
        numbers = [text for text in settings if is_number(text) and found.has(path_of(text))]
        return found.varied.changed(numbers), (*found.kept, *numbers)


class _Chosen:
    """A scenario after all that is no number has been set."""

    def __init__(self, bare: Scenario, chosen: Sequence[str]) -> None:
        switches = [text for text in chosen if _turns(text)]
        made = _set(bare, switches)
        rest = [text for text in chosen if not _turns(text) and (not switches or _has(made, path_of(text)))]
        self.kept = (*switches, *rest)
        self._alike = not self.kept
        self._made = _set(made, rest)
        self._has: dict[str, bool] = {}
        self.varied = Varied(self._made)

    def has(self, path: str) -> bool:
        """Whether a path leads somewhere."""
        if path not in self._has:
            self._has[path] = self._alike or _has(self._made, path)
        return self._has[path]


def _has(scenario: Scenario, path: str) -> bool:
    try:
        standing(scenario, path)
    except CannotError:
        return False
    return True


def is_number(setting: str) -> bool:
    """Whether a 'path=value' text sets a number."""
    change = split_change(setting)
    return change is not None and type(scalar_of(change[1])) in (int, float)


def is_switch(path: str) -> bool:
    """Whether a dotted path names a switch."""
    return steps_of(path)[0] == "switches"


def _unsearched(scenario: Scenario) -> Scenario:
    """The scenario without its section ``optimize``."""
    if scenario.optimize is None:
        return scenario
    bare = scenario.model_copy(update={"optimize": None})
    mark_checked(bare)
    return bare


def _set(scenario: Scenario, settings: Sequence[str]) -> Scenario:
    switches = [text for text in settings if _turns(text)]
    rest = [text for text in settings if not _turns(text)]
    if switches:
        scenario = turned(scenario, switches)
    return changed(scenario, rest) if rest else scenario


def _turns(setting: str) -> bool:
    """Whether a 'path=value' text turns a switch."""
    change = split_change(setting)
    if change is None:
        raise InputError(f"settings: {setting}: write PATH=VALUE, such as nodes.shop.capacity=100")
    return is_switch(change[0])
