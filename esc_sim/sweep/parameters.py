"""What a sweep varies: values of a scenario, named as for ``--set``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from esc_sim.errors import InputError
from esc_sim.fields.names import named
from esc_sim.scenario.dotted import partition_outside, split_change, split_outside, unquoted
from esc_sim.scenario.located import read_yaml
from esc_sim.scenario.messages import shown
from esc_sim.scenario.overrides import as_texts
from esc_sim.scenario.relative import is_written_relative, relative_levels

MOST_LEVELS = 100_000
"""Levels of a range."""
_HELP = "write PATH=A,B,C (values; LABEL: A, LABEL: B names them) or PATH=LOW:HIGH (a range; LOW:HIGH:COUNT for a grid)"


@dataclass(frozen=True)
class Parameter:
    """A value of the scenario that a sweep varies: a list of values, or a range.

    Attributes:
        path: dotted, as for ``--set``.
        values: the values, of any kind; empty for a range.
        low, high: ends of a range; two whole ends give whole numbers.
        count: levels of the range in a grid, 0 = not given.
        labels: what the values are called in tables and figures; empty: as they are.
    """

    path: str
    values: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    count: int = 0
    labels: tuple[str, ...] = ()

    def shown(self, value: Any) -> Any:
        """A value as tables and figures have it."""
        return self.labels[self.values.index(value)] if self.labels else value

    @property
    def shown_values(self) -> tuple[Any, ...]:
        """The values as tables and figures have them; empty for a range."""
        return self.labels or self.values

    @property
    def whole(self) -> bool:
        """Whether a range holds whole numbers only."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    @property
    def is_number(self) -> bool:
        """Whether all values are numbers, so that they can be put on an axis."""
        return not self.labels and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in self.values)

    @property
    def ends(self) -> tuple[float, float]:
        """Least and largest value of a parameter whose values are numbers."""
        return (min(self.values), max(self.values)) if self.values else (self.low, self.high)

    def value_at(self, place: float) -> Any:
        """The value at a place in [0, 1): a range is passed through evenly, listed values take equal shares."""
        if self.values:
            return self.values[min(int(place * len(self.values)), len(self.values) - 1)]
        if self.whole:
            return min(math.floor(self.low + place * (self.high - self.low + 1)), int(self.high))
        return self.low + place * (self.high - self.low)

    def levels(self) -> tuple[Any, ...]:
        """Values of the parameter in a grid.

        Raises:
            InputError: a range without a number of levels.
        """
        if self.values:
            return self.values
        if not self.count:
            raise InputError(f"--vary {self.path}: a grid needs values or a number of levels: LOW:HIGH:COUNT")
        step = (self.high - self.low) / (self.count - 1)
        places = [self.low + step * k for k in range(self.count - 1)] + [self.high]
        return (
            tuple(dict.fromkeys(round(p) for p in places)) if self.whole else tuple(float(f"{p:.12g}") for p in places)
        )


def parameter_of(text: str) -> Parameter:
    """A parameter from ``PATH=A,B,C``, ``PATH=LABEL: A, LABEL: B``, ``PATH=LOW:HIGH`` or ``PATH=LOW:HIGH:COUNT``.

    What stands in double quotes is kept together.

    Raises:
        InputError: the text cannot be read.
    """
    path, written = split_change(text) or ("", "")
    label = f"--vary {text}"
    if not path or not written:
        raise InputError(f"{label}: {_HELP}")
    parts = [part.strip() for part in written.split(":")]
    if (
        len(parts) in (2, 3)
        and not any(map(is_written_relative, parts))
        and all(isinstance(_scalar(part, label), (int, float)) for part in parts)
    ):
        low, high = _scalar(parts[0], label), _scalar(parts[1], label)
        count = _scalar(parts[2], label) if len(parts) == 3 else 0
        return checked_parameter(Parameter(path, low=low, high=high, count=count), label)
    if len(parts) in (2, 3) and all(map(is_written_relative, parts[:2])):
        return checked_parameter(Parameter(path, values=_relative_range(parts, label)), label)
    pieces = [partition_outside(part, ": ") for part in split_outside(written, ",")]
    labels = tuple(unquoted(name.strip()) for name, colon, _ in pieces if colon)
    if labels and len(labels) < len(pieces):
        raise InputError(f"{label}: give a label to every value, or to none")
    values = tuple(_scalar((value if colon else name).strip(), label) for name, colon, value in pieces)
    return checked_parameter(Parameter(path, values=values, labels=labels), label)


