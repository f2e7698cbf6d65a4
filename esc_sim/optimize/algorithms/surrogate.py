"""A surrogate of what was judged: Gaussian processes over designs, told how noisy each value is.

Source: Rasmussen, Williams (2006), Gaussian Processes for Machine Learning, chapters 2 and 5; with noise that differs
between designs as in stochastic kriging, Ankenman, Nelson, Staum (2010), Operations Research 58(2), 371-382.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sklearn.gaussian_process import GaussianProcessRegressor

Floats = NDArray[np.float64]

_LENGTHS: Final = (0.03, 30.0)
"""Least and largest length scale, in ranges of a variable."""
_AMPLITUDES: Final = (0.05, 100.0)
_LEAST_NOISE: Final = 1e-6
_SEPARATE: Final = 12
"""Variables up to which each has a length scale of its own."""


@dataclass(frozen=True)
class Surrogate:
    """A fitted process of one quantity.

    Attributes:
        process: scikit-learn's, of values that are centred and scaled.
        centre, scale: by which they are.
    """

    process: GaussianProcessRegressor
    centre: float
    scale: float

    def at(self, designs: Floats) -> tuple[Floats, Floats]:
        """Mean and standard deviation, float64[n] each, of designs float64[n, D] in the unit cube."""
        mean, spread = self.process.predict(designs, return_std=True)
        return self.centre + self.scale * mean, self.scale * spread

    @property
    def parameters(self) -> Floats:
        """Logarithms of the kernel's parameters, to fit the next one from."""
        return np.asarray(self.process.kernel_.theta, np.float64)


def fitted(designs: Floats, values: Floats, noise: Floats, parameters: Floats | None = None) -> Surrogate:
    """A process that fits values.

    Args:
        designs: float64[n, D], in the unit cube.
        values: float64[n].
        noise: float64[n], their variances.
        parameters: of the kernel, to begin from; None: the usual ones.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern

    centre = float(np.median(values))
    scale = float(np.std(values)) or 1.0
    lengths = np.full(designs.shape[1] if designs.shape[1] <= _SEPARATE else 1, 0.5)
    kernel = ConstantKernel(1.0, _AMPLITUDES) * Matern(lengths, _LENGTHS, nu=2.5)
    if parameters is not None and len(parameters) == len(kernel.theta):
        low, high = kernel.bounds.T
        kernel.theta = np.clip(parameters, low, high)
    process = GaussianProcessRegressor(kernel, alpha=np.maximum(noise / scale**2, _LEAST_NOISE))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        process.fit(designs, (values - centre) / scale)
    return Surrogate(process, centre, scale)
