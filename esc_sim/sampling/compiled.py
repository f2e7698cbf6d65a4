"""Draws made by compiled code: the same bits as by NumPy and SciPy, several times as fast.

The compiled engine takes it up (:func:`take_up`); whoever runs before anything is compiled does without.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import numba as nb
import numpy as np
from llvmlite import ir
from numba.extending import intrinsic
from numpy.typing import NDArray

from esc_sim.compile import cached_kernel, register_rule
from esc_sim.sampling import inverse, streams

FloatArray = NDArray[np.float64]

_TAIL: Final = 0.13533528323661269189
"""exp(-2): quantiles of less, or of more than 1 less this, are those of a tail."""
_FAR: Final = 8.0
"""Roots of -2 log(probability) from which on the tail has an approximation of its own."""
_ROOT_2_PI: Final = 2.50662827463100050242
_PART: Final = 256
"""Numbers worked on at a time, step by step: loops of which the processor does several turns at once."""

# Cephes Math Library, ndtri.c (Stephen L. Moshier), which SciPy calls. Quotients of polynomials in the middle, in the
# tails, and far out in them; highest power first, without the leading 1 of the denominators.
_MIDDLE: Final = (
    (-5.99633501014107895267e1, 9.80010754185999661536e1, -5.66762857469070293439e1, 1.39312609387279679503e1,
     -1.23916583867381258016e0),
    (1.95448858338141759834e0, 4.67627912898881538453e0, 8.63602421390890590575e1, -2.25462687854119370527e2,
     2.00260212380060660359e2, -8.20372256168333339912e1, 1.59056225126211695515e1, -1.18331621121330003142e0),
)  # fmt: skip
_TAILS: Final = (
    (4.05544892305962419923e0, 3.15251094599893866154e1, 5.71628192246421288162e1, 4.40805073893200834700e1,
     1.46849561928858024014e1, 2.18663306850790267539e0, -1.40256079171354495875e-1, -3.50424626827848203418e-2,
     -8.57456785154685413611e-4),
    (1.57799883256466749731e1, 4.53907635128879210584e1, 4.13172038254672030440e1, 1.50425385692907503408e1,
     2.50464946208309415979e0, -1.42182922854787788574e-1, -3.80806407691578277194e-2, -9.33259480895457427372e-4),
)  # fmt: skip
_FAR_OUT: Final = (
    (3.23774891776946035970e0, 6.91522889068984211695e0, 3.93881025292474443415e0, 1.33303460815807542389e0,
     2.01485389549179081538e-1, 1.23716634817820021358e-2, 3.01581553508235416007e-4, 2.65806974686737550832e-6,
     6.23974539184983293730e-9),
    (6.02427039364742014255e0, 3.67983563856160859403e0, 1.37702099489081330271e0, 2.16236993594496635890e-1,
     1.34204006088543189037e-2, 3.28014464682127739104e-4, 2.89247864745380683936e-6, 6.79019408009981274425e-9),
)  # fmt: skip


def _high_word_code(typing_context: Any, a: Any, b: Any) -> Any:
    """High 64 bits of a 64 x 64 bit product: one machine instruction that numba has no name for."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(arguments[0], wide), builder.zext(arguments[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return nb.uint64(nb.uint64, nb.uint64), codegen


_high_word: Any = intrinsic(_high_word_code)


