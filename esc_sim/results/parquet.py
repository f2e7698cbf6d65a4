"""Reading of Parquet files that may be missing, cut short or not ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """A file that is missing or no Parquet within the block becomes one clear message.

    Raises:
        InputError: missing, truncated or foreign file.
    """
    import pyarrow as pa

    try:
        yield
    except FileNotFoundError:
        raise InputError(f"{path}: is missing; the folder is not a whole run") from None
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: cannot be read as Parquet ({str(error).splitlines()[0]}); run again") from None


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
