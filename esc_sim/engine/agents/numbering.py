"""Numbers of a model's agents, which are forgotten with the model."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Iterator

import mesa


class AgentCounters(weakref.WeakKeyDictionary[mesa.Model, Iterator[int]]):
    """Counts agents from 1 in each model, in place of Mesa's own counter, which keeps every model for ever."""

    def __getitem__(self, model: mesa.Model) -> Iterator[int]:
        """The counter of a model; a new one where it has none."""
        return self.setdefault(model, itertools.count(1))
