"""How a search is run: algorithm, sizes, seeds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from esc_sim.errors import InputError
from esc_sim.optimize.algorithms.registry import algorithm_names, algorithm_of
from esc_sim.scenario.kinds import number, whole


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
BUDGETS: Final = {"quick": 1_000, "default": 4_000, "large": 40_000}
"""Replications by preset, of algorithms that decide themselves how many a design gets."""
SELECTIONS: Final = ("kn", "ocba")
"""Ways to select among the last few designs."""
_MOST_GENERATIONS: Final = 10_000_000
_LEAST_GENERATIONS: Final = 25
"""Generations that a budget is to be enough for, where nothing says how large a population is."""
_SMALLEST: Final = 8

STARTS: Final = ("plan", "textbook")


@dataclass(frozen=True)
class Settings:
    """All that a search depends on beside its scenario.

    Attributes:
        algorithm: how, see :mod:`esc_sim.optimize.algorithms.registry`.
        population, generations, replications: sizes; the first population is generation 1.
        seed: seed of the search and of the draws that it judges designs on.
        held_out: replications on which the final front is judged again.
        crossover, mutation: chances that two designs are crossed, and that one mutates (C_c and M_c of Chen, Wang,
            Zio, who print no values; the default is pymoo's).
        budget: replications that the search may spend; None: generations alone end it.
        select: "kn" or "ocba" select among the last few designs of one objective; None: the search's own order holds.
        delta: indifference zone of that, in the unit of the objective; None: a hundredth of the leading design's value.
        confidence: wanted probability of a correct selection.
        start: what the first generation holds beside its own designs: "plan" (nothing), or "textbook" (levels of
            inventory models, see :mod:`esc_sim.optimize.textbook`).
    """

    algorithm: str
    population: int
    generations: int
    replications: int
    seed: int
    held_out: int
    crossover: float = CHANCE
    mutation: float = CHANCE
    budget: int | None = None
    select: str | None = None
    delta: float | None = None
    confidence: float = 0.95
    start: str = STARTS[0]

    @property
    def held_out_seed(self) -> int:
        """Seed of the held-out draws: a hash of the search's seed, so that no stream is shared."""
        return self._seed_for("held out")

    @property
    def selection_seed(self) -> int:
        """Seed of the draws on which the last few designs are compared."""
        return self._seed_for("selection")

    @property
    def proof_seed(self) -> int:
        """Seed of the draws on which the last few designs must keep their limits."""
        return self._seed_for("proof")

    def _seed_for(self, what: str) -> int:
        text = f"{what} {self.seed}"
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
    budget: int | None = None,
    select: str | None = None,
    delta: float | None = None,
    confidence: float = 0.95,
    objectives: int | None = None,
    start: str = STARTS[0],
) -> Settings:
    """Settings from a preset and what differs from it.

    Args:
        algorithm: its name.
        preset: "quick", "default" or "large".
        population: designs in a generation; default the preset's.
        generations: number of generations; default the preset's.
        replications: replications that judge a design; default the preset's.
        seed: seed of all random numbers.
        held_out: replications on new random numbers that judge the final front.
        crossover, mutation: chances of the two operators.
        budget: replications that the search may spend, in place of generations.
        select: "kn", "ocba" or None.
        delta: indifference zone of the selection.
        confidence: of the selection.
        start: "plan" or "textbook".
        objectives: how many are searched for; None: the algorithm is not asked whether it takes them.

    Raises:
        InputError: a number out of range, an unknown algorithm or preset, or one that does not fit the objectives.
    """
    problems = [*_unknown(algorithm, preset, objectives), *_selection(select, delta, confidence, objectives)]
    if start not in STARTS:
        problems.append(f"start: there is no {start!r}; take one of {', '.join(STARTS)}")
    if problems:
        raise InputError(problems)
    usual = PRESETS[preset]
    if budget is not None and generations is not None:
        problems.append("budget: a search ends after so many generations or so many replications: give one of the two")
    if budget is None and generations is None and algorithm_of(algorithm).by_budget:
        budget = BUDGETS[preset]
    if budget is not None:
        budget = whole("budget", budget)
        per_design = max(1, usual.replications if replications is None else replications)
        enough = max(_SMALLEST, budget // (per_design * _LEAST_GENERATIONS))
        population = min(usual.population, enough) if population is None else population
        generations = _MOST_GENERATIONS if generations is None else generations
    population = whole("population", usual.population if population is None else population)
    generations = whole("generations", usual.generations if generations is None else generations)
    replications = whole("replications", usual.replications if replications is None else replications)
    held_out = whole("held-out replications", held_out)
    crossover, mutation = number("crossover", crossover), number("mutation", mutation)
    for name, value, least, most in (
        ("crossover", crossover, 0, 1),
        ("mutation", mutation, 0, 1),
        ("population", population, 4, 100_000),
        ("generations", generations, 1, _MOST_GENERATIONS),
        ("replications", replications, 1, 1_000_000),
        ("held-out replications", held_out, 1, 10_000_000),
        ("seed", seed, 0, 2**64 - 1),
    ):
        if not least <= value <= most:
            problems.append(f"{name}: {value} is not between {least} and {most}")
    if budget is not None and not population * replications <= budget <= MOST_PER_SEARCH:
        problems.append(
            f"budget: {budget} is not between {population * replications} (a population of {population} designs, each "
            f"judged on {replications} replications) and {MOST_PER_SEARCH}"
        )
    if problems:
        raise InputError(problems)
    if budget is None and population * generations * replications > MOST_PER_SEARCH:
        raise InputError(f"a search of {population} x {generations} x {replications} replications never ends")
    return Settings(algorithm, population, generations, replications, seed, held_out, crossover, mutation, budget,
                    select, None if delta is None else float(delta), float(confidence), start)  # fmt: skip


def _selection(select: str | None, delta: float | None, confidence: float, objectives: int | None) -> list[str]:
    """What is wrong with what is wanted of a selection."""
    problems = []
    if select is not None and select not in SELECTIONS:
        problems.append(f"select: there is no {select!r}; take one of {', '.join(SELECTIONS)}")
    if select is not None and objectives is not None and objectives > 1:
        problems.append("select: takes one objective, for several there is no best design")
    if select is None and delta is not None:
        problems.append("delta: is the indifference zone of a selection: take select kn or ocba")
    if delta is not None and not delta > 0.0:
        problems.append(f"delta: {delta} is not above 0")
    if not 0.5 <= confidence <= 0.9999:
        problems.append(f"confidence: {confidence} is not between 0.5 and 0.9999")
    return problems


def _unknown(algorithm: str, preset: str, objectives: int | None) -> list[str]:
    """What is wrong with the names of an algorithm and a preset."""
    problems, names = [], algorithm_names()
    if algorithm not in names:
        problems.append(f"algorithm: there is no {algorithm!r}; take one of {', '.join(names)}")
    elif objectives is not None and not algorithm_of(algorithm).takes(objectives):
        fitting = [name for name in names if algorithm_of(name).takes(objectives)]
        wanted = "one objective" if objectives == 1 else "several objectives"
        problems.append(f"algorithm: {algorithm} does not search for {wanted}; take one of {', '.join(fitting)}")
    if preset not in PRESETS:
        problems.append(f"preset: there is no {preset!r}; take one of {', '.join(PRESETS)}")
    return problems
