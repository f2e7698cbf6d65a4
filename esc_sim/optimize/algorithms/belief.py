"""What a Gaussian process believes of designs that nobody has judged, drawn at random (Thompson sampling).

Source: Rasmussen, Williams (2006), Gaussian Processes for Machine Learning, chapters 2 and 5. One length scale for all
variables, and the noise that explains jumps, are those of a grid that fit best, the amplitude is the best one for them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.spatial.distance import cdist

from esc_sim.optimize.algorithms.surrogate import matern

Floats = NDArray[np.float64]

_LENGTHS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Length scales, in ranges of a variable."""
_NOISES: Final = (1e-4, 1e-3, 1e-2, 1e-1)
"""Variances of noise, as shares of the amplitude."""
_FITTED: Final = 300
"""Designs that length scale and noise are fitted to at most: the latest."""
_JITTER: Final = 1e-6


def drawn(designs: Floats, values: Floats, asked: Floats, generator: np.random.Generator) -> Floats:
    """One joint draw of the values of designs, float64[m], given those of others.

    Args:
        designs: float64[n, D], judged ones, in the unit cube.
        values: float64[n].
        asked: float64[m, D].
        generator: for the draw.
    """
    centre, scale = values.mean(), values.std() or 1.0
    known = (values - centre) / scale
    length, noise, amplitude = _fitted(designs[-_FITTED:], known[-_FITTED:])
    root = _root(_matern(designs, designs, length), noise)
    weights = solve_triangular(root, _matern(designs, asked, length), lower=True)
    mean = weights.T @ solve_triangular(root, known, lower=True)
    spread = _root(_matern(asked, asked, length) - weights.T @ weights, _JITTER)
    draw: Floats = mean + np.sqrt(amplitude) * (spread @ generator.standard_normal(len(asked)))
    return centre + scale * draw


def _fitted(designs: Floats, values: Floats) -> tuple[float, float, float]:
    """Length scale, noise and amplitude under which the values are likeliest."""
    count, found = len(values), []
    for length in _LENGTHS:
        kernel = _matern(designs, designs, length)
        for noise in _NOISES:
            root = _root(kernel, noise)
            amplitude = float(np.square(solve_triangular(root, values, lower=True)).mean()) or _JITTER
            likelihood = -0.5 * count * np.log(amplitude) - np.log(np.diag(root)).sum()
            found.append((float(likelihood), length, noise, amplitude))
    return max(found)[1:]


def _matern(designs: Floats, others: Floats, length: float) -> Floats:
    return matern(np.sqrt(5.0) / length * cdist(designs, others))


def _root(kernel: Floats, noise: float) -> Floats:
    """Lower Cholesky factor of a kernel with noise."""
    return np.asarray(np.linalg.cholesky(kernel + noise * np.eye(len(kernel))), np.float64)
