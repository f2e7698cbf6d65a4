"""The manifest of a result folder: what wrote it, which files belong to it, and the hash of each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from esc_sim.errors import InputError
from esc_sim.storage.files import write_json

MANIFEST: Final = "manifest.json"
_PIECE: Final = 2**20


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a folder, or None when it has none that can be read."""
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def write_manifest(folder: Path, content: Mapping[str, Any], unhashed: Collection[str] = ()) -> None:
    """Write the manifest, the last file of a folder; it lists all others with their hashes.

    Args:
        folder: of the results.
        content: where the numbers come from.
        unhashed: names of files that later commands may replace.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    hashes = {path.relative_to(folder).as_posix(): hash_of(path) for path in files if path.name not in unhashed}
    names = sorted(entry.name for entry in folder.iterdir())
    write_json(folder / MANIFEST, {**content, "files": names, "hashes": hashes})


def hash_of(path: Path) -> str:
    """blake2b-128 of a file's bytes."""
    found = hashlib.blake2b(digest_size=16)
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def check_file(path: Path, folder: Path | None = None) -> None:
    """Refuse a file that is not as its folder's manifest says; files that it does not list are let pass.

    Args:
        path: the file.
        folder: of the results; by default the file's own.

    Raises:
        InputError: it is missing, cannot be read, or has changed since it was written.
    """
    folder = path.parent if folder is None else folder
    hashes = (read_manifest(folder) or {}).get("hashes")
    expected = hashes.get(path.relative_to(folder).as_posix()) if isinstance(hashes, dict) else None
    if not path.is_file():
        raise InputError(f"{path}: is missing; the results are not complete")
    try:
        if expected is not None and hash_of(path) != expected:
            raise InputError(f"{path}: is not as it was written (its hash differs): it is damaged, or was edited")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
