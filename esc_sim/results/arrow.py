"""Columns for Parquet, made from their bytes.

pyarrow asks pandas about every list and array that it is handed, and imports it for that, which takes longer than all
the writing of a small run. It does not ask about buffers.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa


def numbers(values: NDArray[Any]) -> pa.Array:
    """Integers or floats of any shape, row by row."""
    import pyarrow as pa

    flat = np.ascontiguousarray(values).reshape(-1)
    return pa.Array.from_buffers(pa.from_numpy_dtype(flat.dtype), len(flat), [None, pa.py_buffer(flat)])


def flags(values: NDArray[np.bool_]) -> pa.Array:
    """Truth values of any shape, row by row."""
    import pyarrow as pa

    flat = np.asarray(values).reshape(-1)
    bits = np.packbits(flat, bitorder="little")
    return pa.Array.from_buffers(pa.bool_(), len(flat), [None, pa.py_buffer(bits)])


def words(codes: NDArray[Any], names: Sequence[str]) -> pa.DictionaryArray:
    """Names by their places in a list."""
    import pyarrow as pa

    texts = [name.encode() for name in names]
    ends = np.array([0, *accumulate(map(len, texts))], np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(texts))]
    return pa.DictionaryArray.from_arrays(
        numbers(codes.astype(np.int32)), pa.Array.from_buffers(pa.string(), len(texts), buffers)
    )