def _relative_range(parts: Sequence[str], label: str) -> tuple[str, ...]:
    """The levels of a range of changes, such as ``*1:*2:3``.

    Raises:
        InputError: its number of levels is not given, or its ends are changes of two kinds.
    """
    count = _scalar(parts[2], label) if len(parts) == 3 else None
    if type(count) is not int or not 2 <= count <= MOST_LEVELS:
        raise InputError(f"{label}: a range of changes needs a number of levels: {parts[0]}:{parts[1]}:3")
    levels = relative_levels(parts[:2], count)
    if not levels:
        raise InputError(f"{label}: the ends of a range are changes of one kind, such as *1:*2:3 or +0%:+50%:3")
    return tuple(levels)


def parameter_from(path: str, given: Sequence[Any] | str) -> Parameter:
    """A parameter from Python: a list of values, or a text as for ``--vary``.

    Raises:
        InputError: it cannot be varied.
    """
    if isinstance(given, str):
        return parameter_of(f"{path}={given}")
    label = f"parameter '{path}'"
    if not isinstance(given, Iterable):
        raise InputError(f"{label}: a list of values belongs here, not {given!r}")
    values = tuple(value.item() if isinstance(value, np.generic) else value for value in given)
    if not all(isinstance(value, (str, bool, int, float)) for value in values):
        raise InputError(f"{label}: values are numbers, texts or booleans")
    return checked_parameter(Parameter(path, values=values), label)


def parameters_of(vary: Mapping[str, Sequence[Any] | str] | Sequence[Parameter]) -> tuple[Parameter, ...]:
    """What is varied.

    Raises:
        InputError: it cannot be.
    """
    if isinstance(vary, Mapping):
        return tuple(parameter_from(path, given) for path, given in named("vary", vary).items())
    if isinstance(vary, str) or not isinstance(vary, Sequence) or not all(isinstance(one, Parameter) for one in vary):
        raise InputError(f"vary: give a dict such as {{'run.periods': [30, 60]}}, not {shown(vary)}")
    return tuple(vary)


def checked_parameter(parameter: Parameter, label: str) -> Parameter:
    """The parameter itself.

    Raises:
        InputError: it cannot be varied.
    """
    if parameter.values or parameter.low == parameter.high == 0.0:
        if len(parameter.values) < 2:
            raise InputError(f"{label}: give at least two values; {_HELP}")
        if len(set(map(repr, parameter.values))) < len(parameter.values):
            raise InputError(f"{label}: a value is given twice")
        if len(set(parameter.labels)) < len(parameter.labels):
            raise InputError(f"{label}: a label is given twice")
    elif not parameter.low < parameter.high:
        raise InputError(f"{label}: bounds crossed: {parameter.low:g} is not below {parameter.high:g}")
    elif not isinstance(parameter.count, int) or not (parameter.count == 0 or 2 <= parameter.count <= MOST_LEVELS):
        raise InputError(f"{label}: the number of levels is a whole number from 2 to 100000")
    return parameter


def settings_of(parameters: Sequence[Parameter], point: Sequence[Any]) -> list[str]:
    """A point as 'path=value' texts, which read back bit for bit.

    Args:
        parameters: what varies.
        point: a value for each.
    """
    return as_texts({p.path: value for p, value in zip(parameters, point, strict=True)})


def _scalar(text: str, label: str) -> Any:
    if is_written_relative(text):
        return text
    located, problems = read_yaml(text, "value")
    if problems or located is None or isinstance(located.plain(), (dict, list)) or located.plain() is None:
        raise InputError(f"{label}: '{text}' is not a value; {_HELP}")
    return located.plain()
