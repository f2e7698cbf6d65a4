"""What a calibration estimates: numbers of a scenario, named as for ``--set``, between two bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.fields.names import named
from esc_sim.scenario.dotted import path_of, quoted, split_change, steps_of
from esc_sim.scenario.messages import shown
from esc_sim.scenario.overrides import as_texts
from esc_sim.scenario.path_words import path_words
from esc_sim.scenario.schema import Scenario

Floats = NDArray[np.float64]

_HELP: Final = "write PATH=LOW:HIGH, such as nodes.shop.demand.sd=1:20, or PATH=*0.5:*2 for a factor"
_FACTOR: Final = "*"
_NEAR: Final = 1e-3
"""Distance from a bound of 0, a part of the way between the bounds, up to which a value is 0."""


@dataclass(frozen=True)
class Free:
    """A number that is estimated.

    Attributes:
        path: dotted, as for ``--set``.
        low, high: bounds.
        is_factor: what is estimated is a factor of what stands at the path, as ``--set PATH=*1.2`` has it.
        named: the path with the name of an entry that it counts; empty: the path itself.
    """

    path: str
    low: float
    high: float
    is_factor: bool = False
    named: str = ""

    @property
    def words(self) -> str:
        """What it is."""
        words = path_words(self.named or self.path)
        return f"factor of {words}" if self.is_factor else words

    def at(self, place: float) -> float:
        """The value at a place in [0, 1], to a millionth of the way; 0 near a bound of 0: no grid holds the tiniest."""
        near = self.low if place < _NEAR else self.high if place > 1.0 - _NEAR else None
        return 0.0 if near == 0.0 else float(f"{self.low + round(place, 6) * (self.high - self.low):.10g}")

    def setting(self, value: float) -> Any:
        """A value as a change of the scenario."""
        return f"{_FACTOR}{value!r}" if self.is_factor else value


def free_of(text: str) -> Free:
    """A free parameter from ``PATH=LOW:HIGH``, or ``PATH=*LOW:*HIGH`` for a factor.

    Raises:
        InputError: the text cannot be read.

    Examples:
        >>> free_of("nodes.shop.demand.sd=1:20").high
        20.0
    """
    path, written = split_change(text) or ("", "")
    ends = [end.strip() for end in written.split(":")]
    is_factor = all(end.startswith(_FACTOR) for end in ends)
    try:
        low, high = (float(end.removeprefix(_FACTOR) if is_factor else end) for end in ends)
    except ValueError:
        raise InputError(f"--free {text}: {_HELP}") from None
    if not path:
        raise InputError(f"--free {text}: {_HELP}")
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(f"--free {text}: the lower bound is to be below the upper one")
    return Free(path, low, high, is_factor)


def free_parameters(given: Mapping[str, Any] | Sequence[Free], overrides: Sequence[str]) -> tuple[Free, ...]:
    """What is estimated.

    Args:
        given: bounds by path, a pair of numbers or a text as for ``--free``; or a list of :class:`Free`.
        overrides: values that are set, as 'path=value' texts.

    Raises:
        InputError: nothing is, something is named twice or is set to one value as well.
    """
    if isinstance(given, Mapping):
        found = tuple(_between(path, bounds) for path, bounds in named("free", given).items())
    elif isinstance(given, str) or not isinstance(given, Sequence) or not all(isinstance(one, Free) for one in given):
        raise InputError(f"free: give a dict such as {{'nodes.shop.demand.sd': (1, 20)}}, not {shown(given)}")
    else:
        found = tuple(given)
    if not found:
        raise InputError("nothing is free: name parameters with --free PATH=LOW:HIGH")
    paths, fixed = [one.path for one in found], {path_of(text) for text in overrides}
    problems = [
        f"--free {path}: the parameter is given twice" for path in dict.fromkeys(paths) if paths.count(path) > 1
    ]
    problems += [
        f"--free {path}: is also set to one value (--set {path}): leave one of the two out"
        for path in paths
        if path in fixed
    ]
    if problems:
        raise InputError(problems)
    return found


def named_in(scenario: Scenario, one: Free) -> Free:
    """The parameter, with the name of the node or the ends of the arc that its path counts: nodes.0, arcs.2.

    Args:
        scenario: whose entries they are.
        one: the parameter.
    """
    section, entry, *keys = [*steps_of(one.path), "", ""][: max(2, len(steps_of(one.path)))]
    names = {
        "nodes": [node.id for node in scenario.nodes],
        "arcs": [f"{arc.buyer}/{arc.supplier}" for arc in scenario.arcs],
    }.get(section, [])
    if not entry.isdecimal() or int(entry) >= len(names):
        return one
    return replace(one, named=".".join([section, quoted(names[int(entry)]), *keys]))


def _between(path: str, bounds: Any) -> Free:
    if isinstance(bounds, str):
        return free_of(f"{path}={bounds}")
    if not isinstance(bounds, Sequence) or len(bounds) != 2 or not all(isinstance(end, Real) for end in bounds):
        raise InputError(f"free '{path}': a pair of bounds belongs here, such as (1, 20), not {shown(bounds)}")
    return free_of(f"{path}={float(bounds[0])!r}:{float(bounds[1])!r}")


def values_at(free: Sequence[Free], places: Floats) -> Floats:
    """Values of the parameters, float64[K].

    Args:
        free: the parameters.
        places: float64[K] within the unit cube.
    """
    return np.array([one.at(float(place)) for one, place in zip(free, places, strict=True)])


def settings_of(free: Sequence[Free], values: Floats) -> list[str]:
    """Values of the parameters as 'path=value' texts, which read back bit for bit.

    Args:
        free: the parameters.
        values: float64[K].
    """
    return as_texts({one.path: one.setting(float(value)) for one, value in zip(free, values, strict=True)})
