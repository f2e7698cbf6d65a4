"""Demand margins of the distributionally robust designs, in closed form.

In the robust counterparts of the demand cover (Chen and Chen 2023, eqs. A.1 and A.4) the auxiliary variables never
meet the design: the best they can do is a constant, the largest total deviation over the perturbation set. Both sets
need a sort only, so that the cone program collapses to a mixed-integer linear program.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.errors import InputError

FloatArray = NDArray[np.float64]

RetailModel = Literal["stochastic", "box-ball", "budget"]
Reading = Literal["joint", "own"]

MODELS: tuple[RetailModel, ...] = ("stochastic", "box-ball", "budget")
READINGS: tuple[Reading, ...] = ("joint", "own")


def radius(model: RetailModel, eps: float, areas: int) -> float:
    """Radius of the perturbation set that keeps the violation probability at eps (Propositions 2 and 3).

    Box-Ball: Omega with eps = exp(-Omega^2 / 2). Budget: gamma with eps = exp(-gamma^2 / (2 areas)). (The paper's text
    in section 5.2 has 1 - exp; its Table 4 follows the formulas used here.)

    Args:
        model: "box-ball" or "budget"; "stochastic" has radius 0.
        eps: largest probability, in (0, 1), with which a demand row may be violated.
        areas: number of deviations in a row.

    Raises:
        InputError: eps outside (0, 1), no deviations, or an unknown model.
    """
    if model not in MODELS:
        raise InputError(f"model '{model}' is unknown; use one of {', '.join(MODELS)}")
    if not 0.0 < eps < 1.0:
        raise InputError(f"eps: {eps:g} is not a probability strictly between 0 and 1")
    if areas < 1:
        raise InputError("a demand row needs at least one area")
    if model == "stochastic":
        return 0.0
    omega = math.sqrt(-2.0 * math.log(eps))
    return omega if model == "box-ball" else omega * math.sqrt(areas)


def box_ball_margin(deviation: ArrayLike, omega: float) -> float:
    """Largest deviation @ z over |z|_inf <= 1, |z|_2 <= omega; equals the cone side of eq. A.1 at its minimum.

    The k largest components sit at 1, the rest share what is left of the ball in proportion to their size.

    Args:
        deviation: deviations of one row, any signs, shape F.
        omega: radius of the ball, at least 0.
    """
    size = np.sort(np.abs(np.asarray(deviation, dtype=float)))[::-1]
    squares = np.concatenate([np.cumsum((size * size)[::-1])[::-1], [0.0]])
    left = omega * omega
    total = 0.0
    for k, value in enumerate(size):
        if value == 0.0 or left <= 0.0:
            break
        if left * value * value <= squares[k]:  # the largest of the rest stays within the box
            return total + math.sqrt(left * squares[k])
        total += float(value)
        left -= 1.0
    return total


def budget_margin(deviation: ArrayLike, gamma: float) -> float:
    """Largest deviation @ z over |z|_inf <= 1, |z|_1 <= gamma; equals the side of eq. A.4 at its minimum.

    Args:
        deviation: deviations of one row, any signs, shape F.
        gamma: budget, at least 0.
    """
    size = np.sort(np.abs(np.asarray(deviation, dtype=float)))[::-1]
    share = np.clip(gamma - np.arange(size.size), 0.0, 1.0)
    return float((size * share).sum())


def margins(deviation: ArrayLike, model: RetailModel, eps: float, reading: Reading = "joint") -> FloatArray:
    """What every area gets on top of its nominal demand in every scenario.

    Args:
        deviation: deviations of the areas, shape F x S.
        model: "stochastic" (no margin), "box-ball" or "budget".
        eps: violation probability of a demand row.
        reading: "joint": every row carries the deviations of all areas, as printed (over-conservative by a factor of
            4 to 10); "own": row f carries its own deviation only (F = 1 in the radius), exact for a single row when
            eps < 0.5.

    Returns:
        Shape F x S.

    Raises:
        InputError: eps outside (0, 1), an unknown model or reading.
    """
    values = np.asarray(deviation, dtype=float)
    if reading not in READINGS:
        raise InputError(f"reading '{reading}' is unknown; use one of {', '.join(READINGS)}")
    areas = values.shape[0] if reading == "joint" else 1
    size = radius(model, eps, areas)
    if model == "stochastic":
        return np.zeros_like(values)
    if reading == "own":
        return np.abs(values) * min(size, 1.0)
    largest = box_ball_margin if model == "box-ball" else budget_margin
    return np.tile([largest(values[:, s], size) for s in range(values.shape[1])], (areas, 1))
