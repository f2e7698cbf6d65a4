"""Counter-based random streams: every draw is a function of (seed, stream name, replication, index).

Philox4x64-10 (Salmon et al., 2011) with key (seed, hash of the name) and counter (index // 4, 0, replication, 0);
word index % 4. The same words as ``numpy.random.Philox`` gives for that key and counter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError

STRATA = 16
"""Replications that share one Latin hypercube batch."""
_WORD: Final = 2**64 - 1


def stream_hash(name: str) -> int:
    """64-bit blake2b hash of a stream's name, little-endian."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def stream_hashes(names: Sequence[str]) -> NDArray[np.uint64]:
    """Hashes of many names.

    Raises:
        InputError: two names share a hash (their streams would be identical).
    """
    hashes = np.array([stream_hash(name) for name in names], np.uint64)
    unique, counts = np.unique(hashes, return_counts=True)
    if len(unique) != len(hashes):
        clash = unique[counts > 1][0]
        same = [name for name, value in zip(names, hashes, strict=True) if value == clash]
        raise InputError(f"random streams {same[0]!r} and {same[1]!r} collide: rename one of the two")
    return hashes


def fill_by_numpy(
    seed: int, hashes: NDArray[np.uint64], replications: NDArray[np.uint64], first: int, out: NDArray[np.float64]
) -> None:
    """Fill an array with uniform draws, by NumPy's own Philox.

    Args:
        seed: 64-bit seed.
        hashes: uint64[S], hashes of the streams.
        replications: uint64[R], numbers of the replications.
        first: the first index.
        out: float64[R, count, S], written.
    """
    start, before = first % 4, first // 4 - 1  # NumPy counts up before it draws
    generator = np.random.Philox(key=[0, 0])
    state: Any = generator.state
    for r, replication in enumerate(replications.tolist()):
        counter = ((replication << 128) + before) % 2**256
        state["state"]["counter"] = np.array([counter >> bits & _WORD for bits in (0, 64, 128, 192)], np.uint64)
        for s, name in enumerate(hashes):
            state["state"]["key"] = np.array([seed, name], np.uint64)
            generator.state = state
            words = generator.random_raw(start + out.shape[1])[start:]
            out[r, :, s] = ((words >> np.uint64(12)) + 0.5) * 2.0**-52


fill_uniform: Callable[[int, NDArray[np.uint64], NDArray[np.uint64], int, NDArray[np.float64]], None] = fill_by_numpy
"""What draws; compiled code, which gives the same bits, takes its place where it is at hand (``sampling.compiled``)."""


def uniforms(seed: int, hashes: NDArray[np.uint64], replication: int, first: int, count: int) -> NDArray[np.float64]:
    """Uniform draws in (0, 1) of many streams.

    Args:
        seed: 64-bit seed.
        hashes: uint64[S] from :func:`stream_hashes`.
        replication: number of the replication.
        first: index of the first draw.
        count: number of consecutive indices.

    Returns:
        float64[count, S], each ((word >> 12) + 0.5) * 2^-52.
    """
    return uniforms_of(seed, hashes, [replication], first, count)[0]


def uniforms_of(
    seed: int, hashes: NDArray[np.uint64], replications: Sequence[int], first: int, count: int
) -> NDArray[np.float64]:
    """What :func:`uniforms` gives for each of several replications, float64[R, count, S].

    Args:
        seed: seed of all random numbers.
        hashes: uint64[S], hashes of the streams.
        replications: numbers of R replications.
        first: the first index, such as a period.
        count: number of indices.
    """
    out = np.empty((len(replications), count, len(hashes)))
    fill_uniform(seed, hashes, np.array(replications, np.uint64), first, out)
    return out


def stratified_uniforms(
    seed: int,
    hashes: NDArray[np.uint64],
    order_hashes: NDArray[np.uint64],
    replication: int,
    first: int,
    count: int,
    strata: int = STRATA,
) -> NDArray[np.float64]:
    """Uniform draws that form a Latin hypercube across each batch of ``strata`` replications.

    A replication takes the stratum that a random order of its batch, drawn per stream and index, gives it, and a
    uniform place within it. Batches are independent of one another; replications within a batch are not.

    Args:
        seed: seed of all random numbers.
        hashes: uint64[S], hashes of the streams.
        order_hashes: uint64[S], hashes of the streams that draw the order of the strata.
        replication: number of the replication.
        first: the first index, such as a period.
        count: number of indices.
        strata: replications of a batch.

    Returns:
        float64[count, S], as :func:`uniforms` gives.
    """
    batch = replication - replication % strata
    own = uniforms(seed, hashes, replication, first, count)
    keys = np.stack([uniforms(seed, order_hashes, batch + k, first, count) for k in range(strata)])
    rank = (keys < keys[replication % strata]).sum(axis=0)
    return (rank + own) / strata
