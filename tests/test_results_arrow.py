"""Columns made from their bytes are the columns that pyarrow would make."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from esc_sim.results.arrow import flags, numbers, words

TABLE = np.arange(24, dtype=np.float64).reshape(2, 3, 4) / 7.0
TABLE[0, 1, 2] = np.nan
TABLE[1, 0, 3] = -np.inf


@pytest.mark.parametrize(
    "values",
    [
        TABLE,
        TABLE[..., 2],
        TABLE[:, ::-1, 1],
        TABLE.transpose(2, 0, 1),
        np.array([], np.float64),
        np.arange(5, dtype=np.int32),
        np.arange(9, dtype=np.int64)[::2],
        np.array([2**63 - 1, -(2**63)], np.int64),
    ],
)
def test_numbers(values: NDArray[Any]) -> None:
    column = numbers(values)
    assert column.type == pa.array(values.ravel()).type
    assert column.null_count == 0
    assert column.to_numpy().tobytes() == values.ravel().tobytes()


def test_numbers_that_lie_in_a_file(tmp_path: Path) -> None:
    stored = np.memmap(tmp_path / "values", np.float64, "w+", shape=(3, 4))
    stored[:] = TABLE[0]
    assert numbers(stored[:, 1]).to_numpy().tobytes() == np.array(TABLE[0, :, 1]).tobytes()


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 100])
def test_flags(count: int) -> None:
    values = np.arange(2 * count).reshape(2, count) % 3 == 0
    assert flags(values).equals(pa.array(values.ravel()))


def test_words() -> None:
    names = ["oil", "", "Öl, роза \N{SNOWMAN}", "gas"]
    column = words(np.array([3, 2, 2, 0, 1]), names)
    assert column.type == pa.dictionary(pa.int32(), pa.string())
    assert column.to_pylist() == ["gas", names[2], names[2], "oil", ""]
    column.validate(full=True)
    assert words(np.array([], np.int64), []).to_pylist() == []
