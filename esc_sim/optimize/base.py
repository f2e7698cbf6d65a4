"""The scenario's own plan, judged before the search: what gives no number there is refused by name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.optimize.draws import held_out_draws, training_draws
from esc_sim.optimize.judge import Judge
from esc_sim.optimize.settings import Settings

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BaseJudged:
    """All measures of the scenario's own plan, float64[measures]: on the draws of the search, and held out."""

    training: Floats
    held_out: Floats


def base_judged(local: Judge, settings: Settings) -> BaseJudged:
    """Judge the scenario's own plan.

    Raises:
        InputError: a measure gives no number there.
    """
    own = local.space.base[None]
    held_out = local(own, held_out_draws(settings, 1))[0]
    training = local(own, training_draws(settings, 1, 1))[0]
    problems = [
        f"{name}: gives no number for the scenario's own plan in {count} replications ({option}); "
        "take another measure, or more replications"
        for values, count, option in (
            (training, settings.replications, "--replications"),
            (held_out, settings.held_out, "--held-out"),
        )
        for name, value in zip(local.measure.names, values, strict=True)
        if np.isnan(value)
    ]
    if problems:
        raise InputError(problems)
    return BaseJudged(training, held_out)
