"""Delimited text, read one way wherever a table is read: commas, semicolons or tabs, a line `sep=;`, a title above."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice

from esc_sim.errors import InputError
from esc_sim.storage.tables import is_number

SEPARATORS = ",;\t"
Row = tuple[int, list[str]]
"""A row's line in the file, from 1, and its cells."""
IsHeader = Callable[[Sequence[str]], bool]
"""Whether cells, without spaces around them, name the columns of a table."""

_SEP = re.compile(r'"?sep=([^\w\s"]|\t)"?[,;\t]*\s*', re.IGNORECASE)
_LOOKED_AT = 10
"""Rows at the start of a table among which its header is looked for."""


def several_names(cells: Sequence[str]) -> bool:
    """Whether a row can name the columns of a table of which nothing is known: two or more, and no number."""
    return len(cells) > 1 and all(cells) and not any(map(is_number, cells))


def lines_of(text: str, source: str, is_header: IsHeader = several_names, *, titled: bool = False) -> Iterator[Row]:
    """Every row of a table, blank ones too, the header first.

    The separator is what a first line ``sep=;`` says, as spreadsheet programs write it; else what the header holds
    most of.

    Args:
        text: the whole text.
        source: the file's name, for messages.
        is_header: which row can be the header.
        titled: leave out what stands above the header.

    Raises:
        InputError: it is not valid CSV, or lines stand above the header.
    """
    start, separator = 0, None
    first, _, rest = text.partition("\n")
    found = _SEP.fullmatch(first)
    if found:
        text, separator, start = rest, found[1], 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator or _separator(text, is_header), strict=True)
    return without_title(_numbered(reader, source, start), lambda line: f"{source}:{line}", is_header, titled=titled)


def _numbered(reader: Iterator[list[str]], source: str, start: int) -> Iterator[Row]:
    line = start + 1
    try:
        for cells in reader:
            yield line, cells
            line = start + reader.line_num + 1  # type: ignore[attr-defined]
    except csv.Error as error:
        raise InputError(f"{source}:{line}: not valid CSV: {error}") from None


def without_title(
    rows: Iterator[Row], place: Callable[[int], str], is_header: IsHeader, *, titled: bool = False
) -> Iterator[Row]:
    """The rows; refused where the header is not the first of them but one of the next.

    Args:
        rows: lines and cells.
        place: how a message names a line.
        is_header: which row can be the header.
        titled: leave out what stands above the header.

    Raises:
        InputError: a row that names no columns stands above the one that does.
    """
    head = list(islice(rows, _LOOKED_AT))
    filled = [(line, cells) for line, cells in head if any(cell.strip() for cell in cells)]
    at = next((number for number, (_, cells) in enumerate(filled) if is_header(_stripped(cells))), 0)
    # Below a header that is misspelt, a row of data is no header: only what holds fewer cells is a title.
    if at and all(sum(map(bool, _stripped(cells))) < len(filled[at][1]) for _, cells in filled[:at]):
        if titled:
            return chain((row for row in head if row[0] >= filled[at][0]), rows)
        title = next(cell.strip() for cell in filled[0][1] if cell.strip())
        raise InputError(
            f"{place(filled[0][0])}: '{title[:40]}' stands above the row that names the columns, which is line "
            f"{filled[at][0]}: delete what stands above it"
        )
    return chain(head, rows)


def _separator(text: str, is_header: IsHeader) -> str:
    """What the header holds most of; the first line, where no line can be seen to be the header."""
    lines = (line for line in io.StringIO(text) if line.strip())
    head = list(islice(lines, _LOOKED_AT))
    for line in head:
        found = max(SEPARATORS, key=line.count)
        if is_header([cell.strip().strip('"').strip() for cell in line.split(found)]):
            return found
    return max(SEPARATORS, key=head[0].count) if head else SEPARATORS[0]


def _stripped(cells: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in cells]
