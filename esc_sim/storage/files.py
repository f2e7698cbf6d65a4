"""Writing files so that a killed program, a full disk or a second writer leaves nothing half-written."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

from esc_sim.errors import InputError
from esc_sim.storage.locks import is_same, locked
from esc_sim.storage.names import partial_of, real

WRITE_EVENT: Final = "esc-sim write"
"""Audit event of each call that writes to a file, with the descriptor."""


class UnwritableError(InputError):
    """The system does not let something be written: disk full, impossible name, no right."""


@contextmanager
def translated(path: Path, what: str = "cannot be written") -> Iterator[None]:
    """Within the block, what the operating system refuses becomes one message about ``path``.

    Raises:
        UnwritableError: in place of OSError.
    """
    try:
        yield
    except OSError as error:
        raise UnwritableError(f"{path}: {what}: {error.strerror or error}") from None


def make_folder(folder: Path) -> None:
    """Make a folder with those above it; one that exists is fine.

    Raises:
        UnwritableError: it cannot be made.
    """
    with translated(folder):
        folder.mkdir(parents=True, exist_ok=True)


def has_room(folder: Path, size: int) -> bool:
    """Whether so much can be written into a folder: it is tried, since quotas and limits are not in its free space.

    Args:
        folder: one that exists.
        size: in bytes.
    """
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as stream:
            return stream.write(os.urandom(size)) == size  # a file system that compresses must not make less of it
    except OSError:
        return False


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write into, which is at ``path``, in place of what was there, only when the block has ended well.

    A second writer of the same file waits for the first. Where ``path`` is a link, what it leads to is replaced;
    what is no file (a device, a pipe) is never replaced, but written to.

    Raises:
        UnwritableError: the folder is missing or cannot be written, or the disk is full.
    """
    with translated(path):
        if path.exists() and not path.is_file() and not path.is_dir():
            with io.BufferedWriter(Watched(path, "wb")) as stream:
                yield stream
            return
        target = real(path)
        partial = partial_of(target)
        number = _own(partial)
        try:
            with io.BufferedWriter(Watched(number, "wb")) as stream:
                yield stream
                stream.flush()
                os.fsync(number)
                os.replace(partial, target)
        except BaseException:
            with suppress(OSError):
                partial.unlink()
            raise


class Watched(io.FileIO):
    """A file that tells each call of ``write`` to audit hooks, as Python itself tells of files opened and renamed."""

    def write(self, content: Any, /) -> int:
        sys.audit(WRITE_EVENT, self.fileno())
        return super().write(content)


def _own(partial: Path) -> int:
    """The partial file, empty, opened and locked: a new one, or what a killed process has left."""
    while True:
        number = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        try:
            locked(number, wait=True)
            if is_same(number, partial):  # else the writer that we waited for has put it in place
                os.ftruncate(number, 0)
                return number
        except BaseException:
            os.close(number)
            raise
        os.close(number)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole, or leave what was there.

    Raises:
        UnwritableError: the folder is missing or cannot be written, or the disk is full.
    """
    with new_file(path) as stream:
        stream.write(content)


def copy_folder(source: Path, target: Path) -> None:
    """Copy the files of a folder into a new one, each whole; folders within it are left out.

    Raises:
        UnwritableError: the folder cannot be made, or a file not be read or written.
    """
    make_folder(target)
    with translated(target):
        for path in sorted(source.iterdir()):
            if path.is_file() and not path.name.startswith("."):
                write_bytes(target / path.name, path.read_bytes())


def copy_file(source: Path, target: Path) -> None:
    """Copy a file into a folder that need not be there yet.

    Raises:
        UnwritableError: it cannot be read or written.
    """
    make_folder(target.parent)
    with translated(target):
        shutil.copyfile(source, target)


def write_text(path: Path, text: str) -> None:
    """Write a file in UTF-8, whole, or leave what was there.

    Raises:
        UnwritableError: the folder is missing or cannot be written, or the disk is full.
    """
    write_bytes(path, text.encode("utf-8"))


def append_line(path: Path, line: str) -> None:
    """Add a line of text to a file; a kill or a full disk may leave a part of it, without its end.

    Raises:
        UnwritableError: it cannot be written.
    """
    with translated(path), io.BufferedWriter(Watched(path, "ab")) as stream:
        stream.write(line.encode("utf-8") + b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def write_json(path: Path, content: Any) -> None:
    """Write indented JSON.

    Raises:
        UnwritableError: as for :func:`write_text`.
        ValueError: nan or infinity, which JSON does not know.
    """
    write_text(path, json.dumps(content, indent=1, allow_nan=False, ensure_ascii=False) + "\n")
