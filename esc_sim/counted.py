"""Counts in words."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """A count with its noun, as in "1 replication" or "1,200 replications"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
