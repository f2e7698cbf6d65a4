"""Writing a scenario as a folder that the reader takes: scenario.yaml, and tables for its long lists."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from esc_sim.errors import InputError
from esc_sim.fields.parts import stated
from esc_sim.scenario.checked import arcs_and_options
from esc_sim.scenario.fields import SECTIONS, columns_of
from esc_sim.scenario.reader import SCENARIO_FILE
from esc_sim.scenario.recipes import AMOUNTS
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.tables import TABLES
from esc_sim.storage.files import make_folder, write_text
from esc_sim.storage.tables import write_table

_PLACE = ("x", "y", "latitude", "longitude")
_FIRST_COLUMNS = ("id", "name", "node", "role", "layer", "region", *_PLACE, "buyer", "supplier", "product", "mode")
"""Columns that say which row it is stand before its numbers."""


def write_scenario(scenario: Scenario, folder: Path, comment: str = "") -> list[Path]:
    """Write a scenario into a folder; what is as by default is left out.

    Args:
        scenario: what to write.
        folder: made if need be.
        comment: lines to put above scenario.yaml.

    Returns:
        The files written. ``load_scenario(folder)`` gives the scenario again, but without switches and variants:
        what they leave out is not there to be written.

    Raises:
        InputError: the folder cannot be written, or holds tables that would be read with it.
    """
    content = _content(scenario)
    tables = {key: content.pop(key) for key in TABLES if key != "products" and _fit_a_table(key, content.get(key))}
    make_folder(folder)
    _check_alone(folder, set(TABLES) - set(tables))
    written = []
    for key, rows in tables.items():
        written.append(folder / f"{key}.csv")
        _write(written[-1], [_flat(row) for row in rows], list(columns_of(TABLES[key])))
    text = _yaml(content)
    written.append(folder / SCENARIO_FILE)
    write_text(written[-1], "".join(f"# {line}\n" for line in comment.splitlines()) + text)
    return written


def yaml_of(scenario: Scenario, path: str | os.PathLike[str] | None = None) -> str:
    """A scenario as YAML, whole in one text; what is as by default is left out.

    Args:
        scenario: what to write.
        path: file to write it to as well, ending in .yaml.

    Raises:
        InputError: the file cannot be written, or tables stand beside it that would be read with it.
    """
    text = _yaml(_content(scenario))
    if path is not None:
        file = Path(path)
        if file.suffix.lower() not in (".yaml", ".yml"):
            raise InputError(f"{file}: a scenario in one text is a .yaml file; name one, such as {SCENARIO_FILE}")
        make_folder(file.parent)
        _check_alone(file.parent, TABLES)
        write_text(file, text)
    return text


def _content(scenario: Scenario) -> dict[str, Any]:
    """Plain values that say something else than by default; options stand among the arcs."""
    content = stated(scenario, ("tables", "arcs", *SECTIONS))
    arcs = [stated(arc) for arc in arcs_and_options(scenario)]
    content |= {"arcs": arcs} if arcs else {}
    return {key: list(map(_named_first, value)) if key in TABLES else value for key, value in content.items()}


def _named_first(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row that begins with what says which it is."""
    return {key: row[key] for key in dict.fromkeys((*_FIRST_COLUMNS, *row)) if key in row}


def _yaml(content: Mapping[str, Any]) -> str:
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)


def _check_alone(folder: Path, keys: Iterable[str]) -> None:
    for key in keys:
        if (folder / f"{key}.csv").exists():
            raise InputError(
                f"{folder / key}.csv: would be read with this scenario, which has no such table; remove it"
            )


def _flat(row: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """A row's cells by dotted keys."""
    cells: dict[str, str] = {}
    for key, value in row.items():
        if key == "order" and not value:
            cells["order.policy"] = "mean"  # an order that is all as by default is not the same as none
        elif isinstance(value, Mapping) and key in AMOUNTS:
            cells[key] = " + ".join(f"{_cell(amount)} {name}" for name, amount in value.items())
        elif isinstance(value, Mapping):
            cells |= _flat(value, f"{prefix}{key}.")
        else:
            cells[prefix + key] = _cell(value)
    return cells


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, list):
        return " ".join(_cell(part) for part in value)
    return str(value)


def _fit_a_table(key: str, rows: Sequence[Mapping[str, Any]] | None) -> bool:
    """Whether there are rows, and columns for all that they say: parameters of own policies stay in the YAML file."""
    used = {column for row in rows or () for column in _flat(row)}
    return bool(used) and used <= {*_FIRST_COLUMNS, *columns_of(TABLES[key])}


def _write(path: Path, rows: Sequence[Mapping[str, str]], order: Sequence[str]) -> None:
    """A table with the columns that some row uses, in the order of the schema but for the first ones."""
    used = {column for row in rows for column in row}
    columns = [column for column in dict.fromkeys((*_FIRST_COLUMNS, *order)) if column in used]
    write_table(path, columns, ([row.get(column, "") for column in columns] for row in rows))
