"""What a shell completes: scenarios, folders of results, values of options."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable
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


def template_names(incomplete: str) -> list[str]:
    """Templates of ``esc-sim new`` that what was typed may become.

    Args:
        incomplete: what was typed.
    """
    from esc_sim.scenario.starter import templates

    return [name for name in templates() if name.startswith(incomplete)]


def one_of(*values: str) -> Callable[[str], list[str]]:
    """What completes an option that takes one of these values; a value of several words is quoted for bash."""

    def values_begun(incomplete: str) -> list[str]:
        found = [value for value in values if value.startswith(incomplete)]
        in_bash = os.environ.get("_ESC_SIM_COMPLETE") == "complete_bash"
        return [value.replace(" ", "\\ ") if in_bash else value for value in found]

    return values_begun


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
