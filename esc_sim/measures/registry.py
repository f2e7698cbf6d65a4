"""All measures: those below, and those of installed packages (entry points of the group esc_sim.measures)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from esc_sim.entries import packaged
from esc_sim.measures import circular, goods, losses, money, recovery, service, tails
from esc_sim.measures.measure import ByReplication, Declaration, Measure, Place

GROUP: Final = "esc_sim.measures"
"""An entry point of this group names a module with a tuple MEASURES."""


def _declared() -> Iterator[tuple[str, Measure]]:
    """Where a measure stands, and the measure, in the order of tables."""
    added = [(module.__name__, measure) for module in packaged(GROUP) for measure in module.MEASURES]
    own = [(module.__name__, measure) for module in (money, service, goods) for measure in module.MEASURES]
    risk = [(module.__name__, measure) for module in (tails, losses) for measure in module.MEASURES]
    # Tables have means first, then tails: what packages add stands with its like.
    means = [(where, measure) for where, measure in added if isinstance(measure, ByReplication)]
    others = [(where, measure) for where, measure in added if not isinstance(measure, ByReplication)]
    yield from (*own, *means, *risk, *others)


def _all() -> dict[str, Measure]:
    """Measures by name.

    Raises:
        ImportError: two measures of one name, or something else than a measure.
    """
    found: dict[str, Measure] = {}
    taken = {measure.name for measure in (*recovery.MEASURES, *circular.MEASURES)}
    for where, measure in _declared():
        if not isinstance(measure, Measure):
            raise ImportError(f"{where}: MEASURES holds {measure!r}, which is no measure")
        for name in dict.fromkeys((measure.name, measure.searched_as)):
            if name in taken:
                raise ImportError(f"measure '{name}' of {where}: the name is taken")
            taken.add(name)
        found[measure.name] = measure
    return found


MEASURES: Final[Mapping[str, Measure]] = MappingProxyType(_all())
"""Every measure of a run by its name, in the order of tables."""
KEY_FIGURES: Final[Mapping[str, Declaration]] = MappingProxyType(
    {**MEASURES, **{measure.name: measure for measure in (*recovery.MEASURES, *circular.MEASURES)}}
)
"""Every key figure of a summary: the measures, those of the resilience curve, and those of circular flows."""
SEARCHED: Final[Mapping[str, Measure]] = MappingProxyType({m.searched_as: m for m in MEASURES.values()})
"""What a plan can be judged by, by its name in a search."""
OBJECTIVES: Final = tuple(name for name, measure in SEARCHED.items() if measure.better is not None)
"""Names of what can be an objective: measures of which a larger or a smaller value is better."""
FORMER_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {old: name for name, measure in KEY_FIGURES.items() for old in measure.formerly}
)
"""Names by earlier names."""


def highlighted(place: Place) -> tuple[str, ...]:
    """Names of the measures that a place for few of them shows."""
    return tuple(name for name, measure in MEASURES.items() if place in measure.highlights)


def key_figure(name: str) -> Declaration | None:
    """What is declared under a name of a summary or of a search; None where there is nothing."""
    return KEY_FIGURES.get(name) or SEARCHED.get(name)
