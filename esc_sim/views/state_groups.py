"""Which charts show what features show of themselves: a panel a kind, kinds of the same entities together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from esc_sim.results.observed import Observed
from esc_sim.views.palette import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY_BLUE, VERMILION

COLOURS: Final = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY_BLUE, BLACK, GREY)
"""Of the entities of a group, one after the other."""
MOST_LINES: Final = len(COLOURS)
"""Entities up to which each has a line."""


@dataclass(frozen=True)
class Group:
    """Kinds that are shown of the same entities.

    Attributes:
        kinds: (kind, unit) of each panel.
        entities: names.
    """

    kinds: tuple[tuple[str, str], ...]
    entities: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its first kind, which no other group has."""
        return self.kinds[0][0]

    @property
    def many(self) -> bool:
        """Whether there are too many entities for a line each."""
        return len(self.entities) > MOST_LINES

    def shape(self, columns: int) -> tuple[int, int]:
        """(rows, columns) of its panels, in rows of like length, at most ``columns`` in each."""
        rows = -(-len(self.kinds) // columns)
        return rows, -(-len(self.kinds) // rows)


def groups_of(observed: Iterable[Observed]) -> list[Group]:
    """Groups in the order in which their first numbers come; a number that comes twice counts once."""
    entities: dict[tuple[str, str], dict[str, None]] = {}
    for number in observed:
        entities.setdefault((number.kind, number.unit), {})[number.entity] = None
    kinds: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for kind, names in entities.items():
        kinds.setdefault(tuple(names), []).append(kind)
    return [Group(tuple(members), names) for names, members in kinds.items()]


def in_words(name: str) -> str:
    """A code name for reading: "farm north bus" for farm_north_bus."""
    return name.replace("_", " ").strip()


def panel_title(kind: str, unit: str) -> str:
    """Kind and unit, as a heading."""
    return f"{kind[:1].upper()}{kind[1:]}" + (f" [{unit}]" if unit else "")
