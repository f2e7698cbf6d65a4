"""Sequences that behaviours are handed: lists of agents, arrays of compiled code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class Floats(Protocol):
    """Numbers that are read by index."""

    def __getitem__(self, index: int, /) -> float: ...


class Integers(Protocol):
    """Integers that are read by index."""

    def __getitem__(self, index: int, /) -> int: ...

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[int]: ...


class Changing(Protocol):
    """Numbers that are read and written by index."""

    def __getitem__(self, index: int, /) -> float: ...

    def __setitem__(self, index: int, value: float, /) -> None: ...
