"""Reading a scenario: YAML, tables beside it, overrides, checks. Every mistake is listed, each with its place."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import esc_sim
from esc_sim.errors import InputError
from esc_sim.fields.names import path_from
from esc_sim.scenario import tables as tables_module
from esc_sim.scenario.calendar import date_of, step_of
from esc_sim.scenario.document import Document
from esc_sim.scenario.document_check import check_document, reference_of
from esc_sim.scenario.joint import read_cases
from esc_sim.scenario.located import Located, read_yaml
from esc_sim.scenario.messages import shown
from esc_sim.scenario.overrides import Override, Overrides, apply_overrides, as_texts, entries_changed
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.series import SERIES, SeriesTable, read_series
from esc_sim.scenario.starter import templates
from esc_sim.scenario.tables import TABLES, Table, read_csv
from esc_sim.scenario.variants import content_hash, leave_out
from esc_sim.scenario.workbook import read_workbook
from esc_sim.scenario.written_times import read_times

MAX_YAML_BYTES = 16 * 1024 * 1024
SCENARIO_FILE = "scenario.yaml"


@dataclass(frozen=True)
class ReadScenario:
    """A scenario as it was read.

    Attributes:
        scenario: the scenario.
        warnings: what is odd about it.
        files: the files it was read from.
    """

    scenario: Scenario
    warnings: list[str]
    files: list[Path]


def load_scenario(path: str | os.PathLike[str], overrides: Sequence[str] | Mapping[str, Any] = ()) -> Scenario:
    """Read and check a scenario.

    Args:
        path: a folder that holds scenario.yaml, or a .yaml file; tables stand beside it.
        overrides: 'path=value' texts as for ``--set``, or a mapping of dotted path to value.

    Returns:
        The scenario, checked.

    Raises:
        InputError: with every problem found and its place (``scenario.yaml:11:15: nodes.1.leadtime: ...``).

    Examples:
        >>> import esc_sim as esc
        >>> esc.load_scenario("scenarios/quickstart", {"run.periods": 30}).run.periods
        30
    """
    return read_scenario(path, overrides).scenario


def read_scenario(path: str | os.PathLike[str], overrides: Sequence[str] | Mapping[str, Any] = ()) -> ReadScenario:
    """As ``load_scenario``, and tell what is odd (warnings) and which files were read."""
    file, folder = _find(path_from("scenario", path))
    text = read_text(file, MAX_YAML_BYTES, file.name, "put large networks in tables (nodes.csv, arcs.csv)")
    root, problems = read_yaml(text, file.name)
    if root is None or root.content is None:
        raise InputError(f"{file.name}: the file is empty; `esc-sim new DIR` writes a scenario to start from")
    if not isinstance(root.content, dict):
        raise InputError(
            f"{file.name}:{root.line}:{root.column}: a scenario is a group of keys (version, name, nodes, ...), "
            f"not {shown(root.plain())}"
        )
    document = Document(file=file.name, root=root, data=root.plain())
    files = [file, *_attach_tables(document, folder, problems), *_attach_cases(document, folder, problems)]
    if isinstance(document.data.get("design"), dict) and not problems:
        files += esc_sim.from_above("take_design")(document, folder, overrides, problems)
    scenario, warnings = scenario_in(document, overrides, problems)
    scenario._folder = folder
    return ReadScenario(scenario, warnings, files)


def scenario_in(document: Document, overrides: Overrides, problems: list[str]) -> tuple[Scenario, list[str]]:
    """The scenario that a document holds, checked, and what is odd about it.

    Args:
        document: as read, tables attached.
        overrides: changes of values.
        problems: what was wrong so far.

    Raises:
        InputError: with every problem and its place.
    """
    document.overrides, refused = apply_overrides(document.data, overrides, partial(_read_of, document))
    problems += refused
    _date_periods(document, problems)
    whole = content_hash(document.data) if "switches" in document.data else None
    stated = document.data
    as_stated = replace(document)
    wrong, odd = leave_out(document)
    problems += document.messages(wrong)
    scenario, warnings = check_document(document, problems, [*map(document.as_written, read_times(document.data))])
    scenario._whole, scenario._changes = whole, tuple(as_texts(overrides))
    scenario._stated = None if whole is None else (dict(scenario.__dict__), as_stated)
    scenario._entries_changed = entries_changed(document.overrides)
    scenario._notices = (*scenario._notices, *document.odd)
    reference = reference_of(scenario, document, stated)
    scenario._reference = None if reference is None else (dict(scenario.__dict__), reference)
    return scenario, [*document.messages(odd), *warnings, *document.odd]


def _read_of(document: Document, data: dict[str, Any], applied: list[Override]) -> Scenario:
    """The scenario of a document with other data, whose references are not looked at."""
    other = replace(document, data=data, overrides=applied, numbered={}, kept={})
    _date_periods(other, [])
    leave_out(other)
    read_times(other.data)
    return Scenario.model_validate(other.data, strict=True)


def _find(path: Path) -> tuple[Path, Path]:
    """The scenario's file and the folder that none of its tables may leave."""
    try:
        found = path.exists()
    except OSError as error:  # a name that no file can have
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    if not found:
        case = path.name in templates()
        hint = f"; `esc-sim new {path} --template {path.name}` makes the case of that name" if case else ""
        raise InputError(f"{path}: no such file or folder{hint}")
    if path.is_dir():
        folder = path.resolve()
        file = folder / SCENARIO_FILE
        if not file.is_file():
            raise InputError(f"{path}: no {SCENARIO_FILE} in this folder; `esc-sim new DIR` writes one")
        return _within(folder, SCENARIO_FILE, str(path)), folder
    if not path.is_file():
        raise InputError(f"{path}: neither a file nor a folder")
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise InputError(f"{path}: a scenario is a folder with {SCENARIO_FILE} in it, or a .yaml file")
    return path.resolve(), path.resolve().parent


