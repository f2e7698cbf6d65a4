"""Coastlines and borders of the world, from Natural Earth; PROVENANCE.md beside this file says more."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.geography.mercator import ROUND, northing

Floats = NDArray[np.float64]

FILE: Final = Path(__file__).with_name("outline.npz")
PER_DEGREE: Final = 100
"""Steps of the stored coordinates in a degree."""


@dataclass(frozen=True)
class Window:
    """A part of the map.

    Attributes:
        west, east: degrees of longitude, which go on beyond 180.
        south, north: heights (:func:`esc_sim.geography.mercator.northing`).
    """

    west: float
    east: float
    south: float
    north: float

    def meets(self, line: Floats) -> bool:
        """Whether a line's bounding box meets the window."""
        (west, south), (east, north) = line.min(axis=0), line.max(axis=0)
        return bool(west <= self.east and east >= self.west and south <= self.north and north >= self.south)


@dataclass(frozen=True)
class Outline:
    """Lines on the map, float64[points, 2] each.

    Attributes:
        land: rings around land, islands and lakes; filled by the rule of even and odd.
        coasts: coastlines.
        borders: borders between countries.
    """

    land: list[Floats]
    coasts: list[Floats]
    borders: list[Floats]

    def within(self, window: Window) -> Outline:
        """What a window shows: rings cut at its edges, lines of which a part lies in it.

        Args:
            window: may go around the world.
        """
        # Lines lie in the turn from -180 to 180, and reach into the next ones where they cross the date line.
        turns = range(int(np.floor(window.west / ROUND)) - 1, int(np.ceil(window.east / ROUND)) + 2)
        shifts = [np.array([turn * ROUND, 0.0]) for turn in turns]

        def shown(lines: list[Floats]) -> list[Floats]:
            return [line + shift for shift in shifts for line in lines if window.meets(line + shift)]

        rings = [ring for ring in (_cut(ring, window) for ring in shown(self.land)) if len(ring) > 2]
        coasts, borders = ([part for line in shown(lines) for part in _between(line, window)]
                           for lines in (self.coasts, self.borders))  # fmt: skip
        return Outline(rings, coasts, borders)


def _between(line: Floats, window: Window) -> list[Floats]:
    """Parts of a line between the western and the eastern edge of a window."""
    for bound in (window.west, window.east):
        at = np.flatnonzero((line[:-1, 0] - bound) * (line[1:, 0] - bound) < 0.0)
        step = line[at + 1] - line[at]
        line = np.insert(line, at + 1, line[at] + ((bound - line[at, 0]) / step[:, 0])[:, None] * step, axis=0)
    middle = (line[:-1, 0] + line[1:, 0]) / 2.0
    inside = np.flatnonzero((window.west <= middle) & (middle <= window.east))
    runs = np.split(inside, np.flatnonzero(np.diff(inside) > 1) + 1)
    return [line[run[0] : run[-1] + 2] for run in runs if len(run)]


def _cut(ring: Floats, window: Window) -> Floats:
    """A ring cut at the edges of a window (Sutherland, Hodgman 1974)."""
    for axis, bound, sign in ((0, window.west, 1), (0, window.east, -1), (1, window.south, 1), (1, window.north, -1)):
        if len(ring) == 0:
            break
        inside = sign * (ring[:, axis] - bound) >= 0.0
        if inside.all():
            continue
        after = np.roll(ring, -1, axis=0)
        crosses = inside != np.roll(inside, -1)
        step = after[:, axis] - ring[:, axis]
        share = np.divide(bound - ring[:, axis], step, out=np.zeros(len(ring)), where=crosses)
        points = np.stack([ring, ring + share[:, None] * (after - ring)], axis=1)
        ring = points[np.stack([inside, crosses], axis=1)]
    return ring


@cache
def outline() -> Outline:
    """Coastlines and borders of the whole world, on the map."""
    with np.load(FILE, allow_pickle=False) as stored:
        steps, points, border = stored["steps"], stored["points"], stored["border"]
        rings, sizes = stored["rings"], stored["lines"]
    lines = [np.cumsum(line, axis=0, dtype=np.int64) / PER_DEGREE for line in np.split(steps, np.cumsum(points)[:-1])]
    land = [_joined(lines, ring.tolist()) for ring in np.split(rings, np.cumsum(sizes)[:-1])]
    coasts = [_on_map(line) for line, shared in zip(lines, border, strict=True) if not shared]
    borders = [_on_map(line) for line, shared in zip(lines, border, strict=True) if shared]
    return Outline([_on_map(ring) for ring in land], coasts, borders)


def _joined(lines: list[Floats], ring: list[int]) -> Floats:
    """A ring of lines, ~n for line n backwards, each in the turn in which the one before ends."""
    parts: list[Floats] = []
    for n in ring:
        line = lines[n] if n >= 0 else lines[~n][::-1]
        turns = 0.0 if not parts else np.round((parts[-1][-1, 0] - line[0, 0]) / ROUND)
        parts.append(line + np.array([turns * ROUND, 0.0]))
    return np.concatenate([part[:-1] for part in parts])


def _on_map(line: Floats) -> Floats:
    return np.column_stack([line[:, 0], northing(line[:, 1])])
