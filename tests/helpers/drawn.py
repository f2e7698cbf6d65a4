"""What a figure shows: whether there is data in every part of it."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure


def empty_parts(figure: Figure) -> list[str]:
    """Titles (or numbers) of the axes in which no number is drawn."""
    return [
        axis.get_title(loc="left") or axis.get_ylabel() or f"axes {number}"
        for number, axis in enumerate(figure.axes)
        if axis.get_visible() and not _has_numbers(axis)
    ]


def _has_numbers(axis: Axes) -> bool:
    lines = [np.asarray(line.get_xydata(), dtype=np.float64) for line in axis.lines]
    points = [np.asarray(part.get_offsets(), dtype=np.float64) for part in axis.collections]
    drawn = any(np.isfinite(values).all(axis=-1).any() for values in (*lines, *points) if values.size)
    return drawn or bool(axis.patches or axis.images)
