"""Counter-based random streams: every draw is a function of (seed, stream name, replication, index).

Philox4x64-10 (Salmon et al., 2011) with key (seed, hash of the name) and counter (index // 4, 0, replication, 0);
word index % 4. The same words as ``numpy.random.Philox`` gives for that key and counter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numba as nb
import numpy as np
from llvmlite import ir
from numba.extending import intrinsic
from numpy.typing import NDArray

from esc_sim.compile import cached_kernel
from esc_sim.errors import InputError

STRATA = 16
"""Replications that share one Latin hypercube batch."""


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


def _high_word_code(typing_context: Any, a: Any, b: Any) -> Any:
    """High 64 bits of a 64 x 64 bit product: one machine instruction that numba has no name for."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(arguments[0], wide), builder.zext(arguments[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return nb.uint64(nb.uint64, nb.uint64), codegen


_high_word: Any = intrinsic(_high_word_code)


@cached_kernel("UniTuple(uint64, 4)(uint64, uint64, uint64, uint64)")
def _philox(
    block: np.uint64, replication: np.uint64, key0: np.uint64, key1: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    c0, c1, c2, c3 = block, np.uint64(0), replication, np.uint64(0)
    for turn in range(10):
        if turn > 0:
            key0 = key0 + np.uint64(0x9E3779B97F4A7C15)
            key1 = key1 + np.uint64(0xBB67AE8584CAA73B)
        m0, m1 = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
        c0, c1, c2, c3 = _high_word(m1, c2) ^ c1 ^ key0, m1 * c2, _high_word(m0, c0) ^ c3 ^ key1, m0 * c0
    return c0, c1, c2, c3


@cached_kernel("void(uint64, uint64[::1], uint64, int64, int64, float64[:, ::1])")
def _fill_uniform(
    seed: np.uint64, hashes: NDArray[np.uint64], replication: np.uint64, first: int, count: int, out: NDArray
) -> None:
    shift = np.uint64(12)
    scale = 2.0**-52
    for block in range(first // 4, (first + count + 3) // 4):
        for s in range(hashes.shape[0]):
            words = _philox(np.uint64(block), replication, seed, hashes[s])
            for k in range(4):
                row = 4 * block + k - first
                if 0 <= row < count:
                    out[row, s] = (np.float64(words[k] >> shift) + 0.5) * scale


@cached_kernel("void(uint64, uint64[::1], uint64[::1], int64, int64, float64[:, :, ::1])")
def _fill_uniforms(
    seed: np.uint64,
    hashes: NDArray[np.uint64],
    replications: NDArray[np.uint64],
    first: int,
    count: int,
    out: NDArray,
) -> None:
    for k in range(replications.shape[0]):
        _fill_uniform(seed, hashes, replications[k], first, count, out[k])


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
    out = np.empty((count, len(hashes)))
    _fill_uniform(np.uint64(seed), hashes, np.uint64(replication), first, count, out)
    return out


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
    _fill_uniforms(np.uint64(seed), hashes, np.array(replications, np.uint64), first, count, out)
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
