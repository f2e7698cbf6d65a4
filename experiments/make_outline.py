"""Makes the outline of the world that maps are drawn on from Natural Earth, as the npm package world-atlas has it.

`npm pack world-atlas@2.0.2` fetches the package; then, with its `countries-50m.json`,

    python -m experiments.make_outline package/countries-50m.json
"""

from __future__ import annotations

import io
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.geography.outline import FILE, PER_DEGREE
from esc_sim.storage.files import write_bytes

TOLERANCE: Final = 0.02
"""Degrees by which a simplified line may leave the true one."""
Points = NDArray[np.float64]


def main(file: Path) -> None:
    """Write the outline.

    Args:
        file: countries as TopoJSON, whose lines are shared by the countries on both sides.
    """
    topology = json.loads(file.read_text())
    scale, shift = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    lines = [simplified(_unbroken(np.cumsum(np.array(line), axis=0) * scale + shift)) for line in topology["arcs"]]
    whole = [np.round(line * PER_DEGREE).astype(np.int64) for line in lines]
    rings = list(_rings(topology["objects"]["land"]))
    steps = np.concatenate([np.diff(line, axis=0, prepend=0) for line in whole]).astype(np.int16)
    content = io.BytesIO()
    np.savez_compressed(
        content,
        steps=steps,
        points=np.array([len(line) for line in whole], np.int32),
        border=_borders(topology["objects"]["countries"], len(lines)),
        rings=np.concatenate(rings).astype(np.int16),
        lines=np.array([len(ring) for ring in rings], np.int32),
    )
    write_bytes(FILE, content.getvalue())
    print(f"{FILE.name}: {len(steps)} points, {len(content.getvalue())} bytes")


def _unbroken(line: Points) -> Points:
    """A line that goes on beyond the date line, where the data jump to the other edge of the world."""
    turns = np.cumsum(np.round(np.diff(line[:, 0], prepend=line[0, 0]) / 360.0))
    return np.column_stack([line[:, 0] - turns * 360.0, line[:, 1]])


def _rings(land: Any) -> Iterator[list[int]]:
    """Lines of each ring, ~n for line n backwards."""
    for shape in land["geometries"]:
        for polygon in shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]:
            yield from polygon


def _borders(countries: Any, count: int) -> NDArray[np.bool_]:
    """bool[lines], those that two countries share."""
    used = Counter(line if line >= 0 else ~line for ring in _rings(countries) for line in ring)
    return np.array([used[line] > 1 for line in range(count)])


def simplified(line: Points) -> Points:
    """The points of a line without which it would be off by more than the tolerance (Douglas, Peucker 1973)."""
    keep = np.zeros(len(line), np.bool_)
    keep[[0, -1]] = True
    waiting = [(0, len(line) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        way, rest = line[last] - line[first], line[first + 1 : last] - line[first]
        length = float(np.hypot(*way))
        off = np.abs(rest[:, 0] * way[1] - rest[:, 1] * way[0]) / length if length else np.hypot(*rest.T)
        farthest = int(np.argmax(off))
        if off[farthest] > TOLERANCE:
            middle = first + 1 + farthest
            keep[middle] = True
            waiting += [(first, middle), (middle, last)]
    return line[keep]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
