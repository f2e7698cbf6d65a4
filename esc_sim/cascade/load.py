"""Initial loads and capacities of the nodes (Li, Zhao, Wang, Mi, section 2.1)."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.cascade.graph import CascadeNetwork
from esc_sim.errors import InputError

TOLERANCE = 1e-12  # largest relative change of a load in the last iteration
ITERATIONS = 10_000
SHIFT = 0.25  # of the eigenvalue


def eigenvector_loads(network: CascadeNetwork, scale: float = 1.0) -> NDArray[np.float64]:
    """Initial loads L0 = scale * v, v the principal eigenvector of the undirected adjacency matrix.

    Power iteration on A + A^T + s I, which has the same eigenvectors as A + A^T but does not oscillate on networks in
    layers; a quarter of the eigenvalue as the shift s takes a sixth of the iterations of s = 1 on a million nodes.
    Every weakly connected component gets its own principal eigenvector of mean 1: the eigenvector of the whole matrix
    would vanish on all components but one.

    Args:
        network: n nodes.
        scale: c, the mean load.

    Returns:
        (n,) loads.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    n = network.n
    arcs = csr_array(
        (np.ones(network.arcs), network.out_node.astype(np.int32), network.out_start.astype(np.int32)), shape=(n, n)
    )
    back = arcs.T
    count, component = connected_components(arcs, directed=True, connection="weak")
    size = np.bincount(component, minlength=count)
    v = np.ones(n)
    for _ in range(ITERATIONS):
        w: NDArray[np.float64] = np.asarray(arcs @ v + back @ v)
        eigenvalue = np.bincount(component, weights=w, minlength=count) / size  # v has mean 1
        shift = np.where(eigenvalue > 0, SHIFT * eigenvalue, 1.0)  # a node alone keeps its 1
        w = (w + shift[component] * v) / (eigenvalue + shift)[component]
        change = float(np.max(np.abs(w - v) / np.maximum(w, np.finfo(float).tiny)))
        v = w
        if change <= TOLERANCE:
            break
    else:
        warnings.warn(
            f"loads still change by {change:.1e} (relative) after {ITERATIONS} iterations of the power method",
            stacklevel=2,
        )
    return scale * v


def given_loads(loads: ArrayLike, n: int) -> NDArray[np.float64]:
    """Loads that come from elsewhere (throughput of a running model, turnover), checked.

    Raises:
        InputError: not one finite number of at least 0 for each of the n nodes.
    """
    values = np.array(loads, dtype=np.float64)
    if values.shape != (n,):
        raise InputError(f"loads: {values.shape} values for {n} nodes; give one load for each node")
    if not np.all(np.isfinite(values)) or np.any(values < 0):
        raise InputError("loads: every load must be a finite number of at least 0")
    return values


def relation_weights(loads: NDArray[np.float64], tau: float) -> NDArray[np.float64]:
    """(n,) L0 ** tau: W_ij = (L0_i L0_j) ** tau is separable, so the share of j among the partners of i is
    L0_j ** tau over the sum of L0 ** tau of all of them. Scalar powers, the same on every platform and engine."""
    return np.array([x**tau for x in loads.tolist()], dtype=np.float64)
