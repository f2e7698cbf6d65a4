"""Tables as the sheets of one .xlsx workbook, read with openpyxl after the file has been checked."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from esc_sim.errors import InputError
from esc_sim.scenario.tables import TABLES, Table, read_rows

MAX_FILE = 64 * 1024 * 1024
MAX_UNPACKED = 512 * 1024 * 1024
MAX_RATIO = 150
MAX_PARTS = 2_000
_SMALL = 1024 * 1024


def read_workbook(path: Path, source: str) -> list[Table]:
    """Read the sheets named nodes, arcs, stocks, products; sheets with other names are left alone.

    Args:
        path: the workbook.
        source: its name, for messages.

    Raises:
        InputError: when it is no workbook, expands beyond the limits, declares XML entities, or has no such sheet.
    """
    _check_archive(path, source)
    try:
        import openpyxl
    except ImportError:
        raise InputError(
            f"{source}: reading a workbook needs openpyxl: pip install 'esc_sim[excel]', or save its sheets as CSV"
        ) from None
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=False)
        values = None
        try:
            names = {name.strip().lower(): name for name in book.sheetnames}
            wanted = [key for key in TABLES if key in names]
            if not wanted:
                raise InputError(
                    f"{source}: no sheet is named {', '.join(TABLES)} (found: {', '.join(book.sheetnames)})"
                )
            tables = []
            for key in wanted:
                sheet = book[names[key]]
                if _has_formula(sheet):
                    values = values or openpyxl.load_workbook(path, read_only=True, data_only=True)
                    _check_formulas(sheet, values[names[key]], f"{source}[{names[key]}]")
                    sheet = values[names[key]]
                table = Table(key=key, source=f"{source}[{names[key]}]", sheet=True, columns=[])
                read_rows(table, _sheet_rows(sheet))
                tables.append(table)
            return tables
        finally:
            book.close()
            if values is not None:
                values.close()
    except InputError:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers meet in a damaged file
        raise InputError(f"{source}: cannot be read as a workbook: {type(error).__name__}: {error}") from None


def _check_archive(path: Path, source: str) -> None:
    from defusedxml.common import DefusedXmlException

    if path.stat().st_size > MAX_FILE:
        raise InputError(f"{source}: larger than {MAX_FILE // 2**20} MiB")
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if "[Content_Types].xml" not in archive.namelist():
                raise InputError(f"{source}: not an .xlsx workbook")
            unpacked = sum(part.file_size for part in parts)
            if unpacked > MAX_UNPACKED or len(parts) > MAX_PARTS:
                raise InputError(f"{source}: unpacks to {unpacked:,} bytes in {len(parts)} parts: beyond the limits")
            for part in parts:
                if part.file_size > _SMALL and part.file_size > MAX_RATIO * part.compress_size:
                    raise InputError(
                        f"{source}: '{part.filename}' unpacks to {part.file_size:,} bytes, more than "
                        f"{MAX_RATIO} times its packed size: refused as an expansion bomb"
                    )
            for part in parts:
                if part.filename.endswith((".xml", ".rels", ".vml")):
                    _check_prologue(archive, part, source)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError) as error:
        raise InputError(f"{source}: not an .xlsx workbook ({error})") from None
    except DefusedXmlException:
        raise InputError(f"{source}: declares XML entities or a document type: refused") from None


def _check_prologue(archive: zipfile.ZipFile, part: zipfile.ZipInfo, source: str) -> None:
    """Refuse a document type: it can only stand before the first element, so reading that far is enough."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.ElementTree import iterparse

    with archive.open(part) as stream:
        try:
            next(iter(iterparse(stream, events=("start",), forbid_dtd=True)), None)
        except (ParseError, zipfile.BadZipFile, OSError) as error:
            raise InputError(f"{source}: '{part.filename}' is damaged: {error}") from None


def _rows(sheet: Any) -> Iterator[Any]:
    # A sheet may claim a size of 10^10 cells; without the claim, rows are as long as they are.
    sheet.reset_dimensions()
    return iter(sheet.iter_rows())


def _has_formula(sheet: Any) -> bool:
    return any(cell.data_type == "f" for row in _rows(sheet) for cell in row)


def _check_formulas(formulas: Any, values: Any, source: str) -> None:
    """Refuse a formula whose value was never stored: it would read as an empty cell."""
    for row, valued in zip(_rows(formulas), _rows(values), strict=True):
        for cell, value in zip(row, valued, strict=True):
            if cell.data_type == "f" and value.value is None:
                raise InputError(
                    f"{source}!{cell.coordinate}: a formula without a stored value: open and save the "
                    "workbook in a spreadsheet program, or paste values"
                )


def _sheet_rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    for line, row in enumerate(_rows(sheet), start=1):
        yield line, [_cell_text(cell.value) for cell in row]


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    return str(value)
