"""Tables as the sheets of one .xlsx workbook, read with openpyxl after the file has been checked."""

from __future__ import annotations

import lzma
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from esc_sim.delimited import several_names, without_title
from esc_sim.errors import InputError
from esc_sim.safe_xml import XML_ERRORS, xml_trouble
from esc_sim.scenario.cells import cell_text
from esc_sim.scenario.series import SERIES, Kept, SeriesTable, series_of
from esc_sim.scenario.tables import TABLES, Table, header_of, letters, read_rows

MAX_FILE = 64 * 1024 * 1024
MAX_UNPACKED = 256 * 1024 * 1024
MAX_RATIO = 150
MAX_PARTS = 2_000
_SMALL = 1024 * 1024
_FORMULA = re.compile(rb"<(\w+:)?f[ />]")


def read_workbook(path: Path, source: str) -> tuple[list[Table], SeriesTable | None]:
    """Read the sheets named nodes, arcs, series and so on; sheets with other names are left alone.

    Args:
        path: the workbook.
        source: its name, for messages.

    Raises:
        InputError: when it is no workbook, expands beyond the limits, declares XML entities, or has no such sheet.
    """
    with opened_workbook(path, source) as (book, has_formulas):
        names = _table_sheets(book.sheetnames, source)
        if has_formulas:
            _check_formulas(path, names, source)
        series = names.pop(SERIES, None)
        tables = [_read_sheet(book[name], key, f"{source}[{name}]") for key, name in names.items()]
        return tables, None if series is None else _read_series(book[series], f"{source}[{series}]")


def read_series_sheet(path: Path, source: str, kept: Kept | None = None) -> SeriesTable:
    """Read the series of a workbook: its sheet of that name, or else its first sheet.

    Args:
        path: the workbook.
        source: its name, for messages.
        kept: the table is read as people keep it, see :func:`esc_sim.scenario.series.series_of`.

    Raises:
        InputError: as :func:`read_workbook`, or the sheet holds no series.
    """
    with opened_workbook(path, source) as (book, has_formulas):
        name = {sheet.strip().lower(): sheet for sheet in book.sheetnames}.get(SERIES, book.sheetnames[0])
        if has_formulas:
            _check_formulas(path, {SERIES: name}, source)
        return _read_series(book[name], f"{source}[{name}]", kept)


def rows_of_sheets(path: Path, source: str, wanted: Collection[str]) -> list[tuple[str, list[tuple[int, list[str]]]]]:
    """Name and rows of the sheets that are wanted, or else of the first sheet.

    Args:
        path: the workbook.
        source: its name, for messages.
        wanted: names of sheets, in small letters.

    Raises:
        InputError: as :func:`read_workbook`.
    """
    with opened_workbook(path, source) as (book, has_formulas):
        names = {name: name for name in book.sheetnames if name.strip().lower() in wanted}
        names = names or {book.sheetnames[0]: book.sheetnames[0]}
        if has_formulas:
            _check_formulas(path, names, source)
        return [(f"{source}[{name}]", list(_rows(book[name]))) for name in names]


@contextmanager
def opened_workbook(path: Path, source: str, *, values: bool = True) -> Iterator[tuple[Any, bool]]:
    """A workbook, open for reading within the block, and whether it may hold formulas.

    Args:
        path: the workbook.
        source: its name, for messages.
        values: cells with formulas hold the values that were stored, not the formulas.

    Raises:
        InputError: it is no workbook, expands beyond the limits, declares XML entities, or is damaged.
    """
    has_formulas = check_archive(path, source)
    try:
        import openpyxl
    except ImportError:
        raise InputError(
            f"{source}: reading a workbook needs openpyxl: pip install 'esc_sim[excel]', or save its sheets as CSV"
        ) from None
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=values)
        try:
            yield book, has_formulas
        finally:
            book.close()
    except InputError:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers meet in a damaged file
        raise InputError(f"{source}: cannot be read as a workbook: {type(error).__name__}: {error}") from None


def _table_sheets(sheets: list[str], source: str) -> dict[str, str]:
    """Which sheet holds which table."""
    names = {name.strip().lower(): name for name in sheets}
    found = {key: names[key] for key in (*TABLES, SERIES) if key in names}
    if not found:
        known = ", ".join((*TABLES, SERIES))
        raise InputError(f"{source}: no sheet is named {known} (found: {', '.join(sheets)})")
    return found


def _read_sheet(sheet: Any, key: str, source: str) -> Table:
    table = Table(key=key, source=source, sheet=True, columns=[])
    read_rows(table, without_title(_rows(sheet), lambda line: table.place_at(line, None), header_of(key)))
    return table


def _read_series(sheet: Any, source: str, kept: Kept | None = None) -> SeriesTable:
    def place(line: int, column: int | None) -> str:
        return f"{source}!{letters(column or 0)}{line}"

    rows = without_title(_rows(sheet), lambda line: place(line, None), several_names, titled=kept is not None)
    return series_of(rows, source, place, sheet=True, kept=kept)


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """Line and cells of every row, as text."""
    # A sheet may claim a size of 10^10 cells; without the claim, rows are as long as they are.
    sheet.reset_dimensions()
    for line, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        yield line, [cell_text(value) for value in row]


def check_archive(path: Path, source: str) -> bool:
    """Refuse what is no workbook or expands too far; tell whether some part may hold formulas."""
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
            return any(_holds_formula(archive, part) for part in parts if "worksheets" in part.filename)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, ValueError) as error:
        raise InputError(f"{source}: not an .xlsx workbook ({error})") from None


def _check_prologue(archive: zipfile.ZipFile, part: zipfile.ZipInfo, source: str) -> None:
    """Refuse a document type: it can only stand before the first element, so reading that far is enough."""
    from defusedxml.ElementTree import iterparse

    with archive.open(part) as stream:
        try:
            next(iter(iterparse(stream, events=("start",), forbid_dtd=True)), None)
        except XML_ERRORS as error:
            raise InputError(f"{source}: '{part.filename}': {xml_trouble(error)}") from None


def _holds_formula(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    kept = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_SMALL):
            if _FORMULA.search(kept + chunk):
                return True
            kept = chunk[-40:]
    return False


def _check_formulas(path: Path, names: dict[str, str], source: str) -> None:
    """Refuse a formula whose value was never stored: it would read as an empty cell."""
    import openpyxl

    formulas = openpyxl.load_workbook(path, read_only=True, data_only=False)
    values = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        for name in names.values():
            formulas[name].reset_dimensions()
            values[name].reset_dimensions()
            for row, stored in zip(formulas[name].iter_rows(), values[name].iter_rows(), strict=True):
                for cell, value in zip(row, stored, strict=True):
                    if cell.data_type == "f" and value.value is None:
                        raise InputError(
                            f"{source}[{name}]!{cell.coordinate}: a formula without a stored value: open and save "
                            "the workbook in a spreadsheet program, or paste values"
                        )
    finally:
        formulas.close()
        values.close()
