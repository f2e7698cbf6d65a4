"""Recognising what sheets and columns hold: by their names, and where those say nothing, by their headings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from esc_sim.importing.evidence import with_evidence
from esc_sim.importing.grids import Grid
from esc_sim.importing.mapping import DATE, HEADED, OF_MEMBER, Column, SheetMapping, letter_of
from esc_sim.importing.names import BY_KEY, concept_of, concepts_called, sheet_called, split
from esc_sim.importing.reading import is_total
from esc_sim.importing.words import words_of
from esc_sim.scenario.cells import cell_text
from esc_sim.scenario.usual_dates import read_date

_LOOKED_AT = 40
"""Rows at the start of a sheet among which its headings are looked for."""
_LEAST = 2
"""Headings that must be recognised in a sheet whose name says nothing."""


@dataclass(frozen=True)
class _Head:
    """Headings of a sheet: their rows, their texts, and what each column is."""

    rows: tuple[int, ...]
    texts: tuple[Any, ...]
    taken: dict[int, str]


def recognised(grid: Grid, problems: list[str]) -> SheetMapping:
    """What a sheet is and what its columns are.

    Args:
        grid: the sheet.
        problems: gets what cannot be told.
    """
    if grid.hidden:
        return SheetMapping(sheet=grid.name, because="the sheet is hidden")
    called = sheet_called(grid.name)
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
    because = "" if called and called[2] else "a part of its name" if called else "its headings"
    return SheetMapping(
        sheet=grid.name,
        table=table,
        role=(called[1] or None) if called else None,
        header=[row + grid.first for row in head.rows],
        columns=with_evidence(grid, table, list(_columns(table, head)), head.rows[-1] + 1, problems),
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
    count = min(len(grid.rows), _LOOKED_AT)
    for row in range(count):
        texts = [grid.cell(row, column) for column in range(len(grid.rows[row]))]
        if sum(text is not None for text in texts) == 0:
            continue
        yield _Head((row,), tuple(texts), _assigned(table, texts))
        if row + 1 < count:
            both = [_joined(grid, row, column) for column in range(grid.width)]
            yield _Head((row, row + 1), tuple(both), _assigned(table, both))


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
    dated = {n: DATE for n, text in enumerate(texts) if table == "demand" and heading_date(text) is not None}
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


def _may_be_member(heading: Any) -> bool:
    return isinstance(heading, str) and not is_total(heading)


def _called(table: str, text: str) -> list[tuple[int, str]]:
    """The columns that a heading may name; in a table of rates, a currency stands above what others are worth in it."""
    found = concepts_called(table, text)
    return found or ([(99, "rate")] if table == "rates" and words_of(text).currency else [])


def heading_date(heading: Any) -> Any:
    """The date that a heading names, perhaps after a word: 'Demand Jan 2025'."""
    found = read_date(heading)
    if found is None and isinstance(heading, str):
        found = read_date(heading.strip().partition(" ")[2])
    return found


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
            currency=heading.currency if heading and kind == "money" else None,
        )
