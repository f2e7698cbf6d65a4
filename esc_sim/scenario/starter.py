"""Starter scenarios: commented templates, and the project's own cases, copied into a new folder."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from esc_sim.errors import InputError
from esc_sim.scenario.fields import suggestion
from esc_sim.storage.files import make_folder, translated, write_bytes
from esc_sim.storage.place import claimed

_PACKAGE = Path(__file__).resolve().parents[1]
_CASES = _PACKAGE / "cases"
"""The folder ``scenarios`` of the project, as an installed package has it."""
_PLACES = (_PACKAGE / "scenario" / "templates", _CASES if _CASES.is_dir() else _PACKAGE.parent / "scenarios")
SCENARIO = "scenario.yaml"
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def templates() -> dict[str, Path]:
    """Folders of the templates there are, by name."""
    folders = (folder for place in _PLACES for folder in place.glob("*") if (folder / SCENARIO).is_file())
    return dict(sorted((folder.name, folder) for folder in folders))


def new_scenario(
    folder: Path, template: str, *, tables: Mapping[str, Path] | None = None, units: Mapping[str, str] | None = None
) -> list[str]:
    """Copy a template into a new folder, the scenario named after the folder.

    Args:
        folder: must not exist, or be empty; it appears with all its files at once.
        template: a name of ``templates()``.
        tables: files that take the place of the template's tables, by the names of these; the scenario is then checked.
        units: names of units (goods, money, period) instead of the template's.

    Returns:
        Names of the files written.

    Raises:
        InputError: unknown template or table, a folder that is in use or cannot be written, tables that cannot be used.
    """
    there = templates()
    if template not in there:
        raise InputError(f"there is no template '{template}'{suggestion(template, there, listed='templates:')}")
    own = _tables_of(there[template], tables or {})
    with translated(folder):
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder}: a file of that name is there")
        if folder.is_dir() and any(folder.iterdir()):
            raise InputError(f"{folder}: this folder is not empty; name a new one")

    def fill(made: Path) -> None:
        for name in _files_of(there[template]):
            content = own.get(name) or (there[template] / name).read_bytes()
            if name == SCENARIO:
                content = _named(content, folder.resolve().name)
                content = _told(content, template, list(own), units or {})
            make_folder((made / name).parent)
            write_bytes(made / name, content)
        if own:
            from esc_sim.scenario.reader import read_scenario

            read_scenario(made)

    with claimed(folder, kind="", room=0) as place:
        place.put(fill)
    return _files_of(folder)


def _tables_of(folder: Path, given: Mapping[str, Path]) -> dict[str, bytes]:
    """What takes the place of a template's tables.

    Raises:
        InputError: the template has no such table, or a file cannot be read.
    """
    tables = {Path(name).name: name for name in _files_of(folder) if name.endswith(".csv")}
    found = {}
    for name, file in given.items():
        if name not in tables:
            have = ", ".join(tables) or "none"
            raise InputError(
                f"--table {name}: template '{folder.name}' has no such table; tables: {have}. Write TABLE=FILE"
            )
        try:
            found[tables[name]] = file.read_bytes()
        except OSError as error:
            raise InputError(f"--table {name}: {file}: cannot be read: {error.strerror}") from None
    return found


def _told(content: bytes, template: str, tables: list[str], units: Mapping[str, str]) -> bytes:
    """A template that says whose tables it has, and in which units."""
    text = content.decode("utf-8")
    if tables:
        note = f"{', '.join(tables)} given; all else is that of the template {template}"
        text = re.sub(r"^data: .*$", f"data: {{status: assumed, note: {json.dumps(note)}}}", text, flags=re.MULTILINE)
    for key, word in units.items():
        line = re.search(rf"^units: .*\b{key}: ([^,}}]+)", text, flags=re.MULTILINE)
        if line is not None:
            text = text[: line.start(1)] + json.dumps(word, ensure_ascii=False) + text[line.end(1) :]
    return text.encode()


def _files_of(folder: Path) -> list[str]:
    """The files of a scenario, those of its folders too; programs that made them stay with the project."""
    files = (file for file in folder.rglob("*") if file.is_file() and file.suffix not in (".py", ".pyc"))
    return sorted(file.relative_to(folder).as_posix() for file in files)


def _named(content: bytes, name: str) -> bytes:
    """A template with the scenario's name in it, where that can be a name."""
    if not name.isprintable() or len(name) > 120:
        return content
    written = name if _PLAIN_NAME.fullmatch(name) else json.dumps(name, ensure_ascii=False)
    text = content.decode("utf-8")
    return re.sub(r"^name: .*$", lambda _: f"name: {written}", text, count=1, flags=re.MULTILINE).encode()