def _within(folder: Path, name: str, place: str) -> Path:
    """The file ``name`` of ``folder``, refused when it, or a link on its way, leads out of the folder."""
    if "\x00" in name:
        raise InputError(f"{place}: not a file name")
    try:
        target = (folder / name).resolve()
    except (OSError, RuntimeError) as error:
        raise InputError(f"{place}: '{name}' cannot be followed: {error}") from None
    if Path(name).is_absolute() or not target.is_relative_to(folder):
        raise InputError(f"{place}: '{name}' leads out of the scenario's folder; copy the file into it")
    return target


def read_text(file: Path, limit: int, name: str, advice: str) -> str:
    """The text of a file in UTF-8.

    Args:
        file: the file.
        limit: most bytes that are read.
        name: its name, for messages.
        advice: what to do about a file that is larger.

    Raises:
        InputError: it cannot be read, is larger, or is no UTF-8 text.
    """
    try:
        with file.open("rb") as stream:
            raw = stream.read(limit + 1)
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror}") from None
    if len(raw) > limit:
        raise InputError(f"{name}: larger than {limit // 2**20} MiB: {advice}")
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(f"{name}:1: UTF-16 text: save the file as UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{name}:{line}: not UTF-8 text (byte 0x{raw[error.start]:02x}): save the file as UTF-8"
        ) from None


def _attach_tables(document: Document, folder: Path, problems: list[str]) -> list[Path]:
    """Read the tables into the document's data; problems are added to ``problems``."""
    chosen = document.root.content.get("tables")
    document.data.pop("tables", None)
    files: list[Path] = []
    known = len(problems)
    wanted = _table_files(chosen, document.file, folder, problems)
    document.tables_failed = len(problems) > known
    for place, key, name in wanted:
        try:
            file = _within(folder, name, place)
            if not file.is_file():
                raise InputError(f"{place}: there is no file '{name}' in the scenario's folder")
            if key == SERIES:
                text = read_text(file, tables_module.MAX_BYTES, name, "split the scenario")
                attach_series(document, read_series(text, name), name, problems)
                files.append(file)
                continue
            if key is None:
                found, sheet = read_workbook(file, name)
                if sheet is not None:
                    attach_series(document, sheet, f"{name}[{SERIES}]", problems)
            else:
                found = [_read_table(file, key, name)]
        except InputError as error:
            problems += error.problems
            document.tables_failed = True
            continue
        files.append(file)
        for table in found:
            attach(document, table, problems)
    return files


