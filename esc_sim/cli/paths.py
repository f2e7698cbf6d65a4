"""Paths that a shell completes: scenarios, and folders of results."""

from __future__ import annotations

import glob
import os
from pathlib import Path


def scenario_paths(incomplete: str) -> list[str]:
    """Scenarios that what was typed may become, and folders on the way to one.

    Args:
        incomplete: what was typed.
    """
    return [*_folders(incomplete, "scenario.yaml"), *_begun(incomplete, "*.yaml")]


def result_paths(incomplete: str) -> list[str]:
    """Folders of results that what was typed may become, and folders on the way to one.

    Args:
        incomplete: what was typed.
    """
    return _folders(incomplete, "manifest.json")


def _folders(incomplete: str, mark: str) -> list[str]:
    found = []
    for path in map(Path, _begun(incomplete, "*")):
        if (path / mark).is_file():
            found.append(str(path))
        elif any(path.glob(f"*/{mark}")):
            found.append(f"{path}{os.sep}")
    return found


def _begun(incomplete: str, ending: str) -> list[str]:
    return sorted(glob.glob(glob.escape(incomplete) + ending))
