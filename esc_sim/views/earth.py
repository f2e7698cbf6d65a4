"""The world under a network whose nodes have latitude and longitude, and ways that lead over its edge."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.geography.great_circle import EARTH_RADIUS
from esc_sim.geography.mercator import ROUND, degrees, pieces
from esc_sim.geography.outline import Window, outline
from esc_sim.network.model import Network
from esc_sim.views.palette import BLACK, GREY

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

LAND: Final = "#F3F2EE"
COAST: Final = "#B4BAC0"
BORDER: Final = "#D3D6D9"
HOLLOW: Final = "#FFFFFF"
"""What fills a node whose place is not known."""
MARGIN: Final = 0.09
"""Room around the nodes, as a share of the map's extent."""
LEAST: Final = 0.6
"""Degrees that a map shows at least, so that something of the coast is seen around one city."""

EMPTY: Final = "no coast or border lies here"
"""Words on a map that is all land or all sea."""
_ONE_SCALE: Final = 70.0
"""Height of a map in degrees up to which one bar tells its distances."""
_BAR: Final = 0.25
"""Length of that bar over the map's width, at most."""
_WIDEST: Final = 3.0
"""Width of the box of axes over its height, or height over width, at most."""
_FLATTEST: Final = 0.5
"""Height of a map of the whole world over its width, at least."""


def extent_of(places: Floats) -> Window:
    """The part of the map that nodes take up, with room around them; the whole way around where they do.

    Args:
        places: float64[N, 2], degrees of longitude and heights on the map.
    """
    low, high = places.min(axis=0), places.max(axis=0)
    middle, half = (low + high) / 2.0, np.maximum((high - low) * (0.5 + MARGIN), LEAST / 2.0)
    if high[0] - low[0] > ROUND / 2.0:
        half = np.array([ROUND / 2.0, max(half[1], _FLATTEST * ROUND / 2.0)])
    (west, south), (east, north) = middle - half, middle + half
    return Window(float(west), float(east), float(south), float(north))


def scale_bar(window: Window) -> tuple[int, float] | None:
    """Length of a bar that tells distances, km and degrees; None for a map on which no one bar holds everywhere.

    Args:
        window: what the map shows.
    """
    if window.north - window.south > _ONE_SCALE:
        return None
    middle = float(degrees(np.array([[0.0, (window.north + window.south) / 2.0]]))[0, 1])
    km = math.radians(1.0) * EARTH_RADIUS * math.cos(math.radians(middle))  # in a degree of longitude
    longest = _BAR * (window.east - window.west) * km
    step = 10.0 ** math.floor(math.log10(longest))
    length = max(n * step for n in (1, 2, 5) if n * step <= longest)
    return max(1, round(length)), max(1, round(length)) / km


def unknown_places(network: Network) -> dict[str, Artist]:
    """Legend entry of nodes on a map of the world whose place is not known; none where there are none."""
    from matplotlib.lines import Line2D

    if not network.place_unknown.any():
        return {}
    mark = Line2D([], [], linestyle="", marker="o", color=HOLLOW, markeredgecolor=GREY, markeredgewidth=1.6)
    return {"hollow: place not known": mark}


def way_lines(network: Network, places: Floats, ends: NDArray[np.int64]) -> tuple[Floats, NDArray[np.int64]]:
    """Straight lines between nodes, float64[P, 2, 2], and the way that each belongs to, int64[P].

    On a map of the world a way across its edge is two lines, of which the second stands behind all others.

    Args:
        network: N nodes.
        places: float64[N, 2].
        ends: int64[L, 2].
    """
    if not network.geographic or not len(ends):
        return places[ends], np.arange(len(ends))
    return pieces(places, ends, extent_of(places).west)


def draw_earth(axis: Axes, places: Floats) -> None:
    """Draw land, coasts and borders under the nodes; the axes show their part of the map.

    Args:
        axis: with nodes and ways drawn.
        places: float64[N, 2], of all nodes.
    """
    from matplotlib.collections import LineCollection, PathCollection
    from matplotlib.path import Path

    window = extent_of(places)
    axis.update_datalim([(window.west, window.south), (window.east, window.north)])
    axis.margins(0.0)
    width, height = window.east - window.west, window.north - window.south
    whole = width >= ROUND
    # The axes widen the map in one direction to fill their box; what they show then lies within this.
    across, up = (0.0, 0.0) if whole else (_WIDEST * height, _WIDEST * width)
    seen = Window(window.west - across, window.east + across, window.south - up, window.north + up)
    axis.set_aspect("equal", adjustable="box" if whole else "datalim")
    found = outline().within(seen)
    # One path, so that lakes are holes; rings around land run the other way round than those around lakes.
    rings = [Path(np.concatenate([ring, ring[:1]]), closed=True) for ring in found.land]
    if rings:
        land = PathCollection(
            [Path.make_compound_path(*rings)], facecolors=LAND, edgecolors=LAND, linewidths=0.3, zorder=-3
        )
        axis.add_collection(land, autolim=False)
    for lines, colour, width in ((found.borders, BORDER, 0.5), (found.coasts, COAST, 0.6)):
        axis.add_collection(LineCollection(lines, colors=colour, linewidths=width, zorder=-2), autolim=False)
    _draw_bar(axis, window, "" if found.coasts or found.borders else f"; {EMPTY}")


def _draw_bar(axis: Axes, window: Window, note: str) -> None:
    """Draw a bar that tells distances in the lower left corner, and a note behind its length."""
    from matplotlib.offsetbox import AnchoredOffsetbox, AuxTransformBox, TextArea, VPacker
    from matplotlib.patches import Rectangle

    if (bar := scale_bar(window)) is None:
        return
    line = AuxTransformBox(axis.transData)
    line.add_artist(Rectangle((0.0, 0.0), bar[1], 0.0, edgecolor=BLACK, linewidth=1.2))
    words = TextArea(f"{bar[0]:,} km{note}", textprops={"fontsize": 6.5})
    packed = VPacker(children=[words, line], align="left", pad=0.0, sep=2.0)
    axis.add_artist(AnchoredOffsetbox("lower left", child=packed, frameon=False, pad=0.2, borderpad=0.3))
