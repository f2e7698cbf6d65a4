"""Which random numbers designs are judged on, in the search and after it."""

from __future__ import annotations

from collections.abc import Sequence

from esc_sim.optimize.algorithms.registry import algorithm_of
from esc_sim.optimize.judge import Draws
from esc_sim.optimize.settings import Settings
from esc_sim.sampling.streams import STRATA


def training_draws(settings: Settings, generation: int, count: int) -> Sequence[Draws]:
    """Draws of the designs of a generation.

    Most algorithms give all designs of all generations the same (common random numbers), as one Latin hypercube.
    Others, such as "nsga2", give each design replications of its own, drawn independently.

    Args:
        settings: sizes, algorithm and seed.
        generation: number of the generation, from 1.
        count: number of designs.
    """
    replications = settings.replications
    if algorithm_of(settings.algorithm).common:
        return [Draws(settings.seed, 0, replications, replications)] * count
    before = (generation - 1) * settings.population
    return [Draws(settings.seed, (before + k) * replications, replications) for k in range(count)]


def held_out_draws(settings: Settings, count: int) -> Sequence[Draws]:
    """Draws that no search has seen: another seed; the same for all designs, in Latin hypercube batches."""
    return [Draws(settings.held_out_seed, 0, settings.held_out, min(STRATA, settings.held_out))] * count
