"""Things that a caller of Python gives by name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from esc_sim.errors import InputError


def named(argument: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a caller gives by name, such as measures.

    Raises:
        InputError: it is no dict of names.
    """
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        what = "a dict whose keys are names" if isinstance(given, Mapping) else f"a dict, not {type(given).__name__}"
        raise InputError(f"{argument}: give them by name, as {what}")
    return given


def listed(argument: str, names: Iterable[str]) -> Sequence[str]:
    """Names that a caller gives: one alone may stand without its list.

    Raises:
        InputError: they are no list.
    """
    if not isinstance(names, Iterable):
        raise InputError(f"{argument}: give a list of names, not {names!r}")
    return [names] if isinstance(names, str) else list(names)


def path_from(what: str, value: str | os.PathLike[str]) -> Path:
    """A path that a caller gives.

    Args:
        what: the argument, for messages.
        value: the path.

    Raises:
        InputError: it is none.
    """
    if not isinstance(value, str | os.PathLike):
        raise InputError(f"{what}: a path belongs here, not {type(value).__name__}")
    return Path(value)
