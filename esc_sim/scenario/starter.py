"""Starter scenarios: commented templates copied into a new folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from pathlib import Path

from esc_sim.errors import InputError
from esc_sim.scenario.fields import suggestion

TEMPLATES = Path(__file__).parent / "templates"
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def template_names() -> list[str]:
    """Names of the templates there are."""
    return sorted(entry.name for entry in TEMPLATES.iterdir() if (entry / "scenario.yaml").is_file())


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
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: a file of that name is there")
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError(f"{folder}: this folder is not empty; name a new one")
    target = folder.resolve()
    temporary = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        made = temporary / "scenario"
        made.mkdir()
        for file in (TEMPLATES / template).iterdir():
            shutil.copyfile(file, made / file.name)
        _name(made / "scenario.yaml", target.name)
        files = sorted(file.name for file in made.iterdir())
        if target.is_dir():
            target.rmdir()
        os.rename(made, target)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}") from None
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
    return files


def _name(file: Path, name: str) -> None:
    if not name.isprintable() or len(name) > 120:
        return
    written = name if _PLAIN_NAME.fullmatch(name) else json.dumps(name, ensure_ascii=False)
    text = file.read_text(encoding="utf-8")
    text = re.sub(r"^name: .*$", lambda _: f"name: {written}", text, count=1, flags=re.MULTILINE)
    file.write_text(text, encoding="utf-8", newline="\n")
