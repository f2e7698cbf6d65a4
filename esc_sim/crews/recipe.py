"""What is done with each task, sent to a worker process once.

The function and all that it holds (a scenario, an instance, a plan) go as one text, the recipe; a worker unpacks it
when it first meets it and keeps it for the tasks that follow.
"""

from __future__ import annotations

import pickle
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import esc_sim
from esc_sim.errors import EscSimError, InputError

_KEPT: Final = 2
"""Recipes that a worker keeps."""


@dataclass(frozen=True)
class Recipe:
    """A function as a text.

    Attributes:
        text: compressed pickle of the function.
        code: fingerprint of esc_sim where it was written.
    """

    text: bytes
    code: str


def recipe_of(function: Callable[[Any], Any]) -> Recipe:
    """The recipe of a function of one task.

    Args:
        function: something that can be pickled: a function at the top of a module, a method of a plain object.

    Raises:
        InputError: it cannot be handed to another process.
    """
    try:
        text = pickle.dumps(function)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise InputError(
            f"what is defined in a notebook or a running script cannot be handed to other processes ({error}): put it "
            "into a module, or leave out workers"
        ) from None
    return Recipe(zlib.compress(text, 1), code_fingerprint())


@dataclass(frozen=True)
class Done:
    """What a worker hands back.

    Attributes:
        outcomes: of each of its tasks, in their order.
        seconds: that they took.
    """

    outcomes: list[Any]
    seconds: float


def done_by(recipe: Recipe, tasks: Sequence[Any]) -> Done:
    """What a worker does with some tasks.

    Raises:
        EscSimError: the worker has another esc_sim than who wrote the recipe.
    """
    if recipe.code != code_fingerprint():
        raise EscSimError(
            f"a worker has another esc_sim ({esc_sim.__version__}, in {Path(esc_sim.__file__).parent}) than this "
            "program: the numbers could differ; install the same one everywhere"
        )
    return done(_function(recipe.text), tasks)


def done(function: Callable[[Any], Any], tasks: Sequence[Any]) -> Done:
    """Some tasks, one after the other."""
    begin = time.perf_counter()
    outcomes = [function(task) for task in tasks]
    return Done(outcomes, time.perf_counter() - begin)


@lru_cache(maxsize=_KEPT)
def _function(text: bytes) -> Callable[[Any], Any]:
    made: Callable[[Any], Any] = pickle.loads(zlib.decompress(text))
    return made


@lru_cache(maxsize=1)
def code_fingerprint() -> str:
    """Hash of all sources of esc_sim, names and contents."""
    folder = Path(esc_sim.__file__).parent
    found = sha256()
    for path in sorted(folder.rglob("*.py")):
        found.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]
