"""Parquet files: written whole, and read though they may be missing, cut short, damaged or not ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.storage.files import new_file
from esc_sim.storage.manifest import check_file

if TYPE_CHECKING:
    import pyarrow as pa


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """A file that is missing, damaged or no Parquet becomes one clear message, before or within the block.

    Raises:
        InputError: missing, damaged, truncated or foreign file.
    """
    import pyarrow as pa

    check_file(path)
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: cannot be read as Parquet ({str(error).splitlines()[0]}); run again") from None


def write_tables(path: Path, tables: Iterable[pa.Table], **options: Any) -> None:
    """Write tables one after the other into one file, a row group each; the file appears when it is whole.

    Args:
        path: the file.
        tables: one or more, with the same columns.
        options: further arguments of pyarrow's writer.

    Raises:
        UnwritableError: it cannot be written.
    """
    import pyarrow.parquet as pq

    left = iter(tables)
    first = next(left)
    with new_file(path) as stream, pq.ParquetWriter(stream, first.schema, compression="zstd", **options) as writer:
        for table in chain([first], left):
            writer.write_table(table, row_group_size=max(1, table.num_rows))


def numbers_of(path: Path, table: pa.Table, names: Sequence[str]) -> NDArray[np.float64]:
    """Columns of a table read from ``path``, float64[rows, len(names)].

    Args:
        path: the file, for messages.
        table: what it holds.
        names: the columns.

    Raises:
        InputError: a column holds something else.
    """
    columns = [table[name].to_numpy() for name in names]
    if any(column.dtype != np.float64 for column in columns):
        raise InputError(f"{path}: does not hold numbers; run again")
    return np.stack(columns, axis=-1)
