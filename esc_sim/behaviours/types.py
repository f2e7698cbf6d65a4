"""What the rules are handed: lists of floats from agents, arrays from compiled code."""

from __future__ import annotations

from typing import Protocol


class Floats(Protocol):
    """Numbers that are read by index."""

    def __getitem__(self, index: int, /) -> float: ...


class Integers(Protocol):
    """Integers that are read by index."""

    def __getitem__(self, index: int, /) -> int: ...


class Changing(Protocol):
    """Numbers that are read and written by index."""

    def __getitem__(self, index: int, /) -> float: ...

    def __setitem__(self, index: int, value: float, /) -> None: ...
