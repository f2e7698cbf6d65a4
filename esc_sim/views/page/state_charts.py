"""Charts of what features show of themselves, such as soils and buses: a panel a kind, a line an entity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.views.page.panels import DASHES, RUN_NAMES, add_line, add_panel, empty_option, shade, spells_of
from esc_sim.views.page.show import ShownRun
from esc_sim.views.page.states import CASCADED, DISRUPTED, FAILED, NORMAL, RECOVERING
from esc_sim.views.state_groups import COLOURS, MOST_LINES, Group, groups_of, in_words, panel_title

MOST_POINTS: Final = 12_000
"""Points of all lines together, about; longer lines are thinned."""
_FEWEST: Final = 60
_MARKERS: Final = 5
"""Markers on a line."""


@dataclass(frozen=True)
class Look:
    """How an entity's lines look: colour, and marker as an SVG path in a box of 16 by 16."""

    colour: str
    path: str


_PATHS = (
    NORMAL.path,
    DISRUPTED.path,
    RECOVERING.path,
    CASCADED.path,
    FAILED.path,
    "M8 16 L0 1 H16 Z",
    "M6 0 H10 V6 H16 V10 H10 V16 H6 V10 H0 V6 H6 Z",
    "M0 5 H16 V11 H0 Z",
)
LOOKS: Final = tuple(Look(colour, path) for colour, path in zip(COLOURS, _PATHS, strict=True))


@dataclass(frozen=True)
class StateLine:
    """A line of a panel.

    Attributes:
        name: its name.
        look: its colour and dashes.
        values: its values in each run; None in a run that has no such number.
    """

    name: str
    look: Look
    values: tuple[NDArray[np.float64] | None, ...]


def shown_groups(runs: Sequence[ShownRun]) -> list[Group]:
    """What the runs show of themselves; a number that only one of them has is there too."""
    return groups_of(number for run in runs for number in run.model.instance.observed)


def choices_of(group: Group) -> tuple[str, ...]:
    """What may be shown of many entities: their mean and extremes, or one of them; empty where all are shown."""
    return (f"mean and extremes of {len(group.entities)}", *group.entities) if group.many else ()


def lines_of(group: Group, runs: Sequence[ShownRun], chosen: str = "") -> dict[str, list[StateLine]]:
    """Lines of each kind: of every entity, of the one chosen, or of the mean and the extremes of many.

    Args:
        group: kinds and entities of a feature.
        runs: the runs that are shown.
        chosen: the entity that is shown alone, where there are many.
    """
    tables = [run.observed for run in runs]
    places = [{(o.kind, o.entity): x for x, o in enumerate(run.model.instance.observed)} for run in runs]
    found: dict[str, list[StateLine]] = {}
    for kind, _ in group.kinds:
        own = {
            entity: tuple(
                table[:, place[kind, entity]] if (kind, entity) in place else None
                for table, place in zip(tables, places, strict=True)
            )
            for entity in group.entities
        }
        if group.many:
            own = {chosen: own[chosen]} if chosen in own else _summed_up(list(own.values()))
        found[kind] = [
            StateLine(in_words(name), look, values) for (name, values), look in zip(own.items(), LOOKS, strict=False)
        ]
    return found


def _summed_up(
    lines: list[tuple[NDArray[np.float64] | None, ...]],
) -> dict[str, tuple[NDArray[np.float64] | None, ...]]:
    """Mean, highest and lowest over entities, in each run."""
    columns = [np.array([v for v in of_run if v is not None]) for of_run in zip(*lines, strict=True)]
    return {
        name: tuple(reduce(column, axis=0) if len(column) else None for column in columns)
        for name, reduce in (("mean", np.mean), ("highest", np.max), ("lowest", np.min))
    }


def states_option(
    group: Group,
    lines: Mapping[str, Sequence[StateLine]],
    runs: Sequence[ShownRun],
    columns: int = 3,
    most: int = MOST_POINTS,
) -> dict[str, Any]:
    """Panels of a group, at most ``columns`` in a row, over the whole run so far; entities differ in colour and marker.

    Args:
        group: of :func:`shown_groups`.
        lines: of :func:`lines_of`, by kind.
        runs: one run, or two, which differ in dash.
        columns: most panels in a row.
        most: points of all lines together.
    """
    count, (_, columns) = len(runs[0].active), group.shape(columns)
    option, spells = empty_option(), spells_of(runs[0].active)
    each = max(_FEWEST, most // max(1, len(runs) * sum(len(own) for own in lines.values())))
    for kind, unit in group.kinds:
        panel = add_panel(option, panel_title(kind, unit), len(group.kinds), columns, 0, count - 1)
        for number, line in enumerate(lines[kind]):
            for dash, run_name, run, values in zip(DASHES, RUN_NAMES, runs, line.values, strict=False):
                if values is not None:
                    name = f"{line.name}, {run_name}" if len(runs) > 1 else line.name
                    data = marked(thinned(values, each), number, line.look)
                    own = {"showSymbol": True, "symbol": "none", "lineStyle": {"width": 1.5, "type": dash}}
                    drawn = add_line(option, panel, name, data, line.look.colour, dash, **own)
                    if run is runs[0] and number == 0:
                        shade(drawn, spells)
    return option


def thinned(values: NDArray[np.float64], most: int) -> list[tuple[int, float]]:
    """(period, value) of a line; of a long one the least and the greatest of each stretch, so that no peak is lost."""
    if len(values) <= most:
        return [(t, float(f"{v:.6g}")) for t, v in enumerate(values.tolist())]
    found = []
    for start, end in pairwise(np.linspace(0, len(values), most // 2 + 1).astype(int).tolist()):
        part = values[start:end]
        for t in sorted({start + int(part.argmin()), start + int(part.argmax())}):
            found.append((t, float(f"{values[t]:.6g}")))
    return found


def marked(points: Sequence[Sequence[Any]], number: int, look: Look) -> list[Any]:
    """Points as ECharts data, a few of them with the entity's marker, at other places than those of other entities.

    Args:
        points: (period, value) of each.
        number: of the entity.
        look: its colour and marker.
    """
    step = max(1, len(points) // _MARKERS)
    begin = (number * step // MOST_LINES) % step
    return [
        {"value": list(point), "symbol": f"path://{look.path}", "symbolSize": 7}
        if place % step == begin
        else list(point)
        for place, point in enumerate(points)
    ]


def key_content(group: Group, lines: Mapping[str, Sequence[StateLine]]) -> list[dict[str, str]]:
    """Names, colours and markers of a group's lines, for its legend."""
    return [{"name": line.name, "colour": line.look.colour, "path": line.look.path} for line in lines[group.name]]
