"""Names beside points: none covers another, a point or the edge; a name that stands apart has a line to its point."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike, NDArray

from esc_sim.views.palette import GREY

Floats = NDArray[np.float64]

_SIZE: Final = 6.5
_NEAR: Final = 5.0
"""Points from a marker's middle to a name beside it."""
_DISTANCES: Final = (_NEAR, 12.0, 20.0, 30.0, 42.0, 56.0, 72.0)
_OFF_LINES: Final = 4
"""So many of the distances are tried for a name that covers no line, before those for one that does."""
_DIRECTIONS: Final = tuple(
    (math.cos(math.radians(angle)), math.sin(math.radians(angle))) for angle in (30, 150, -30, 210, 90, -90, 0, 180)
)
_LINE: Final = 1.5
"""Points that a name keeps off the middle of a line."""
_MARKER: Final = 3.0
"""Half the width of a marker, points."""


def name_points(
    axis: Axes,
    points: ArrayLike,
    names: Sequence[str],
    others: ArrayLike = (),
    marker: ArrayLike = _MARKER,
    crossed: ArrayLike = (),
) -> list[str]:
    """Write names beside points, the first ones first; those for which there is no room are left out.

    Call it last: limits and scales of the axis must stand.

    Args:
        axis: with the points drawn.
        points: float[N, 2] in the axis' own coordinates.
        names: N names.
        others: float[M, 2] further points that no name may cover.
        marker: half the width of a point, in points of print; of all, or of each of the N + M.
        crossed: float[L, 2] points on lines, which names cover only where there is no other room.

    Returns:
        The names written.
    """
    figure = axis.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()  # the layout decides where points stand
    assert isinstance(figure.canvas, FigureCanvasAgg)
    renderer, scale = figure.canvas.get_renderer(), figure.dpi / 72.0
    own = np.asarray(points, np.float64).reshape(-1, 2)
    places = axis.transData.transform(own)
    further = axis.transData.transform(np.asarray(others, np.float64).reshape(-1, 2))
    reach = np.broadcast_to(np.asarray(marker, np.float64), len(places) + len(further))
    markers = [_around(place, half * scale) for place, half in zip((*places, *further), reach.tolist(), strict=True)]
    passed = axis.transData.transform(np.asarray(crossed, np.float64).reshape(-1, 2))
    room = _Room(axis.get_window_extent(renderer), markers, passed)
    written = []
    for point, place, name, half in zip(own, places, names, reach[: len(own)].tolist(), strict=True):
        text = figure.text(0.0, 0.0, name, fontsize=_SIZE)
        size = text.get_window_extent(renderer)
        text.remove()
        distances = [half - _MARKER + each for each in _DISTANCES]
        tries = [*product([False], distances[:_OFF_LINES]), *product([True], distances)]
        for (covers, distance), direction in product(tries, _DIRECTIONS):
            box = _beside(place, direction, distance * scale, (size.width, size.height))
            line = np.linspace(place, _nearest(box, place), 16)
            if (covers or not room.crosses(box, _LINE * scale)) and room.takes(box, line):
                _write(axis, point, name, (np.array([box.x0, box.y0]) - place) / scale)
                if distance > half - _MARKER + _NEAR:
                    _write(axis, point, "", (line[-1] - place) / scale)
                written.append(name)
                break
    return written


@dataclass
class _Room:
    """What is taken in a figure, in pixels.

    Attributes:
        inside: where names may stand.
        markers: boxes of points.
        crossed: points on lines that names keep off where they can.
        names: boxes of names.
        lines: points on the lines that lead to names.
    """

    inside: Bbox
    markers: list[Bbox]
    crossed: Floats
    names: list[Bbox] = field(default_factory=list)
    lines: Floats = field(default_factory=lambda: np.empty((0, 2)))

    def crosses(self, box: Bbox, reach: float) -> bool:
        """Whether a name's box comes nearer to lines than a reach, pixels."""
        return bool(_holds(box.padded(reach), self.crossed).any())

    def takes(self, box: Bbox, line: Floats) -> bool:
        """Take a name's box and line, if there is room for them."""
        corners = np.array([[box.x0, box.y0], [box.x1, box.y1]])
        if not _holds(self.inside, corners).all() or any(box.overlaps(other) for other in (*self.markers, *self.names)):
            return False
        if _holds(box, self.lines).any() or any(_holds(other, line).any() for other in self.names):
            return False
        self.names.append(box)
        self.lines = np.concatenate([self.lines, line])
        return True


def _write(axis: Axes, point: Floats, name: str, offset: Floats) -> None:
    """Write a name at an offset in points from a point; a line to there where the name is empty."""
    line: dict[str, Any] = {"arrowstyle": "-", "linewidth": 0.5, "color": GREY, "shrinkA": 0.0, "shrinkB": 0.0}
    label = axis.annotate(
        name, (float(point[0]), float(point[1])), xytext=(float(offset[0]), float(offset[1])),
        textcoords="offset points", fontsize=_SIZE, ha="left", va="bottom", annotation_clip=False,
        arrowprops=None if name else line, path_effects=[withStroke(linewidth=1.5, foreground="white")],
    )  # fmt: skip
    label.set_in_layout(False)  # or the layout would move the points


def _holds(box: Bbox, points: Floats) -> NDArray[np.bool_]:
    x, y = points.T
    held: NDArray[np.bool_] = (box.x0 < x) & (x < box.x1) & (box.y0 < y) & (y < box.y1)
    return held


def _nearest(box: Bbox, place: Floats) -> Floats:
    return np.array([np.clip(place[0], box.x0, box.x1), np.clip(place[1], box.y0, box.y1)])


def _around(place: Floats, reach: float) -> Bbox:
    return Bbox.from_extents(place[0] - reach, place[1] - reach, place[0] + reach, place[1] + reach)


def _beside(place: Floats, direction: tuple[float, float], distance: float, size: tuple[float, float]) -> Bbox:
    """The box of a text in a direction from a point, its nearest corner or edge at a distance.

    Args:
        place: the point, pixels.
        direction: across and up, of length 1.
        distance: pixels.
        size: width and height of the text, pixels.
    """
    across, up = direction
    x, y = place[0] + across * distance, place[1] + up * distance
    left = x if across > 0.1 else x - size[0] if across < -0.1 else x - 0.5 * size[0]
    low = y if up > 0.1 else y - size[1] if up < -0.1 else y - 0.5 * size[1]
    return Bbox.from_bounds(left, low, *size)
