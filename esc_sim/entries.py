"""Entries of a registry: the house's own modules, and those that installed packages name by entry points."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any


@cache
def _installed() -> Any:
    """The entry points of all installed packages: every file that lists some is read once, not once a group.

    Python 3.12 has another type for them than 3.11; both select.
    """
    return entry_points()


def named(group: str, taken: Collection[str], kind: str) -> dict[str, EntryPoint]:
    """The entry points of a group, by name; nothing is imported yet.

    Args:
        group: of entry points.
        taken: names that are the house's own.
        kind: what an entry point stands for, for messages.

    Raises:
        ImportError: a name that is taken, or given twice.
    """
    found: dict[str, EntryPoint] = {}
    for point in sorted(_installed().select(group=group), key=lambda point: (point.name, point.value)):
        if point.name in taken or point.name in found:
            raise ImportError(f"{kind} '{point.name}' of {point.module}: the name is taken")
        found[point.name] = point
    return found


def packaged(group: str) -> list[ModuleType]:
    """The modules that installed packages name by entry points of a group, by name."""
    return [point.load() for point in sorted(_installed().select(group=group), key=lambda point: point.name)]


def entries(group: str, own: Iterable[ModuleType], attribute: str, kind: str) -> dict[str, tuple[Any, ModuleType]]:
    """What each module of a registry holds, and the module, by name: the house's own first, then packages' by name.

    Args:
        group: of entry points, each of which names a module.
        own: the house's own modules.
        attribute: of a module: what it holds, which has a ``name``.
        kind: what that is, for messages.

    Raises:
        ImportError: two of one name.
    """
    found: dict[str, tuple[Any, ModuleType]] = {}
    for module in (*own, *packaged(group)):
        entry = getattr(module, attribute)
        if entry.name in found:
            raise ImportError(f"{kind} '{entry.name}' of {module.__name__}: the name is taken")
        found[entry.name] = (entry, module)
    return found
