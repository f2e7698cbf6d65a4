"""Recognising what sheets and columns hold: by their names, and where those say nothing, by their headings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from esc_sim.importing.evidence import with_evidence
from esc_sim.importing.grids import Grid
from esc_sim.importing.headings import heading_date, year_of
from esc_sim.importing.mapping import DATE, HEADED, OF_MEMBER, Column, SheetMapping, column_number, letter_of
from esc_sim.importing.names import BY_KEY, concept_of, concepts_called, role_called, sheet_called, split
from esc_sim.importing.reading import is_total
from esc_sim.importing.words import same_name, words_of
from esc_sim.scenario.cells import cell_text
from esc_sim.scenario.usual_dates import ANY_YEAR

LOOKED_AT = 40
"""Rows at the start of a sheet among which its headings are looked for."""
_LEAST = 2
"""Headings that must be recognised in a sheet whose name says nothing."""


@dataclass(frozen=True)
class _Head:
    """Headings of a sheet: their rows, their texts, and what each column is."""

    rows: tuple[int, ...]
    texts: tuple[Any, ...]
    taken: dict[int, str]


def recognised(grid: Grid, problems: list[str], *, table: str | None = None, role: str | None = None) -> SheetMapping:
    """What a sheet is and what its columns are.

    Args:
        grid: the sheet.
        problems: gets what cannot be told.
        table: what the sheet is, where that is known.
        role: of its members, where the table is known.
    """
    if grid.hidden and table is None:
        return SheetMapping(sheet=grid.name, because="the sheet is hidden")
    called = (table, role or "", True) if table else sheet_called(grid.name)
    tables = [called[0]] if called else list(BY_KEY)
    heads = {table: _best_head(grid, table) for table in tables}
    table = max(tables, key=lambda key: _score(key, heads[key]))
    head = heads[table]
    missing = _missing(table, head)
    if called is None and (missing or not _tells(table, head)):
        return SheetMapping(sheet=grid.name, because="neither its name nor its headings are usual ones")
    if missing:
        if called is not None and not called[2] and len(head.taken) < _LEAST:
            return SheetMapping(sheet=grid.name, because=f"it has no columns of {table}")
        problems += [_no_column(grid, head, table, key) for key in missing]
        return SheetMapping(sheet=grid.name, table=table)
    columns = list(_columns(table, head))
    if table == "sites":
        columns = _without_false_code(grid, called[1] if called else "", columns, head.rows[-1] + 1)
    problems += years_missing(grid, columns, head.rows)
    because = "" if called and called[2] else "a part of its name" if called else "its headings"
    return SheetMapping(
        sheet=grid.name,
        table=table,
        role=(called[1] or None) if called else None,
        header=[row + grid.first for row in head.rows],
        columns=with_evidence(grid, table, columns, head.rows[-1] + 1, problems),
        because=because,
    )


def _score(table: str, head: _Head) -> tuple[bool, int]:
    return not _missing(table, head), len(head.taken)


def _tells(table: str, head: _Head) -> bool:
    """Whether headings alone say what a sheet is; two names may stand in a list of anything."""
    keys = set(head.taken.values())
    if OF_MEMBER in keys or (table == "demand" and not keys & {"site", "product"}):
        return False
    return len(head.taken) > (_LEAST if table in ("sites", "products", "capacities", "rates") else _LEAST - 1)


def _missing(table: str, head: _Head) -> list[str]:
    """Columns that a table needs and does not have."""
    taken = set(head.taken.values())
    if table == "demand" and not taken.intersection(HEADED):
        return [key for key in ("date", "quantity") if key not in taken and not (key == "date" and _is_mean(head))]
    return [concept.key for concept in BY_KEY[table].concepts if concept.needed and concept.key not in taken]


def _is_mean(head: _Head) -> bool:
    """Whether the heading of amounts says that they are means: 'Weekly demand', 'Average sales'."""
    heading = next((words_of(str(head.texts[n])) for n, key in head.taken.items() if key == "quantity"), None)
    return heading is not None and (heading.time is not None or bool(heading.words & {"average", "avg", "mean"}))


def _no_column(grid: Grid, head: _Head, table: str, key: str) -> str:
    names = ", ".join(list(split(concept_of(table, key).names))[:5])
    line = grid.place(head.rows[0]) if head.rows else grid.source
    if table == "demand":
        names += "; or a column for each date"
    return f"{line}: no column says the {key.replace('_', ' ')} (usual headings: {names})"


def _best_head(grid: Grid, table: str) -> _Head:
    best = _Head((), (), {})
    for head in _heads(grid, table):
        if len(head.taken) > len(best.taken):
            best = head
    return best


def _heads(grid: Grid, table: str) -> Iterator[_Head]:
    """Every row that may hold the headings, alone and together with the row below it."""
    count = min(len(grid.rows), LOOKED_AT)
    for row in range(count):
        texts = [grid.cell(row, column) for column in range(len(grid.rows[row]))]
        if sum(text is not None for text in texts) == 0:
            continue
        yield _Head((row,), tuple(texts), _assigned(table, texts))
        if row + 1 < count:
            both = [_joined(grid, row, column) for column in range(grid.width)]
            yield _Head((row, row + 1), tuple(both), _assigned(table, both))


def _without_false_code(grid: Grid, role: str, columns: list[Column], first: int) -> list[Column]:
    """Columns of sites, one that names whom they belong to not taken for their code.

    A column 'Warehouse' of a list of shops says who serves them, and so does one that has the same text beside several
    names; a heading such as 'Code' or 'Site ID' is believed.
    """
    code = next((column for column in columns if column.is_ == "code"), None)
    name = next((column for column in columns if column.is_ == "name"), None)
    if code is None or name is None or words_of(code.heading).words & _CODES:
        return columns
    n, names = column_number(code), column_number(name)
    other = role_called(code.heading)
    by_code: dict[str, set[str]] = {}
    for row in range(first, len(grid.rows)):
        text, named = (same_name(_plain(grid.cell(row, one))) for one in (n, names))
        if text and named:
            by_code.setdefault(text, set()).add(named)
    if (other is None or not role or other == role) and all(len(found) == 1 for found in by_code.values()):
        return columns
    return [column.model_copy(update={"is_": None}) if column is code else column for column in columns]


_CODES = frozenset({"id", "code", "key", "number", "no", "nr", "short", "abbreviation"})
"""Words that say that a column holds codes."""


def headings_at(grid: Grid, rows: Sequence[int]) -> list[str]:
    """The headings in one or two rows of a sheet, by their columns; '' where there is none."""
    if len(rows) == 1:
        return [_plain(grid.cell(rows[0], n)) for n in range(grid.width)]
    return [_plain(_joined(grid, rows[0], n)) for n in range(grid.width)]


def _joined(grid: Grid, row: int, column: int) -> Any:
    """The headings of two rows as one: 'Lead time' above 'min'."""
    above, below = grid.cell(row, column), grid.cell(row + 1, column)
    if above is None or below is None or above == below:
        return above if below is None else below
    return f"{_plain(above)} {_plain(below)}"


def _plain(value: Any) -> str:
    return cell_text(value).strip()


def _assigned(table: str, texts: Sequence[Any]) -> dict[int, str]:
    """What each heading is: needed columns choose first, then the most usual names; each is given once."""
    dated = _dated(texts) if table == "demand" else {}
    ranked = [
        (not concept_of(table, key).needed, rank, n, key)
        for n, text in enumerate(texts)
        if isinstance(text, str) and n not in dated
        for rank, key in _called(table, text)
    ]
    taken: dict[int, str] = {}
    for _, _, n, key in sorted(ranked):
        if n not in taken and key not in taken.values():
            taken[n] = key
    said = set(taken.values())
    if table == "demand" and "date" in said and "quantity" not in said and not {"site", "product"} <= said:
        return taken | {n: OF_MEMBER for n, text in enumerate(texts) if _may_be_member(text) and n not in taken}
    if len(dated) > 1 or (dated and "quantity" not in said):  # amounts stand below the dates
        return {n: key for n, key in taken.items() if key in ("site", "product")} | dated
    return taken


def _dated(texts: Sequence[Any]) -> dict[int, str]:
    """Columns whose headings are dates, perhaps without a year; quarters among months are their sums."""
    steps = {n: read.step for n, text in enumerate(texts) if (read := heading_date(text, ANY_YEAR)) is not None}
    months = "month" in steps.values()
    return {n: DATE for n, step in steps.items() if not (months and step == "quarter")}


def _may_be_member(heading: Any) -> bool:
    return isinstance(heading, str) and not is_total(heading)


def _called(table: str, text: str) -> list[tuple[int, str]]:
    """The columns that a heading may name; in a table of rates, a currency stands above what others are worth in it."""
    found = concepts_called(table, text)
    return found or ([(99, "rate")] if table == "rates" and words_of(text).currency else [])


def years_missing(grid: Grid, columns: Sequence[Column], rows: Sequence[int]) -> Iterator[str]:
    """What is said of months and weeks in headings whose year nothing tells, or that go back in time.

    Args:
        grid: the sheet.
        columns: in the order in which they stand.
        rows: of the headings.
    """
    year, last = year_of(grid, rows[0]), None
    for column in columns:
        if column.is_ != DATE or heading_date(column.heading) is not None:
            continue
        place = f"{grid.place(rows[-1], column_number(column))}: '{column.heading}'"
        if year is None:
            yield (
                f"{place}: the year is missing: write it into the headings ('{column.heading} 2025'), the name of the "
                "sheet or a line above the headings"
            )
            return
        read = heading_date(column.heading, year)
        if read is None or (last is not None and read.date <= last):
            yield f"{place}: does not come after the heading before it in {year}: write the year into the headings"
            return
        last = read.date


def _columns(table: str, head: _Head) -> Iterator[Column]:
    for n, text in enumerate(head.texts):
        if text is None and n not in head.taken:
            continue
        heading = words_of(text) if isinstance(text, str) else None
        kind = concept_of(table, head.taken[n]).kind if head.taken.get(n, DATE) not in HEADED else None
        yield Column(
            column=letter_of(n),
            heading=_plain(text),
            **{"is": head.taken.get(n)},
            unit=heading.time if heading and kind not in (None, "text") else None,
            scale=heading.scale if heading and kind in ("number", "money") and heading.scale != 1.0 else None,
            currency=heading.currency if heading and kind == "money" else None,
        )
