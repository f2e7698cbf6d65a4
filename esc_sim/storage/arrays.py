"""Arrays as Parquet files where several machines reach them: a shared folder or whatever fsspec knows."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError

_ABOUT: Final = b"esc_sim arrays"
_GROUP_BYTES: Final = 4 * 1024 * 1024
"""About what a row group holds."""


def place_of(url: str) -> tuple[Any, str]:
    """File system and path of an address such as ``/mnt/shared/parts``, ``memory://parts`` or ``s3://bucket/parts``.

    Raises:
        InputError: fsspec, or the package that knows such addresses, is not installed; there is no such kind.
    """
    try:
        import fsspec
    except ModuleNotFoundError:
        raise InputError("--shared needs the package fsspec: pip install 'esc_sim[cluster]'") from None
    try:
        system, path = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise InputError(f"--shared {url}: {error}") from None
    return system, str(path)


def write_arrays(url: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays with the same number of rows (first axis) as one file, whole or not at all.

    Args:
        url: of the file.
        arrays: by name.

    Raises:
        InputError: the place cannot be written to.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    system, path = place_of(url)
    about = {name: [list(values.shape[1:]), values.dtype.str] for name, values in arrays.items()}
    kept = {name: values for name, values in arrays.items() if math.prod(values.shape[1:])}
    rows = max((len(values) for values in arrays.values()), default=0)
    table = pa.table({"row": np.arange(rows)} | {name: _lists(values) for name, values in kept.items()})
    table = table.replace_schema_metadata({_ABOUT: json.dumps(about).encode()})
    size = sum(values.nbytes for values in kept.values()) // max(1, rows)
    partial = f"{path}.{uuid.uuid4().hex}"
    try:
        with system.open(partial, "wb") as stream:
            pq.write_table(table, stream, row_group_size=max(1, _GROUP_BYTES // max(1, size)))
        system.mv(partial, path)
    except OSError as error:
        raise InputError(f"--shared {url}: cannot be written: {error.strerror or error}") from None


def read_arrays(url: str) -> dict[str, NDArray[Any]]:
    """What :func:`write_arrays` wrote, put together row group by row group.

    Raises:
        InputError: the file is missing or damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    system, path = place_of(url)
    try:
        with system.open(path, "rb") as stream, pq.ParquetFile(stream) as file:
            about = json.loads((file.schema_arrow.metadata or {})[_ABOUT])
            rows, done = file.metadata.num_rows, 0
            found = {name: np.empty((rows, *shape), kind) for name, (shape, kind) in about.items()}
            for group in range(file.num_row_groups):
                table = file.read_row_group(group)
                for name in set(table.column_names) - {"row"}:
                    part = found[name][done : done + table.num_rows]
                    flat = table[name].combine_chunks().flatten().to_numpy(zero_copy_only=False)
                    part[...] = flat.reshape(part.shape)
                done += table.num_rows
    except (OSError, pa.ArrowInvalid, KeyError, ValueError) as error:
        raise InputError(f"--shared {url}: cannot be read ({error}); do all machines see the same place?") from None
    return found


def try_writing(folder: str) -> None:
    """Make a folder, before the work.

    Raises:
        InputError: it cannot be made.
    """
    system, path = place_of(folder)
    try:
        system.makedirs(path, exist_ok=True)
    except OSError as error:
        raise InputError(f"--shared {folder}: cannot be written: {error.strerror or error}") from None


def remove(url: str) -> None:
    """Remove a file or a folder, if it is there."""
    system, path = place_of(url)
    if system.exists(path):
        system.rm(path, recursive=True)


def _lists(values: NDArray[Any]) -> Any:
    """Rows as lists of one length."""
    import pyarrow as pa

    return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), math.prod(values.shape[1:]))