def _table_files(
    chosen: Located | None, file: str, folder: Path, problems: list[str]
) -> list[tuple[str, str | None, str]]:
    """(place of the name, which table or None for a workbook, file name) of every table to read."""
    if chosen is None or chosen.content is None:
        found = [f"{key}.csv" for key in (*TABLES, SERIES) if os.path.lexists(folder / f"{key}.csv")]
        return [(name, name.removesuffix(".csv"), name) for name in found]
    place = f"{file}:{chosen.line}:{chosen.column}: tables"
    if isinstance(chosen.content, str):
        if chosen.content.lower().endswith((".xlsx", ".xlsm")):
            return [(place, None, chosen.content)]
        problems.append(f"{place}: name a workbook (book.xlsx), or a file for each table ({{nodes: mine.csv}})")
        return []
    if not isinstance(chosen.content, dict):
        problems.append(f"{place}: a file name belongs here, not {shown(chosen.plain())}")
        return []
    wanted: list[tuple[str, str | None, str]] = []
    for key, value in chosen.content.items():
        here = f"{file}:{value.line}:{value.column}: tables.{key}"
        if key not in (*TABLES, SERIES):
            problems.append(f"{here}: there is no such table; tables are {', '.join((*TABLES, SERIES))}")
        elif not isinstance(value.content, str) or not value.content.lower().endswith((".csv", ".tsv", ".txt")):
            problems.append(f"{here}: the name of a .csv file belongs here, not {shown(value.plain())}")
        else:
            wanted.append((here, key, value.content))
    return wanted


def _read_table(file: Path, key: str, name: str) -> Table:
    return read_csv(read_text(file, tables_module.MAX_BYTES, name, "split the scenario"), key, name)


def attach_series(document: Document, table: SeriesTable, name: str, problems: list[str]) -> None:
    """Take in a table of series: a column for each series, a row for each period.

    Args:
        document: takes it in.
        table: the series.
        name: of the table, for messages.
        problems: gets one where the document has series already.
    """
    if "series" in document.data:
        problems.append(f"{document.file}: series: given here and in {name}; keep one of the two")
        return
    document.data["series"] = table.values
    document.dated = table if table.start is not None else None


def _date_periods(document: Document, problems: list[str]) -> None:
    """Take the dates of the series over into the section ``run``, unless it says something else."""
    table, run = document.dated, document.data.get("run", {})
    if table is None or not isinstance(run, dict):
        return
    run = document.data["run"] = dict(run)
    for key, found in (("start", table.start), ("step", table.step)):
        given = run.setdefault(key, found)
        same = given == found or given is None or found is None
        if not same and isinstance(given, str):
            same = date_of(given) == date_of(str(found)) if key == "start" else step_of(given) == step_of(str(found))
        if not same:
            what = "the first row is of" if key == "start" else "rows are apart by"
            problems.append(f"{table.place}: {what} {found}, but run.{key} is {given}: leave run.{key} out, or mend it")


def _attach_cases(document: Document, folder: Path, problems: list[str]) -> list[Path]:
    """Read the tables of cases that joint disruptions name into the document's data."""
    entries = document.data.get("joint_disruptions")
    files = []
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        name = entry.get("table") if isinstance(entry, dict) else None
        if not isinstance(name, str) or entry.get("cases"):
            continue
        place = f"{document.file}: joint_disruptions.{number}.table"
        try:
            file = _within(folder, name, place)
            if not file.is_file():
                raise InputError(f"{place}: there is no file '{name}' in the scenario's folder")
            entry["cases"] = read_cases(read_text(file, tables_module.MAX_BYTES, name, "split the table"), name)
        except InputError as error:
            problems += error.problems
            entry["cases"] = [{"name": "unread", "probability": 1.0}]
        else:
            files.append(file)
        del entry["table"]
    return files


def attach(document: Document, table: Table, problems: list[str]) -> None:
    """Take in a table.

    Args:
        document: takes it in.
        table: the table.
        problems: gets those of the table, and one where the document has such a list already.
    """
    problems += table.problems
    document.tables_failed |= bool(table.problems)
    if table.key in document.data:
        value = document.root.content.get(table.key)
        line, column = (value.key or (value.line, value.column)) if value is not None else (1, 1)
        problems.append(
            f"{document.file}:{line}:{column}: {table.key}: given here and in {table.source}; keep one of the two"
        )
        return
    document.tables[table.key] = table
    document.data[table.key] = table.rows
