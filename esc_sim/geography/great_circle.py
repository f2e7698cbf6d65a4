"""Distances on the earth as the crow flies."""

from __future__ import annotations

import math
from typing import Final

EARTH_RADIUS: Final = 6371.0088
"""Mean radius of the earth, km (IUGG 1980)."""


def great_circle_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Length of the shortest way over the surface of the earth, taken as a sphere, in km.

    The ellipsoid differs by at most 0.6 %. The formula is the haversine, which holds for near places, too (Sinnott,
    Virtues of the haversine, Sky and Telescope 68, 1984).

    Args:
        lat1, lon1: degrees north and east of one place.
        lat2, lon2: those of the other.

    Examples:
        >>> from esc_sim.geography.great_circle import great_circle_km
        >>> round(great_circle_km(53.55, 9.99, 31.23, 121.47))  # Hamburg to Shanghai
        8522
    """
    north1, north2 = math.radians(lat1), math.radians(lat2)
    across, up = math.radians(lon2 - lon1), north2 - north1
    half = math.sin(up / 2.0) ** 2 + math.cos(north1) * math.cos(north2) * math.sin(across / 2.0) ** 2
    return 2.0 * EARTH_RADIUS * math.asin(min(1.0, math.sqrt(half)))
