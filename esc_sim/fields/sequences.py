"""Sequences that behaviours are handed: lists of agents, arrays of compiled code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeVar, overload

Row_co = TypeVar("Row_co", covariant=True)


class Floats(Protocol):
    """Numbers that are read by index."""

    def __getitem__(self, index: int, /) -> float: ...


class Integers(Protocol):
    """Integers that are read by index."""

    def __getitem__(self, index: int, /) -> int: ...

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[int]: ...


class Rows(Protocol[Row_co]):
    """Rows that are read by index; what they hold may change."""

    @overload
    def __getitem__(self, index: int, /) -> Row_co: ...

    @overload
    def __getitem__(self, index: slice, /) -> Rows[Row_co]: ...

    def __iter__(self) -> Iterator[Row_co]: ...

    def __len__(self) -> int: ...


class Changing(Protocol):
    """Numbers that are read and written by index."""

    def __getitem__(self, index: int, /) -> float: ...

    def __setitem__(self, index: int, value: float, /) -> None: ...
