"""What workers of a Dask cluster are handed once, before their first task; imports Dask."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from distributed import WorkerPlugin

from esc_sim.crews.recipe import Done, Recipe, done_by

_handed: dict[str, Recipe] = {}
"""Recipes that this worker holds, by the name of their plugin."""


class Handed(WorkerPlugin):
    """Brings a recipe to each worker."""

    def __init__(self, recipe: Recipe) -> None:
        self.name = f"esc_sim-{sha256(recipe.text).hexdigest()[:16]}"
        self._recipe = recipe

    def setup(self, worker: Any) -> None:
        """Called by Dask on each worker, also on those that join later."""
        _handed[self.name] = self._recipe

    def teardown(self, worker: Any) -> None:
        """Called by Dask when the work is done."""
        _handed.pop(self.name, None)


def done_by_handed(name: str, tasks: Sequence[Any]) -> Done:
    """What a worker does with some tasks."""
    return done_by(_handed[name], tasks)
