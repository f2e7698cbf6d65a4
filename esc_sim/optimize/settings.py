"""How a search is run: algorithm, sizes, seeds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, Literal

from esc_sim.errors import InputError
from esc_sim.scenario.kinds import number, whole

Algorithm = Literal["warm-nsga2", "nsga2"]
ALGORITHMS: Final = ("warm-nsga2", "nsga2")


@dataclass(frozen=True)
class Sizes:
    """Sizes of a search.

    Attributes:
        population: designs in a population.
        generations: number of generations.
        replications: replications that judge a design.
    """

    population: int
    generations: int
    replications: int


PRESETS: Final[dict[str, Sizes]] = {
    "quick": Sizes(40, 50, 4),
    "default": Sizes(100, 300, 4),
    "large": Sizes(100, 200, 200),
}
"""Sizes by name: a look, the usual search, and a population of 100 judged on 200 replications."""

CHANCE: Final = 0.9
"""Of crossover and of mutation, where nothing is said."""
MOST_PER_SEARCH: Final = 2**40
"""Replications that one search may ask for: their numbers are 64-bit counters."""


@dataclass(frozen=True)
class Settings:
    """All that a search depends on beside its scenario.

    Attributes:
        algorithm: "warm-nsga2" begins from designs that a screening suggests and judges all designs on the same
            stratified draws; "nsga2" begins from random designs and judges each on draws of its own.
        population, generations, replications: sizes; the first population is generation 1.
        seed: seed of the search and of the draws that it judges designs on.
        held_out: replications on which the final front is judged again.
        crossover, mutation: chances that two designs are crossed, and that one mutates (C_c and M_c of Chen, Wang,
            Zio, who print no values; the default is pymoo's).
    """

    algorithm: Algorithm
    population: int
    generations: int
    replications: int
    seed: int
    held_out: int
    crossover: float = CHANCE
    mutation: float = CHANCE

    @property
    def held_out_seed(self) -> int:
        """Seed of the held-out draws: a hash of the search's seed, so that no stream is shared."""
        text = f"held out {self.seed}"
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def checked_settings(
    *,
    algorithm: str = "warm-nsga2",
    preset: str = "default",
    population: int | None = None,
    generations: int | None = None,
    replications: int | None = None,
    seed: int = 1,
    held_out: int = 320,
    crossover: float = CHANCE,
    mutation: float = CHANCE,
) -> Settings:
    """Settings from a preset and what differs from it.

    Args:
        algorithm: "warm-nsga2" or "nsga2".
        preset: "quick", "default" or "large".
        population: designs in a generation; default the preset's.
        generations: number of generations; default the preset's.
        replications: replications that judge a design; default the preset's.
        seed: seed of all random numbers.
        held_out: replications on new random numbers that judge the final front.
        crossover, mutation: chances of the two operators.

    Raises:
        InputError: a number out of range, an unknown algorithm or preset.
    """
    problems = []
    if algorithm not in ALGORITHMS:
        problems.append(f"algorithm: there is no {algorithm!r}; take one of {', '.join(ALGORITHMS)}")
    if preset not in PRESETS:
        problems.append(f"preset: there is no {preset!r}; take one of {', '.join(PRESETS)}")
        raise InputError(problems)
    usual = PRESETS[preset]
    population = whole("population", usual.population if population is None else population)
    generations = whole("generations", usual.generations if generations is None else generations)
    replications = whole("replications", usual.replications if replications is None else replications)
    held_out = whole("held-out replications", held_out)
    crossover, mutation = number("crossover", crossover), number("mutation", mutation)
    for name, value, least, most in (
        ("crossover", crossover, 0, 1),
        ("mutation", mutation, 0, 1),
        ("population", population, 4, 100_000),
        ("generations", generations, 1, 10_000_000),
        ("replications", replications, 1, 1_000_000),
        ("held-out replications", held_out, 1, 10_000_000),
        ("seed", seed, 0, 2**64 - 1),
    ):
        if not least <= value <= most:
            problems.append(f"{name}: {value} is not between {least} and {most}")
    if problems:
        raise InputError(problems)
    if population * generations * replications > MOST_PER_SEARCH:
        raise InputError(f"a search of {population} x {generations} x {replications} replications never ends")
    chosen: Algorithm = "nsga2" if algorithm == "nsga2" else "warm-nsga2"
    return Settings(chosen, population, generations, replications, seed, held_out, crossover, mutation)
