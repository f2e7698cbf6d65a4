"""Indicators of circularity, of dependence on inputs from outside, and of lost sales."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
_DUST = 1e-12
"""A share that is none, but the rounding of sums."""


def _ratio(part: ArrayLike, whole: ArrayLike) -> FloatArray:
    """part / whole; nan where the whole is 0."""
    over, under = np.asarray(part, float), np.asarray(whole, float)
    return np.divide(over, under, out=np.full(np.broadcast(over, under).shape, np.nan), where=under != 0.0)


def external_share(synthetic: ArrayLike, organic: ArrayLike) -> FloatArray:
    """Synthetic N over all applied N.

    The organic part counts total N, so that the share can fall although hardly any synthetic N is displaced; report
    the synthetic N that is displaced beside it.
    """
    return _ratio(synthetic, np.asarray(synthetic, float) + np.asarray(organic, float))


def landfill_share(landfilled: ArrayLike, collected: ArrayLike) -> FloatArray:
    """Landfilled waste over collected waste."""
    return _ratio(landfilled, collected)


def self_sufficiency(imported: ArrayLike, served: ArrayLike) -> FloatArray:
    """1 - energy taken from the grid / load served; exports do not count, nor does load that is shed."""
    share = 1.0 - _ratio(imported, served)
    return np.where(np.abs(share) < _DUST, 0.0, share)


def loss_area(undisturbed: ArrayLike, disturbed: ArrayLike) -> FloatArray:
    """Lost sales in periods of full sales: sum of max(0, undisturbed - disturbed) / mean undisturbed sales.

    Args:
        undisturbed: [..., periods], sales of the twin on the same random numbers.
        disturbed: [..., periods], sales under disruption.
    """
    calm, hit = np.asarray(undisturbed, float), np.asarray(disturbed, float)
    return _ratio(np.maximum(0.0, calm - hit).sum(axis=-1), calm.mean(axis=-1))
