"""What is made of an instance, kept while further replications of it are run."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from esc_sim.instance.model import Instance

Made = TypeVar("Made")


def of_latest(make: Callable[[Instance], Made]) -> Callable[[Instance], Made]:
    """The function, which gives once more what it made of the latest instance, as long as that is there.

    Args:
        make: makes something that nobody writes to.
    """
    kept: list[tuple[weakref.ref[Instance], Made]] = []

    @wraps(make)
    def made_of(instance: Instance) -> Made:
        for latest, made in tuple(kept):
            if latest() is instance:
                return made
        made = make(instance)
        kept[:] = [(weakref.ref(instance, lambda _: kept.clear()), made)]
        return made

    return made_of
