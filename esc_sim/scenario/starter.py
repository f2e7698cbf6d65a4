"""Starter scenarios: commented templates copied into a new folder."""

from __future__ import annotations

import json
import re
from pathlib import Path

from esc_sim.errors import InputError
from esc_sim.scenario.fields import suggestion
from esc_sim.storage.files import translated, write_bytes
from esc_sim.storage.place import claimed

TEMPLATES = Path(__file__).parent / "templates"
SCENARIO = "scenario.yaml"
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def template_names() -> list[str]:
    """Names of the templates there are."""
    return sorted(entry.name for entry in TEMPLATES.iterdir() if (entry / SCENARIO).is_file())


def new_scenario(folder: Path, template: str) -> list[str]:
    """Copy a template into a new folder, the scenario named after the folder.

    Args:
        folder: must not exist, or be empty; it appears with all its files at once.
        template: one of ``template_names()``.

    Returns:
        Names of the files written.

    Raises:
        InputError: unknown template, or a folder that is in use or cannot be written.
    """
    names = template_names()
    if template not in names:
        raise InputError(f"there is no template '{template}'{suggestion(template, names, listed='templates:')}")
    with translated(folder):
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder}: a file of that name is there")
        if folder.is_dir() and any(folder.iterdir()):
            raise InputError(f"{folder}: this folder is not empty; name a new one")

    def fill(made: Path) -> None:
        for file in sorted((TEMPLATES / template).iterdir()):
            content = file.read_bytes()
            write_bytes(made / file.name, _named(content, folder.resolve().name) if file.name == SCENARIO else content)

    with claimed(folder, kind="", room=0) as place:
        place.put(fill)
    return sorted(file.name for file in folder.iterdir())


def _named(content: bytes, name: str) -> bytes:
    """A template with the scenario's name in it, where that can be a name."""
    if not name.isprintable() or len(name) > 120:
        return content
    written = name if _PLAIN_NAME.fullmatch(name) else json.dumps(name, ensure_ascii=False)
    text = content.decode("utf-8")
    return re.sub(r"^name: .*$", lambda _: f"name: {written}", text, count=1, flags=re.MULTILINE).encode()