def _fill_uniform(
    seed: np.uint64, hashes: NDArray[np.uint64], replications: NDArray[np.uint64], first: int, out: FloatArray
) -> None:
    """Philox4x64-10, see :func:`esc_sim.sampling.streams.fill_by_numpy`; float64[R, count, S] ``out`` is written."""
    m0, m1 = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
    shift, count = np.uint64(12), out.shape[1]
    for r in range(out.shape[0]):
        for block in range(first // 4, (first + count + 3) // 4):
            for s in range(out.shape[2]):
                key0, key1 = seed, hashes[s]
                c0, c1, c2, c3 = np.uint64(block), np.uint64(0), replications[r], np.uint64(0)
                for turn in range(10):
                    if turn > 0:
                        key0 = key0 + np.uint64(0x9E3779B97F4A7C15)
                        key1 = key1 + np.uint64(0xBB67AE8584CAA73B)
                    high0, high1 = _high_word(m0, c0), _high_word(m1, c2)
                    c0, c1, c2, c3 = high1 ^ c1 ^ key0, m1 * c2, high0 ^ c3 ^ key1, m0 * c0
                words = (c0, c1, c2, c3)
                for k in range(4):
                    row = 4 * block + k - first
                    if 0 <= row < count:
                        out[r, row, s] = (np.float64(words[k] >> shift) + 0.5) * 2.0**-52


def _horner(x: float, value: float, coefficients: Sequence[float]) -> float:
    """A polynomial, from the coefficient of its highest power on."""
    for coefficient in coefficients:
        value = value * x + coefficient
    return value


def _to_normal(numbers: FloatArray, tails: FloatArray, places: NDArray[np.int64]) -> None:
    """Replace uniform numbers by standard normal quantiles, as Cephes' ndtri, operation by operation.

    Args:
        numbers: float64[n] within (0, 1); written.
        tails: float64[3, _PART] scratch.
        places: int64[_PART + 1] scratch.
    """
    for first in range(0, numbers.shape[0], _PART):
        part = numbers[first : first + _PART]
        count = 0
        for i in range(part.shape[0]):
            places[count] = i
            tails[0, count] = part[i]
            count += (part[i] <= _TAIL) | (part[i] > 1.0 - _TAIL)
        for i in range(part.shape[0]):
            y = part[i] - 0.5
            square = y * y
            above, below = _horner(square, _MIDDLE[0][0], _MIDDLE[0][1:]), _horner(square, 1.0, _MIDDLE[1])
            part[i] = (y + y * (square * above / below)) * _ROOT_2_PI
        for k in range(count):
            y = tails[0, k]
            x = math.sqrt(-2.0 * math.log(1.0 - y if y > 0.5 else y))
            tails[1, k], tails[2, k] = x, math.log(x)
        for k in range(count):
            x = tails[1, k]
            z = 1.0 / x
            above, below = _horner(z, _TAILS[0][0], _TAILS[0][1:]), _horner(z, 1.0, _TAILS[1])
            tails[2, k] = x - tails[2, k] / x - z * above / below
        for k in range(count):
            x, quantile = tails[1, k], tails[2, k]
            if x >= _FAR:
                z = 1.0 / x
                above, below = _horner(z, _FAR_OUT[0][0], _FAR_OUT[0][1:]), _horner(z, 1.0, _FAR_OUT[1])
                quantile = x - math.log(x) / x - z * above / below
            part[places[k]] = quantile if tails[0, k] > 0.5 else -quantile


@cache
def _kernels() -> tuple[Any, Any]:
    """The two loops compiled, or from the disk cache."""
    register_rule(_horner)
    fill = cached_kernel("void(uint64, uint64[::1], uint64[::1], int64, float64[:, :, ::1])")(_fill_uniform)
    return fill, cached_kernel("void(float64[::1], float64[:, ::1], int64[::1])")(_to_normal)


def fill_uniform(
    seed: int, hashes: NDArray[np.uint64], replications: NDArray[np.uint64], first: int, out: FloatArray
) -> None:
    """As :func:`esc_sim.sampling.streams.fill_by_numpy`.

    Args:
        seed: 64-bit seed.
        hashes: uint64[S], hashes of the streams.
        replications: uint64[R], numbers of the replications.
        first: the first index.
        out: float64[R, count, S], written.
    """
    _kernels()[0](np.uint64(seed), hashes, replications, first, out)


def make_normal(numbers: FloatArray) -> None:
    """As :func:`esc_sim.sampling.inverse.make_normal_by_scipy`, to the bit where :func:`agrees` says so.

    Args:
        numbers: uniform draws in one block of memory; written.
    """
    assert numbers.flags.c_contiguous
    _kernels()[1](numbers.reshape(-1), np.empty((3, _PART)), np.empty(_PART + 1, np.int64))


def agrees() -> bool:
    """Whether quantiles have SciPy's bits on this machine, whose SciPy may have been built to round less often."""
    numbers = np.concatenate([(np.arange(1000) + 0.5) / 1000.0, 2.0 ** -np.arange(2.0, 54.0)])
    expected = numbers.copy()
    make_normal(numbers)
    inverse.make_normal_by_scipy(expected)
    return bool((numbers == expected).all())


@cache
def take_up() -> None:
    """Draw by compiled code from now on."""
    streams.fill_uniform = fill_uniform
    if agrees():
        inverse.make_normal = make_normal
