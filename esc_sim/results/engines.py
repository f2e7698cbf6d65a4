"""Which engine played which replications."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class EnginePart:
    """Replications that one engine played.

    Attributes:
        engine: "agents" or "compiled".
        first: number of the first of them.
        stop: one past the last.
    """

    engine: str
    first: int
    stop: int


def joined(parts: Iterable[EnginePart]) -> tuple[EnginePart, ...]:
    """Parts in the order of the replications, neighbours of one engine as one."""
    found: list[EnginePart] = []
    for part in parts:
        if found and (found[-1].engine, found[-1].stop) == (part.engine, part.first):
            part = EnginePart(part.engine, found.pop().first, part.stop)
        found.append(part)
    return tuple(found)
