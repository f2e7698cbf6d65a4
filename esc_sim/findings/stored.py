"""Results that lie in a folder: written elsewhere as they are, and reported from where they lie."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import esc_sim
from esc_sim.errors import InputError
from esc_sim.storage.files import copy_file
from esc_sim.storage.manifest import MANIFEST, check_file, read_manifest
from esc_sim.storage.place import Fill


def copied(folder: Path) -> Fill:
    """What writes the results of a folder into another one, file by file, after looking at each file's hash."""

    def fill(target: Path) -> Mapping[str, Any]:
        manifest = read_manifest(folder)
        if manifest is None or not isinstance(manifest.get("hashes"), dict):
            raise InputError(f"{folder}: holds no results of esc_sim ({MANIFEST} is missing or of something else)")
        listed = manifest.get("files")
        drawn = [str(name) for name in listed if (folder / str(name)).is_file()] if isinstance(listed, list) else []
        for name in dict.fromkeys([*manifest["hashes"], *drawn]):
            source, place = folder / name, target / name
            if not source.resolve().is_relative_to(folder.resolve()):
                raise InputError(f"{folder / MANIFEST}: names '{name}', which does not lie in the folder")
            check_file(source, folder)
            copy_file(source, place)
        return {name: value for name, value in manifest.items() if name not in ("files", "hashes")}

    return fill


def report_of_folder(folder: Path, path: str | os.PathLike[str] | None = None) -> Path:
    """Write the report of a folder's results, by default into it.

    Args:
        folder: the results.
        path: the file.

    Returns:
        The file.

    Raises:
        InputError: the file cannot be written.
    """
    written: Path = esc_sim.from_above("write_report")(folder, None if path is None else Path(path))
    return written
