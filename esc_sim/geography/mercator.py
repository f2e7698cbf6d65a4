"""The projection of maps (Mercator 1569), and where the world is cut open for it.

Mercator's map keeps shapes at every place, so that one projection serves a city and the whole world.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ends = NDArray[np.int64]

ROUND: Final = 360.0
"""Degrees around the earth."""
_FARTHEST: Final = 85.0
"""Latitude beyond which places are drawn there: the poles lie infinitely far away."""
_WIDE: Final = 0.5
"""Share of the widest gap between places from which on the world may be cut in a gap: no continent is split."""


def northing(latitude: Floats) -> Floats:
    """Height on the map, in degrees of longitude.

    Args:
        latitude: degrees north, any shape.
    """
    inside = np.radians(np.clip(latitude, -_FARTHEST, _FARTHEST))
    return np.asarray(np.degrees(np.arcsinh(np.tan(inside))), np.float64)


def degrees(places: Floats) -> Floats:
    """Longitude and latitude of places on the map, float64[N, 2]; the inverse of :func:`northing`.

    Args:
        places: float64[N, 2], longitudes, which may go on beyond 180, and heights.
    """
    longitude = (places[:, 0] + ROUND / 2.0) % ROUND - ROUND / 2.0
    return np.column_stack([longitude, np.degrees(np.arctan(np.sinh(np.radians(places[:, 1]))))])


def unrolled(longitude: Floats, ends: Ends) -> Floats:
    """Longitudes from the cut on, eastwards. The cut is in a wide gap, and there where fewest ways cross it.

    Args:
        longitude: float64[N], degrees east; nan where there is none, and stays so.
        ends: int64[L, 2], the places between which there are ways.
    """
    known = np.unique(longitude[np.isfinite(longitude)])
    if len(known) < 2:
        return longitude
    gaps = np.diff(known, append=known[0] + ROUND)
    crossing = _crossing(known + gaps / 2.0, longitude[ends])
    best = np.lexsort([-gaps, crossing, gaps < _WIDE * gaps.max()])[0]
    start = known[(best + 1) % len(known)]
    return np.asarray(start + (longitude - start) % ROUND, np.float64)


def _crossing(meridians: Floats, ways: Floats) -> Ends:
    """int64[M], how many ways cross each meridian, each the shorter way around.

    Args:
        meridians: float64[M], ascending, over at most one turn.
        ways: float64[L, 2], longitudes of both ends; those with an unknown end do not count.
    """
    ways = ways[np.isfinite(ways).all(axis=1)]
    east = (ways[:, 1] - ways[:, 0]) % ROUND
    short = east <= ROUND / 2.0
    length = np.where(short, east, ROUND - east)
    west = meridians[0] + (np.where(short, ways[:, 0], ways[:, 1]) - meridians[0]) % ROUND
    twice = np.concatenate([meridians, meridians + ROUND])
    steps = np.zeros(len(twice) + 1, np.int64)
    np.add.at(steps, np.searchsorted(twice, west, "right"), 1)
    np.add.at(steps, np.searchsorted(twice, west + length, "left"), -1)
    both = np.cumsum(steps[:-1])
    return both[: len(meridians)] + both[len(meridians) :]


def pieces(places: Floats, ends: Ends, low: float) -> tuple[Floats, NDArray[np.int64]]:
    """Straight lines between places; a way that is shorter across the cut is two, one to each edge of the map.

    Args:
        places: float64[N, 2], on the map.
        ends: int64[L, 2].
        low: longitude of the map's western edge.

    Returns:
        float64[P, 2, 2], the lines from their beginnings to their ends, and int64[P], the way that each belongs to;
        second pieces stand behind all others.
    """
    lines = places[ends].copy()
    across = np.flatnonzero(np.abs(lines[:, 1, 0] - lines[:, 0, 0]) > ROUND / 2.0)
    second = lines[across]
    for n, way in enumerate(across):
        start, end = lines[way].copy()
        eastwards = end[0] < start[0]
        leaves, enters = (low + ROUND, low) if eastwards else (low, low + ROUND)
        beyond = end[0] + (ROUND if eastwards else -ROUND)
        share = (leaves - start[0]) / (beyond - start[0])
        height = start[1] + share * (end[1] - start[1])
        lines[way, 1], second[n, 0] = (leaves, height), (enters, height)
    return np.concatenate([lines, second]), np.concatenate([np.arange(len(ends)), across]).astype(np.int64)
