"""Parts that the reports of all kinds share: provenance, files, pictures, tables of the terminal."""

from __future__ import annotations

import csv
import json
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from esc_sim.errors import InputError
from esc_sim.storage.manifest import check_file
from esc_sim.storage.tables import restored
from esc_sim.views.report.parts import Command, Grid, Part, Picture, Section
from esc_sim.written import number

if TYPE_CHECKING:
    from rich.table import Table

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_MOST_BYTES: Final = 32 * 1024 * 1024
_MOST_ROWS, _MOST_COLUMNS, _MOST_LETTERS = 60, 14, 200
_NOT_PROVENANCE: Final = {
    "format", "format_version", "command", "asked", "notices", "versions", "files", "hashes", "engines",
}  # fmt: skip


def json_file(path: Path) -> dict[str, Any]:
    """Content of a JSON file that holds an object.

    Raises:
        InputError: it is missing or something else.
    """
    content = json_content(path)
    if not isinstance(content, dict):
        raise InputError(f"{path}: does not hold an object; it is not what esc_sim writes")
    return content


def json_content(path: Path) -> Any:
    """Content of a JSON file.

    Raises:
        InputError: it is missing, or no JSON.
    """
    try:
        return json.loads(_bytes(path))
    except (ValueError, RecursionError):
        raise InputError(f"{path}: is no JSON; the results are damaged") from None


def picture(path: Path, caption: str) -> Picture:
    """A PNG file as a picture.

    Raises:
        InputError: it is missing, too large, or no PNG.
    """
    content = _bytes(path)
    if not content.startswith(_PNG):
        raise InputError(f"{path}: is no PNG picture")
    return Picture(content, caption)


def _bytes(path: Path) -> bytes:
    if path.is_symlink() or not path.is_file():
        raise InputError(f"{path}: is missing; the results are not complete")
    if path.stat().st_size > _MOST_BYTES:
        raise InputError(f"{path}: is larger than {_MOST_BYTES // 2**20} MiB, too much for a report")
    check_file(path)
    return path.read_bytes()


@contextmanager
def csv_rows(path: Path) -> Iterator[Iterator[list[str]]]:
    """The rows of a CSV file.

    Raises:
        InputError: it is missing, damaged or no CSV.
    """
    if path.is_symlink():
        raise InputError(f"{path}: is missing; the results are not complete")
    check_file(path)
    with path.open(encoding="utf-8", newline="") as stream:
        try:
            yield ([restored(cell) for cell in row] for row in csv.reader(stream))
        except (csv.Error, UnicodeDecodeError) as error:
            raise InputError(f"{path}: is no CSV ({error}); the results are damaged") from None


def terminal_grid(table: Table, note: str = "") -> Grid:
    """A table made for the terminal as a table of the report, so that both say the same."""
    columns = [list(column.cells) for column in table.columns]
    rows = [[str(cell) for cell in row] for row in zip(*columns, strict=True)]
    return Grid([str(column.header) for column in table.columns], rows, note=note)


def csv_grid(path: Path, note: str = "") -> Grid:
    """A CSV file, cut to what a page can hold."""
    with csv_rows(path) as rows_of:
        table = list(islice(rows_of, _MOST_ROWS + 2))
    if not table:
        return Grid(["empty"], [])
    cut = [f"the first {_MOST_ROWS} rows"] if len(table) > _MOST_ROWS + 1 else []
    width = min(len(table[0]), _MOST_COLUMNS)
    if len(table[0]) > width:
        cut.append(f"the first {width} of {len(table[0])} columns")
    rows = [[_short(cell) for cell in row[:width]] + [""] * (width - len(row)) for row in table[1 : _MOST_ROWS + 1]]
    words = f"{path.name}" + (f": {' and '.join(cut)}" if cut else "")
    return Grid([_short(cell) for cell in table[0][:width]], rows, note=f"{words}. {note}".strip())


def _short(cell: str) -> str:
    """A cell for reading."""
    try:
        return number(float(cell))
    except ValueError:
        words = {"True": "yes", "False": "no"}.get(cell, cell)
        return words if len(words) <= _MOST_LETTERS else words[: _MOST_LETTERS - 3] + "..."


def done(manifest: Mapping[str, Any], rows: Mapping[str, Any]) -> Section:
    """How it was done: the command, and the settings that matter."""
    parts: list[Part] = []
    if manifest.get("command"):
        parts.append(Command(str(manifest["command"])))
    cells = [[name, _text(value)] for name, value in rows.items() if value not in (None, "", [])]
    return Section("How it was done", [*parts, Grid(["", ""], cells, numbers=False)])


def run_with(manifest: Mapping[str, Any], plan: Path) -> Command:
    """The command that carries a plan out on the scenario that it was made for, with what was set for it."""
    words = shlex.split(str(manifest.get("command") or ""))
    asked = ["esc-sim", str(manifest["format"]).removeprefix("esc_sim ")]
    scenario = words[2] if words[:2] == asked and words[2:] and not words[2].startswith("-") else "SCENARIO"
    given = [words[k : k + 2] for k, word in enumerate(words) if word in ("--set", "--nodes")]
    given += [[word] for word in words if word.startswith(("--set=", "--nodes="))]
    return Command(shlex.join(["esc-sim", "run", scenario, *chain(*given), "--plan", str(plan)]))


def provenance(manifest: Mapping[str, Any]) -> Section:
    """Where the numbers come from, and how to get them again."""
    versions = manifest.get("versions")
    said = {name: value for name, value in manifest.items() if name not in _NOT_PROVENANCE and not _says_nothing(value)}
    rows = [[name.replace("_", " "), _text(value)] for name, value in said.items()]
    if isinstance(versions, dict):
        rows.append(["versions", ", ".join(f"{name} {version}" for name, version in versions.items())])
    rows.append(["files", _text(manifest.get("files"))])
    return Section("Provenance", [Grid(["", ""], rows, numbers=False)])


def _says_nothing(value: Any) -> bool:
    """Whether nothing is held, as by the switches of variants that have none."""
    return isinstance(value, dict) and not any(value.values())


def notices(manifest: Mapping[str, Any]) -> list[str]:
    """What the user was told about how it was done."""
    found = manifest.get("notices")
    return [str(notice) for notice in found] if isinstance(found, list) else []


def _text(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_text(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
