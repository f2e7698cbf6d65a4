"""Places for results: claimed before the work, filled after it, and put in place in one step."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

from esc_sim.errors import InputError
from esc_sim.storage.exchange import exchange, put_back
from esc_sim.storage.files import UnwritableError, make_folder, translated, write_bytes
from esc_sim.storage.locks import is_same, locked
from esc_sim.storage.manifest import MANIFEST, read_manifest, write_manifest
from esc_sim.storage.names import checkpoint_beside, partial_of, real

REPORT: Final = "report.html"
"""What `esc-sim report` may have added to a folder."""
_ROOM: Final = 2**20
"""Bytes that a place must have room for, about what the smallest results with figures need."""

Fill = Callable[[Path], Mapping[str, Any]]
"""Writes results into a folder and returns what their manifest says; may be called again for another folder."""


@dataclass(frozen=True)
class Place:
    """A place for results that nobody else writes to while it is claimed.

    Attributes:
        out: the place, as the user named it.
        kind: what is to be written, as in the manifest ("esc_sim run"); "" for a folder without one.
        force: replace a folder of the same kind that esc_sim wrote before.
        drawn: names of figure files that may be added later, and go with what is replaced; of a folder without a
            manifest the names of all files that may be replaced.
        target: where that is.
        number: descriptor of the locked partial folder.
    """

    out: Path
    kind: str
    force: bool
    drawn: Collection[str]
    target: Path
    number: int

    def save(self, fill: Fill) -> None:
        """Write results with their manifest and put them in place; they appear whole, or what was there stays.

        Raises:
            UnwritableError: they cannot be written; says where they are kept instead, if anywhere.
            InputError: something has come to the place in the meantime; says where the results are.
        """

        def with_manifest(folder: Path) -> None:
            write_manifest(folder, fill(folder), self.drawn)

        self.put(with_manifest)

    def put(self, fill: Callable[[Path], object]) -> None:
        """The same for a folder without a manifest."""
        partial = partial_of(self.target)
        try:
            self._write(partial, fill)
        except UnwritableError as error:
            raise UnwritableError(f"{error}; {self._kept(fill)}") from None
        try:
            check_target(self.out, kind=self.kind, force=self.force, drawn=self.drawn)
            with translated(self.out):
                _put(partial, self.target)
        except InputError as error:
            raise InputError(f"{error}; the results are in {_beside(partial, self.target)}") from None

    def _write(self, folder: Path, fill: Callable[[Path], object]) -> None:
        with translated(self.out):
            fill(folder)

    def _kept(self, fill: Callable[[Path], object]) -> str:
        """Write the results where temporary files are; says how that ended."""
        try:
            elsewhere = Path(tempfile.mkdtemp(prefix=f"{self.target.name[:50]}-"))
            try:
                self._write(elsewhere, fill)
            except BaseException:
                shutil.rmtree(elsewhere, ignore_errors=True)
                raise
        except (OSError, UnwritableError):
            return "neither can temporary files: the results are shown, but nowhere kept"
        return f"the results are kept in {elsewhere}: move them to where they shall be"


@contextmanager
def claimed(
    out: Path, *, kind: str, force: bool = False, drawn: Collection[str] = (), room: int = _ROOM
) -> Iterator[Place]:
    """Claim a place for results, before the work: then all that can be refused is refused, and nobody else gets it.

    What a killed process has left there is cleared away. When the block ends without :meth:`Place.save`, nothing
    remains of the claim, and what was at the place is as it was.

    Args:
        out: where the results shall go.
        kind, force, drawn: see :class:`Place`.
        room: bytes that there must be room for.

    Raises:
        InputError: as :func:`check_target`; someone else is writing there; the name or the disk does not allow it.
    """
    check_target(out, kind=kind, force=force, drawn=drawn)
    with translated(out):
        target = real(out)
    if os.path.ismount(target):
        raise InputError(f"{out}: other storage is mounted there; name a folder below it, such as {out / 'results'}")
    missing = [parent for parent in target.parents if not parent.exists()]
    partial, number = partial_of(target), -1
    try:
        make_folder(target.parent)
        with translated(out):
            number = _take(partial, out)
            put_back(target)
            _cleared(partial)
            shutil.rmtree(partial_of(checkpoint_beside(target)), ignore_errors=True)
        _try_room(target, partial, room)
        check_target(out, kind=kind, force=force, drawn=drawn)
        yield Place(out, kind, force, drawn, target, number)
    finally:
        if number >= 0:
            if is_same(number, partial):
                shutil.rmtree(partial, ignore_errors=True)
            os.close(number)
        for parent in missing:
            with suppress(OSError):  # it is wanted where something is in it
                parent.rmdir()


def check_target(path: Path, *, kind: str, force: bool = False, drawn: Collection[str] = ()) -> None:
    """Refuse a folder that results must not be written to.

    Args:
        path: where the results shall go.
        kind, force, drawn: see :class:`Place`.

    Raises:
        InputError: the path is a file, cannot be made, or is a folder with content that must not be replaced.
    """
    with translated(path):
        _check_target(path, kind, force, drawn)


def _check_target(path: Path, kind: str, force: bool, drawn: Collection[str]) -> None:
    if not path.exists():
        if real(path).is_symlink():
            raise InputError(f"{path}: is a link that leads back to itself; name another folder")
        parent = next(p for p in path.absolute().parents if p.exists())
        if not parent.is_dir() or not os.access(parent, os.W_OK):
            raise InputError(f"{path}: cannot be written: {parent} is not a folder that can be written to")
        return
    if not path.is_dir():
        raise InputError(f"{path}: is a file; name a folder that does not exist yet")
    names = {entry.name for entry in path.iterdir()}
    if not names:
        return
    if not kind:
        _check_files(path, names - set(drawn), force)
        return
    manifest = read_manifest(path)
    if manifest is None or manifest.get("format") != kind:
        raise InputError(f"{path}: is not empty and not a folder of '{kind}'; name another folder")
    if not force:
        raise InputError(f"{path}: holds results already; name another folder, or replace it with --force")
    listed = manifest.get("files")
    ours = {*(listed if isinstance(listed, list) else []), *drawn, MANIFEST, REPORT}
    _refuse_foreign(path, names - ours - {partial_of(path / str(name)).name for name in ours})


def _check_files(path: Path, foreign: Collection[str], force: bool) -> None:
    """Refuse a folder without a manifest that is in use, unless it is to be replaced and holds nothing foreign."""
    if not force:
        known = "" if foreign else ", or replace it with --force"
        raise InputError(f"{path}: this folder is not empty; name a new one{known}")
    _refuse_foreign(path, foreign)


def _refuse_foreign(path: Path, foreign: Collection[str]) -> None:
    if foreign:
        some = ", ".join(sorted(foreign)[:5])
        raise InputError(f"{path}: holds files that esc_sim did not write ({some}); move them elsewhere")


def _take(partial: Path, out: Path) -> int:
    """The partial folder, opened and locked: a new one, or one that a killed process has left.

    Raises:
        InputError: someone else is at work on it, or may be.
    """
    while True:
        try:
            partial.mkdir()
            new = True
        except FileExistsError:
            new = False
        number = os.open(partial, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        mine = locked(number)
        if mine is False:
            os.close(number)
            raise InputError(f"{out}: another esc-sim is at work on it; wait for it, or name another folder")
        if mine is None and not new:  # no locks here, so nobody can tell whether its process lives
            os.close(number)
            raise InputError(f"{out}: another esc-sim is at work on it, or was killed: if so, remove {partial}")
        if is_same(number, partial):
            return number
        os.close(number)


def _cleared(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _try_room(target: Path, partial: Path, room: int) -> None:
    """Meet a full disk, or a limit on the size of files, before the work."""
    if room:
        probe = partial / "room"
        with translated(target):
            write_bytes(probe, b"\0" * room)
            probe.unlink()


def _put(partial: Path, target: Path) -> None:
    """Put a finished folder in place; what it replaces is removed.

    Raises:
        OSError: something has come to the place, or the system refuses; all is as before.
    """
    if not target.is_dir() or not any(target.iterdir()):
        os.rename(partial, target)  # refuses itself where something else is there by now
        return
    old = os.open(target, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        locked(old)  # nobody takes it for what a killed process has left while it is removed
        exchange(partial, target)
        shutil.rmtree(partial, ignore_errors=True)
    finally:
        os.close(old)


def _beside(partial: Path, target: Path) -> Path:
    """Where finished results lie whose place is taken: the first free name."""
    for number in count(2):
        free = target.with_name(f"{target.name}.{number}")
        with suppress(OSError):
            if not free.exists():
                os.rename(partial, free)
                return free
        if number > 100:
            break
    raise UnwritableError(f"{target}: cannot be written, nor any name beside it")
