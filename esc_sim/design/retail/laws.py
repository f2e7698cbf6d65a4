"""Laws of the ambiguity set: independent deviations on [-1, 1] with mean 0 (Chen and Chen 2023, eq. 2)."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from esc_sim.errors import InputError
from esc_sim.sampling.streams import stream_hashes, uniforms

FloatArray = NDArray[np.float64]

DeviationLaw = Literal["uniform", "two-point", "normal", "skewed-up", "skewed-down"]

LAWS: tuple[DeviationLaw, ...] = ("uniform", "two-point", "normal", "skewed-up", "skewed-down")
NORMAL_SD = 0.5


def deviations(law: DeviationLaw, uniform: FloatArray) -> FloatArray:
    """Deviations of a law from uniform draws, element by element.

    Args:
        law: "uniform" on [-1, 1]; "two-point": -1 or 1; "normal": sd 0.5, truncated to [-1, 1]; "skewed-up": 1 with
            probability 1/4, else -1/3; "skewed-down": its mirror.
        uniform: draws in (0, 1), any shape.

    Raises:
        InputError: an unknown law.
    """
    match law:
        case "uniform":
            return 2.0 * uniform - 1.0
        case "two-point":
            return np.where(uniform < 0.5, -1.0, 1.0)
        case "normal":
            low = float(special.ndtr(-1.0 / NORMAL_SD))
            return NORMAL_SD * np.asarray(special.ndtri(low + (1.0 - 2.0 * low) * uniform))
        case "skewed-up":
            return np.where(uniform < 0.75, -1.0 / 3.0, 1.0)
        case "skewed-down":
            return np.where(uniform < 0.25, -1.0, 1.0 / 3.0)
    raise InputError(f"law '{law}' is unknown; use one of {', '.join(LAWS)}")


def draw_deviations(law: DeviationLaw, areas: tuple[str, ...], draws: int, seed: int) -> FloatArray:
    """Independent deviations of every area, shape draws x areas; all laws share the uniform draws of a seed.

    Args:
        law: name of the law of zeta.
        areas: ids of the areas, which name the streams.
        draws: number of draws.
        seed: seed of the draws.

    Raises:
        InputError: an unknown law.
    """
    return deviations(law, uniforms(seed, stream_hashes([f"retail/deviation/{a}" for a in areas]), 0, 0, draws))
