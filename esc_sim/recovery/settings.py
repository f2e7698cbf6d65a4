"""Sizes and chances of the searches: what a user may set, and which search reads what."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from esc_sim.errors import InputError
from esc_sim.scenario.kinds import number, whole

READ: Final = {
    "memetic": ("population", "crossover"),
    "ga": ("population", "crossover", "mutation"),
    "paper-memetic": ("population", "crossover", "mutation", "local_steps", "local_first"),
}
"""What each search reads."""


@dataclass(frozen=True)
class SearchSettings:
    """Sizes and chances of the searches; None: the search's own.

    Attributes:
        population: sets in a population (memetic 15, the published searches 30, as printed).
        crossover: chance that two parents are crossed (0.5; 0.8, for none is printed).
        mutation: chance that one bit of a child turns, in the published searches (0.2).
        local_steps: exchanges of fragments that the published memetic search tries in a generation (30).
        local_first: it does so in the first generation, too, on the random sets.
    """

    population: int | None = None
    crossover: float | None = None
    mutation: float | None = None
    local_steps: int | None = None
    local_first: bool = False

    def __post_init__(self) -> None:
        for name, least in (("population", 2), ("local_steps", 0)):
            if getattr(self, name) is not None:
                whole(name, getattr(self, name), least)
        for name in ("crossover", "mutation"):
            value = getattr(self, name)
            if value is not None and not 0 <= number(name, value) <= 1:
                raise InputError(f"{name}: {value} is not a chance from 0 to 1")

    def check(self, strategy: str) -> None:
        """Refuse what a strategy does not read.

        Raises:
            InputError: something is set that it does not read.
        """
        read = READ.get(strategy, ())
        unread = [f.name for f in fields(self) if getattr(self, f.name) != f.default and f.name not in read]
        if unread:
            readers = ", ".join(name for name, names in READ.items() if set(unread) <= set(names))
            raise InputError(f"{', '.join(unread)}: the strategy '{strategy}' does not read it; these do: {readers}")

    def read_by(self, strategy: str) -> SearchSettings:
        """These settings without what a strategy does not read, for comparisons of several."""
        return SearchSettings(**{name: getattr(self, name) for name in READ.get(strategy, ())})


OWN: Final = SearchSettings()
"""Each search's own sizes and chances."""
