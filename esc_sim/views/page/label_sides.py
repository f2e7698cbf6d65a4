"""The side of each marker on which the page's map writes its name, so that few names cover others or markers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

from esc_sim.views.page.map_plan import BOX

Side = Literal["bottom", "right", "left", "top"]
Box = tuple[float, float, float, float]

_SIDES: Final[tuple[Side, ...]] = ("bottom", "right", "left", "top")
_PIXELS: Final = 0.56
"""Pixels in a unit of the map's box, about, where the page is 1280 pixels wide."""
_LETTER: Final = 6.0
_LINE: Final = 13.0
_AWAY: Final = 4.0
"""Width of a letter, height of a line, and room between marker and name, pixels."""
_ROOM: Final = 55.0
"""Room on either side of the box, pixels, a little less than the map has."""


def sides(data: Sequence[dict[str, Any]]) -> list[Side]:
    """Side of the name of each node, float sizes in pixels; below its marker where there is room.

    Args:
        data: nodes of the map, with ``value`` (place in the box), ``symbolSize`` and the text of the label.
    """
    markers = [_around(datum) for datum in data]
    names: list[Box] = []
    found: list[Side] = []
    for own, datum in enumerate(data):
        others = [*markers[:own], *markers[own + 1 :], *names]
        tried = list(_beside(markers[own], len(datum["label"]["formatter"]) * _LETTER))
        covered = [_outside(box) + sum(_overlap(box, other) for other in others) for box in tried]
        best = covered.index(min(covered))
        names.append(tried[best])
        found.append(_SIDES[best])
    return found


def _around(datum: dict[str, Any]) -> Box:
    (x, y), half = datum["value"], datum["symbolSize"] / 2.0
    return x * _PIXELS - half, y * _PIXELS - half, x * _PIXELS + half, y * _PIXELS + half


def _beside(marker: Box, width: float) -> Iterator[Box]:
    """Boxes of a name on each side of a marker."""
    left, low, right, high = marker
    x, y = (left + right - width) / 2.0, (low + high - _LINE) / 2.0
    for west, south in (
        (x, low - _AWAY - _LINE), (right + _AWAY, y), (left - _AWAY - width, y), (x, high + _AWAY)
    ):  # fmt: skip
        yield west, south, west + width, south + _LINE


def _outside(box: Box) -> float:
    """Area of a box beyond the left and the right edge of the map, where names are cut."""
    west, south, east, north = box
    return (north - south) * (max(0.0, -_ROOM - west) + max(0.0, east - BOX[0] * _PIXELS - _ROOM))


def _overlap(one: Box, other: Box) -> float:
    """Area that two boxes share."""
    across, up = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, across) * max(0.0, up)
