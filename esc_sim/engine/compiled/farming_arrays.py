"""What the compiled phases read of fields and fertilisers (``instance.farming``)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from esc_sim.fields.rows import Records
from esc_sim.instance.model import Instance

Ints = NDArray[np.int64]


class Farming(NamedTuple):
    """What does not change of the instance's farming; F fields, G fertilisers, see ``instance.farming``."""

    year: int
    """Periods of a year."""
    soil: Records
    """[1] Soil."""
    shares: NDArray[np.float64]
    """[F, year] share of the yield harvested in each period of the year."""
    fertilisers: Records
    """[G] Fertiliser."""
    of_item: Ints
    """[I] place of an item among them."""
    by_fertiliser: Ints
    """[F] fields, fertiliser by fertiliser."""
    lines: Ints
    """Buyers' lines, fertiliser by fertiliser."""


def farming_arrays(instance: Instance) -> Farming:
    """The instance's farming as the compiled phases read it."""
    return Farming(*(getattr(instance.farming, name) for name in Farming._fields))
